#include "tests/unit/schema/snapshot_fixture.h"

#include "schema/tidemark.pb-c.h"
#include "tests/unit/cmocka_all.h"

#include <stdio.h>
#include <stdlib.h>
#include <zstd.h>

static const int64_t now = SNAPSHOT_FIXTURE_NOW;

struct fixture {
	struct snapshot_fixture in;
	struct arena arena;
	struct buf frame;
	struct err e;
	struct wire_batch out;
};

static int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);
	arena_init(&f->arena);
	snapshot_fixture_init(&f->in);
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;
	arena_finish(&f->arena);
	buf_finish(&f->frame);
	free(f);
	return 0;
}

static bool encode(struct fixture *f)
{
	buf_reset(&f->frame);
	return wire_batch_encode(&f->in.batch, &f->frame, &f->e);
}

static bool decode(struct fixture *f)
{
	return wire_batch_decode(
		f->frame.data, f->frame.length, now, &f->arena, &f->out, &f->e);
}

static void assert_same_name(struct snapshot_name a, struct snapshot_name b)
{
	assert_string_equal(a.name, b.name);
	assert_string_equal(a.location, b.location);
}

static void assert_same_holder(
	const struct snapshot_holder *a, const struct snapshot_holder *b)
{
	assert_same_name(a->is, b->is);
	assert_same_name(a->child, b->child);
	assert_int_equal(a->child_count, b->child_count);
	assert_int_equal(a->child_bytes, b->child_bytes);
	assert_int_equal(a->retained_bytes, b->retained_bytes);
	assert_int_equal(a->path.is_cut, b->path.is_cut);
	assert_int_equal(a->path.count, b->path.count);
	for (size_t i = 0; i < a->path.count; i++) {
		assert_string_equal(a->path.steps[i].edge, b->path.steps[i].edge);
		assert_same_name(a->path.steps[i].holder, b->path.steps[i].holder);
	}
}

static void assert_same_growth(
	const struct snapshot_growth *a, const struct snapshot_growth *b)
{
	assert_int_equal(a->verdict, b->verdict);
	assert_int_equal(a->before_unix_ms, b->before_unix_ms);
	assert_int_equal(a->before_total_bytes, b->before_total_bytes);
	assert_int_equal(a->grown_bytes, b->grown_bytes);
	assert_int_equal(a->explained_bytes, b->explained_bytes);
	assert_string_equal(a->words, b->words);
	assert_same_holder(&a->holder, &b->holder);
	assert_int_equal(a->change_count, b->change_count);
	for (size_t i = 0; i < a->change_count; i++) {
		assert_same_name(a->changes[i].is, b->changes[i].is);
		assert_int_equal(a->changes[i].added, b->changes[i].added);
		assert_int_equal(a->changes[i].removed, b->changes[i].removed);
		assert_int_equal(a->changes[i].added_bytes, b->changes[i].added_bytes);
		assert_int_equal(
			a->changes[i].removed_bytes, b->changes[i].removed_bytes);
	}
}

