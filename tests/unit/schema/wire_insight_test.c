/* What the scout finds out, on the wire. */
#include "schema/fingerprint.h"
#include "schema/wire.h"

#include "tests/unit/cmocka_all.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const int64_t now = INT64_C(1800000000000);

/* A batch that says something in every field that the scout fills. */
struct fixture {
	struct arena arena;
	struct buf frame;
	struct err e;
	struct wire_process processes[2];
	struct fingerprint fingerprint;
	struct census_item items[2];
	struct wire_census census;
	struct wire_warning warnings[2];
	struct wire_queue queue;
	struct source_state source;
	struct wire_batch batch, out;
};

static const char *some_packages[] = {"express@4.18.2", "@pm2/io@4.2.1"};
static const char *some_environment[] = {"APP_VERSION=1.4.0"};
static const char *some_remarks[] = {"package.json: permission denied"};
static const char *some_fields[] = {"emitter", "Socket", "event", "drain"};
static const char *some_globs[] = {"shop-*", "worker"};

static void fill_findings(struct fixture *f)
{
	f->fingerprint = (struct fingerprint){.app = "shop",
		.app_version = "1.4.0",
		.git_head = "9be8356e7f5dc470cd957900000be9a54a7dbae7",
		.build_id = "abcd",
		.image = "shop:1.4.0",
		.runtime = "node",
		.runtime_version = "18.19.0",
		.source = "package-lock.json",
		.is_cut = true,
		.environment = some_environment,
		.environment_count = 1,
		.packages = some_packages,
		.package_count = 2,
		.remarks = some_remarks,
		.remark_count = 1};
	fingerprint_tidy(&f->fingerprint, &f->arena);
	f->items[0] = (struct census_item){
		CENSUS_TIMERS, "Interval", "/srv/shop/app.js:12:3", 20000};
	f->items[1] = (struct census_item){CENSUS_CLOSURES, "", "", 7};
	f->census = (struct wire_census){1, {.route = "inspector",
						    .at_unix_ms = now - 3000,
						    .took_us = 900,
						    .is_cut = true,
						    .items = f->items,
						    .item_count = 2}};
	f->warnings[0] = (struct wire_warning){true, 1,
		{WARNING_MAX_LISTENERS, "preload", now - 2000, 3, some_fields, 4}};
	f->warnings[1] = (struct wire_warning){
		false, 0, {WARNING_OOM_KILL, "kernel", now - 1000, 1, NULL, 0}};
	f->queue = (struct wire_queue){
		.of = {"jobs", "bullmq", "mail", some_globs, some_globs, 2, 1},
		.at_unix_ms = now - 500};
	f->queue.values.present = 1 << QUEUE_depth | 1 << QUEUE_workers;
	f->queue.values.value[QUEUE_depth] = 12;
	f->queue.values.value[QUEUE_workers] = 4;
	f->source = (struct source_state){
		"jobs", "bullmq", now - 400, false, 1234, "cannot connect: refused"};
}

static int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);
	arena_init(&f->arena);
	fill_findings(f);
	for (uint32_t i = 0; i < 2; i++)
		f->processes[i] = (struct wire_process){.service = "shop",
			.version = "1.4.0",
			.runtime = "node",
			.rule = "pm2",
			.command = "node app.js",
			.fingerprint = i ? f->fingerprint.hash : NULL,
			.slot = i,
			.pid = 100 + i,
			.started_unix_ms = now - 86400000,
			.start_ticks = 123456789};
	f->batch = (struct wire_batch){.boot_id = "boot",
		.machine_id = "c0ffee",
		.hostname = "web-1",
		.kernel = "6.1.0",
		.processes = f->processes,
		.process_count = 2,
		.fingerprints = &f->fingerprint,
		.fingerprint_count = 1,
		.censuses = &f->census,
		.census_count = 1,
		.warnings = f->warnings,
		.warning_count = 2,
		.queues = &f->queue,
		.queue_count = 1,
		.sources = &f->source,
		.source_count = 1};
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
	return wire_batch_encode(&f->batch, &f->frame, &f->e);
}

static bool decode(struct fixture *f)
{
	return wire_batch_decode(
		f->frame.data, f->frame.length, now, &f->arena, &f->out, &f->e);
}

