/*
 * Recipe: all that makes one simulated series.
 *
 * Plain data.  Memory is percent of the limit, times are hours since the record
 * starts or, where it says age, since the process starts.  A zero switches its part
 * off: a zeroed recipe with limit, base, dt_s and hours is a flat line.
 */
#ifndef TIDEMARK_TESTS_FLEET_SIMULATE_RECIPE_H
#define TIDEMARK_TESTS_FLEET_SIMULATE_RECIPE_H

#include <stdbool.h>
#include <stdint.h>

enum { RECIPE_STEPS = 4 };

/* How leaked memory comes. */
enum recipe_leak_mode {
	RECIPE_LEAK_NONE,
	RECIPE_LEAK_STEADY,
	RECIPE_LEAK_BY_LOAD,  /* with every request */
	RECIPE_LEAK_STAIR,    /* in lumps, about `lumps_per_h` */
	RECIPE_LEAK_IN_QUEUE, /* items that nobody takes: the queue's `excess` */
	RECIPE_LEAK_BY_QUEUE, /* with every item that had to wait */
};

struct recipe_leak {
	enum recipe_leak_mode mode;
	double pct_per_h, onset_h, lumps_per_h;
	bool native; /* outside the managed heap */
};

/* Requests: a mean, times the shape of the day, times what comes on top. */
struct recipe_load {
	bool reported;
	double mean_per_s;
	double daily, peak_h; /* swing as a share of the mean; hour of its top */
	double harmonic;      /* share of the second harmonic */
	double weekend;       /* what is left of it on two days of seven */
	double ramp, ramp_from_h, ramp_h; /* added share of the mean at the end of it */
	double noise, noise_h;            /* slow noise: deviation and time constant */
	double jitter;                    /* of one sample */
	double memory_pct;                /* memory per one mean of load */
	uint64_t seed;                    /* hosts of a fleet share it */
};

struct recipe_heap {
	bool managed, hook; /* garbage collected; and the agent sees inside */
	double live_share;  /* of the base that is live heap */
	double garbage_pct; /* collected when so much has gathered */
	double every_h;     /* about so often, at mean load */
	double slack; /* committed beyond live and garbage: 1 + share of the live base
		       */
	bool keeps;   /* resident follows committed memory, not used */
	double plateau_pct, plateau_h; /* heap that grows to its set size first */
};

struct recipe_queue {
	bool reported;
	double arrivals_per_s;
	double headroom; /* share of the arrivals that it could do besides */
	double item_pct; /* memory of 1,000 waiting items */
	double bursts_per_day, burst_factor, burst_h;
	double excess, excess_from_h; /* arrivals over completions that never drain */
};

struct recipe {
	const char *scenario, *cause; /* cause: as in labels.csv */
	double limit_kb, hours;
	int64_t start_s;
	int dt_s;
	uint64_t seed;
	double age_h; /* of the process when the record starts */

	double base_pct;
	double noise_pct, noise_rho; /* AR(1), coefficient for one minute */
	double white_pct;            /* of one sample */
	double wander_pct, wander_h;

	struct recipe_load load;
	struct recipe_heap heap;
	struct recipe_queue queue;
	struct recipe_leak leak;

	double daily_pct, daily_peak_h,
		daily_weekend;       /* season without any load seen */
	double warm_pct, warm_h;     /* by age: 1 - exp(-age / warm_h) */
	double cache_pct, cache_h;   /* by work done: linear, then full */
	double second_pct, second_h; /* a slower cache behind it */
	double log_pct, log_h;       /* fragmentation by age: log(1 + age / log_h) */
	double saw_pct, saw_h;       /* grows and is dropped, over and over */
	bool saw_bends;              /* slower towards its end */
	double batch_pct, batch_at_h, batch_h; /* every night */
	double burst_per_day, burst_pct, burst_h;
	bool burst_heavy;              /* sizes have a heavy tail */
	double high_per_day, high_pct; /* high-water marks: stay until a restart */
	double step_pct[RECIPE_STEPS], step_at_h[RECIPE_STEPS]; /* stay for good */
	double shift_per_day, shift_pct; /* levels that change both ways */

	double restart_h;     /* about so far apart */
	bool restart_nightly; /* exactly so far apart */
	double deploy_at_h;   /* version 1 from here; 0: no deploy */
	bool deploy_restarts;
	double deploy_step_pct;
	double gaps, gap_h; /* how many, and how long about */
};

#endif
