#include "server/store/summaries.h"

#include "server/store/audit.h"
#include "server/store/capture_claims.h"
#include "server/store/summaries_json.h"

#include <inttypes.h>

static const char *summaries_kind(enum snapshot_kind kind)
{
	static const char *const names[] = {
		[SNAPSHOT_V8] = "v8",
		[SNAPSHOT_V8_SHALLOW] = "v8-shallow",
		[SNAPSHOT_JVM] = "jvm",
	};
	return names[kind];
}

/* The int8 columns in the order of snapshot_put.sql; what is 0 when it is not known
 * becomes NULL. */
static void summaries_arg_figures(struct db_args *args, const struct snapshot *s)
{
	const struct snapshot_process *p = &s->process;
	const struct snapshot_statistics *t = &s->statistics;
	const struct {
		uint64_t value;
		bool has;
	} figures[] = {
		{(uint64_t)p->pause_ms, p->pause_ms > 0},
		{(uint64_t)p->analysis_ms, true},
		{(uint64_t)p->uptime_ms, p->uptime_ms > 0},
		{p->requests, p->has_requests},
		{p->peak_rss_bytes, p->peak_rss_bytes > 0},
		{p->heap_used_bytes, p->heap_used_bytes > 0},
		/* None is a figure too, where the rest is known. */
		{p->external_bytes, p->heap_used_bytes > 0},
		{p->heap_limit_bytes, p->heap_limit_bytes > 0},
		{s->stream_bytes, true},
		{s->node_count, true},
		{s->edge_count, true},
		{s->total_bytes, true},
		{s->class_count, true},
		{t->native_bytes, true},
		{t->typed_array_bytes, true},
		{t->code_bytes, true},
		{t->js_array_bytes, true},
		{t->string_bytes, true},
		{t->system_bytes, true},
		{s->raw_bytes, true},
	};
	enum { COUNT = sizeof figures / sizeof *figures };
	int64_t values[COUNT];
	bool has[COUNT];
	for (int i = 0; i < COUNT; i++) {
		values[i] = (int64_t)figures[i].value;
		has[i] = figures[i].has;
	}
	db_arg_ints_or_null(args, values, has, COUNT);
}

/* *id 0: there is one of that process and moment, and it is of a capture or this is
 * not. */
static bool summaries_insert(struct db *db, const struct summaries_word *word,
	int64_t capture_id, struct arena *a, int64_t *id, struct err *e)
{
	const struct snapshot *s = word->snapshot;
	struct db_args args;
	db_args_init(&args, a);
	if (capture_id)
		db_arg_int(&args, capture_id);
	else
		db_arg_null(&args);
	db_arg_int(&args, word->generation_id);
	db_arg_time(&args, s->taken_unix_ms);
	db_arg_text(&args, summaries_kind(s->kind));
	db_arg_text(&args, s->route);
	db_arg_text(&args, s->rules);
	db_arg_text(&args, s->why_shallow);
	db_arg_text(&args, s->process.runtime);
	summaries_arg_figures(&args, s);
	db_arg_text(&args,
		summaries_json_holders(s->accumulators, s->accumulator_count, a));
	db_arg_text(&args, summaries_json_holders(s->fanout, s->fanout_count, a));
	db_arg_text(&args, summaries_json_growth(&s->growth, a));
	if (s->raw_bytes)
		db_arg_bytes(&args, s->raw_sha256, sizeof s->raw_sha256);
	else
		db_arg_null(&args);
	scoped_rows struct db_rows rows = {0};
	if (!db_query(db, SQL_SNAPSHOT_PUT, &args, &rows, e))
		return false;
	*id = rows.count ? db_int(&rows, 0, "id") : 0;
	return true;
}

static bool summaries_insert_classes(struct db *db, int64_t id,
	const struct snapshot *s, struct arena *a, struct err *e)
{
	size_t n = s->classes_length;
	const char **names = arena_array(a, n, sizeof *names);
	const char **locations = arena_array(a, n, sizeof *locations);
	int64_t *numbers = arena_array(a, 4 * n, sizeof *numbers);
	bool *has = arena_array(a, 2 * n, sizeof *has);
	for (size_t i = 0; i < n; i++) {
		const struct snapshot_class *class = &s->classes[i];
		names[i] = class->is.name;
		locations[i] = class->is.location;
		numbers[i] = (int64_t) class->count;
		numbers[n + i] = (int64_t) class->shallow_bytes;
		numbers[2 * n + i] = (int64_t) class->retained_bytes;
		numbers[3 * n + i] = class->distance;
		has[i] = s->kind == SNAPSHOT_V8;
		has[n + i] = s->kind == SNAPSHOT_V8 && class->distance >= 0;
	}
	struct db_args args;
	db_args_init(&args, a);
	db_arg_int(&args, id);
	db_arg_texts(&args, names, n);
	db_arg_texts(&args, locations, n);
	db_arg_ints(&args, numbers, n);
	db_arg_ints(&args, numbers + n, n);
	db_arg_ints_or_null(&args, numbers + 2 * n, has, n);
	db_arg_ints_or_null(&args, numbers + 3 * n, has + n, n);
	return db_query(db, SQL_SNAPSHOT_CLASS_PUT, &args, NULL, e);
}

