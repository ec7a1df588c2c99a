/*
 * Process: runs a recipe on a virtual clock, sample by sample.
 *
 * process_step is called until it is false; each call is one sample.  What the process
 * did until then (leaked, died of) can be read at any time.
 */
#ifndef TIDEMARK_TESTS_FLEET_SIMULATE_PROCESS_H
#define TIDEMARK_TESTS_FLEET_SIMULATE_PROCESS_H

#include "tests/fleet/simulate/random.h"
#include "tests/fleet/simulate/recipe.h"

/* One line of a series; the columns of its CSV. */
struct process_sample {
	int64_t ts;
	double rss_kb, heap_used_kb, heap_total_kb, post_gc_kb;
	int64_t gc_count;
	double req_s, q_in_s, q_out_s, q_depth;
	int64_t uptime_s;
	int version;
	bool missing; /* the agent was down: not written */
};

struct process {
	const struct recipe *recipe;
	struct random random, load_random;
	int64_t step, steps;
	double hour, dt_h;

	double load, load_noise, load_smooth; /* 1: the mean */
	double noise, wander, shift;          /* percent of the limit */
	double age_h, work_h;                 /* of this life; work at mean load */
	double leaked, highwater, burst, saw_age_h, saw_period_h;
	double garbage, live_at_gc, committed, post_gc;
	int64_t gc_count;
	double depth, queue_burst_h, arrivals, completions;
	double next_restart_h, gap_until_h;
	int version;

	double leaked_total, leaking_h; /* over all lives */
	int oom_restarts;
};

void process_init(struct process *p, const struct recipe *recipe);
bool process_step(struct process *p, struct process_sample *out);

#endif
