#include "server/compact/life.h"

/* The least of the times that the sources have next; false: none has any. */
static bool life_next(
	const struct life *l, const size_t next[LIFE_SOURCES], int64_t *at_ms)
{
	bool found = false;
	for (int s = 0; s < LIFE_SOURCES; s++) {
		if (next[s] == l->source[s].rows)
			continue;
		int64_t own_ms = l->source[s].at_ms[next[s]];
		if (!found || own_ms < *at_ms)
			*at_ms = own_ms;
		found = true;
	}
	return found;
}

void life_merge(struct life *l, struct arena *a)
{
	uint32_t *place[LIFE_SOURCES] = {0};
	size_t next[LIFE_SOURCES] = {0}, most = 0;
	int sources = 0, only = 0;
	for (int s = 0; s < LIFE_SOURCES; s++) {
		if (l->source[s].rows == 0)
			continue;
		sources++;
		only = s;
		most += l->source[s].rows;
	}
	l->rows = most;
	if (sources == 1)
		l->at_ms = (int64_t *)l->source[only].at_ms;
	if (sources < 2)
		return;
	l->at_ms = arena_array(a, most, sizeof *l->at_ms);
	l->rows = 0;
	for (int s = 0; s < LIFE_SOURCES; s++) {
		place[s] = arena_array(a, l->source[s].rows + 1, sizeof **place);
		l->source[s].place = place[s];
	}
	for (int64_t at_ms; life_next(l, next, &at_ms); l->rows++) {
		l->at_ms[l->rows] = at_ms;
		for (int s = 0; s < LIFE_SOURCES; s++)
			if (next[s] < l->source[s].rows &&
				l->source[s].at_ms[next[s]] == at_ms)
				place[s][next[s]++] = (uint32_t)l->rows;
	}
}

void life_scatter(const struct life *l, enum life_source source, size_t first_row,
	const int64_t *values, const bool *has, size_t rows, int64_t *to_values,
	bool *to_has)
{
	const uint32_t *place = l->source[source].place;
	BUG_ON(first_row + rows > l->source[source].rows);
	for (size_t i = 0; i < rows; i++) {
		size_t to = l->first + (place ? place[first_row + i] : first_row + i);
		if (!has[i] || to_has[to])
			continue;
		to_has[to] = true;
		to_values[to] = values[i];
	}
}
