/*
 * Jobs: children that work, lie, hang and die.
 *
 * A job's child is this same program with the argument "snapshot-job", as it is with
 * the agent: with HOSTILE in the environment it behaves as that says.
 */
#include "agent/capture/job.h"

#include "agent/capture/frames.h"
#include "agent/capture/notice.h"
#include "agent/capture/turn.h"
#include "common/clock.h"
#include "tests/unit/agent/capture/live_node.h"
#include "tests/unit/agent/folder.h"
#include "tests/unit/cmocka_all.h"

#include <inttypes.h>

struct world {
	struct folder folder;
	struct job_settings settings;
	struct wire_process process;
	struct wire_batch about;
	struct snapshot_order order;
	struct job_order job_order;
	struct arena arena;
};

static void setup(struct world *w, const struct live_node *n)
{
	*w = (struct world){0};
	folder_make(&w->folder);
	folder_store(folder_file(&w->folder, "agent.key"), "secret", 6);
	arena_init(&w->arena);
	w->settings = (struct job_settings){
		.state_dir = w->folder.path,
		.procfs = "/proc",
		.cgroupfs = "/sys/fs/cgroup",
		.pause_max_ms = 60000,
		.cooldown_ms = 0,
		.memory_max_bytes = UINT64_C(1) << 30,
		.raw_max_bytes = 100 << 20,
	};
	w->process = (struct wire_process){
		.service = "cache",
		.version = "1.0.0",
		.runtime = "node",
		.rule = "script",
		.command = "node cache.js",
		.pid = (uint32_t)n->pid,
		.started_unix_ms = clock_unix_ms(),
		.start_ticks = 1,
	};
	w->about = (struct wire_batch){
		.boot_id = "5d1dd9d5-3f4e-4a0b-9c9f-000000000000",
		.machine_id = "00112233445566778899aabbccddeeff",
		.hostname = "host",
		.kernel = "6.1",
		.cpus = 2,
		.interval_ms = 10000,
		.processes = &w->process,
		.process_count = 1,
	};
	w->order = (struct snapshot_order){
		.capture = 77,
		.kind = SNAPSHOT_ORDER_TAKE,
		.pid = (uint32_t)n->pid,
		.service = "cache",
		.route = "inspector",
	};
	w->job_order = (struct job_order){
		.order = &w->order, .about = &w->about, .actor = ""};
}

static void teardown(struct world *w)
{
	arena_finish(&w->arena);
	folder_remove(&w->folder);
}

struct heard {
	struct wire_snapshot_event events[64];
	size_t count;
	bool has_snapshot;
	struct snapshot snapshot;
};

static void hear(struct world *w, const struct buf *bytes, struct heard *h)
{
	struct wire_batch batch;
	struct err e;
	if (!wire_batch_decode(
		    bytes->data, bytes->length, clock_unix_ms(), &w->arena, &batch, &e))
		fail_msg("%s", e.text);
	assert_int_equal(batch.event_count, 1);
	assert_true(h->count < 64);
	h->events[h->count++] = batch.events[0];
	if (batch.snapshot_count) {
		h->has_snapshot = true;
		h->snapshot = batch.snapshots[0].is;
		assert_int_equal(batch.snapshots[0].process, 0);
		assert_string_equal(batch.processes[0].service, "cache");
	}
}

/* Until it ends; fails when that takes too long. */
static void listen_to(struct world *w, struct job *j, struct heard *h, int limit_ms)
{
	struct buf bytes = {0};
	int64_t until_ms = clock_mono_ms() + limit_ms;
	enum job_state state;
	*h = (struct heard){0};
	while ((state = job_read(j, &bytes)) != JOB_ENDED) {
		assert_true(clock_mono_ms() < until_ms);
		if (state == JOB_BATCH) {
			hear(w, &bytes, h);
			buf_reset(&bytes);
			continue;
		}
		struct pollfd p = {.fd = job_fd(j), .events = POLLIN};
		poll(&p, 1, 100);
	}
	assert_true(h->count > 0);
	buf_finish(&bytes);
}

static const struct snapshot_event *last(const struct heard *h)
{
	return &h->events[h->count - 1].is;
}

