/*
 * Document: an HTTP endpoint that answers with JSON, as one queue of the source's name.
 *
 * One thread; owns its connection and what it remembers.
 */
#ifndef TIDEMARK_AGENT_QUEUE_DOCUMENT_H
#define TIDEMARK_AGENT_QUEUE_DOCUMENT_H

#include "agent/queue/fetch.h"
#include "agent/queue/reading.h"

#include <jansson.h>

/* Of text; jansson makes up to sixty bytes of one. */
enum { DOCUMENT_BYTES_MAX = 1 << 20 };

struct document;

struct document *document_create(const struct queue_spec *spec, int stop_fd);
void document_destroy(struct document *d);
bool document_read(struct document *d, struct reading *r, struct err *e);

/* For others that read JSON from the spec's server: *out is the caller's. */
struct fetch *document_open(const struct queue_spec *spec, int stop_fd);
bool document_get(struct fetch *f, const char *url, int64_t deadline_mono_ms,
	struct buf *body, json_t **out, struct err *e);

#endif
