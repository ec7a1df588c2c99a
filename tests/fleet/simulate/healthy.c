/* Scenarios without a leak. */
#include "tests/fleet/simulate/scenario.h"

#include <math.h>

static void flat(struct draw *d, struct recipe *r)
{
	(void)d;
	(void)r;
}

static void burst(struct draw *d, struct recipe *r)
{
	r->burst_per_day = fmax(0.6, 60 / r->hours);
	r->burst_pct = draw_even(d, (struct draw_range){10, 22, 5, 30});
	r->burst_h = draw_log(d, (struct draw_range){0.1, 0.6, 0.05, 2});
}

static void cyclic(struct draw *d, struct recipe *r)
{
	draw_managed(d, r, false);
	r->heap.keeps = false;
	r->saw_h = draw_log(d, (struct draw_range){2, 12, 1, 30});
	r->saw_h = fmin(r->saw_h, r->hours / 5);
	r->saw_pct = draw_even(d, (struct draw_range){1, 6, 1, 12});
}

static void daily(struct draw *d, struct recipe *r)
{
	r->hours = fmax(r->hours, 60);
	r->dt_s = r->dt_s < 60 ? 60 : r->dt_s;
	r->load.reported = false;
	r->load.memory_pct = 0;
	r->daily_pct = draw_log(d, (struct draw_range){0.7, 6, 0.5, 10});
	r->daily_peak_h = random_between(&d->random, 0, 24);
	r->daily_weekend = 1;
}

static void weekly(struct draw *d, struct recipe *r)
{
	daily(d, r);
	r->hours = d->wide ? random_between(&d->random, 168, 336) : 336;
	r->dt_s = 300;
	r->daily_weekend = random_between(&d->random, 0.3, 0.7);
}

static void fragmentation(struct draw *d, struct recipe *r)
{
	draw_native(r);
	r->age_h = 0;
	r->log_h = r->hours *
		   draw_log(d, (struct draw_range){0.002, 0.02, 0.0005, 0.05});
	r->log_pct = draw_even(d, (struct draw_range){8, 25, 4, 30}) /
		     log1p(r->hours / r->log_h);
}

static void gaps(struct draw *d, struct recipe *r)
{
	r->gaps = random_pick(&d->random, 1, 6);
	r->gap_h = r->hours * random_between(&d->random, 0.02, 0.08);
}

static void managed(struct draw *d, struct recipe *r)
{
	draw_managed(d, r, true);
}

static void highwater(struct draw *d, struct recipe *r)
{
	r->high_per_day = random_between(&d->random, 1.5, 5) * 24 / r->hours;
	r->high_pct = draw_even(d, (struct draw_range){8, 25, 4, 30});
	r->base_pct = fmin(r->base_pct, 45);
}

static void plateau(struct draw *d, struct recipe *r)
{
	draw_managed(d, r, random_chance(&d->random, 0.6));
	r->age_h = 0;
	r->heap.keeps = true;
	r->heap.plateau_h = r->hours *
			    draw_log(d, (struct draw_range){0.08, 0.3, 0.05, 0.35});
	r->heap.plateau_pct = draw_even(d, (struct draw_range){10, 28, 5, 35});
	r->base_pct = fmin(r->base_pct, 40);
}

static void by_load(struct draw *d, struct recipe *r)
{
	r->hours = fmax(r->hours, 48);
	r->dt_s = r->dt_s < 60 ? 60 : r->dt_s;
	draw_day(d, r);
}

static void ramp(struct draw *d, struct recipe *r)
{
	draw_load(d, r);
	r->load.ramp = random_between(&d->random, 0.3, 2);
	r->load.ramp_h = r->hours;
	r->load.memory_pct = draw_log(d, (struct draw_range){4, 10, 2, 15});
}

static void queue_burst(struct draw *d, struct recipe *r)
{
	struct recipe_queue *q = &r->queue;

	q->reported = true;
	q->arrivals_per_s = random_log_between(&d->random, 3, 60);
	q->headroom = random_between(&d->random, 0.3, 0.8);
	q->burst_factor = 1 + q->headroom + random_between(&d->random, 0.2, 1.2);
	q->burst_h = fmin(
		draw_log(d, (struct draw_range){0.3, 2, 0.1, 4}), r->hours / 25);
	q->bursts_per_day = random_between(&d->random, 3, 10) * 24 / r->hours;
	q->item_pct = random_between(&d->random, 3, 18) /
		      (q->arrivals_per_s * (q->burst_factor - 1 - q->headroom) *
			      q->burst_h * 3.6);
}

static void restarts(struct draw *d, struct recipe *r)
{
	r->age_h = 0;
	r->warm_h = draw_log(d, (struct draw_range){0.2, 1.5, 1.0 / 6, 3});
	r->warm_pct = draw_even(d, (struct draw_range){5, 15, 3, 20});
	r->restart_h = draw_log(d, (struct draw_range){12, 60, 2, 48});
	r->restart_h = fmin(r->restart_h, r->hours / 3);
	r->warm_h = fmin(r->warm_h, r->restart_h / 5);
	r->restart_nightly = d->wide && random_chance(&d->random, 0.3);
}