static void run(struct world *w, struct heard *h, int limit_ms)
{
	struct job *j;
	struct err e;
	if (!job_start(&w->settings, &w->job_order, &j, &e))
		fail_msg("%s", e.text);
	listen_to(w, j, h, limit_ms);
	job_destroy(j);
}

static const struct snapshot_class *class_of(const struct snapshot *s, const char *name)
{
	for (size_t i = 0; i < s->classes_length; i++) {
		if (strcmp(s->classes[i].is.name, name) == 0)
			return &s->classes[i];
	}
	return NULL;
}

static void a_live_process_becomes_a_summary(void **state)
{
	struct live_node n;
	struct world w;
	struct heard h;
	(void)state;
	assert_true(live_node_start(&n, NULL, 3000, false));
	setup(&w, &n);
	run(&w, &h, 60000);
	if (last(&h)->state != SNAPSHOT_DONE)
		fail_msg("%s", last(&h)->text);
	assert_int_equal(h.events[0].is.state, SNAPSHOT_RUNNING);
	assert_true(h.events[0].is.has_card);
	assert_true(h.events[0].is.card.heap_is_measured);
	assert_int_equal(last(&h)->capture, 77);
	assert_true(h.has_snapshot);
	const struct snapshot *s = &h.snapshot;
	assert_int_equal(s->capture, 77);
	assert_int_equal(s->kind, SNAPSHOT_V8);
	assert_string_equal(s->route, "inspector");
	const struct snapshot_class *account = class_of(s, "Account");
	assert_non_null(account);
	assert_int_equal(account->count, 3000);
	assert_true(s->process.pause_ms > 0);
	assert_int_equal(strncmp(s->process.runtime, "node ", 5), 0);
	assert_int_equal(s->growth.verdict, SNAPSHOT_NOT_COMPARED);
	assert_true(live_node_refuses_inspector());
	assert_int_equal(live_node_get(&n, "/", 2000), 3000);

	/* A second one tells what grew since. */
	assert_int_equal(live_node_get(&n, "/add?n=3000", 5000), 6000);
	run(&w, &h, 60000);
	assert_int_equal(last(&h)->state, SNAPSHOT_DONE);
	assert_int_equal(h.snapshot.growth.verdict, SNAPSHOT_ACCUMULATION);
	print_message("%s\n", h.snapshot.growth.words);
	assert_non_null(strstr(h.snapshot.growth.words, "accountCache"));
	assert_int_equal(h.snapshot.growth.holder.child_count, 3000);
	live_node_stop(&n);
	teardown(&w);
}

static void a_quote_costs_nothing_and_says_what_would(void **state)
{
	struct live_node n;
	struct world w;
	struct heard h;
	(void)state;
	assert_true(live_node_start(&n, NULL, 2000, false));
	setup(&w, &n);
	w.order.kind = SNAPSHOT_ORDER_QUOTE;
	w.settings.pause_max_ms = 10;
	run(&w, &h, 20000);
	assert_int_equal(h.count, 1);
	assert_int_equal(last(&h)->state, SNAPSHOT_QUOTED);
	assert_int_equal(last(&h)->card.gate, SNAPSHOT_ASKS);
	assert_true(last(&h)->card.heap_is_measured);
	assert_true(last(&h)->card.pause_ms > 100);
	assert_true(live_node_refuses_inspector());

	/* Taking it needs the operator's word. */
	w.order.kind = SNAPSHOT_ORDER_TAKE;
	run(&w, &h, 20000);
	assert_int_equal(last(&h)->state, SNAPSHOT_DENIED);
	w.order.overrules = true;
	run(&w, &h, 60000);
	assert_int_equal(last(&h)->state, SNAPSHOT_DONE);

	/* Another life with this number, and an order that came too late. */
	w.order.start_ticks = 12345;
	run(&w, &h, 20000);
	assert_int_equal(last(&h)->state, SNAPSHOT_DENIED);
	assert_non_null(strstr(last(&h)->card.reasons, "belongs to another"));
	w.order.deadline_unix_ms = clock_unix_ms() - 1;
	run(&w, &h, 20000);
	assert_int_equal(last(&h)->state, SNAPSHOT_FAILED);
	assert_non_null(strstr(last(&h)->text, "too late"));
	live_node_stop(&n);
	teardown(&w);
}

