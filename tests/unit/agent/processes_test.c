/* Who is followed, who is summed, and what a tick says of them, on a small procfs. */
#include "tests/unit/agent/processes_world.h"

static void large_processes_are_followed_and_small_ones_summed(void **state)
{
	struct world *w = *state;
	add(w, 10, "large", 60000, 100);
	add(w, 11, "small", 60000, 8);
	add(w, 12, "tiny", 60000, 4);
	begin(w);
	tick(w);
	assert_int_equal(w->tick.count, 1);
	const struct wire_process *p = &w->tick.processes[0];
	assert_string_equal(p->service, "large");
	assert_string_equal(p->rule, "program");
	assert_string_equal(p->command, "large");
	assert_int_equal(p->slot, 0);
	assert_int_equal(p->started_unix_ms, UNIX_MS - 60000);
	assert_int_equal(p->start_ticks, (BOOT_MS - 60000) / 10);
	const struct wire_values *v = values(w, 10);
	assert_int_equal(v->value[PROCESS_rss_kb], 100 * 1024);
	assert_int_equal(v->value[PROCESS_rss_anon_kb], 75 * 1024);
	assert_int_equal(v->value[PROCESS_cpu_ms], 3000);
	assert_int_equal(v->value[PROCESS_threads], 3);
	assert_int_equal(v->value[PROCESS_swap_kb], 5);
	assert_int_equal(host(w, HOST_mem_total_kb), 8000000);
	assert_int_equal(host(w, HOST_processes), 3);
	assert_int_equal(host(w, HOST_rest_processes), 2);
	assert_int_equal(host(w, HOST_rest_rss_kb), 12 * 1024);
	assert_int_equal(host(w, HOST_rest_anon_kb), 9 * 1024);
}

static void short_lived_processes_take_no_seat(void **state)
{
	struct world *w = *state;
	begin(w);
	for (int pid = 20; pid < 30; pid++) {
		/* A compiler's life: large, and gone before the next tick. */
		const struct fixture_process p = {.pid = pid,
			.comm = "cc1",
			.start_ticks = (uint64_t)((BOOT_MS + w->age_ms - 3000) / 10),
			.rss_pages = 200 * MIB};
		fixture_add(&w->f, &p);
		tick(w);
		assert_int_equal(w->tick.count, 0);
		assert_int_equal(host(w, HOST_rest_rss_kb), 200 * 1024);
		end(w, pid);
	}
	assert_false(slots_changed(w->slots));
}

static void a_process_is_followed_once_it_has_lived_an_interval(void **state)
{
	struct world *w = *state;
	add(w, 10, "app", 3000, 100);
	begin(w);
	tick(w);
	assert_int_equal(find(w, 10), -1);
	tick(w);
	assert_true(find(w, 10) >= 0);
	assert_int_equal(host(w, HOST_rest_processes), 0);
}

static void a_process_that_grows_is_followed_from_then_on(void **state)
{
	struct world *w = *state;
	add(w, 10, "app", 60000, 8);
	begin(w);
	tick(w);
	assert_int_equal(find(w, 10), -1);
	add(w, 10, "app", 60000, 17);
	for (int i = 0; i < 6; i++) /* small ones are looked at once a minute */
		tick(w);
	assert_true(find(w, 10) >= 0);
	add(w, 10, "app", 60000, 1);
	for (int i = 0; i < 12; i++) {
		tick(w);
		assert_true(find(w, 10) >= 0); /* however small it gets */
	}
}

static void a_configured_process_is_followed_however_small(void **state)
{
	struct world *w = *state;
	const struct target_rule rule = {.service = "Worker", .command = "work*"};
	w->options.rules = &rule;
	w->options.rule_count = 1;
	add(w, 10, "worker", 60000, 1);
	add(w, 11, "other", 60000, 1);
	begin(w);
	tick(w);
	assert_int_equal(w->tick.count, 1);
	assert_string_equal(w->tick.processes[0].service, "Worker");
	assert_string_equal(w->tick.processes[0].rule, "configured");
}