static void a_snapshot_survives(void **state)
{
	struct fixture *f = *state;
	assert_true(encode(f));
	assert_true(decode(f));
	memset(f->frame.data, 0xff, f->frame.length); /* all is copied */
	assert_int_equal(f->out.snapshot_count, 1);
	assert_int_equal(f->out.snapshots[0].process, 0);
	const struct snapshot *a = &f->in.snapshot.is, *b = &f->out.snapshots[0].is;
	assert_int_equal(a->capture, b->capture);
	assert_int_equal(a->taken_unix_ms, b->taken_unix_ms);
	assert_int_equal(a->kind, b->kind);
	assert_string_equal(a->route, b->route);
	assert_string_equal(a->rules, b->rules);
	assert_string_equal(a->why_shallow, b->why_shallow);
	assert_string_equal(a->process.runtime, b->process.runtime);
	assert_int_equal(a->process.pause_ms, b->process.pause_ms);
	assert_int_equal(a->process.analysis_ms, b->process.analysis_ms);
	assert_int_equal(a->process.peak_rss_bytes, b->process.peak_rss_bytes);
	assert_int_equal(a->process.heap_used_bytes, b->process.heap_used_bytes);
	assert_int_equal(a->process.external_bytes, b->process.external_bytes);
	assert_int_equal(a->process.heap_limit_bytes, b->process.heap_limit_bytes);
	assert_int_equal(a->process.uptime_ms, b->process.uptime_ms);
	assert_true(b->process.has_requests);
	assert_int_equal(a->process.requests, b->process.requests);
	assert_int_equal(a->stream_bytes, b->stream_bytes);
	assert_int_equal(a->node_count, b->node_count);
	assert_int_equal(a->edge_count, b->edge_count);
	assert_int_equal(a->total_bytes, b->total_bytes);
	assert_int_equal(a->class_count, b->class_count);
	assert_memory_equal(&a->statistics, &b->statistics, sizeof a->statistics);
	assert_int_equal(a->classes_length, b->classes_length);
	for (size_t i = 0; i < a->classes_length; i++) {
		assert_same_name(a->classes[i].is, b->classes[i].is);
		assert_int_equal(a->classes[i].count, b->classes[i].count);
		assert_int_equal(
			a->classes[i].shallow_bytes, b->classes[i].shallow_bytes);
		assert_int_equal(
			a->classes[i].retained_bytes, b->classes[i].retained_bytes);
		assert_int_equal(a->classes[i].distance, b->classes[i].distance);
	}
	assert_int_equal(b->accumulator_count, 1);
	assert_same_holder(a->accumulators, b->accumulators);
	assert_int_equal(b->fanout_count, 1);
	assert_same_holder(a->fanout, b->fanout);
	assert_same_growth(&a->growth, &b->growth);
	assert_int_equal(a->raw_bytes, b->raw_bytes);
	assert_memory_equal(a->raw_sha256, b->raw_sha256, 32);
}

static void what_is_not_known_stays_so(void **state)
{
	struct fixture *f = *state;
	struct snapshot *s = &f->in.snapshot.is;
	s->capture = 0;
	s->process.has_requests = false;
	s->growth = (struct snapshot_growth){.words = ""};
	s->raw_bytes = 0;
	s->fanout_count = 0;
	assert_true(encode(f));
	assert_true(decode(f));
	const struct snapshot *out = &f->out.snapshots[0].is;
	assert_false(out->process.has_requests);
	assert_int_equal(out->growth.verdict, SNAPSHOT_NOT_COMPARED);
	assert_string_equal(out->growth.words, "");
	assert_string_equal(out->growth.holder.child.location, "");
	assert_int_equal(out->raw_bytes, 0);

	/* No request at all is another thing than not knowing. */
	s->process.has_requests = true;
	s->process.requests = 0;
	assert_true(encode(f));
	assert_true(decode(f));
	assert_true(f->out.snapshots[0].is.process.has_requests);
	assert_int_equal(f->out.snapshots[0].is.process.requests, 0);
}

static void events_survive(void **state)
{
	struct fixture *f = *state;
	assert_true(encode(f));
	assert_true(decode(f));
	assert_int_equal(f->out.event_count, 2);
	assert_false(f->out.events[0].has_process);
	const struct snapshot_event *a = &f->in.events[0].is, *b = &f->out.events[0].is;
	assert_int_equal(a->capture, b->capture);
	assert_int_equal(a->at_unix_ms, b->at_unix_ms);
	assert_int_equal(a->state, b->state);
	assert_true(b->has_card);
	assert_int_equal(a->card.gate, b->card.gate);
	assert_string_equal(a->card.route, b->card.route);
	assert_string_equal(a->card.runtime, b->card.runtime);
	assert_int_equal(a->card.heap_is_measured, b->card.heap_is_measured);
	assert_int_equal(a->card.heap_bytes, b->card.heap_bytes);
	assert_int_equal(a->card.pause_ms, b->card.pause_ms);
	assert_int_equal(a->card.need_bytes, b->card.need_bytes);
	assert_int_equal(a->card.free_bytes, b->card.free_bytes);
	assert_int_equal(a->card.helper_bytes, b->card.helper_bytes);
	assert_string_equal(a->card.reasons, b->card.reasons);
	b = &f->out.events[1].is;
	assert_true(f->out.events[1].has_process);
	assert_int_equal(f->out.events[1].process, 0);
	assert_int_equal(b->capture, 0);
	assert_int_equal(b->state, SNAPSHOT_FAILED);
	assert_int_equal(b->progress_permille, 333);
	assert_string_equal(b->text, "the process ended");
	assert_string_equal(b->actor, "command line by root");
	assert_false(b->has_card);
}

