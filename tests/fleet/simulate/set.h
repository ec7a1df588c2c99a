/*
 * Set: a folder of simulated series as the labelled sets have it: labels.csv, and
 * series/NAME.csv.gz with the columns of the public README.
 *
 * The caller owns the set; set_close must be called.  Errors are sticky: a set that
 * failed takes no more, and set_close says why.
 */
#ifndef TIDEMARK_TESTS_FLEET_SIMULATE_SET_H
#define TIDEMARK_TESTS_FLEET_SIMULATE_SET_H

#include "common/err.h"
#include "tests/fleet/simulate/recipe.h"

#include <stdio.h>

struct set {
	char dir[512];
	FILE *labels;
	int count; /* of series */
	int fleets, singles;
	bool failed;
	struct err err;
};

bool set_open(struct set *s, const char *dir, struct err *e);
void set_add(struct set *s, const struct recipe *r, const char *service);
bool set_close(struct set *s, struct err *e);

#endif
