/*
 * Rules: how others tell a leak, written anew from their descriptions.
 *
 * Each looks at one series as it was known at `now_h` and says whether its alarm would
 * be on.  `state` is the rule's own for this series, zeroed before the first look;
 * looks come in order of time.
 */
#ifndef TIDEMARK_TESTS_FLEET_YARDSTICKS_RULES_H
#define TIDEMARK_TESTS_FLEET_YARDSTICKS_RULES_H

#include "tests/fleet/yardsticks/series.h"

struct rules_state {
	double since_h; /* the condition holds since then */
	bool holds;
};

struct rules_rule {
	const char *name;
	bool (*judge)(const struct series *s, double now_h, struct rules_state *state);
};

extern const struct rules_rule rules_all[];
extern const size_t rules_count;

bool rules_precog(const struct series *s, double now_h, struct rules_state *state);
bool rules_resin(const struct series *s, double now_h, struct rules_state *state);

#endif
