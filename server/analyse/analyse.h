/*
 * Analyse: arrays in, verdict and reasons out.
 *
 * The words that every part of the detector shares; the door to it is fleet.h.  All of
 * it is pure: no I/O, no clock; equal inputs give equal outputs.  The watch feeds it
 * from the database, the backtest from files.
 *
 * Times are Unix milliseconds, memory is KiB, rates are KiB per hour.
 */
#ifndef TIDEMARK_SERVER_ANALYSE_ANALYSE_H
#define TIDEMARK_SERVER_ANALYSE_ANALYSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What a series measures.  The better one for finding leaks comes later. */
enum analyse_series {
	ANALYSE_RSS,        /* file pages and shared memory blur it */
	ANALYSE_RSS_ANON,   /* private memory */
	ANALYSE_NATIVE,     /* resident memory less the committed heap */
	ANALYSE_HEAP_USED,  /* managed heap, garbage included */
	ANALYSE_HEAP_FLOOR, /* managed heap right after a full collection */
};

/* Two levels from one computation. */
enum analyse_level {
	ANALYSE_QUIET,
	ANALYSE_EARLY,     /* "watch": shown */
	ANALYSE_CONFIRMED, /* alerts */
};

enum analyse_verdict {
	ANALYSE_UNUSABLE, /* its readings cannot be judged; the summary says why */
	ANALYSE_LEARNING, /* not enough data yet; wait_s says how long it still takes */
	ANALYSE_STEADY,   /* no growth beyond noise */
	ANALYSE_CYCLIC,   /* comes and goes, by the day or by the collector */
	ANALYSE_LOAD,     /* follows its load */
	ANALYSE_WARMUP, /* grows since its start, ever slower, or as those before it did
			 */
	ANALYSE_STEP,   /* rose once, or a few times, and stayed */
	ANALYSE_FRAGMENTATION, /* the heap rests, what is around it grows ever slower */
	ANALYSE_WATCH,         /* grows, but not yet surely or not yet much; see kind */
	ANALYSE_BACKLOG, /* more work comes in than goes out, and waits in memory */
	ANALYSE_NATIVE_GROWTH, /* grows on outside the managed heap */
	ANALYSE_LEAK,          /* grows on, beyond noise, without an end in sight */
};

/* What grows, of ANALYSE_WATCH and worse. */
enum analyse_kind {
	ANALYSE_KIND_NONE,
	ANALYSE_KIND_LEAK,
	ANALYSE_KIND_NATIVE,
	ANALYSE_KIND_BACKLOG,
	ANALYSE_KIND_VERSION, /* known only by contrast with another version */
};

struct analyse_reason {
	bool speaks_for; /* the verdict; false: against it */
	const char *text;
};

struct analyse_reasons {
	const struct analyse_reason *items;
	size_t count;
};

/* Estimate and 95 % interval. */
struct analyse_rate {
	bool known;
	double kb_h, low_kb_h, high_kb_h;
};

struct analyse_moment {
	int64_t at_ms, low_ms, high_ms; /* at 0: unknown; high 0: never */
};

/* How easily a service is called leaking. */
enum analyse_sensitivity {
	ANALYSE_CALM, /* pages late and rarely */
	ANALYSE_NORMAL,
	ANALYSE_EAGER, /* pages early, errs more often */
};

/* "leak", "native", "steady", ...: as stored and as the API says it. */
const char *analyse_verdict_name(enum analyse_verdict verdict);
const char *analyse_kind_name(enum analyse_kind kind);    /* "" for none */
const char *analyse_level_name(enum analyse_level level); /* "", "watch", "confirmed" */
const char *analyse_series_name(enum analyse_series series);

#endif
