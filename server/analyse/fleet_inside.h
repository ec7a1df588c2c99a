/*
 * Fleet, inside: what fleet.c, fleet_step.c and their helpers share.  For nobody else.
 */
#ifndef TIDEMARK_SERVER_ANALYSE_FLEET_INSIDE_H
#define TIDEMARK_SERVER_ANALYSE_FLEET_INSIDE_H

#include "server/analyse/fleet.h"
#include "server/analyse/slot.h"
#include "server/analyse/warmup.h"

#include <uthash.h>

struct fleet_service_state;

struct fleet_part_text {
	char *name, *value;
};

/* How long the versions of a service say something together, by tier. */
struct fleet_hold {
	uint32_t early_s, confirmed_s; /* without a break; 0: not now */
};

struct fleet_version_state {
	int64_t id; /* fingerprint */
	struct fleet_service_state *service;
	char *name;
	struct fleet_part_text *parts;
	size_t part_count;
	bool lacks_parts;
	struct fleet_seat_state *seats; /* that run it now */
	size_t seat_count;
	int64_t first_ms; /* its first process started */
	bool judged;      /* a seat of it was */
	bool changed;     /* a seat of it says something else, came or went */
	int64_t told_ms;

	struct fleet_hold cohort[TRACE_TIERS], pool[TRACE_TIERS];
	int64_t bins[TRACE_TIERS]; /* last ones that were judged together */
	uint32_t early_until_s, confirmed_until_s;
	enum analyse_level level; /* of the slots together, not of single ones */
	size_t tier;              /* that speaks */
	bool by_cohort;
	struct analyse_rate rate;
	struct analyse_moment onset;
	double detectable_kb_h[TRACE_TIERS]; /* against the older one, 0: not known */
	char reason[256];

	struct fleet_version_state *next; /* of the same service */
	UT_hash_handle hh;
};

struct fleet_event_state {
	enum fleet_event_kind kind;
	int64_t at_ms;
	char text[64];
};

enum { FLEET_EVENTS = 32 };

struct fleet_service_state {
	int64_t id;
	char *name;
	enum analyse_sensitivity sensitivity;
	struct warmup learnt;
	struct fleet_version_state *versions;
	struct fleet_event_state events[FLEET_EVENTS]; /* a ring */
	size_t event_count;
	bool changed; /* a level or kind did: its causes are found anew */
	/* What was last found, until it is found anew. */
	struct arena kept;
	struct fleet_finding *findings;
	size_t finding_count;
	int64_t found_ms;
	UT_hash_handle hh;
};

/* What was last said of a seat, without the words. */
struct fleet_told {
	enum analyse_verdict verdict;
	enum analyse_level level;
	enum analyse_kind kind;
	int64_t at_ms; /* 0: never */
	int64_t wait_s;
	float kb_h, low_kb_h, high_kb_h; /* NAN: not known */
	struct analyse_moment onset, exhaust;
};

struct fleet_seat_state {
	int64_t id; /* of the slot */
	struct fleet_seat seat;
	struct slot *slot;
	struct fleet_service_state *service;
	struct fleet_version_state *version;
	struct fleet_seat_state *next_of_version, **link_of_version;
	int64_t life_id;
	bool silent;
	bool judged;        /* since the step before */
	bool due;           /* for being told of */
	bool doubtful;      /* confirmed, but among so many some are by chance */
	double distance_ms; /* usual, of readings */
	struct fleet_told told;
	UT_hash_handle hh;
};

struct fleet {
	struct fleet_seat_state *seats;
	struct fleet_version_state *versions;
	struct fleet_service_state *services;
	int64_t now_ms;
	struct arena scratch;
};

struct fleet_service_state *fleet_service(struct fleet *f, int64_t id);
struct fleet_version_state *fleet_version(
	struct fleet *f, int64_t service_id, int64_t fingerprint_id);

struct slot_context fleet_context(struct fleet *f, const struct fleet_seat_state *s);

/* The level that the service's sensitivity makes of what a slot says. */
enum analyse_level fleet_level(const struct fleet_seat_state *s,
	const struct slot_state *state, int64_t now_ms);

/* What the slots of a version say together: pooled, and against another version.
 * Whether its level changed. */
bool fleet_version_judge(
	struct fleet *f, struct fleet_version_state *v, int64_t now_ms);

/* What a version says, from what was last told of its seats: see fleet_finding.c. */
void fleet_version_tell(struct fleet *f, struct fleet_version_state *v, struct arena *a,
	struct fleet_version_result *out);

enum { FLEET_CAUSES = 2 }; /* of one service, at most */

/* Returns how many there are. */
size_t fleet_find(struct fleet *f, struct fleet_service_state *o, struct arena *a,
	struct fleet_finding *out);

/* See explain.c. */
void fleet_explain(struct fleet *f, const struct fleet_seat_state *s, struct arena *a,
	struct fleet_slot *out);

#endif
