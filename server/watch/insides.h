/*
 * Insides: what was last read inside a process, on its way to the detector.
 *
 * The insides of a process are read less often than its memory, and come with every
 * sixth reading or so.  What is a level is held until the next one, as long as it is
 * not old; what is a flow (load) is that between the last two.  The live heap counts
 * once for each full collection, which the detector knows by their number.  Pure.
 */
#ifndef TIDEMARK_SERVER_WATCH_INSIDES_H
#define TIDEMARK_SERVER_WATCH_INSIDES_H

#include "server/analyse/reading.h"
#include "server/store/readings.h"

#include <stdint.h>

#define INSIDES_HELD_MS (INT64_C(5) * 60 * 1000)

/* Zeroed: nothing was read. */
struct insides {
	int64_t heap_ms; /* 0: never */
	double used_kb, live_kb, collections;
	double end_kb; /* the memory with which the heap is at its limit; 0: unknown */
	int64_t requests_ms, requests; /* of the last count; 0: never */
	double load;                   /* between the last two; -1: unknown */
};

/* Adds the row's insides to a reading of the same moment. */
void insides_put(
	struct insides *is, const struct readings_row *row, struct reading *out);

#endif
