/* Frames that no agent of ours sends. */
#include "schema/wire.h"

#include "schema/tidemark.pb-c.h"
#include "tests/unit/cmocka_all.h"

#include <stdlib.h>
#include <string.h>
#include <zstd.h>

#define NOW INT64_C(1800000000000)
static const int64_t now = NOW;

struct fixture {
	struct arena arena;
	struct buf frame;
	struct err e;
	struct wire_batch out;
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

static bool decode(struct fixture *f)
{
	return wire_batch_decode(
		f->frame.data, f->frame.length, now, &f->arena, &f->out, &f->e);
}

static void compress(struct buf *frame, const void *bytes, size_t length)
{
	buf_reset(frame);
	char *start = buf_reserve(frame, ZSTD_compressBound(length));
	frame->length = ZSTD_compress(
		start, ZSTD_compressBound(length), bytes, length, 3);
	assert_false(ZSTD_isError(frame->length));
}

/* A small valid message, for tests that spoil it. */
struct hostile {
	Tidemark__Batch batch;
	Tidemark__Host host;
	Tidemark__Process process, *processes[1];
	Tidemark__Tick tick, *ticks[1];
	Tidemark__Sample sample, *samples[1];
	Tidemark__Values values, host_values;
	Tidemark__Gap gap, *gaps[1];
	int64_t value[64];
	char *names[3];
};

static void hostile_init(struct hostile *h)
{
	tidemark__batch__init(&h->batch);
	tidemark__host__init(&h->host);
	tidemark__process__init(&h->process);
	tidemark__tick__init(&h->tick);
	tidemark__sample__init(&h->sample);
	tidemark__values__init(&h->values);
	tidemark__values__init(&h->host_values);
	tidemark__gap__init(&h->gap);
	h->names[0] = "";
	h->names[1] = "checkout";
	h->names[2] = "web-1";
	h->batch.n_names = 3;
	h->batch.names = h->names;
	h->batch.boot_id = "boot";
	h->batch.at_unix_ms = now;
	h->batch.host = &h->host;
	h->host.machine_id = "c0ffee";
	h->host.hostname = 2;
	h->process.service = 1;
	h->process.pid = 7;
	h->process.started_unix_ms = now;
	h->processes[0] = &h->process;
	h->batch.n_processes = 1;
	h->batch.processes = h->processes;
	h->values.present = 3;
	h->values.value = h->value;
	h->values.n_value = 2;
	h->host_values.value = h->value;
	h->sample.values = &h->values;
	h->samples[0] = &h->sample;
	h->tick.host = &h->host_values;
	h->tick.n_samples = 1;
	h->tick.samples = h->samples;
	h->ticks[0] = &h->tick;
	h->batch.n_ticks = 1;
	h->batch.ticks = h->ticks;
	h->gap.reason = "spool full";
	h->gaps[0] = &h->gap;
	h->batch.n_gaps = 1;
	h->batch.gaps = h->gaps;
}

static bool send_hostile(struct fixture *f, const struct hostile *h)
{
	size_t length = tidemark__batch__get_packed_size(&h->batch);
	uint8_t *bytes = malloc(length);
	tidemark__batch__pack(&h->batch, bytes);
	compress(&f->frame, bytes, length);
	free(bytes);
	return decode(f);
}

/* One spoilt field each, set through its place in struct hostile. */
#define SPOIL_U32(place, number)                                                       \
	{                                                                              \
		.at = offsetof(struct hostile, place), .size = 4, .u32 = number        \
	}
#define SPOIL_U64(place, number)                                                       \
	{                                                                              \
		.at = offsetof(struct hostile, place), .size = 8, .u64 = number        \
	}
#define SPOIL_POINTER(place, pointer)                                                  \
	{                                                                              \
		.at = offsetof(struct hostile, place), .size = sizeof(void *),         \
		.text = pointer                                                        \
	}

static char overlong[258]; /* filled before use */

static const struct {
	struct {
		size_t at, size;
		union {
			uint32_t u32;
			uint64_t u64;
			const char *text;
		};
	} spoil;
	const char *refusal;
} spoilt[] = {
	{SPOIL_POINTER(batch.host, NULL), "batch: host: missing"},
	{SPOIL_POINTER(batch.boot_id, ""), "batch: boot_id: missing"},
	{SPOIL_POINTER(batch.boot_id, "a\x01"),
		"batch: boot_id: byte 0x01 at 1 is a control byte or not "
		"UTF-8"},
	{SPOIL_POINTER(host.machine_id, ""), "batch: host.machine_id: missing"},
	{SPOIL_U32(host.hostname, 3), "batch: host.hostname: name 3 of 3"},
	{SPOIL_U32(host.hostname, 0), "batch: host.hostname: missing"},
	{SPOIL_U32(host.kernel, UINT32_MAX),
		"batch: host.kernel: name 4294967295 of 3"},
	{SPOIL_U32(host.cpus, UINT32_MAX),
		"batch: host.cpus: 4294967295 is not in 0 to 2147483647"},
	{SPOIL_U32(host.interval_ms, 1U << 31),
		"batch: host.interval_ms: 2147483648 is not in 0 to "
		"2147483647"},
	{SPOIL_U32(process.service, 3), "batch: process 0: service: name 3 of 3"},
	{SPOIL_U32(process.service, 0), "batch: process 0: service: missing"},
	{SPOIL_U32(process.version, 9), "batch: process 0: version: name 9 of 3"},
	{SPOIL_U32(process.runtime, 9), "batch: process 0: runtime: name 9 of 3"},
	{SPOIL_U32(process.rule, 9), "batch: process 0: rule: name 9 of 3"},
	{SPOIL_U32(process.command, 9), "batch: process 0: command: name 9 of 3"},
	{SPOIL_U32(process.slot, 65536),
		"batch: process 0: slot: 65536 is not in 0 to 65535"},
	{SPOIL_U32(process.pid, 0),
		"batch: process 0: pid: 0 is not in 1 to 2147483647"},
	{SPOIL_U32(process.pid, UINT32_MAX),
		"batch: process 0: pid: 4294967295 is not in 1 to 2147483647"},
	{SPOIL_U64(process.start_ticks, UINT64_MAX),
		"batch: process 0: start_ticks: 18446744073709551615 is not in "
		"0 to 9223372036854775807"},
	{SPOIL_U32(sample.process, 1), "batch: tick 0: sample 0: process 1 of 1"},
	{SPOIL_U64(values.present, 1),
		"batch: tick 0: sample 0: values: 2, but `present` has 1"},
	{SPOIL_U64(values.present, UINT64_MAX),
		"batch: tick 0: sample 0: values: 2, but `present` has 64"},
	{SPOIL_U64(host_values.present, 1),
		"batch: tick 0: host: values: 0, but `present` has 1"},
	{SPOIL_U64(tick.offset_ms, INT64_MAX),
		"batch: tick 0: time 1800000000000 + 9223372036854775807 ms is "
		"out of bounds"},
	{SPOIL_U64(gap.batches, UINT64_MAX),
		"batch: gap 0: batches: 18446744073709551615 is not in 0 to "
		"9223372036854775807"},
	{SPOIL_POINTER(gap.reason, "\xff"),
		"batch: gap 0: reason: byte 0xff at 0 is a control byte or not "
		"UTF-8"},
	{SPOIL_POINTER(names[1], "a\nb"),
		"batch: name 1: text: byte 0x0a at 1 is a control byte or not "
		"UTF-8"},
	{SPOIL_POINTER(names[1], overlong),
		"batch: name 1: text: 257 bytes long, at most 256 are allowed"},
	{SPOIL_U64(batch.n_names, 0), "batch: host.hostname: name 2 of 0"},
	{SPOIL_U64(batch.n_processes, 0), "batch: tick 0: sample 0: process 0 of 0"},
};

static void every_field_is_checked(void **state)
{
	struct fixture *f = *state;
	memset(overlong, 'n', 257);
	struct hostile h;
	hostile_init(&h);
	assert_true(send_hostile(f, &h)); /* as long as nothing is spoilt */
	for (size_t i = 0; i < sizeof spoilt / sizeof *spoilt; i++) {
		hostile_init(&h);
		memcpy((char *)&h + spoilt[i].spoil.at, &spoilt[i].spoil.u64,
			spoilt[i].spoil.size);
		f->out.tick_count = 77;
		if (send_hostile(f, &h))
			fail_msg("accepted, should be: %s", spoilt[i].refusal);
		assert_string_equal(f->e.text, spoilt[i].refusal);
		assert_int_equal(f->e.kind, ERR_INPUT);
		assert_int_equal(f->out.tick_count, 77); /* untouched */
	}
}

/* Counts beyond the limit, all pointing to the same valid part. */
static void every_count_is_checked(void **state)
{
	struct fixture *f = *state;
	struct hostile h;
	void **many = calloc(WIRE_SAMPLES_MAX + 1, sizeof *many);
	for (int i = 0; i < 5; i++) {
		static const char *const refusals[] = {
			"batch: 20001 names, at most 20000 are allowed",
			"batch: 8193 processes, at most 8192 are allowed",
			"batch: 721 ticks, at most 720 are allowed",
			"batch: 65 gaps, at most 64 are allowed",
			"batch: 65537 samples, at most 65536 are allowed"};
		hostile_init(&h);
		const struct {
			size_t *count;
			void *parts, *part;
			size_t maximum;
		} counts[] = {{&h.batch.n_names, &h.batch.names, "x", WIRE_NAMES_MAX},
			{&h.batch.n_processes, &h.batch.processes, &h.process,
				WIRE_PROCESSES_MAX},
			{&h.batch.n_ticks, &h.batch.ticks, &h.tick, WIRE_TICKS_MAX},
			{&h.batch.n_gaps, &h.batch.gaps, &h.gap, WIRE_GAPS_MAX},
			{&h.tick.n_samples, &h.tick.samples, &h.sample,
				WIRE_SAMPLES_MAX}};
		for (size_t k = 0; k <= counts[i].maximum; k++)
			many[k] = counts[i].part;
		*counts[i].count = counts[i].maximum;
		*(void ***)counts[i].parts = many;
		if (!send_hostile(f, &h))
			fail_msg("%s", f->e.text);
		++*counts[i].count;
		assert_false(send_hostile(f, &h));
		assert_string_equal(f->e.text, refusals[i]);
	}
	free(many);
}

/* A newer agent has more metrics: ours are kept, in order, and nothing counts as
 * refused. */
static void metrics_of_a_newer_agent_are_skipped(void **state)
{
	struct fixture *f = *state;
	struct hostile h;
	hostile_init(&h);
	h.values.present = 1 << PROCESS_rss_kb | 1 << PROCESS_cgroup_oom_kills |
			   UINT64_C(1) << METRIC_PROCESS_COUNT | UINT64_C(1) << 63;
	h.values.n_value = 4;
	for (int i = 0; i < 4; i++)
		h.value[i] = 100 + i;
	h.value[2] = h.value[3] = -5; /* not for us to judge */
	assert_true(send_hostile(f, &h));
	const struct wire_values *got = &f->out.ticks[0].samples[0].values;
	assert_int_equal(
		got->present, 1 << PROCESS_rss_kb | 1 << PROCESS_cgroup_oom_kills);
	assert_int_equal(got->value[PROCESS_rss_kb], 100);
	assert_int_equal(got->value[PROCESS_cgroup_oom_kills], 101);
	assert_int_equal(f->out.refused_values, 0);
}

/* The same below the compression: any change of the message itself. */
/* Its clock was set, or its boot time is wrong: the samples are well. */
static void a_start_out_of_bounds_is_moved_into_them(void **state)
{
	struct fixture *f = *state;
	static const struct {
		int64_t said, taken;
		uint64_t refused;
	} cases[] = {
		{INT64_MIN, 0, 1},
		{-1, 0, 1},
		{0, 0, 0},
		{NOW + WIRE_TIME_AHEAD_MS, NOW + WIRE_TIME_AHEAD_MS, 0},
		{NOW + WIRE_TIME_AHEAD_MS + 1, NOW, 1},
		{INT64_MAX, NOW, 1},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct hostile h = {0};
		hostile_init(&h);
		h.process.started_unix_ms = cases[i].said;
		if (!send_hostile(f, &h))
			fail_msg("%s", f->e.text);
		assert_true(f->out.processes[0].started_unix_ms == cases[i].taken);
		assert_true(f->out.refused_values == cases[i].refused);
		assert_int_equal(f->out.ticks[0].sample_count, 1);
	}
}

static void flipped_bits_of_the_message_never_crash(void **state)
{
	struct fixture *f = *state;
	struct hostile h;
	hostile_init(&h);
	size_t length = tidemark__batch__get_packed_size(&h.batch);
	uint8_t *bytes = malloc(length);
	tidemark__batch__pack(&h.batch, bytes);
	size_t refused = 0;
	for (size_t bit = 0; bit < 8 * length; bit++) {
		bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
		compress(&f->frame, bytes, length);
		refused += !decode(f);
		bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
	for (size_t n = 0; n < length; n++) {
		compress(&f->frame, bytes, n);
		decode(f);
	}
	assert_true(refused > length); /* of 8 × length */
	free(bytes);
}

static void bombs_are_refused_before_inflating(void **state)
{
	struct fixture *f = *state;
	size_t length = WIRE_BATCH_BYTES_MAX + 1;
	char *zeros = calloc(1, length);
	compress(&f->frame, zeros, length);
	assert_true(f->frame.length < 10000);
	assert_false(decode(f));
	assert_string_equal(
		f->e.text, "batch: 4194305 bytes inflated, 1 to 4194304 are allowed");
	compress(&f->frame, zeros, 0);
	assert_false(decode(f));
	free(zeros);

	/* A frame that keeps its size to itself. */
	ZSTD_CCtx *context = ZSTD_createCCtx();
	ZSTD_CCtx_setParameter(context, ZSTD_c_contentSizeFlag, 0);
	f->frame.length = ZSTD_compress2(
		context, f->frame.data, f->frame.capacity, "abc", 3);
	ZSTD_freeCCtx(context);
	assert_false(decode(f));
	assert_string_equal(f->e.text, "batch: not compressed as it should be");

	/* A skippable frame, two frames, something else. */
	static const char skippable[] = "\x50\x2a\x4d\x18\x04\0\0\0abcd";
	buf_reset(&f->frame);
	buf_append(&f->frame, skippable, sizeof skippable - 1);
	assert_false(decode(f));
	struct hostile h;
	hostile_init(&h);
	assert_true(send_hostile(f, &h));
	struct buf twice = {0};
	buf_append(&twice, f->frame.data, f->frame.length);
	buf_append(&f->frame, twice.data, twice.length);
	buf_finish(&twice);
	assert_false(decode(f));
	assert_string_equal(f->e.text, "batch: cut off, or followed by other bytes");
	buf_reset(&f->frame);
	buf_text(&f->frame, "GET / HTTP/1.1\r\n\r\n");
	assert_false(decode(f));
	static char large[WIRE_FRAME_BYTES_MAX + 1];
	assert_false(
		wire_batch_decode(large, sizeof large, now, &f->arena, &f->out, &f->e));
	assert_string_equal(
		f->e.text, "batch: 1048577 bytes, at most 1048576 are allowed");
}

/* Frames that unfold: 4 MiB of the smallest parts of each kind. */
static void unfolding_messages_stay_within_the_budget(void **state)
{
	struct fixture *f = *state;
	static const struct {
		const char *bytes;
		size_t length;
	} parts[] = {
		{"\xa2\x06\x00", 3},             /* names: "" */
		{"\xb2\x06\x00", 3},             /* processes: {} */
		{"\xba\x06\x00", 3},             /* ticks: {} */
		{"\xc2\x06\x00", 3},             /* gaps: {} */
		{"\xba\x06\x03\xaa\x06\x00", 6}, /* ticks: {samples: {}} */
		{"\xf8\x7f\x01", 3},             /* a field we do not know */
		{"\xaa\x06\x00", 3},             /* host: {}, over and over */
		{"\x0a\x01x", 3},                /* boot_id, over and over */
	};
	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
		struct buf message = {0};
		while (message.length + parts[i].length <= WIRE_BATCH_BYTES_MAX)
			buf_append(&message, parts[i].bytes, parts[i].length);
		compress(&f->frame, message.data, message.length);
		buf_finish(&message);
		assert_false(decode(f));
		assert_string_equal(f->e.text, "batch: damaged or too large to unpack");
	}
	assert_true(f->arena.total_bytes < 1 << 20);
}

/* `depth` messages, each in a field of the one around it; from the inside, as lengths
 * come before what they count. */
static void nest(struct buf *out, unsigned field, int depth)
{
	size_t room = (size_t)depth * 8 + 16, at = room;
	uint8_t *bytes = malloc(room);
	for (int i = 0; i < depth; i++) {
		size_t length = room - at;
		uint8_t head[8];
		size_t n = 0;
		for (uint32_t tag = field << 3 | 2; tag; tag >>= 7)
			head[n++] = (uint8_t)((tag & 127) | (tag > 127 ? 128 : 0));
		for (size_t left = length;; left >>= 7) {
			head[n++] = (uint8_t)((left & 127) | (left > 127 ? 128 : 0));
			if (left <= 127)
				break;
		}
		at -= n;
		memcpy(bytes + at, head, n);
	}
	buf_append(out, bytes + at, room - at);
	free(bytes);
}

/* In fields that we know and in one that we do not; and groups that are opened and
 * never closed. None costs stack: the schema has no message within itself
 * (tests/lint/proto). */
static void frames_nested_deep_cost_nothing(void **state)
{
	struct fixture *f = *state;
	static const unsigned fields[] = {101, 103, 105, 111, 4000};
	struct wire_upload upload;
	struct wire_enrol_request request;
	for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
		struct buf message = {0};
		nest(&message, fields[i], 10000);
		compress(&f->frame, message.data, message.length);
		assert_false(decode(f));
		wire_upload_decode(
			message.data, message.length, &f->arena, &upload, &f->e);
		assert_false(wire_enrol_request_decode(
			message.data, message.length, &f->arena, &request, &f->e));
		buf_finish(&message);
	}
	struct buf groups = {0};
	for (int i = 0; i < 10000; i++)
		buf_byte(&groups, 15 << 3 | 3);
	compress(&f->frame, groups.data, groups.length);
	assert_false(decode(f));
	assert_false(wire_upload_decode(
		groups.data, groups.length, &f->arena, &upload, &f->e));
	buf_finish(&groups);
	assert_true(f->arena.total_bytes < 1 << 20);
}