static void assert_same_texts(
	const char **a, size_t a_count, const char **b, size_t b_count)
{
	assert_int_equal(a_count, b_count);
	for (size_t i = 0; i < a_count; i++)
		assert_string_equal(a[i], b[i]);
}

static void assert_same_fingerprint(
	const struct fingerprint *a, const struct fingerprint *b)
{
	assert_string_equal(a->hash, b->hash); /* of all but the remarks */
	assert_string_equal(a->app, b->app);
	assert_string_equal(a->image, b->image);
	assert_int_equal(a->is_cut, b->is_cut);
	assert_same_texts(a->packages, a->package_count, b->packages, b->package_count);
	assert_same_texts(a->remarks, a->remark_count, b->remarks, b->remark_count);
}

static void assert_same_warning(
	const struct wire_warning *a, const struct wire_warning *b)
{
	assert_int_equal(a->has_process, b->has_process);
	assert_int_equal(a->process, b->process);
	assert_int_equal(a->is.kind, b->is.kind);
	assert_string_equal(a->is.source, b->is.source);
	assert_int_equal(a->is.at_unix_ms, b->is.at_unix_ms);
	assert_int_equal(a->is.count, b->is.count);
	assert_same_texts(
		a->is.fields, a->is.field_count, b->is.fields, b->is.field_count);
}

static void findings_survive(void **state)
{
	struct fixture *f = *state;
	assert_true(encode(f));
	if (!decode(f))
		fail_msg("%s", f->e.text);
	memset(f->frame.data, 0xff, f->frame.length); /* all is copied */
	const struct wire_batch *out = &f->out;
	assert_string_equal(out->processes[0].fingerprint, "");
	assert_string_equal(out->processes[1].fingerprint, f->fingerprint.hash);
	assert_int_equal(out->fingerprint_count, 1);
	assert_same_fingerprint(&out->fingerprints[0], &f->fingerprint);
	assert_int_equal(out->census_count, 1);
	const struct wire_census *census = &out->censuses[0];
	assert_int_equal(census->process, 1);
	assert_string_equal(census->is.route, "inspector");
	assert_int_equal(census->is.at_unix_ms, now - 3000);
	assert_int_equal(census->is.took_us, 900);
	assert_true(census->is.is_cut);
	assert_int_equal(census->is.item_count, 2);
	assert_int_equal(census->is.items[0].kind, CENSUS_TIMERS);
	assert_string_equal(census->is.items[0].name, "Interval");
	assert_string_equal(census->is.items[0].location, "/srv/shop/app.js:12:3");
	assert_int_equal(census->is.items[0].count, 20000);
	assert_int_equal(out->warning_count, 2);
	assert_same_warning(&out->warnings[0], &f->warnings[0]);
	assert_same_warning(&out->warnings[1], &f->warnings[1]);
	assert_int_equal(out->queue_count, 1);
	const struct wire_queue *queue = &out->queues[0];
	assert_string_equal(queue->of.source, "jobs");
	assert_string_equal(queue->of.kind, "bullmq");
	assert_string_equal(queue->of.name, "mail");
	assert_same_texts(queue->of.producers, queue->of.producer_count, some_globs, 2);
	assert_same_texts(queue->of.workers, queue->of.worker_count, some_globs, 1);
	assert_int_equal(queue->at_unix_ms, now - 500);
	assert_memory_equal(&queue->values, &f->queue.values, sizeof queue->values);
	assert_int_equal(out->source_count, 1);
	assert_string_equal(out->sources[0].name, "jobs");
	assert_string_equal(out->sources[0].text, "cannot connect: refused");
	assert_int_equal(out->sources[0].at_unix_ms, now - 400);
	assert_int_equal(out->sources[0].took_us, 1234);
	assert_false(out->sources[0].works);
	assert_int_equal(out->refused_values, 0);
}

static void foreign_words_are_made_harmless(void **state)
{
	struct fixture *f = *state;
	static const char *fields[] = {"error", "line\nforged\xff"};
	f->warnings[0].is.fields = fields;
	f->warnings[0].is.field_count = 2;
	f->items[0].name = "\x1b[31m";
	f->source.text = "said: \t";
	f->queue.of.name = "queue\x7f";
	assert_true(encode(f) && decode(f));
	assert_string_equal(f->out.warnings[0].is.fields[1], "line?forged?");
	assert_string_equal(f->out.censuses[0].is.items[0].name, "?[31m");
	assert_string_equal(f->out.sources[0].text, "said: ?");
	assert_string_equal(f->out.queues[0].of.name, "queue?");
}