static void who_watches_is_followed_however_small(void **state)
{
	struct world *w = *state;
	add(w, 10, "tidemark-agent", 60000, 1);
	add(w, 11, "tidemark-scout", 60000, 1);
	add(w, 12, "tidemark-server", 60000, 1);
	add(w, 13, "tidemark-other", 60000, 1);
	begin(w);
	tick(w);
	assert_int_equal(w->tick.count, 3);
	assert_true(find(w, 10) >= 0 && find(w, 11) >= 0 && find(w, 12) >= 0);
}

static void kernel_threads_and_zombies_are_not_counted_as_memory(void **state)
{
	struct world *w = *state;
	const struct fixture_process kthread = {.pid = 2,
		.comm = "kworker/0:1-events",
		.flags = 0x00200000,
		.rss_pages = 1000 * MIB};
	fixture_add(&w->f, &kthread);
	add(w, 10, "app", 60000, 100);
	add(w, 11, "gone", 60000, 100);
	fixture_write(&w->f, "proc/11/stat",
		"11 (gone) Z 1 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 5 0 0\n");
	begin(w);
	tick(w);
	assert_int_equal(w->tick.count, 1);
	assert_int_equal(host(w, HOST_processes), 2);
	assert_int_equal(host(w, HOST_rest_rss_kb), 0);
}

static void what_is_ignored_is_summed_and_asked_about_once(void **state)
{
	struct world *w = *state;
	const struct target_rule rules[] = {
		{.service = "junk", .found = "back*", .ignore = true},
		{.service = "junk", .command = "tiny", .ignore = true},
		{.service = "shop", .found = "app"},
	};
	w->options.rules = rules;
	w->options.rule_count = 3;
	add(w, 10, "backup", 60000, 100);
	add(w, 11, "app", 60000, 100);
	add(w, 12, "tiny", 60000, 1);
	begin(w);
	tick(w);
	tick(w);
	assert_int_equal(w->tick.count, 1);
	assert_string_equal(w->tick.processes[0].service, "shop");
	assert_string_equal(w->tick.processes[0].rule, "configured");
	assert_int_equal(w->tick.host.value[HOST_rest_processes], 2);
	assert_int_equal(w->tick.host.value[HOST_rest_rss_kb], 101 * 1024);
	/* It becomes a program that is wanted. */
	add(w, 10, "app", 60000, 100);
	for (int i = 0; i < 8; i++)
		tick(w);
	assert_int_equal(w->tick.count, 2);
}

/* A program that calls itself something else each time, but is the same. */
static void new_processes_are_looked_for_when_the_machine_has_forked(void **state)
{
	struct world *w = *state;
	w->options.kept_max = 0; /* descriptors of a fixture outlive its processes */
	set_forks(w, 100);
	add(w, 10, "app", 60000, 100);
	begin(w);
	tick(w);
	add(w, 11, "app", 60000, 100);
	tick(w);
	assert_int_equal(find(w, 11), -1);
	set_forks(w, 101);
	tick(w);
	assert_true(find(w, 11) >= 0);
	end(w, 10); /* needs no fork to be noticed */
	tick(w);
	assert_int_equal(find(w, 10), -1);
	assert_int_equal(host(w, HOST_processes), 1);
}

static void a_restart_of_the_agent_keeps_following_and_the_seats(void **state)
{
	struct world *w = *state;
	add(w, 10, "app", 60000, 100);
	add(w, 11, "app", 60000, 100);
	begin(w);
	tick(w);
	uint32_t slots[2] = {w->tick.processes[find(w, 10)].slot,
		w->tick.processes[find(w, 11)].slot};
	struct buf text = {0};
	slots_format(w->slots, UNIX_MS, &text);
	processes_close(w->processes);
	slots_destroy(w->slots);

	w->options.slots = w->slots = slots_create("boot");
	struct err e;
	assert_true(slots_parse(w->slots, text.data, UNIX_MS, &e));
	buf_finish(&text);
	add(w, 10, "app", 60000, 2); /* small by now, but still followed */
	add(w, 5, "app", 60000, 100);
	begin(w);
	tick(w);
	assert_int_equal(w->tick.count, 3);
	assert_int_equal(w->tick.processes[find(w, 10)].slot, slots[0]);
	assert_int_equal(w->tick.processes[find(w, 11)].slot, slots[1]);
	assert_int_equal(w->tick.processes[find(w, 5)].slot, 2);
}