/* Control bytes, and lines that are too many or too long. */
static void texts_are_made_clean(void **state)
{
	struct fixture *f = *state;
	char reasons[40 * WIRE_NAME_BYTES_MAX] = "";
	for (int i = 0; i < 20; i++)
		sprintf(reasons + strlen(reasons), "%*d\n", WIRE_NAME_BYTES_MAX + 9, i);
	f->in.classes[0].is.name = "Ser\nver\x01\xff";
	f->in.events[0].is.card.reasons = reasons;
	f->in.events[1].is.text = "one\ntwo";
	assert_true(encode(f));
	assert_true(decode(f));
	assert_string_equal(f->out.snapshots[0].is.classes[0].is.name, "Ser?ver??");
	assert_string_equal(f->out.events[1].is.text, "one?two");
	assert_true(strlen(f->out.events[0].is.card.reasons) <
		    WIRE_REASONS_MAX * (WIRE_NAME_BYTES_MAX + 1));
}

/* One row at a time, until it fits: what the summary maker does. */
static void a_snapshot_has_a_size_that_is_known_before(void **state)
{
	struct fixture *f = *state;
	struct snapshot *s = &f->in.snapshot.is;
	char(*names)[SNAPSHOT_TEXT_BYTES_MAX + 1] = calloc(
		SNAPSHOT_CLASSES_MAX, sizeof *names);
	struct snapshot_class *classes = calloc(SNAPSHOT_CLASSES_MAX, sizeof *classes);
	for (size_t i = 0; i < SNAPSHOT_CLASSES_MAX; i++) {
		snprintf(
			names[i], sizeof names[i], "%0*zu", SNAPSHOT_TEXT_BYTES_MAX, i);
		classes[i] = (struct snapshot_class){{names[i], ""}, 1, 2, 3, 4};
	}
	s->classes = classes;
	s->classes_length = s->class_count = SNAPSHOT_CLASSES_MAX;
	assert_false(encode(f));
	assert_int_equal(f->e.kind, ERR_INPUT);
	assert_non_null(strstr(f->e.text, "bytes, at most 65536 are allowed"));
	while (wire_snapshot_bytes(s) > SNAPSHOT_BYTES_MAX)
		s->classes_length--;
	assert_true(s->classes_length > 200);
	assert_true(encode(f));
	assert_true(decode(f));
	s->classes_length += 2;
	assert_false(encode(f));
	free(names);
	free(classes);
}

/* On the wire a few kilobytes: one text, named by every step of every path. */
static void what_is_written_out_is_bounded_too(void **state)
{
	struct fixture *f = *state;
	struct snapshot *s = &f->in.snapshot.is;
	struct snapshot_step steps[SNAPSHOT_STEPS_MAX];
	struct snapshot_holder holders[SNAPSHOT_HOLDERS_MAX];
	char text[SNAPSHOT_TEXT_BYTES_MAX + 1] = {0};
	memset(text, '"', SNAPSHOT_TEXT_BYTES_MAX);
	for (size_t i = 0; i < SNAPSHOT_STEPS_MAX; i++)
		steps[i] = (struct snapshot_step){text, {text, text}};
	for (size_t i = 0; i < SNAPSHOT_HOLDERS_MAX; i++)
		holders[i] = (struct snapshot_holder){.is = {"A", ""},
			.path = {steps, SNAPSHOT_STEPS_MAX, false},
			.child = {"B", ""}};
	s->fanout = holders;
	s->fanout_count = SNAPSHOT_HOLDERS_MAX;
	assert_true(wire_snapshot_bytes(s) < SNAPSHOT_BYTES_MAX);
	assert_false(encode(f));
	assert_int_equal(f->e.kind, ERR_INPUT);
	assert_non_null(strstr(f->e.text, "at most 524288 are allowed"));
	size_t spelled = wire_snapshot_spelled(s);
	s->fanout_count--;
	assert_int_equal(spelled - wire_snapshot_spelled(s),
		3 * SNAPSHOT_STEPS_MAX * SNAPSHOT_TEXT_BYTES_MAX + 2);
	while (wire_snapshot_spelled(s) > SNAPSHOT_SPELLED_BYTES_MAX)
		s->fanout_count--;
	assert_int_equal(s->fanout_count, 17);
	assert_true(encode(f));
	assert_true(decode(f));
	assert_int_equal(wire_snapshot_spelled(&f->out.snapshots[0].is),
		wire_snapshot_spelled(s));
}

