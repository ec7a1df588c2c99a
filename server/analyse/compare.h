/*
 * Compare: two to four selections of processes side by side.
 *
 * A selection is all that ran of a service, a version, a host or an instance within a
 * span; its readings come as equal steps.  Of each it is told how the values were
 * spread over its processes step by step, by the clock or by their age, and how fast
 * they grew; of each but the first, how much faster that was.
 *
 * Growth.  The lives of an instance, up to SHAPE_SEGMENTS_MAX at a time, are fitted as
 * one line with an intercept each, by generalised least squares with wild residuals
 * clipped; load stands beside the line where it is known and varies, the season where
 * the span shows one (shape.h).  A start-up is left out: two steps, at most two hours.
 * Lines become the random-effects mean over hosts (pool.h), one line alone speaks for
 * itself.
 *
 * By age only lives that began within the span are compared, up to the age that every
 * selection reached that is old enough to show a slope: then a warm-up is in all of
 * them alike.
 *
 * Difference.  Of two means with their errors; Student's t with the degrees of freedom
 * of Satterthwaite (1946).  Its interval holds 95 %, p is two-sided.  Below
 * `detectable` a true difference would be found (p < 0.05) less often than in four of
 * five cases.  Pure; results live in the arena.
 */
#ifndef TIDEMARK_SERVER_ANALYSE_COMPARE_H
#define TIDEMARK_SERVER_ANALYSE_COMPARE_H

#include "common/arena.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { COMPARE_SIDES_MAX = 4, COMPARE_STEPS_MAX = 120 };

/* One process life.  Lives of an instance stand together, in order of their start. */
struct compare_life {
	int64_t slot_id, host_id, started_ms;
	const double *value; /* of each step its mean; NAN: nothing read */
	const double *load;  /* per second, likewise; NULL: not known */
};

struct compare_side {
	const struct compare_life *lives;
	size_t count;
	int64_t from_ms; /* of the first step */
};

struct compare_input {
	const struct compare_side *sides;
	size_t count, steps; /* up to COMPARE_SIDES_MAX and COMPARE_STEPS_MAX */
	int64_t step_ms;
	bool by_age;
	double floor; /* noise of less is nobody's concern, in the metric's unit */
};

/* How the values of a step, or of an age, were spread. */
struct compare_band {
	size_t n;                 /* 0: nothing is known */
	double median, low, high; /* p10, p90 */
};

/* An estimate with its 95 % interval, by the hour. */
struct compare_rate {
	bool known;
	double value, low, high, error, freedom;
};

struct compare_found {
	size_t instances, hosts, lives; /* with readings that count */
	double hours;                   /* read, over all instances */
	double span_h;                  /* from the first such reading to the last */
	double age_h;                   /* usual age at the last reading */
	struct compare_band *bands;     /* one a step */
	struct compare_rate growth;
	size_t growth_instances, growth_hosts, hosts_rising;
	double between; /* standard deviation of growth between hosts */
	double load;    /* per second and instance; NAN: not known of half of them */
	bool load_used; /* it stood beside some of the lines */
	struct compare_rate per_load; /* growth for each 1,000 that the load counts */
};

/* `found` has as many items as there are sides. */
void compare_sides(
	const struct compare_input *in, struct arena *a, struct compare_found *found);

enum compare_verdict {
	COMPARE_UNKNOWN, /* too little to tell */
	COMPARE_ALIKE,   /* no difference that this much could show */
	COMPARE_FASTER,  /* than the first */
	COMPARE_SLOWER,
};

/* What to mind before a difference is believed. */
enum compare_remark {
	COMPARE_FEW_HOSTS =
		1, /* fewer than four on a side: how hosts differ is a guess */
	COMPARE_ONE_INSTANCE = 2, /* on a side: nothing tells it from its kind */
	COMPARE_LOAD_DIFFERS = 4, /* by a quarter or more: see growth by load */
	COMPARE_LOAD_UNKNOWN = 8, /* of a side */
	COMPARE_AGE_DIFFERS = 16, /* one is young: warm-up would pass for growth */
};

struct compare_difference {
	enum compare_verdict verdict;
	struct compare_rate growth;   /* the other's less the first's */
	struct compare_rate per_load; /* the same of growth by load */
	double p, detectable;
	unsigned remarks; /* of enum compare_remark */
	const char *text;
};

/* What they are called, and whether values are KiB or of `unit`. */
struct compare_names {
	const char *first, *other, *unit;
	bool is_memory, by_age;
};

void compare_pair(const struct compare_found *first, const struct compare_found *other,
	const struct compare_names *names, struct arena *a,
	struct compare_difference *out);

const char *compare_verdict_name(enum compare_verdict verdict);

#endif
