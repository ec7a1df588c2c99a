/*
 * Cohort: does a new version grow where the old one, at the same time, does not?
 *
 * What moves all instances alike (load, season, a busy database) cancels in the
 * difference of versions.  Three steps:
 *
 * 1. What the old version does over the calendar, m(t), is fitted over its lives, each
 *    less its own level (curve.h).
 * 2. What is left of the new version's memory, y - m(t), is fitted over the age of its
 *    lives: a deploy that takes hours, a restart, a member that joins or leaves makes
 *    no step.  Lives of the old version that were seen from their start are treated
 *    the same way, against their older fellows where there are two, and taken away:
 *    then both versions are compared at equal age and warm-up cancels too.  Where no
 *    start of the old version was seen, the rules for young processes hold.
 * 3. The curve that remains is judged by curve_judge, the load of the new version
 *    beside it.  Growth must also show between members: slopes of new against old
 *    ones by Welch's t (Welch 1947), in which one odd host does not convict, and by
 *    the exact rank test where few allow no t (Mann and Whitney 1947).
 *
 * The interval of the rate is the wider of that from the curve and that from the
 * members.  Judges one moment; that a verdict holds is for the caller to see.  Pure.
 */
#ifndef TIDEMARK_SERVER_ANALYSE_COHORT_H
#define TIDEMARK_SERVER_ANALYSE_COHORT_H

#include "common/arena.h"
#include "server/analyse/analyse.h"

/* One slot while it runs one of the two versions, restarts included. */
struct cohort_member {
	bool is_new;
	const int64_t *bin; /* counted from the epoch, rising */
	const double *value_kb;
	const double *load;  /* NULL: not known */
	const double *age_h; /* of the process; falls at a restart */
	size_t count;
};

struct cohort_input {
	const struct cohort_member *members;
	size_t count;
	int64_t bin_ms;
	int64_t deploy_ms; /* first start of the new version, 0: take its first reading
			    */
	double scale_kb;   /* what counts as much memory: the limit */
};

enum cohort_lack {
	COHORT_JUDGED,
	COHORT_NO_PEERS, /* fewer than two old members at the same time, or no new one
			  */
	COHORT_TOO_SHORT,
};

struct cohort_result {
	enum cohort_lack lack;
	enum analyse_level level;
	struct analyse_rate rate; /* of one instance, over the old version */
	struct analyse_moment onset;
	double sureness;           /* rate over its error, of the curve */
	double lead, lead_slow;    /* BIC of settling and slowing shapes over growing */
	double grown_kb, noise_kb; /* of the difference */
	double p_members;          /* Welch's t, one-sided, given the line found */
	double p_ranks;            /* Mann and Whitney, one-sided */
	double superiority; /* how likely a new member grows faster than an old, 0 to 1
			     */
	size_t n_new, n_old;
	size_t n_new_above; /* new members that outgrow every old one */
	double span_h;      /* age that the new version has been seen to */
	bool at_equal_age;  /* young lives of the old version were there to compare */
	/* The smallest rate that would be found with probability 0.8 with these
	 * members, this noise and this time; 0: not known. */
	double detectable_kb_h;
	const char *summary;
};

void cohort_judge(
	const struct cohort_input *in, struct arena *a, struct cohort_result *out);

#endif