static void limits_hold_for_the_sender_too(void **state)
{
	struct fixture *f = *state;
	struct snapshot *s = &f->in.snapshot.is;
#define BAD(change, what)                                                              \
	do {                                                                           \
		snapshot_fixture_init(&f->in);                                         \
		change;                                                                \
		assert_false(encode(f));                                               \
		assert_int_equal(f->e.kind, ERR_INPUT);                                \
		if (!strstr(f->e.text, what))                                          \
			fail_msg("'%s' is not in '%s'", what, f->e.text);              \
	} while (0)
	BAD(s->kind = 0, "snapshot 0: kind: 0");
	BAD(s->kind = SNAPSHOT_JVM + 1, "kind: 4");
	BAD(s->taken_unix_ms = 12, "taken_unix_ms: 12");
	BAD(s->total_bytes = UINT64_MAX, "total_bytes");
	BAD(s->process.pause_ms = -1, "pause_ms");
	BAD(s->statistics.code_bytes = UINT64_MAX, "code_bytes");
	BAD(s->classes_length = SNAPSHOT_CLASSES_MAX + 1, "classes: 1001");
	BAD(s->class_count = 1, "class_count: 1 is not in 3");
	BAD(s->classes[1].retained_bytes = UINT64_MAX, "class 1: retained_bytes");
	BAD(s->classes[1].distance = -6, "class 1: distance: -6");
	BAD(s->accumulators[0].path.count = SNAPSHOT_STEPS_MAX + 1,
		"accumulator 0: steps: 41");
	BAD(s->fanout_count = SNAPSHOT_HOLDERS_MAX + 1, "fanout: 101");
	BAD(s->growth.before_unix_ms = INT64_MAX, "growth: before_unix_ms");
	BAD(s->growth.before_unix_ms = -1, "growth: before_unix_ms");
	BAD(s->growth.change_count = SNAPSHOT_CHANGES_MAX + 1, "growth: changes: 201");
	BAD(s->growth.verdict = SNAPSHOT_CLASS_GROWTH + 1, "growth: verdict: 4");
	BAD(s->growth.changes[0].added = UINT64_MAX, "growth: change 0: added");
	BAD(f->in.snapshot.process = 1, "snapshot 0: process 1 of 1");
	BAD(f->in.events[0].is.state = 0, "event 0: state: 0");
	BAD(f->in.events[0].is.progress_permille = 1001, "progress_permille: 1001");
	BAD(f->in.events[0].is.card.gate = 0, "event 0: card: gate: 0");
	BAD(f->in.events[1].is.actor = "", "event 1: actor: missing");
	BAD(f->in.events[1].process = 1, "event 1: process 1 of 1");
	BAD(f->in.batch.event_count = WIRE_EVENTS_MAX + 1, "65 events");
	BAD(f->in.batch.snapshot_count = WIRE_SNAPSHOTS_MAX + 1, "5 snapshots");
	struct wire_tick tick = {.at_unix_ms = now};
	BAD((f->in.batch.ticks = &tick, f->in.batch.tick_count = 1),
		"1 ticks beside a snapshot");
#undef BAD
}

/* Frames that no agent of ours sends: the good one, spoiled in one place. */
struct hostile {
	struct fixture *f;
	Tidemark__Batch *m;
	Tidemark__Snapshot *s;
};

static void hostile_open(struct hostile *h, struct fixture *f)
{
	snapshot_fixture_init(&f->in);
	assert_true(encode(f));
	uint8_t bytes[16384];
	size_t n = ZSTD_decompress(bytes, sizeof bytes, f->frame.data, f->frame.length);
	assert_false(ZSTD_isError(n));
	h->f = f;
	h->m = tidemark__batch__unpack(NULL, n, bytes);
	assert_non_null(h->m);
	h->s = h->m->snapshots[0];
}

