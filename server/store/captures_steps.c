/* The steps of people and policies: asking, confirming, cancelling. */
#include "server/store/capture_claims.h"
#include "server/store/captures.h"

#include <inttypes.h>
#include <string.h>

/* What the server's own gate says. */
struct captures_gate {
	bool found;
	int64_t service_id, host_id, generation_id;
	const char *subject; /* "checkout on shop-1, pid 4711" */
	const char *refuses; /* "": nothing */
	const char *asks;    /* what may be overruled; "" */
};

static const char *captures_why_refused(
	const struct db_rows *rows, const char *host, struct arena *a)
{
	if (!db_is_null(rows, 0, "other_id"))
		return arena_printf(a, "capture %" PRId64 " of %s is under way",
			db_int(rows, 0, "other_id"),
			db_bool(rows, 0, "other_is_of_service") ? "this service"
								: "this host");
	if (!db_bool(rows, 0, "reports"))
		return arena_printf(a, "the agent of %s does not report", host);
	if (!db_bool(rows, 0, "running"))
		return "the process does not run any more";
	return "";
}

static const char *captures_why_asked(
	const struct db_rows *rows, const char *service, struct arena *a)
{
	if (db_bool(rows, 0, "has_healthy_others"))
		return "";
	if (!db_bool(rows, 0, "has_others"))
		return arena_printf(a,
			"no other instance of %s runs: nothing answers in its place "
			"during the pause",
			service);
	return arena_printf(a,
		"no other instance of %s is healthy: the others leak or will soon "
		"reach their limit",
		service);
}

/* `capture_id` 0: there is none yet. */
static bool captures_ask_gate(struct db *db, int64_t slot_id, int64_t capture_id,
	int64_t now_ms, struct arena *a, struct captures_gate *out, struct err *e)
{
	struct db_args args;
	db_args_init(&args, a);
	db_arg_int(&args, slot_id);
	db_arg_time(&args, now_ms);
	if (capture_id)
		db_arg_int(&args, capture_id);
	else
		db_arg_null(&args);
	scoped_rows struct db_rows rows = {0};
	if (!db_query(db, SQL_CAPTURE_GATE, &args, &rows, e))
		return false;
	*out = (struct captures_gate){.found = rows.count == 1};
	if (!out->found)
		return true;
	const char *service = db_text_copy(&rows, 0, "service", a);
	const char *host = db_text_copy(&rows, 0, "host", a);
	out->service_id = db_int(&rows, 0, "service_id");
	out->host_id = db_int(&rows, 0, "host_id");
	out->generation_id = db_int(&rows, 0, "generation_id");
	out->subject = arena_printf(
		a, "%s on %s, pid %" PRId64, service, host, db_int(&rows, 0, "pid"));
	out->refuses = captures_why_refused(&rows, host, a);
	out->asks = captures_why_asked(&rows, service, a);
	return true;
}

/* One step's transaction: what it may use, and what it answers. */
struct captures_doing {
	struct db *db;
	struct audit_actor actor;
	struct arena *arena;
	struct captures_reply *out;
};

static bool captures_note(const struct captures_doing *d, const char *action,
	const struct captures_gate *gate, const char *detail, struct err *e)
{
	return audit_put(d->db,
		&(struct audit_entry){d->actor, action, gate->service_id, gate->host_id,
			gate->subject, detail},
		d->arena, e);
}

/* Refuses, and says so in the audit. */
static bool captures_refuse(const struct captures_doing *d,
	enum captures_outcome outcome, const struct captures_gate *gate,
	const char *reason, struct err *e)
{
	*d->out = (struct captures_reply){.outcome = outcome, .reason = reason};
	return captures_note(d, "snapshot.refused", gate, reason, e);
}

static bool captures_changed(struct db *db, struct err *e)
{
	return db_notify(db, "tidemark", "snapshots", e);
}

