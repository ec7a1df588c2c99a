/*
 * What the tests of heap snapshots add to fixture.h: an agent with three processes, and
 * the batches that it sends about their heaps.
 */
#ifndef TIDEMARK_TESTS_UNIT_SERVER_INGEST_HEAPS_FIXTURE_H
#define TIDEMARK_TESTS_UNIT_SERVER_INGEST_HEAPS_FIXTURE_H

#include "server/store/captures.h"
#include "server/store/raw.h"
#include "tests/unit/schema/snapshot_fixture.h"
#include "tests/unit/server/ingest/fixture.h"

struct heaps_agent {
	struct peer peer;
	int64_t id;
	uint64_t epoch, sequence;     /* of the last batch */
	struct wire_receipt receipt;  /* of the last upload */
	struct wire_process *process; /* the one that snapshots are of */
};

static const struct audit_actor heaps_nobody = {0, "policy"};

/* Three instances of a service of its own, so that captures of others do not matter. */
static inline void heaps_tick(struct heaps_agent *h, const char *service)
{
	struct wire_batch batch = peer_batch(&h->peer,
		&(struct peer_shape){.service = service,
			.processes = 3,
			.ticks = 1,
			.at_unix_ms = clock_unix_ms(),
			.first_pid = 100},
		&arena);
	h->process = &batch.processes[0];
	h->receipt = upload_batch(&h->peer, &batch, h->epoch, ++h->sequence);
	assert_int_equal(h->receipt.fate, WIRE_STORED);
}

static inline void heaps_agent_start(struct heaps_agent *h, const char *service)
{
	*h = (struct heaps_agent){.epoch = 99};
	h->id = enrolled(&h->peer);
	heaps_tick(h, service);
}

/* A batch about the first process, without ticks. */
static inline struct wire_batch heaps_batch(struct heaps_agent *h)
{
	struct wire_batch batch = peer_batch(
		&h->peer, &(struct peer_shape){.at_unix_ms = clock_unix_ms()}, &arena);
	batch.processes = h->process;
	batch.process_count = 1;
	return batch;
}

static inline void heaps_say(
	struct heaps_agent *h, uint64_t capture, struct snapshot_event event)
{
	struct wire_batch batch = heaps_batch(h);
	struct wire_snapshot_event word = {.has_process = true, .is = event};
	word.is.capture = capture;
	word.is.at_unix_ms = clock_unix_ms();
	word.is.text = event.text ? event.text : "";
	word.is.actor = event.actor ? event.actor : "";
	batch.events = &word;
	batch.event_count = 1;
	h->receipt = upload_batch(&h->peer, &batch, h->epoch, ++h->sequence);
	assert_int_equal(h->receipt.fate, WIRE_STORED);
}

static inline void heaps_say_state(
	struct heaps_agent *h, uint64_t capture, enum snapshot_state state)
{
	heaps_say(h, capture, (struct snapshot_event){.state = state});
}

static inline void heaps_quote(
	struct heaps_agent *h, uint64_t capture, enum snapshot_gate gate)
{
	heaps_say(h, capture,
		(struct snapshot_event){.state = SNAPSHOT_QUOTED,
			.has_card = true,
			.card = {gate, "inspector", "node 20", true, 1000, 20, 30, 40,
				50,
				gate == SNAPSHOT_ALLOWED ? "" : "the pause is long"}});
}

/* The batch of a snapshot of the first process; `f` must live until it is sent. */
static inline struct wire_batch heaps_snapshot(
	struct heaps_agent *h, struct snapshot_fixture *f, uint64_t capture)
{
	static int64_t last_ms;
	struct wire_batch batch = heaps_batch(h);
	int64_t now_ms = clock_unix_ms();
	last_ms = now_ms > last_ms ? now_ms : last_ms + 1; /* each at its own */
	snapshot_fixture_init(f);
	f->snapshot.is.capture = capture;
	f->snapshot.is.taken_unix_ms = last_ms;
	f->snapshot.is.raw_bytes = 0;
	batch.snapshots = &f->snapshot;
	batch.snapshot_count = 1;
	return batch;
}

static inline void heaps_take(struct heaps_agent *h, uint64_t capture)
{
	struct snapshot_fixture f;
	struct wire_batch batch = heaps_snapshot(h, &f, capture);
	h->receipt = upload_batch(&h->peer, &batch, h->epoch, ++h->sequence);
	assert_int_equal(h->receipt.fate, WIRE_STORED);
}

static inline int64_t heaps_slot(const struct heaps_agent *h, int64_t ordinal)
{
	return ask_of("SELECT s.id FROM slot s JOIN agent a USING (host_id) WHERE a.id "
		      "= "
		      "%lld ORDER BY s.service_id DESC, s.ordinal LIMIT 1",
		       h->id) +
	       ordinal;
}

static inline struct captures_reply heaps_create(struct heaps_agent *h)
{
	struct captures_reply reply;
	struct err e;
	must(captures_create(db,
		     &(struct captures_ask){.slot_id = heaps_slot(h, 0),
			     .actor = heaps_nobody,
			     .cause = "policy: first",
			     .route = "",
			     .now_ms = clock_unix_ms()},
		     &arena, &reply, &e),
		&e);
	return reply;
}

static inline struct captures_reply heaps_confirm(int64_t capture, bool keep_raw)
{
	struct captures_reply reply;
	struct err e;
	must(captures_confirm(db,
		     &(struct captures_step){.id = capture,
			     .actor = heaps_nobody,
			     .keep_raw = keep_raw,
			     .now_ms = clock_unix_ms()},
		     &arena, &reply, &e),
		&e);
	return reply;
}

/* A capture that is ordered. */
static inline uint64_t heaps_order(struct heaps_agent *h, bool keep_raw)
{
	struct captures_reply reply = heaps_create(h);
	assert_int_equal(reply.outcome, CAPTURES_DONE);
	heaps_quote(h, (uint64_t)reply.row->id, SNAPSHOT_ALLOWED);
	reply = heaps_confirm(reply.row->id, keep_raw);
	assert_int_equal(reply.outcome, CAPTURES_DONE);
	return (uint64_t)reply.row->id;
}

static inline struct captures_row *heaps_capture(uint64_t id)
{
	struct captures_row *row;
	struct err e;
	must(captures_one(db, (int64_t)id, &arena, &row, &e), &e);
	assert_non_null(row);
	return row;
}

static inline int64_t heaps_audit(const char *action, uint64_t capture)
{
	char sql[300];
	snprintf(sql, sizeof sql,
		"SELECT count(*) FROM audit WHERE action = '%s' AND detail LIKE "
		"'%%capture %llu%%'",
		action, (unsigned long long)capture);
	return ask(sql);
}

#endif