static void hostile_is_refused(struct hostile *h, const char *why)
{
	struct fixture *f = h->f;
	size_t length = tidemark__batch__get_packed_size(h->m);
	uint8_t *bytes = malloc(length);
	tidemark__batch__pack(h->m, bytes);
	buf_reset(&f->frame);
	char *start = buf_reserve(&f->frame, ZSTD_compressBound(length));
	f->frame.length = ZSTD_compress(
		start, ZSTD_compressBound(length), bytes, length, 1);
	free(bytes);
	assert_false(decode(f));
	assert_int_equal(f->e.kind, ERR_INPUT);
	if (!strstr(f->e.text, why))
		fail_msg("'%s' is not in '%s'", why, f->e.text);
	tidemark__batch__free_unpacked(h->m, NULL);
}

static char *text_of(size_t length)
{
	char *text = calloc(1, length + 1);
	memset(text, 'x', length);
	return text;
}

static void hostile_snapshots_are_refused_by_name(void **state)
{
	struct fixture *f = *state;
	struct hostile h;
#define SPOIL(change, why)                                                             \
	do {                                                                           \
		hostile_open(&h, f);                                                   \
		change;                                                                \
		hostile_is_refused(&h, why);                                           \
	} while (0)
	SPOIL(h.s->process = 1, "snapshot 0: process 1 of 1");
	SPOIL(h.s->kind = 9, "snapshot 0: kind");
	SPOIL(h.s->route = 999, "route: text 999 of");
	SPOIL(h.s->taken_unix_ms = now + WIRE_TIME_AHEAD_MS + 1, "out of bounds");
	SPOIL(h.s->taken_unix_ms = 0, "taken_unix_ms: 0");
	SPOIL(h.s->node_count = UINT64_MAX, "node_count");
	SPOIL(h.s->classes[0]->name = 999, "classes: name: text 999 of");
	SPOIL(h.s->classes[0]->shallow_bytes = UINT64_MAX, "class 0: shallow_bytes");
	SPOIL(h.s->accumulators[0]->n_path--, "accumulators 0: path: 5");
	SPOIL(h.s->accumulators[0]->path[1] = 999, "accumulators 0: name: text 999");
	SPOIL(h.s->growth->verdict = 0, "growth: verdict: 0");
	SPOIL(h.s->growth->changes[0]->name = 999, "growth: name: text 999");
	SPOIL(h.s->raw_sha256.len = 31, "raw_sha256: 31 bytes");
	SPOIL((free(h.s->texts[1]), h.s->texts[1] = text_of(1025)), "text 1: 1025");
	SPOIL((free(h.s->texts[1]), h.s->texts[1] = text_of(257)), "257 bytes long");
	SPOIL(h.s->texts[1][0] = '\n', "text 1: byte 0x0a at 0");
	SPOIL(h.s->texts[1][0] = (char)0xff, "text 1: byte 0xff at 0");
	SPOIL((free(h.m->snapshot_events[0]->card->reasons),
		      h.m->snapshot_events[0]->card->reasons = strdup("a\n\x01")),
		"event 0: card: reasons: byte 0x01");
	SPOIL(h.m->snapshot_events[0]->state = 9, "event 0: state");
	SPOIL(h.m->snapshot_events[1]->process = 2, "event 1: process 1 of 1");
	SPOIL(h.m->snapshot_events[1]->actor[0] = 0, "event 1: actor: missing");
#undef SPOIL
	/* Larger than it may be, though every part keeps its rule. */
	hostile_open(&h, f);
	for (size_t i = 0; i < h.s->n_texts; i++)
		free(h.s->texts[i]);
	free(h.s->texts);
	h.s->n_texts = 300;
	h.s->texts = calloc(h.s->n_texts, sizeof *h.s->texts);
	for (size_t i = 0; i < h.s->n_texts; i++)
		h.s->texts[i] = text_of(256);
	hostile_is_refused(&h, "at most 65536 are allowed");
}