static pid_t child_of_job(pid_t parent)
{
	for (int pid = parent + 1; pid < parent + 2000; pid++) {
		char path[64], text[256] = "";
		int ppid = 0;
		snprintf(path, sizeof path, "/proc/%d/stat", pid);
		FILE *file = fopen(path, "re");
		if (!file)
			continue;
		if (fgets(text, sizeof text, file))
			sscanf(strrchr(text, ')') + 4, "%d", &ppid);
		fclose(file);
		if (ppid == (int)parent && !strstr(text, "(node)"))
			return pid;
	}
	return 0;
}

/* The warden closes what a helper that was ended has left open. */
static void a_helper_that_dies_leaves_nothing_open(void **state)
{
	struct live_node n;
	struct world w;
	struct heard h;
	struct job *j;
	struct err e;
	(void)state;
	assert_true(live_node_start(&n, NULL, 30000, false));
	setup(&w, &n);
	assert_true(job_start(&w.settings, &w.job_order, &j, &e));
	while (live_node_refuses_inspector())
		usleep(5000);
	usleep(150 * 1000);
	pid_t child = child_of_job(getpid());
	assert_true(child > 0);
	assert_int_equal(kill(child, SIGKILL), 0);
	listen_to(&w, j, &h, 60000);
	int64_t ended_ms = clock_mono_ms();
	assert_int_equal(last(&h)->state, SNAPSHOT_FAILED);
	print_message("%s\n", last(&h)->text);
	assert_non_null(strstr(last(&h)->text, "inspector was "));
	assert_true(live_node_refuses_inspector());
	assert_true(live_node_is_alive(&n));
	assert_int_equal(live_node_get(&n, "/", 5000), 30000);
	assert_true(clock_mono_ms() - ended_ms < 2000);
	job_destroy(j);
	live_node_stop(&n);
	teardown(&w);
}

static void a_job_that_is_dropped_closes_its_door(void **state)
{
	struct live_node n;
	struct world w;
	struct job *j;
	struct err e;
	struct turn turn;
	(void)state;
	assert_true(live_node_start(&n, NULL, 100, false));
	setup(&w, &n);
	assert_true(job_start(&w.settings, &w.job_order, &j, &e));
	while (live_node_refuses_inspector())
		usleep(1000);
	job_destroy(j);
	assert_true(live_node_refuses_inspector());
	assert_int_equal(live_node_get(&n, "/", 2000), 100);
	/* Its warden may still look whether the inspector opens late. */
	int64_t until_ms = clock_mono_ms() + 8000;
	while (!turn_take(&turn, &e) && clock_mono_ms() < until_ms)
		usleep(20 * 1000);
	assert_true(turn.fd >= 0);
	turn_give(&turn);
	live_node_stop(&n);
	teardown(&w);
}

static void two_jobs_at_once_are_one_too_many(void **state)
{
	struct live_node n;
	struct world w;
	struct heard h;
	struct job *first;
	struct err e;
	(void)state;
	assert_true(live_node_start(&n, NULL, 10000, false));
	setup(&w, &n);
	assert_true(job_start(&w.settings, &w.job_order, &first, &e));
	while (live_node_refuses_inspector())
		usleep(1000);
	run(&w, &h, 20000);
	assert_int_equal(last(&h)->state, SNAPSHOT_DENIED);
	assert_string_equal(
		last(&h)->card.reasons, "another capture is running on this host");
	listen_to(&w, first, &h, 60000);
	assert_int_equal(last(&h)->state, SNAPSHOT_DONE);
	job_destroy(first);
	live_node_stop(&n);
	teardown(&w);
}

static void a_raw_file_is_kept_when_asked_for(void **state)
{
	struct live_node n;
	struct world w;
	struct heard h;
	(void)state;
	assert_true(live_node_start(&n, NULL, 2000, false));
	setup(&w, &n);
	w.order.keep_raw = true;
	run(&w, &h, 60000);
	assert_int_equal(last(&h)->state, SNAPSHOT_DONE);
	assert_int_equal(h.snapshot.raw_bytes, h.snapshot.stream_bytes);
	assert_int_equal(access(folder_file(&w.folder, "raw/77/index"), F_OK), 0);

	w.settings.raw_max_bytes = 100000;
	w.order.capture = 78;
	run(&w, &h, 60000);
	assert_int_equal(last(&h)->state, SNAPSHOT_DONE);
	assert_int_equal(h.snapshot.raw_bytes, 0);
	assert_non_null(strstr(last(&h)->text, "the raw file was not kept"));
	live_node_stop(&n);
	teardown(&w);
}

