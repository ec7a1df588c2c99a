#include "server/messenger/job.h"

#include "common/clock.h"
#include "server/messenger/labels.h"

#include <stdlib.h>
#include <string.h>

#define JOB_DAY_MS INT64_C(86400000)

/* A renewal tells of so many pages of so many alerts, the newest ones. */
enum { JOB_ALERTS = 1000, JOB_PAGES = 10 };

static struct job *job_new(void)
{
	struct job *j = calloc(1, sizeof *j);
	BUG_ON(!j);
	arena_init(&j->arena);
	return j;
}

static void job_post(struct job *j, const struct job_rules *rules)
{
	for (size_t i = 0; i < j->parcel.url_count; i++)
		j->posts[i] = post_create(&j->parcel, j->parcel.urls[i], &rules->post);
	j->left = j->parcel.url_count;
}

/* Into the arena of the job, which outlives the claim. */
static struct messages_due job_own(const struct messages_due *due, struct arena *a)
{
	struct messages_due own = *due;
	const char **texts[] = {&own.key, &own.target, &own.kind, &own.url,
		&own.recipients, &own.sender, &own.username, &own.password,
		&own.signing, &own.signing_old, &own.event, &own.text, &own.by};
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		*texts[i] = arena_strdup(a, *texts[i]);
	return own;
}

bool job_create(struct db *db, const struct messages_due *due,
	const struct job_rules *rules, struct job **job, struct err *e)
{
	struct job *j = job_new();
	j->due = job_own(due, &j->arena);
	*job = NULL;
	if (!news_read(db, &j->due, rules->console, &j->arena, &j->news, e)) {
		job_destroy(j);
		return false;
	}
	parcel_make(&j->news, &j->arena, &j->parcel);
	job_post(j, rules);
	*job = j;
	return true;
}

static bool job_is_among(int64_t id, struct figures_ids ids)
{
	for (size_t i = 0; i < ids.count; i++)
		if (ids.ids[i] == id)
			return true;
	return false;
}

/* Open alerts that fit the target, page by page; `rows` has room for them. */
static bool job_read_open(struct db *db, const struct renewals_target *target,
	struct job *j, struct alerts_row **rows, size_t *count, struct err *e)
{
	static const char *const states[] = {"open", "acknowledged"};
	const char *const *service = &target->service;
	struct alerts_filter filter = {.states = {states, 2},
		.services = {service, **service ? 1 : 0},
		.limit = JOB_ALERTS,
		.now_ms = j->renewal.now_ms};
	*count = 0;
	for (int page = 0; page < JOB_PAGES; page++) {
		struct alerts_row *more;
		size_t got;
		if (!alerts_page(db, &filter, &j->arena, &more, &got, e))
			return false;
		for (size_t i = 0; i < got; i++)
			rows[(*count)++] = &more[i];
		if (got < JOB_ALERTS)
			break;
		filter.after_ms = more[got - 1].opened_ms;
		filter.after_id = more[got - 1].id;
	}
	return true;
}

/* A silence keeps back what is new; what the Alertmanager knows already goes on, since
 * it did not end. */
static bool job_open_alerts(struct db *db, const struct renewals_target *target,
	struct job *j, struct alerts_row ***out, struct figures_ids *ids, struct err *e)
{
	enum { ROOM = JOB_ALERTS * JOB_PAGES + RENEWALS_LEFT };
	struct alerts_row **rows = arena_array(&j->arena, ROOM, sizeof *rows);
	struct figures_ids all, told;
	size_t count, kept = 0;
	if (!job_read_open(db, target, j, rows, &count, e))
		return false;
	int64_t *numbers = arena_array(&j->arena, count, sizeof *numbers);
	for (size_t i = 0; i < count; i++)
		numbers[i] = rows[i]->id;
	all = (struct figures_ids){numbers, count};
	if (!renewals_told(db, target->id, all, &j->arena, &told, e))
		return false;
	for (size_t i = 0; i < count; i++)
		if (!rows[i]->merged_into && (!rows[i]->silenced_until_ms ||
						     job_is_among(rows[i]->id, told))) {
			numbers[kept] = rows[i]->id;
			rows[kept++] = rows[i];
		}
	*out = rows;
	*ids = (struct figures_ids){numbers, kept};
	return true;
}