static void minutely_values_come_once_a_minute_spread_over_the_ticks(void **state)
{
	struct world *w = *state;
	for (int pid = 100; pid < 112; pid++)
		add(w, pid, "app", 60000, 20);
	begin(w);
	tick(w);
	for (int pid = 100; pid < 112; pid++) /* the first sample is whole */
		assert_true(has(values(w, pid), PROCESS_rss_file_kb));
	int with[12] = {0};
	for (int i = 0; i < 6; i++) {
		tick(w);
		int in_this_tick = 0;
		for (int pid = 100; pid < 112; pid++) {
			const struct wire_values *v = values(w, pid);
			assert_true(has(v, PROCESS_rss_anon_kb)); /* at each tick */
			bool whole = has(v, PROCESS_rss_file_kb);
			in_this_tick += whole;
			with[pid - 100] += whole;
		}
		assert_int_equal(in_this_tick, 2);
	}
	for (int i = 0; i < 12; i++)
		assert_int_equal(with[i], 1);
}

/* Linux before 6.2 gives the folder no size: its entries are counted. */
static void descriptors_are_counted_where_the_kernel_does_not(void **state)
{
	struct world *w = *state;
	char name[64];
	add(w, 10, "app", 60000, 100);
	add(w, 12, "closed", 60000, 100);
	for (int i = 0; i < 37; i++) {
		snprintf(name, sizeof name, "proc/10/fd/%d", i);
		fixture_link(&w->f, name, "/dev/null");
	}
	w->options.fds_budget = 200;
	begin(w);
	tick(w);
	assert_true(has(values(w, 10), PROCESS_fds));
	assert_int_equal(values(w, 10)->value[PROCESS_fds], 37);
	assert_false(has(values(w, 12), PROCESS_fds));
	/* More than a tick may count is not told at all. */
	add(w, 11, "greedy", 60000, 100);
	for (int i = 0; i < 300; i++) {
		snprintf(name, sizeof name, "proc/11/fd/%d", i);
		fixture_link(&w->f, name, "/dev/null");
	}
	tick(w);
	assert_false(has(values(w, 11), PROCESS_fds));
}

static void set_status(struct world *w, int pid, int file_kb)
{
	char name[64], text[128];
	snprintf(name, sizeof name, "proc/%d/status", pid);
	snprintf(text, sizeof text, "RssFile:\t %d kB\nVmSwap:\t 7 kB\n", file_kb);
	fixture_write(&w->f, name, text);
}

static void minute(struct world *w)
{
	for (int i = 0; i < 6; i++)
		tick(w);
}

static void status_is_read_again_when_memory_has_changed_or_after_a_while(void **state)
{
	struct world *w = *state;
	add(w, 11, "app", 60000, 20);
	begin(w);
	tick(w);
	tick(w);
	while (!has(values(w, 11), PROCESS_rss_file_kb))
		tick(w);
	assert_int_equal(values(w, 11)->value[PROCESS_rss_file_kb], 1000);
	set_status(w, 11, 2000);
	minute(w); /* asleep, as far as statm knows */
	assert_int_equal(values(w, 11)->value[PROCESS_rss_file_kb], 1000);
	assert_int_equal(values(w, 11)->value[PROCESS_swap_kb], 5);
	add(w, 11, "app", 60000, 21);
	set_status(w, 11, 3000);
	minute(w);
	assert_int_equal(values(w, 11)->value[PROCESS_rss_file_kb], 3000);
	assert_int_equal(values(w, 11)->value[PROCESS_swap_kb], 7);
	assert_false(has(values(w, 11), PROCESS_rss_shmem_kb)); /* no longer said */
	const struct fixture_process other_split = {
		.pid = 11,
		.comm = "app",
		.start_ticks = (uint64_t)((BOOT_MS - 60000) / 10),
		.rss_pages = 21 * MIB,
		.shared_pages = 1 * MIB,
	};
	fixture_add(&w->f, &other_split);
	set_status(w, 11, 3500);
	minute(w);
	assert_int_equal(values(w, 11)->value[PROCESS_rss_file_kb], 3500);
	set_status(w, 11, 4000);
	for (int i = 0; i < 11; i++)
		minute(w);
	assert_int_equal(values(w, 11)->value[PROCESS_rss_file_kb], 4000);
}

