/*
 * Analyse: arrays in, verdict and reasons out.
 *
 * The seam between the data and the detector.  Pure: no I/O, no clock, no memory
 * but the caller's arena; equal inputs give equal outputs.  The watch builds the
 * inputs from the database; the backtest builds them from files.
 *
 * Times are Unix milliseconds, memory is KiB, rates are KiB per hour.
 */
#ifndef TIDEMARK_SERVER_ANALYSE_ANALYSE_H
#define TIDEMARK_SERVER_ANALYSE_ANALYSE_H

#include "common/arena.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What a series measures.  The better one for finding leaks comes later. */
enum analyse_series {
	ANALYSE_RSS,        /* file pages and shared memory blur it */
	ANALYSE_RSS_ANON,   /* private memory */
	ANALYSE_HEAP_USED,  /* managed heap, garbage included */
	ANALYSE_HEAP_FLOOR, /* managed heap right after a full collection */
};

enum analyse_verdict {
	ANALYSE_LEARNING, /* not enough data yet; wait_s says how long it still takes */
	ANALYSE_STEADY,   /* no growth beyond noise */
	ANALYSE_WARMUP,   /* grows since its start, ever slower */
	ANALYSE_STEP,     /* rose once and stayed */
	ANALYSE_WATCH,    /* grows, but not yet surely or not yet much */
	ANALYSE_LEAK,     /* grows on, beyond noise, without an end in sight */
};

struct analyse_point {
	int64_t at_ms;
	double value_kb;
};

/* One process life.  Points in order of time; gaps are simply absent. */
struct analyse_generation {
	int64_t id;
	int64_t started_ms;
	const struct analyse_point *points;
	size_t count;
};

/* One slot with the generations of one fingerprint, oldest first. */
struct analyse_slot {
	int64_t id, host_id;
	enum analyse_series series;
	double limit_kb;    /* memory limit, 0: unknown */
	bool collects_late; /* its runtime fills a heap of set size first (Java) */
	const struct analyse_generation *generations;
	size_t count;
};

struct analyse_reason {
	bool speaks_for; /* the verdict; false: against it */
	const char *text;
};

struct analyse_rate {
	bool known;
	double kb_h, low_kb_h, high_kb_h; /* estimate and 95 % interval */
};

struct analyse_slot_result {
	enum analyse_verdict verdict;
	struct analyse_rate rate;
	double value_kb;     /* newest */
	int64_t onset_ms;    /* 0: unknown */
	int64_t exhaust_ms;  /* when the limit is reached, 0: unknown or never */
	int64_t wait_s;      /* for ANALYSE_LEARNING */
	size_t restarts;     /* generations that were judged, less one */
	int64_t seen_ms;     /* length of the readings that the verdict rests on */
	const char *summary; /* one sentence in words, in the arena */
	const struct analyse_reason *reasons;
	size_t reason_count;
};

/* `now_ms` is the end of the window.  Never fails: too little data is a verdict. */
void analyse_slot(const struct analyse_slot *slot, int64_t now_ms, struct arena *a,
	struct analyse_slot_result *out);

/* Another version of the same service, for contrast. */
struct analyse_other {
	const char *version;
	enum analyse_verdict verdict;
	size_t slots, slots_leaking;
};

/* The slots of one service that run one version, judged together. */
struct analyse_version {
	const char *service, *version; /* for words only */
	const struct analyse_slot *slots;
	const struct analyse_slot_result *results;
	size_t count;
	const struct analyse_other *others; /* for words only; may be empty */
	size_t other_count;
};

struct analyse_version_result {
	enum analyse_verdict verdict;
	struct analyse_rate
		rate; /* of one slot: mean over those that show the verdict */
	size_t slots, slots_leaking, hosts, hosts_leaking;
	int64_t onset_ms, exhaust_ms, wait_s; /* as above; exhaust of the first slot */
	const char *summary;
	const struct analyse_reason *reasons;
	size_t reason_count;
};

void analyse_version(const struct analyse_version *version, int64_t now_ms,
	struct arena *a, struct analyse_version_result *out);

/* "leak", "steady", ...: as stored and as the API says it. */
const char *analyse_verdict_name(enum analyse_verdict verdict);
const char *analyse_series_name(enum analyse_series series);

#endif
