/* Sets that answer one question each: must-holds, honest intervals, power. */
#include "tests/fleet/simulate/scenario.h"
#include "tests/fleet/simulate/sets.h"

#include <math.h>
#include <string.h>

enum { MUST_HOSTS = 20 };

/* A service with some traffic by day, a minute between samples. */
static void make_service(struct draw *d, struct recipe *r)
{
	struct random *x = &d->random;

	*r = (struct recipe){.cause = "none", .dt_s = 60, .hours = 168};
	r->seed = random_next(x);
	r->start_s = 1760000000 + 3600 * random_pick(x, 0, 167);
	r->limit_kb = 1400 * 1024;
	r->base_pct = random_between(x, 25, 35);
	r->noise_pct = random_between(x, 0.15, 0.4);
	r->noise_rho = random_between(x, 0.6, 0.95);
	r->white_pct = 0.05;
	draw_load(d, r);
	r->load.memory_pct = random_between(x, 1, 3);
	r->age_h = 400;
}

static void draw_must_day(struct draw *d, struct recipe *r)
{
	draw_day(d, r);
	r->load.daily = random_between(&d->random, 0.3, 0.6);
	r->load.memory_pct = random_between(&d->random, 3, 8);
}

static void steady(struct draw *d, struct recipe *r)
{
	(void)d;
	(void)r;
}

static void warm_deploy(struct draw *d, struct recipe *r)
{
	r->deploy_at_h = 48;
	r->deploy_restarts = true;
	r->warm_h = random_between(&d->random, 0.7, 4);
	r->warm_pct = random_between(&d->random, 8, 18);
}

static void cache_fill(struct draw *d, struct recipe *r)
{
	r->age_h = 0;
	r->cache_h = 10;
	r->cache_pct = random_between(&d->random, 10, 25);
}

static void nightly_batch(struct draw *d, struct recipe *r)
{
	r->batch_at_h = random_between(&d->random, 1, 23);
	r->batch_h = random_between(&d->random, 1, 3);
	r->batch_pct = random_between(&d->random, 10, 25);
}

static void version_step(struct draw *d, struct recipe *r)
{
	r->deploy_at_h = 72;
	r->deploy_restarts = true;
	r->deploy_step_pct = random_between(&d->random, 4, 12);
}

static void doubling(struct draw *d, struct recipe *r)
{
	draw_must_day(d, r);
	r->load.ramp = 1;
	r->load.ramp_from_h = 48;
	r->load.ramp_h = 24;
}

static void must_leak(struct recipe *r, double mb_per_h, double restart_h)
{
	r->leak.mode = RECIPE_LEAK_STEADY;
	r->leak.pct_per_h = 100 * mb_per_h * 1024 / r->limit_kb;
	r->cause = "leak";
	r->restart_h = restart_h;
	r->restart_nightly = true;
	r->age_h = 0;
}

static void leak_3(struct draw *d, struct recipe *r)
{
	draw_must_day(d, r);
	must_leak(r, 3, 0);
}

static void leak_3_deploy(struct draw *d, struct recipe *r)
{
	draw_must_day(d, r);
	must_leak(r, 3, 0);
	r->age_h = 400;
	r->deploy_at_h = 48;
	r->deploy_restarts = true;
	r->leak.onset_h = 48;
}

static void leak_10_nightly(struct draw *d, struct recipe *r)
{
	draw_must_day(d, r);
	must_leak(r, 10, 24);
}

static void leak_30_six_hourly(struct draw *d, struct recipe *r)
{
	draw_must_day(d, r);
	must_leak(r, 30, 6);
}

static const struct scenario must_healthy[] = {
	{"must_steady", true, steady},
	{"must_daily", true, draw_must_day},
	{"must_deploy_warmup", true, warm_deploy},
	{"must_cache_fill", true, cache_fill},
	{"must_nightly_batch", true, nightly_batch},
	{"must_version_step", true, version_step},
	{"must_traffic_doubling", true, doubling},
};

static const struct scenario must_leaks[] = {
	{"leak_must_3", true, leak_3},
	{"leak_must_3_deploy", true, leak_3_deploy},
	{"leak_must_10_nightly", true, leak_10_nightly},
	{"leak_must_30_six_hourly", true, leak_30_six_hourly},
};

/* All hosts get the newer version, one after the other within half an hour. */
static void add_service(struct set *out, struct draw *d, const struct recipe *shared,
	int hosts, const char *service)
{
	struct recipe recipe;

	for (int i = 0; i < hosts; i++) {
		scenario_make_host(
			shared, d, &(struct scenario_host){i, hosts, true}, &recipe);
		if (shared->leak.mode != RECIPE_LEAK_NONE)
			recipe.leak.pct_per_h = shared->leak.pct_per_h;
		set_add(out, &recipe, service);
	}
}

