#include "server/store/cases.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* An alert that is held until the transaction ends. */
struct held {
	int64_t id, merged_into, revision, finding_id;
	bool is_resolved;
	bool is_beyond; /* tied to alerts of services that the asker does not see */
};

const char cases_beyond[] = "the alert is merged with one of a service that is "
			    "beyond your limit";

struct held_list {
	struct held *rows;
	size_t count;
};

static const struct held *find(const struct held_list *list, int64_t id)
{
	for (size_t i = 0; i < list->count; i++)
		if (list->rows[i].id == id)
			return &list->rows[i];
	return NULL;
}

static bool hold(struct db *db, struct figures_ids ids, struct arena *a,
	struct held_list *out, struct err *e)
{
	struct db_args args;
	db_args_init(&args, a);
	db_arg_ints(&args, ids.ids, ids.count);
	scoped_rows struct db_rows rows = {0};
	if (!db_query(db, SQL_CASE_LOCK, &args, &rows, e))
		return false;
	out->count = (size_t)rows.count;
	out->rows = arena_array(a, out->count, sizeof *out->rows);
	for (int i = 0; i < rows.count; i++)
		out->rows[i] = (struct held){
			.id = db_int(&rows, i, "id"),
			.merged_into = db_int(&rows, i, "merged_into"),
			.revision = db_int(&rows, i, "revision"),
			.finding_id = db_int(&rows, i, "finding_id"),
			.is_resolved = strcmp(db_text(&rows, i, "state"), "resolved") ==
				       0,
			.is_beyond = db_bool(&rows, i, "beyond"),
		};
	return true;
}

/* The alert of a step, and those that it names. */
static struct figures_ids all_of(const struct cases_step *step, struct arena *a)
{
	int64_t *ids = arena_array(a, step->these.count + 1, sizeof *ids);
	for (size_t i = 0; i < step->these.count; i++)
		ids[i] = step->these.ids[i];
	ids[step->these.count] = step->alert_id;
	return (struct figures_ids){ids, step->these.count + 1};
}

static void refuse(struct cases_answer *answer, enum cases_outcome outcome,
	struct arena *a, const char *format, ...) __attribute__((format(printf, 4, 5)));

static void refuse(struct cases_answer *answer, enum cases_outcome outcome,
	struct arena *a, const char *format, ...)
{
	char text[160];
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(text, sizeof text, format, arguments);
	va_end(arguments);
	answer->outcome = outcome;
	answer->why = arena_strdup(a, text);
}

/* The alert of the step; NULL: the answer says why not. */
static const struct held *take(const struct cases_step *step,
	const struct held_list *list, struct arena *a, struct cases_answer *answer)
{
	const struct held *h = find(list, step->alert_id);
	if (!h)
		answer->outcome = CASES_MISSING;
	else if (step->revision && h->revision != step->revision)
		refuse(answer, CASES_MOVED_ON, a,
			"the alert has moved on to revision %" PRId64, h->revision);
	else if (h->merged_into)
		refuse(answer, CASES_REFUSED, a, "the alert is inside alert %" PRId64,
			h->merged_into);
	else if (h->is_beyond)
		refuse(answer, CASES_REFUSED, a, "%s", cases_beyond);
	else
		return h;
	return NULL;
}

static bool may_merge(const struct cases_step *step, const struct held_list *list,
	struct arena *a, struct cases_answer *answer)
{
	const struct held *outer = take(step, list, a, answer);
	if (!outer)
		return false;
	for (size_t i = 0; i < step->these.count; i++) {
		const struct held *h = find(list, step->these.ids[i]);
		if (!h)
			refuse(answer, CASES_WRONG, a, "no alert has the id %" PRId64,
				step->these.ids[i]);
		else if (h == outer)
			refuse(answer, CASES_WRONG, a,
				"an alert cannot be inside itself");
		else if (h->is_beyond)
			refuse(answer, CASES_REFUSED, a, "%s", cases_beyond);
		else if (h->merged_into)
			refuse(answer, CASES_REFUSED, a,
				"alert %" PRId64 " is inside alert %" PRId64, h->id,
				h->merged_into);
		else if (outer->is_resolved && !h->is_resolved)
			refuse(answer, CASES_REFUSED, a,
				"the alert is resolved, and alert %" PRId64 " is not",
				h->id);
		else
			continue;
		return false;
	}
	return true;
}

