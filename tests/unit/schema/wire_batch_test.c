#include "schema/wire.h"

#include "schema/tidemark.pb-c.h"
#include "tests/unit/cmocka_all.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zstd.h>

enum { PROCESSES = 3, TICKS = 2, SAMPLES = 5 };

static const int64_t now = INT64_C(1800000000000);

/* A batch that says something in every field, and room to decode it again. */
struct fixture {
	struct arena arena;
	struct buf frame;
	struct err e;
	struct wire_process processes[PROCESSES];
	struct wire_sample samples[SAMPLES];
	struct wire_tick ticks[TICKS];
	struct wire_gap gap;
	struct wire_batch batch, out;
};

static void fill_values(struct wire_values *values, unsigned count, int64_t seed)
{
	for (unsigned i = 0; i < count; i++) {
		if ((i + (uint64_t)seed) % 4 == 3)
			continue;
		values->present |= UINT64_C(1) << i;
		values->value[i] = seed * 1000 + i;
	}
}

static int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);
	arena_init(&f->arena);
	static const char *const services[PROCESSES] = {
		"checkout", "checkout", "数据库"};
	for (int i = 0; i < PROCESSES; i++)
		f->processes[i] = (struct wire_process){.service = services[i],
			.version = i == 2 ? "" : "1.1.0",
			.runtime = "node",
			.rule = "systemd",
			.command = "node app.js",
			.slot = (uint32_t)i,
			.pid = 100 + (uint32_t)i,
			.started_unix_ms = now - 86400000,
			.start_ticks = 123456789};
	for (int i = 0; i < SAMPLES; i++) {
		f->samples[i].process = (uint32_t)i % PROCESSES;
		fill_values(&f->samples[i].values, METRIC_PROCESS_COUNT, i);
	}
	for (int i = 0; i < TICKS; i++) {
		f->ticks[i].at_unix_ms = now - 20000 + i * 10000;
		fill_values(&f->ticks[i].host, METRIC_HOST_COUNT, 7 + i);
	}
	f->ticks[0].samples = f->samples;
	f->ticks[0].sample_count = 3;
	f->ticks[1].samples = f->samples + 3;
	f->ticks[1].sample_count = 2;
	f->gap = (struct wire_gap){now - 60000, now - 30000, 3, "spool full"};
	f->batch = (struct wire_batch){.boot_id = "boot",
		.machine_id = "c0ffee",
		.hostname = "web-1",
		.kernel = "6.1.0",
		.cpus = 4,
		.interval_ms = 10000,
		.processes = f->processes,
		.process_count = PROCESSES,
		.ticks = f->ticks,
		.tick_count = TICKS,
		.gaps = &f->gap,
		.gap_count = 1};
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

static void assert_same_batch(const struct wire_batch *a, const struct wire_batch *b)
{
	assert_string_equal(a->boot_id, b->boot_id);
	assert_string_equal(a->machine_id, b->machine_id);
	assert_string_equal(a->hostname, b->hostname);
	assert_string_equal(a->kernel, b->kernel);
	assert_int_equal(a->cpus, b->cpus);
	assert_int_equal(a->interval_ms, b->interval_ms);
	assert_int_equal(a->process_count, b->process_count);
	for (size_t i = 0; i < a->process_count; i++) {
		const struct wire_process *p = &a->processes[i], *q = &b->processes[i];
		assert_string_equal(p->service, q->service);
		assert_string_equal(p->version, q->version);
		assert_string_equal(p->runtime, q->runtime);
		assert_string_equal(p->rule, q->rule);
		assert_string_equal(p->command, q->command);
		assert_int_equal(p->slot, q->slot);
		assert_int_equal(p->pid, q->pid);
		assert_int_equal(p->started_unix_ms, q->started_unix_ms);
		assert_int_equal(p->start_ticks, q->start_ticks);
	}
	assert_int_equal(a->tick_count, b->tick_count);
	for (size_t i = 0; i < a->tick_count; i++) {
		const struct wire_tick *t = &a->ticks[i], *u = &b->ticks[i];
		assert_int_equal(t->at_unix_ms, u->at_unix_ms);
		assert_memory_equal(&t->host, &u->host, sizeof t->host);
		assert_int_equal(t->sample_count, u->sample_count);
		for (size_t k = 0; k < t->sample_count; k++)
			assert_memory_equal(
				&t->samples[k], &u->samples[k], sizeof t->samples[k]);
	}
	assert_int_equal(a->gap_count, b->gap_count);
	for (size_t i = 0; i < a->gap_count; i++) {
		assert_int_equal(a->gaps[i].from_unix_ms, b->gaps[i].from_unix_ms);
		assert_int_equal(a->gaps[i].to_unix_ms, b->gaps[i].to_unix_ms);
		assert_int_equal(a->gaps[i].batches, b->gaps[i].batches);
		assert_string_equal(a->gaps[i].reason, b->gaps[i].reason);
	}
}

