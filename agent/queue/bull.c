#include "agent/queue/bull.h"

#include "agent/queue/finder.h"
#include "agent/queue/known.h"
#include "agent/queue/redis.h"

#include <stdlib.h>
#include <string.h>

enum {
	BULL_AT_ONCE = 16, /* queues in one round trip */
	BULL_LEARN_MS = 60000,
};

struct bull {
	struct redis *redis;
	struct finder finder;
	struct known known;
};

/* Places of the answers of one queue, in the order they are asked for. */
enum bull_question {
	BULL_ID,
	BULL_WAIT,
	BULL_PAUSED,
	BULL_ACTIVE,
	BULL_PRIORITIZED,
	BULL_DELAYED,
	BULL_CHILDREN,
	BULL_FAILED,
	BULL_META,
	BULL_METRIC_COMPLETED,
	BULL_METRIC_FAILED,
	BULL_FIRST, /* of waiting ones, from here on */
	BULL_LAST,
	BULL_LAST_PAUSED,
	BULL_FIRST_PRIORITIZED,
	BULL_ACTIVE_IDS,
	BULL_COMPLETED_IDS,
	BULL_QUESTIONS,
};

/* One queue while it is being read. */
struct bull_queue {
	struct known_queue *known;
	const char *base; /* "PREFIX:NAME:" */
	const struct resp_value **answers;
	size_t oldest_at, active_at, finished_at; /* among those about jobs */
	size_t oldest_count;
	bool learns;
};

struct bull *bull_create(const struct queue_spec *spec, int stop_fd)
{
	struct bull *b = calloc(1, sizeof *b);
	BUG_ON(!b);
	b->redis = redis_create(spec, stop_fd);
	return b;
}

void bull_destroy(struct bull *b)
{
	if (!b)
		return;
	redis_destroy(b->redis);
	finder_finish(&b->finder);
	known_finish(&b->known);
	free(b);
}

static void bull_ask(struct bull *b, const struct bull_queue *q, struct arena *a)
{
	static const struct {
		const char *command, *key, *words[2];
	} questions[BULL_QUESTIONS] = {
		[BULL_ID] = {"GET", "id", {0}},
		[BULL_WAIT] = {"LLEN", "wait", {0}},
		[BULL_PAUSED] = {"LLEN", "paused", {0}},
		[BULL_ACTIVE] = {"LLEN", "active", {0}},
		[BULL_PRIORITIZED] = {"ZCARD", "prioritized", {0}},
		[BULL_DELAYED] = {"ZCARD", "delayed", {0}},
		[BULL_CHILDREN] = {"ZCARD", "waiting-children", {0}},
		[BULL_FAILED] = {"ZCARD", "failed", {0}},
		[BULL_META] = {"EXISTS", "meta", {0}},
		[BULL_METRIC_COMPLETED] = {"HGET", "metrics:completed", {"count"}},
		[BULL_METRIC_FAILED] = {"HGET", "metrics:failed", {"count"}},
		[BULL_FIRST] = {"LINDEX", "wait", {"0"}},
		[BULL_LAST] = {"LINDEX", "wait", {"-1"}},
		[BULL_LAST_PAUSED] = {"LINDEX", "paused", {"-1"}},
		[BULL_FIRST_PRIORITIZED] = {"ZRANGE", "prioritized", {"0", "0"}},
		[BULL_ACTIVE_IDS] = {"LRANGE", "active", {"-128", "-1"}},
		[BULL_COMPLETED_IDS] = {"ZREVRANGE", "completed", {"0", "199"}},
	};
	_Static_assert(OVERDUE_ACTIVE == 128 && OVERDUE_DURATIONS == 200, "as asked");
	for (int i = 0; i < BULL_QUESTIONS; i++) {
		const char *key = arena_printf(a, "%s%s", q->base, questions[i].key);
		if (i == BULL_COMPLETED_IDS && !q->learns)
			redis_ask(b->redis, "EXISTS", key, NULL); /* keeps the place */
		else
			redis_ask(b->redis, questions[i].command, key,
				questions[i].words[0], questions[i].words[1], NULL);
	}
}

static int64_t bull_number(const struct bull_queue *q, enum bull_question which)
{
	int64_t number;
	return resp_number(q->answers[which], &number) && number >= 0 ? number : -1;
}

static int64_t bull_sum(const struct bull_queue *q, enum bull_question which)
{
	int64_t number = bull_number(q, which);
	return number < 0 ? 0 : number;
}