/* A log has any time; a reading has none but ours. */
static void times_have_bounds(void **state)
{
	struct fixture *f = *state;
	f->warnings[0].is.at_unix_ms = 5;
	f->warnings[1].is.at_unix_ms = INT64_MAX;
	f->source.at_unix_ms = INT64_MIN;
	assert_true(encode(f) && decode(f));
	assert_int_equal(f->out.warnings[0].is.at_unix_ms, WIRE_TIME_MIN_MS);
	assert_int_equal(f->out.warnings[1].is.at_unix_ms, now + WIRE_TIME_AHEAD_MS);
	assert_int_equal(f->out.sources[0].at_unix_ms, WIRE_TIME_MIN_MS);
	f->queue.at_unix_ms = now + WIRE_TIME_AHEAD_MS + 1;
	assert_true(encode(f));
	assert_false(decode(f));
	assert_string_equal(
		f->e.text, "batch: queue 0: time 1800003600001 is out of bounds");
	f->queue.at_unix_ms = now;
	f->census.is.at_unix_ms = WIRE_TIME_MIN_MS - 1;
	assert_true(encode(f));
	assert_false(decode(f));
	assert_string_equal(
		f->e.text, "batch: census 0: time 1577836799999 is out of bounds");
}

static void insane_queue_values_are_left_out_and_counted(void **state)
{
	struct fixture *f = *state;
	f->queue.values.value[QUEUE_depth] = -1;
	f->queue.values.value[QUEUE_workers] = (int64_t)INT32_MAX + 1;
	assert_true(encode(f) && decode(f));
	assert_int_equal(f->out.queues[0].values.present, 0);
	assert_int_equal(f->out.refused_values, 2);
}

/* Else one host could say what another one's version consists of. */
static void a_fingerprint_is_what_its_hash_says(void **state)
{
	struct fixture *f = *state;
	f->fingerprint.app = "shops";
	assert_false(encode(f));
	assert_string_equal(
		f->e.text, "batch: fingerprint 0: hash: not of this content");
	f->fingerprint.app = "shop\n";
	char hash[FINGERPRINT_HASH_DIGITS + 1];
	fingerprint_hash(&f->fingerprint, hash);
	f->fingerprint.hash = hash;
	assert_false(encode(f));
	assert_string_equal(f->e.text,
		"batch: fingerprint 0: app: byte 0x0a at 4 is a control byte or not "
		"UTF-8");
	f->fingerprint.app = "shop";
	static const char *doubled[] = {"a@1", "a@1"};
	f->fingerprint.packages = doubled;
	fingerprint_hash(&f->fingerprint, hash);
	assert_false(encode(f));
	assert_string_equal(f->e.text,
		"batch: fingerprint 0: packages 1: not after the one before it");
	fill_findings(f);
	f->processes[1].fingerprint = "C0FFEE";
	assert_false(encode(f));
	assert_string_equal(f->e.text,
		"batch: process 1: fingerprint: hash: not 32 hexadecimal digits");
}

static void rules_hold_for_the_sender(void **state)
{
	struct fixture *f = *state;
	static const char *nameless[] = {"", "value"};
	for (int i = 0; i < 10; i++) {
		fill_findings(f);
		f->census.process = i == 0 ? 2 : 1;
		f->items[0].kind = i == 1 ? 6 : CENSUS_TIMERS;
		f->items[0].count = i == 2 ? UINT64_MAX : 1;
		f->warnings[0].process = i == 3 ? 2 : 1;
		f->warnings[0].is.kind = i == 4 ? 0 : WARNING_PATTERN;
		f->warnings[0].is.count = i == 5 ? 0 : 1;
		f->warnings[0].is.field_count = i == 6 ? 3 : 4;
		f->warnings[0].is.fields = i == 7 ? nameless : some_fields;
		if (i == 7)
			f->warnings[0].is.field_count = 2;
		f->queue.of.name = i == 8 ? "" : "mail";
		f->source.name = i == 9 ? "" : "jobs";
		static const char *const refusals[] = {
			"batch: census 0: process 2 of 2",
			"batch: census 0: item 0: kind: 6 is not in 1 to 5",
			"batch: census 0: item 0: count: 18446744073709551615 is not "
			"in "
			"0 to 9223372036854775807",
			"batch: warning 0: process 2 of 2",
			"batch: warning 0: kind: 0 is not in 1 to 5",
			"batch: warning 0: count: 0 is not in 1 to 9223372036854775807",
			"batch: warning 0: fields: a name without a value",
			"batch: warning 0: field: missing",
			"batch: queue 0: name: missing",
			"batch: source 0: name: missing"};
		assert_false(encode(f));
		assert_string_equal(f->e.text, refusals[i]);
		assert_int_equal(f->e.kind, ERR_INPUT);
	}
}

