#include "server/ingest/heaps.h"

#include "common/clock.h"
#include "server/ingest/counters.h"
#include "server/ingest/quota.h"
#include "server/store/capture_events.h"
#include "server/store/orders.h"
#include "server/store/raw.h"
#include "server/store/summaries.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

enum { HEAPS_HOUR_MS = 3600 * 1000 };

struct heaps {
	struct quota *summaries, *events, *local; /* by agent */
	uint8_t raw_key[RAW_KEY_BYTES];
};

/* One transaction's work. */
struct heaps_attempt {
	struct heaps *h;
	struct db *db;
	struct arena *arena;
	int64_t now_ms, mono_ms;
	bool changed; /* something that people see */
	/* Of the agent whose words are being stored, in this round. */
	int32_t agent_id;
	uint64_t summaries, events, local;
};

struct heaps *heaps_create(const uint8_t *raw_key)
{
	struct heaps *h = calloc(1, sizeof *h);
	BUG_ON(!h);
	h->summaries = quota_create(HEAPS_SUMMARIES_PER_HOUR, HEAPS_HOUR_MS);
	h->events = quota_create(HEAPS_EVENTS_PER_HOUR, HEAPS_HOUR_MS);
	h->local = quota_create(HEAPS_LOCAL_PER_HOUR, HEAPS_HOUR_MS);
	memcpy(h->raw_key, raw_key, sizeof h->raw_key);
	return h;
}

void heaps_destroy(struct heaps *h)
{
	if (!h)
		return;
	quota_destroy(h->summaries);
	quota_destroy(h->events);
	quota_destroy(h->local);
	sodium_memzero(h->raw_key, sizeof h->raw_key);
	free(h);
}

static bool heaps_may(const struct heaps_attempt *t, const struct quota *quota,
	uint64_t in_round, uint64_t limit)
{
	return in_round < limit && !quota_is_spent(quota, t->agent_id, t->mono_ms);
}

static bool heaps_put_summaries(
	struct heaps_attempt *t, struct heaps_word *word, struct err *e)
{
	const struct wire_batch *batch = &word->item->batch;
	for (size_t i = 0; i < batch->snapshot_count; i++) {
		const struct wire_snapshot *snapshot = &batch->snapshots[i];
		enum summaries_outcome outcome;
		if (!heaps_may(t, t->h->summaries, t->summaries,
			    HEAPS_SUMMARIES_PER_HOUR)) {
			word->left_out++;
			word->reason = "more heap snapshots within an hour than are "
				       "stored: the rest was left out";
			continue;
		}
		struct summaries_word put = {word->host_id,
			word->wants[snapshot->process].generation_id, &snapshot->is,
			t->now_ms};
		if (!summaries_put(t->db, &put, t->arena, &outcome, e))
			return err_wrap(e, "snapshot %zu", i);
		t->summaries++;
		word->summaries++;
		word->foreign += outcome == SUMMARIES_FOREIGN;
		t->changed |= outcome != SUMMARIES_REPEATED;
	}
	return true;
}

static bool heaps_put_events(
	struct heaps_attempt *t, struct heaps_word *word, struct err *e)
{
	const struct wire_batch *batch = &word->item->batch;
	for (size_t i = 0; i < batch->event_count; i++) {
		const struct wire_snapshot_event *event = &batch->events[i];
		enum capture_events_outcome outcome;
		bool local = event->is.capture == 0;
		if (!heaps_may(t, t->h->events, t->events, HEAPS_EVENTS_PER_HOUR) ||
			(local && !heaps_may(t, t->h->local, t->local,
					  HEAPS_LOCAL_PER_HOUR))) {
			word->left_out++;
			word->reason = "more reports of heap snapshots within an hour "
				       "than are stored: the rest was left out";
			continue;
		}
		struct capture_events_word put = {word->host_id,
			event->has_process ? word->wants[event->process].generation_id
					   : 0,
			&event->is, t->now_ms};
		if (!capture_events_put(t->db, &put, t->arena, &outcome, e))
			return err_wrap(e, "event %zu", i);
		t->events++;
		word->events++;
		/* An audit row for each: it is kept for ever. */
		if (local && outcome == CAPTURE_EVENTS_CHANGED) {
			t->local++;
			word->local++;
		}
		word->ignored += outcome == CAPTURE_EVENTS_FOREIGN;
		t->changed |= outcome == CAPTURE_EVENTS_CHANGED;
	}
	return true;
}

