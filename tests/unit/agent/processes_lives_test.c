/* Which life of a process a reading belongs to: restarts, pids that come again,
 * processes that vanish while they are read, programs that become others, clocks that
 * step. */
#include "tests/unit/agent/processes_world.h"

static int64_t started(const struct world *w, int pid)
{
	int at = find(w, pid);
	assert_true(at >= 0);
	return w->tick.processes[at].started_unix_ms;
}

static void a_restart_keeps_its_seat_and_is_a_new_generation(void **state)
{
	struct world *w = *state;
	add(w, 10, "app", 60000, 100);
	add(w, 11, "app", 60000, 100);
	begin(w);
	tick(w);
	uint32_t slot = w->tick.processes[find(w, 10)].slot;
	end(w, 10);
	add(w, 30, "app", 0, 100);
	tick(w); /* 10 is gone, 30 is young */
	assert_int_equal(find(w, 10), -1);
	tick(w);
	assert_int_equal(w->tick.processes[find(w, 30)].slot, slot);
	assert_int_equal(w->tick.count, 2);
}

static void a_reused_pid_is_another_process(void **state)
{
	struct world *w = *state;
	w->options.kept_max = 0; /* a kept descriptor would refuse by itself */
	add(w, 10, "app", 60000, 100);
	begin(w);
	tick(w);
	uint64_t before = w->tick.processes[0].start_ticks;
	const struct fixture_process p = {.pid = 10,
		.comm = "other",
		.start_ticks = (uint64_t)((BOOT_MS + 5000) / 10),
		.rss_pages = 50 * MIB};
	fixture_add(&w->f, &p);
	tick(w);
	assert_int_equal(find(w, 10), -1); /* no sample under the old name */
	tick(w);
	tick(w);
	const struct wire_process *now = &w->tick.processes[find(w, 10)];
	assert_string_equal(now->service, "other");
	assert_true(now->start_ticks != before);
}

static void a_reused_pid_of_the_same_program_is_a_new_generation(void **state)
{
	struct world *w = *state;
	add(w, 10, "app", 60000, 100);
	add(w, 11, "app", 60000, 100);
	begin(w);
	tick(w);
	struct wire_process before = w->tick.processes[find(w, 10)];
	const struct fixture_process p = {.pid = 10,
		.comm = "app",
		.start_ticks = (uint64_t)((BOOT_MS + 1000) / 10),
		.rss_pages = 100 * MIB,
		.shared_pages = 100};
	fixture_add(&w->f, &p);
	tick(w); /* it has not lived for an interval */
	assert_int_equal(find(w, 10), -1);
	tick(w);
	struct wire_process now = w->tick.processes[find(w, 10)];
	assert_int_equal(now.slot, before.slot);
	assert_true(now.start_ticks != before.start_ticks);
	assert_int_equal(now.started_unix_ms, UNIX_MS + 1000);
	assert_int_equal(slots_lives(w->slots, "app", now.slot), 2);
}

static void a_process_that_vanishes_between_two_reads_is_no_half_sample(void **state)
{
	struct world *w = *state;
	char path[PATH_MAX];
	w->options.kept_max = 0;
	for (int pid = 10; pid < 14; pid++)
		add(w, pid, "app", 60000, 100);
	fixture_delete(fixture_path(&w->f, path, "proc/13/cmdline"));
	begin(w);
	tick(w);
	assert_int_equal(
		w->tick.count, 3); /* 13 had no name any more, and has no seat */
	fixture_delete(fixture_path(&w->f, path, "proc/10/statm"));
	fixture_delete(fixture_path(&w->f, path, "proc/11/stat"));
	fixture_delete(fixture_path(&w->f, path, "proc/12/status"));
	fixture_delete(fixture_path(&w->f, path, "proc/12/cgroup"));
	for (int i = 0; i < 7; i++)
		tick(w);
	assert_int_equal(w->tick.count, 1);
	assert_true(has(values(w, 12), PROCESS_rss_kb));
	/* The others' seats are free. */
	add(w, 20, "app", 0, 100);
	add(w, 21, "app", 0, 100);
	tick(w);
	tick(w);
	assert_true(w->tick.processes[find(w, 20)].slot < 3);
	assert_true(w->tick.processes[find(w, 21)].slot < 3);
}

static void a_wrong_clock_is_not_remembered(void **state)
{
	struct world *w = *state;
	const int64_t wrong[] = {-UNIX_MS, -5000, 1000, 5000, INT64_C(3000000000000)};
	add(w, 10, "app", 60000, 100);
	begin(w);
	tick(w);
	assert_int_equal(started(w, 10), UNIX_MS - 60000);
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		w->off_ms = wrong[i];
		add(w, 20 + (int)i, "app", 60000, 100);
		tick(w);
		assert_true(started(w, 10) >= WIRE_TIME_MIN_MS);
		assert_true(started(w, 20 + (int)i) >= WIRE_TIME_MIN_MS);
		w->off_ms = 0;
		tick(w);
		assert_in_range(
			started(w, 20 + (int)i), UNIX_MS - 61000, UNIX_MS - 59000);
		assert_in_range(started(w, 10), UNIX_MS - 61000, UNIX_MS - 59000);
	}
	/* The clocks are read one after the other: that is no step. */
	int64_t before = started(w, 10);
	w->off_ms = 3;
	tick(w);
	assert_int_equal(started(w, 10), before);
}

