/* The same words are told at once, then once a minute; and whose they are. */
#include "agent/warnings/tally.h"

#include "agent/lives.h"
#include "agent/warnings/groups.h"
#include "agent/warnings/whose.h"
#include "tests/unit/agent/folder.h"

struct told {
	size_t batches, warnings, processes, nobodys;
	uint64_t count;
	int64_t at_unix_ms;
	struct tally *tally;
};

static void on_batch(void *context, const struct wire_batch *batch)
{
	struct told *t = context;
	t->batches++;
	assert_in_range(batch->warning_count, 1, WIRE_WARNINGS_MAX);
	t->processes += batch->process_count;
	for (size_t i = 0; i < batch->warning_count; i++) {
		const struct wire_warning *w = &batch->warnings[i];
		t->warnings++;
		t->count += w->is.count;
		t->at_unix_ms = w->is.at_unix_ms;
		t->nobodys += !w->has_process;
		assert_true(!w->has_process || w->process < batch->process_count);
		assert_int_equal(w->is.field_count % 2, 0);
	}
}

static void add(
	struct told *t, const struct wire_process *life, int number, int64_t at_unix_ms)
{
	struct sign sign = {.kind = WARNING_MAX_LISTENERS};
	const struct tally_event event = {life, "log shop", at_unix_ms, 1};
	sign_put(&sign, "event", number % 2 ? "odd" : "even", 4);
	sign_put_number(&sign, "count", (uint64_t)number);
	tally_add(t->tally, &event, &sign);
}

static struct wire_process process(uint32_t pid, const char *service)
{
	return (struct wire_process){.service = service,
		.version = "1",
		.runtime = "node",
		.rule = "unit",
		.command = "node",
		.pid = pid,
		.start_ticks = 100 + pid,
		.started_unix_ms = 1000 * (int64_t)pid};
}

static void same_words_are_told_once_a_minute(void **state)
{
	(void)state;
	struct told t = {0};
	t.tally = tally_create(on_batch, &t);
	const struct wire_process a = process(1, "a"), b = process(2, "a");
	add(&t, &a, 2, 50);
	add(&t, &a, 4, 60);
	tally_run(t.tally, 1000, false);
	assert_int_equal(t.warnings, 1);
	assert_int_equal(t.count, 2);
	assert_int_equal(t.at_unix_ms, 50); /* when it was first seen */
	add(&t, &a, 6, 70);
	add(&t, &a, 8, 80);
	add(&t, &b, 8, 85);
	add(&t, NULL, 8, 86);
	add(&t, &a, 7, 90);
	tally_run(t.tally, 2000, false);
	assert_int_equal(t.warnings, 4);
	assert_int_equal(t.nobodys, 1);
	assert_int_equal(t.processes, 1 + 2);
	tally_run(t.tally, 60999, false);
	assert_int_equal(t.warnings, 4);
	tally_run(t.tally, 61000, false);
	assert_int_equal(t.warnings, 5);
	assert_int_equal(t.count, 2 + 3 + 2);
	assert_int_equal(t.at_unix_ms, 80); /* when it was seen last */
	add(&t, &a, 2, 95);
	tally_run(t.tally, 61001, true);
	assert_int_equal(t.count, 8);
	tally_destroy(t.tally);
}

static void more_words_than_it_keeps(void **state)
{
	(void)state;
	struct told t = {0};
	t.tally = tally_create(on_batch, &t);
	for (uint32_t i = 0; i < 4 * TALLY_WORDS_MAX; i++) {
		const struct wire_process p = process(i + 1, "a");
		add(&t, &p, 1, i);
		add(&t, &p, 1, i);
	}
	tally_run(t.tally, 1, false);
	assert_int_equal(t.count, 8 * TALLY_WORDS_MAX);
	assert_int_equal(t.warnings, 4 * TALLY_WORDS_MAX);
	tally_destroy(t.tally);
}

static bool wants(const void *context, const char *service)
{
	(void)context;
	(void)service;
	return true;
}

