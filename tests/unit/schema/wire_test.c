#include "schema/wire.h"

#include "schema/tidemark.pb-c.h"
#include "tests/unit/cmocka_all.h"
#include "tests/unit/death.h"

#include <stdlib.h>
#include <string.h>

struct fixture {
	struct arena arena;
	struct buf frame;
	struct err e;
};

static int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);
	arena_init(&f->arena);
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

static const struct wire_upload an_upload = {
	.protocol = WIRE_PROTOCOL,
	.agent_version = "0.1.0",
	.epoch = UINT64_MAX,
	.sequence = 42,
	.oldest = 40,
	.spool_bytes = 123456,
	.batch = "\0batch",
	.batch_length = 6,
};

static const struct wire_enrol_request an_enrol_request = {
	.protocol = WIRE_PROTOCOL,
	.token_id = "t1",
	.token_secret = "secret",
	.machine_id = "abcdef",
	.hostname = "web-1",
	.agent_version = "0.1.0",
	.public_key = {1, 2, 3, [31] = 32},
};

static void an_upload_survives(void **state)
{
	struct fixture *f = *state;
	struct wire_upload u;
	wire_upload_encode(&an_upload, &f->frame);
	assert_true(wire_upload_decode(
		f->frame.data, f->frame.length, &f->arena, &u, &f->e));
	memset(f->frame.data, 0xff, f->frame.length); /* all is copied */
	assert_int_equal(u.protocol, WIRE_PROTOCOL);
	assert_string_equal(u.agent_version, "0.1.0");
	assert_true(u.epoch == UINT64_MAX);
	assert_int_equal(u.sequence, 42);
	assert_int_equal(u.oldest, 40);
	assert_int_equal(u.spool_bytes, 123456);
	assert_int_equal(u.batch_length, 6);
	assert_memory_equal(u.batch, "\0batch", 6);
}

static void encoding_appends(void **state)
{
	struct fixture *f = *state;
	buf_text(&f->frame, "head");
	wire_upload_encode(&an_upload, &f->frame);
	struct wire_upload u;
	assert_memory_equal(f->frame.data, "head", 4);
	assert_true(wire_upload_decode(
		f->frame.data + 4, f->frame.length - 4, &f->arena, &u, &f->e));
}

