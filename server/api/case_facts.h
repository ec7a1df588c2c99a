/*
 * Case facts: what a case rests on, read once for its page and its report.
 */
#ifndef TIDEMARK_SERVER_API_CASE_FACTS_H
#define TIDEMARK_SERVER_API_CASE_FACTS_H

#include "server/api/call.h"
#include "server/store/hypotheses.h"

/* The hypothesis table of an alert: those that are computed, with their remarks, then
 * those of people.  404 when there is no such alert. */
bool case_facts_table(struct call *c, int64_t alert_id, struct hypotheses_row **rows,
	size_t *count, struct err *e);

/* Writes the member "similar" of an alert: earlier ones, and how they ended. */
bool case_facts_put_similar(struct call *c, int64_t alert_id, struct err *e);

#endif