static bool summaries_note_raw(struct db *db, int64_t id, const struct snapshot *s,
	struct arena *a, struct err *e)
{
	uint64_t parts = (s->raw_bytes + SNAPSHOT_RAW_PART_BYTES - 1) /
			 SNAPSHOT_RAW_PART_BYTES;
	struct db_args args;
	if (parts == 0 || parts > INT32_MAX)
		return true;
	db_args_init(&args, a);
	db_arg_int(&args, id);
	db_arg_int(&args, (int64_t)parts);
	return db_query(db, SQL_RAW_KEPT, &args, NULL, e);
}

static bool summaries_note_foreign(struct db *db, const struct summaries_word *word,
	int64_t id, struct arena *a, struct err *e)
{
	struct db_args args;
	db_args_init(&args, a);
	db_arg_int(&args, word->generation_id);
	db_arg_int(&args, word->host_id);
	scoped_rows struct db_rows rows = {0};
	if (!db_query(db, SQL_GENERATION_SUBJECT, &args, &rows, e))
		return false;
	BUG_ON(rows.count != 1);
	return audit_put(db,
		&(struct audit_entry){
			.actor = {0, "agent"},
			.action = "snapshot.foreign",
			.service_id = db_int(&rows, 0, "service_id"),
			.host_id = word->host_id,
			.subject = db_text(&rows, 0, "subject"),
			.detail = arena_printf(a,
				"snapshot %" PRId64 " names capture %" PRIu64
				", which was not ordered of this process",
				id, word->snapshot->capture),
		},
		a, e);
}

/* The capture that the summary belongs to, or NULL. */
static bool summaries_claim(struct db *db, const struct summaries_word *word,
	struct arena *a, struct capture_claim **out, struct err *e)
{
	struct capture_claim *claim = NULL;
	uint64_t capture = word->snapshot->capture;
	if (capture &&
		!capture_claims_take(db, (int64_t)capture, word->host_id, a, &claim, e))
		return false;
	bool ours = claim && claim->ordered && !claim->has_snapshot &&
		    claim->generation_id == word->generation_id;
	*out = ours ? claim : NULL;
	return true;
}

/* The summary is the proof, whatever events may still come. */
static bool summaries_finish(struct db *db, const struct summaries_word *word,
	const struct capture_claim *claim, int64_t id, struct arena *a, struct err *e)
{
	if (claim->state == CAPTURE_DONE)
		return true;
	struct capture_move move = {.id = claim->id,
		.now_ms = word->now_ms,
		.state = CAPTURE_DONE,
		.progress_permille = 1000,
		.text = ""};
	struct audit_entry entry = {{0, "agent"}, "snapshot.done", claim->service_id,
		claim->host_id, claim->subject,
		arena_printf(a, "capture %" PRId64 ", asked by %s: snapshot %" PRId64,
			claim->id, claim->asker, id)};
	return capture_claims_move(db, &move, a, e) && audit_put(db, &entry, a, e);
}

bool summaries_put(struct db *db, const struct summaries_word *word, struct arena *a,
	enum summaries_outcome *outcome, struct err *e)
{
	const struct snapshot *s = word->snapshot;
	struct capture_claim *claim;
	int64_t id;
	if (!summaries_claim(db, word, a, &claim, e) ||
		!summaries_insert(db, word, claim ? claim->id : 0, a, &id, e))
		return false;
	if (id == 0) {
		*outcome = SUMMARIES_REPEATED;
		return true;
	}
	bool foreign = s->capture && !claim;
	*outcome = foreign ? SUMMARIES_FOREIGN : SUMMARIES_STORED;
	return summaries_insert_classes(db, id, s, a, e) &&
	       (!claim || !claim->keep_raw || summaries_note_raw(db, id, s, a, e)) &&
	       (!claim || summaries_finish(db, word, claim, id, a, e)) &&
	       (!foreign || summaries_note_foreign(db, word, id, a, e));
}
