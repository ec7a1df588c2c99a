/*
 * Warm-up: how far the processes of a service usually grow after a start.
 *
 * Of up to sixteen lives, four for each of the newest versions, what they grew since
 * shortly after their start is kept at ages from 10 minutes to 7 days, each double the
 * one before.  A young process that grows no further than earlier lives did at its age
 * warms up; one that leaves them all behind is news.
 *
 * A leak that every life shows must not become usual.  A life has levelled off at an
 * age when it was seen to twice that age at least and grew, from there to the last of
 * it, by no more than a tenth of what it had grown until then (or half a percent of
 * where it began): a straight line doubles in that time and never does.  A life that
 * did is an excuse for as much as it grew, at any age.  One that kept growing to its
 * end is one only if it is earlier (it reached the age in question before the life in
 * question began), and up to the reach: the age at which the levelled lives, by their
 * median, had come to rest.  With none that levelled off it is no excuse at all.
 *
 * A plain value: copied, saved and loaded as it is.  A fold over warmup_learn.  Pure.
 */
#ifndef TIDEMARK_SERVER_ANALYSE_WARMUP_H
#define TIDEMARK_SERVER_ANALYSE_WARMUP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { WARMUP_LIVES = 16, WARMUP_LIVES_EACH = 4, WARMUP_AGES = 11 };

struct warmup_life {
	int64_t id, fingerprint_id; /* id 0: free */
	int64_t started_ms;
	uint32_t fed_s;              /* Unix time of the newest reading */
	float base_kb;               /* shortly after the start */
	float age_h, value_kb;       /* newest reading */
	float grown_kb[WARMUP_AGES]; /* since then, at those ages; NAN: not seen */
};

struct warmup {
	struct warmup_life life[WARMUP_LIVES];
};

struct warmup_reading {
	int64_t life_id, fingerprint_id;
	int64_t started_ms, at_ms;
	double value_kb; /* floor of a bin: peaks are no warm-up */
};

/* Readings of one life come in order of time; lives may come side by side.  A life
 * that is first seen at more than an hour of age is not learnt from. */
void warmup_learn(struct warmup *w, const struct warmup_reading *r);

struct warmup_usual {
	size_t lives;              /* that say something of this age */
	size_t versions;           /* other ones than the one asked for, among them */
	double median_kb, most_kb; /* grown since shortly after the start */
	double reach_h; /* up to this age even lives that kept growing count */
};

/* What lives of this service, other than `life_id`, had grown at this age.  When that
 * one began is known if it is learnt from; else it is taken to be that old now, at the
 * newest reading of the service. */
struct warmup_usual warmup_expect(
	const struct warmup *w, int64_t life_id, int64_t fingerprint_id, double age_h);

enum warmup_news {
	WARMUP_UNKNOWN,  /* fewer than two lives speak of this age */
	WARMUP_AS_USUAL, /* no further than the highest of them, and noise */
	WARMUP_BEYOND,   /* clearly further than all of them */
};
enum warmup_news warmup_compare(
	const struct warmup_usual *usual, double grown_kb, double noise_kb);

/* What this life has grown since shortly after its start; NAN: not known. */
double warmup_grown_kb(const struct warmup *w, int64_t life_id);

#endif