static bool heaps_put_part(
	struct heaps_attempt *t, struct heaps_word *word, struct err *e)
{
	struct raw_arrival arrival = {
		.agent_id = word->item->agent_id, .part = word->item->upload.raw};
	if (!raw_put(t->db, t->h->raw_key, &arrival, t->arena, e))
		return err_wrap(e, "raw part");
	word->host_id = arrival.host_id;
	word->fate = arrival.fate;
	word->reason = *arrival.reason ? arrival.reason : NULL;
	t->changed |= arrival.changed;
	return true;
}

/* Summaries first: the end of a capture then names its snapshot. */
static bool heaps_put(
	struct heaps_attempt *t, struct heaps_word *words, size_t count, struct err *e)
{
	for (size_t i = 0; i < count; i++) {
		struct heaps_word *word = &words[i];
		if (word->item->agent_id != t->agent_id) {
			t->agent_id = word->item->agent_id;
			t->summaries = t->events = t->local = 0;
		}
		bool ok = word->item->upload.raw ? heaps_put_part(t, word, e)
						 : heaps_put_summaries(t, word, e) &&
							   heaps_put_events(t, word, e);
		if (!ok)
			return false;
	}
	return true;
}

/* The word of each agent that arrived last carries its orders; `last` holds their
 * places.  A host of which nothing is known yet has none. */
static size_t heaps_find_last(
	const struct heaps_word *words, size_t count, size_t *last)
{
	size_t n = 0;
	for (size_t i = 0; i < count; i++) {
		bool same = n > 0 && words[last[n - 1]].item->agent_id ==
					     words[i].item->agent_id;
		if (words[i].host_id == 0)
			continue;
		if (!same)
			last[n++] = i;
		else if (words[i].arrival > words[last[n - 1]].arrival)
			last[n - 1] = i;
	}
	return n;
}

static bool heaps_put_orders(
	struct heaps_attempt *t, struct heaps_word *words, size_t count, struct err *e)
{
	size_t *last = arena_array(t->arena, count, sizeof *last);
	size_t n = heaps_find_last(words, count, last);
	struct orders_host *hosts = arena_array(t->arena, n, sizeof *hosts);
	for (size_t i = 0; i < n; i++)
		hosts[i].host_id = words[last[i]].host_id;
	if (!orders_pending(t->db, hosts, n, t->now_ms, t->arena, e))
		return false;
	for (size_t i = 0; i < n; i++) {
		words[last[i]].orders = hosts[i].orders;
		words[last[i]].order_count = hosts[i].count;
	}
	return true;
}

bool heaps_settle(struct heaps *h, struct db *db, struct heaps_word *words,
	size_t count, struct arena *a, struct err *e)
{
	struct heaps_attempt t = {.h = h,
		.db = db,
		.arena = a,
		.now_ms = clock_unix_ms(),
		.mono_ms = clock_mono_ms()};
	return heaps_put(&t, words, count, e) &&
	       heaps_put_orders(&t, words, count, e) &&
	       (!t.changed || db_notify(db, "tidemark", "snapshots", e));
}

struct snapshot_order *heaps_keep_orders(
	const struct heaps_word *word, struct arena *kept)
{
	struct snapshot_order *orders = arena_array(
		kept, word->order_count, sizeof *orders);
	for (size_t i = 0; i < word->order_count; i++) {
		orders[i] = word->orders[i];
		orders[i].service = arena_strdup(kept, orders[i].service);
		orders[i].route = arena_strdup(kept, orders[i].route);
	}
	return orders;
}

void heaps_committed(struct heaps *h, const struct heaps_word *words, size_t count)
{
	int64_t mono_ms = clock_mono_ms();
	for (size_t i = 0; i < count; i++) {
		const struct heaps_word *word = &words[i];
		int32_t agent_id = word->item->agent_id;
		quota_spend(h->summaries, agent_id, word->summaries, mono_ms);
		quota_spend(h->events, agent_id, word->events, mono_ms);
		quota_spend(h->local, agent_id, word->local, mono_ms);
		counters_add(
			COUNTERS_SNAPSHOTS_STORED, word->summaries - word->foreign);
		counters_add(COUNTERS_SNAPSHOTS_FOREIGN, word->foreign);
		counters_add(COUNTERS_EVENTS_TAKEN, word->events - word->ignored);
		counters_add(COUNTERS_EVENTS_IGNORED, word->ignored + word->left_out);
		if (word->item->upload.raw)
			counters_add(word->fate == WIRE_REFUSED ? COUNTERS_PARTS_REFUSED
								: COUNTERS_PARTS_TAKEN,
				1);
	}
}