static void a_batch_survives(void **state)
{
	struct fixture *f = *state;
	assert_true(encode(f));
	assert_true(decode(f));
	memset(f->frame.data, 0xff, f->frame.length); /* all is copied */
	assert_same_batch(&f->out, &f->batch);
	assert_int_equal(f->out.refused_values, 0);
}

static void a_batch_may_bring_gaps_alone(void **state)
{
	struct fixture *f = *state;
	f->batch.tick_count = f->batch.process_count = 0;
	assert_true(encode(f));
	assert_true(decode(f));
	assert_same_batch(&f->out, &f->batch);
}

/* A process names itself: what it says must never stop its host's batches. */
static void names_are_made_harmless(void **state)
{
	struct fixture *f = *state;
	char name[400];
	memset(name, 'x', 255);
	strcpy(name + 255, "中");
	f->processes[0].service = "";
	f->processes[0].version = "1\n<3>forged\x7f";
	f->processes[0].runtime = "\xc2\x9b!\xff\xed\xa0\x80";
	f->processes[0].command = name;
	f->gap.reason = "tab\there";
	assert_true(encode(f));
	assert_true(decode(f));
	const struct wire_process *p = &f->out.processes[0];
	assert_string_equal(p->service, "unnamed");
	assert_string_equal(p->version, "1?<3>forged?");
	assert_string_equal(p->runtime, "?\?!????");
	assert_int_equal(strlen(p->command), 255);
	assert_string_equal(f->out.gaps[0].reason, "tab?here");
}

static void insane_values_are_left_out_and_counted(void **state)
{
	struct fixture *f = *state;
	struct wire_values *v = &f->samples[0].values;
	*v = (struct wire_values){.present = 0x3fff};
	for (int i = 0; i < METRIC_PROCESS_COUNT; i++)
		v->value[i] = i + 1;
	v->value[PROCESS_rss_kb] = -1;
	v->value[PROCESS_cpu_ms] = INT64_MIN;
	v->value[PROCESS_threads] = (int64_t)INT32_MAX + 1;
	v->value[PROCESS_fds] = INT32_MAX;
	v->value[PROCESS_pss_kb] = INT64_MAX;
	f->ticks[0].host.present |= 1 << HOST_load1_milli;
	f->ticks[0].host.value[HOST_load1_milli] = INT64_MAX;
	assert_true(encode(f));
	assert_true(decode(f));
	const struct wire_values *got = &f->out.ticks[0].samples[0].values;
	assert_int_equal(
		got->present, 0x3fff & ~(1 << PROCESS_rss_kb | 1 << PROCESS_cpu_ms |
					       1 << PROCESS_threads));
	assert_int_equal(got->value[PROCESS_rss_kb], 0);
	assert_int_equal(got->value[PROCESS_threads], 0);
	assert_int_equal(got->value[PROCESS_rss_anon_kb], 2);
	assert_int_equal(got->value[PROCESS_fds], INT32_MAX);
	assert_true(got->value[PROCESS_pss_kb] == INT64_MAX);
	assert_int_equal(got->value[PROCESS_cgroup_oom_kills], 14);
	assert_int_equal(f->out.ticks[0].host.present & 1 << HOST_load1_milli, 0);
	assert_int_equal(f->out.refused_values, 4);
}

