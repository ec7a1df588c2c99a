#include "server/store/capture_claims.h"

#include "server/store/figures.h"

#include <string.h>

static const char *const capture_claims_names[CAPTURE_STATES] = {
	[CAPTURE_QUOTING] = "quoting",
	[CAPTURE_QUOTED] = "quoted",
	[CAPTURE_ORDERED] = "ordered",
	[CAPTURE_RUNNING] = "running",
	[CAPTURE_DONE] = "done",
	[CAPTURE_DENIED] = "denied",
	[CAPTURE_FAILED] = "failed",
	[CAPTURE_EXPIRED] = "expired",
	[CAPTURE_CANCELLED] = "cancelled",
};

const char *capture_claims_name(enum capture_state state)
{
	BUG_ON(state >= CAPTURE_STATES);
	return capture_claims_names[state];
}

static enum capture_state capture_claims_state(const char *name)
{
	size_t i = 0;
	while (i < CAPTURE_STATES && strcmp(capture_claims_names[i], name) != 0)
		i++;
	BUG_ON(i == CAPTURE_STATES);
	return (enum capture_state)i;
}

bool capture_claims_take(struct db *db, int64_t id, int64_t host_id, struct arena *a,
	struct capture_claim **out, struct err *e)
{
	struct db_args args;
	db_args_init(&args, a);
	db_arg_int(&args, id);
	if (host_id)
		db_arg_int(&args, host_id);
	else
		db_arg_null(&args);
	scoped_rows struct db_rows rows = {0};
	if (!db_query(db, SQL_CAPTURE_CLAIM, &args, &rows, e))
		return false;
	*out = NULL;
	if (rows.count == 0)
		return true;
	*out = arena_alloc(a, sizeof **out);
	**out = (struct capture_claim){
		.id = id,
		.slot_id = db_int(&rows, 0, "slot_id"),
		.service_id = db_int(&rows, 0, "service_id"),
		.host_id = db_int(&rows, 0, "host_id"),
		.generation_id = db_int(&rows, 0, "generation_id"),
		.deadline_ms = db_time(&rows, 0, "deadline_at"),
		.state = capture_claims_state(db_text(&rows, 0, "state")),
		.ordered = db_bool(&rows, 0, "ordered"),
		.ordered_ms = db_is_null(&rows, 0, "ordered_at")
				      ? 0
				      : db_time(&rows, 0, "ordered_at"),
		.keep_raw = db_bool(&rows, 0, "keep_raw"),
		.has_snapshot = db_bool(&rows, 0, "has_snapshot"),
		.asks = db_text_copy(&rows, 0, "asks", a),
		.gate = figures_text(&rows, 0, "gate", a),
		.reasons = db_text_copy(&rows, 0, "reasons", a),
		.asker = db_text_copy(&rows, 0, "asker", a),
		.subject = db_text_copy(&rows, 0, "subject", a),
	};
	return true;
}

bool capture_claims_move(
	struct db *db, const struct capture_move *move, struct arena *a, struct err *e)
{
	struct db_args args;
	db_args_init(&args, a);
	db_arg_int(&args, move->id);
	db_arg_time(&args, move->now_ms);
	db_arg_text(&args, capture_claims_name(move->state));
	db_arg_time_or_null(&args, move->deadline_ms);
	db_arg_int(&args, move->progress_permille);
	db_arg_text(&args, move->text);
	db_arg_text(&args, move->card);
	return db_query(db, SQL_CAPTURE_MOVE, &args, NULL, e);
}
