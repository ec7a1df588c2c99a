#include "tests/fleet/simulate/sets.h"

#include "tests/fleet/simulate/scenario.h"

#include <math.h>
#include <string.h>

static void add_single(struct set *out, struct draw *d, const struct scenario *s)
{
	struct recipe recipe;
	char service[32];

	scenario_make(s, d, &recipe);
	snprintf(service, sizeof(service), "svc-s%03d", out->singles++);
	set_add(out, &recipe, service);
}

/* Which hosts run the newer version: half of them, or any share, or one canary. */
static int newer_hosts(struct draw *d, int hosts)
{
	if (!d->wide)
		return hosts / 2;
	if (random_chance(&d->random, 0.15))
		return 1;
	return random_pick(&d->random, 1, hosts);
}

static void add_fleet(struct set *out, struct draw *d, const struct scenario *s)
{
	int hosts = d->wide ? random_pick(&d->random, 4, 20) : 6;
	int newer = newer_hosts(d, hosts);
	struct recipe shared, recipe;
	char service[32];

	scenario_make(s, d, &shared);
	snprintf(service, sizeof(service), "svc-f%02d", out->fleets++);
	for (int i = 0; i < hosts; i++) {
		scenario_make_host(&shared, d,
			&(struct scenario_host){i, hosts, i < newer}, &recipe);
		set_add(out, &recipe, service);
	}
}

/* Every scenario once, then again; the order within a round is drawn. */
struct deck {
	const struct scenario *cards;
	size_t count, next;
	size_t order[32];
	bool own; /* with scenarios of our own */
};

static const struct scenario *deal(struct deck *k, struct draw *d)
{
	const struct scenario *card;

	do {
		if (k->next == 0)
			for (size_t i = 0; i < k->count; i++)
				k->order[i] = i;
		if (k->next < k->count) {
			size_t j = (size_t)random_pick(
				&d->random, (int)k->next, (int)k->count - 1);
			size_t swap = k->order[j];

			k->order[j] = k->order[k->next];
			k->order[k->next] = swap;
		}
		card = &k->cards[k->order[k->next]];
		k->next = (k->next + 1) % k->count;
	} while (card->own && !k->own);
	return card;
}

/* Fleets are a third of the series; of the single ones two of five leak. */
static void write_mixed(struct set *out, uint64_t seed, int count, bool wide)
{
	struct deck leaks = {scenario_leaks, scenario_leak_count, 0, {0}, wide};
	struct deck healthy = {scenario_healthy, scenario_healthy_count, 0, {0}, wide};
	struct deck fleets = {scenario_fleets, scenario_fleet_count, 0, {0}, wide};
	int in_fleets = 0;
	struct draw d = {.wide = wide};

	random_init(&d.random, seed);
	while (out->count < count) {
		if (3 * in_fleets < out->count && count - out->count >= 6) {
			int before = out->count;

			add_fleet(out, &d, deal(&fleets, &d));
			in_fleets += out->count - before;
		} else if (random_chance(&d.random, 0.45)) {
			add_single(out, &d, deal(&leaks, &d));
		} else {
			add_single(out, &d, deal(&healthy, &d));
		}
	}
}

static void write_wide(struct set *out, uint64_t seed, int count)
{
	write_mixed(out, seed, count, true);
}

static void write_public(struct set *out, uint64_t seed, int count)
{
	write_mixed(out, seed, count, false);
}

static void write_fleets(struct set *out, uint64_t seed, int count)
{
	struct deck fleets = {scenario_fleets, scenario_fleet_count, 0, {0}, true};
	struct draw d = {.wide = true};

	random_init(&d.random, seed);
	while (out->count < count)
		add_fleet(out, &d, deal(&fleets, &d));
}

/* A pod as recorded ones look: a level with slow wander, now and then another level,
 * bursts of heavy-tailed size, a minute between samples, less than a day. */
static void make_pod(struct draw *d, struct recipe *r)
{
	struct random *x = &d->random;

	*r = (struct recipe){.scenario = "pod", .cause = "none", .dt_s = 60};
	r->seed = random_next(x);
	r->start_s = 1760000000 + 60 * random_pick(x, 0, 1440);
	r->hours = round(random_between(x, 11, 24));
	r->limit_kb = floor(random_log_between(x, 128, 4096)) * 1024;
	r->base_pct = random_between(x, 10, 50);
	r->noise_pct = random_log_between(x, 0.03, 0.8);
	r->noise_rho = random_between(x, 0.2, 0.95);
	r->white_pct = random_log_between(x, 0.005, 0.2);
	r->wander_pct = random_log_between(x, 0.05, 1.2);
	r->wander_h = random_log_between(x, 0.5, 4);
	r->shift_per_day = random_chance(x, 0.5) ? random_between(x, 0.5, 5) : 0;
	r->shift_pct = random_log_between(x, 0.2, 3);
	r->burst_per_day = random_chance(x, 0.6) ? random_log_between(x, 1, 40) : 0;
	r->burst_pct = random_log_between(x, 0.3, 4);
	r->burst_h = random_log_between(x, 0.03, 0.6);
	r->burst_heavy = true;
	if (random_chance(x, 0.35)) {
		r->warm_pct = random_log_between(x, 0.5, 8);
		r->warm_h = random_log_between(x, 0.1, 2);
	}
	if (random_chance(x, 0.3))
		draw_managed(d, r, false);
	if (random_chance(x, 0.3))
		r->age_h = random_between(x, 5, 300);
	r->daily_pct = random_chance(x, 0.4) ? random_log_between(x, 0.2, 2) : 0;
	r->daily_peak_h = random_between(x, 0, 24);
	r->daily_weekend = 1;
}

static void write_pods(struct set *out, uint64_t seed, int count)
{
	struct draw d = {.wide = true};
	struct recipe recipe;
	char service[32];

	random_init(&d.random, seed);
	while (out->count < count) {
		make_pod(&d, &recipe);
		if (out->count % 2 != 0) {
			recipe.scenario = "leak_pod";
			recipe.cause = "leak";
			recipe.leak.mode = RECIPE_LEAK_STEADY;
			recipe.leak.pct_per_h = random_between(&d.random, 0.5, 2.5);
			recipe.leak.native = true;
			if (random_chance(&d.random, 0.5))
				recipe.leak.onset_h = recipe.hours *
						      random_between(
							      &d.random, 0.1, 0.4);
		}
		snprintf(service, sizeof(service), "svc-s%03d", out->singles++);
		set_add(out, &recipe, service);
	}
}

const struct sets_kind sets_kinds[] = {
	{"public", "as the public set: its scenarios and ranges", 120, write_public},
	{"wide", "every scenario, wider ranges, healthy ones of our own", 400,
		write_wide},
	{"fleet", "fleets of 4 to 20 only", 400, write_fleets},
	{"pods", "day-old pods with bursts and shifts; half leak", 390, write_pods},
	{"must",
		"20 instances for 7 days: leaks and healthy services, of one limit or "
		"2",
		2, sets_write_must},
	{"linear", "linear leaks of many rates, for intervals", 300, sets_write_linear},
	{"power", "rates times hosts, for the power table", 5, sets_write_power},
};
const size_t sets_kind_count = sizeof(sets_kinds) / sizeof(*sets_kinds);
