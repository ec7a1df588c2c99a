/*
 * Envelope: the lower edge of a memory curve.
 *
 * Garbage collection draws teeth and requests draw bursts, always upwards; what a
 * process truly keeps is the lower edge.  A bin keeps its second smallest value (its
 * smallest when it holds fewer than four); then each bin looks back over the last
 * ENVELOPE_TRAIL bins, itself included, and takes the smallest of them with the time
 * at which that was read.  Repeats are dropped, which shrinks the count honestly.
 * (Bins stamped with their own time instead would turn a slowing curve into a step
 * and a line.)  Pure.
 */
#ifndef TIDEMARK_SERVER_ANALYSE_ENVELOPE_H
#define TIDEMARK_SERVER_ANALYSE_ENVELOPE_H

#include "server/analyse/analyse.h"

enum { ENVELOPE_TRAIL = 6 };

/* The edge of `count` points of one process life, in order of time.  `out` has room
 * for as many points as come in; returns how many it holds. */
size_t envelope_make(const struct analyse_point *points, size_t count, int64_t bin_ms,
	struct analyse_point *out);

#endif