static void add_pss(struct world *w, int pid)
{
	char name[64];
	snprintf(name, sizeof name, "proc/%d/smaps_rollup", pid);
	fixture_write(&w->f, name, "Rss: 9 kB\nPss: 1234 kB\n");
}

static void pss_is_read_inside_its_budget(void **state)
{
	struct world *w = *state;
	w->options.pss_budget_ms = 40;
	add(w, 10, "small", 60000, 20);  /* predicted: 260 µs */
	add(w, 11, "huge", 60000, 4000); /* predicted: 48 ms */
	add_pss(w, 10);
	add_pss(w, 11);
	begin(w);
	int small = 0;
	for (int i = 0; i < 7; i++) {
		tick(w);
		small += has(values(w, 10), PROCESS_pss_kb);
		assert_false(has(values(w, 11), PROCESS_pss_kb));
	}
	assert_int_equal(small, 2); /* at first, and a minute later */
	assert_int_equal(values(w, 10)->value[PROCESS_pss_kb], 1234);
}

static void pss_is_said_again_while_rss_stays(void **state)
{
	struct world *w = *state;
	w->options.pss_budget_ms = 40;
	add(w, 10, "idle", 60000, 20);
	add_pss(w, 10);
	begin(w);
	tick(w);
	assert_int_equal(values(w, 10)->value[PROCESS_pss_kb], 1234);
	fixture_write(&w->f, "proc/10/smaps_rollup", "Rss: 9 kB\nPss: 4321 kB\n");
	int said = 0, minutes = 0;
	while (minutes < 12 && said != 4321) {
		tick(w);
		if (!has(values(w, 10), PROCESS_pss_kb))
			continue;
		said = (int)values(w, 10)->value[PROCESS_pss_kb];
		minutes++;
	}
	assert_int_equal(minutes, 11); /* ten times as it was, then read */
}

static void pss_gives_everybody_a_turn(void **state)
{
	struct world *w = *state;
	w->options.pss_budget_ms = 1;
	for (int pid = 10; pid < 30; pid++) {
		/* 992 µs: after one there is no time for a second, so a minute is too
		 * short for all */
		add(w, pid, "app", 60000, 81);
		add_pss(w, pid);
	}
	begin(w);
	int read[20] = {0};
	for (int i = 0; i < 80; i++) {
		tick(w);
		for (int pid = 10; pid < 30; pid++)
			read[pid - 10] += has(values(w, pid), PROCESS_pss_kb);
	}
	for (int i = 0; i < 20; i++)
		assert_true(read[i] >= 1);
}

static void pss_that_is_forbidden_is_not_asked_for_again(void **state)
{
	struct world *w = *state;
	w->options.pss_budget_ms = 100;
	add(w, 10, "app", 60000, 20);
	begin(w);
	tick(w);
	add_pss(w, 10);
	for (int i = 0; i < 7; i++) {
		tick(w);
		assert_false(has(values(w, 10), PROCESS_pss_kb));
	}
}

