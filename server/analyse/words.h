/*
 * Words: figures as people read them.
 *
 * Memory in binary steps ("512 KiB", "23 MiB", "1.4 GiB"), spans of time in the two
 * coarsest units that matter ("40 s", "12 min", "2 h 20 min", "3 days"), times of day
 * in UTC.  Results live in the arena.  Pure.
 */
#ifndef TIDEMARK_SERVER_ANALYSE_WORDS_H
#define TIDEMARK_SERVER_ANALYSE_WORDS_H

#include "common/arena.h"
#include "server/analyse/analyse.h"

const char *words_memory(struct arena *a, double kb);

/* "23 MiB/h (18 to 28)": per minute when it is fast, per day when it is slow. */
const char *words_rate(struct arena *a, const struct analyse_rate *rate);

const char *words_span(struct arena *a, int64_t ms);

/* "14:02 UTC", or "21 Nov 14:02 UTC" when that is not within the day before `now`. */
const char *words_time(struct arena *a, int64_t at_ms, int64_t now_ms);

/* "" becomes "unknown version". */
const char *words_version(const char *version);

/* "1 instance", "3 instances". */
const char *words_count(struct arena *a, size_t count, const char *noun);

#endif
