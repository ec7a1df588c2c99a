#include "server/analyse/discovery.h"

#include <math.h>
#include <stdlib.h>

struct ranked {
	double p;
	size_t place;
};

static int by_p(const void *left, const void *right)
{
	const struct ranked *a = left, *b = right;
	return (a->p > b->p) - (a->p < b->p);
}

/* What q is divided by, for tests that may depend on each other in any way. */
static double penalty(enum discovery_method method, size_t tests)
{
	double sum = 1;
	for (size_t i = 2; i <= tests && method == DISCOVERY_ANY; i++)
		sum += 1 / (double)i;
	return sum;
}

size_t discovery_hold(const struct discovery *d, bool *holds, struct arena *a)
{
	struct ranked *ranked = arena_array(a, d->count ? d->count : 1, sizeof *ranked);
	for (size_t i = 0; i < d->count; i++) {
		double p = d->p[i];
		ranked[i] = (struct ranked){isnan(p) ? 1 : p, i};
		holds[i] = false;
	}
	qsort(ranked, d->count, sizeof *ranked, by_p);
	size_t tests = d->tests > d->count ? d->tests : d->count;
	double step = d->q / penalty(d->method, tests) / (double)tests;
	size_t held = d->count;
	while (held > 0 && !(ranked[held - 1].p <= (double)held * step))
		held--;
	for (size_t i = 0; i < held; i++)
		holds[ranked[i].place] = true;
	return held;
}
