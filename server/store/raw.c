/* The steps of admins, and reading.  What comes from agents: raw_arrivals.c. */
#include "server/store/raw.h"

#include "server/store/raw_seal.h"

#include <inttypes.h>
#include <string.h>

/* A file, locked for a step. */
struct raw_claim {
	const char *state;
	int64_t service_id, host_id, bytes;
	const char *subject;
};

/* *out is NULL when no file was kept. */
static bool raw_take_claim(struct db *db, int64_t snapshot_id, struct arena *a,
	struct raw_claim **out, struct err *e)
{
	struct db_args args;
	db_args_init(&args, a);
	db_arg_int(&args, snapshot_id);
	scoped_rows struct db_rows rows = {0};
	if (!db_query(db, SQL_RAW_CLAIM, &args, &rows, e))
		return false;
	*out = NULL;
	if (rows.count == 0)
		return true;
	*out = arena_alloc(a, sizeof **out);
	**out = (struct raw_claim){
		.state = db_text_copy(&rows, 0, "state", a),
		.service_id = db_int(&rows, 0, "service_id"),
		.host_id = db_int(&rows, 0, "host_id"),
		.bytes = db_int(&rows, 0, "raw_bytes"),
		.subject = db_text_copy(&rows, 0, "subject", a),
	};
	return true;
}

static bool raw_is(const struct raw_claim *claim, const char *state)
{
	return strcmp(claim->state, state) == 0;
}

static bool raw_note(struct db *db, const struct raw_step *step,
	const struct raw_claim *claim, const char *action, struct arena *a,
	struct err *e)
{
	const char *detail = arena_printf(a, "snapshot %" PRId64 ", %" PRId64 " bytes",
		step->snapshot_id, claim->bytes);
	return audit_put(db,
		       &(struct audit_entry){step->actor, action, claim->service_id,
			       claim->host_id, claim->subject, detail},
		       a, e) &&
	       db_notify(db, "tidemark", "snapshots", e);
}

/* What is here goes; then the row is changed by `query`. */
static bool raw_change(struct db *db, const struct raw_step *step, enum sql_query query,
	struct arena *a, struct err *e)
{
	struct db_args args;
	db_args_init(&args, a);
	db_arg_int(&args, step->snapshot_id);
	if (!db_query(db, SQL_RAW_FORGET_PARTS, &args, NULL, e))
		return false;
	if (query == SQL_RAW_PULL && step->actor.user_id)
		db_arg_int(&args, step->actor.user_id);
	else if (query == SQL_RAW_PULL)
		db_arg_null(&args);
	return db_query(db, query, &args, NULL, e);
}

static bool raw_do_ask(struct db *db, const struct raw_step *step, struct arena *a,
	enum raw_outcome *outcome, struct err *e)
{
	struct raw_claim *claim;
	if (!raw_take_claim(db, step->snapshot_id, a, &claim, e))
		return false;
	*outcome = RAW_DONE;
	if (!claim)
		*outcome = RAW_MISSING;
	else if (raw_is(claim, "dropped") || claim->bytes > RAW_FILE_BYTES_MAX)
		*outcome = RAW_REFUSED;
	else if (!raw_is(claim, "pulling") && !raw_is(claim, "complete"))
		return raw_change(db, step, SQL_RAW_PULL, a, e) &&
		       raw_note(db, step, claim, "raw.pull", a, e);
	return true;
}

static bool raw_do_drop(struct db *db, const struct raw_step *step, struct arena *a,
	enum raw_outcome *outcome, struct err *e)
{
	struct raw_claim *claim;
	if (!raw_take_claim(db, step->snapshot_id, a, &claim, e))
		return false;
	*outcome = claim ? RAW_DONE : RAW_MISSING;
	if (!claim || raw_is(claim, "dropped"))
		return true;
	return raw_change(db, step, SQL_RAW_DROP, a, e) &&
	       raw_note(db, step, claim, "raw.drop", a, e);
}

static bool raw_transact(struct db *db, const struct raw_step *step, struct arena *a,
	enum raw_outcome *outcome,
	bool (*act)(struct db *, const struct raw_step *, struct arena *,
		enum raw_outcome *, struct err *),
	struct err *e)
{
	enum raw_outcome result;
	if (!db_begin(db, e))
		return false;
	if (!act(db, step, a, &result, e)) {
		db_rollback(db);
		return false;
	}
	if (!db_commit(db, e))
		return false;
	*outcome = result;
	return true;
}

bool raw_ask(struct db *db, const struct raw_step *step, struct arena *a,
	enum raw_outcome *outcome, struct err *e)
{
	return raw_transact(db, step, a, outcome, raw_do_ask, e);
}

bool raw_drop(struct db *db, const struct raw_step *step, struct arena *a,
	enum raw_outcome *outcome, struct err *e)
{
	return raw_transact(db, step, a, outcome, raw_do_drop, e);
}

/* One part, opened and inflated, in the arena. */
static bool raw_read_part(struct db *db, const uint8_t *key, int64_t snapshot_id,
	int64_t number, struct arena *a, struct raw_seal_bytes *out, struct err *e)
{
	struct db_args args;
	db_args_init(&args, a);
	db_arg_int(&args, snapshot_id);
	db_arg_int(&args, number);
	scoped_rows struct db_rows rows = {0};
	if (!db_query(db, SQL_RAW_PART, &args, &rows, e))
		return false;
	if (rows.count == 0)
		return err_set(e, ERR_INPUT,
			"the raw file of snapshot %" PRId64 " is not complete",
			snapshot_id);
	struct raw_seal_place place = {
		db_int(&rows, 0, "capture_id"), db_int(&rows, 0, "raw_bytes"), number};
	struct raw_seal_bytes sealed, opened;
	sealed.bytes = db_bytes(&rows, 0, "sealed", a, &sealed.length);
	if (!raw_seal_open(key, &place, sealed, a, &opened, e))
		return false;
	struct snapshot_raw_part part = {.number = (uint32_t)number,
		.bytes = opened.bytes,
		.length = opened.length};
	return wire_raw_inflate(&part, a, &out->bytes, &out->length, e);
}

bool raw_read(struct db *db, const uint8_t *key, int64_t snapshot_id, int64_t from,
	size_t length, struct buf *out, struct err *e)
{
	struct arena a;
	arena_init(&a);
	size_t before = out->length;
	bool ok = true;
	while (ok && length > 0) {
		struct raw_seal_bytes part;
		size_t skip = (size_t)(from % SNAPSHOT_RAW_PART_BYTES);
		arena_reset(&a);
		ok = raw_read_part(db, key, snapshot_id, from / SNAPSHOT_RAW_PART_BYTES,
			&a, &part, e);
		if (ok && part.length <= skip)
			ok = err_set(e, ERR_INPUT, "beyond the end of the raw file");
		if (!ok)
			break;
		size_t n = part.length - skip;
		if (n > length)
			n = length;
		buf_append(out, part.bytes + skip, n);
		from += (int64_t)n;
		length -= n;
	}
	arena_finish(&a);
	if (!ok && out->data) {
		out->length = before;
		out->data[before] = '\0';
	}
	return ok;
}
