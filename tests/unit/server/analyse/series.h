/*
 * Series: made-up memory curves for the tests of the detector.
 *
 * Seeded, so that a test sees the same curve every time.  Times in minutes, memory in
 * MiB; a curve is built life by life into one slot.
 */
#ifndef TIDEMARK_TESTS_UNIT_SERVER_ANALYSE_SERIES_H
#define TIDEMARK_TESTS_UNIT_SERVER_ANALYSE_SERIES_H

#include "server/analyse/analyse.h"

#include <math.h>

#define SERIES_START_MS INT64_C(1700000000000) /* 2023-11-14 22:13:20 UTC */

enum { SERIES_LIVES_MAX = 12 };

struct series {
	struct arena arena;
	struct analyse_generation lives[SERIES_LIVES_MAX];
	struct analyse_slot slot;
	uint64_t seed;
	double step_min;  /* between readings */
	double noise_mib; /* standard deviation */
	double saw_mib;   /* height of the teeth of garbage collection */
	double saw_min;   /* and how often they fall */
	int64_t now_ms;
};

static inline void series_init(struct series *s, uint64_t seed)
{
	*s = (struct series){.seed = seed, .step_min = 1.0 / 6, .noise_mib = 0.3};
	arena_init(&s->arena);
	s->slot = (struct analyse_slot){.id = 1,
		.host_id = 1,
		.series = ANALYSE_RSS_ANON,
		.limit_kb = 512 * 1024,
		.generations = s->lives};
	s->now_ms = SERIES_START_MS;
}

static inline void series_finish(struct series *s)
{
	arena_finish(&s->arena);
}

/* Uniform between 0 and 1 (xorshift64*, Vigna 2016). */
static inline double series_random(struct series *s)
{
	s->seed ^= s->seed >> 12;
	s->seed ^= s->seed << 25;
	s->seed ^= s->seed >> 27;
	return (double)((s->seed * UINT64_C(2685821657736338717)) >> 11) /
	       9007199254740992.0;
}

/* Sum of twelve uniforms: near enough to normal for readings. */
static inline double series_noise(struct series *s)
{
	double sum = -6;
	for (int i = 0; i < 12; i++)
		sum += series_random(s);
	return sum;
}

typedef double series_curve(double age_min, const double *p);

/* One life of `minutes`, from where the last one ended. */
static inline void series_live(
	struct series *s, double minutes, series_curve *curve, const double *p)
{
	size_t count = (size_t)(minutes / s->step_min);
	struct analyse_point *points = arena_array(&s->arena, count, sizeof *points);
	for (size_t i = 0; i < count; i++) {
		double age = (double)i * s->step_min;
		double mib = curve(age, p) + s->noise_mib * series_noise(s);
		if (s->saw_min > 0)
			mib += s->saw_mib * fmod(age, s->saw_min) / s->saw_min;
		points[i].at_ms = s->now_ms + (int64_t)(age * 60000);
		points[i].value_kb = mib * 1024;
	}
	s->lives[s->slot.count++] = (struct analyse_generation){
		(int64_t)s->slot.count, s->now_ms, points, count};
	s->now_ms += (int64_t)(minutes * 60000);
}

/* p[0] MiB at the start, plus p[1] MiB per minute. */
static inline double series_line(double age_min, const double *p)
{
	return p[0] + p[1] * age_min;
}

/* Rises by p[1] MiB towards p[0] + p[1], with time constant p[2] minutes. */
static inline double series_settling(double age_min, const double *p)
{
	return p[0] + p[1] * (1 - exp(-age_min / p[2]));
}

/* p[1] MiB more from minute p[2] on. */
static inline double series_step(double age_min, const double *p)
{
	return p[0] + (age_min >= p[2] ? p[1] : 0);
}

static inline struct analyse_slot_result series_judge(struct series *s)
{
	struct analyse_slot_result result;
	analyse_slot(&s->slot, s->now_ms, &s->arena, &result);
	return result;
}

#endif
