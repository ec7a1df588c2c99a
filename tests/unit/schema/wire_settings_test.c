/*
 * Settings on the wire: the trip keeps them, hostile ones are refused, and versions
 * that do not know of them understand all the rest.
 */
#include "schema/tidemark.pb-c.h"
#include "schema/wire.h"
#include "tests/unit/cmocka_all.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct arena arena;

static int begin(void **state)
{
	(void)state;
	arena_init(&arena);
	return 0;
}

static int end(void **state)
{
	(void)state;
	arena_finish(&arena);
	return 0;
}

static const struct setting_value values[] = {
	{1, "10s"}, {5, "checkout, shop-*"}, {4711, "of a newer server"}};

static struct setting_orders some(size_t count)
{
	return (struct setting_orders){.revision = 7,
		.hash = setting_hash(values, count),
		.values = values,
		.count = count};
}

static void put_receipt(const struct setting_orders *orders, struct buf *out)
{
	wire_receipt_encode(&(struct wire_receipt){.epoch = 1,
				    .sequence = 2,
				    .fate = WIRE_STORED,
				    .reason = "",
				    .settings = orders},
		out);
}

static void put_upload(const struct setting_state *state, struct buf *out)
{
	wire_upload_encode(&(struct wire_upload){.protocol = WIRE_PROTOCOL,
				   .agent_version = "0.2.0",
				   .epoch = 1,
				   .sequence = 2,
				   .oldest = 1,
				   .batch = "batch",
				   .batch_length = 5,
				   .settings = state},
		out);
}

static const struct setting_state *full_state(void)
{
	static struct setting_state s;
	s = (struct setting_state){.revision = INT64_MAX,
		.hash = UINT64_MAX,
		.has_cost = true,
		.cpu_ppm = 4200,
		.rss_bytes = 9 << 20};
	for (size_t i = 0; i < SETTING_EXCEPTIONS_MAX; i++)
		s.exceptions[s.exception_count++] = (struct setting_exception){
			UINT32_MAX - (uint32_t)i, SETTING_FAILED};
	return &s;
}

static void the_trip_keeps_what_was_told(void **state)
{
	(void)state;
	struct buf bytes = {0};
	struct wire_receipt r;
	struct err e;
	struct setting_orders told = some(3), none = some(0);
	put_receipt(&told, &bytes);
	assert_true(wire_receipt_decode(bytes.data, bytes.length, &arena, &r, &e));
	assert_int_equal(r.settings->revision, 7);
	assert_true(r.settings->hash == told.hash);
	assert_int_equal(r.settings->count, 3);
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(r.settings->values[i].number, values[i].number);
		assert_string_equal(r.settings->values[i].value, values[i].value);
	}
	buf_reset(&bytes);
	put_receipt(&none, &bytes);
	assert_true(wire_receipt_decode(bytes.data, bytes.length, &arena, &r, &e));
	assert_non_null(r.settings);
	assert_int_equal(r.settings->count, 0);
	buf_reset(&bytes);
	put_receipt(NULL, &bytes);
	assert_true(wire_receipt_decode(bytes.data, bytes.length, &arena, &r, &e));
	assert_null(r.settings);
	buf_finish(&bytes);
}

static void the_trip_keeps_what_is_run(void **state)
{
	(void)state;
	struct buf bytes = {0};
	struct wire_upload u;
	struct err e;
	const struct setting_state *full = full_state();
	put_upload(full, &bytes);
	/* What stands around a batch must fit beside the largest one. */
	assert_true(bytes.length <= WIRE_UPLOAD_OVERHEAD_BYTES);
	assert_true(wire_upload_decode(bytes.data, bytes.length, &arena, &u, &e));
	assert_memory_equal(u.settings, full, sizeof *full);
	buf_reset(&bytes);
	put_upload(&(struct setting_state){0}, &bytes);
	assert_true(wire_upload_decode(bytes.data, bytes.length, &arena, &u, &e));
	assert_non_null(u.settings);
	assert_false(u.settings->has_cost);
	buf_finish(&bytes);
}

static void refused(const struct setting_orders *orders, const char *says)
{
	struct buf bytes = {0};
	struct wire_receipt r;
	struct err e;
	put_receipt(orders, &bytes);
	assert_false(wire_receipt_decode(bytes.data, bytes.length, &arena, &r, &e));
	assert_int_equal(e.kind, ERR_INPUT);
	if (!strstr(e.text, says))
		fail_msg("'%s' does not say '%s'", e.text, says);
	buf_finish(&bytes);
}

static void hostile_settings_are_refused(void **state)
{
	(void)state;
	static const struct setting_value unordered[] = {{2, "1M"}, {1, "10s"}},
					  twice[] = {{1, "10s"}, {1, "10s"}},
					  zero[] = {{0, "10s"}},
					  control[] = {{1, "10s\n5 *"}},
					  bytes[] = {{1, "\xff"}};
	static char text[SETTING_VALUE_MAX + 2];
	static struct setting_value many[WIRE_SETTINGS_MAX], longest[] = {{1, text}};
	struct setting_orders o = some(2);
	o.hash ^= 1;
	refused(&o, "hash");
	o = some(2);
	o.revision = UINT64_MAX;
	refused(&o, "revision");
	memset(text, 'x', sizeof text - 1);
	const struct setting_value *const wrong[] = {
		unordered, twice, zero, control, bytes, longest};
	const size_t counts[] = {2, 2, 1, 1, 1, 1};
	for (size_t i = 0; i < 6; i++)
		refused(&(struct setting_orders){.revision = 1,
				.hash = setting_hash(wrong[i], counts[i]),
				.values = wrong[i],
				.count = counts[i]},
			"settings");
	for (size_t i = 0; i < WIRE_SETTINGS_MAX; i++)
		many[i] = (struct setting_value){(uint32_t)i + 1, ""};
	Tidemark__Settings m = TIDEMARK__SETTINGS__INIT;
	Tidemark__Setting one = TIDEMARK__SETTING__INIT, *all[WIRE_SETTINGS_MAX + 1];
	for (size_t i = 0; i <= WIRE_SETTINGS_MAX; i++)
		all[i] = &one;
	m.n_settings = WIRE_SETTINGS_MAX + 1;
	m.settings = all;
	Tidemark__Receipt r = TIDEMARK__RECEIPT__INIT;
	r.sequence = 1;
	r.fate = 1;
	r.settings = &m;
	static uint8_t packed[4096];
	struct wire_receipt out;
	struct err e;
	size_t length = tidemark__receipt__pack(&r, packed);
	assert_false(wire_receipt_decode(packed, length, &arena, &out, &e));
	assert_non_null(strstr(e.text, "at most"));
}

