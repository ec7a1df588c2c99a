/*
 * Reading: what the detector is told of one process at one moment.
 *
 * Memory is KiB, times are Unix milliseconds.  What is not known is NAN.
 */
#ifndef TIDEMARK_SERVER_ANALYSE_READING_H
#define TIDEMARK_SERVER_ANALYSE_READING_H

#include <stdbool.h>
#include <stdint.h>

struct reading {
	int64_t at_ms;
	double memory_kb;    /* private memory where that is known, else resident */
	double heap_kb;      /* managed heap committed */
	double heap_used_kb; /* of that in use, garbage included */
	double live_kb;      /* in use right after the last full collection */
	double collections;  /* full collections since the process started */
	double load;         /* requests per second */
	double arrivals;     /* into its queue since the reading before */
	double completions;  /* out of it */
	double depth;        /* items waiting */
};

/* Whose reading it is. */
struct reading_life {
	int64_t id;             /* of the process; never used again */
	int64_t fingerprint_id; /* of the version that it runs */
	int64_t started_ms;
	double limit_kb;    /* memory limit, 0: none known */
	bool is_private;    /* memory_kb is private memory */
	bool collects_late; /* its runtime fills a heap of set size first (Java) */
};

#endif
