#include "server/ingest/insights.h"

#include "common/clock.h"
#include "server/ingest/counters.h"
#include "server/ingest/quota.h"
#include "server/store/insight.h"

#include <stdlib.h>
#include <string.h>

enum { INSIGHTS_HOUR_MS = 3600 * 1000 };

static const uint64_t insights_limit[INSIGHTS_QUOTAS] = {
	[INSIGHTS_PACKAGES] = INSIGHTS_PACKAGES_PER_HOUR,
	[INSIGHTS_NAMES] = INSIGHTS_NAMES_PER_HOUR,
	[INSIGHTS_QUEUES] = INSIGHTS_QUEUES_PER_HOUR,
	[INSIGHTS_WARNINGS] = INSIGHTS_WARNINGS_PER_HOUR,
	[INSIGHTS_CENSUSES] = INSIGHTS_CENSUSES_PER_HOUR,
	[INSIGHTS_READINGS] = INSIGHTS_READINGS_PER_HOUR,
};

struct insights {
	struct quota *quotas[INSIGHTS_QUOTAS]; /* by agent */
};

/* One transaction's work. */
struct insights_attempt {
	struct insights *f;
	struct db *db;
	struct arena *arena;
	int64_t mono_ms;
	/* Of the agent whose words are being stored, in this round. */
	int32_t agent_id;
	uint64_t spent[INSIGHTS_QUOTAS];
};

struct insights *insights_create(void)
{
	struct insights *f = calloc(1, sizeof *f);
	BUG_ON(!f);
	for (size_t i = 0; i < INSIGHTS_QUOTAS; i++)
		f->quotas[i] = quota_create(insights_limit[i], INSIGHTS_HOUR_MS);
	return f;
}

void insights_destroy(struct insights *f)
{
	if (!f)
		return;
	for (size_t i = 0; i < INSIGHTS_QUOTAS; i++)
		quota_destroy(f->quotas[i]);
	free(f);
}

/* What is left out when not is counted. */
static bool insights_may(struct insights_attempt *t, struct insights_word *word,
	enum insights_quota which, size_t count)
{
	if (t->spent[which] < insights_limit[which] &&
		!quota_is_spent(t->f->quotas[which], t->agent_id, t->mono_ms))
		return true;
	word->left_out += count;
	word->reason = "more findings within an hour than are stored: the rest was "
		       "left out";
	return false;
}

static void insights_spend(struct insights_attempt *t, struct insights_word *word,
	enum insights_quota which, uint64_t amount)
{
	t->spent[which] += amount;
	word->spent[which] += amount;
}

static bool insights_put_contents(
	struct insights_attempt *t, struct insights_word *word, struct err *e)
{
	const struct wire_batch *batch = &word->item->batch;
	for (size_t i = 0; i < batch->fingerprint_count; i++) {
		uint64_t made;
		if (!insights_may(t, word, INSIGHTS_PACKAGES, 1))
			continue;
		if (!insight_put_content(
			    t->db, &batch->fingerprints[i], t->arena, &made, e))
			return false;
		insights_spend(t, word, INSIGHTS_PACKAGES, made);
	}
	return true;
}

static bool insights_put_censuses(
	struct insights_attempt *t, struct insights_word *word, struct err *e)
{
	const struct wire_batch *batch = &word->item->batch;
	for (size_t i = 0; i < batch->census_count; i++) {
		const struct wire_census *census = &batch->censuses[i];
		uint64_t made;
		if (!insights_may(t, word, INSIGHTS_CENSUSES, 1) ||
			!insights_may(t, word, INSIGHTS_NAMES, 1))
			continue;
		if (!insight_put_census(t->db,
			    word->wants[census->process].generation_id, &census->is,
			    t->arena, &made, e))
			return false;
		insights_spend(t, word, INSIGHTS_CENSUSES, 1);
		insights_spend(t, word, INSIGHTS_NAMES, made);
	}
	return true;
}

