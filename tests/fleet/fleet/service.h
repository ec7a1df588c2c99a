/*
 * Service: one service of the simulated fleet, and what it does to memory.
 *
 * A shape is a scenario of tests/fleet/simulate under a short name, or any scenario's
 * own.  All hosts of a service share one recipe; service_place makes a host's own of
 * it.  The services belong to the caller's array; nothing else is kept.
 */
#ifndef TIDEMARK_TESTS_FLEET_FLEET_SERVICE_H
#define TIDEMARK_TESTS_FLEET_FLEET_SERVICE_H

#include "common/err.h"
#include "tests/fleet/fleet/options.h"
#include "tests/fleet/simulate/recipe.h"

#include <stdbool.h>
#include <stdint.h>

struct service {
	char name[32];
	const char *runtime, *shape;
	const char *versions[2];
	struct recipe recipe;
	bool leaks;
	uint64_t samples[2]; /* made, of each version */
};

/* Fills options->services of them.  ERR_INPUT: an unknown shape. */
bool services_make(const struct options *o, struct service *services, struct err *e);

/* The recipe of process `seed` of this service on host number `host` of `hosts`. */
void service_place(const struct service *service, uint64_t seed, uint32_t host,
	uint32_t hosts, struct recipe *out);

#endif