static void times_of_events_are_moved_into_the_bounds(void **state)
{
	struct fixture *f = *state;
	f->in.events[0].is.at_unix_ms = 5;
	f->in.events[1].is.at_unix_ms = INT64_MAX;
	assert_true(encode(f));
	assert_true(decode(f));
	assert_int_equal(f->out.events[0].is.at_unix_ms, WIRE_TIME_MIN_MS);
	assert_int_equal(f->out.events[1].is.at_unix_ms, now + WIRE_TIME_AHEAD_MS);
}

static void orders_ride_on_receipts(void **state)
{
	struct fixture *f = *state;
	struct snapshot_order orders[] = {
		{.capture = 1,
			.kind = SNAPSHOT_ORDER_QUOTE,
			.pid = 7,
			.start_ticks = 8,
			.service = "checkout",
			.route = "",
			.deadline_unix_ms = now},
		{.capture = 2,
			.kind = SNAPSHOT_ORDER_RAW,
			.pid = 7,
			.start_ticks = 8,
			.service = "checkout",
			.route = "preload",
			.overrules = true,
			.keep_raw = true,
			.part_from = 3,
			.part_to = 11},
	};
	struct wire_receipt in = {
		.fate = WIRE_STORED, .reason = "", .orders = orders, .order_count = 2};
	struct wire_receipt out;
	wire_receipt_encode(&in, &f->frame);
	assert_true(wire_receipt_decode(
		f->frame.data, f->frame.length, &f->arena, &out, &f->e));
	assert_int_equal(out.sequence, 0);
	assert_int_equal(out.order_count, 2);
	assert_int_equal(out.orders[0].capture, 1);
	assert_int_equal(out.orders[0].kind, SNAPSHOT_ORDER_QUOTE);
	assert_int_equal(out.orders[0].pid, 7);
	assert_int_equal(out.orders[0].start_ticks, 8);
	assert_string_equal(out.orders[0].service, "checkout");
	assert_int_equal(out.orders[0].deadline_unix_ms, now);
	assert_string_equal(out.orders[1].route, "preload");
	assert_true(out.orders[1].overrules);
	assert_true(out.orders[1].keep_raw);
	assert_int_equal(out.orders[1].part_from, 3);
	assert_int_equal(out.orders[1].part_to, 11);
}

static void orders_that_we_do_not_know_are_left_out(void **state)
{
	struct fixture *f = *state;
	Tidemark__SnapshotOrder order[2] = {
		TIDEMARK__SNAPSHOT_ORDER__INIT, TIDEMARK__SNAPSHOT_ORDER__INIT};
	Tidemark__SnapshotOrder *orders[] = {&order[0], &order[1]};
	Tidemark__Receipt m = TIDEMARK__RECEIPT__INIT;
	struct wire_receipt out;
	uint8_t bytes[256];
	for (int i = 0; i < 2; i++) {
		order[i].capture = 1;
		order[i].pid = 1;
		order[i].kind = i ? SNAPSHOT_ORDER_TAKE : 77;
	}
	m.fate = TIDEMARK__RECEIPT__FATE__STORED;
	m.n_orders = 2;
	m.orders = orders;
	size_t n = tidemark__receipt__pack(&m, bytes);
	assert_true(wire_receipt_decode(bytes, n, &f->arena, &out, &f->e));
	assert_int_equal(out.order_count, 1);
	assert_int_equal(out.orders[0].kind, SNAPSHOT_ORDER_TAKE);

	order[1].pid = 0;
	n = tidemark__receipt__pack(&m, bytes);
	assert_false(wire_receipt_decode(bytes, n, &f->arena, &out, &f->e));
	assert_non_null(strstr(f->e.text, "receipt: order 1: pid: 0"));
}