/* What ended since: with its end, or now where it only went into another. */
static bool job_left_alerts(struct db *db, struct job *j, struct alerts_row **rows,
	size_t *count, struct err *e)
{
	struct renewals_end *r = &j->renewal;
	if (!renewals_left(db, r->target_id, r->open, &j->arena, &r->ended, e))
		return false;
	for (size_t i = 0; i < r->ended.count; i++) {
		struct alerts_row *row;
		if (!alerts_one(db, r->ended.ids[i], r->now_ms, &j->arena, &row, e))
			return false;
		if (row)
			rows[(*count)++] = row;
	}
	return true;
}

static bool job_renew_alerts(struct db *db, const struct renewals_target *target,
	const char *console, struct job *j, struct err *e)
{
	struct alerts_row **rows;
	if (!job_open_alerts(db, target, j, &rows, &j->renewal.open, e))
		return false;
	size_t count = j->renewal.open.count;
	if (!job_left_alerts(db, j, rows, &count, e))
		return false;
	const struct labels_state state = {(const struct alerts_row *const *)rows,
		count, console, j->renewal.now_ms};
	if (count)
		labels_push_state(&state, &j->parcel.body);
	return true;
}

bool job_renew(struct db *db, const struct renewals_target *target,
	const struct job_rules *rules, struct job **job, struct err *e)
{
	struct job *j = job_new();
	const struct messages_due due = {.key = "",
		.target = target->name,
		.kind = "alertmanager",
		.url = target->url,
		.recipients = "",
		.sender = "",
		.username = target->username,
		.password = target->password,
		.signing = "",
		.signing_old = "",
		.event = "",
		.text = "",
		.by = ""};
	*job = NULL;
	j->due = job_own(&due, &j->arena);
	j->renewal = (struct renewals_end){
		.target_id = target->id, .now_ms = clock_unix_ms(), .problem = ""};
	if (!job_renew_alerts(db, target, rules->console, j, e)) {
		job_destroy(j);
		return false;
	}
	if (j->parcel.body.length == 0) {
		job_destroy(j);
		return true;
	}
	parcel_push(&j->due, &j->arena, &j->parcel);
	job_post(j, rules);
	*job = j;
	return true;
}

void job_destroy(struct job *j)
{
	if (!j)
		return;
	for (size_t i = 0; i < PARCEL_URLS; i++)
		post_destroy(j->posts[i]);
	parcel_finish(&j->parcel);
	arena_finish(&j->arena);
	free(j);
}

bool job_note(struct job *j, const void *handle, int code)
{
	for (size_t i = 0; i < PARCEL_URLS; i++) {
		if (!j->posts[i] || post_handle(j->posts[i]) != handle)
			continue;
		struct post_result r = post_end(j->posts[i], code);
		/* The best end counts: they are in the order of their worth. */
		if (!j->ended || r.end < j->result.end)
			j->result = r;
		j->ended = true;
		post_destroy(j->posts[i]);
		j->posts[i] = NULL;
		j->left--;
	}
	return j->left == 0;
}

bool job_is_over(const struct job *j, int64_t now_ms)
{
	return j->result.end == POST_REFUSED || now_ms - j->due.due_ms > JOB_DAY_MS;
}

static bool job_settle_renewal(
	struct db *db, const struct job *j, struct arena *a, struct err *e)
{
	struct renewals_end end = j->renewal;
	end.problem = j->result.problem;
	if (j->result.end != POST_TAKEN)
		end.open = end.ended = (struct figures_ids){0};
	return renewals_done(db, &end, a, e);
}

bool job_settle(struct db *db, const struct job *j, int64_t retry_ms, struct err *e)
{
	struct arena a;
	bool ok;
	arena_init(&a);
	if (j->renewal.target_id) {
		ok = job_settle_renewal(db, j, &a, e);
	} else {
		int64_t now_ms = clock_unix_ms(), next_ms = now_ms + retry_ms;
		enum post_end how = j->result.end;
		bool over = job_is_over(j, now_ms);
		struct messages_end end = {
			.id = j->due.id,
			.now_ms = now_ms,
			.state = how == POST_TAKEN ? "sent"
				 : over            ? "failed"
						   : "waiting",
			.next_ms = how == POST_REJECTED ? next_ms : 0,
			.target_next_ms = how == POST_DOWN ? next_ms : 0,
			.late_ms = now_ms - JOB_DAY_MS,
			.problem = j->result.problem,
		};
		ok = messages_settle(db, &end, &a, e);
	}
	arena_finish(&a);
	return ok;
}
