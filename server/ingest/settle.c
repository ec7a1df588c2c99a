#include "server/ingest/settle.h"

#include "common/clock.h"
#include "server/ingest/counters.h"
#include "server/ingest/desired.h"
#include "server/ingest/heaps.h"
#include "server/ingest/insights.h"
#include "server/ingest/quota.h"
#include "server/ingest/shipment.h"
#include "server/store/agents.h"
#include "server/store/hosts.h"
#include "server/store/minutes.h"
#include "server/store/partitions.h"
#include "server/store/registry.h"
#include "server/store/roles.h"
#include "server/store/samples.h"
#include "server/store/streams.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum {
	SETTLE_STATEMENT_MS = 60000,
	SETTLE_NOTIFY_MS = 5000, /* "samples" to the API, at most this often */
	SETTLE_HOURS_MAX = 128,  /* whose partitions are known to be there */
	SETTLE_RANGES_MAX = 1000,
	SETTLE_NEWS_MS = 3600 * 1000,
};

struct settle {
	struct db *db;
	struct registry *registry;
	struct hosts *hosts;
	struct quota *news; /* rows of the dictionaries, by agent */
	struct heaps *heaps;
	struct insights *insights;
	struct desired *desired;
	struct samples samples;
	struct shipment *shipment; /* to shards */
	struct minutes minutes;
	struct arena arena;
	int64_t hours[SETTLE_HOURS_MAX];
	int hour_count;
	int64_t next_notify_mono_ms;
};

/* What one attempt has decided about an item; becomes the item's own on commit. */
struct settle_plan {
	struct round_item *item;
	size_t arrival;                /* its place in the round */
	struct streams_stream *stream; /* NULL: refused before, or a raw part */
	enum wire_fate fate;
	const char *reason;
	struct registry_want *wants;   /* of a stored batch's processes */
	struct heaps_word *heap;       /* of a stored batch and of a raw part */
	struct insights_word *insight; /* of a stored batch */
	bool away; /* its readings are not where they belong: to be held */
};

struct settle_attempt {
	struct settle *s;
	struct shards *shards; /* NULL: all readings belong into the main database */
	struct shipment_rows shipped; /* that shards took */
	struct settle_plan *plans;    /* in order of agent, epoch, sequence */
	size_t count;
	struct streams_stream *streams;
	size_t stream_count;
	struct registry_want *wants;
	size_t want_count;
	struct hosts_word *words; /* a stored batch each */
	size_t word_count;
	struct heaps_word *heaps; /* in order of the plans */
	size_t heap_count;
	struct insights_word *insights; /* the same */
	size_t insight_count;
	struct agents_report *reports;
	size_t report_count;
};

struct settle *settle_create(const char *database, const uint8_t *raw_key)
{
	struct settle *s = calloc(1, sizeof *s);
	BUG_ON(!s);
	arena_init(&s->arena);
	minutes_init(&s->minutes);
	s->db = db_create(&(struct db_options){.uri = database,
		.application_name = "tidemark ingest",
		.role = ROLES_INGEST,
		.statement_timeout_ms = SETTLE_STATEMENT_MS,
		.plans_once = true});
	s->registry = registry_create();
	s->hosts = hosts_create();
	s->news = quota_create(WIRE_NEW_PER_HOUR_MAX, SETTLE_NEWS_MS);
	s->heaps = heaps_create(raw_key);
	s->insights = insights_create();
	s->desired = desired_create();
	s->shipment = shipment_create();
	return s;
}

void settle_destroy(struct settle *s)
{
	if (!s)
		return;
	db_destroy(s->db);
	registry_destroy(s->registry);
	hosts_destroy(s->hosts);
	quota_destroy(s->news);
	heaps_destroy(s->heaps);
	insights_destroy(s->insights);
	desired_destroy(s->desired);
	shipment_destroy(s->shipment);
	samples_finish(&s->samples);
	arena_finish(&s->arena);
	free(s);
}

bool settle_is_connected(const struct settle *s)
{
	return db_is_connected(s->db);
}

void settle_shut(struct settle *s)
{
	db_shut(s->db);
}

/* Parts of raw files have neither epoch nor sequence; they are wanted in their order.
 */
static int settle_compare_parts(
	const struct snapshot_raw_part *a, const struct snapshot_raw_part *b)
{
	if (!a || !b)
		return (a != NULL) - (b != NULL);
	if (a->capture != b->capture)
		return a->capture < b->capture ? -1 : 1;
	return (a->number > b->number) - (a->number < b->number);
}

