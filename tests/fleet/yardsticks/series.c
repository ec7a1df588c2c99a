#include "tests/fleet/yardsticks/series.h"

#include "tests/fleet/yardsticks/trend.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

enum { COLUMNS = 17, MEDIAN_S = 300 };

static void *grow(void *p, size_t count, size_t size)
{
	p = reallocarray(p, count, size);
	if (p == NULL)
		abort();
	return p;
}

static void read_samples(struct series *s, gzFile in)
{
	char line[512];
	size_t room = 0;
	int64_t ts, before = INT64_MIN;
	double rss_kb;

	gzgets(in, line, sizeof(line)); /* names of the columns */
	while (gzgets(in, line, sizeof(line)) != NULL) {
		char *rest;

		ts = strtoll(line, &rest, 10);
		if (*rest != ',' || ts <= before)
			continue;
		before = ts;
		rss_kb = strtod(rest + 1, NULL);
		if (s->count == 0)
			s->start_s = ts;
		if (s->count == room) {
			room = room * 2 + 1024;
			s->hour = grow(s->hour, room, sizeof(*s->hour));
			s->pct = grow(s->pct, room, sizeof(*s->pct));
		}
		s->hour[s->count] = (double)(ts - s->start_s) / 3600;
		s->pct[s->count++] = 100 * rss_kb / s->limit_kb;
	}
}

static void take_medians(struct series *s)
{
	size_t i = 0;

	if (s->count == 0)
		return;
	s->median_count = (size_t)(s->hour[s->count - 1] / series_median_h) + 1;
	s->median = grow(NULL, s->median_count, sizeof(*s->median));
	for (size_t k = 0; k < s->median_count; k++) {
		double values[MEDIAN_S];
		size_t n = 0;

		for (; i < s->count && s->hour[i] < (double)(k + 1) * series_median_h;
			i++)
			if (n < MEDIAN_S)
				values[n++] = s->pct[i];
		s->median[k] = n > 0 ? trend_median(values, n) : NAN;
	}
}

static bool read_series(
	struct series *s, const char *dir, char **columns, struct err *e)
{
	char path[700];
	gzFile in;

	*s = (struct series){0};
	snprintf(s->id, sizeof(s->id), "%s", columns[0]);
	snprintf(s->service, sizeof(s->service), "%s", columns[2]);
	snprintf(s->scenario, sizeof(s->scenario), "%s", columns[4]);
	s->leaks = atoi(columns[7]) != 0;
	s->rate_pct_per_h = strtod(columns[11], NULL);
	s->limit_kb = strtod(columns[12], NULL);
	snprintf(path, sizeof(path), "%s/%s", dir, columns[1]);
	in = gzopen(path, "rb");
	if (in == NULL)
		return err_errno(e, "%s", path);
	gzbuffer(in, 1 << 17);
	read_samples(s, in);
	gzclose(in);
	if (s->count < 2)
		return err_set(e, ERR_INPUT, "%s has no samples", path);
	s->hours = s->hour[s->count - 1];
	if (s->leaks)
		s->onset_h = (double)(strtoll(columns[9], NULL, 10) - s->start_s) /
			     3600;
	take_medians(s);
	return true;
}

static int split(char *line, char **columns)
{
	int n = 0;

	line[strcspn(line, "\r\n")] = '\0';
	for (char *at = line; at != NULL && n < COLUMNS; n++) {
		columns[n] = at;
		at = strchr(at, ',');
		if (at != NULL)
			*at++ = '\0';
	}
	return n;
}

static void find_peers(struct series_list *list)
{
	for (size_t i = 0; i < list->count; i++) {
		struct series *s = &list->items[i];

		s->peers = grow(NULL, list->count, sizeof(struct series *));
		for (size_t k = 0; k < list->count; k++)
			if (strcmp(list->items[k].service, s->service) == 0)
				s->peers[s->peer_count++] = &list->items[k];
	}
}

bool series_read(struct series_list *list, const char *dir, struct err *e)
{
	char path[700], line[1024], *columns[COLUMNS];
	bool ok = true;
	FILE *labels;

	*list = (struct series_list){0};
	snprintf(path, sizeof(path), "%s/labels.csv", dir);
	labels = fopen(path, "r");
	if (labels == NULL)
		return err_errno(e, "%s", path);
	if (fgets(line, sizeof(line), labels) == NULL)
		ok = err_set(e, ERR_INPUT, "%s is empty", path);
	while (ok && fgets(line, sizeof(line), labels) != NULL) {
		if (split(line, columns) < COLUMNS)
			continue;
		list->items = grow(list->items, list->count + 1, sizeof(*list->items));
		ok = read_series(&list->items[list->count], dir, columns, e);
		list->count++;
	}
	fclose(labels);
	if (!ok) {
		series_finish(list);
		return false;
	}
	find_peers(list);
	return true;
}

void series_finish(struct series_list *list)
{
	for (size_t i = 0; i < list->count; i++) {
		free(list->items[i].hour);
		free(list->items[i].pct);
		free(list->items[i].median);
		free(list->items[i].peers);
	}
	free(list->items);
	*list = (struct series_list){0};
}

/* The first sample after `hour`. */
static size_t after(const struct series *s, double hour)
{
	size_t lo = 0, hi = s->count;

	while (lo < hi) {
		size_t mid = (lo + hi) / 2;

		if (s->hour[mid] <= hour)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

struct series_span series_between(const struct series *s, double from_h, double to_h)
{
	return (struct series_span){after(s, from_h), after(s, to_h)};
}

size_t series_medians(const struct series *s, double from_h, double to_h, size_t group,
	double *hour, double *pct)
{
	size_t end = (size_t)fmax(0, to_h / series_median_h + 1e-6);
	size_t first = (size_t)fmax(0, ceil(from_h / series_median_h - 1e-6));
	size_t n = 0;

	if (end > s->median_count)
		end = s->median_count;
	/* Groups stand still: counted from the start, not from the window. */
	for (size_t k = (first + group - 1) / group * group; k + group <= end;
		k += group) {
		double values[64];
		size_t found = 0;

		for (size_t j = k; j < k + group; j++)
			if (!isnan(s->median[j]))
				values[found++] = s->median[j];
		if (found == 0)
			continue;
		hour[n] = ((double)k + (double)group / 2) * series_median_h;
		pct[n++] = trend_median(values, found);
	}
	return n;
}
