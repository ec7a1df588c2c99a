#include "server/api/tally.h"

#include "common/err.h"

#include <stdatomic.h>
#include <stdlib.h>

struct tally_route {
	atomic_uint_fast64_t answers[TALLY_CLASSES], us;
};

struct tally {
	size_t count;
	struct tally_route routes[];
};

struct tally *tally_create(size_t routes)
{
	struct tally *t = calloc(1, sizeof *t + routes * sizeof t->routes[0]);
	BUG_ON(!t);
	t->count = routes;
	return t;
}

void tally_destroy(struct tally *t)
{
	free(t);
}

void tally_count(struct tally *t, size_t route, int status, int64_t us)
{
	int class = status / 100;
	BUG_ON(route >= t->count || class < 0 || class >= TALLY_CLASSES);
	atomic_fetch_add(&t->routes[route].answers[class], 1);
	atomic_fetch_add(&t->routes[route].us, (uint64_t)us);
}

struct tally_sum tally_read(struct tally *t, size_t route)
{
	struct tally_sum sum = {.us = atomic_load(&t->routes[route].us)};
	for (int i = 0; i < TALLY_CLASSES; i++)
		sum.answers[i] = atomic_load(&t->routes[route].answers[i]);
	return sum;
}