static bool may_unmerge(const struct cases_step *step, const struct held_list *list,
	struct arena *a, struct cases_answer *answer)
{
	if (!take(step, list, a, answer))
		return false;
	for (size_t i = 0; i < step->these.count; i++) {
		const struct held *h = find(list, step->these.ids[i]);
		if (h && h->merged_into == step->alert_id)
			continue;
		refuse(answer, CASES_WRONG, a,
			"alert %" PRId64 " is not inside this one", step->these.ids[i]);
		return false;
	}
	return true;
}

static bool move(struct db *db, enum sql_query query, const struct cases_step *step,
	struct arena *a, struct err *e)
{
	struct db_args args;
	db_args_init(&args, a);
	db_arg_int(&args, step->alert_id);
	db_arg_int(&args, step->user_id);
	db_arg_time(&args, step->now_ms);
	db_arg_ints(&args, step->these.ids, step->these.count);
	return db_query(db, query, &args, NULL, e);
}

/* Of a step that was refused nothing is left either way. */
static bool finish(struct db *db, bool ok, struct err *e)
{
	if (ok && db_commit(db, e))
		return true;
	db_rollback(db);
	return false;
}

static bool merge(struct db *db, const struct cases_step *step, struct arena *a,
	struct cases_answer *answer, struct err *e)
{
	struct held_list list;
	if (!hold(db, all_of(step, a), a, &list, e))
		return false;
	return !may_merge(step, &list, a, answer) ||
	       move(db, SQL_CASE_MERGE, step, a, e);
}

bool cases_merge(struct db *db, const struct cases_step *step, struct arena *a,
	struct cases_answer *answer, struct err *e)
{
	*answer = (struct cases_answer){.alert_id = step->alert_id};
	return db_begin(db, e) && finish(db, merge(db, step, a, answer, e), e);
}

static bool unmerge(struct db *db, const struct cases_step *step, struct arena *a,
	struct cases_answer *answer, struct err *e)
{
	struct held_list list;
	if (!hold(db, all_of(step, a), a, &list, e))
		return false;
	return !may_unmerge(step, &list, a, answer) ||
	       move(db, SQL_CASE_UNMERGE, step, a, e);
}

bool cases_unmerge(struct db *db, const struct cases_step *step, struct arena *a,
	struct cases_answer *answer, struct err *e)
{
	*answer = (struct cases_answer){.alert_id = step->alert_id};
	return db_begin(db, e) && finish(db, unmerge(db, step, a, answer, e), e);
}

/* Whether the instances of a step are some of the finding's, and not all. */
static bool may_part(struct db *db, const struct cases_step *step, int64_t finding_id,
	struct arena *a, struct cases_answer *answer, struct err *e)
{
	struct db_args args;
	db_args_init(&args, a);
	db_arg_int(&args, finding_id);
	scoped_rows struct db_rows rows = {0};
	if (!db_query(db, SQL_CASE_SEATS, &args, &rows, e))
		return false;
	size_t inside = 0;
	for (size_t k = 0; k < step->these.count; k++) {
		size_t before = inside;
		for (int i = 0; i < rows.count && inside == before; i++)
			inside += db_int(&rows, i, "slot_id") == step->these.ids[k];
		if (inside == before)
			refuse(answer, CASES_WRONG, a,
				"instance %" PRId64 " is not inside the alert",
				step->these.ids[k]);
	}
	if (inside == step->these.count && inside == (size_t)rows.count)
		refuse(answer, CASES_WRONG, a,
			"at least one instance must stay with the alert");
	return true;
}

/* The one id that a query returns. */
static bool ask_id(struct db *db, enum sql_query query, const struct db_args *args,
	int64_t *id, struct err *e)
{
	scoped_rows struct db_rows rows = {0};
	if (!db_query(db, query, args, &rows, e))
		return false;
	*id = db_int(&rows, 0, "id");
	return true;
}

