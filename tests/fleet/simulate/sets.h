/*
 * Sets: the collections that fleet_simulate can write, by name.
 *
 * Each is a function of a seed and a count alone; the count is about how many series
 * are wanted, 0 the set's own.
 */
#ifndef TIDEMARK_TESTS_FLEET_SIMULATE_SETS_H
#define TIDEMARK_TESTS_FLEET_SIMULATE_SETS_H

#include "tests/fleet/simulate/random.h"
#include "tests/fleet/simulate/set.h"

#include <stddef.h>

struct sets_kind {
	const char *name, *what;
	int count;
	void (*write)(struct set *out, uint64_t seed, int count);
};

extern const struct sets_kind sets_kinds[];
extern const size_t sets_kind_count;

/* Studies: sets that answer one question each.  sets_studies.c */
void sets_write_must(struct set *out, uint64_t seed, int count);
void sets_write_linear(struct set *out, uint64_t seed, int count);
void sets_write_power(struct set *out, uint64_t seed, int count);

#endif
