#include "server/store/snapshot_policy.h"

#include <inttypes.h>

static bool snapshot_policy_read(struct db *db, int64_t service_id, struct arena *a,
	struct snapshot_policy **policy, const char **service, struct err *e)
{
	struct db_args args;
	db_args_init(&args, a);
	db_arg_int(&args, service_id);
	scoped_rows struct db_rows rows = {0};
	if (!db_query(db, SQL_SNAPSHOT_POLICY_ONE, &args, &rows, e))
		return false;
	*policy = NULL;
	if (rows.count == 0)
		return true;
	*policy = arena_alloc(a, sizeof **policy);
	**policy = (struct snapshot_policy){
		.enabled = db_bool(&rows, 0, "enabled"),
		.grown_bytes = db_int(&rows, 0, "grown_bytes"),
		.with_control = db_bool(&rows, 0, "with_control"),
		.changed_by = figures_text(&rows, 0, "changed_by", a),
		.changed_ms = db_time(&rows, 0, "changed_at"),
	};
	*service = db_text_copy(&rows, 0, "service", a);
	return true;
}

bool snapshot_policy_get(struct db *db, int64_t service_id, struct arena *a,
	struct snapshot_policy **policy, struct err *e)
{
	const char *service;
	return snapshot_policy_read(db, service_id, a, policy, &service, e);
}

static bool snapshot_policy_save(struct db *db,
	const struct snapshot_policy_change *change, struct arena *a, struct err *e)
{
	struct db_args args;
	db_args_init(&args, a);
	db_arg_int(&args, change->service_id);
	db_arg_bool(&args, change->to->enabled);
	db_arg_int(&args, change->to->grown_bytes);
	db_arg_bool(&args, change->to->with_control);
	if (change->actor.user_id)
		db_arg_int(&args, change->actor.user_id);
	else
		db_arg_null(&args);
	db_arg_time(&args, change->now_ms);
	return db_query(db, SQL_SNAPSHOT_POLICY_SAVE, &args, NULL, e);
}

static bool snapshot_policy_note(struct db *db,
	const struct snapshot_policy_change *change, const char *service,
	struct arena *a, struct err *e)
{
	const struct snapshot_policy *to = change->to;
	const char *detail = "off";
	if (to->enabled)
		detail = arena_printf(a, "on; a second after %.1f MiB of growth; %s",
			(double)to->grown_bytes / (1 << 20),
			to->with_control ? "with a control" : "without a control");
	struct audit_entry entry = {
		.actor = change->actor,
		.action = "policy.set",
		.service_id = change->service_id,
		.subject = service,
		.detail = detail,
	};
	return audit_put(db, &entry, a, e);
}

bool snapshot_policy_put(struct db *db, const struct snapshot_policy_change *change,
	struct arena *a, struct snapshot_policy **policy, struct err *e)
{
	const char *service = "";
	if (!db_begin(db, e))
		return false;
	if (snapshot_policy_save(db, change, a, e) &&
		snapshot_policy_read(db, change->service_id, a, policy, &service, e) &&
		(!*policy || snapshot_policy_note(db, change, service, a, e)))
		return db_commit(db, e);
	db_rollback(db);
	return false;
}

bool snapshot_policy_cases(struct db *db, struct arena *a,
	struct snapshot_policy_case **out, size_t *count, struct err *e)
{
	struct db_args args;
	db_args_init(&args, a);
	scoped_rows struct db_rows rows = {0};
	if (!db_query(db, SQL_SNAPSHOT_POLICY_CASES, &args, &rows, e))
		return false;
	*count = (size_t)rows.count;
	*out = arena_array(a, *count, sizeof **out);
	for (int i = 0; i < rows.count; i++)
		(*out)[i] = (struct snapshot_policy_case){
			.finding_id = db_int(&rows, i, "id"),
			.service_id = db_int(&rows, i, "service_id"),
			.fingerprint_id = db_int(&rows, i, "fingerprint_id"),
			.service = db_text_copy(&rows, i, "service", a),
			.version = db_text_copy(&rows, i, "version", a),
			.grown_bytes = db_int(&rows, i, "grown_bytes"),
			.with_control = db_bool(&rows, i, "with_control"),
			.refused_ms = db_time(&rows, i, "refused_at"),
			.is_skip_noted = db_bool(&rows, i, "is_skip_noted"),
		};
	return true;
}

