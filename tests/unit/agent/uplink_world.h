/*
 * A world for uplinks: a spool, an enrolled agent's keys, and a collector that
 * remembers what it saw.  start makes the uplink; GO_UNTIL runs both sides.
 */
#ifndef TIDEMARK_TESTS_UNIT_AGENT_UPLINK_WORLD_H
#define TIDEMARK_TESTS_UNIT_AGENT_UPLINK_WORLD_H

#include "agent/uplink.h"
#include "common/clock.h"
#include "tests/unit/agent/collector.h"
#include "tests/unit/agent/spool_fixture.h"

struct world {
	struct folder folder, spool_folder;
	struct spool *spool;
	struct state_keys keys;
	struct state_enrolment enrolment;
	struct uplink *uplink;
	struct collector collector;

	/* What the collector saw, by sequence. */
	int seen[1024];
	uint64_t order[1024];
	int frames;
	struct wire_upload last; /* without the batch */
	bool answer;             /* with a receipt */
	enum wire_fate fate;
	const char *reason;                     /* NULL: "because" */
	int64_t backoff_min_ms, backoff_max_ms; /* 0: 100, 400 */

	/* Snapshots: what the ears heard, and what they have to send. */
	struct snapshot_order heard[16];
	int orders;
	uint64_t settled;
	bool settled_in_spool;
	uint32_t raw_next, raw_to;
	uint8_t raw_bytes[1000];
	struct snapshot_raw_part raw_part;
	int raw_seen;
	bool answer_raw;
	struct snapshot_order *orders_out; /* with each receipt */
	size_t orders_out_count;
};

static inline void receive_raw(struct collector *c, const struct wire_upload *upload)
{
	struct world *w = c->user;
	assert_null(upload->batch);
	assert_int_equal(upload->raw->number, w->raw_seen % 4);
	assert_memory_equal(upload->raw->bytes, w->raw_bytes, sizeof w->raw_bytes);
	w->raw_seen++;
	const struct wire_receipt receipt = {
		0, 0, w->fate, "", w->orders_out, w->orders_out_count};
	if (w->answer_raw)
		collector_receipt(c, &receipt);
}

static inline void receive(struct collector *c, const void *frame, size_t length)
{
	struct world *w = c->user;
	struct arena a;
	struct err e;
	struct wire_upload upload;
	uint64_t number;
	arena_init(&a);
	assert_true(wire_upload_decode(frame, length, &a, &upload, &e));
	if (upload.raw) {
		receive_raw(c, &upload);
		arena_finish(&a);
		return;
	}
	assert_true(upload.sequence > 0 && upload.sequence < 1024);
	assert_int_equal(upload.epoch, fixture_stats(w->spool).epoch);
	assert_string_equal(upload.agent_version, TIDEMARK_VERSION);
	assert_int_equal(upload.protocol, WIRE_PROTOCOL);
	memcpy(&number, upload.batch, sizeof number);
	assert_int_equal(number, upload.sequence);
	w->last = upload;
	w->last.batch = NULL;
	w->last.agent_version = NULL;
	w->seen[upload.sequence]++;
	w->order[w->frames++ % 1024] = upload.sequence;
	struct wire_receipt receipt = {upload.epoch, upload.sequence, w->fate,
		w->reason ? w->reason : "because", w->orders_out, w->orders_out_count};
	if (w->answer)
		collector_receipt(c, &receipt);
	arena_finish(&a);
}

static inline int set_up(void **state)
{
	static struct world world;
	struct world *w = &world;
	struct err e;
	*w = (struct world){.answer = true, .fate = WIRE_STORED};
	folder_make(&w->folder);
	folder_make(&w->spool_folder);
	w->spool = fixture_open(&w->spool_folder, 64 << 20);
	collector_keys(&w->collector);
	w->collector.receive = receive;
	w->collector.user = w;
	collector_start(&w->collector);
	assert_true(state_keys(w->folder.path, &w->keys, &e));
	strcpy(w->enrolment.host, "127.0.0.1");
	w->enrolment.port = w->collector.port;
	memcpy(w->enrolment.server_key, w->collector.public_key, 32);
	*state = w;
	return 0;
}

static inline int tear_down(void **state)
{
	struct world *w = *state;
	uplink_destroy(w->uplink);
	collector_stop(&w->collector);
	spool_close(w->spool);
	folder_remove(&w->folder);
	folder_remove(&w->spool_folder);
	return 0;
}

static inline void hear_order(void *context, const struct snapshot_order *order)
{
	struct world *w = context;
	w->heard[w->orders++ % 16] = *order;
	if (order->kind == SNAPSHOT_ORDER_RAW && w->raw_next == w->raw_to) {
		w->raw_next = order->part_from;
		w->raw_to = order->part_to;
	}
}

static inline void hear_settled(void *context, uint64_t sequence)
{
	struct world *w = context;
	uint64_t found;
	w->settled = sequence;
	w->settled_in_spool = spool_next(w->spool, sequence - 1, &found) &&
			      found == sequence;
}

static inline const struct snapshot_raw_part *next_part(void *context)
{
	struct world *w = context;
	w->raw_part = (struct snapshot_raw_part){.capture = 5,
		.number = w->raw_next,
		.parts = 4,
		.file_bytes = UINT64_C(4) * SNAPSHOT_RAW_PART_BYTES,
		.bytes = w->raw_bytes,
		.length = sizeof w->raw_bytes};
	return w->raw_next < w->raw_to ? &w->raw_part : NULL;
}

static inline void part_sent(void *context)
{
	struct world *w = context;
	w->raw_next++;
}

static inline void start(struct world *w)
{
	struct uplink_options options = {.enrolment = &w->enrolment,
		.keys = &w->keys,
		.spool = w->spool,
		.ears = {w, hear_order, hear_settled, next_part, part_sent},
		.resend_ms = 300,
		.resend_max_ms = 1200,
		.backoff_min_ms = w->backoff_min_ms ? w->backoff_min_ms : 100,
		.backoff_max_ms = w->backoff_max_ms ? w->backoff_max_ms : 400,
		.retry_max_ms = 150};
	struct err e;
	assert_true(uplink_create(&options, &w->uplink, &e));
}

static inline void append(struct world *w, uint64_t from, uint64_t to, size_t length)
{
	uint64_t sequence;
	for (uint64_t n = from; n <= to; n++) {
		assert_true(fixture_append(w->spool, n, length, &sequence));
		assert_int_equal(sequence, n);
	}
}

static inline struct uplink_stats stats(const struct world *w)
{
	struct uplink_stats s;
	uplink_get_stats(w->uplink, &s);
	return s;
}

static inline void go(struct world *w, int64_t ms)
{
	for (int64_t end = clock_mono_ms() + ms; clock_mono_ms() < end;) {
		assert_false(uplink_run(w->uplink, clock_mono_ms() + 2, -1));
		collector_step(&w->collector);
	}
}

/* Runs both sides until the condition holds; fails after ten seconds. */
#define GO_UNTIL(w, condition)                                                         \
	do {                                                                           \
		for (int64_t end_ = clock_mono_ms() + 10000; !(condition);) {          \
			if (clock_mono_ms() > end_)                                    \
				fail_msg("never came: %s", #condition);                \
			go(w, 4);                                                      \
		}                                                                      \
	} while (0)

#endif