static void lists_have_limits(void **state)
{
	struct fixture *f = *state;
	static const struct {
		size_t at, limit;
	} counts[] = {
		{offsetof(struct wire_batch, fingerprint_count), WIRE_FINGERPRINTS_MAX},
		{offsetof(struct wire_batch, census_count), WIRE_CENSUSES_MAX},
		{offsetof(struct wire_batch, warning_count), WIRE_WARNINGS_MAX},
		{offsetof(struct wire_batch, queue_count), WIRE_QUEUES_MAX},
		{offsetof(struct wire_batch, source_count), WIRE_SOURCES_MAX},
	};
	for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
		struct wire_batch spoilt = f->batch;
		size_t more = counts[i].limit + 1;
		memcpy((char *)&spoilt + counts[i].at, &more, sizeof more);
		assert_false(wire_batch_encode(&spoilt, &f->frame, &f->e));
		assert_non_null(strstr(f->e.text, "are allowed"));
	}
}

/* The largest set of packages that the agent lists, with texts that do not compress. */
static void many_packages_fit_one_batch(void **state)
{
	struct fixture *f = *state;
	const char **packages = arena_array(
		&f->arena, FINGERPRINT_PACKAGES_MAX, sizeof *packages);
	uint64_t random = 88172645463325252;
	for (int round = 0; round < 2; round++) {
		for (int i = 0; i < FINGERPRINT_PACKAGES_MAX; i++) {
			char name[64] = {0};
			for (int k = 0; k < (round ? 63 : 20); k++) {
				random ^= random << 13;
				random ^= random >> 7;
				random ^= random << 17;
				name[k] = (char)('!' + random % 94);
			}
			packages[i] = arena_printf(&f->arena, "%s@%d", name, i);
		}
		f->fingerprint.packages = packages;
		f->fingerprint.package_count = FINGERPRINT_PACKAGES_MAX;
		f->fingerprint.is_cut = false;
		fingerprint_tidy(&f->fingerprint, &f->arena);
		assert_int_equal(f->fingerprint.is_cut, round);
		f->processes[1].fingerprint = f->fingerprint.hash;
		if (!encode(f) || !decode(f))
			fail_msg("%s", f->e.text);
		assert_same_fingerprint(&f->out.fingerprints[0], &f->fingerprint);
	}
}

static void truncation_at_every_byte(void **state)
{
	struct fixture *f = *state;
	assert_true(encode(f));
	for (size_t n = 0; n < f->frame.length; n++)
		assert_false(wire_batch_decode(
			f->frame.data, n, now, &f->arena, &f->out, &f->e));
}

/* A batch of findings alone has a time to tell how wrong a clock is. */
static void the_time_is_that_of_the_first(void **state)
{
	struct fixture *f = *state;
	int64_t at = 0;
	assert_true(encode(f));
	assert_true(wire_batch_time(f->frame.data, f->frame.length, &at, &f->e));
	assert_int_equal(at, now - 3000);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(findings_survive),
		TEST(foreign_words_are_made_harmless),
		TEST(times_have_bounds),
		TEST(insane_queue_values_are_left_out_and_counted),
		TEST(a_fingerprint_is_what_its_hash_says),
		TEST(rules_hold_for_the_sender),
		TEST(lists_have_limits),
		TEST(many_packages_fit_one_batch),
		TEST(truncation_at_every_byte),
		TEST(the_time_is_that_of_the_first),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
