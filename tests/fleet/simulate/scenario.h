/*
 * Scenarios: by name, how a recipe of each is drawn.
 *
 * Those that the public set names, and healthy ones of our own.  A single scenario
 * makes one instance; a fleet scenario what its hosts share, of which some run a newer
 * version from deploy_at_h on.
 */
#ifndef TIDEMARK_TESTS_FLEET_SIMULATE_SCENARIO_H
#define TIDEMARK_TESTS_FLEET_SIMULATE_SCENARIO_H

#include "tests/fleet/simulate/draw.h"

#include <stddef.h>

struct scenario {
	const char *name;
	bool own; /* not among those of the public set */
	void (*make)(struct draw *d, struct recipe *r);
};

extern const struct scenario scenario_leaks[], scenario_healthy[], scenario_fleets[];
extern const size_t scenario_leak_count, scenario_healthy_count, scenario_fleet_count;

/* Draws a process and makes it one of this scenario. */
void scenario_make(const struct scenario *s, struct draw *d, struct recipe *r);

/* What one host of a fleet makes of the shared recipe. */
struct scenario_host {
	int index, count;
	bool newer; /* gets the newer version */
};
void scenario_make_host(const struct recipe *shared, struct draw *d,
	const struct scenario_host *host, struct recipe *out);

#endif