static void another_program_in_the_same_process_is_named_anew(void **state)
{
	struct world *w = *state;
	add(w, 10, "wrapper", 60000, 100);
	add(w, 11, "steady", 60000, 100);
	begin(w);
	tick(w);
	assert_string_equal(w->tick.processes[find(w, 10)].service, "wrapper");
	add(w, 10, "server", 60000, 100);
	for (int i = 0; i < 2; i++)
		tick(w);
	assert_string_equal(w->tick.processes[find(w, 10)].service, "server");
	assert_int_equal(w->tick.processes[find(w, 10)].slot, 0);
	assert_string_equal(w->tick.processes[find(w, 11)].service, "steady");
}

static void a_new_name_for_the_same_program_changes_nothing(void **state)
{
	struct world *w = *state;
	struct fixture_process p = {.pid = 10,
		.start_ticks = (BOOT_MS - 60000) / 10,
		.rss_pages = 100 * MIB,
		.shared_pages = MIB,
		.comm = "phase-0",
		.cmdline = "/usr/bin/app|serve"};
	fixture_add(&w->f, &p);
	begin(w);
	tick(w);
	for (int i = 0; i < 5; i++) {
		p.comm = i % 2 ? "phase-1" : "phase-2";
		fixture_add(&w->f, &p);
		tick(w);
		assert_string_equal(w->tick.processes[find(w, 10)].service, "app");
	}
}

static void a_pid_that_was_reused_is_found_without_another_fork(void **state)
{
	struct world *w = *state;
	w->options.kept_max = 0;
	set_forks(w, 100);
	add(w, 10, "app", 60000, 100);
	begin(w);
	tick(w);
	set_forks(w, 101);
	add(w, 10, "other", 20000, 100);
	tick(w); /* the old one is found to be gone */
	assert_int_equal(find(w, 10), -1);
	tick(w);
	assert_string_equal(w->tick.processes[find(w, 10)].service, "other");
}

/* Children of pm2, which is process 1 here. */
static void add_pm2(struct world *w)
{
	char root[PATH_MAX];
	const struct fixture_process daemon = {.pid = 1,
		.comm = "PM2 v7.0.4: God",
		.cmdline = "PM2 v7.0.4: God Daemon (/home/.pm2)||||"};
	fixture_add(&w->f, &daemon);
	fixture_link(&w->f, "proc/1/root", fixture_path(&w->f, root, "root"));
}

static void a_reload_that_overlaps_gives_the_seat_to_the_new_worker(void **state)
{
	struct world *w = *state;
	add_pm2(w);
	w->options.pss_budget_ms = 100;
	for (int pid = 10; pid < 12; pid++) {
		char file[64], text[16];
		snprintf(file, sizeof file, "root/home/.pm2/pids/web-%d.pid", pid);
		snprintf(text, sizeof text, "%d", pid);
		fixture_write(&w->f, file, text);
		add(w, pid, "node", 60000, 100);
	}
	begin(w);
	tick(w);
	assert_string_equal(w->tick.processes[find(w, 10)].service, "web");
	uint32_t slot = w->tick.processes[find(w, 10)].slot;
	/* 20 takes the place of 10, which goes on for a while. */
	fixture_write(&w->f, "root/home/.pm2/pids/web-10.pid", "20");
	add(w, 20, "node", 0, 100);
	for (int i = 0; i < 3; i++) {
		tick(w);
		size_t in_seat = 0;
		for (size_t k = 0; k < w->tick.count; k++) {
			assert_string_equal(w->tick.processes[k].service, "web");
			in_seat += w->tick.processes[k].slot == slot;
		}
		assert_int_equal(in_seat, 1);
	}
	assert_int_equal(find(w, 10), -1);
	assert_int_equal(w->tick.count, 2);
	assert_string_equal(w->tick.processes[find(w, 20)].service, "web");
	assert_int_equal(w->tick.processes[find(w, 20)].slot, slot);
	end(w, 10);
	tick(w);
	assert_int_equal(w->tick.count, 2);
}

int main(void)
{
#define IN_WORLD(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
	const struct CMUnitTest tests[] = {
		IN_WORLD(a_restart_keeps_its_seat_and_is_a_new_generation),
		IN_WORLD(a_reused_pid_is_another_process),
		IN_WORLD(a_reused_pid_of_the_same_program_is_a_new_generation),
		IN_WORLD(a_process_that_vanishes_between_two_reads_is_no_half_sample),
		IN_WORLD(a_wrong_clock_is_not_remembered),
		IN_WORLD(another_program_in_the_same_process_is_named_anew),
		IN_WORLD(a_new_name_for_the_same_program_changes_nothing),
		IN_WORLD(a_pid_that_was_reused_is_found_without_another_fork),
		IN_WORLD(a_reload_that_overlaps_gives_the_seat_to_the_new_worker),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
