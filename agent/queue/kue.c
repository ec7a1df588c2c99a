#include "agent/queue/kue.h"

#include "agent/queue/known.h"
#include "agent/queue/redis.h"
#include "agent/queue/shares.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum {
	KUE_LEARN_MS = 60000,
	KUE_SAMPLE = 1000, /* new jobs whose type is asked for */
	KUE_SCAN_ROUNDS = 20,
	KUE_OLDEST = 6,   /* jobs that may have waited longest */
	KUE_AT_ONCE = 16, /* types in one round trip */
};

struct kue {
	struct redis *redis;
	struct known known;
	bool has_ids;
	int64_t ids;              /* at the last look */
	int64_t open[KUE_SAMPLE]; /* of jobs that did not say their type yet */
	size_t open_count;
	int64_t others_weight; /* of the types that are not wanted */
};

/* Places of the answers of one type, in the order they are asked for. */
enum kue_question {
	KUE_INACTIVE,
	KUE_ACTIVE,
	KUE_DELAYED,
	KUE_FAILED,
	KUE_COMPLETE,
	KUE_FIRST, /* KUE_OLDEST of them: the head, and the first of each priority */
	KUE_ACTIVE_IDS = KUE_FIRST + KUE_OLDEST,
	KUE_COMPLETE_IDS,
	KUE_QUESTIONS,
};

struct kue_type {
	const char *name;
	struct known_queue *known;
	struct wire_values *values;
	const struct resp_value **answers;
	bool learns;
};

struct kue *kue_create(const struct queue_spec *spec, int stop_fd)
{
	struct kue *k = calloc(1, sizeof *k);
	BUG_ON(!k);
	k->redis = redis_create(spec, stop_fd);
	return k;
}

void kue_destroy(struct kue *k)
{
	if (!k)
		return;
	redis_destroy(k->redis);
	known_finish(&k->known);
	free(k);
}

static bool kue_add_type(void *context, const char *name)
{
	struct reading *r = context;
	if (reading_wants(r, name))
		reading_queue(r, name);
	return !r->is_cut;
}

static bool kue_find_types(struct kue *k, struct reading *r, struct err *e)
{
	struct redis_scan scan = {
		.key = arena_printf(r->arena, "%s:job:types", r->spec->prefix),
		.rounds = KUE_SCAN_ROUNDS,
		.each = kue_add_type,
		.context = r,
	};
	return redis_scan(k->redis, &scan, r->arena, r->deadline_mono_ms, e);
}

static void kue_ask(struct kue *k, const struct kue_type *t, const struct reading *r)
{
	static const char *const states[] = {
		"inactive", "active", "delayed", "failed", "complete"};
	static const char *const priorities[KUE_OLDEST - 1] = {
		"-15", "-10", "-5", "0", "10"};
	const char *base = arena_printf(
		r->arena, "%s:jobs:%s", r->spec->prefix, t->name);
	const char *keys[5];
	for (int i = 0; i < 5; i++) {
		keys[i] = arena_printf(r->arena, "%s:%s", base, states[i]);
		redis_ask(k->redis, "ZCARD", keys[i], NULL);
	}
	redis_ask(k->redis, "ZRANGE", keys[KUE_INACTIVE], "0", "0", NULL);
	for (int i = 0; i < KUE_OLDEST - 1; i++)
		redis_ask(k->redis, "ZRANGEBYSCORE", keys[KUE_INACTIVE], priorities[i],
			priorities[i], "LIMIT", "0", "1", NULL);
	redis_ask(k->redis, "ZRANGE", keys[KUE_ACTIVE], "0", "127", NULL);
	if (t->learns)
		redis_ask(k->redis, "ZREVRANGE", keys[KUE_COMPLETE], "0", "199", NULL);
	else
		redis_ask(k->redis, "EXISTS", keys[KUE_COMPLETE], NULL);
}

/* The hash of a job, by a member "NN|ID" of a set. */
static const char *kue_job(const struct resp_value *member, const struct reading *r)
{
	const char *bar = strchr(member->text, '|');
	return arena_printf(
		r->arena, "%s:job:%s", r->spec->prefix, bar ? bar + 1 : member->text);
}

static size_t kue_ask_each(struct kue *k, const struct resp_value *members,
	const char *field, const struct reading *r)
{
	for (size_t i = 0; i < members->count; i++)
		redis_ask(k->redis, "HGET", kue_job(members->items[i], r), field, NULL);
	return members->count;
}

static int64_t kue_oldest_ms(
	const struct resp_value **created, size_t count, int64_t now_unix_ms)
{
	int64_t oldest_ms = 0, since;
	for (size_t i = 0; i < count; i++) {
		if (resp_number(created[i], &since) && now_unix_ms - since > oldest_ms)
			oldest_ms = now_unix_ms - since;
	}
	return oldest_ms;
}

