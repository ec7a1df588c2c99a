/* What a job's child is told arrives, and what is damaged does not. */
#include "agent/capture/brief.h"

#include "tests/unit/cmocka_all.h"

#include <stdlib.h>
#include <string.h>

struct world {
	struct job_settings settings;
	struct snapshot_order order;
	struct wire_process process;
	struct wire_batch about;
	struct job_order job;
};

static void setup(struct world *w)
{
	*w = (struct world){0};
	w->settings = (struct job_settings){.state_dir = "/var/lib/x",
		.procfs = "/proc",
		.cgroupfs = "/sys/fs/cgroup",
		.pause_max_ms = 2000,
		.cooldown_ms = -1,
		.memory_max_bytes = UINT64_MAX,
		.raw_max_bytes = 5};
	w->order = (struct snapshot_order){.capture = UINT64_C(1) << 63,
		.kind = SNAPSHOT_ORDER_TAKE,
		.pid = 4242,
		.start_ticks = 99,
		.service = "shop \xc3\xa9\n",
		.route = "",
		.overrules = true,
		.deadline_unix_ms = 12345};
	w->process = (struct wire_process){.service = "shop",
		.version = "1",
		.runtime = "node",
		.rule = "script",
		.command = "node x",
		.slot = 3,
		.pid = 4242,
		.started_unix_ms = 77,
		.start_ticks = 99};
	w->about = (struct wire_batch){.boot_id = "b",
		.machine_id = "m",
		.hostname = "h",
		.kernel = "k",
		.cpus = 2,
		.interval_ms = 1000,
		.processes = &w->process,
		.process_count = 1};
	w->job = (struct job_order){
		.order = &w->order, .about = &w->about, .actor = "somebody"};
}

static void everything_arrives(void **state)
{
	struct world w;
	struct buf bytes = {0};
	struct arena a = {0};
	struct brief b;
	struct err e;
	uint32_t length;
	(void)state;
	setup(&w);
	assert_true(brief_encode(&w.settings, &w.job, &bytes, &e));
	memcpy(&length, bytes.data, sizeof length);
	assert_int_equal(length, bytes.length - sizeof length);
	assert_true(brief_decode(bytes.data + sizeof length, length, &a, &b, &e));
	assert_string_equal(b.settings.state_dir, "/var/lib/x");
	assert_null(b.settings.preload_dir);
	assert_int_equal(b.settings.cooldown_ms, -1);
	assert_true(b.settings.memory_max_bytes == UINT64_MAX);
	assert_true(b.order.capture == UINT64_C(1) << 63);
	assert_int_equal(b.order.kind, SNAPSHOT_ORDER_TAKE);
	assert_string_equal(b.order.service, "shop \xc3\xa9\n");
	assert_string_equal(b.order.route, "");
	assert_true(b.order.overrules);
	assert_false(b.order.keep_raw);
	assert_int_equal(b.order.deadline_unix_ms, 12345);
	assert_int_equal(b.about.process_count, 1);
	assert_string_equal(b.about.processes[0].command, "node x");
	assert_int_equal(b.about.processes[0].slot, 3);
	assert_int_equal(b.about.tick_count, 0);
	assert_null(b.file);
	assert_string_equal(b.actor, "somebody");

	w.job.file = "/dumps/a";
	w.about.process_count = 0;
	buf_reset(&bytes);
	assert_true(brief_encode(&w.settings, &w.job, &bytes, &e));
	assert_true(brief_decode(
		bytes.data + sizeof length, bytes.length - sizeof length, &a, &b, &e));
	assert_string_equal(b.file, "/dumps/a");
	assert_int_equal(b.about.process_count, 0);
	buf_finish(&bytes);
	arena_finish(&a);
}

static void cut_or_longer_ones_are_damaged(void **state)
{
	struct world w;
	struct buf bytes = {0};
	struct err e;
	struct brief b;
	(void)state;
	setup(&w);
	assert_true(brief_encode(&w.settings, &w.job, &bytes, &e));
	size_t length = bytes.length - sizeof(uint32_t);
	for (size_t cut = 0; cut < length; cut++) {
		/* Exactly so long, so that reading beyond it is seen. */
		struct arena a = {0};
		char *copy = malloc(cut + 1);
		memcpy(copy, bytes.data + sizeof(uint32_t), cut);
		assert_false(brief_decode(copy, cut, &a, &b, &e));
		free(copy);
		arena_finish(&a);
	}
	struct arena a = {0};
	buf_byte(&bytes, 'x');
	assert_false(
		brief_decode(bytes.data + sizeof(uint32_t), length + 1, &a, &b, &e));
	arena_finish(&a);
	buf_finish(&bytes);
}

static void what_a_pipe_would_not_take_is_refused(void **state)
{
	struct world w;
	struct buf bytes = {0};
	struct err e;
	(void)state;
	setup(&w);
	char *path = malloc(BRIEF_BYTES_MAX + 1);
	memset(path, 'a', BRIEF_BYTES_MAX);
	path[BRIEF_BYTES_MAX] = '\0';
	w.job.file = path;
	assert_false(brief_encode(&w.settings, &w.job, &bytes, &e));
	assert_int_equal(e.kind, ERR_INPUT);
	assert_int_equal(bytes.length, 0);
	free(path);
	buf_finish(&bytes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(everything_arrives),
		cmocka_unit_test(cut_or_longer_ones_are_damaged),
		cmocka_unit_test(what_a_pipe_would_not_take_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
