#include "tests/fleet/simulate/process.h"

#include <math.h>
#include <string.h>

static const double oom_pct = 97.5;

void process_init(struct process *p, const struct recipe *recipe)
{
	memset(p, 0, sizeof(*p));
	p->recipe = recipe;
	random_init(&p->random, recipe->seed);
	random_init(&p->load_random,
		recipe->load.seed ? recipe->load.seed : recipe->seed + 1);
	p->dt_h = recipe->dt_s / 3600.0;
	p->steps = (int64_t)(recipe->hours / p->dt_h);
	p->age_h = recipe->age_h;
	p->work_h = recipe->age_h;
	p->load = p->load_smooth = 1;
	p->noise = recipe->noise_pct * random_normal(&p->random);
	p->next_restart_h = recipe->restart_h;
	if (recipe->restart_h > 0 && !recipe->restart_nightly)
		p->next_restart_h *= random_between(&p->random, 0.3, 1.3);
}

/* ---- what comes from outside */

/* The shape of a day, mean 0, between about -1 and 1. */
static double day_shape(double hour, double peak_h, double harmonic)
{
	double angle = 2 * M_PI * (hour - peak_h) / 24;

	return cos(angle) + harmonic * cos(2 * angle);
}

static bool is_weekend(const struct recipe *r, double hour)
{
	int64_t day = (r->start_s + (int64_t)(hour * 3600)) / 86400;

	return (day + 4) % 7 == 0 ||
	       (day + 4) % 7 == 6; /* the epoch began on a Thursday */
}

static void step_load(struct process *p)
{
	const struct recipe_load *l = &p->recipe->load;
	double rho = l->noise_h > 0 ? exp(-p->dt_h / l->noise_h) : 0;
	double clock = p->hour + (double)(p->recipe->start_s % 86400) / 3600;
	double ramp = 0;

	p->load_noise = rho * p->load_noise +
			l->noise * sqrt(1 - rho * rho) * random_normal(&p->load_random);
	if (l->ramp != 0)
		ramp = l->ramp *
		       fmin(fmax((p->hour - l->ramp_from_h) / l->ramp_h, 0), 1);
	p->load = (1 + ramp) * exp(p->load_noise) *
		  (1 + l->daily * day_shape(clock, l->peak_h, l->harmonic));
	if (l->weekend > 0 && is_weekend(p->recipe, p->hour))
		p->load *= l->weekend;
	p->load = fmax(p->load, 0.02);
	/* Memory follows load within a few minutes. */
	p->load_smooth += (p->load - p->load_smooth) * fmin(1, p->dt_h * 20);
}

/* Arrivals, completions and what waits; returns the items that had to wait. */
static double step_queue(struct process *p)
{
	const struct recipe_queue *q = &p->recipe->queue;
	double seconds = p->recipe->dt_s, factor = 1, done;
	double capacity = q->arrivals_per_s * (1 + q->headroom);

	if (q->bursts_per_day > 0 && p->queue_burst_h <= 0 && p->depth < 50 &&
		random_chance(&p->random, q->bursts_per_day / 24 * p->dt_h))
		p->queue_burst_h = q->burst_h * random_between(&p->random, 0.5, 1.6);
	if (p->queue_burst_h > 0) {
		p->queue_burst_h -= p->dt_h;
		factor = q->burst_factor;
	}
	if (q->excess > 0 && p->hour >= q->excess_from_h) {
		capacity = q->arrivals_per_s;
		factor = 1 + q->excess * (0.6 + 0.8 * random_unit(&p->random));
	}
	p->arrivals = q->arrivals_per_s * factor * random_between(&p->random, 0.9, 1.1);
	done = fmin(p->depth + p->arrivals * seconds, capacity * seconds);
	p->completions = done / seconds;
	p->depth += p->arrivals * seconds - done;
	return p->depth > 50 ? done : 0;
}

static void step_noise(struct process *p)
{
	const struct recipe *r = p->recipe;
	double minutes = p->dt_h * 60;
	double rho = r->noise_rho > 0 ? pow(r->noise_rho, minutes) : 0;

	p->noise = rho * p->noise +
		   r->noise_pct * sqrt(1 - rho * rho) * random_normal(&p->random);
	if (r->wander_pct > 0) {
		rho = exp(-p->dt_h / r->wander_h);
		p->wander = rho * p->wander + r->wander_pct * sqrt(1 - rho * rho) *
						      random_normal(&p->random);
	}
	if (r->shift_per_day > 0 &&
		random_chance(&p->random, r->shift_per_day / 24 * p->dt_h))
		p->shift = r->shift_pct * random_normal(&p->random);
}

/* ---- what the process keeps */

