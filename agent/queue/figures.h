/*
 * Figures: numbers that a source gives by name, as the values of a queue.
 *
 * What can be derived is: depth from its parts; what left from what came in and is
 * there, and the other way round, where only one of the two is given.  A derived count
 * only goes up.  Not finite or negative: not known.  One thread.
 */
#ifndef TIDEMARK_AGENT_QUEUE_FIGURES_H
#define TIDEMARK_AGENT_QUEUE_FIGURES_H

#include "agent/queue/known.h"
#include "agent/queue/reading.h"

void figures_set(struct wire_values *v, enum queue_figure figure, double value,
	int64_t now_unix_ms);

void figures_derive(struct wire_values *v, struct known_queue *known);

#endif
