/*
 * Bands: gathers what instances of the versions of one service had in each step, and
 * makes the rows of version_rollup of it.
 *
 * Numbers may come in any order; memory is bounded by steps × versions × metrics, not
 * by instances.
 */
#ifndef TIDEMARK_SERVER_COMPACT_BANDS_H
#define TIDEMARK_SERVER_COMPACT_BANDS_H

#include "common/err.h"
#include "server/store/rollups.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct bands;

struct bands *bands_create(int step_s);
void bands_destroy(struct bands *b);

/* An instance of the version had this value in the step that begins at at_ms. */
void bands_add(
	struct bands *b, int64_t at_ms, int32_t fingerprint, int metric, int64_t value);

/* It had this one until now: takes it out again.  The lowest is then right within
 * SKETCH_ERROR. */
void bands_take_out(
	struct bands *b, int64_t at_ms, int32_t fingerprint, int metric, int64_t value);

/* A row that was stored before joins: each once, before the first number. */
bool bands_join(struct bands *b, const struct rollups_band *stored, struct err *e);

/* Rows of all, which are then forgotten. */
void bands_put(struct bands *b, int32_t service, struct copier *c);

#endif