static bool insights_put_warnings(
	struct insights_attempt *t, struct insights_word *word, struct err *e)
{
	const struct wire_batch *batch = &word->item->batch;
	for (size_t i = 0; i < batch->warning_count; i++) {
		const struct wire_warning *warning = &batch->warnings[i];
		int32_t generation_id =
			warning->has_process
				? word->wants[warning->process].generation_id
				: 0;
		uint64_t made;
		if (!insights_may(t, word, INSIGHTS_WARNINGS, 1))
			continue;
		if (!insight_put_warning(t->db, word->host_id, generation_id,
			    &warning->is, t->arena, &made, e))
			return false;
		insights_spend(t, word, INSIGHTS_WARNINGS, 1);
	}
	return true;
}

static bool insights_put_sources(
	struct insights_attempt *t, struct insights_word *word, struct err *e)
{
	const struct wire_batch *batch = &word->item->batch;
	uint64_t made;
	if (batch->source_count == 0 ||
		!insights_may(t, word, INSIGHTS_QUEUES, batch->source_count))
		return true;
	if (!insight_put_sources(t->db, word->host_id, batch->sources,
		    batch->source_count, t->arena, &made, e))
		return false;
	insights_spend(t, word, INSIGHTS_QUEUES, made);
	return true;
}

static bool insights_put_queues(
	struct insights_attempt *t, struct insights_word *word, struct err *e)
{
	const struct wire_batch *batch = &word->item->batch;
	uint64_t made;
	if (batch->queue_count == 0 ||
		!insights_may(t, word, INSIGHTS_QUEUES, batch->queue_count) ||
		!insights_may(t, word, INSIGHTS_READINGS, batch->queue_count))
		return true;
	if (!insight_put_queues(t->db, word->host_id, batch->queues, batch->queue_count,
		    t->arena, &made, e))
		return false;
	insights_spend(t, word, INSIGHTS_QUEUES, made);
	insights_spend(t, word, INSIGHTS_READINGS, batch->queue_count);
	return true;
}

/* Whoever looks hears of it; one transaction tells each topic once, and the API sets
 * the pace. */
static bool insights_notify(
	struct db *db, const struct insights_word *words, size_t count, struct err *e)
{
	bool queues = false, warnings = false;
	for (size_t i = 0; i < count; i++) {
		const struct wire_batch *batch = &words[i].item->batch;
		queues |= batch->queue_count || batch->source_count;
		warnings |= batch->warning_count > 0;
	}
	return (!queues || db_notify(db, "tidemark", "queues", e)) &&
	       (!warnings || db_notify(db, "tidemark", "warnings", e));
}

bool insights_settle(struct insights *f, struct db *db, struct insights_word *words,
	size_t count, struct arena *a, struct err *e)
{
	struct insights_attempt t = {
		.f = f, .db = db, .arena = a, .mono_ms = clock_mono_ms()};
	for (size_t i = 0; i < count; i++) {
		struct insights_word *word = &words[i];
		if (word->item->agent_id != t.agent_id) {
			t.agent_id = word->item->agent_id;
			memset(t.spent, 0, sizeof t.spent);
		}
		if (!insights_put_contents(&t, word, e) ||
			!insights_put_censuses(&t, word, e) ||
			!insights_put_warnings(&t, word, e) ||
			!insights_put_sources(&t, word, e) ||
			!insights_put_queues(&t, word, e))
			return err_wrap(e, "insights");
	}
	return insights_notify(db, words, count, e);
}

void insights_committed(
	struct insights *f, const struct insights_word *words, size_t count)
{
	int64_t mono_ms = clock_mono_ms();
	for (size_t i = 0; i < count; i++)
		for (size_t k = 0; k < INSIGHTS_QUOTAS; k++)
			quota_spend(f->quotas[k], words[i].item->agent_id,
				words[i].spent[k], mono_ms);
	for (size_t i = 0; i < count; i++) {
		const struct wire_batch *batch = &words[i].item->batch;
		counters_add(COUNTERS_CONTENTS, batch->fingerprint_count);
		counters_add(COUNTERS_CENSUSES, batch->census_count);
		counters_add(COUNTERS_WARNINGS, batch->warning_count);
		counters_add(COUNTERS_QUEUE_SAMPLES, batch->queue_count);
		counters_add(COUNTERS_INSIGHTS_LEFT_OUT, words[i].left_out);
	}
}