static int settle_compare(const void *left, const void *right)
{
	const struct round_item *a = ((const struct settle_plan *)left)->item;
	const struct round_item *b = ((const struct settle_plan *)right)->item;
	if (a->agent_id != b->agent_id)
		return a->agent_id < b->agent_id ? -1 : 1;
	int64_t a_epoch = (int64_t)a->upload.epoch, b_epoch = (int64_t)b->upload.epoch;
	if (a_epoch != b_epoch)
		return a_epoch < b_epoch ? -1 : 1;
	if (a->upload.sequence != b->upload.sequence)
		return a->upload.sequence < b->upload.sequence ? -1 : 1;
	return settle_compare_parts(a->upload.raw, b->upload.raw);
}

static void settle_plan_items(
	struct settle_attempt *t, struct round_item **items, size_t count)
{
	t->plans = arena_array(&t->s->arena, count, sizeof *t->plans);
	t->count = count;
	for (size_t i = 0; i < count; i++)
		t->plans[i] = (struct settle_plan){.item = items[i],
			.arrival = i,
			.fate = items[i]->fate,
			.reason = items[i]->reason};
	qsort(t->plans, count, sizeof *t->plans, settle_compare);
}

/* The streams of the pending items, in the order in which all servers lock. */
static void settle_list_streams(struct settle_attempt *t)
{
	t->streams = arena_array(&t->s->arena, t->count, sizeof *t->streams);
	struct streams_stream *last = NULL;
	for (size_t i = 0; i < t->count; i++) {
		const struct round_item *item = t->plans[i].item;
		if (t->plans[i].fate != ROUND_PENDING || item->upload.raw)
			continue;
		if (!last || last->agent_id != item->agent_id ||
			last->epoch != item->upload.epoch) {
			last = &t->streams[t->stream_count++];
			last->agent_id = item->agent_id;
			last->epoch = item->upload.epoch;
		}
		t->plans[i].stream = last;
	}
}

static bool settle_knows_hour(struct settle *s, int64_t hour)
{
	for (int i = 0; i < s->hour_count; i++)
		if (s->hours[i] == hour)
			return true;
	return false;
}

static bool settle_make_hour(struct settle *s, int64_t at_ms, struct err *e)
{
	int64_t hour = at_ms / PARTITIONS_HOUR_MS;
	if (settle_knows_hour(s, hour))
		return true;
	if (!partitions_make(s->db, at_ms, e))
		return false;
	if (s->hour_count == SETTLE_HOURS_MAX)
		s->hour_count = 0;
	s->hours[s->hour_count++] = hour;
	return true;
}

/* Partitions for every hour that the batches touch, before the transaction. */
static bool settle_make_hours(struct settle_attempt *t, struct err *e)
{
	for (size_t i = 0; i < t->count; i++) {
		const struct wire_batch *batch = &t->plans[i].item->batch;
		if (!t->plans[i].stream)
			continue;
		/* The bound only moves on: what was late by the last round's is late.
		 */
		for (size_t j = 0; j < batch->tick_count; j++)
			if (batch->ticks[j].at_unix_ms >= t->s->samples.closed_to_ms &&
				!settle_make_hour(t->s, batch->ticks[j].at_unix_ms, e))
				return false;
		for (size_t j = 0; j < batch->queue_count; j++)
			if (!settle_make_hour(t->s, batch->queues[j].at_unix_ms, e))
				return false;
	}
	return true;
}

/* Somebody can mend it, and the batch is well: the agent keeps it. */
static void settle_hold(struct settle_plan *plan, const char *reason)
{
	plan->fate = WIRE_HELD;
	plan->reason = reason;
}

/* Whether all that the batch speaks of is in the dictionaries. */
static bool settle_brings_nothing_new(struct settle *s, const struct settle_plan *plan)
{
	const struct wire_batch *batch = &plan->item->batch;
	for (size_t i = 0; i < batch->process_count; i++)
		if (!registry_knows(s->registry,
			    &(struct registry_want){.host_id = plan->stream->host_id,
				    .boot_id = batch->boot_id,
				    .process = &batch->processes[i]}))
			return false;
	return true;
}

