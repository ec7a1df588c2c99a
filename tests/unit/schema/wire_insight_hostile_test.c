/* Findings that no scout of ours sends. */
#include "schema/fingerprint.h"
#include "schema/wire.h"

#include "schema/tidemark.pb-c.h"
#include "tests/unit/cmocka_all.h"

#include <protobuf-c/protobuf-c.h>
#include <stdlib.h>
#include <string.h>
#include <zstd.h>

static const int64_t now = INT64_C(1800000000000);

/* A valid message with one of each, to be spoilt. */
struct hostile {
	struct arena arena;
	struct buf frame;
	struct err e;
	struct wire_batch out;
	Tidemark__Batch *m;
};

static void hostile_encode(struct hostile *h)
{
	static const char *texts[] = {"a", "b"};
	static struct census_item item = {CENSUS_TIMERS, "Interval", "app.js:1:2", 7};
	struct wire_process process = {.service = "shop",
		.version = "",
		.runtime = "node",
		.rule = "pm2",
		.command = "node",
		.pid = 7};
	struct fingerprint f = {.app = "shop",
		.environment = texts,
		.environment_count = 2,
		.packages = texts,
		.package_count = 2,
		.remarks = texts,
		.remark_count = 2};
	fingerprint_tidy(&f, &h->arena);
	process.fingerprint = f.hash;
	struct wire_census census = {
		0, {.route = "r", .at_unix_ms = now, .items = &item, .item_count = 1}};
	struct wire_warning warning = {
		true, 0, {WARNING_PATTERN, "log", now, 1, texts, 2}};
	struct wire_queue queue = {
		{"jobs", "bull", "mail", texts, texts, 2, 2}, now, {.present = 1}};
	struct source_state source = {"jobs", "bull", now, true, 1, "text"};
	struct wire_batch batch = {.boot_id = "boot",
		.machine_id = "c0ffee",
		.hostname = "web-1",
		.kernel = "k",
		.processes = &process,
		.process_count = 1,
		.fingerprints = &f,
		.fingerprint_count = 1,
		.censuses = &census,
		.census_count = 1,
		.warnings = &warning,
		.warning_count = 1,
		.queues = &queue,
		.queue_count = 1,
		.sources = &source,
		.source_count = 1};
	if (!wire_batch_encode(&batch, &h->frame, &h->e))
		fail_msg("%s", h->e.text);
}

static void *hostile_alloc(void *arena, size_t size)
{
	return arena_alloc(arena, size);
}

static void hostile_free(void *arena, void *bytes)
{
	(void)arena;
	(void)bytes;
}

static void hostile_begin(struct hostile *h)
{
	*h = (struct hostile){0};
	arena_init(&h->arena);
	hostile_encode(h);
	size_t room = ZSTD_getFrameContentSize(h->frame.data, h->frame.length);
	uint8_t *bytes = arena_alloc(&h->arena, room);
	assert_int_equal(
		ZSTD_decompress(bytes, room, h->frame.data, h->frame.length), room);
	ProtobufCAllocator allocator = {hostile_alloc, hostile_free, &h->arena};
	h->m = tidemark__batch__unpack(&allocator, room, bytes);
	assert_non_null(h->m);
}

static void hostile_end(struct hostile *h)
{
	arena_finish(&h->arena);
	buf_finish(&h->frame);
}

static bool hostile_send(struct hostile *h)
{
	size_t length = tidemark__batch__get_packed_size(h->m);
	uint8_t *bytes = malloc(length);
	tidemark__batch__pack(h->m, bytes);
	buf_reset(&h->frame);
	char *start = buf_reserve(&h->frame, ZSTD_compressBound(length));
	h->frame.length = ZSTD_compress(
		start, ZSTD_compressBound(length), bytes, length, 1);
	free(bytes);
	return wire_batch_decode(
		h->frame.data, h->frame.length, now, &h->arena, &h->out, &h->e);
}

static char overlong[1100]; /* filled before use */
static char control[] = "a\n";
static char empty[] = "";
static char digits[] = "0123456789abcdef0123456789abcdef";

enum { SPOILS = 26 };

/* One spoilt field each; what the refusal says of it. */
static const char *spoil(Tidemark__Batch *m, int which)
{
	Tidemark__Fingerprint *f = m->fingerprints[0];
	Tidemark__Census *c = m->censuses[0];
	Tidemark__Warning *w = m->warnings[0];
	Tidemark__QueueReading *q = m->queues[0];
	Tidemark__SourceState *s = m->sources[0];
	switch (which) {
	case 0:
		return m->processes[0]->fingerprint = 99, "fingerprint: name 99 of";
	case 1:
		return m->processes[0]->fingerprint = 1,
		       "process 0: fingerprint: hash: not 32 hexadecimal digits";
	case 2:
		return f->hash = digits, "fingerprint 0: hash: not of this content";
	case 3:
		return f->hash = empty, "hash: not 32 hexadecimal digits";
	case 4:
		return f->app = overlong, "fingerprint 0: app: 1099 bytes long";
	case 5:
		return f->packages[1] = overlong, "packages 1: 1099 bytes long";
	case 6:
		return f->packages[1] = f->packages[0],
		       "packages 1: not after the one before it";
	case 7:
		return f->environment[0] = empty, "environment 0: missing";
	case 8:
		return f->remarks[0] = overlong, "remarks 0: 1099 bytes long";
	case 9:
		return c->process = 1, "census 0: process 1 of 1";
	case 10:
		return c->at_unix_ms = 0, "census 0: time 0 is out of bounds";
	case 11:
		return c->took_us = UINT64_MAX, "census 0: took_us";
	case 12:
		return c->items[0]->kind = 0, "census 0: item 0: kind";
	case 13:
		return c->items[0]->location = overlong, "item 0: location: 1099";
	case 14:
		return c->items[0]->count = UINT64_MAX, "census 0: item 0: count";
	case 15:
		return w->process = 2, "warning 0: process 1 of 1";
	case 16:
		return w->kind = 6, "warning 0: kind: 6 is not in 1 to 5";
	case 17:
		return w->count = UINT64_MAX, "warning 0: count";
	case 18:
		return w->n_fields = 1, "warning 0: fields: a name without a value";
	case 19:
		return w->fields[1] = control, "warning 0: field: byte 0x0a at 1";
	case 20:
		return w->source = empty, "warning 0: source: missing";
	case 21:
		return q->at_unix_ms = INT64_MAX, "queue 0: time 9223372036854775807";
	case 22:
		return q->values->present = 3,
		       "queue 0: values: 1, but `present` has 2";
	case 23:
		return q->workers[0] = empty, "queue 0: workers: missing";
	case 24:
		return s->name = empty, "source 0: name: missing";
	default:
		return s->text = overlong, "source 0: text: 1099 bytes long";
	}
}

