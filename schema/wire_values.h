/*
 * Wire values: the values of one scope, between plain structs and messages.
 *
 * Values that no sane host reports are left out and counted in `refused`; metrics that
 * this build does not know are skipped.  Pure.  For schema/wire*.c.
 */
#ifndef TIDEMARK_SCHEMA_WIRE_VALUES_H
#define TIDEMARK_SCHEMA_WIRE_VALUES_H

#include "common/arena.h"
#include "common/err.h"
#include "schema/tidemark.pb-c.h"
#include "schema/wire_batch.h"

/* The metrics of a scope. */
struct wire_values_scope {
	const struct metric *metrics;
	unsigned count;
};

extern const struct wire_values_scope wire_values_process, wire_values_host,
	wire_values_queue;

Tidemark__Values *wire_values_encode(const struct wire_values *values, struct arena *a);

/* `out` is zeroed. */
bool wire_values_decode(const Tidemark__Values *m,
	const struct wire_values_scope *scope, struct wire_values *out,
	uint64_t *refused, struct err *e);

#endif
