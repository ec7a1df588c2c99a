/*
 * Lives: what one span of a slot leaves to be judged.
 *
 * Takes the readings of a window, cuts the start-up off each process life, and reduces
 * the rest to its lower envelope (envelope.h) in bins of a 72nd of the window, or of
 * the usual distance of two readings where that is more.  The newest life stands alone
 * when it covers 0.55 of the window; else up to seven lives that overlap it are
 * joined, each a segment of its own with the process's age as its clock, because leaks
 * begin again at zero and warm-ups are gone through again.  Pure.
 */
#ifndef TIDEMARK_SERVER_ANALYSE_LIVES_H
#define TIDEMARK_SERVER_ANALYSE_LIVES_H

#include "server/analyse/analyse.h"
#include "server/analyse/shape.h"

#define LIVES_HOUR_MS 3600e3

struct lives {
	const struct analyse_generation *newest; /* NULL: no readings in the window */
	int64_t bin_ms;
	int64_t covered_ms; /* time that the readings span, start-ups left out */
	size_t readings;
	struct analyse_point *edge; /* the envelope, life after life */
	double *age_h, *value_kb;   /* of the same points */
	struct shape_points shapes; /* the same for shape_compare */
	size_t count, segments;
	double longest_h; /* the longest stretch of one life */
};

void lives_gather(const struct analyse_slot *slot, int64_t window_ms, int64_t end_ms,
	struct arena *a, struct lives *out);

/* Start-up that is left out of each life: 30 s or two bins. */
int64_t lives_start_up_ms(int64_t bin_ms);

/* Readings of a life from `from_ms` to `to_ms` (excluded), its start-up left out, as
 * indices into its points. */
void lives_between(const struct analyse_generation *life, int64_t bin_ms,
	int64_t from_ms, int64_t to_ms, size_t *first, size_t *end);

#endif
