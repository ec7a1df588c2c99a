/* A tick's way into the spool: whole, in parts, with its gaps, and when that fails. */
#include "agent/batch.h"

#include "tests/unit/agent/fixture.h"

#define NOW INT64_C(1800000000000)

static const struct batch_host host = {
	.boot_id = "11111111-2222-3333-4444-555555555555",
	.machine_id = "00112233445566778899aabbccddeeff",
	.hostname = "web1",
	.kernel = "6.1.0",
	.cpus = 4,
	.interval_ms = 10000,
};

struct world {
	struct fixture f;
	struct arena arena;
	struct spool *spool;
	struct processes_tick tick;
	struct err e;
};

static void open_spool(struct world *w, int64_t bytes)
{
	char path[PATH_MAX];
	assert_true(spool_open(
		fixture_path(&w->f, path, "spool"), bytes, &w->spool, &w->e));
}

static int setup(void **state)
{
	struct world *w = calloc(1, sizeof *w);
	fixture_init(&w->f);
	arena_init(&w->arena);
	*state = w;
	return 0;
}

static int teardown(void **state)
{
	struct world *w = *state;
	spool_close(w->spool);
	arena_finish(&w->arena);
	fixture_finish(&w->f);
	free(w);
	return 0;
}

static void fill(struct world *w, size_t count, bool noisy)
{
	struct processes_tick *t = &w->tick;
	t->count = count;
	t->processes = arena_array(&w->arena, count, sizeof *t->processes);
	t->samples = arena_array(&w->arena, count, sizeof *t->samples);
	uint64_t seed = 88172645463325252ull;
	for (size_t i = 0; i < count; i++) {
		char *name = arena_alloc(&w->arena, 240);
		for (int n = 0; noisy && n < 230; n++) {
			seed ^= seed << 13;
			seed ^= seed >> 7;
			seed ^= seed << 17;
			name[n] = (char)('!' + seed % 90);
		}
		t->processes[i] = (struct wire_process){
			.service = noisy ? name : "app",
			.version = "1",
			.runtime = "native",
			.rule = "program",
			.command = noisy ? name + 1 : "app",
			.slot = (uint32_t)i,
			.pid = (uint32_t)i + 1,
			.started_unix_ms = NOW - 1000,
			.start_ticks = i + 5,
		};
		t->samples[i].process = (uint32_t)i;
		t->samples[i].values.present = 1;
		t->samples[i].values.value[0] = (int64_t)i;
	}
	t->host.present = 1;
	t->host.value[0] = 4242;
}

/* The batch after *sequence. */
static bool next(struct world *w, uint64_t *sequence, struct wire_batch *out)
{
	if (!spool_next(w->spool, *sequence, sequence))
		return false;
	struct buf bytes = {0};
	assert_true(spool_read(w->spool, *sequence, &bytes, &w->e));
	if (!wire_batch_decode(bytes.data, bytes.length, NOW, &w->arena, out, &w->e))
		fail_msg("%s", w->e.text);
	buf_finish(&bytes);
	return true;
}

static void a_tick_is_one_batch(void **state)
{
	struct world *w = *state;
	open_spool(w, 1 << 20);
	fill(w, 3, false);
	assert_true(batch_append(&host, &w->tick, NOW, w->spool, &w->e));
	uint64_t sequence = 0;
	struct wire_batch b;
	assert_true(next(w, &sequence, &b));
	assert_string_equal(b.boot_id, host.boot_id);
	assert_string_equal(b.machine_id, host.machine_id);
	assert_string_equal(b.hostname, "web1");
	assert_string_equal(b.kernel, "6.1.0");
	assert_int_equal(b.cpus, 4);
	assert_int_equal(b.interval_ms, 10000);
	assert_int_equal(b.tick_count, 1);
	assert_int_equal(b.ticks[0].at_unix_ms, NOW);
	assert_int_equal(b.ticks[0].host.value[0], 4242);
	assert_int_equal(b.ticks[0].sample_count, 3);
	assert_int_equal(b.ticks[0].samples[2].values.value[0], 2);
	assert_int_equal(b.processes[2].pid, 3);
	assert_int_equal(b.gap_count, 0);
	assert_false(next(w, &sequence, &b));
}