static void start_life(struct process *p)
{
	p->age_h = p->work_h = 0;
	p->leaked = p->highwater = p->burst = p->saw_age_h = 0;
	p->garbage = p->live_at_gc = p->committed = p->post_gc = 0;
	p->gc_count = 0;
	p->depth = 0;
	if (p->recipe->restart_h > 0)
		p->next_restart_h = p->hour +
				    p->recipe->restart_h *
					    (p->recipe->restart_nightly
							    ? 1
							    : random_between(&p->random,
								      0.7, 1.3));
}

static void step_lives(struct process *p)
{
	const struct recipe *r = p->recipe;

	if (r->deploy_at_h > 0 && p->version == 0 && p->hour >= r->deploy_at_h) {
		p->version = 1;
		if (r->deploy_restarts)
			start_life(p);
	}
	if (r->restart_h > 0 && p->hour >= p->next_restart_h)
		start_life(p);
}

static void step_leak(struct process *p, double waited)
{
	const struct recipe_leak *l = &p->recipe->leak;
	double grown = 0;

	if (l->mode == RECIPE_LEAK_NONE || p->hour < l->onset_h)
		return;
	p->leaking_h += p->dt_h;
	switch (l->mode) {
	case RECIPE_LEAK_STEADY:
		grown = l->pct_per_h * p->dt_h;
		break;
	case RECIPE_LEAK_BY_LOAD:
		grown = l->pct_per_h * p->dt_h * p->load;
		break;
	case RECIPE_LEAK_STAIR:
		if (random_chance(&p->random, l->lumps_per_h * p->dt_h))
			grown = l->pct_per_h / l->lumps_per_h *
				random_between(&p->random, 0.4, 1.6);
		break;
	case RECIPE_LEAK_BY_QUEUE:
		grown = l->pct_per_h * waited / 1000;
		break;
	case RECIPE_LEAK_IN_QUEUE:
	case RECIPE_LEAK_NONE:
		break;
	}
	p->leaked += grown;
	p->leaked_total += grown;
}

static void step_events(struct process *p)
{
	const struct recipe *r = p->recipe;

	if (r->high_per_day > 0 &&
		random_chance(&p->random, r->high_per_day / 24 * p->dt_h))
		p->highwater = fmax(p->highwater,
			r->high_pct * random_between(&p->random, 0.2, 1.8));
	p->burst *= r->burst_h > 0 ? exp(-p->dt_h / r->burst_h) : 0;
	if (r->burst_per_day > 0 &&
		random_chance(&p->random, r->burst_per_day / 24 * p->dt_h)) {
		double size = random_between(&p->random, 0.3, 1.7);

		if (r->burst_heavy)
			size = fmin(0.4 * pow(1 - random_unit(&p->random), -0.7), 12);
		p->burst += r->burst_pct * size;
	}
	if (r->saw_h > 0) {
		if (p->saw_period_h <= 0)
			p->saw_period_h = r->saw_h;
		p->saw_age_h += p->dt_h;
		if (p->saw_age_h >= p->saw_period_h) {
			p->saw_age_h = 0;
			p->saw_period_h = r->saw_h *
					  random_between(&p->random, 0.9, 1.1);
		}
	}
}

/* ---- memory, in percent of the limit */

static double saw_pct(const struct process *p)
{
	const struct recipe *r = p->recipe;
	double part;

	if (r->saw_h <= 0 || p->saw_period_h <= 0)
		return 0;
	part = p->saw_age_h / p->saw_period_h;
	return r->saw_pct * (r->saw_bends ? (1 - exp(-3 * part)) / 0.95 : part);
}

static double batch_pct(const struct process *p)
{
	const struct recipe *r = p->recipe;
	double since;

	if (r->batch_pct <= 0)
		return 0;
	since = fmod(p->hour - r->batch_at_h + 240, 24);
	if (since < r->batch_h)
		return r->batch_pct * fmin(1, since / (0.15 * r->batch_h));
	return r->batch_pct * exp(-(since - r->batch_h) / 0.2);
}

static double steps_pct(const struct process *p)
{
	const struct recipe *r = p->recipe;
	double sum = p->version > 0 ? r->deploy_step_pct : 0;

	for (int i = 0; i < RECIPE_STEPS; i++)
		if (r->step_pct[i] != 0 && p->hour >= r->step_at_h[i])
			sum += r->step_pct[i];
	return sum;
}

/* What live objects hold beyond the base: on the heap, where there is one. */
static double held_pct(const struct process *p)
{
	const struct recipe *r = p->recipe;
	double held = r->load.memory_pct * (p->load_smooth - 1);
	double clock = p->hour + (double)(r->start_s % 86400) / 3600;

	if (r->daily_pct > 0) {
		double day = r->daily_pct * day_shape(clock, r->daily_peak_h, 0.2);

		held += r->daily_weekend > 0 && is_weekend(r, p->hour)
				? day * r->daily_weekend -
					  r->daily_pct * (1 - r->daily_weekend)
				: day;
	}
	if (r->warm_h > 0)
		held += r->warm_pct * (1 - exp(-p->age_h / r->warm_h));
	if (r->cache_h > 0)
		held += r->cache_pct * fmin(p->work_h / r->cache_h, 1);
	if (r->second_h > 0)
		held += r->second_pct * (1 - exp(-p->work_h / r->second_h));
	held += saw_pct(p) + batch_pct(p) + p->burst;
	held += r->queue.item_pct * p->depth / 1000;
	if (!r->leak.native)
		held += p->leaked;
	return held;
}