/* The same hash of the machine-id in every batch, or the agent was copied. */
static void settle_judge(struct settle *s, struct settle_plan *plan)
{
	struct streams_stream *stream = plan->stream;
	const struct round_item *item = plan->item;
	if (!stream->known)
		settle_hold(plan, "this agent is not enrolled any more");
	else if (stream->revoked)
		settle_hold(plan, WIRE_REVOKED);
	else if (strcmp(stream->machine_id, item->batch.machine_id) != 0)
		settle_hold(plan,
			"the batch is of another machine than the one that enrolled "
			"(was it "
			"copied?): remove the agent's state folder and join again");
	else if (streams_has(stream, item->upload.sequence))
		plan->fate = WIRE_REPEATED;
	else if (stream->range_count > SETTLE_RANGES_MAX &&
		 item->upload.sequence > item->upload.oldest)
		/* The oldest is always taken: it closes the first hole. */
		settle_hold(plan, "too many holes in the sequence of batches");
	else if (quota_is_spent(s->news, item->agent_id, clock_mono_ms()) &&
		 !settle_brings_nothing_new(s, plan))
		settle_hold(plan,
			"too many new services and processes within an hour: does a "
			"rule "
			"name a service after something that changes all the time?");
	else if (plan->away)
		settle_hold(plan, "the database of this host's readings is away");
	else
		plan->fate = WIRE_STORED;
	if (plan->fate != WIRE_STORED)
		return;
	/* What the spool does not hold any more can never come: one run again. */
	streams_add(stream, 1, item->upload.oldest);
	streams_add(stream, item->upload.sequence, item->upload.sequence + 1);
}

static void settle_list_wants(struct settle_attempt *t)
{
	size_t processes = 0, stored = 0;
	for (size_t i = 0; i < t->count; i++) {
		if (t->plans[i].fate != WIRE_STORED)
			continue;
		processes += t->plans[i].item->batch.process_count;
		stored++;
	}
	t->wants = arena_array(&t->s->arena, processes, sizeof *t->wants);
	t->words = arena_array(&t->s->arena, stored, sizeof *t->words);
	for (size_t i = 0; i < t->count; i++) {
		struct settle_plan *plan = &t->plans[i];
		const struct wire_batch *batch = &plan->item->batch;
		if (plan->fate != WIRE_STORED)
			continue;
		plan->wants = t->wants + t->want_count;
		t->words[t->word_count++] = (struct hosts_word){
			plan->stream->host_id, batch};
		for (size_t j = 0; j < batch->process_count; j++)
			t->wants[t->want_count++] = (struct registry_want){
				.host_id = plan->stream->host_id,
				.boot_id = batch->boot_id,
				.process = &batch->processes[j],
				/* Nothing was read of it: it has started, at least. */
				.seen_ms =
					plan->item->newest_ms
						? plan->item->newest_ms
						: batch->processes[j].started_unix_ms,
			};
	}
}

static void settle_list_heaps(struct settle_attempt *t)
{
	t->heaps = arena_array(&t->s->arena, t->count, sizeof *t->heaps);
	for (size_t i = 0; i < t->count; i++) {
		struct settle_plan *plan = &t->plans[i];
		bool part = plan->fate == ROUND_PENDING && plan->item->upload.raw;
		if (!part && plan->fate != WIRE_STORED)
			continue;
		plan->heap = &t->heaps[t->heap_count++];
		*plan->heap = (struct heaps_word){.item = plan->item,
			.arrival = plan->arrival,
			.host_id = part ? 0 : plan->stream->host_id,
			.wants = plan->wants};
	}
}

static bool settle_put_heaps(struct settle_attempt *t, struct err *e)
{
	settle_list_heaps(t);
	if (!heaps_settle(
		    t->s->heaps, t->s->db, t->heaps, t->heap_count, &t->s->arena, e))
		return false;
	for (size_t i = 0; i < t->count; i++) {
		struct settle_plan *plan = &t->plans[i];
		if (!plan->heap || !plan->item->upload.raw)
			continue;
		plan->fate = plan->heap->fate;
		plan->reason = plan->heap->reason;
	}
	return true;
}

static bool settle_put_insights(struct settle_attempt *t, struct err *e)
{
	struct settle *s = t->s;
	t->insights = arena_array(&s->arena, t->count, sizeof *t->insights);
	for (size_t i = 0; i < t->count; i++) {
		struct settle_plan *plan = &t->plans[i];
		if (plan->fate != WIRE_STORED || plan->item->upload.raw)
			continue;
		plan->insight = &t->insights[t->insight_count++];
		*plan->insight = (struct insights_word){.item = plan->item,
			.host_id = plan->stream->host_id,
			.wants = plan->wants};
	}
	return insights_settle(
		s->insights, s->db, t->insights, t->insight_count, &s->arena, e);
}