static void a_machine_without_followed_processes_still_tells_about_itself(void **state)
{
	struct world *w = *state;
	open_spool(w, 1 << 20);
	fill(w, 0, false);
	assert_true(batch_append(&host, &w->tick, NOW, w->spool, &w->e));
	uint64_t sequence = 0;
	struct wire_batch b;
	assert_true(next(w, &sequence, &b));
	assert_int_equal(b.ticks[0].host.value[0], 4242);
	assert_int_equal(b.process_count, 0);
}

static void too_much_for_one_batch_becomes_several(void **state)
{
	struct world *w = *state;
	open_spool(w, 64 << 20);
	fill(w, WIRE_PROCESSES_MAX, true); /* does not compress below a frame */
	assert_true(batch_append(&host, &w->tick, NOW, w->spool, &w->e));
	uint64_t sequence = 0;
	struct wire_batch b;
	size_t batches = 0, seen = 0;
	while (next(w, &sequence, &b)) {
		assert_int_equal(b.tick_count, 1);
		assert_int_equal(b.ticks[0].at_unix_ms, NOW);
		assert_int_equal(b.ticks[0].host.present, batches == 0);
		for (size_t i = 0; i < b.ticks[0].sample_count; i++) {
			const struct wire_sample *s = &b.ticks[0].samples[i];
			assert_int_equal(s->values.value[0], seen);
			assert_int_equal(b.processes[s->process].pid, seen + 1);
			seen++;
		}
		batches++;
	}
	assert_true(batches > 1);
	assert_int_equal(seen, WIRE_PROCESSES_MAX);
}

/* Each part of a tick is stored or counted, also behind one that was lost. */
static void every_part_that_cannot_be_stored_is_counted(void **state)
{
	struct world *w = *state;
	struct spool_stats stats;
	open_spool(w, 64 << 20);
	fill(w, WIRE_PROCESSES_MAX, true);
	assert_true(batch_append(&host, &w->tick, NOW, w->spool, &w->e));
	spool_get_stats(w->spool, &stats);
	uint64_t parts = stats.batches;
	assert_true(parts > 1);
	spool_close(w->spool);

	fill(w, WIRE_PROCESSES_MAX, true);
	char path[PATH_MAX];
	assert_true(spool_open(
		fixture_path(&w->f, path, "tight"), SPOOL_BYTES_MIN, &w->spool, &w->e));
	assert_false(batch_append(&host, &w->tick, NOW, w->spool, &w->e));
	assert_int_equal(w->e.kind, ERR_INPUT);
	spool_get_stats(w->spool, &stats);
	assert_int_equal(stats.lost + stats.batches, parts);
}

static void what_the_spool_dropped_is_told_exactly(void **state)
{
	struct world *w = *state;
	open_spool(w, SPOOL_BYTES_MIN);
	fill(w, 100, true);
	for (int i = 0; i < 40; i++)
		assert_true(batch_append(&host, &w->tick, NOW + i, w->spool, &w->e));
	struct spool_stats stats;
	spool_get_stats(w->spool, &stats);
	assert_true(stats.lost > 0);

	/* Reports that were dropped themselves are told again by later batches. */
	struct wire_gap pending[SPOOL_GAPS_MAX];
	uint64_t told = 0, sequence = 0;
	for (size_t g = spool_take_gaps(w->spool, pending); g > 0; g--)
		told += pending[g - 1].batches;
	struct wire_batch b;
	while (next(w, &sequence, &b)) {
		for (size_t g = 0; g < b.gap_count; g++) {
			assert_string_equal(b.gaps[g].reason, "spool full");
			told += b.gaps[g].batches;
		}
	}
	assert_int_equal(told, stats.lost);
}

int main(void)
{
#define IN_WORLD(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
	const struct CMUnitTest tests[] = {
		IN_WORLD(a_tick_is_one_batch),
		IN_WORLD(a_machine_without_followed_processes_still_tells_about_itself),
		IN_WORLD(too_much_for_one_batch_becomes_several),
		IN_WORLD(every_part_that_cannot_be_stored_is_counted),
		IN_WORLD(what_the_spool_dropped_is_told_exactly),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
