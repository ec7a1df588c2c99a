/*
 * Discovery: of many tests, some are significant by chance.
 *
 * Benjamini and Hochberg (1995): of m p-values in rising order, hold those up to the
 * last k with p(k) <= k q / m.  Then at most a share q of what is held is false, on the
 * average.  Valid for independent tests and for those that err in the same direction
 * (Benjamini and Yekutieli 2001, theorem 1.2): slots that share hosts, load and season
 * are of that kind, so this is what the fleet uses.  For any dependence whatever, q is
 * divided by 1 + 1/2 + ... + 1/m (the same, theorem 1.3): a factor of twelve in a fleet
 * of 100,000, which would cost the slow leaks.  Pure.
 */
#ifndef TIDEMARK_SERVER_ANALYSE_DISCOVERY_H
#define TIDEMARK_SERVER_ANALYSE_DISCOVERY_H

#include "common/arena.h"

#include <stdbool.h>
#include <stddef.h>

enum discovery_method {
	DISCOVERY_ALIKE, /* Benjamini and Hochberg */
	DISCOVERY_ANY,   /* Benjamini and Yekutieli */
};

struct discovery {
	const double *p; /* of candidates; NAN counts as 1 */
	size_t count;
	size_t tests; /* in all, candidates included */
	double q;
	enum discovery_method method;
};

/* Fills `holds` (one for each candidate); returns how many hold. */
size_t discovery_hold(const struct discovery *d, bool *holds, struct arena *a);

#endif