static bool part(struct db *db, const struct cases_step *step, int64_t finding_id,
	struct arena *a, int64_t *alert_id, struct err *e)
{
	struct db_args make, count, open;
	int64_t findings[2] = {finding_id};
	db_args_init(&make, a);
	db_arg_int(&make, finding_id);
	db_arg_ints(&make, step->these.ids, step->these.count);
	if (!ask_id(db, SQL_CASE_SPLIT, &make, &findings[1], e))
		return false;
	db_args_init(&count, a);
	db_arg_ints(&count, findings, 2);
	db_args_init(&open, a);
	db_arg_int(&open, findings[1]);
	db_arg_int(&open, step->alert_id);
	db_arg_int(&open, step->user_id);
	db_arg_time(&open, step->now_ms);
	db_arg_text(&open, step->note);
	return db_query(db, SQL_CASE_COUNT, &count, NULL, e) &&
	       ask_id(db, SQL_CASE_ALERT, &open, alert_id, e);
}

static bool split(struct db *db, const struct cases_step *step, struct arena *a,
	struct cases_answer *answer, struct err *e)
{
	struct held_list list;
	const struct figures_ids one = {&step->alert_id, 1};
	if (!hold(db, one, a, &list, e))
		return false;
	const struct held *h = take(step, &list, a, answer);
	if (!h)
		return true;
	if (h->is_resolved)
		refuse(answer, CASES_REFUSED, a, "the alert is resolved");
	else if (!may_part(db, step, h->finding_id, a, answer, e))
		return false;
	return answer->outcome != CASES_DONE ||
	       part(db, step, h->finding_id, a, &answer->alert_id, e);
}

bool cases_split(struct db *db, const struct cases_step *step, struct arena *a,
	struct cases_answer *answer, struct err *e)
{
	*answer = (struct cases_answer){.alert_id = step->alert_id};
	return db_begin(db, e) && finish(db, split(db, step, a, answer, e), e);
}

bool cases_similar(struct db *db, int64_t alert_id, struct arena *a,
	struct cases_like **out, size_t *count, struct err *e)
{
	struct db_args args;
	db_args_init(&args, a);
	db_arg_int(&args, alert_id);
	scoped_rows struct db_rows rows = {0};
	if (!db_query(db, SQL_CASE_SIMILAR, &args, &rows, e))
		return false;
	*count = (size_t)rows.count;
	*out = arena_array(a, *count, sizeof **out);
	for (int i = 0; i < rows.count; i++)
		(*out)[i] = (struct cases_like){
			.id = db_int(&rows, i, "id"),
			.opened_ms = db_time(&rows, i, "opened_at"),
			.resolved_ms = db_time(&rows, i, "resolved_at"),
			.state = db_text_copy(&rows, i, "state", a),
			.resolution = db_text_copy(&rows, i, "resolution", a),
			.resolved_in = figures_text(&rows, i, "resolved_in", a),
			.service = figures_name(&rows, i, "service_id", "service", a),
			.version = figures_name(
				&rows, i, "fingerprint_id", "version", a),
			.kind = db_text_copy(&rows, i, "kind", a),
			.cause = db_text_copy(&rows, i, "cause", a),
			.summary = db_text_copy(&rows, i, "summary", a),
			.ended = db_text_copy(&rows, i, "ended", a),
			.rate = figures_rate(&rows, i),
			.same_service = db_bool(&rows, i, "same_service"),
			.same_cause = db_bool(&rows, i, "same_cause"),
		};
	return true;
}

bool cases_seats(struct db *db, struct figures_ids findings, struct arena *a,
	struct cases_seat **out, size_t *count, struct err *e)
{
	struct db_args args;
	db_args_init(&args, a);
	db_arg_ints(&args, findings.ids, findings.count);
	scoped_rows struct db_rows rows = {0};
	if (!db_query(db, SQL_EVIDENCE_SPLIT, &args, &rows, e))
		return err_wrap(e, "reading what was split off");
	*count = (size_t)rows.count;
	*out = arena_array(a, *count, sizeof **out);
	for (int i = 0; i < rows.count; i++)
		(*out)[i] = (struct cases_seat){
			.finding_id = db_int(&rows, i, "finding_id"),
			.slot_id = db_int(&rows, i, "slot_id"),
			.service = db_text_copy(&rows, i, "service", a),
			.version = db_text_copy(&rows, i, "version", a),
		};
	return true;
}