static void fates_of_newer_agents_are_left_out(void **state)
{
	(void)state;
	struct setting_state s = {.exceptions = {{1, (enum setting_fate)17},
					  {2, SETTING_BOUNDS}, {3, SETTING_APPLIED}},
		.exception_count = 3};
	struct buf bytes = {0};
	struct wire_upload u;
	struct err e;
	put_upload(&s, &bytes);
	assert_true(wire_upload_decode(bytes.data, bytes.length, &arena, &u, &e));
	assert_int_equal(u.settings->exception_count, 1);
	assert_int_equal(u.settings->exceptions[0].number, 2);
	buf_finish(&bytes);
}

/* Written by version 0.1.0. */
static const char old_upload[] =
	"08011205302e312e30518877665544332211582a602868c0c407a206056261746368";
static const char old_receipt[] =
	"518877665544332211582aa00601b2062209070000000000000010e724186322086368"
	"65636b6f75745080f5ccaac068a00601";

static size_t unhex(const char *hex, uint8_t *out)
{
	size_t n = strlen(hex) / 2;
	for (size_t i = 0; i < n; i++) {
		const char digits[] = {hex[2 * i], hex[2 * i + 1], '\0'};
		out[i] = (uint8_t)strtoul(digits, NULL, 16);
	}
	return n;
}

static void words_of_the_version_before_are_understood(void **state)
{
	(void)state;
	uint8_t bytes[128];
	struct wire_upload u;
	struct wire_receipt r;
	struct err e;
	assert_true(
		wire_upload_decode(bytes, unhex(old_upload, bytes), &arena, &u, &e));
	assert_string_equal(u.agent_version, "0.1.0");
	assert_int_equal(u.sequence, 42);
	assert_null(u.settings);
	assert_true(
		wire_receipt_decode(bytes, unhex(old_receipt, bytes), &arena, &r, &e));
	assert_int_equal(r.order_count, 1);
	assert_null(r.settings);
}

/* The last `count` fields taken from a message, as a version sees it that does not know
 * them. */
static ProtobufCMessageDescriptor without(
	const ProtobufCMessageDescriptor *d, unsigned count)
{
	ProtobufCMessageDescriptor old = *d;
	static ProtobufCIntRange ranges[2][16];
	static int turn;
	ProtobufCIntRange *mine = ranges[turn++ % 2];
	old.n_fields -= count;
	old.n_field_ranges = 0;
	for (unsigned i = 0; i <= d->n_field_ranges; i++) {
		mine[i] = d->field_ranges[i];
		if (i < d->n_field_ranges && mine[i].orig_index < old.n_fields)
			old.n_field_ranges++;
	}
	mine[old.n_field_ranges].orig_index = old.n_fields;
	old.field_ranges = mine;
	return old;
}

static void the_version_before_understands_all_the_rest(void **state)
{
	(void)state;
	struct buf bytes = {0};
	struct setting_orders told = some(3);
	ProtobufCMessageDescriptor upload = without(&tidemark__upload__descriptor, 2);
	ProtobufCMessageDescriptor receipt = without(&tidemark__receipt__descriptor, 1);
	put_upload(full_state(), &bytes);
	Tidemark__Upload *u = (Tidemark__Upload *)protobuf_c_message_unpack(
		&upload, NULL, bytes.length, (const uint8_t *)bytes.data);
	assert_non_null(u);
	assert_null(u->settings);
	assert_int_equal(u->base.n_unknown_fields, 2);
	assert_int_equal(u->sequence, 2);
	assert_int_equal(u->batch.len, 5);
	protobuf_c_message_free_unpacked(&u->base, NULL);
	buf_reset(&bytes);
	put_receipt(&told, &bytes);
	Tidemark__Receipt *r = (Tidemark__Receipt *)protobuf_c_message_unpack(
		&receipt, NULL, bytes.length, (const uint8_t *)bytes.data);
	assert_non_null(r);
	assert_null(r->settings);
	assert_int_equal(r->fate, 1);
	assert_int_equal(r->sequence, 2);
	protobuf_c_message_free_unpacked(&r->base, NULL);
	buf_finish(&bytes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_trip_keeps_what_was_told),
		cmocka_unit_test(the_trip_keeps_what_is_run),
		cmocka_unit_test(hostile_settings_are_refused),
		cmocka_unit_test(fates_of_newer_agents_are_left_out),
		cmocka_unit_test(words_of_the_version_before_are_understood),
		cmocka_unit_test(the_version_before_understands_all_the_rest),
	};
	return cmocka_run_group_tests(tests, begin, end);
}