static void every_field_is_checked(void **state)
{
	(void)state;
	memset(overlong, 'n', sizeof overlong - 1);
	for (int i = -1; i < SPOILS; i++) {
		struct hostile h;
		hostile_begin(&h);
		const char *refusal = i < 0 ? NULL : spoil(h.m, i);
		h.out.process_count = 77;
		if (hostile_send(&h) != (i < 0))
			fail_msg("%d: %s", i, i < 0 ? h.e.text : refusal);
		if (i >= 0) {
			if (!strstr(h.e.text, refusal))
				fail_msg("%s, not: %s", h.e.text, refusal);
			assert_int_equal(h.e.kind, ERR_INPUT);
			assert_int_equal(h.out.process_count, 77); /* untouched */
		}
		hostile_end(&h);
	}
}

/* Counts beyond the limit, all pointing to the same valid part. */
static void every_count_is_checked(void **state)
{
	(void)state;
	for (int i = 0; i < 11; i++) {
		struct hostile h;
		hostile_begin(&h);
		Tidemark__Batch *m = h.m;
		Tidemark__Fingerprint *f = m->fingerprints[0];
		const struct {
			size_t *count;
			void *parts;
			size_t maximum;
		} counts[] = {
			{&m->n_fingerprints, &m->fingerprints, WIRE_FINGERPRINTS_MAX},
			{&m->n_censuses, &m->censuses, WIRE_CENSUSES_MAX},
			{&m->n_warnings, &m->warnings, WIRE_WARNINGS_MAX},
			{&m->n_queues, &m->queues, WIRE_QUEUES_MAX},
			{&m->n_sources, &m->sources, WIRE_SOURCES_MAX},
			{&f->n_environment, &f->environment,
				FINGERPRINT_ENVIRONMENT_MAX},
			{&f->n_packages, &f->packages, FINGERPRINT_PACKAGES_MAX},
			{&f->n_remarks, &f->remarks, FINGERPRINT_REMARKS_MAX},
			{&m->censuses[0]->n_items, &m->censuses[0]->items,
				CENSUS_ITEMS_MAX},
			{&m->warnings[0]->n_fields, &m->warnings[0]->fields,
				WARNING_FIELDS_MAX},
			{&m->queues[0]->n_workers, &m->queues[0]->workers,
				QUEUE_SERVICES_MAX},
		};
		void ***parts = counts[i].parts, *part = (*parts)[0];
		size_t most = counts[i].maximum;
		*parts = arena_array(&h.arena, most + 2, sizeof **parts);
		for (size_t k = 0; k < most + 2; k++)
			(*parts)[k] = part;
		/* Equal texts and another content are refused for themselves. */
		bool own = i == 5 || i == 6 || i == 7;
		*counts[i].count = most;
		if (hostile_send(&h) != !own && i != 7)
			fail_msg("%d: %s", i, h.e.text);
		*counts[i].count = most + 1 + (i == 9); /* fields come in pairs */
		assert_false(hostile_send(&h));
		assert_non_null(strstr(h.e.text, "at most"));
		hostile_end(&h);
	}
}

/* A frame that unfolds: 4 MiB of the smallest parts of each kind. */
static void unfolding_messages_stay_within_the_budget(void **state)
{
	(void)state;
	for (int field = 107; field <= 111; field++) {
		struct arena arena;
		struct buf message = {0}, frame = {0};
		struct wire_batch out;
		struct err e;
		arena_init(&arena);
		/* The key of a field with a length, and the length 0. */
		char part[3] = {(char)(((field << 3 | 2) & 127) | 128),
			(char)((field << 3 | 2) >> 7), 0};
		while (message.length + 3 <= WIRE_BATCH_BYTES_MAX)
			buf_append(&message, part, 3);
		char *start = buf_reserve(&frame, ZSTD_compressBound(message.length));
		frame.length = ZSTD_compress(start, ZSTD_compressBound(message.length),
			message.data, message.length, 1);
		assert_false(wire_batch_decode(
			frame.data, frame.length, now, &arena, &out, &e));
		assert_string_equal(e.text, "batch: damaged or too large to unpack");
		assert_true(arena.total_bytes < 1 << 20);
		buf_finish(&message);
		buf_finish(&frame);
		arena_finish(&arena);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_field_is_checked),
		cmocka_unit_test(every_count_is_checked),
		cmocka_unit_test(unfolding_messages_stay_within_the_budget),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