static void whose_a_sign_is(void **state)
{
	(void)state;
	struct folder folder;
	folder_make(&folder);
	/* A container whose own pid 7 is 30 here. */
	mkdir(folder_file(&folder, "30"), 0700);
	folder_store(
		folder_file(&folder, "30/status"), "Name:\tx\nNSpid:\t30\t7\n", 20);
	const struct lives_options options = {.procfs = folder.path, .wants = wants};
	struct lives *lives = lives_create(&options);
	struct wire_process all[] = {process(10, "shop"), process(20, "shop"),
		process(30, "shop"), process(40, "other")};
	struct processes_tick tick = {.processes = all, .count = 4};
	lives_tick(lives, &tick, 1000);
	struct whose w = {lives, folder.path, 2000};
	struct sign s = {.kind = WARNING_PATTERN};
	assert_int_equal(whose_is(&w, &s, "shop")->pid, 30);
	assert_null(whose_is(&w, &s, "nobody"));
	assert_null(whose_is(&w, &s, ""));
	s.pid = 20;
	assert_int_equal(whose_is(&w, &s, "shop")->pid, 20);
	assert_int_equal(whose_is(&w, &s, NULL)->pid, 20);
	s.pid = 7;
	assert_null(whose_is(&w, &s, NULL));
	assert_int_equal(whose_is(&w, &s, "shop")->pid, 30);
	s.pid = 40; /* a pid of its container that is another's here */
	assert_int_equal(whose_is(&w, &s, "shop")->pid, 30);
	/* What ends a process is of the one that has just ended. */
	s.pid = 0;
	memmove(&all[0], &all[1], 3 * sizeof *all);
	tick.count = 3;
	lives_tick(lives, &tick, 2000);
	assert_int_equal(whose_is(&w, &s, "shop")->pid, 30);
	s.kind = WARNING_HEAP_OUT_OF_MEMORY;
	assert_int_equal(whose_is(&w, &s, "shop")->pid, 10);
	w.now_unix_ms = 90000;
	assert_int_equal(whose_is(&w, &s, "shop")->pid, 30);
	lives_destroy(lives);
	folder_remove(&folder);
}

struct kills {
	uint64_t times;
	uint32_t pid;
};

static void on_kill(
	void *context, const struct wire_process *p, uint64_t times, int64_t at_unix_ms)
{
	struct kills *k = context;
	k->times += times;
	k->pid = p->pid;
	assert_true(at_unix_ms > 0);
}

static void put_kills(const struct folder *f, int v2, const char *number)
{
	char text[128], name[64];
	int length = snprintf(text, sizeof text, "low 0\noom 1\noom_kill %s\n", number);
	snprintf(name, sizeof name, "%s",
		v2 ? "cg/shop/memory.events" : "cg/memory/shop/memory.oom_control");
	folder_store(folder_file(f, name), text, (size_t)length);
}

/* Groups of the version, made of files; the rest is as on a host. */
static void groups_count_kills(int v2)
{
	struct folder f;
	struct kills kills = {0};
	const struct wire_process all[] = {process(10, "shop"), process(20, "shop")};
	folder_make(&f);
	static const char *const folders[] = {
		"10", "20", "cg", "cg/shop", "cg/memory", "cg/memory/shop"};
	for (size_t i = 0; i < sizeof folders / sizeof *folders; i++)
		mkdir(folder_file(&f, folders[i]), 0700);
	const char *place = v2 ? "0::/shop\n" : "4:memory:/shop\n0::/\n";
	if (v2)
		folder_store(folder_file(&f, "cg/cgroup.controllers"), "memory\n", 7);
	for (int pid = 10; pid <= 20; pid += 10) {
		char name[32];
		snprintf(name, sizeof name, "%d/cgroup", pid);
		folder_store(folder_file(&f, name), place, strlen(place));
		snprintf(name, sizeof name, "%d/stat", pid);
		folder_store(folder_file(&f, name), "x", 1);
	}
	put_kills(&f, v2, "3");
	char *root = strdup(folder_file(&f, "cg"));
	struct groups *g = groups_create(f.path, root, on_kill, &kills);
	groups_follow(g, all, 2);
	groups_run(g, 1000, 1);
	put_kills(&f, v2, "5");
	unlink(folder_file(&f, "20/stat"));
	/* Version 1 has to be asked, every half minute. */
	int64_t ms = v2 ? 2000 : 32000;
	groups_run(g, ms, 2);
	assert_int_equal(kills.times, 0);
	groups_follow(g, all, 1);
	groups_run(g, ms + 2000, 3);
	assert_int_equal(kills.times, 2);
	assert_int_equal(kills.pid, 20);
	/* What the kernel has told is not told again. */
	put_kills(&f, v2, "6");
	groups_known(g, 10, ms + 3000);
	groups_run(g, ms + 33000, 4);
	groups_run(g, ms + 36000, 5);
	assert_int_equal(kills.times, 2);
	put_kills(&f, v2, "7");
	groups_run(g, ms + 70000, 6);
	groups_run(g, ms + 73000, 7);
	assert_int_equal(kills.times, 3);
	assert_int_equal(kills.pid, 10); /* it lives: a child of it was killed */
	groups_follow(g, NULL, 0);
	groups_run(g, ms + 90000, 8);
	groups_destroy(g);
	free(root);
	folder_remove(&f);
}

static void kills_of_groups_version_2(void **state)
{
	(void)state;
	groups_count_kills(1);
}

static void kills_of_groups_version_1(void **state)
{
	(void)state;
	groups_count_kills(0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(same_words_are_told_once_a_minute),
		cmocka_unit_test(more_words_than_it_keeps),
		cmocka_unit_test(whose_a_sign_is),
		cmocka_unit_test(kills_of_groups_version_2),
		cmocka_unit_test(kills_of_groups_version_1),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
