/*
 * Pool: slopes that are weak each, taken together over the instances of one version.
 *
 * Two roads, and a verdict needs both:
 *
 * Slopes.  Random-effects mean of the slopes with their errors (DerSimonian and Laird
 * 1986), its interval by Hartung and Knapp (2001) with Student's t and never narrower
 * than the fixed-effect one.  Slots of one host are not independent: they are joined
 * first, and hosts are what is counted.  With fewer than four hosts the spread between
 * them says little; then errors are taken as wholly shared within a host.  A sign test
 * on the hosts stands beside it.
 *
 * Mean curve.  The memory of all of them, each less its own level, over age or time
 * (curve.h): twenty instances have a quarter of the noise of one, so that growing and
 * settling shapes can be told apart.  What moves all alike stays in this curve and in
 * its noise, which slopes side by side do not see.
 *
 * Slopes must come with load and season as covariates already.  A curve without load
 * and too short for a season is held to the rules for young processes.  Pure.
 */
#ifndef TIDEMARK_SERVER_ANALYSE_POOL_H
#define TIDEMARK_SERVER_ANALYSE_POOL_H

#include "common/arena.h"
#include "server/analyse/analyse.h"
#include "server/analyse/curve.h"

struct pool_slope {
	int64_t host_id;
	double kb_h, error_kb_h; /* error above 0; others are left out */
};

struct pool_result {
	bool known; /* two slopes at least */
	size_t slots, hosts;
	struct analyse_rate rate; /* mean over hosts, 95 % interval */
	double error_kb_h, freedom;
	double p_value;      /* that the mean is not above 0, one-sided */
	double between_kb_h; /* standard deviation between hosts, beyond their errors */
	double variation;    /* I squared: share of the spread that is real, 0 to 1 */
	size_t hosts_rising;
	double p_sign; /* as many rise by chance */
	/* Slopes agree better than their errors allow (p < 0.01): the errors are too
	 * wide, or one thing moves all.  The curve has to tell. */
	bool too_alike;
	double detectable_kb_h; /* by slopes, with probability 0.8, at p 0.001 */
};

void pool_slopes(const struct pool_slope *slopes, size_t count, struct arena *a,
	struct pool_result *out);

/* One life of one slot.  `place` is what the curve runs over: whole bins of age, or of
 * the epoch.  Values that are NAN are left out. */
struct pool_member {
	const int64_t *place;
	const double *value_kb, *load; /* load NULL: not known */
	size_t count;
};

struct pool_curve {
	struct shape_points points; /* count 0: too little */
	double lives;               /* at a point, on the average */
};

/* `by_age`: places are ages; else they are calendar time, and the harmonics of the day
 * have a meaning. */
void pool_mean_curve(const struct pool_member *members, size_t count, double bin_h,
	bool by_age, struct arena *a, struct pool_curve *out);

struct pool_verdict {
	enum analyse_level level;
	struct pool_result slopes;
	struct curve_verdict curve;
	struct analyse_rate rate; /* the wider interval of both */
	double detectable_kb_h;   /* the harder of both */
	const char *summary;
};

/* `young`: the processes are less than a day old and how earlier ones warmed up is not
 * known. */
struct pool_input {
	const struct pool_slope *slopes;
	size_t slope_count;
	const struct pool_curve *curve;
	double scale_kb;
	bool young;
};
void pool_judge(const struct pool_input *in, struct arena *a, struct pool_verdict *out);

#endif
