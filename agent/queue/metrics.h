/*
 * Metrics: a Prometheus text endpoint as one queue of the source's name, or as one for
 * each value of a label; and a counter of a service's requests.
 *
 * Series that match are added up; of oldest the largest counts.
 *
 * One thread; owns its connection and what it remembers.
 */
#ifndef TIDEMARK_AGENT_QUEUE_METRICS_H
#define TIDEMARK_AGENT_QUEUE_METRICS_H

#include "agent/queue/fetch.h"
#include "agent/queue/reading.h"

enum { METRICS_BYTES_MAX = 4 << 20 };

struct metrics;

struct metrics *metrics_create(const struct queue_spec *spec, int stop_fd);
void metrics_destroy(struct metrics *m);
bool metrics_read(struct metrics *m, struct reading *r, struct err *e);

/* The sum of the series that `selector` picks from a text. ERR_IO: there are none. */
bool metrics_sum(
	const struct buf *text, const char *selector, double *out, struct err *e);

#endif