static void bull_ask_job(struct bull *b, const struct bull_queue *q,
	const struct resp_value *id, const char *first, const char *second,
	struct arena *a)
{
	const char *key = arena_printf(a, "%s%s", q->base, id->text);
	redis_ask(b->redis, "HMGET", key, first, second, NULL);
}

/* Older versions kept a sign that begins with "0:" among the jobs. */
static bool bull_is_job(const struct resp_value *id)
{
	return id->type == RESP_TEXT && id->length && strncmp(id->text, "0:", 2) != 0;
}

static void bull_ask_jobs(
	struct bull *b, struct bull_queue *q, size_t *at, struct arena *a)
{
	q->oldest_at = *at;
	for (int i = BULL_FIRST; i <= BULL_FIRST_PRIORITIZED; i++) {
		const struct resp_value *id = q->answers[i];
		if (id->type == RESP_LIST && id->count == 1)
			id = id->items[0];
		if (!bull_is_job(id))
			continue;
		bull_ask_job(b, q, id, "timestamp", "delay", a);
		q->oldest_count++;
	}
	*at += q->oldest_count;
	q->active_at = *at;
	const struct resp_value *ids = q->answers[BULL_ACTIVE_IDS];
	for (size_t i = 0; i < ids->count; i++)
		bull_ask_job(b, q, ids->items[i], "processedOn", "timestamp", a);
	*at += ids->count;
	q->finished_at = *at;
	ids = q->answers[BULL_COMPLETED_IDS];
	for (size_t i = 0; i < ids->count; i++)
		bull_ask_job(b, q, ids->items[i], "processedOn", "finishedOn", a);
	*at += ids->count;
}

/* Two numbers of a job's hash. */
static bool bull_pair(const struct resp_value *v, int64_t *first, int64_t *second)
{
	return v->type == RESP_LIST && v->count == 2 &&
	       resp_number(v->items[0], first) && resp_number(v->items[1], second);
}

static int64_t bull_oldest_ms(
	const struct bull_queue *q, const struct resp_value **jobs, int64_t now_unix_ms)
{
	int64_t oldest_ms = 0;
	for (size_t i = 0; i < q->oldest_count; i++) {
		const struct resp_value *v = jobs[q->oldest_at + i];
		int64_t since = 0, delay = 0;
		if (v->type != RESP_LIST || v->count != 2 ||
			!resp_number(v->items[0], &since))
			continue;
		if (!resp_number(v->items[1], &delay) || delay > now_unix_ms)
			delay = 0;
		if (now_unix_ms - since - delay > oldest_ms)
			oldest_ms = now_unix_ms - since - delay;
	}
	return oldest_ms;
}

static void bull_learn(struct bull_queue *q, const struct resp_value **jobs)
{
	int64_t durations[OVERDUE_DURATIONS];
	size_t asked = q->answers[BULL_COMPLETED_IDS]->count, count = 0;
	for (size_t i = 0; i < asked && count < OVERDUE_DURATIONS; i++) {
		int64_t begun, finished;
		if (bull_pair(jobs[q->finished_at + i], &begun, &finished) &&
			finished >= begun)
			durations[count++] = finished - begun;
	}
	q->known->has_finished = count >= OVERDUE_LEAST;
	if (q->known->has_finished)
		overdue_learn(&q->known->overdue, durations, count);
}

static int64_t bull_overdue(
	struct bull_queue *q, const struct resp_value **jobs, int64_t now_unix_ms)
{
	struct overdue_item items[OVERDUE_ACTIVE];
	const struct resp_value *ids = q->answers[BULL_ACTIVE_IDS];
	size_t count = 0;
	for (size_t i = 0; i < ids->count && count < OVERDUE_ACTIVE; i++) {
		const struct resp_value *v = jobs[q->active_at + i];
		int64_t since;
		if (v->type == RESP_LIST && v->count == 2 &&
			resp_number(v->items[0], &since))
			items[count++] = (struct overdue_item){
				overdue_id(ids->items[i]->text), since};
	}
	overdue_look(
		&q->known->overdue, items, count, now_unix_ms, !q->known->has_finished);
	return overdue_count(&q->known->overdue, now_unix_ms);
}

