/*
 * Slot: the running judgement of one slot.
 *
 * Each time a bin of a tier closes, that window is judged (span.h) for each series that
 * the process offers: its live heap, its native memory, all its memory.  Growth counts
 * when a window has said so for a twenty-fifth of its length, 3 h at most ("watch": 3
 * in 100, 2 h), less twice the time in which it did not.  All memory speaks only where
 * there is no heap, or where heap or native memory account for SLOT_SHARE of what it
 * gained.  When the longest window of all sees most of the process's life and finds a
 * curve that slows down, shorter ones are not believed unless little time is left.
 *
 * What was said stands until no window has said it for a while (the latch), so that it
 * does not flap, and over restarts of the same version; another version begins anew.
 *
 * Depends on the readings alone, in their order.  Pure.
 */
#ifndef TIDEMARK_SERVER_ANALYSE_SLOT_H
#define TIDEMARK_SERVER_ANALYSE_SLOT_H

#include "common/arena.h"
#include "server/analyse/analyse.h"
#include "server/analyse/queue.h"
#include "server/analyse/span.h"
#include "server/analyse/trace.h"
#include "server/analyse/warmup.h"

#define SLOT_SHARE 0.4

struct slot;

struct slot *slot_create(void);
void slot_destroy(struct slot *s);

/* What its service knows. */
struct slot_context {
	struct arena *scratch;
	enum analyse_sensitivity sensitivity;
	const struct warmup *learnt; /* NULL: nothing yet */
};

/* False: the reading was left out.  `*judged` bit t: windows of tier t were judged. */
bool slot_put(struct slot *s, const struct reading_life *life, const struct reading *r,
	const struct slot_context *context, unsigned *judged);

/* What the window that speaks had found when it last did. */
struct slot_figures {
	float slope_kb_h, error_kb_h, sureness, lead;
	float level_kb, growth_kb, noise_kb, base_kb, load_kb;
	uint32_t at_s, onset_s, onset_low_s, onset_high_s, covered_s;
	uint8_t lives;
	uint8_t repeated, young, has_load, has_season; /* 0 or 1 */
};

/* What stands. */
struct slot_state {
	enum analyse_level level;
	enum analyse_kind kind;
	enum trace_channel channel; /* of the window that speaks */
	size_t tier;
	int64_t since_ms, confirmed_ms; /* of the level; of ANALYSE_CONFIRMED, 0: not */
	int64_t fingerprint_id;
	double limit_kb;
	bool is_private, collects_late;
	bool backlog;    /* items that wait explain it */
	size_t left_out; /* readings, in a row */
	double surest;   /* highest sureness since it is said */
	struct slot_figures figures;
};
struct slot_state slot_state(const struct slot *s);
const struct trace *slot_trace(const struct slot *s);

/* The window that speaks: of a level the one that says so, else the longest usable
 * one of all memory.  False: none is usable yet. */
bool slot_span(
	const struct slot *s, const struct slot_context *context, struct span *out);

/* Backlog, where a queue is known. */
bool slot_queue(const struct slot *s, struct arena *a, struct queue_result *out);

size_t slot_size(const struct slot *s);
size_t slot_save(const struct slot *s, uint8_t *out, size_t room);
struct slot *slot_load(const uint8_t *bytes, size_t count);

#endif
