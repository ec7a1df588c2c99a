/* Scenarios that leak. */
#include "tests/fleet/simulate/scenario.h"

#include <math.h>

static void linear(struct draw *d, struct recipe *r)
{
	draw_leak(d, r, RECIPE_LEAK_STEADY);
}

static void warmup(struct draw *d, struct recipe *r)
{
	r->age_h = 0;
	r->warm_h = fmin(
		draw_log(d, (struct draw_range){0.3, 3, 1.0 / 6, 12}), 0.15 * r->hours);
	r->warm_pct = draw_even(d, (struct draw_range){6, 25, 4, 30});
	r->base_pct = fmin(r->base_pct, 35);
	draw_leak(d, r, RECIPE_LEAK_STEADY);
}

static void daily(struct draw *d, struct recipe *r)
{
	r->hours = fmax(r->hours, 60);
	r->dt_s = r->dt_s < 60 ? 60 : r->dt_s;
	draw_day(d, r);
	if (d->wide && random_chance(&d->random, 0.3)) {
		r->load.reported = false;
		r->hours = fmax(r->hours, 96);
	}
	draw_leak(d, r, RECIPE_LEAK_STEADY);
}

static void by_load(struct draw *d, struct recipe *r)
{
	r->hours = fmax(r->hours, 60);
	r->dt_s = r->dt_s < 60 ? 60 : r->dt_s;
	draw_day(d, r);
	draw_leak(d, r, RECIPE_LEAK_BY_LOAD);
}

static void under_ramp(struct draw *d, struct recipe *r)
{
	draw_load(d, r);
	r->load.ramp = random_between(&d->random, 0.4, 1.5);
	r->load.ramp_h = r->hours;
	r->load.memory_pct = draw_log(d, (struct draw_range){4, 10, 2, 12});
	draw_leak(d, r, RECIPE_LEAK_STEADY);
}

static void bursty(struct draw *d, struct recipe *r)
{
	draw_leak(d, r, RECIPE_LEAK_STEADY);
	r->burst_per_day = fmax(2, 96 / r->hours);
	r->burst_pct = draw_even(d, (struct draw_range){10, 20, 5, 30});
	r->burst_h = draw_log(d, (struct draw_range){0.1, 0.4, 0.05, 1});
}

static void gaps(struct draw *d, struct recipe *r)
{
	draw_leak(d, r, RECIPE_LEAK_STEADY);
	r->gaps = random_pick(&d->random, 1, 5);
	r->gap_h = r->hours * random_between(&d->random, 0.02, 0.08);
}

static void managed(struct draw *d, struct recipe *r)
{
	draw_managed(d, r, random_chance(&d->random, 0.5));
	r->heap.keeps = false;
	draw_leak(d, r, RECIPE_LEAK_STEADY);
}

static void managed_unseen(struct draw *d, struct recipe *r)
{
	draw_managed(d, r, false);
	draw_leak(d, r, RECIPE_LEAK_STEADY);
}

static void late(struct draw *d, struct recipe *r)
{
	draw_leak(d, r, RECIPE_LEAK_STEADY);
	r->leak.onset_h = r->hours * random_between(&d->random, 0.4, 0.65);
	r->leak.pct_per_h = fmax(r->leak.pct_per_h, 5 / (r->hours - r->leak.onset_h));
}

static void native(struct draw *d, struct recipe *r)
{
	draw_managed(d, r, true);
	draw_leak(d, r, RECIPE_LEAK_STEADY);
	r->leak.native = true;
	r->cause = "native";
}

static void restarted(struct draw *d, struct recipe *r)
{
	double least;

	r->age_h = 0;
	draw_leak(d, r, RECIPE_LEAK_STEADY);
	r->restart_h = fmin(draw_log(d, (struct draw_range){2.2, 10, 2, 48}),
		r->hours / random_between(&d->random, 3, 5));
	r->restart_nightly = random_chance(&d->random, 0.4);
	/* Each life must show some of it. */
	least = fmax(3, 5 * r->noise_pct) / r->restart_h;
	r->leak.pct_per_h = random_log_between(
		&d->random, least, fmax(least * 1.2, fmin(6, 35 / r->restart_h)));
	if (!d->wide || random_chance(&d->random, 0.6))
		r->leak.onset_h = 0;
}

static void stair(struct draw *d, struct recipe *r)
{
	draw_leak(d, r, RECIPE_LEAK_STAIR);
}

static void backlog(struct draw *d, struct recipe *r)
{
	draw_leak(d, r, RECIPE_LEAK_IN_QUEUE);
	r->queue.reported = true;
	r->queue.arrivals_per_s = random_log_between(&d->random, 1, 60);
	r->queue.excess = draw_log(d, (struct draw_range){0.1, 0.6, 0.03, 1});
	r->queue.excess_from_h = r->leak.onset_h;
	r->queue.item_pct = r->leak.pct_per_h /
			    (r->queue.arrivals_per_s * r->queue.excess * 3.6);
	r->cause = "backlog";
}

static void queue_bursts(struct draw *d, struct recipe *r)
{
	struct recipe_queue *q = &r->queue;

	q->reported = true;
	q->arrivals_per_s = random_log_between(&d->random, 3, 60);
	q->headroom = random_between(&d->random, 0.3, 0.8);
	q->burst_factor = 1 + q->headroom + random_between(&d->random, 0.2, 1.2);
	q->burst_h = draw_log(d, (struct draw_range){0.3, 1.5, 0.1, 2.5});
	q->burst_h = fmin(q->burst_h, r->hours / 25);
	q->bursts_per_day = random_between(&d->random, 6, 14) * 24 / r->hours;
}

static void under_backlog(struct draw *d, struct recipe *r)
{
	struct recipe_queue *q = &r->queue;
	double items, waiting_h;

	draw_leak(d, r, RECIPE_LEAK_BY_QUEUE);
	r->leak.onset_h = 0;
	queue_bursts(d, r);
	/* What comes in too much during a burst is done after it. */
	waiting_h = q->burst_h * (q->burst_factor - 1) / q->headroom;
	items = q->bursts_per_day / 24 * r->hours * waiting_h * 3600 *
		q->arrivals_per_s * (1 + q->headroom);
	r->leak.pct_per_h = r->leak.pct_per_h * r->hours / (items / 1000);
	q->item_pct = random_between(&d->random, 1, 10) /
		      (q->arrivals_per_s * (q->burst_factor - 1 - q->headroom) *
			      q->burst_h * 3.6);
	r->cause = "leak_under_backlog";
}

const struct scenario scenario_leaks[] = {
	{"leak_linear", false, linear},
	{"leak_linear", false, linear},
	{"leak_warmup", false, warmup},
	{"leak_daily", false, daily},
	{"leak_loadprop", false, by_load},
	{"leak_loadramp", false, under_ramp},
	{"leak_burst", false, bursty},
	{"leak_gaps", false, gaps},
	{"leak_gc", false, managed},
	{"leak_gc_rssonly", false, managed_unseen},
	{"leak_late", false, late},
	{"leak_native", false, native},
	{"leak_restart", false, restarted},
	{"leak_restart", false, restarted},
	{"leak_stair", false, stair},
	{"leak_backlog", false, backlog},
	{"leak_only_backlog", false, under_backlog},
};
const size_t scenario_leak_count = sizeof(scenario_leaks) / sizeof(*scenario_leaks);
