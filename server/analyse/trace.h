/*
 * Trace: what is remembered of one slot, in six kilobytes.
 *
 * Eight tiers, one for each window in which growth is looked for; each is a ring of
 * bins.  A bin keeps the second smallest memory of its readings (the smallest of fewer
 * than four) with the time, load and queue depth of that very reading, the smallest
 * live heap and the smallest native memory.  Bins are counted from the epoch, so that
 * the bins of all slots meet.  A bin is written when the first reading behind it comes,
 * or when the process ends: what is remembered depends on the readings alone, never on
 * when somebody looked.  Values are kept in 16 bits with an exponent for each channel;
 * a channel that was never read takes no memory.
 *
 * A plain fold: trace_put is all that changes it.  Saved and loaded, it goes on as if
 * nothing had happened.  Pure.
 */
#ifndef TIDEMARK_SERVER_ANALYSE_TRACE_H
#define TIDEMARK_SERVER_ANALYSE_TRACE_H

#include "server/analyse/queue.h"
#include "server/analyse/reading.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { TRACE_TIERS = 8, TRACE_BINS = 56, TRACE_LIVES = 8, TRACE_LIFE_FORGOTTEN = 255 };

/* What a tier keeps beside the time. */
enum trace_channel {
	TRACE_MEMORY, /* private or resident */
	TRACE_LIVE,   /* heap right after a full collection */
	TRACE_NATIVE, /* resident less committed heap */
	TRACE_LOAD,   /* requests per second, smoothed over ten minutes */
	TRACE_QUEUE,  /* items waiting */
	TRACE_CHANNELS,
};

struct trace;

struct trace *trace_create(void);
void trace_destroy(struct trace *t);

/* What became of a reading. */
enum trace_taken {
	TRACE_TAKEN,
	TRACE_OLD,      /* not after the newest one: a repeat, or out of order */
	TRACE_UNUSABLE, /* not a number, negative, or beyond a petabyte */
};

/* `closed`: bit t is set when a bin of tier t was written. */
enum trace_taken trace_put(struct trace *t, const struct reading_life *life,
	const struct reading *r, unsigned *closed);

/* One process life, as it is remembered. */
struct trace_life {
	int64_t id, fingerprint_id;
	int64_t started_ms, first_ms, last_ms;
	float first_kb, last_kb, low_kb; /* memory */
};

/* Oldest first; `out` has room for TRACE_LIVES.  Returns how many there are. */
size_t trace_lives(const struct trace *t, struct trace_life *out);

int64_t trace_window_ms(size_t tier);
int64_t trace_bin_ms(size_t tier);

/* The bins of a tier, oldest first; TRACE_BINS at most. */
struct trace_bin {
	int64_t at_ms;
	uint8_t life; /* index into trace_lives, or TRACE_LIFE_FORGOTTEN */
	double value[TRACE_CHANNELS]; /* NAN: not known */
};
size_t trace_bins(const struct trace *t, size_t tier, struct trace_bin *out);

/* Whether a channel was ever read. */
bool trace_knows(const struct trace *t, enum trace_channel c);

/* TRACE_LIVE holds heap in use, garbage included: collections are not reported. */
bool trace_live_is_used(const struct trace *t);

/* The newest reading. */
struct trace_now {
	int64_t at_ms; /* 0: none yet */
	struct reading reading;
};
struct trace_now trace_now(const struct trace *t);

/* Of the process that was read last; 0: none yet. */
int64_t trace_life_id(const struct trace *t);

const struct queue_levels *trace_queue(const struct trace *t); /* NULL: none seen */

/* Bytes of memory held. */
size_t trace_size(const struct trace *t);

/* For storing.  trace_save writes at most `room` bytes and returns how many it needs;
 * trace_load returns NULL when the bytes are damaged or of another version. */
size_t trace_save(const struct trace *t, uint8_t *out, size_t room);
struct trace *trace_load(const uint8_t *bytes, size_t count);

#endif