/* What a type's jobs say of themselves; one round trip. */
static bool kue_read_jobs(
	struct kue *k, struct kue_type *t, struct reading *r, struct err *e)
{
	const struct resp_value **jobs;
	const struct resp_value *active = t->answers[KUE_ACTIVE_IDS];
	struct overdue_item items[OVERDUE_ACTIVE];
	int64_t durations[OVERDUE_DURATIONS];
	size_t oldest = 0, begun = 0, count = 0;
	for (int i = 0; i < KUE_OLDEST; i++)
		oldest += kue_ask_each(k, t->answers[KUE_FIRST + i], "promote_at", r);
	kue_ask_each(k, active, "started_at", r);
	size_t finished = kue_ask_each(k, t->answers[KUE_COMPLETE_IDS], "duration", r);
	if (!redis_run(k->redis, r->arena, r->deadline_mono_ms, &jobs, e))
		return false;
	reading_set(
		t->values, QUEUE_oldest_ms, kue_oldest_ms(jobs, oldest, r->at_unix_ms));
	for (size_t i = 0; i < active->count && begun < OVERDUE_ACTIVE; i++) {
		int64_t since;
		if (resp_number(jobs[oldest + i], &since))
			items[begun++] = (struct overdue_item){
				overdue_id(active->items[i]->text), since};
	}
	for (size_t i = 0; i < finished && count < OVERDUE_DURATIONS; i++)
		count += resp_number(
			jobs[oldest + active->count + i], &durations[count]);
	if (t->learns)
		t->known->has_finished = count >= OVERDUE_LEAST;
	if (t->learns && t->known->has_finished)
		overdue_learn(&t->known->overdue, durations, count);
	overdue_look(&t->known->overdue, items, begun, r->at_unix_ms,
		!t->known->has_finished);
	reading_set(t->values, QUEUE_overdue,
		overdue_count(&t->known->overdue, r->at_unix_ms));
	return true;
}

static int64_t kue_sum(const struct kue_type *t, enum kue_question which)
{
	int64_t number;
	return resp_number(t->answers[which], &number) && number > 0 ? number : 0;
}

/* Asks the jobs for their types.  Behind the types that are wanted stands one place
 * for all others: `seen`, weights and shares have count + 1. */
static void kue_ask_types(
	struct kue *k, const int64_t *ids, size_t count, const struct reading *r)
{
	for (size_t i = 0; i < count; i++)
		redis_ask(k->redis, "HGET",
			arena_printf(
				r->arena, "%s:job:%" PRId64, r->spec->prefix, ids[i]),
			"type", NULL);
}

static bool kue_count_type(const struct kue_type *types, size_t count,
	const struct resp_value *type, int64_t *seen)
{
	for (size_t j = 0; j < count && type->type == RESP_TEXT; j++) {
		if (!strcmp(type->text, types[j].name)) {
			seen[j]++;
			return true;
		}
	}
	seen[count] += type->type == RESP_TEXT;
	return type->type == RESP_TEXT;
}

/* How to divide jobs that came, were done and are gone: among the types that keep no
 * finished job, or all where there is none such; in the proportion of what was seen to
 * come at this look or, where nothing was, at the last that saw any. */
static void kue_weigh(struct kue *k, struct kue_type *types, size_t count,
	const int64_t *seen, int64_t *weights)
{
	bool is_any = false, forgets = false;
	int64_t sum = 0;
	for (size_t i = 0; i <= count; i++)
		is_any = is_any || seen[i] > 0;
	for (size_t i = 0; i < count; i++)
		forgets = forgets || kue_sum(&types[i], KUE_COMPLETE) == 0;
	if (is_any)
		k->others_weight = seen[count];
	weights[count] = k->others_weight;
	for (size_t i = 0; i < count; i++) {
		bool is_one = !forgets || kue_sum(&types[i], KUE_COMPLETE) == 0;
		if (is_any)
			types[i].known->weight = seen[i];
		weights[i] = is_one ? types[i].known->weight : 0;
		sum += weights[i];
	}
	for (size_t i = 0; i < count && sum == 0; i++)
		weights[i] = !forgets || kue_sum(&types[i], KUE_COMPLETE) == 0;
}

/* `seen` of `asked` said their type, `others` never will; all in all `total` came. */
static void kue_share_out(struct kue *k, struct kue_type *types, size_t count,
	int64_t *seen, int64_t others, int64_t total, struct arena *a)
{
	int64_t *weights = arena_array(a, count + 1, sizeof *weights);
	int64_t *came = arena_array(a, count + 1, sizeof *came), sum = 0;
	for (size_t i = 0; i <= count; i++)
		sum += seen[i];
	int64_t gone = sum + others ? total * others / (sum + others) : 0;
	kue_weigh(k, types, count, seen, weights);
	if (sum > 0)
		shares_divide(total - gone, seen, count + 1, came);
	if (gone > 0)
		shares_divide(gone, weights, count + 1, came);
	for (size_t i = 0; i < count; i++)
		types[i].known->entered += came[i];
}

/* What came in of each type since the last look.  A job gets its number before it
 * says its type: one without is asked again at the next look. */
