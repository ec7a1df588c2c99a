/*
 * Tally: counts answers by route and class of status, for GET /metrics.
 *
 * Any thread; readers see each number whole, but not all at one instant.
 */
#ifndef TIDEMARK_SERVER_API_TALLY_H
#define TIDEMARK_SERVER_API_TALLY_H

#include <stddef.h>
#include <stdint.h>

enum { TALLY_CLASSES = 6 }; /* status / 100; 0 is not used */

struct tally;

struct tally *tally_create(size_t routes);
void tally_destroy(struct tally *t);

void tally_count(struct tally *t, size_t route, int status, int64_t us);

struct tally_sum {
	uint64_t answers[TALLY_CLASSES];
	uint64_t us; /* spent making them */
};

struct tally_sum tally_read(struct tally *t, size_t route);

#endif
