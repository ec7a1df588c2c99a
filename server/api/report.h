/*
 * Report: the case of an alert as one document.
 *
 * What leaks and since when, the memory of leaking and clean instances, what speaks for
 * and against it, versions, instances, what holds the memory, the hypotheses, the
 * story, and earlier alerts like it.
 */
#ifndef TIDEMARK_SERVER_API_REPORT_H
#define TIDEMARK_SERVER_API_REPORT_H

#include "server/api/case_facts.h"
#include "server/store/cases.h"
#include "server/store/snapshots.h"

#include <stdbool.h>

struct report {
	const struct case_facts *facts;
	const struct snapshots_row *snapshot; /* of a leaking version; NULL: none */
	const struct alerts_event *events;
	size_t event_count;
	const struct cases_like *similar;
	size_t similar_count;
	const char *by; /* who asked for it */
	int64_t now_ms;
	bool is_html;
};

/* Pure. */
void report_write(const struct report *r, struct arena *a, struct buf *out);

#endif
