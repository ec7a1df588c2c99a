#include "schema/wire.h"

#include "tests/unit/cmocka_all.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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
	char rule[400];
	memset(rule, 'y', sizeof rule - 1);
	rule[sizeof rule - 1] = '\0';
	f->processes[0].rule = rule;
	f->gap.reason = "tab\there";
	assert_true(encode(f));
	assert_true(decode(f));
	const struct wire_process *p = &f->out.processes[0];
	assert_string_equal(p->service, "unnamed");
	assert_string_equal(p->version, "1?<3>forged?");
	assert_string_equal(p->runtime, "?\?!????");
	assert_int_equal(strlen(p->command), 255);
	assert_int_equal(strlen(p->rule), WIRE_NAME_BYTES_MAX);
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
		samples[i].values.present = 0x3fff; /* what procfs tells */
		for (int k = 0; k < 14; k++)
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
	assert_true(ignored < 16); /* of some thousands */
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
		TEST(truncation_at_every_byte),
		TEST(every_flipped_bit),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