static void settle_add_samples(struct settle_attempt *t)
{
	struct samples *out = &t->s->samples;
	uint64_t process_present = 0, host_present = 0;
	for (size_t i = 0; i < t->count; i++) {
		process_present |= t->plans[i].item->process_present;
		host_present |= t->plans[i].item->host_present;
	}
	samples_limit(out, process_present, host_present);
	for (size_t i = 0; i < t->count; i++) {
		const struct settle_plan *plan = &t->plans[i];
		const struct wire_batch *batch = &plan->item->batch;
		for (size_t j = 0; plan->wants && j < batch->tick_count; j++) {
			const struct wire_tick *tick = &batch->ticks[j];
			if (t->shards && shards_writer(t->shards, plan->stream->host_id,
						 tick->at_unix_ms) != 0)
				continue;
			if (tick->host.present)
				samples_add_host(out, plan->stream->host_id,
					tick->at_unix_ms, &tick->host);
			for (size_t k = 0; k < tick->sample_count; k++)
				samples_add_process(out,
					plan->wants[tick->samples[k].process]
						.generation_id,
					tick->at_unix_ms, &tick->samples[k].values);
		}
	}
}

static void settle_report_stored(
	struct agents_report *report, const struct round_item *item)
{
	const struct wire_upload *upload = &item->upload;
	bool backlog = upload->oldest < upload->sequence;
	report->stored++;
	report->version = upload->agent_version;
	if (item->newest_ms > report->last_sample_ms)
		report->last_sample_ms = item->newest_ms;
	report->has_skew = !backlog && item->newest_ms;
	report->skew_ms = item->newest_ms - item->arrived_ms;
	/* The spool's bytes include this batch; how many others is a fair guess. */
	uint64_t size = upload->batch_length ? upload->batch_length : 1;
	uint64_t left = upload->spool_bytes > size ? upload->spool_bytes - size : 0;
	report->has_spool = true;
	report->spool_bytes = left > INT64_MAX ? INT64_MAX : (int64_t)left;
	report->spool_batches = (int64_t)(((uint64_t)report->spool_bytes + size / 2) /
					  size);
}

/* A batch that is stored, but for some of what it says. */
static void settle_report_left_out(
	struct agents_report *report, uint64_t left_out, const char *reason)
{
	if (left_out)
		report->refusal = reason;
	report->refused_values += (int64_t)left_out;
}

static void settle_report_trouble(
	struct agents_report *report, const struct settle_plan *plan)
{
	const struct round_item *item = plan->item;
	report->refusal = plan->reason;
	if (item->has_skew && item->upload.oldest >= item->upload.sequence) {
		report->has_skew = true;
		report->skew_ms = item->skew_ms;
	}
}

static void settle_list_reports(struct settle_attempt *t)
{
	t->reports = arena_array(&t->s->arena, t->count, sizeof *t->reports);
	struct agents_report *report = NULL;
	for (size_t i = 0; i < t->count; i++) {
		const struct settle_plan *plan = &t->plans[i];
		if (!report || report->agent_id != plan->item->agent_id) {
			report = &t->reports[t->report_count++];
			report->agent_id = plan->item->agent_id;
		}
		/* Of a raw file's part the file's row tells; the agent was seen. */
		if (plan->item->upload.raw)
			continue;
		/* Of several words the last counts. */
		report->has_settings = true;
		report->settings = plan->item->upload.settings;
		report->exceptions = desired_exceptions(report->settings, &t->s->arena);
		if (plan->heap)
			settle_report_left_out(
				report, plan->heap->left_out, plan->heap->reason);
		if (plan->insight)
			settle_report_left_out(
				report, plan->insight->left_out, plan->insight->reason);
		if (plan->fate == WIRE_STORED)
			settle_report_stored(report, plan->item);
		if (plan->fate == WIRE_REPEATED)
			report->repeated++;
		if (plan->fate == WIRE_REFUSED)
			report->refused++;
		if (plan->fate == WIRE_REFUSED || plan->fate == WIRE_HELD)
			settle_report_trouble(report, plan);
		if (plan->fate == WIRE_STORED || plan->fate == WIRE_REFUSED)
			report->refused_values +=
				(int64_t)plan->item->batch.refused_values;
	}
}

