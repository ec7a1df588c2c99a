/*
 * Process: made-up processes on a virtual clock, for the tests of the detector.
 *
 * Seeded, so that a test sees the same readings every time.  Memory in MiB, as people
 * think of it; what the detector is told is KiB.
 */
#ifndef TIDEMARK_TESTS_UNIT_SERVER_ANALYSE_PROCESS_H
#define TIDEMARK_TESTS_UNIT_SERVER_ANALYSE_PROCESS_H

#include "server/analyse/reading.h"

#include <math.h>
#include <stdint.h>

#define PROCESS_T0_MS   INT64_C(1700000000000) /* 2023-11-14 22:13:20 UTC */
#define PROCESS_HOUR_MS INT64_C(3600000)
#define PROCESS_DAY_MS  (24 * PROCESS_HOUR_MS)

struct process {
	struct reading_life life;
	int64_t at_ms; /* of the next reading */
	int64_t every_ms;
	double noise_mib; /* standard deviation */
	uint64_t seed;
};

/* One that starts at T0, of version 1 with a limit of 512 MiB, read every minute. */
static inline struct process process_of(uint64_t seed)
{
	return (struct process){.life = {.id = 1,
					.fingerprint_id = 1,
					.started_ms = PROCESS_T0_MS,
					.limit_kb = 512 * 1024,
					.is_private = true},
		.at_ms = PROCESS_T0_MS,
		.every_ms = 60000,
		.noise_mib = 0.5,
		.seed = seed * UINT64_C(0x9e3779b97f4a7c15) + 1};
}

/* Uniform between 0 and 1 (xorshift64*, Vigna 2016). */
static inline double process_random(struct process *p)
{
	p->seed ^= p->seed >> 12;
	p->seed ^= p->seed << 25;
	p->seed ^= p->seed >> 27;
	return (double)((p->seed * UINT64_C(2685821657736338717)) >> 11) /
	       9007199254740992.0;
}

/* Sum of twelve uniforms: near enough to normal for readings. */
static inline double process_noise(struct process *p)
{
	double sum = -6;
	for (int i = 0; i < 12; i++)
		sum += process_random(p);
	return sum;
}

/* A new process in its place, after a pause of one reading. */
static inline void process_restart(struct process *p)
{
	p->at_ms += p->every_ms;
	p->life.id++;
	p->life.started_ms = p->at_ms;
}

static inline double process_age_h(const struct process *p)
{
	return (double)(p->at_ms - p->life.started_ms) / (double)PROCESS_HOUR_MS;
}

/* Turns of the sun since midnight, 0 to 1. */
static inline double process_day(const struct process *p)
{
	return (double)(p->at_ms % PROCESS_DAY_MS) / (double)PROCESS_DAY_MS;
}

/* The next reading: only memory is known. */
static inline struct reading process_read(struct process *p, double mib)
{
	struct reading r = {.at_ms = p->at_ms,
		.memory_kb = 1024 * (mib + p->noise_mib * process_noise(p)),
		.heap_kb = NAN,
		.heap_used_kb = NAN,
		.live_kb = NAN,
		.collections = NAN,
		.load = NAN,
		.arrivals = NAN,
		.completions = NAN,
		.depth = NAN};
	p->at_ms += p->every_ms;
	return r;
}

#endif
