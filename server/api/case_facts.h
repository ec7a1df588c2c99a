/*
 * Case facts: what a case rests on, read once for its hypotheses and its report.
 *
 * Results live in the call's arena.
 */
#ifndef TIDEMARK_SERVER_API_CASE_FACTS_H
#define TIDEMARK_SERVER_API_CASE_FACTS_H

#include "server/api/call.h"
#include "server/api/case_lines.h"
#include "server/store/alerts.h"
#include "server/store/hypotheses.h"
#include "server/store/services.h"

struct case_facts {
	struct alerts_row *alert;
	struct alerts_instance *instances; /* of the alert */
	size_t instance_count;
	struct services_version *versions; /* of the service: that run or are judged */
	size_t version_count;
	struct case_lines lines;
	struct hypotheses_row *table; /* computed ones with their remarks, then people's
				       */
	size_t own_count, table_count;
};

/* Takes a turn and a connection.  404 when there is no such alert. */
bool case_facts_read(
	struct call *c, int64_t alert_id, struct case_facts *out, struct err *e);

/* Reads anew what people say in the table. */
bool case_facts_read_said(struct call *c, struct case_facts *facts, struct err *e);

bool case_facts_is_inside(const struct findings_row *f, int64_t version_id);

/* Writes the member "similar" of an alert: earlier ones, and how they ended. */
bool case_facts_put_similar(struct call *c, int64_t alert_id, struct err *e);

#endif
