/* Scenarios of several hosts, and how single hosts differ. */
#include "tests/fleet/simulate/scenario.h"

#include <math.h>
#include <string.h>

/* What a healthy process may need at its worst, beyond its base. */
static double most_pct(const struct recipe *r)
{
	double load = r->load.memory_pct *
		      ((1 + fmax(r->load.ramp, 0)) * (1 + 1.3 * r->load.daily) *
				      exp(3 * r->load.noise) -
			      1);

	return load + 1.2 * r->daily_pct + r->warm_pct + r->cache_pct + r->second_pct +
	       r->log_pct * log1p(r->log_h > 0 ? r->hours / r->log_h : 0) + r->saw_pct +
	       r->batch_pct + 1.7 * r->burst_pct + 1.8 * r->high_pct +
	       r->heap.plateau_pct + 1.4 * r->heap.garbage_pct +
	       fmax(r->deploy_step_pct, 0) + r->step_pct[0] + 3 * r->noise_pct;
}

void scenario_make(const struct scenario *s, struct draw *d, struct recipe *r)
{
	memset(r, 0, sizeof(*r));
	draw_process(d, r);
	r->scenario = s->name;
	s->make(d, r);
	/* Only a leak may reach the limit. */
	r->base_pct = fmax(5, fmin(r->base_pct, 90 - most_pct(r)));
}

static void deploy(struct draw *d, struct recipe *r)
{
	r->hours = fmax(r->hours, 24);
	r->dt_s = r->dt_s < 30 ? 30 : r->dt_s;
	if (r->hours > 75 && r->dt_s < 60)
		r->dt_s = 60;
	if (random_chance(&d->random, 0.4))
		draw_day(d, r);
	else
		draw_load(d, r);
	if (!d->wide)
		draw_native(r);
	r->deploy_at_h = r->hours * random_between(&d->random, 0.2, 0.45);
	r->deploy_restarts = true;
	r->deploy_step_pct = random_between(&d->random, -1, 1);
}

static void version_leak(struct draw *d, struct recipe *r)
{
	deploy(d, r);
	draw_leak(d, r, RECIPE_LEAK_STEADY);
	r->leak.onset_h = r->deploy_at_h;
	r->leak.pct_per_h = fmin(r->leak.pct_per_h, 45 / (r->hours - r->deploy_at_h));
	r->cause = "version";
}

static void version_step(struct draw *d, struct recipe *r)
{
	deploy(d, r);
	r->deploy_step_pct = random_between(&d->random, 1, 10);
}

static void version_daily(struct draw *d, struct recipe *r)
{
	deploy(d, r);
	r->hours = fmax(r->hours, 60);
	draw_day(d, r);
}

static void version_ramp(struct draw *d, struct recipe *r)
{
	deploy(d, r);
	draw_load(d, r);
	r->load.ramp = random_between(&d->random, 1, 3);
	r->load.ramp_h = r->hours;
	r->load.memory_pct = random_between(&d->random, 2, 8);
}

static void version_warmup(struct draw *d, struct recipe *r)
{
	deploy(d, r);
	r->age_h = random_chance(&d->random, 0.5) ? 0 : 500;
	r->warm_h = fmin(random_log_between(&d->random, 1.0 / 6, 12), r->hours / 8);
	r->warm_pct = random_between(&d->random, 4, 25);
	r->base_pct = fmin(r->base_pct, 45);
}

static void version_cache(struct draw *d, struct recipe *r)
{
	version_warmup(d, r);
	r->cache_h = fmin(random_log_between(&d->random, 2, 30), r->hours / 3);
	r->cache_pct = r->warm_pct;
	r->warm_h = 0;
}

static void steady_restarts(struct draw *d, struct recipe *r)
{
	deploy(d, r);
	r->deploy_at_h = 0;
	r->restart_h = random_log_between(&d->random, 6, 48);
	r->warm_h = fmin(random_log_between(&d->random, 0.2, 3), r->restart_h / 4);
	r->warm_pct = random_between(&d->random, 2, 15);
}

static void all_leak(struct draw *d, struct recipe *r)
{
	deploy(d, r);
	r->deploy_at_h = 0;
	draw_leak(d, r, RECIPE_LEAK_STEADY);
}

static void all_leak_restart(struct draw *d, struct recipe *r)
{
	all_leak(d, r);
	r->hours = fmax(r->hours, 72);
	r->dt_s = 60;
	r->restart_h = random_chance(&d->random, 0.5)
			       ? 24
			       : random_between(&d->random, 6, 20);
	r->restart_nightly = true;
	r->age_h = 0;
	r->leak.onset_h = 0;
	r->leak.pct_per_h = random_log_between(&d->random, 2, 12) / r->restart_h;
}

const struct scenario scenario_fleets[] = {
	{"fleet_version_leak", false, version_leak},
	{"fleet_version_step", false, version_step},
	{"fleet_version_leak", false, version_leak},
	{"fleet_daily", false, version_daily},
	{"fleet_version_leak", false, version_leak},
	{"fleet_loadramp", false, version_ramp},
	{"fleet_version_leak", false, version_leak},
	{"fleet_warmup", true, version_warmup},
	{"leak_fleet_all", true, all_leak},
	{"fleet_cache_fill", true, version_cache},
	{"leak_fleet_restart", true, all_leak_restart},
	{"fleet_restarts", true, steady_restarts},
};
const size_t scenario_fleet_count = sizeof(scenario_fleets) / sizeof(*scenario_fleets);

void scenario_make_host(const struct recipe *shared, struct draw *d,
	const struct scenario_host *host, struct recipe *out)
{
	struct random *x = &d->random;

	*out = *shared;
	out->seed = random_next(x);
	out->base_pct *= random_between(x, 0.94, 1.06);
	out->noise_pct *= random_between(x, 0.7, 1.4);
	out->load.mean_per_s *= random_between(x, 0.96, 1.04);
	if (out->restart_h > 0 && out->restart_nightly)
		out->restart_h += 0.01 * host->index; /* one after the other */
	if (out->leak.mode != RECIPE_LEAK_NONE)
		out->leak.pct_per_h *= random_between(x, 0.7, 1.3);
	if (shared->deploy_at_h <= 0)
		return;
	if (!host->newer) {
		out->deploy_at_h = 0;
		out->leak.mode = RECIPE_LEAK_NONE;
		out->cause = "none";
		return;
	}
	out->deploy_at_h += host->index * random_between(x, 0.01, 0.05);
	if (out->leak.mode != RECIPE_LEAK_NONE)
		out->leak.onset_h = out->deploy_at_h;
}