static void bad_uploads_are_refused(void **state)
{
	struct fixture *f = *state;
	static const struct {
		struct wire_upload upload;
		const char *text;
	} cases[] = {
		{{.sequence = 0, .batch = "x", .batch_length = 1},
			"upload: sequence: missing"},
		{{.sequence = UINT64_MAX, .batch = "x", .batch_length = 1},
			"upload: sequence: 18446744073709551615 is too large"},
		{{.sequence = 1,
			 .oldest = INT64_MAX + UINT64_C(1),
			 .batch = "x",
			 .batch_length = 1},
			"upload: oldest: 9223372036854775808 is too large"},
		{{.sequence = 1,
			 .spool_bytes = UINT64_MAX,
			 .batch = "x",
			 .batch_length = 1},
			"upload: spool_bytes: 18446744073709551615 is too large"},
		{{.sequence = 1}, "upload: batch: missing"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct wire_upload upload = cases[i].upload, out = {.sequence = 77};
		upload.agent_version = "1";
		buf_reset(&f->frame);
		wire_upload_encode(&upload, &f->frame);
		assert_false(wire_upload_decode(
			f->frame.data, f->frame.length, &f->arena, &out, &f->e));
		assert_string_equal(f->e.text, cases[i].text);
		assert_int_equal(f->e.kind, ERR_INPUT);
		assert_int_equal(out.sequence, 77); /* untouched */
	}
}

static void oversize_frames_are_refused_unread(void **state)
{
	struct fixture *f = *state;
	struct wire_upload u;
	struct wire_receipt r;
	struct wire_enrol_request q;
	struct wire_enrol_reply p;
	size_t length = WIRE_FRAME_BYTES_MAX + 1;
	char byte = 0; /* reading on would be seen by the sanitizer */
	assert_false(wire_upload_decode(&byte, length, &f->arena, &u, &f->e));
	assert_string_equal(
		f->e.text, "Upload: 1048577 bytes, at most 1048576 are allowed");
	assert_false(wire_receipt_decode(&byte, length, &f->arena, &r, &f->e));
	assert_false(wire_enrol_request_decode(&byte, length, &f->arena, &q, &f->e));
	assert_false(wire_enrol_reply_decode(&byte, length, &f->arena, &p, &f->e));
}

static void encode_beyond_the_frame(void)
{
	struct wire_upload upload = an_upload;
	struct buf out = {0};
	upload.batch_length = WIRE_FRAME_BYTES_MAX;
	upload.batch = calloc(1, upload.batch_length);
	wire_upload_encode(&upload, &out);
}

static void encoding_a_frame_that_is_too_large_aborts(void **state)
{
	(void)state;
	assert_true(death_aborts(encode_beyond_the_frame));
}

static void receipts_survive(void **state)
{
	struct fixture *f = *state;
	for (int fate = WIRE_STORED; fate <= WIRE_HELD; fate++) {
		struct wire_receipt receipt = {.epoch = 7,
			.sequence = 9,
			.fate = (enum wire_fate)fate,
			.reason = fate >= WIRE_REFUSED ? "time is out of bounds" : ""};
		struct wire_receipt r;
		buf_reset(&f->frame);
		wire_receipt_encode(&receipt, &f->frame);
		assert_true(wire_receipt_decode(
			f->frame.data, f->frame.length, &f->arena, &r, &f->e));
		assert_int_equal(r.epoch, 7);
		assert_int_equal(r.sequence, 9);
		assert_int_equal(r.fate, fate);
		assert_string_equal(r.reason, receipt.reason);
	}
}

/* A batch must never be forgotten for a receipt that does not say so clearly. */
static void unclear_receipts_are_refused(void **state)
{
	struct fixture *f = *state;
	struct wire_receipt r;
	assert_false(wire_receipt_decode("", 0, &f->arena, &r, &f->e));
	assert_string_equal(f->e.text, "receipt: fate: 0 is none we know");
	for (int fate = -1; fate < 10; fate++) {
		if (fate >= (int)WIRE_STORED && fate <= (int)WIRE_HELD)
			continue;
		struct wire_receipt receipt = {
			.sequence = 1, .fate = (enum wire_fate)fate, .reason = ""};
		buf_reset(&f->frame);
		wire_receipt_encode(&receipt, &f->frame);
		assert_false(wire_receipt_decode(
			f->frame.data, f->frame.length, &f->arena, &r, &f->e));
	}
	struct wire_receipt receipt = {.epoch = 1, .fate = WIRE_STORED, .reason = ""};
	buf_reset(&f->frame);
	wire_receipt_encode(&receipt, &f->frame);
	assert_false(wire_receipt_decode(
		f->frame.data, f->frame.length, &f->arena, &r, &f->e));
	assert_string_equal(f->e.text, "receipt: sequence: missing");
}

static void long_reasons_are_cut_between_characters(void **state)
{
	struct fixture *f = *state;
	char reason[600];
	strcpy(reason, "x");
	for (int i = 0; i < 150; i++)
		strcat(reason, "中");
	struct wire_receipt receipt = {
		.sequence = 1, .fate = WIRE_REFUSED, .reason = reason};
	struct wire_receipt r;
	wire_receipt_encode(&receipt, &f->frame);
	assert_true(wire_receipt_decode(
		f->frame.data, f->frame.length, &f->arena, &r, &f->e));
	assert_int_equal(strlen(r.reason), 1 + 85 * 3);
	assert_memory_equal(r.reason, reason, 1 + 85 * 3);
}

static void an_enrolment_survives(void **state)
{
	struct fixture *f = *state;
	struct wire_enrol_request r;
	wire_enrol_request_encode(&an_enrol_request, &f->frame);
	assert_true(wire_enrol_request_decode(
		f->frame.data, f->frame.length, &f->arena, &r, &f->e));
	assert_int_equal(r.protocol, WIRE_PROTOCOL);
	assert_string_equal(r.token_id, "t1");
	assert_string_equal(r.token_secret, "secret");
	assert_string_equal(r.machine_id, "abcdef");
	assert_string_equal(r.hostname, "web-1");
	assert_string_equal(r.agent_version, "0.1.0");
	assert_memory_equal(r.public_key, an_enrol_request.public_key, WIRE_KEY_BYTES);
}

static void incomplete_enrolments_are_refused(void **state)
{
	struct fixture *f = *state;
	struct wire_enrol_request r;
	for (int field = 0; field < 4; field++) {
		struct wire_enrol_request q = an_enrol_request;
		const char **fields[] = {
			&q.token_id, &q.token_secret, &q.machine_id, &q.hostname};
		static const char *const texts[] = {"enrol request: token_id: missing",
			"enrol request: token_secret: missing",
			"enrol request: machine_id: missing",
			"enrol request: hostname: missing"};
		*fields[field] = "";
		buf_reset(&f->frame);
		wire_enrol_request_encode(&q, &f->frame);
		assert_false(wire_enrol_request_decode(
			f->frame.data, f->frame.length, &f->arena, &r, &f->e));
		assert_string_equal(f->e.text, texts[field]);
	}
}

/* As a program of someone else's could send it. */
static void foreign_enrolments_are_checked(void **state)
{
	struct fixture *f = *state;
	struct wire_enrol_request r;
	Tidemark__EnrolRequest m = TIDEMARK__ENROL_REQUEST__INIT;
	uint8_t key[33] = {0};
	char name[300];
	memset(name, 'n', sizeof name - 1);
	name[299] = '\0';
	m.token_id = m.token_secret = m.machine_id = "x";
	m.hostname = "web\n1";
	m.public_key.data = key;
	for (int step = 0; step < 4; step++) {
		static const char *const texts[] = {
			"enrol request: hostname: byte 0x0a at 3 is a control byte or "
			"not "
			"UTF-8",
			"enrol request: hostname: 299 bytes long, at most 256 are "
			"allowed",
			"enrol request: public_key: 33 bytes, not 32",
			"enrol request: public_key: 0 bytes, not 32"};
		if (step == 1)
			m.hostname = name;
		if (step == 2)
			m.hostname = "web-1";
		m.public_key.len = step == 3 ? 0 : 33;
		size_t length = tidemark__enrol_request__get_packed_size(&m);
		buf_reset(&f->frame);
		tidemark__enrol_request__pack(
			&m, (uint8_t *)buf_reserve(&f->frame, length));
		assert_false(wire_enrol_request_decode(
			f->frame.data, length, &f->arena, &r, &f->e));
		assert_string_equal(f->e.text, texts[step]);
	}
}

static void enrol_replies(void **state)
{
	struct fixture *f = *state;
	static const struct {
		struct wire_enrol_reply reply;
		const char *refusal;
	} cases[] = {
		{{.error = "", .agent_id = 3, .data_port = 8471}, NULL},
		{{.error = "token is used up"}, NULL},
		{{.error = "", .agent_id = 3}, "enrol reply: data_port: 0 is no port"},
		{{.error = "", .agent_id = 3, .data_port = 65536},
			"enrol reply: data_port: 65536 is no port"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct wire_enrol_reply r;
		buf_reset(&f->frame);
		wire_enrol_reply_encode(&cases[i].reply, &f->frame);
		bool ok = wire_enrol_reply_decode(
			f->frame.data, f->frame.length, &f->arena, &r, &f->e);
		assert_int_equal(ok, !cases[i].refusal);
		if (!ok) {
			assert_string_equal(f->e.text, cases[i].refusal);
			continue;
		}
		assert_string_equal(r.error, cases[i].reply.error);
		assert_int_equal(r.agent_id, cases[i].reply.agent_id);
		assert_int_equal(r.data_port, cases[i].reply.data_port);
	}
}

/* Cut anywhere, a frame may still be a shorter message, but never a crash, and the
 * copy is exactly sized so that the sanitizer sees every step too far. */
static void truncation_at_every_byte(void **state)
{
	struct fixture *f = *state;
	wire_upload_encode(&an_upload, &f->frame);
	for (size_t n = 0; n < f->frame.length; n++) {
		struct wire_upload u;
		char *cut = malloc(n ? n : 1);
		memcpy(cut, f->frame.data, n);
		assert_false(wire_upload_decode(cut, n, &f->arena, &u, &f->e));
		free(cut);
	}
	buf_reset(&f->frame);
	wire_enrol_request_encode(&an_enrol_request, &f->frame);
	for (size_t n = 0; n < f->frame.length; n++) {
		struct wire_enrol_request r;
		char *cut = malloc(n ? n : 1);
		memcpy(cut, f->frame.data, n);
		assert_false(wire_enrol_request_decode(cut, n, &f->arena, &r, &f->e));
		free(cut);
	}
}

static void every_flipped_bit(void **state)
{
	struct fixture *f = *state;
	wire_upload_encode(&an_upload, &f->frame);
	for (size_t bit = 0; bit < 8 * f->frame.length; bit++) {
		struct wire_upload u = {0};
		f->frame.data[bit / 8] ^= (char)(1 << bit % 8);
		if (wire_upload_decode(
			    f->frame.data, f->frame.length, &f->arena, &u, &f->e))
			assert_true(u.sequence > 0 && u.batch_length > 0);
		f->frame.data[bit / 8] ^= (char)(1 << bit % 8);
	}
}

/* 1 MiB of the smallest unknown fields: each would cost an entry. */
static void unknown_fields_stay_within_the_budget(void **state)
{
	struct fixture *f = *state;
	struct wire_upload u;
	wire_upload_encode(&an_upload, &f->frame);
	while (f->frame.length + 3 <= WIRE_FRAME_BYTES_MAX)
		buf_append(&f->frame, "\xf8\x7f\x01", 3); /* field 2047 */
	bool ok = wire_upload_decode(
		f->frame.data, f->frame.length, &f->arena, &u, &f->e);
	assert_false(ok);
	assert_string_equal(f->e.text, "Upload: damaged or too large to unpack");
	assert_true(f->arena.total_bytes < 1 << 20);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(an_upload_survives),
		TEST(encoding_appends),
		TEST(bad_uploads_are_refused),
		TEST(oversize_frames_are_refused_unread),
		TEST(encoding_a_frame_that_is_too_large_aborts),
		TEST(receipts_survive),
		TEST(unclear_receipts_are_refused),
		TEST(long_reasons_are_cut_between_characters),
		TEST(an_enrolment_survives),
		TEST(incomplete_enrolments_are_refused),
		TEST(foreign_enrolments_are_checked),
		TEST(enrol_replies),
		TEST(truncation_at_every_byte),
		TEST(every_flipped_bit),
		TEST(unknown_fields_stay_within_the_budget),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
