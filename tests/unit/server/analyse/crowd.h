/*
 * Crowd: many made-up processes in one fleet, for the tests of what they say together.
 *
 * Members are read minute by minute, side by side; the fleet steps every five.
 */
#ifndef TIDEMARK_TESTS_UNIT_SERVER_ANALYSE_CROWD_H
#define TIDEMARK_TESTS_UNIT_SERVER_ANALYSE_CROWD_H

#include "server/analyse/fleet.h"
#include "tests/unit/cmocka_all.h"
#include "tests/unit/server/analyse/process.h"

#include <stdio.h>
#include <string.h>

enum { CROWD_MOST = 32, CROWD_STEP_MIN = 5 };

struct crowd_member {
	struct fleet_seat seat;
	struct process p;
	double mib, leaks_mib_h; /* since its start */
	double items_h;          /* that its queue gains, of 10 KiB each */
	double restarts_h;       /* how often; 0: never */
	int64_t silent_from_ms;  /* 0: never */
};

struct crowd {
	struct crowd_member members[CROWD_MOST];
	size_t count;
	int64_t now_ms;
};

static inline struct crowd_member *crowd_add(
	struct crowd *c, int64_t service_id, int64_t fingerprint_id, double leaks_mib_h)
{
	struct crowd_member *m = &c->members[c->count++];
	int64_t id = (int64_t)c->count;
	*m = (struct crowd_member){.seat = {id, service_id, 100 + id},
		.p = process_of((uint64_t)id),
		.mib = 110 + 3 * (double)id,
		.leaks_mib_h = leaks_mib_h};
	m->p.life.id = 1000 * id;
	m->p.life.fingerprint_id = fingerprint_id;
	m->p.at_ms += 1000 * id; /* not all at the same second */
	m->p.life.started_ms = m->p.at_ms;
	c->now_ms = PROCESS_T0_MS;
	return m;
}

static inline struct reading crowd_read(struct crowd_member *m)
{
	struct process *p = &m->p;
	if (m->restarts_h > 0 && process_age_h(p) >= m->restarts_h)
		process_restart(p);
	double age_h = process_age_h(p), items = m->items_h * age_h;
	struct reading r = process_read(
		p, m->mib + m->leaks_mib_h * age_h + items * 10 / 1024);
	if (m->items_h > 0) {
		r.depth = floor(items);
		r.arrivals = 40;
		r.completions = 40 - m->items_h / 60;
	}
	return r;
}

/* Reads every member up to the clock, by turns; `backwards`: last one first. */
static inline void crowd_read_all(
	struct crowd *c, struct fleet *f, struct fleet *twin, bool backwards)
{
	for (size_t i = 0; i < c->count; i++) {
		struct crowd_member *m = &c->members[backwards ? c->count - 1 - i : i];
		while (m->p.at_ms <= c->now_ms) {
			struct reading r = crowd_read(m);
			if (m->silent_from_ms && r.at_ms >= m->silent_from_ms)
				continue;
			fleet_put(f, &m->seat, &m->p.life, &r);
			if (twin)
				fleet_put(twin, &m->seat, &m->p.life, &r);
		}
	}
}

static inline void crowd_live(struct crowd *c, struct fleet *f, double hours,
	struct arena *a, struct fleet_report *out)
{
	for (double min = 0; min < 60 * hours - 0.01; min++) {
		c->now_ms += 60000;
		crowd_read_all(c, f, NULL, false);
		if (c->now_ms / 60000 % CROWD_STEP_MIN)
			continue;
		arena_reset(a);
		fleet_step(f, c->now_ms, a, out);
	}
}

/* "shop 1.4.2, with @pm2/io 4.2.1", say. */
static inline void crowd_tell(struct fleet *f, int64_t service_id,
	int64_t fingerprint_id, const char *version, const char *dependency)
{
	const struct fleet_part parts[] = {{"version", version},
		{"runtime", "node v20.1.0"}, {"@pm2/io", dependency}};
	struct fleet_version v = {
		service_id, fingerprint_id, "shop", version, parts, 3};
	fleet_tell_version(f, &v);
}

static inline bool crowd_says(const struct analyse_reasons *r, const char *part)
{
	for (size_t i = 0; i < r->count; i++)
		if (strstr(r->items[i].text, part))
			return true;
	return false;
}

#endif
