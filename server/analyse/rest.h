/*
 * Rest: what a slot does that does not leak.
 *
 * Steady, or one of the ways in which healthy memory moves: it follows its load; it
 * comes and goes; it rose in a step and stayed; it warms up; what is around a resting
 * heap fills ever slower.  Pure.
 */
#ifndef TIDEMARK_SERVER_ANALYSE_REST_H
#define TIDEMARK_SERVER_ANALYSE_REST_H

#include "server/analyse/span.h"

struct rest {
	enum analyse_verdict verdict;
	double rise_kb;  /* of a warm-up, step or fragmentation */
	double swing_kb; /* between low and high of what comes and goes */
	size_t swings;
	int64_t onset_ms; /* of a step */
};

/* `span`: the longest window of the slot. */
void rest_judge(const struct trace *t, const struct span *span, double scale_kb,
	struct rest *out);

#endif
