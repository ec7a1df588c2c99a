/*
 * Headcount: from what a process counted in its heap to a census.
 *
 * Each kind is asked for by itself and answers
 *     {kind, items: [[name, "path:line:column", count, most in one place]], found, cut,
 *      floor: bytes in use right after the collection, us: how long it took}
 * or {error}.  The process is not trusted: numbers are checked, texts that are no names
 * become "[key]", places that are none "".
 *
 * Caller's storage; texts in the arena given.  Pure.
 */
#ifndef TIDEMARK_AGENT_INSIDES_HEADCOUNT_H
#define TIDEMARK_AGENT_INSIDES_HEADCOUNT_H

#include "agent/capture/door.h"
#include "common/arena.h"
#include "schema/insight.h"

struct json_t;

enum { HEADCOUNT_KINDS = 3 };

/* "listeners", "timers", "closures": of enum census_kind, in its order. */
extern const char *const headcount_kinds[HEADCOUNT_KINDS];

/* What a process only has to look up; for the others its heap is walked. */
#define HEADCOUNT_LIGHT (1U << (CENSUS_TIMERS - CENSUS_LISTENERS))
#define HEADCOUNT_ALL   ((1U << HEADCOUNT_KINDS) - 1)

struct headcount {
	unsigned wanted; /* bits by the order of headcount_kinds; at first all */
	struct census_item items[CENSUS_ITEMS_MAX];
	size_t count;
	bool is_cut;
	uint64_t took_us, longest_us;
	uint64_t walk_us;    /* longest of those that walked the heap, 0: none did */
	int64_t floor_bytes; /* -1: not known */
	int64_t timers, listeners; /* for the metrics; -1 */
};

void headcount_init(struct headcount *t);

/* Whether this one is to be asked for. */
bool headcount_wants(const struct headcount *t, int kind);

/* It could not be counted: true when the others are worth asking for nevertheless. */
bool headcount_goes_on(struct headcount *t, int kind, const struct err *e);

/* Adds one answer.  ERR_INPUT: it is none; the headcount is as before. */
bool headcount_add(struct headcount *t, const struct json_t *answer, struct arena *a,
	struct err *e);

/* The resources that the statistics name, which need no census. */
void headcount_resources(
	struct headcount *t, const struct door_statistics *s, struct arena *a);

/* Largest first; `out` borrows the items. */
void headcount_close(struct headcount *t, struct census *out);

#endif
