#include "server/store/agents.h"

#include "server/store/audit.h"

#include <string.h>

bool agents_keys(struct db *db, struct arena *a, struct agents_key **keys,
	size_t *count, struct err *e)
{
	scoped_rows struct db_rows rows = {0};
	if (!db_query(db, SQL_AGENT_KEYS, NULL, &rows, e))
		return false;
	struct agents_key *list = arena_array(a, (size_t)rows.count, sizeof *list);
	for (int i = 0; i < rows.count; i++) {
		size_t length;
		const uint8_t *key = db_bytes(&rows, i, "public_key", a, &length);
		BUG_ON(length != AGENTS_KEY_BYTES);
		memcpy(list[i].public_key, key, AGENTS_KEY_BYTES);
		list[i].agent_id = (int32_t)db_int(&rows, i, "id");
	}
	*keys = list;
	*count = (size_t)rows.count;
	return true;
}

bool agents_find(struct db *db, const uint8_t *public_key, struct arena *a,
	struct agents_agent *out, struct err *e)
{
	struct db_args args;
	db_args_init(&args, a);
	db_arg_bytes(&args, public_key, AGENTS_KEY_BYTES);
	scoped_rows struct db_rows rows = {0};
	if (!db_query(db, SQL_AGENT_BY_KEY, &args, &rows, e))
		return false;
	*out = (struct agents_agent){0};
	if (rows.count == 0)
		return true;
	out->id = (int32_t)db_int(&rows, 0, "id");
	out->revoked = db_bool(&rows, 0, "revoked");
	out->machine_id = db_text_copy(&rows, 0, "machine_id", a);
	out->token_id = db_text_copy(&rows, 0, "token_id", a);
	return true;
}

bool agents_has_rival(struct db *db, const char *machine_id, const uint8_t *public_key,
	struct arena *a, bool *has, struct err *e)
{
	struct db_args args;
	db_args_init(&args, a);
	db_arg_text(&args, machine_id);
	db_arg_bytes(&args, public_key, AGENTS_KEY_BYTES);
	scoped_rows struct db_rows rows = {0};
	if (!db_query(db, SQL_AGENT_RIVAL, &args, &rows, e))
		return false;
	*has = rows.count > 0;
	return true;
}

static bool agents_note_enrolment(struct db *db,
	const struct agents_enrolment *enrolment, const struct db_rows *rows,
	struct arena *a, struct err *e)
{
	struct audit_entry entry = {
		.actor = {0, "agent"},
		.action = "agent.enrol",
		.host_id = db_int(rows, 0, "host_id"),
		.subject = arena_printf(a, "agent %d of %s", (int)db_int(rows, 0, "id"),
			enrolment->hostname),
		.detail = arena_printf(a, "with token %s", enrolment->token_id),
	};
	return audit_put(db, &entry, a, e);
}

bool agents_enrol(struct db *db, const struct agents_enrolment *enrolment,
	int32_t *agent_id, struct err *e)
{
	struct arena a;
	arena_init(&a);
	struct db_args args;
	db_args_init(&args, &a);
	db_arg_text(&args, enrolment->machine_id);
	db_arg_text(&args, enrolment->hostname);
	db_arg_bytes(&args, enrolment->public_key, AGENTS_KEY_BYTES);
	db_arg_text(&args, enrolment->version);
	db_arg_text(&args, enrolment->token_id);
	scoped_rows struct db_rows rows = {0};
	bool ok = db_query(db, SQL_AGENT_ENROL, &args, &rows, e);
	if (ok)
		*agent_id = (int32_t)db_int(&rows, 0, "id");
	ok = ok && agents_note_enrolment(db, enrolment, &rows, &a, e);
	arena_finish(&a);
	return ok;
}

/* One array argument from one field of every report. */
#define AGENTS_INTS(field)                                                             \
	do {                                                                           \
		for (size_t i = 0; i < count; i++)                                     \
			values[i] = reports[i].field;                                  \
		db_arg_ints(&args, values, count);                                     \
	} while (0)

#define AGENTS_INTS_IF(field, condition)                                               \
	do {                                                                           \
		for (size_t i = 0; i < count; i++) {                                   \
			values[i] = reports[i].field;                                  \
			has[i] = reports[i].condition;                                 \
		}                                                                      \
		db_arg_ints_or_null(&args, values, has, count);                        \
	} while (0)

/* Revision -1: says nothing of settings; NULL: has not spoken. */
static void agents_put_settings(
	struct db_args *args, const struct agents_report *reports, size_t count)
{
	struct arena *a = args->arena;
	const char **exceptions = arena_array(a, count, sizeof *exceptions);
	int64_t *values[4];
	bool *has[4];
	for (size_t k = 0; k < 4; k++) {
		values[k] = arena_array(a, count, sizeof *values[k]);
		has[k] = arena_array(a, count, sizeof *has[k]);
	}
	for (size_t i = 0; i < count; i++) {
		const struct agents_report *r = &reports[i];
		const struct setting_state *s = r->settings;
		exceptions[i] = r->exceptions;
		has[0][i] = has[1][i] = r->has_settings;
		has[2][i] = has[3][i] = s && s->has_cost;
		values[0][i] = s ? (int64_t)s->revision : -1;
		values[1][i] = s ? (int64_t)s->hash : 0;
		values[2][i] = s ? s->cpu_ppm : 0;
		values[3][i] = s ? (int64_t)s->rss_bytes : 0;
	}
	for (size_t k = 0; k < 4; k++)
		db_arg_ints_or_null(args, values[k], has[k], count);
	db_arg_texts(args, exceptions, count);
}

bool agents_put_reports(struct db *db, const struct agents_report *reports,
	size_t count, struct arena *a, struct err *e)
{
	int64_t *values = arena_array(a, count, sizeof *values);
	bool *has = arena_array(a, count, sizeof *has);
	const char **versions = arena_array(a, count, sizeof *versions);
	const char **refusals = arena_array(a, count, sizeof *refusals);
	for (size_t i = 0; i < count; i++) {
		versions[i] = reports[i].version;
		refusals[i] = reports[i].refusal;
	}
	struct db_args args;
	db_args_init(&args, a);
	AGENTS_INTS(agent_id);
	db_arg_texts(&args, versions, count);
	AGENTS_INTS_IF(last_sample_ms, last_sample_ms != 0);
	AGENTS_INTS_IF(skew_ms, has_skew);
	AGENTS_INTS_IF(spool_bytes, has_spool);
	AGENTS_INTS_IF(spool_batches, has_spool);
	AGENTS_INTS(stored);
	AGENTS_INTS(repeated);
	AGENTS_INTS(refused);
	AGENTS_INTS(refused_values);
	db_arg_texts(&args, refusals, count);
	agents_put_settings(&args, reports, count);
	return db_query(db, SQL_AGENT_REPORT, &args, NULL, e);
}
