#include "tests/fleet/simulate/draw.h"

#include <math.h>
#include <stddef.h>

double draw_even(struct draw *d, struct draw_range range)
{
	return d->wide ? random_between(&d->random, range.wide_lo, range.wide_hi)
		       : random_between(&d->random, range.narrow_lo, range.narrow_hi);
}

double draw_log(struct draw *d, struct draw_range range)
{
	return d->wide ? random_log_between(&d->random, range.wide_lo, range.wide_hi)
		       : random_log_between(
				 &d->random, range.narrow_lo, range.narrow_hi);
}

static void draw_length(struct draw *d, struct recipe *r)
{
	/* Of a hundred of the public set's services, about so many. */
	static const struct {
		int share, dt_s;
		double hours;
	} narrow[] = {{8, 10, 8}, {8, 10, 12}, {11, 30, 24}, {16, 30, 36}, {10, 60, 72},
		{22, 60, 96}, {7, 300, 168}, {13, 300, 240}, {5, 300, 336}};
	static const int steps[] = {10, 15, 30, 60, 120, 300};
	size_t i = 0;

	if (d->hours > 0) {
		r->hours = d->hours;
		r->dt_s = d->dt_s;
		return;
	}
	if (!d->wide) {
		int at = random_pick(&d->random, 0, 99);

		while (at >= narrow[i].share)
			at -= narrow[i++].share;
		r->hours = narrow[i].hours;
		r->dt_s = narrow[i].dt_s;
		return;
	}
	r->hours = round(random_log_between(&d->random, 8, 336));
	do {
		r->dt_s = steps[random_pick(&d->random, 0, 5)];
	} while (r->hours * 3600 / r->dt_s > 9000 || r->hours * 3600 / r->dt_s < 350);
}

static void draw_limit(struct draw *d, struct recipe *r)
{
	static const int narrow_mb[] = {256, 384, 512, 1024, 2048, 4096};

	if (d->wide)
		r->limit_kb = floor(random_log_between(&d->random, 128, 8192)) * 1024;
	else
		r->limit_kb = narrow_mb[random_pick(&d->random, 0, 5)] * 1024;
}

void draw_load(struct draw *d, struct recipe *r)
{
	struct recipe_load *l = &r->load;

	l->reported = true;
	l->mean_per_s = random_log_between(&d->random, 2, 300);
	l->noise = draw_even(d, (struct draw_range){0.03, 0.12, 0.02, 0.2});
	l->noise_h = draw_log(d, (struct draw_range){0.1, 0.6, 0.05, 3});
	l->jitter = draw_even(d, (struct draw_range){0.02, 0.08, 0, 0.12});
	l->seed = random_next(&d->random) | 1;
	l->memory_pct = draw_log(d, (struct draw_range){1, 4, 0.3, 6});
}

void draw_day(struct draw *d, struct recipe *r)
{
	draw_load(d, r);
	r->load.daily = random_between(&d->random, 0.3, 0.7);
	r->load.harmonic = random_between(&d->random, 0, 0.25);
	r->load.peak_h = random_between(&d->random, 0, 24);
	r->load.memory_pct = draw_log(d, (struct draw_range){4, 10, 2, 20});
	if (d->wide && random_chance(&d->random, 0.3))
		r->load.weekend = random_between(&d->random, 0.3, 0.8);
}

void draw_native(struct recipe *r)
{
	r->heap = (struct recipe_heap){.managed = false};
}

void draw_managed(struct draw *d, struct recipe *r, bool hook)
{
	struct recipe_heap *h = &r->heap;

	h->managed = true;
	h->hook = hook;
	h->live_share = random_between(&d->random, 0.2, 0.5);
	h->garbage_pct = draw_log(d, (struct draw_range){1, 5, 0.5, 10});
	h->every_h = draw_log(d, (struct draw_range){0.15, 2.5, 0.05, 4});
	h->slack = random_between(&d->random, 1.05, 1.4);
	h->keeps = random_chance(&d->random, 0.35);
	h->plateau_h = 0;
}

void draw_process(struct draw *d, struct recipe *r)
{
	struct random *x = &d->random;

	draw_limit(d, r);
	draw_length(d, r);
	r->start_s = 1760000000;
	if (d->wide)
		r->start_s += 60 * random_pick(x, 0, 7 * 24 * 60);
	r->seed = random_next(x);
	r->cause = "none";
	r->base_pct = draw_even(d, (struct draw_range){20, 45, 10, 60});
	r->noise_pct = draw_log(d, (struct draw_range){0.08, 0.6, 0.05, 2});
	r->noise_rho = draw_even(d, (struct draw_range){0.5, 0.95, 0, 0.95});
	r->white_pct = draw_log(d, (struct draw_range){0.02, 0.1, 0.01, 0.2});
	if (random_chance(x, 0.7))
		draw_load(d, r);
	if (random_chance(x, 0.4))
		draw_managed(d, r, random_chance(x, 0.6));
	if (d->wide && random_chance(x, 0.25))
		r->age_h = random_log_between(x, 5, 500);
}

static double growth_pct(struct draw *d, const struct recipe *r, double hours)
{
	double least = fmax(5, 5 * r->noise_pct);
	double most = fmin(80 - r->base_pct, 0.5 * (100 - r->base_pct) + 15);
	double growth = random_log_between(&d->random, least, fmax(most, least + 3));
	double slowest = d->wide ? 0.03 : 0.05, fastest = d->wide ? 6 : 5;

	return fmin(fmax(growth, slowest * hours), fastest * hours);
}

void draw_leak(struct draw *d, struct recipe *r, enum recipe_leak_mode mode)
{
	struct recipe_leak *l = &r->leak;

	l->mode = mode;
	if (random_chance(&d->random, 0.6))
		l->onset_h = r->hours * random_between(&d->random, 0.1, 0.5);
	l->pct_per_h = growth_pct(d, r, r->hours - l->onset_h) /
		       (r->hours - l->onset_h);
	if (mode == RECIPE_LEAK_STAIR)
		l->lumps_per_h = random_between(&d->random, 10, 40) /
				 (r->hours - l->onset_h);
	r->cause = "leak";
}
