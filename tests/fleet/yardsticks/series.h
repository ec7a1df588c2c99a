/*
 * Series: a labelled set, read for the yardsticks.
 *
 * Memory is percent of the limit, times are hours since the series' first sample.
 * Beside the samples stand medians of five minutes, NAN where there was no sample.
 * The list owns everything; series_finish frees it.
 */
#ifndef TIDEMARK_TESTS_FLEET_YARDSTICKS_SERIES_H
#define TIDEMARK_TESTS_FLEET_YARDSTICKS_SERIES_H

#include "common/err.h"

#include <stddef.h>
#include <stdint.h>

struct series {
	char id[32], service[64], scenario[48];
	bool leaks;
	double onset_h, hours, rate_pct_per_h, limit_kb;
	int64_t start_s;
	size_t count;
	double *hour, *pct;
	size_t median_count;
	double *median;              /* of five minutes */
	const struct series **peers; /* of the same service, itself among them */
	size_t peer_count;
};

static const double series_median_h = 5.0 / 60;

struct series_list {
	struct series *items;
	size_t count;
};

bool series_read(struct series_list *list, const char *dir, struct err *e);
void series_finish(struct series_list *list);

/* Samples [first, end) with from_h < hour <= to_h. */
struct series_span {
	size_t first, end;
};
struct series_span series_between(const struct series *s, double from_h, double to_h);

/* Medians of `group` neighbouring five minutes that ended by to_h, those since from_h;
 * empty ones left out.  Returns how many; `hour` and `pct` hold room for them. */
size_t series_medians(const struct series *s, double from_h, double to_h, size_t group,
	double *hour, double *pct);

#endif