static void without_descriptors_to_keep_all_is_read_the_same(void **state)
{
	struct world *w = *state;
	w->options.kept_max = 3; /* enough for one of them */
	add(w, 10, "a", 60000, 20);
	add(w, 11, "b", 60000, 30);
	begin(w);
	for (int i = 0; i < 3; i++) {
		tick(w);
		assert_int_equal(values(w, 10)->value[PROCESS_rss_kb], 20 * 1024);
		assert_int_equal(values(w, 11)->value[PROCESS_rss_kb], 30 * 1024);
	}
}

static void control_groups_are_told_with_their_processes(void **state)
{
	struct world *w = *state;
	fixture_write(&w->f, "cg/cgroup.controllers", "memory\n");
	fixture_write(&w->f, "cg/shop/memory.current", "1048576\n");
	fixture_write(&w->f, "cg/shop/memory.max", "2097152\n");
	add(w, 10, "app", 60000, 20);
	fixture_write(&w->f, "proc/10/cgroup", "0::/shop\n");
	begin(w);
	tick(w);
	tick(w);
	assert_int_equal(values(w, 10)->value[PROCESS_cgroup_usage_kb], 1024);
	assert_int_equal(values(w, 10)->value[PROCESS_cgroup_limit_kb], 2048);
	end(w, 10);
	tick(w);
	assert_int_equal(w->tick.count, 0);
}

static void texts_that_are_no_procfs_do_not_stop_the_tick(void **state)
{
	struct world *w = *state;
	add(w, 10, "app", 60000, 20);
	fixture_write(&w->f, "proc/11/stat", "not a stat");
	fixture_write(&w->f, "proc/12/statm", "1 2 3");
	fixture_write(&w->f, "proc/99999999999/stat", "1");
	fixture_write(&w->f, "proc/13x/stat", "1");
	add(w, 14, "app", 60000, 20);
	fixture_write(&w->f, "proc/14/statm", "");
	begin(w);
	tick(w);
	tick(w);
	assert_true(find(w, 10) >= 0);
	assert_int_equal(w->tick.count, 1);
}

static void a_missing_procfs_is_said_at_the_start(void **state)
{
	struct world *w = *state;
	w->options.procfs = "/nowhere/at/all";
	struct err e;
	assert_false(processes_open(&w->options, &w->processes, &e));
	assert_int_equal(e.kind, ERR_IO);
	assert_non_null(strstr(e.text, "/nowhere/at/all"));
}

int main(void)
{
#define IN_WORLD(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
	const struct CMUnitTest tests[] = {
		IN_WORLD(large_processes_are_followed_and_small_ones_summed),
		IN_WORLD(short_lived_processes_take_no_seat),
		IN_WORLD(a_process_is_followed_once_it_has_lived_an_interval),
		IN_WORLD(a_process_that_grows_is_followed_from_then_on),
		IN_WORLD(a_configured_process_is_followed_however_small),
		IN_WORLD(who_watches_is_followed_however_small),
		IN_WORLD(kernel_threads_and_zombies_are_not_counted_as_memory),
		IN_WORLD(what_is_ignored_is_summed_and_asked_about_once),
		IN_WORLD(descriptors_are_counted_where_the_kernel_does_not),
		IN_WORLD(new_processes_are_looked_for_when_the_machine_has_forked),
		IN_WORLD(a_restart_of_the_agent_keeps_following_and_the_seats),
		IN_WORLD(minutely_values_come_once_a_minute_spread_over_the_ticks),
		IN_WORLD(status_is_read_again_when_memory_has_changed_or_after_a_while),
		IN_WORLD(pss_is_read_inside_its_budget),
		IN_WORLD(pss_is_said_again_while_rss_stays),
		IN_WORLD(pss_gives_everybody_a_turn),
		IN_WORLD(pss_that_is_forbidden_is_not_asked_for_again),
		IN_WORLD(without_descriptors_to_keep_all_is_read_the_same),
		IN_WORLD(control_groups_are_told_with_their_processes),
		IN_WORLD(texts_that_are_no_procfs_do_not_stop_the_tick),
		IN_WORLD(a_missing_procfs_is_said_at_the_start),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
