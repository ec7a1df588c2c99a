/*
 * Histogram growth: two class histograms of one Java process, compared.
 *
 * A histogram knows no references: nothing is said about what holds the growth, and an
 * instance that went while another came is not seen, so `added` and `removed` of a
 * class are its difference.  A class grows clearly when it has at least a tenth, and a
 * hundred, more instances and is a part of the heap's growth worth naming; arrays and
 * strings, of which everything consists, are shown but are no verdict.
 *
 * Pure.
 */
#ifndef TIDEMARK_AGENT_CAPTURE_HISTOGRAM_GROWTH_H
#define TIDEMARK_AGENT_CAPTURE_HISTOGRAM_GROWTH_H

#include "common/arena.h"
#include "schema/snapshot.h"

#include <stdint.h>

/* Fills now->growth; both hold all of their classes.  Texts in the arena, or `now`'s
 * and `before`'s own. */
void histogram_growth_find(const struct snapshot *before, int64_t before_unix_ms,
	struct arena *a, struct snapshot *now);

#endif
