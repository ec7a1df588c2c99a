/*
 * Cost: what the agent takes itself, with its scout.
 *
 * CPU over the last minute, or since cost_begin when that is shorter, and resident
 * memory now.  Jobs that read heaps are not counted: people ask for them.
 *
 * Reads /proc of the machine that the agent runs on.  One thread.
 */
#ifndef TIDEMARK_AGENT_COST_H
#define TIDEMARK_AGENT_COST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum { COST_POINTS = 61, COST_WINDOW_MS = 60 * 1000, COST_LEAST_MS = 5 * 1000 };

struct cost_point {
	int64_t at_mono_ms;
	uint64_t cpu_us;
};

struct cost {
	struct cost_point points[COST_POINTS]; /* oldest first */
	size_t count;
	uint64_t own_us, scout_us, scouts_us; /* now; of scouts that have ended */
	pid_t scout;
	/* Of the last cost_look. */
	bool known;
	uint32_t cpu_ppm; /* of one core */
	uint64_t rss_bytes;
};

/* What came before counts no more. */
void cost_begin(struct cost *c);

/* At each tick; scout 0: there is none. */
void cost_look(struct cost *c, pid_t scout, int64_t now_mono_ms);

/* The same with figures from elsewhere: totals of both, since whenever. */
void cost_add(struct cost *c, uint64_t cpu_us, uint64_t rss_bytes, int64_t now_mono_ms);

#endif
