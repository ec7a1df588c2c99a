/*
 * Reading: what one look at a source gives: its queues, each with some values.
 *
 * Filled in by the readers (bull.h, kue.h, ...), which get the bounds of their look
 * from it as well.  Names are copied into the arena.  One thread.
 */
#ifndef TIDEMARK_AGENT_QUEUE_READING_H
#define TIDEMARK_AGENT_QUEUE_READING_H

#include "agent/queue_spec.h"
#include "common/arena.h"
#include "schema/wire_batch.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { READING_QUEUES_MAX = 256 };

struct reading {
	const struct queue_spec *spec;
	struct arena *arena;
	int64_t at_unix_ms, deadline_mono_ms;
	int stop_fd;
	struct wire_queue *queues;
	size_t count;
	bool is_cut; /* there are more queues */
};

/* `spec`, `arena`, times and stop_fd are the caller's; what was read is emptied. */
void reading_begin(struct reading *r);

/* The values of that queue, made when there is none of that name; NULL: the source has
 * too many. */
struct wire_values *reading_queue(struct reading *r, const char *name);

/* Whether the source's `queues` has this name: by glob, or there is no such list. */
bool reading_wants(const struct reading *r, const char *name);

/* Bounded by the metric's column; what is negative is not known. */
void reading_set(struct wire_values *v, enum metric_queue metric, int64_t value);

#endif