static bool captures_insert(const struct captures_doing *d,
	const struct captures_ask *ask, const struct captures_gate *gate, int64_t *id,
	struct err *e)
{
	struct db_args args;
	db_args_init(&args, d->arena);
	db_arg_int(&args, ask->slot_id);
	db_arg_time(&args, ask->now_ms);
	db_arg_time(&args, ask->now_ms + CAPTURES_QUOTING_MS);
	if (ask->actor.user_id)
		db_arg_int(&args, ask->actor.user_id);
	else
		db_arg_null(&args);
	if (ask->finding_id)
		db_arg_int(&args, ask->finding_id);
	else
		db_arg_null(&args);
	db_arg_text(&args, ask->cause);
	db_arg_text(&args, ask->route);
	db_arg_text(&args, gate->asks);
	scoped_rows struct db_rows rows = {0};
	if (!db_query(d->db, SQL_CAPTURE_INSERT, &args, &rows, e))
		return false;
	if (rows.count == 0)
		return err_set(e, ERR_IO, "the instance has just gone");
	*id = db_int(&rows, 0, "id");
	return true;
}

static bool captures_do_create(const struct captures_doing *d,
	const struct captures_ask *ask, int64_t *id, struct err *e)
{
	struct captures_gate gate;
	if (!db_query(d->db, SQL_CAPTURE_LOCK, NULL, NULL, e) ||
		!captures_ask_gate(
			d->db, ask->slot_id, 0, ask->now_ms, d->arena, &gate, e))
		return false;
	if (!gate.found) {
		*d->out = (struct captures_reply){CAPTURES_MISSING, "", NULL};
		return true;
	}
	if (*gate.refuses)
		return captures_refuse(d, CAPTURES_REFUSED, &gate, gate.refuses, e);
	if (!captures_insert(d, ask, &gate, id, e))
		return false;
	const char *detail = arena_printf(
		d->arena, "capture %" PRId64 "; %s", *id, ask->cause);
	return captures_note(d, "snapshot.ask", &gate, detail, e) &&
	       captures_changed(d->db, e);
}

/* Ends the step's transaction and reads the capture as it stands. */
static bool captures_finish(
	const struct captures_doing *d, bool ok, int64_t id, struct err *e)
{
	if (!ok) {
		db_rollback(d->db);
		return false;
	}
	if (!db_commit(d->db, e))
		return false;
	return id == 0 || captures_one(d->db, id, d->arena, &d->out->row, e);
}

bool captures_create(struct db *db, const struct captures_ask *ask, struct arena *a,
	struct captures_reply *out, struct err *e)
{
	struct captures_reply reply = {.outcome = CAPTURES_DONE, .reason = ""};
	struct captures_doing doing = {db, ask->actor, a, &reply};
	int64_t id = 0;
	if (!db_begin(db, e))
		return false;
	bool ok = captures_do_create(&doing, ask, &id, e);
	if (!captures_finish(&doing, ok, id, e))
		return false;
	*out = reply;
	return true;
}

/* What speaks against it now, though the card is here.  "" : nothing. */
static const char *captures_why_not_confirmed(const struct capture_claim *claim,
	const struct captures_gate *gate, int64_t now_ms)
{
	if (claim->state != CAPTURE_QUOTED)
		return "only a capture whose cost card is here can be confirmed";
	if (claim->deadline_ms <= now_ms)
		return "its cost card is too old";
	if (claim->gate && strcmp(claim->gate, "refused") == 0)
		return *claim->reasons ? claim->reasons : "the agent refuses it";
	if (!gate->found || gate->generation_id != claim->generation_id)
		return "the process does not run any more";
	return gate->refuses;
}

static bool captures_order(const struct captures_doing *d,
	const struct captures_step *step, const struct captures_gate *gate,
	struct err *e)
{
	struct db_args args;
	db_args_init(&args, d->arena);
	db_arg_int(&args, step->id);
	db_arg_time(&args, step->now_ms);
	db_arg_time(&args, step->now_ms + CAPTURES_ORDERED_MS);
	if (step->actor.user_id)
		db_arg_int(&args, step->actor.user_id);
	else
		db_arg_null(&args);
	db_arg_bool(&args, step->overrules);
	db_arg_bool(&args, step->keep_raw);
	const char *detail = arena_printf(d->arena, "capture %" PRId64 "%s%s", step->id,
		step->overrules ? "; overrules" : "",
		step->keep_raw ? "; keeps the raw file" : "");
	return db_query(d->db, SQL_CAPTURE_CONFIRM, &args, NULL, e) &&
	       captures_note(d, "snapshot.confirm", gate, detail, e) &&
	       captures_changed(d->db, e);
}