static void step_deploy(struct draw *d, struct recipe *r)
{
	r->deploy_at_h = r->hours * random_between(&d->random, 0.2, 0.75);
	r->deploy_restarts = random_chance(&d->random, 0.5);
	r->deploy_step_pct = draw_even(d, (struct draw_range){4, 14, 1, 20});
	if (random_chance(&d->random, 0.4)) {
		r->step_at_h[0] = r->deploy_at_h +
				  (r->hours - r->deploy_at_h) *
					  random_between(&d->random, 0.2, 0.8);
		r->step_pct[0] = random_between(&d->random, 1, 8);
	}
}

static void wander(struct draw *d, struct recipe *r)
{
	r->wander_pct = draw_log(d, (struct draw_range){0.3, 1.2, 0.2, 2});
	r->wander_h = fmin(
		draw_log(d, (struct draw_range){0.5, 4, 0.3, 8}), r->hours / 12);
}

static void warmup(struct draw *d, struct recipe *r)
{
	r->age_h = 0;
	r->warm_h = draw_log(d, (struct draw_range){0.4, 6, 1.0 / 6, 12});
	r->warm_h = fmin(r->warm_h, r->hours * (d->wide ? 0.4 : 0.12));
	r->warm_pct = draw_even(d, (struct draw_range){8, 28, 4, 35});
}

/* ---- of our own */

static void cache_fill(struct draw *d, struct recipe *r)
{
	r->age_h = 0;
	r->base_pct = fmin(r->base_pct, 45);
	r->cache_h = fmin(random_log_between(&d->random, 1, 30), 0.7 * r->hours);
	r->cache_pct = random_between(&d->random, 4, 30);
}

static void lru(struct draw *d, struct recipe *r)
{
	cache_fill(d, r);
	r->second_h = r->cache_h / 2;
	r->second_pct = r->cache_pct;
	r->cache_h = 0;
}

static void two_caches(struct draw *d, struct recipe *r)
{
	cache_fill(d, r);
	r->second_h = r->cache_h * random_between(&d->random, 0.3, 0.8);
	r->cache_h *= random_between(&d->random, 0.1, 0.4);
	r->second_pct = r->cache_pct * random_between(&d->random, 0.3, 1);
}

static void nightly_batch(struct draw *d, struct recipe *r)
{
	r->hours = fmax(r->hours, 48);
	r->dt_s = r->dt_s < 60 ? 60 : r->dt_s;
	r->batch_at_h = random_between(&d->random, 2, 23);
	r->batch_h = random_between(&d->random, 0.3, 4);
	r->batch_pct = random_between(&d->random, 5, 30);
}

static void doubling(struct draw *d, struct recipe *r)
{
	draw_load(d, r);
	r->hours = fmax(r->hours, 48);
	r->dt_s = r->dt_s < 60 ? 60 : r->dt_s;
	r->load.reported = random_chance(&d->random, 0.75);
	r->load.ramp = 1;
	r->load.ramp_from_h = r->hours * random_between(&d->random, 0.2, 0.4);
	r->load.ramp_h = 24;
	r->load.memory_pct = random_between(&d->random, 3, 12);
}

static void log_rotation(struct draw *d, struct recipe *r)
{
	r->hours = fmax(r->hours, 96);
	r->dt_s = r->dt_s < 60 ? 60 : r->dt_s;
	r->saw_h = random_chance(&d->random, 0.5) ? 24
						  : random_between(&d->random, 4, 12);
	r->saw_pct = random_between(&d->random, 1, 8);
}

static void weekly_release(struct draw *d, struct recipe *r)
{
	r->hours = 336;
	r->dt_s = 300;
	r->saw_h = 84 * random_between(&d->random, 1, 2);
	r->saw_pct = random_between(&d->random, 1, 6);
	r->saw_bends = true;
	r->age_h = 0;
}

static void connections(struct draw *d, struct recipe *r)
{
	draw_load(d, r);
	r->load.ramp = random_between(&d->random, 0.5, 3);
	r->load.ramp_from_h = r->hours * random_between(&d->random, 0.1, 0.5);
	r->load.ramp_h = random_between(&d->random, 1, 5);
	r->load.memory_pct = random_between(&d->random, 2, 6);
}

const struct scenario scenario_healthy[] = {
	{"flat", false, flat},
	{"burst", false, burst},
	{"cyclic_gc_rssonly", false, cyclic},
	{"daily", false, daily},
	{"fraglog", false, fragmentation},
	{"gapsflat", false, gaps},
	{"gc_flat", false, managed},
	{"highwater", false, highwater},
	{"jvm_plateau", false, plateau},
	{"loadprop", false, by_load},
	{"loadramp", false, ramp},
	{"queue_burst", false, queue_burst},
	{"restarts", false, restarts},
	{"stepdeploy", false, step_deploy},
	{"wander", false, wander},
	{"warmup", false, warmup},
	{"weekly", false, weekly},
	{"cache_fill", true, cache_fill},
	{"cache_lru", true, lru},
	{"cache_two", true, two_caches},
	{"nightly_batch", true, nightly_batch},
	{"traffic_doubling", true, doubling},
	{"log_rotation", true, log_rotation},
	{"weekly_release", true, weekly_release},
	{"connection_ramp", true, connections},
};
const size_t scenario_healthy_count = sizeof(scenario_healthy) /
				      sizeof(*scenario_healthy);