static void tick_times_have_bounds(void **state)
{
	struct fixture *f = *state;
	const struct {
		int64_t at_ms;
		bool ok;
	} cases[] = {{WIRE_TIME_MIN_MS, true}, {WIRE_TIME_MIN_MS - 1, false},
		{0, false}, {now + WIRE_TIME_AHEAD_MS, true},
		{now + WIRE_TIME_AHEAD_MS + 1, false}, {INT64_MAX, false},
		{INT64_MIN, false}};
	f->batch.tick_count = 1;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		f->ticks[0].at_unix_ms = cases[i].at_ms;
		assert_true(encode(f));
		assert_int_equal(decode(f), cases[i].ok);
		if (!cases[i].ok)
			assert_memory_equal(f->e.text, "batch: tick 0: time ", 20);
	}
}

static void gap_times_are_moved_into_the_bounds(void **state)
{
	struct fixture *f = *state;
	f->gap.from_unix_ms = 5000; /* before the clock was set */
	assert_true(encode(f) && decode(f));
	assert_int_equal(f->out.gaps[0].from_unix_ms, WIRE_TIME_MIN_MS);
	assert_int_equal(f->out.gaps[0].to_unix_ms, now - 30000);
	f->gap.from_unix_ms = INT64_MAX;
	f->gap.to_unix_ms = INT64_MIN;
	assert_true(encode(f) && decode(f));
	assert_int_equal(f->out.gaps[0].from_unix_ms, now + WIRE_TIME_AHEAD_MS);
	assert_int_equal(f->out.gaps[0].to_unix_ms, now + WIRE_TIME_AHEAD_MS);
	assert_int_equal(f->out.gaps[0].batches, 3);
}

/* The largest batch that the counts allow must fit every other limit, the budget
 * included; one more of anything must not. */
static void the_limits_fit_each_other(void **state)
{
	struct fixture *f = *state;
	struct wire_process *processes = arena_array(
		&f->arena, WIRE_PROCESSES_MAX + 1, sizeof *processes);
	struct wire_sample *samples = arena_array(
		&f->arena, WIRE_SAMPLES_MAX + 1, sizeof *samples);
	struct wire_tick *ticks = arena_array(
		&f->arena, WIRE_TICKS_MAX + 1, sizeof *ticks);
	struct wire_gap *gaps = arena_array(&f->arena, WIRE_GAPS_MAX + 1, sizeof *gaps);
	for (int i = 0; i <= WIRE_PROCESSES_MAX; i++) {
		processes[i] = f->processes[0];
		processes[i].service = arena_printf(&f->arena, "service-%d", i);
		processes[i].command = arena_printf(&f->arena, "command-%d", i);
	}
	for (int i = 0; i <= WIRE_SAMPLES_MAX; i++) {
		samples[i].process = (uint32_t)i % WIRE_PROCESSES_MAX;
		samples[i].values.present = 0x3fff;
		for (int k = 0; k < METRIC_PROCESS_COUNT; k++)
			samples[i].values.value[k] = (i % 100) * 50 + k;
	}
	for (int i = 0; i <= WIRE_TICKS_MAX; i++) {
		ticks[i] = f->ticks[0];
		ticks[i].sample_count = 0;
	}
	for (int i = 0; i <= WIRE_GAPS_MAX; i++)
		gaps[i] = f->gap;
	ticks[0].samples = samples;
	ticks[0].sample_count = WIRE_SAMPLES_MAX;
	f->batch.processes = processes;
	f->batch.process_count = WIRE_PROCESSES_MAX;
	f->batch.ticks = ticks;
	f->batch.tick_count = WIRE_TICKS_MAX;
	f->batch.gaps = gaps;
	f->batch.gap_count = WIRE_GAPS_MAX;
	if (!encode(f) || !decode(f))
		fail_msg("%s", f->e.text);
	assert_same_batch(&f->out, &f->batch);

	f->batch.process_count++;
	assert_false(encode(f));
	assert_string_equal(
		f->e.text, "batch: 8193 processes, at most 8192 are allowed");
	assert_int_equal(f->e.kind, ERR_INPUT);
	f->batch.process_count--;
	f->batch.tick_count++;
	assert_false(encode(f));
	f->batch.tick_count--;
	f->batch.gap_count++;
	assert_false(encode(f));
	f->batch.gap_count--;
	ticks[0].sample_count++;
	assert_false(encode(f));
	assert_string_equal(
		f->e.text, "batch: 65537 samples, at most 65536 are allowed");
	assert_int_equal(f->frame.length, 0); /* untouched on failure */
}