static bool snapshot_policy_seats(struct db *db, struct figures_ids services,
	int64_t now_ms, struct arena *a, struct snapshot_policy_facts *out,
	struct err *e)
{
	struct db_args args;
	db_args_init(&args, a);
	db_arg_ints(&args, services.ids, services.count);
	db_arg_time(&args, now_ms);
	scoped_rows struct db_rows rows = {0};
	if (!db_query(db, SQL_SNAPSHOT_POLICY_SEATS, &args, &rows, e))
		return false;
	out->seat_count = (size_t)rows.count;
	out->seats = arena_array(a, out->seat_count, sizeof *out->seats);
	for (int i = 0; i < rows.count; i++)
		out->seats[i] = (struct snapshot_policy_seat){
			.service_id = db_int(&rows, i, "service_id"),
			.slot_id = db_int(&rows, i, "slot_id"),
			.generation_id = db_int(&rows, i, "generation_id"),
			.fingerprint_id = db_int(&rows, i, "fingerprint_id"),
			.runs = db_bool(&rows, i, "runs"),
			.verdict = db_text_copy(&rows, i, "verdict", a),
			.has_rate = !db_is_null(&rows, i, "rate_low_kb_h"),
			.rate_low_kb_h = db_double(&rows, i, "rate_low_kb_h"),
			.value_kb = figures_count(&rows, i, "value_kb"),
			.started_ms = db_time(&rows, i, "started_at"),
			.is_near_limit = db_bool(&rows, i, "is_near_limit"),
		};
	return true;
}

static bool snapshot_policy_past(struct db *db, const struct db_args *args,
	struct arena *a, struct snapshot_policy_facts *out, struct err *e)
{
	scoped_rows struct db_rows rows = {0};
	if (!db_query(db, SQL_SNAPSHOT_POLICY_PAST, args, &rows, e))
		return false;
	out->past_count = (size_t)rows.count;
	out->past = arena_array(a, out->past_count, sizeof *out->past);
	for (int i = 0; i < rows.count; i++)
		out->past[i] = (struct snapshot_policy_past){
			.id = db_int(&rows, i, "id"),
			.service_id = db_int(&rows, i, "service_id"),
			.finding_id = db_int(&rows, i, "finding_id"),
			.generation_id = db_int(&rows, i, "generation_id"),
			.cause = db_text_copy(&rows, i, "cause", a),
			.state = db_text_copy(&rows, i, "state", a),
			.gate = figures_text(&rows, i, "gate", a),
			.asked_ms = db_time(&rows, i, "asked_at"),
			.ordered_ms = db_time(&rows, i, "ordered_at"),
			.host_id = db_int(&rows, i, "host_id"),
			.low_from_ms = db_time(&rows, i, "low_from_at"),
			.low_kb = -1,
			.is_left_noted = db_bool(&rows, i, "is_left_noted"),
		};
	return true;
}

bool snapshot_policy_facts(struct db *db, const struct snapshot_policy_case *cases,
	size_t count, int64_t now_ms, struct arena *a,
	struct snapshot_policy_facts *out, struct err *e)
{
	enum { LATELY_MS = 24 * 3600 * 1000 };
	int64_t *services = arena_array(a, count, sizeof *services);
	int64_t *findings = arena_array(a, count, sizeof *findings);
	for (size_t i = 0; i < count; i++) {
		services[i] = cases[i].service_id;
		findings[i] = cases[i].finding_id;
	}
	*out = (struct snapshot_policy_facts){0};
	if (!snapshot_policy_seats(
		    db, (struct figures_ids){services, count}, now_ms, a, out, e))
		return false;
	struct db_args args;
	db_args_init(&args, a);
	db_arg_ints(&args, services, count);
	db_arg_ints(&args, findings, count);
	db_arg_time(&args, now_ms - LATELY_MS);
	return snapshot_policy_past(db, &args, a, out, e);
}
