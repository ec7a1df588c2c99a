#include "server/analyse/envelope.h"

/* A bin's value, read from points[from, to). */
static struct analyse_point bin_value(
	const struct analyse_point *points, size_t from, size_t to)
{
	size_t least = from, second = to;
	for (size_t i = from + 1; i < to; i++) {
		if (points[i].value_kb < points[least].value_kb) {
			second = least;
			least = i;
		} else if (second == to ||
			   points[i].value_kb < points[second].value_kb) {
			second = i;
		}
	}
	return points[to - from >= 4 ? second : least];
}

size_t envelope_make(const struct analyse_point *points, size_t count, int64_t bin_ms,
	struct analyse_point *out)
{
	struct {
		int64_t number;
		struct analyse_point value;
	} trail[ENVELOPE_TRAIL];
	size_t bins = 0, kept = 0;
	for (size_t from = 0; from < count;) {
		int64_t number = points[from].at_ms / bin_ms;
		size_t to = from + 1;
		while (to < count && points[to].at_ms / bin_ms == number)
			to++;
		size_t at = bins++ % ENVELOPE_TRAIL;
		trail[at].number = number;
		trail[at].value = bin_value(points, from, to);
		from = to;

		struct analyse_point edge = trail[at].value;
		for (size_t i = 0; i < ENVELOPE_TRAIL && i < bins; i++)
			if (number - trail[i].number < ENVELOPE_TRAIL &&
				trail[i].value.value_kb < edge.value_kb)
				edge = trail[i].value;
		if (kept == 0 || edge.at_ms > out[kept - 1].at_ms)
			out[kept++] = edge;
	}
	return kept;
}