static bool kue_count_new(struct kue *k, struct kue_type *types, size_t count,
	int64_t ids, struct reading *r, struct err *e)
{
	int64_t fresh = k->has_ids && ids > k->ids ? ids - k->ids : 0;
	int64_t step = fresh / KUE_SAMPLE + 1, others = 0, known = 0;
	int64_t *asked = arena_array(r->arena, 2 * KUE_SAMPLE, sizeof *asked);
	int64_t *seen = arena_array(r->arena, count + 1, sizeof *seen);
	size_t again = k->open_count, asks = 0;
	const struct resp_value **found;
	for (; asks < again; asks++)
		asked[asks] = k->open[asks];
	for (int64_t id = k->ids + 1; fresh && id <= ids; id += step)
		asked[asks++] = id;
	kue_ask_types(k, asked, asks, r);
	if (!redis_run(k->redis, r->arena, r->deadline_mono_ms, &found, e))
		return false;
	k->open_count = 0;
	for (size_t i = 0; i < asks; i++) {
		if (kue_count_type(types, count, found[i], seen))
			known++;
		else if (i < again || step > 1)
			others++;
		else
			k->open[k->open_count++] = asked[i];
	}
	/* Of a sample it is the shares that count. */
	int64_t total = step > 1 ? fresh + (int64_t)again : known + others;
	if (total > 0)
		kue_share_out(k, types, count, seen, others, total, r->arena);
	return true;
}

static void kue_fill(struct kue_type *t)
{
	struct wire_values *v = t->values;
	int64_t waiting = kue_sum(t, KUE_INACTIVE), active = kue_sum(t, KUE_ACTIVE);
	int64_t delayed = kue_sum(t, KUE_DELAYED), failed = kue_sum(t, KUE_FAILED);
	int64_t depth = waiting + active + delayed;
	int64_t kept = depth + failed + kue_sum(t, KUE_COMPLETE);
	/* More of it is there than was counted: it was found late. */
	if (t->known->entered < kept)
		t->known->entered = kept;
	ledger_look(&t->known->ledger, t->known->entered, depth, failed);
	reading_set(v, QUEUE_depth, depth);
	reading_set(v, QUEUE_waiting, waiting);
	reading_set(v, QUEUE_active, active);
	reading_set(v, QUEUE_delayed, delayed);
	reading_set(v, QUEUE_failed, failed);
	reading_set(v, QUEUE_entered, t->known->entered);
	reading_set(v, QUEUE_completed, t->known->ledger.completed);
	reading_set(v, QUEUE_failures, t->known->ledger.failures);
}

static struct kue_type *kue_types(struct kue *k, struct reading *r)
{
	struct kue_type *types = arena_array(r->arena, r->count + 1, sizeof *types);
	for (size_t i = 0; i < r->count; i++) {
		struct kue_type *t = &types[i];
		t->name = r->queues[i].of.name;
		t->values = &r->queues[i].values;
		t->known = known_get(&k->known, t->name);
		t->learns = r->at_unix_ms - t->known->learnt_unix_ms >= KUE_LEARN_MS;
	}
	return types;
}

static bool kue_read_types(struct kue *k, struct kue_type *types, size_t count,
	struct reading *r, struct err *e)
{
	const struct resp_value **answers;
	for (size_t i = 0; i < count; i++)
		kue_ask(k, &types[i], r);
	if (!redis_run(k->redis, r->arena, r->deadline_mono_ms, &answers, e))
		return false;
	for (size_t i = 0; i < count; i++) {
		types[i].answers = answers + i * KUE_QUESTIONS;
		if (!kue_read_jobs(k, &types[i], r, e))
			return false;
	}
	return true;
}

static bool kue_read_ids(struct kue *k, struct reading *r, int64_t *ids, struct err *e)
{
	const struct resp_value **answers;
	redis_ask(k->redis, "GET", arena_printf(r->arena, "%s:ids", r->spec->prefix),
		NULL);
	*ids = 0;
	if (!redis_run(k->redis, r->arena, r->deadline_mono_ms, &answers, e))
		return false;
	resp_number(answers[0], ids);
	return true;
}

bool kue_read(struct kue *k, struct reading *r, struct err *e)
{
	int64_t ids;
	if (!kue_find_types(k, r, e) || !kue_read_ids(k, r, &ids, e))
		return false;
	size_t count = r->count;
	struct kue_type *types = kue_types(k, r);
	for (size_t i = 0; i < count; i += KUE_AT_ONCE) {
		size_t left = count - i;
		if (!kue_read_types(k, types + i,
			    left < KUE_AT_ONCE ? left : KUE_AT_ONCE, r, e))
			return false;
	}
	if (count && !kue_count_new(k, types, count, ids, r, e))
		return false;
	for (size_t i = 0; i < count; i++) {
		kue_fill(&types[i]);
		if (types[i].learns)
			types[i].known->learnt_unix_ms = r->at_unix_ms;
	}
	/* While there is no type, the jobs stay to be counted. */
	if (count || !k->has_ids)
		k->ids = ids;
	k->has_ids = true;
	return true;
}