/* Time is up while the target builds its snapshot. */
static void an_overrun_is_ended(void **state)
{
	struct live_node n;
	struct world w;
	struct heard h;
	(void)state;
	assert_true(live_node_start(&n, NULL, 20000, false));
	setup(&w, &n);
	w.settings.limit_ms = 1000;
	int64_t begun_ms = clock_mono_ms();
	run(&w, &h, 60000);
	assert_true(clock_mono_ms() - begun_ms >= 1000);
	assert_int_equal(last(&h)->state, SNAPSHOT_FAILED);
	assert_non_null(strstr(last(&h)->text, "took longer than 1 s and was ended"));
	assert_true(live_node_refuses_inspector());
	assert_int_equal(live_node_get(&n, "/", 5000), 20000);
	live_node_stop(&n);
	teardown(&w);
}

static void short_memory_gives_a_shallow_table(void **state)
{
	struct live_node n;
	struct world w;
	struct heard h;
	(void)state;
	assert_true(live_node_start(&n, NULL, 3000, false));
	setup(&w, &n);
	w.settings.memory_max_bytes = 4 << 20;
	run(&w, &h, 60000);
	assert_int_equal(last(&h)->state, SNAPSHOT_DONE);
	assert_int_equal(h.snapshot.kind, SNAPSHOT_V8_SHALLOW);
	assert_true(strlen(h.snapshot.why_shallow) > 10);
	print_message("%s\n", h.snapshot.why_shallow);
	const struct snapshot_class *account = class_of(&h.snapshot, "Account");
	assert_non_null(account);
	assert_int_equal(account->count, 3000);
	live_node_stop(&n);
	teardown(&w);
}

static void a_file_is_summarised(void **state)
{
	struct world w;
	struct heard h;
	const struct live_node none = {1, 0};
	char path[512];
	(void)state;
	setup(&w, &none);
	snprintf(path, sizeof path, "%s", folder_file(&w.folder, "x.heapsnapshot"));
	folder_store(path, "{\"snapshot\":{\"meta\":", 20);
	w.job_order.file = path;
	w.job_order.actor = "directory /var/dumps";
	run(&w, &h, 20000);
	assert_int_equal(last(&h)->state, SNAPSHOT_FAILED);
	print_message("%s\n", last(&h)->text);
	assert_string_equal(last(&h)->actor, "directory /var/dumps");
	teardown(&w);
}

/* ---- children that are no helpers of ours ---- */

/* All is well, it says; its warden knows better. */
static void say_done_and_alarm(void)
{
	struct world w;
	struct buf batch = {0};
	struct err e;
	const struct live_node none = {1, 0};
	static const char words[] = "nTHE INSPECTOR OF PROCESS 1 IS STILL OPEN";
	setup(&w, &none);
	const struct snapshot_event done = {.capture = 77,
		.at_unix_ms = clock_unix_ms(),
		.state = SNAPSHOT_DONE,
		.text = "",
		.actor = ""};
	if (notice_encode(&w.about, &done, NULL, &batch, &e) &&
		frames_write(1, FRAMES_LAST, batch.data, batch.length))
		frames_write(1, FRAMES_WARDEN, words, sizeof words - 1);
	buf_finish(&batch);
	teardown(&w);
}

