/*
 * Source: one [queue NAME] section, read by the reader of its kind.
 *
 * A source belongs to one thread.  What it keeps between two looks is its own.
 */
#ifndef TIDEMARK_AGENT_QUEUE_SOURCE_H
#define TIDEMARK_AGENT_QUEUE_SOURCE_H

#include "agent/queue/reading.h"
#include "common/err.h"

#include <stdbool.h>

struct source;

/* `spec` is borrowed; stop_fd ends every wait when it becomes readable, -1: none. */
struct source *source_create(const struct queue_spec *spec, int stop_fd);
void source_destroy(struct source *s);

/* A look, within the spec's time; everything is made in the arena.  ERR_BUSY: stopped;
 * other kinds: what is wrong with the source, for people. */
bool source_read(struct source *s, struct arena *a, struct reading *out, struct err *e);

#endif