/* What is outside of the heap in any case. */
static double outside_pct(const struct process *p)
{
	const struct recipe *r = p->recipe;
	double sum = p->noise + p->wander + p->shift + p->highwater + steps_pct(p);

	if (r->log_h > 0)
		sum += r->log_pct * log1p(p->age_h / r->log_h);
	if (r->leak.native)
		sum += p->leaked;
	return sum;
}

/* The collector: garbage gathers with load, and goes in one sweep. */
static double step_heap(struct process *p, double held)
{
	const struct recipe_heap *h = &p->recipe->heap;
	double live = fmax(0.5, h->live_share * p->recipe->base_pct + held);
	double wanted, plateau = 0;

	if (p->post_gc <= 0) {
		p->post_gc = live;
		p->garbage = h->garbage_pct * random_unit(&p->random);
	}
	p->garbage += h->garbage_pct * p->dt_h / h->every_h * p->load *
		      random_between(&p->random, 0.7, 1.3);
	if (p->garbage >= h->garbage_pct) {
		p->garbage = 0;
		p->gc_count += 1 + (int64_t)(p->dt_h / h->every_h);
		p->post_gc = live * (1 + 0.008 * random_normal(&p->random));
	}
	if (h->plateau_h > 0)
		plateau = h->plateau_pct * (1 - exp(-p->age_h / h->plateau_h));
	wanted = live + h->garbage_pct + plateau +
		 (h->slack - 1) * h->live_share * p->recipe->base_pct;
	if (wanted > p->committed) /* in lumps, as heaps grow */
		p->committed = wanted + 0.02 * p->recipe->base_pct;
	else
		p->committed -= (p->committed - wanted) * fmin(1, p->dt_h * 0.1);
	return live;
}

static double memory_pct(struct process *p, struct process_sample *out)
{
	const struct recipe *r = p->recipe;
	double held = held_pct(p), outside = outside_pct(p), live, rss;
	double white = r->white_pct * random_normal(&p->random);

	if (!r->heap.managed)
		return r->base_pct + held + outside + white;
	live = step_heap(p, held);
	outside += r->base_pct * (1 - r->heap.live_share);
	rss = outside + (r->heap.keeps ? p->committed : live + p->garbage);
	if (r->heap.hook) {
		out->heap_used_kb = (live + p->garbage) / 100 * r->limit_kb;
		out->heap_total_kb = p->committed / 100 * r->limit_kb;
		out->post_gc_kb = p->post_gc / 100 * r->limit_kb;
		out->gc_count = p->gc_count;
	}
	return rss + white;
}

/* ---- one sample */

static bool is_missing(struct process *p)
{
	const struct recipe *r = p->recipe;

	if (r->gaps > 0 && p->hour >= p->gap_until_h &&
		random_chance(&p->random, r->gaps / (double)p->steps))
		p->gap_until_h = p->hour +
				 r->gap_h * random_between(&p->random, 0.2, 1.8);
	return p->hour < p->gap_until_h;
}

static void fill_sample(struct process *p, double pct, struct process_sample *out)
{
	const struct recipe *r = p->recipe;

	out->ts = r->start_s + p->step * r->dt_s;
	out->rss_kb = fmax(pct, 0.5) / 100 * r->limit_kb;
	if (r->load.reported)
		out->req_s = fmax(
			0, r->load.mean_per_s * p->load *
				   (1 + r->load.jitter * random_normal(&p->random)));
	if (r->queue.reported) {
		out->q_in_s = p->arrivals;
		out->q_out_s = p->completions;
		out->q_depth = floor(p->depth);
	}
	out->uptime_s = (int64_t)(p->age_h * 3600 + 0.5);
	out->version = p->version;
	out->missing = is_missing(p);
}

bool process_step(struct process *p, struct process_sample *out)
{
	double pct;

	if (p->step >= p->steps)
		return false;
	memset(out, 0, sizeof(*out));
	p->hour = (double)p->step * p->dt_h;
	step_lives(p);
	step_load(p);
	step_noise(p);
	step_leak(p, p->recipe->queue.reported ? step_queue(p) : 0);
	step_events(p);
	pct = memory_pct(p, out);
	if (pct >= oom_pct) {
		p->oom_restarts++;
		start_life(p);
		pct = memory_pct(p, out);
	}
	fill_sample(p, fmin(pct, 100), out);
	p->age_h += p->dt_h;
	p->work_h += p->dt_h * p->load;
	p->step++;
	return true;
}