static void too_many_names_are_refused(void **state)
{
	struct fixture *f = *state;
	enum { COUNT = 8000 };
	struct wire_process *processes = arena_array(
		&f->arena, COUNT, sizeof *processes);
	for (int i = 0; i < COUNT; i++) {
		processes[i] = f->processes[0];
		processes[i].service = arena_printf(&f->arena, "s%d", i);
		processes[i].command = arena_printf(&f->arena, "c%d", i);
		processes[i].rule = arena_printf(&f->arena, "r%d", i);
	}
	f->batch.processes = processes;
	f->batch.process_count = COUNT;
	assert_false(encode(f));
	assert_string_equal(
		f->e.text, "batch: more than 20000 different names are in use");
}

static void bytes_have_limits(void **state)
{
	struct fixture *f = *state;
	uint64_t random = 88172645463325252;
	for (int round = 0; round < 2; round++) {
		/* The second time, what zstd cannot make small. */
		struct wire_sample *samples = arena_array(
			&f->arena, WIRE_SAMPLES_MAX, sizeof *samples);
		for (int i = 0; i < WIRE_SAMPLES_MAX / 3; i++) {
			samples[i].values.present = 0x3fff;
			for (int k = 0; k < METRIC_PROCESS_COUNT; k++) {
				random ^= random << 13;
				random ^= random >> 7;
				random ^= random << 17;
				samples[i].values.value[k] = round ? (int64_t)(random >>
									       20)
								   : INT64_MAX;
			}
		}
		f->ticks[0].samples = samples;
		f->ticks[0].sample_count = round ? 20000 : WIRE_SAMPLES_MAX / 2;
		if (round == 0)
			for (int i = 0; i < WIRE_SAMPLES_MAX / 2; i++)
				samples[i] = samples[0];
		assert_false(encode(f));
		assert_non_null(strstr(f->e.text,
			round ? "bytes compressed, at most 1047552 are allowed"
			      : "bytes, at most 4194304 are allowed"));
		assert_int_equal(f->frame.length, 0);
	}
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

static void every_field_is_checked(void **state)
{
	struct fixture *f = *state;
	char name[258];
	memset(name, 'n', 257);
	name[257] = '\0';
	const struct {
		struct {
			size_t at, size;
			union {
				uint32_t u32;
				uint64_t u64;
				const char *text;
			};
		} spoil;
		const char *refusal;
	} cases[] = {
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
		{SPOIL_U32(process.service, 3),
			"batch: process 0: service: name 3 of 3"},
		{SPOIL_U32(process.service, 0), "batch: process 0: service: missing"},
		{SPOIL_U32(process.version, 9),
			"batch: process 0: version: name 9 of 3"},
		{SPOIL_U32(process.runtime, 9),
			"batch: process 0: runtime: name 9 of 3"},
		{SPOIL_U32(process.rule, 9), "batch: process 0: rule: name 9 of 3"},
		{SPOIL_U32(process.command, 9),
			"batch: process 0: command: name 9 of 3"},
		{SPOIL_U32(process.slot, 65536),
			"batch: process 0: slot: 65536 is not in 0 to 65535"},
		{SPOIL_U32(process.pid, 0),
			"batch: process 0: pid: 0 is not in 1 to 2147483647"},
		{SPOIL_U32(process.pid, UINT32_MAX),
			"batch: process 0: pid: 4294967295 is not in 1 to 2147483647"},
		{SPOIL_U64(process.start_ticks, UINT64_MAX),
			"batch: process 0: start_ticks: 18446744073709551615 is not in "
			"0 "
			"to 9223372036854775807"},
		{SPOIL_U64(process.started_unix_ms, (uint64_t)-1),
			"batch: process 0: started_unix_ms: -1 is out of bounds"},
		{SPOIL_U64(process.started_unix_ms, INT64_MAX),
			"batch: process 0: started_unix_ms: 9223372036854775807 is out "
			"of "
			"bounds"},
		{SPOIL_U32(sample.process, 1),
			"batch: tick 0: sample 0: process 1 of 1"},
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
		{SPOIL_POINTER(names[1], name),
			"batch: name 1: text: 257 bytes long, at most 256 are allowed"},
		{SPOIL_U64(batch.n_names, 0), "batch: host.hostname: name 2 of 0"},
		{SPOIL_U64(batch.n_processes, 0),
			"batch: tick 0: sample 0: process 0 of 0"},
	};
	struct hostile h;
	hostile_init(&h);
	assert_true(send_hostile(f, &h)); /* as long as nothing is spoilt */
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		hostile_init(&h);
		memcpy((char *)&h + cases[i].spoil.at, &cases[i].spoil.u64,
			cases[i].spoil.size);
		f->out.tick_count = 77;
		if (send_hostile(f, &h))
			fail_msg("accepted, should be: %s", cases[i].refusal);
		assert_string_equal(f->e.text, cases[i].refusal);
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

static void truncation_at_every_byte(void **state)
{
	struct fixture *f = *state;
	assert_true(encode(f));
	for (size_t n = 0; n < f->frame.length; n++) {
		char *cut = malloc(n ? n : 1);
		memcpy(cut, f->frame.data, n);
		assert_false(wire_batch_decode(cut, n, now, &f->arena, &f->out, &f->e));
		assert_int_equal(f->e.kind, ERR_INPUT);
		free(cut);
	}
	buf_byte(&f->frame, 0);
	assert_false(decode(f));
	assert_string_equal(f->e.text, "batch: cut off, or followed by other bytes");
}

/* The frame's checksum: a flipped bit is seen, or is one of the few without
 * meaning in zstd's format. */
static void every_flipped_bit(void **state)
{
	struct fixture *f = *state;
	assert_true(encode(f));
	size_t ignored = 0;
	for (size_t bit = 0; bit < 8 * f->frame.length; bit++) {
		f->frame.data[bit / 8] ^= (char)(1 << bit % 8);
		if (decode(f)) {
			assert_same_batch(&f->out, &f->batch);
			ignored++;
		}
		f->frame.data[bit / 8] ^= (char)(1 << bit % 8);
	}
	assert_true(ignored < 8);
}

/* The same below the compression: any change of the message itself. */
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
	assert_true(encode(f));
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
		TEST(a_batch_survives),
		TEST(a_batch_may_bring_gaps_alone),
		TEST(names_are_made_harmless),
		TEST(insane_values_are_left_out_and_counted),
		TEST(tick_times_have_bounds),
		TEST(gap_times_are_moved_into_the_bounds),
		TEST(the_limits_fit_each_other),
		TEST(too_many_names_are_refused),
		TEST(bytes_have_limits),
		TEST(every_field_is_checked),
		TEST(every_count_is_checked),
		TEST(metrics_of_a_newer_agent_are_skipped),
		TEST(truncation_at_every_byte),
		TEST(every_flipped_bit),
		TEST(flipped_bits_of_the_message_never_crash),
		TEST(bombs_are_refused_before_inflating),
		TEST(unfolding_messages_stay_within_the_budget),
		TEST(unfolding_parts_stay_within_the_budget),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