/* A tick with a million samples, and a sample with two million values. */
static void unfolding_parts_stay_within_the_budget(void **state)
{
	struct fixture *f = *state;
	for (int kind = 0; kind < 2; kind++) {
		size_t inner = WIRE_BATCH_BYTES_MAX - 100;
		inner -= inner % 3;
		struct buf message = {0}, tick = {0};
		for (size_t n = 0; kind == 0 && n < inner; n += 3)
			buf_append(&tick, "\xaa\x06\x00", 3);
		if (kind == 1) {
			/* host: {value: packed zeros} */
			char head[] =
				"\xa2\x06\x00\x00\x00\x00\xaa\x06\x00\x00\x00\x00";
			for (int i = 0; i < 4; i++) {
				size_t rest[] = {inner + 6, inner};
				head[2 + i] = (char)((rest[0] >> 7 * i & 127) |
						     (i < 3 ? 128 : 0));
				head[8 + i] = (char)((rest[1] >> 7 * i & 127) |
						     (i < 3 ? 128 : 0));
			}
			buf_append(&tick, head, 12);
			memset(buf_reserve(&tick, inner), 0, inner);
			tick.length += inner;
		}
		buf_append(&message, "\xba\x06", 2);
		for (size_t n = tick.length; n; n >>= 7)
			buf_byte(&message, (char)((n & 127) | (n >> 7 ? 128 : 0)));
		buf_append(&message, tick.data, tick.length);
		compress(&f->frame, message.data, message.length);
		buf_finish(&message);
		buf_finish(&tick);
		assert_false(decode(f));
		/* Eight bytes for each value are just within it. */
		assert_string_equal(
			f->e.text, kind ? "batch: host: missing"
					: "batch: damaged or too large to unpack");
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(every_field_is_checked),
		TEST(every_count_is_checked),
		TEST(metrics_of_a_newer_agent_are_skipped),
		TEST(a_start_out_of_bounds_is_moved_into_them),
		TEST(flipped_bits_of_the_message_never_crash),
		TEST(bombs_are_refused_before_inflating),
		TEST(frames_nested_deep_cost_nothing),
		TEST(unfolding_messages_stay_within_the_budget),
		TEST(unfolding_parts_stay_within_the_budget),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