static bool settle_notify(struct settle *s, struct err *e)
{
	int64_t now_ms = clock_mono_ms();
	if (now_ms < s->next_notify_mono_ms)
		return true;
	s->next_notify_mono_ms = now_ms + SETTLE_NOTIFY_MS;
	return db_notify(s->db, "tidemark", "samples", e);
}

/* The transaction's inside. */
static bool settle_write(struct settle_attempt *t, struct err *e)
{
	struct settle *s = t->s;
	if (t->stream_count > 0 &&
		!streams_claim(s->db, t->streams, t->stream_count, &s->arena, e))
		return false;
	for (size_t i = 0; i < t->count; i++)
		if (t->plans[i].stream)
			settle_judge(s, &t->plans[i]);
	settle_list_wants(t);
	if (t->want_count > 0 && !registry_resolve(s->registry, s->db, t->wants,
					 t->want_count, clock_mono_ms(), &s->arena, e))
		return false;
	samples_reset(&s->samples);
	if (t->word_count > 0 && !samples_hold(&s->samples, s->db, e))
		return false;
	settle_add_samples(t);
	if (!settle_put_heaps(t, e) || !settle_put_insights(t, e))
		return false;
	settle_list_reports(t);
	return samples_copy(s->db, &s->samples, e) &&
	       hosts_put(s->hosts, s->db, t->words, t->word_count, &s->arena, e) &&
	       hosts_put_gaps(s->db, t->words, t->word_count, &s->arena, e) &&
	       streams_save(s->db, t->streams, t->stream_count, &s->arena, e) &&
	       agents_put_reports(s->db, t->reports, t->report_count, &s->arena, e) &&
	       minutes_put(&s->minutes, s->db, e) && settle_notify(s, e);
}

/* What the batches had to add to the dictionaries, once that is committed. */
static void settle_spend_news(const struct settle_attempt *t)
{
	for (size_t i = 0; i < t->count; i++) {
		const struct settle_plan *plan = &t->plans[i];
		uint64_t made = 0;
		for (size_t j = 0; plan->wants && j < plan->item->batch.process_count;
			j++)
			made += plan->wants[j].made;
		quota_spend(t->s->news, plan->item->agent_id, made, clock_mono_ms());
	}
}

static void settle_count(const struct settle_attempt *t)
{
	static const enum counters_name by_fate[] = {
		[WIRE_STORED] = COUNTERS_BATCHES_STORED,
		[WIRE_REPEATED] = COUNTERS_BATCHES_REPEATED,
		[WIRE_REFUSED] = COUNTERS_BATCHES_REFUSED,
		[WIRE_HELD] = COUNTERS_BATCHES_HELD,
	};
	for (size_t i = 0; i < t->count; i++) {
		if (t->plans[i].item->upload.raw)
			continue;
		counters_add(by_fate[t->plans[i].fate], 1);
		if (t->plans[i].fate == WIRE_STORED || t->plans[i].fate == WIRE_REFUSED)
			counters_add(COUNTERS_VALUES_REFUSED,
				t->plans[i].item->batch.refused_values);
	}
	counters_add(COUNTERS_PROCESS_SAMPLES,
		t->s->samples.process_count + t->shipped.process);
	counters_add(COUNTERS_HOST_SAMPLES, t->s->samples.host_count + t->shipped.host);
	counters_add(COUNTERS_COMMITS, 1);
	counters_set(COUNTERS_LAST_COMMIT_MS, (uint64_t)clock_unix_ms());
}

static void settle_count_time(struct settle_attempt *t, int64_t us)
{
	struct settle *s = t->s;
	counters_add(COUNTERS_COMMIT_US, (uint64_t)us);
	counters_set(COUNTERS_COMMIT_LAST_US, (uint64_t)us);
	minutes_committed(&s->minutes,
		(int64_t)(s->samples.process_count + s->samples.host_count +
			  t->shipped.process + t->shipped.host),
		us);
}

/* Which batches are new, and the ids of what they speak of: committed, so that shards
 * may refer to them. */