static void a_part_has_an_upload_of_its_own(void **state)
{
	struct fixture *f = *state;
	char file[1000], packed[1200];
	memset(file, 'h', sizeof file);
	struct snapshot_raw_part part = {.capture = 4711,
		.number = 2,
		.parts = 3,
		.file_bytes = 2 * SNAPSHOT_RAW_PART_BYTES + sizeof file,
		.file_sha256 = {9, [31] = 1},
		.bytes = packed,
		.length = ZSTD_compress(packed, sizeof packed, file, sizeof file, 1),
		.sha256 = {8, [31] = 2}};
	struct wire_upload in = {
		.protocol = WIRE_PROTOCOL, .agent_version = "0.1.0", .raw = &part};
	struct wire_upload out;
	wire_upload_encode(&in, &f->frame);
	assert_true(wire_upload_decode(
		f->frame.data, f->frame.length, &f->arena, &out, &f->e));
	memset(f->frame.data, 0xff, f->frame.length);
	assert_non_null(out.raw);
	assert_int_equal(out.raw->capture, 4711);
	assert_int_equal(out.raw->number, 2);
	assert_int_equal(out.raw->parts, 3);
	assert_int_equal(out.raw->file_bytes, part.file_bytes);
	assert_memory_equal(out.raw->file_sha256, part.file_sha256, 32);
	assert_memory_equal(out.raw->sha256, part.sha256, 32);
	const uint8_t *bytes;
	size_t length;
	assert_true(wire_raw_inflate(out.raw, &f->arena, &bytes, &length, &f->e));
	assert_int_equal(length, sizeof file);
	assert_memory_equal(bytes, file, length);

	/* There is no such file any more. */
	part = (struct snapshot_raw_part){.capture = 4711};
	buf_reset(&f->frame);
	wire_upload_encode(&in, &f->frame);
	assert_true(wire_upload_decode(
		f->frame.data, f->frame.length, &f->arena, &out, &f->e));
	assert_int_equal(out.raw->parts, 0);
}

static void bad_parts_are_refused_by_name(void **state)
{
	struct fixture *f = *state;
	static uint8_t sum[32], byte[1];
	struct wire_upload out;
	for (int i = 0; i < 8; i++) {
		Tidemark__RawPart part = TIDEMARK__RAW_PART__INIT;
		Tidemark__Upload m = TIDEMARK__UPLOAD__INIT;
		uint8_t bytes[512];
		m.raw = &part;
		m.sequence = i == 0;
		part.capture = i != 1;
		part.parts = i == 2 ? UINT32_MAX : 1;
		part.number = i == 3;
		part.file_bytes = i == 4 ? SNAPSHOT_RAW_PART_BYTES + 1 : 1;
		part.part = (ProtobufCBinaryData){i != 5, byte};
		part.sha256 = (ProtobufCBinaryData){i == 6 ? 31 : 32, sum};
		part.file_sha256 = (ProtobufCBinaryData){i == 7 ? 0 : 32, sum};
		static const char *const why[] = {"raw: beside a batch", "raw: capture",
			"raw: parts", "raw: number: 1 is not in 0 to 0",
			"raw: file_bytes: 655361 is not in 1 to 655360", "raw: part: 0",
			"raw: sha256: 31", "raw: file_sha256: 0"};
		size_t n = tidemark__upload__pack(&m, bytes);
		assert_false(wire_upload_decode(bytes, n, &f->arena, &out, &f->e));
		if (!strstr(f->e.text, why[i]))
			fail_msg("'%s' is not in '%s'", why[i], f->e.text);
	}
}

static void truncation_at_every_byte(void **state)
{
	struct fixture *f = *state;
	assert_true(encode(f));
	uint8_t bytes[16384], packed[20000];
	size_t n = ZSTD_decompress(bytes, sizeof bytes, f->frame.data, f->frame.length);
	for (size_t cut = 1; cut < n; cut++) {
		size_t length = ZSTD_compress(packed, sizeof packed, bytes, cut, 1);
		struct arena a;
		arena_init(&a);
		struct wire_batch out;
		if (!wire_batch_decode(packed, length, now, &a, &out, &f->e))
			assert_int_equal(f->e.kind, ERR_INPUT);
		arena_finish(&a);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_snapshot_survives),
		TEST(what_is_not_known_stays_so),
		TEST(events_survive),
		TEST(texts_are_made_clean),
		TEST(a_snapshot_has_a_size_that_is_known_before),
		TEST(what_is_written_out_is_bounded_too),
		TEST(limits_hold_for_the_sender_too),
		TEST(hostile_snapshots_are_refused_by_name),
		TEST(times_of_events_are_moved_into_the_bounds),
		TEST(orders_ride_on_receipts),
		TEST(orders_that_we_do_not_know_are_left_out),
		TEST(a_part_has_an_upload_of_its_own),
		TEST(bad_parts_are_refused_by_name),
		TEST(truncation_at_every_byte),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
