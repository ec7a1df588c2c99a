/*
 * Cohort life: the process lives of a cohort's members, cut and fitted together.
 *
 * Inside of cohort.h.  A life begins with its member and where the age falls; its
 * readings are placed by bins of the epoch and by bins of its own age.  The first two
 * bins, at most two hours, are left out: one bad point there bends every curve.  Pure.
 */
#ifndef TIDEMARK_SERVER_ANALYSE_COHORT_LIFE_H
#define TIDEMARK_SERVER_ANALYSE_COHORT_LIFE_H

#include "server/analyse/cohort.h"
#include "server/analyse/curve.h"

/* What a life is known by, bin by bin; NAN: not known. */
enum cohort_channel {
	COHORT_MEMORY,
	COHORT_SETTLED, /* memory without its youth */
	COHORT_LOAD,
	/* Filled by cohort.c: */
	COHORT_REST,       /* memory less what the old version has at the time */
	COHORT_START_REST, /* the same, where older fellows tell a start from the rest
			    */
	COHORT_LOAD_REST,
	COHORT_CHANNELS,
};

struct cohort_life {
	size_t member, count;
	bool is_new, from_start; /* its first reading is of its first hour */
	int64_t *bin, *age_bin;
	double *channel[COHORT_CHANNELS];
};

struct cohort_lives {
	struct cohort_life *items;
	size_t count;
};

struct cohort_lives cohort_life_cut(const struct cohort_input *in, struct arena *a);

/* Which lives are fitted, over what, and of what. */
struct cohort_choice {
	bool is_new, by_age, from_start_only;
	enum cohort_channel channel;
};
struct curve cohort_life_fit(
	const struct cohort_lives *lives, struct cohort_choice choice, struct arena *a);

#endif