static bool settle_meet(struct settle_attempt *t, struct err *e)
{
	struct settle *s = t->s;
	if (!db_begin(s->db, e))
		return false;
	bool ok = streams_claim(s->db, t->streams, t->stream_count, &s->arena, e);
	for (size_t i = 0; i < t->count && ok; i++)
		if (t->plans[i].stream)
			settle_judge(s, &t->plans[i]);
	if (ok)
		settle_list_wants(t);
	ok = ok && (t->want_count == 0 ||
			   registry_resolve(s->registry, s->db, t->wants, t->want_count,
				   clock_mono_ms(), &s->arena, e));
	if (ok)
		return db_commit(s->db, e);
	db_rollback(s->db);
	return false;
}

/* The shards' part, before the round's own transaction, which judges anew: what is not
 * on its shard then is held. */
static bool settle_ship(struct settle_attempt *t, struct err *e)
{
	struct shipment_word *words = arena_array(
		&t->s->arena, t->count, sizeof *words);
	size_t *plan_of = arena_array(&t->s->arena, t->count, sizeof *plan_of);
	size_t count = 0;
	if (!settle_meet(t, e))
		return false;
	settle_spend_news(t);
	for (size_t i = 0; i < t->count; i++) {
		struct settle_plan *plan = &t->plans[i];
		const struct round_item *item = plan->item;
		plan->away = plan->stream != NULL;
		if (plan->fate != WIRE_STORED || !plan->stream)
			continue;
		plan_of[count] = i;
		words[count++] = (struct shipment_word){
			.agent_id = item->agent_id,
			.host_id = plan->stream->host_id,
			.epoch = item->upload.epoch,
			.sequence = item->upload.sequence,
			.oldest = item->upload.oldest,
			.batch = &item->batch,
			.wants = plan->wants,
		};
	}
	t->shipped = shipment_write(
		t->s->shipment, t->shards, words, count, &t->s->arena);
	for (size_t i = 0; i < count; i++)
		t->plans[plan_of[i]].away = words[i].away;
	for (size_t i = 0; i < t->count; i++) {
		if (!t->plans[i].stream)
			continue;
		t->plans[i].fate = ROUND_PENDING;
		t->plans[i].reason = NULL;
		t->plans[i].wants = NULL;
	}
	t->stream_count = t->want_count = t->word_count = 0;
	settle_list_streams(t);
	return true;
}

static bool settle_transact(struct settle_attempt *t, struct err *e)
{
	struct db *db = t->s->db;
	desired_refresh(t->s->desired, db);
	settle_list_streams(t);
	if (!shards_get(db, &t->shards, e))
		return false;
	if (shards_count(t->shards) == 1)
		t->shards = NULL;
	if (t->shards && t->stream_count > 0 && !settle_ship(t, e))
		return false;
	if (!settle_make_hours(t, e) || !db_begin(db, e))
		return false;
	if (settle_write(t, e))
		return db_commit(db, e);
	db_rollback(db);
	return false;
}

/* Every item gets its fate.  The attempt's memory is gone before the receipts are sent,
 * and literals outlive both. */
static void settle_answer(const struct settle_attempt *t, struct arena *kept)
{
	for (size_t i = 0; i < t->count; i++) {
		const struct settle_plan *plan = &t->plans[i];
		plan->item->fate = plan->fate;
		plan->item->reason = plan->reason;
		plan->item->settings = desired_for(t->s->desired, plan->item->agent_id,
			plan->item->upload.settings, kept);
		if (!plan->heap)
			continue;
		if (plan->item->upload.raw && plan->reason)
			plan->item->reason = arena_strdup(kept, plan->reason);
		if (plan->heap->order_count > 0)
			plan->item->orders = heaps_keep_orders(plan->heap, kept);
		plan->item->order_count = plan->heap->order_count;
	}
}

bool settle_items(struct settle *s, struct round_item **items, size_t count,
	struct arena *kept, struct err *e)
{
	struct settle_attempt t = {.s = s};
	int64_t start_us = clock_mono_us();
	arena_reset(&s->arena);
	settle_plan_items(&t, items, count);
	if (!settle_transact(&t, e)) {
		/* What the memories learnt in there may not be true. */
		registry_forget(s->registry);
		hosts_forget(s->hosts);
		minutes_failed(&s->minutes);
		s->hour_count = 0;
		s->samples.closed_to_ms = 0;
		return false;
	}
	settle_answer(&t, kept);
	heaps_committed(s->heaps, t.heaps, t.heap_count);
	insights_committed(s->insights, t.insights, t.insight_count);
	settle_spend_news(&t);
	settle_count(&t);
	settle_count_time(&t, clock_mono_us() - start_us);
	return true;
}
