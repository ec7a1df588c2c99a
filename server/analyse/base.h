/*
 * Base: what stands beside every shape that is compared.
 *
 * One intercept for each process life; one or two harmonics of the day when the data
 * span enough of it; load, queue depth and the profile of earlier days, where they are
 * known for every reading and vary.  What these explain is not growth.  Part of
 * shape.c; pure.
 */
#ifndef TIDEMARK_SERVER_ANALYSE_BASE_H
#define TIDEMARK_SERVER_ANALYSE_BASE_H

#include "server/analyse/gls.h"
#include "server/analyse/shape.h"

struct base {
	size_t intercepts, seasons;
	int load, queue, profile; /* place among the columns; -1: left out */
};

/* Enough readings in order, all of them numbers. */
bool base_usable(const struct shape_points *p);

/* Noise below this is not believed: never 0, so that a constant series has some, and
 * never more than a petabyte. */
double base_floor_kb(const struct shape_points *p);

void base_build(struct base *b, struct gls *g, const struct shape_points *p);

/* The values, with single readings that stand far from both their neighbours bent
 * towards them, before anything is fitted: one in ten million kilobytes would draw
 * every shape to itself.  "Far" is ten usual differences of neighbours; what goes on in
 * one direction is never touched.  The first and the last of a life have two neighbours
 * on one side, and may be three times as far from them as those are from each other,
 * which a warm-up is. */
void base_bend_spikes(
	const struct shape_points *p, const struct gls *g, double *values);

#endif