static void add_must(
	struct set *out, struct draw *d, const struct scenario *s, double limit_mb)
{
	struct recipe shared;
	char service[32];

	make_service(d, &shared);
	shared.limit_kb = limit_mb * 1024;
	shared.scenario = s->name;
	if (random_chance(&d->random, 0.5))
		draw_managed(d, &shared, random_chance(&d->random, 0.5));
	s->make(d, &shared);
	snprintf(service, sizeof(service), "%s-%.0f", s->name, limit_mb);
	add_service(out, d, &shared, MUST_HOSTS, service);
}

void sets_write_must(struct set *out, uint64_t seed, int count)
{
	struct draw d = {.wide = true};

	random_init(&d.random, seed);
	for (size_t i = 0; i < sizeof(must_leaks) / sizeof(*must_leaks); i++)
		add_must(out, &d, &must_leaks[i], 1400);
	for (size_t i = 0; i < sizeof(must_healthy) / sizeof(*must_healthy); i++)
		for (size_t k = 0; k < 2; k++)
			if (count > 1 || i % 2 == k)
				add_must(
					out, &d, &must_healthy[i], k == 0 ? 1400 : 512);
}

/* ---- linear leaks */

static void make_linear(struct draw *d, int group, struct recipe *r)
{
	static const char *const names[] = {"leak_native", "leak_managed", "leak_daily",
		"leak_noisy", "leak_restarts"};
	struct random *x = &d->random;
	double growth = random_log_between(x, 12, 55);

	make_service(d, r);
	r->scenario = names[group];
	r->limit_kb = floor(random_log_between(x, 256, 8192)) * 1024;
	r->hours = round(random_log_between(x, 36, 240));
	r->dt_s = r->hours > 120 ? 120 : 60;
	r->noise_pct = random_log_between(x, 0.05, 0.5);
	r->noise_rho = random_between(x, 0, 0.95);
	r->age_h = 0;
	must_leak(r, 1, 0);
	if (group == 1)
		draw_managed(d, r, random_chance(x, 0.5));
	if (group == 2)
		draw_must_day(d, r);
	if (group == 3)
		r->noise_pct = random_log_between(x, 0.5, 2);
	if (group == 4)
		r->restart_h = r->hours / random_between(x, 4, 9);
	r->leak.pct_per_h = fmin(
		growth / (group == 4 ? r->restart_h * 1.5 : r->hours), 6);
	r->leak.onset_h = group != 4 && random_chance(x, 0.5)
				  ? r->hours * random_between(x, 0.1, 0.3)
				  : 0;
}

void sets_write_linear(struct set *out, uint64_t seed, int count)
{
	struct draw d = {.wide = true};
	struct recipe recipe;
	char service[32];

	random_init(&d.random, seed);
	while (out->count < count) {
		make_linear(&d, out->count % 5, &recipe);
		snprintf(service, sizeof(service), "svc-s%03d", out->singles++);
		set_add(out, &recipe, service);
	}
}

/* ---- power: how long until a leak of some rate is found on so many hosts */

static void add_power(
	struct set *out, struct draw *d, double rate, int hosts, int round)
{
	struct recipe shared;
	char service[64], scenario[64];

	make_service(d, &shared);
	draw_must_day(d, &shared);
	shared.base_pct = random_between(&d->random, 20, 30);
	shared.deploy_at_h = 24;
	shared.deploy_restarts = true;
	shared.hours = 24 + fmin(fmax(45 / rate, 24), 240);
	shared.dt_s = shared.hours > 180 ? 120 : 60;
	shared.leak.mode = RECIPE_LEAK_STEADY;
	shared.leak.pct_per_h = rate;
	shared.leak.onset_h = 24;
	shared.cause = "version";
	snprintf(scenario, sizeof(scenario), "leak_power_%g_%d", rate, hosts);
	shared.scenario = scenario;
	snprintf(service, sizeof(service), "power-%g-%d-%d", rate, hosts, round);
	add_service(out, d, &shared, hosts, service);
}

void sets_write_power(struct set *out, uint64_t seed, int count)
{
	static const double rates[] = {0.05, 0.1, 0.2, 0.5, 1, 2, 5};
	static const int hosts[] = {1, 3, 10, 20};
	struct draw d = {.wide = true};

	random_init(&d.random, seed);
	for (int round = 0; round < count; round++)
		for (size_t i = 0; i < sizeof(rates) / sizeof(*rates); i++)
			for (size_t k = 0; k < sizeof(hosts) / sizeof(*hosts); k++)
				add_power(out, &d, rates[i], hosts[k], round);
}