static void bull_fill(struct bull_queue *q, const struct resp_value **jobs,
	struct reading *r, struct wire_values *v)
{
	int64_t marker = q->answers[BULL_LAST]->type == RESP_TEXT &&
			 !bull_is_job(q->answers[BULL_LAST]);
	int64_t waiting = bull_sum(q, BULL_WAIT) - marker + bull_sum(q, BULL_PAUSED) +
			  bull_sum(q, BULL_PRIORITIZED);
	int64_t active = bull_sum(q, BULL_ACTIVE);
	int64_t delayed = bull_sum(q, BULL_DELAYED);
	int64_t depth = waiting + active + delayed + bull_sum(q, BULL_CHILDREN);
	int64_t failed = bull_sum(q, BULL_FAILED), entered = bull_number(q, BULL_ID);
	int64_t completed = bull_number(q, BULL_METRIC_COMPLETED);
	int64_t failures = bull_number(q, BULL_METRIC_FAILED);
	struct ledger *ledger = &q->known->ledger;
	if (entered >= 0)
		ledger_look(ledger, entered, depth, failed);
	reading_set(v, QUEUE_depth, depth);
	reading_set(v, QUEUE_waiting, waiting);
	reading_set(v, QUEUE_active, active);
	reading_set(v, QUEUE_delayed, delayed);
	reading_set(v, QUEUE_failed, failed);
	reading_set(v, QUEUE_entered, entered);
	if (entered >= 0 || completed >= 0)
		reading_set(v, QUEUE_completed,
			completed >= 0 ? completed : ledger->completed);
	if (entered >= 0 || failures >= 0)
		reading_set(
			v, QUEUE_failures, failures >= 0 ? failures : ledger->failures);
	reading_set(v, QUEUE_oldest_ms, bull_oldest_ms(q, jobs, r->at_unix_ms));
	if (q->learns)
		bull_learn(q, jobs);
	reading_set(v, QUEUE_overdue, bull_overdue(q, jobs, r->at_unix_ms));
}

/* There has been nothing of that name, or no more. */
static bool bull_is_gone(const struct bull_queue *q)
{
	return bull_number(q, BULL_ID) < 0 && bull_sum(q, BULL_META) == 0 &&
	       bull_sum(q, BULL_WAIT) + bull_sum(q, BULL_ACTIVE) == 0;
}

/* Up to BULL_AT_ONCE queues from this one of the finder's on. */
static bool bull_read_some(
	struct bull *b, size_t first, size_t count, struct reading *r, struct err *e)
{
	struct bull_queue queues[BULL_AT_ONCE] = {0};
	const struct resp_value **answers, **jobs;
	size_t at = 0;
	for (size_t i = 0; i < count; i++) {
		const char *name = b->finder.names[first + i];
		struct bull_queue *q = &queues[i];
		q->known = known_get(&b->known, name);
		q->base = arena_printf(r->arena, "%s:%s:", r->spec->prefix, name);
		q->learns = r->at_unix_ms - q->known->learnt_unix_ms >= BULL_LEARN_MS;
		bull_ask(b, q, r->arena);
	}
	if (!redis_run(b->redis, r->arena, r->deadline_mono_ms, &answers, e))
		return false;
	for (size_t i = 0; i < count; i++) {
		queues[i].answers = answers + i * BULL_QUESTIONS;
		bull_ask_jobs(b, &queues[i], &at, r->arena);
	}
	if (!redis_run(b->redis, r->arena, r->deadline_mono_ms, &jobs, e))
		return false;
	for (size_t i = 0; i < count; i++) {
		struct wire_values *v = NULL;
		if (!bull_is_gone(&queues[i]))
			v = reading_queue(r, b->finder.names[first + i]);
		if (v)
			bull_fill(&queues[i], jobs, r, v);
		if (v && queues[i].learns)
			queues[i].known->learnt_unix_ms = r->at_unix_ms;
	}
	return true;
}

/* What was found once and is no more. */
static void bull_drop_gone(struct bull *b, const struct reading *r)
{
	for (size_t i = b->finder.count; i-- > 0;) {
		bool is_there = finder_is_given(r, b->finder.names[i]);
		for (size_t j = 0; j < r->count && !is_there; j++)
			is_there = !strcmp(r->queues[j].of.name, b->finder.names[i]);
		if (!is_there)
			finder_drop(&b->finder, i);
	}
}

bool bull_read(struct bull *b, struct reading *r, struct err *e)
{
	const char *before = arena_printf(r->arena, "%s:", r->spec->prefix);
	const char *after = r->spec->kind == QUEUE_BULLMQ ? ":meta" : ":id";
	if (!finder_look(&b->finder, b->redis, r, before, after, e))
		return false;
	for (size_t i = 0; i < b->finder.count; i += BULL_AT_ONCE) {
		size_t left = b->finder.count - i;
		if (!bull_read_some(
			    b, i, left < BULL_AT_ONCE ? left : BULL_AT_ONCE, r, e))
			return false;
	}
	bull_drop_gone(b, r);
	r->is_cut = r->is_cut || b->finder.is_cut;
	return true;
}
