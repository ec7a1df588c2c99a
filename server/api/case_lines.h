/*
 * Case lines: what instances of a service did since before a finding began.
 *
 * Some of those that leak, the fastest first, and some that do not, evenly over the
 * service: CASE_LINES_SEATS of either.  A line is one seat while it ran one version, in
 * at most CASE_LINES_STEPS steps from a quarter of the finding's time before its onset
 * (an hour at least) to now or its end.  Results live in the call's arena.
 */
#ifndef TIDEMARK_SERVER_API_CASE_LINES_H
#define TIDEMARK_SERVER_API_CASE_LINES_H

#include "server/analyse/suspects.h"
#include "server/api/call.h"
#include "server/api/steps.h"
#include "server/store/alerts.h"
#include "server/store/series.h"

enum { CASE_LINES_SEATS = 12, CASE_LINES_STEPS = 120, CASE_LINES_QUEUES = 8 };

struct case_lines {
	struct steps steps;
	const struct series_life **first; /* of each line its first process */
	struct suspects_line *lines;      /* side by side */
	size_t count;
	bool load_is_requests;
	struct suspects_queue *queues;
	size_t queue_count;
	const char *memory; /* the metric that memory_kb is */
};

/* `instances` are those of the alert.  The caller has taken a turn and a connection. */
bool case_lines_read(struct call *c, const struct alerts_row *alert,
	const struct alerts_instance *instances, size_t instance_count,
	struct case_lines *out, struct err *e);

#endif