static int hostile(const char *how)
{
	const unsigned char long_frame[] = {0xff, 0xff, 0xff, 0x7f, 'B'};
	const unsigned char strange[] = {1, 0, 0, 0, 'X', 'x'};
	const unsigned char cut[] = {200, 0, 0, 0, 'B', 'x'};
	ssize_t ignored = 0;
	if (strcmp(how, "long") == 0)
		ignored = write(1, long_frame, sizeof long_frame);
	if (strcmp(how, "strange") == 0)
		ignored = write(1, strange, sizeof strange);
	if (strcmp(how, "cut") == 0)
		ignored = write(1, cut, sizeof cut);
	if (strcmp(how, "flood") == 0) {
		while (frames_write(1, FRAMES_WARDEN, "nonsense", 8))
			;
	}
	if (strcmp(how, "abort") == 0)
		raise(SIGABRT);
	if (strcmp(how, "close") == 0)
		close(1);
	if (strcmp(how, "silent") == 0)
		return 0;
	if (strcmp(how, "alarm") == 0) {
		say_done_and_alarm();
		return 0;
	}
	(void)ignored;
	if (strcmp(how, "cut") != 0)
		pause();
	return 0;
}

static void expect_failure(const char *how, const char *words)
{
	struct world w;
	struct heard h;
	const struct live_node none = {1, 0};
	setup(&w, &none);
	setenv("HOSTILE", how, 1);
	run(&w, &h, 10000);
	unsetenv("HOSTILE");
	assert_int_equal(h.count, 1);
	assert_int_equal(last(&h)->state, SNAPSHOT_FAILED);
	if (!strstr(last(&h)->text, words))
		fail_msg("%s: %s", how, last(&h)->text);
	teardown(&w);
}

static void liars_are_ended(void **state)
{
	(void)state;
	expect_failure("long", "a frame of 2147483647 bytes");
	expect_failure("strange", "no known kind");
	expect_failure("flood", "more than 256 things");
	expect_failure("cut", "ended before it was done");
	expect_failure("silent", "ended before it was done");
	expect_failure("close", "stopped talking");
	expect_failure("abort", "ran out of its memory");
}

static void an_alarm_behind_the_end_is_told(void **state)
{
	struct world w;
	struct heard h;
	const struct live_node none = {1, 0};
	(void)state;
	setup(&w, &none);
	setenv("HOSTILE", "alarm", 1);
	run(&w, &h, 10000);
	unsetenv("HOSTILE");
	assert_int_equal(h.count, 2);
	assert_int_equal(h.events[0].is.state, SNAPSHOT_DONE);
	assert_int_equal(last(&h)->state, SNAPSHOT_FAILED);
	assert_int_equal(last(&h)->capture, 0); /* which has ended */
	assert_non_null(strstr(last(&h)->text, "STILL OPEN"));
	teardown(&w);
}

static void hangers_are_ended_when_dropped(void **state)
{
	struct world w;
	struct job *j;
	struct err e;
	struct buf bytes = {0};
	const struct live_node none = {1, 0};
	(void)state;
	setup(&w, &none);
	setenv("HOSTILE", "hang", 1);
	assert_true(job_start(&w.settings, &w.job_order, &j, &e));
	unsetenv("HOSTILE");
	usleep(100 * 1000);
	pid_t child = child_of_job(getpid());
	assert_true(child > 0);
	assert_int_equal(job_read(j, &bytes), JOB_WAITS);
	int64_t begun_ms = clock_mono_ms();
	job_destroy(j);
	assert_true(clock_mono_ms() - begun_ms < 2500);
	assert_int_equal(kill(child, 0), -1);
	teardown(&w);
}

int main(int argc, char **argv)
{
	const char *how = getenv("HOSTILE");
	if (argc > 1 && strcmp(argv[1], "snapshot-job") == 0)
		return how ? hostile(how) : job_main();
	signal(SIGPIPE, SIG_IGN);
	live_node_own_network();
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(liars_are_ended),
		cmocka_unit_test(an_alarm_behind_the_end_is_told),
		cmocka_unit_test(hangers_are_ended_when_dropped),
		cmocka_unit_test(a_live_process_becomes_a_summary),
		cmocka_unit_test(a_quote_costs_nothing_and_says_what_would),
		cmocka_unit_test(a_helper_that_dies_leaves_nothing_open),
		cmocka_unit_test(a_job_that_is_dropped_closes_its_door),
		cmocka_unit_test(two_jobs_at_once_are_one_too_many),
		cmocka_unit_test(a_raw_file_is_kept_when_asked_for),
		cmocka_unit_test(an_overrun_is_ended),
		cmocka_unit_test(short_memory_gives_a_shallow_table),
		cmocka_unit_test(a_file_is_summarised),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