/* The capture's own place: the gate's is of the seat's newest process. */
static void captures_gate_of(
	const struct capture_claim *claim, struct captures_gate *gate)
{
	gate->service_id = claim->service_id;
	gate->host_id = claim->host_id;
	gate->subject = claim->subject;
}

/* Something speaks against it that the card does not say yet: now it does, so that it
 * can be overruled. */
static bool captures_add_reason(const struct captures_doing *d, int64_t id,
	const struct captures_gate *gate, struct err *e)
{
	struct db_args args;
	db_args_init(&args, d->arena);
	db_arg_int(&args, id);
	db_arg_text(&args, gate->asks);
	return db_query(d->db, SQL_CAPTURE_ASKS, &args, NULL, e) &&
	       captures_changed(d->db, e);
}

static bool captures_do_confirm(
	const struct captures_doing *d, const struct captures_step *step, struct err *e)
{
	struct captures_gate gate;
	struct capture_claim *claim;
	if (!db_query(d->db, SQL_CAPTURE_LOCK, NULL, NULL, e) ||
		!capture_claims_take(d->db, step->id, 0, d->arena, &claim, e))
		return false;
	if (!claim) {
		*d->out = (struct captures_reply){CAPTURES_MISSING, "", NULL};
		return true;
	}
	if (!captures_ask_gate(
		    d->db, claim->slot_id, step->id, step->now_ms, d->arena, &gate, e))
		return false;
	captures_gate_of(claim, &gate);
	const char *reason = captures_why_not_confirmed(claim, &gate, step->now_ms);
	if (*reason)
		return captures_refuse(d, CAPTURES_REFUSED, &gate, reason, e);
	bool card_asks = claim->gate && strcmp(claim->gate, "asks") == 0;
	if (!step->overrules && *gate.asks && !*claim->asks &&
		!captures_add_reason(d, step->id, &gate, e))
		return false;
	if (!step->overrules && (card_asks || *gate.asks))
		return captures_refuse(d, CAPTURES_ASKS, &gate,
			card_asks && *claim->reasons ? claim->reasons : gate.asks, e);
	return captures_order(d, step, &gate, e);
}

bool captures_confirm(struct db *db, const struct captures_step *step, struct arena *a,
	struct captures_reply *out, struct err *e)
{
	struct captures_reply reply = {.outcome = CAPTURES_DONE, .reason = ""};
	struct captures_doing doing = {db, step->actor, a, &reply};
	if (!db_begin(db, e))
		return false;
	bool ok = captures_do_confirm(&doing, step, e);
	if (!captures_finish(&doing, ok, step->id, e))
		return false;
	*out = reply;
	return true;
}

static bool captures_do_cancel(
	const struct captures_doing *d, const struct captures_step *step, struct err *e)
{
	struct capture_claim *claim;
	struct captures_gate gate = {0};
	if (!capture_claims_take(d->db, step->id, 0, d->arena, &claim, e))
		return false;
	if (!claim) {
		*d->out = (struct captures_reply){CAPTURES_MISSING, "", NULL};
		return true;
	}
	if (claim->state >= CAPTURE_RUNNING) {
		*d->out = (struct captures_reply){CAPTURES_REFUSED,
			claim->state == CAPTURE_RUNNING ? "it runs already"
							: "it has ended already",
			NULL};
		return true;
	}
	captures_gate_of(claim, &gate);
	struct capture_move move = {
		.id = step->id, .now_ms = step->now_ms, .state = CAPTURE_CANCELLED};
	const char *detail = arena_printf(d->arena, "capture %" PRId64, step->id);
	return capture_claims_move(d->db, &move, d->arena, e) &&
	       captures_note(d, "snapshot.cancel", &gate, detail, e) &&
	       captures_changed(d->db, e);
}

bool captures_cancel(struct db *db, const struct captures_step *step, struct arena *a,
	struct captures_reply *out, struct err *e)
{
	struct captures_reply reply = {.outcome = CAPTURES_DONE, .reason = ""};
	struct captures_doing doing = {db, step->actor, a, &reply};
	if (!db_begin(db, e))
		return false;
	bool ok = captures_do_cancel(&doing, step, e);
	if (!captures_finish(&doing, ok, step->id, e))
		return false;
	*out = reply;
	return true;
}
