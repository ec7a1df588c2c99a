/* Orders, files and jobs together; the jobs are made up, everything else is real. */
#include "agent/heaps.h"

#include "common/clock.h"
#include "tests/unit/agent/fixture.h"
#include "tests/unit/agent/snapshot_batch.h"

#include <errno.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/stat.h>

/* One job at a time: what the test says that it says. */
struct job {
	int fd;
	struct buf said[8];
	size_t count, at;
	bool ends;
};

struct world {
	struct fixture f;
	char state[PATH_MAX], procfs[PATH_MAX], dumps[PATH_MAX];
	struct config config;
	struct target_rule rule;
	struct spool *spool;
	struct heaps *heaps;
	struct uplink_ears ears;
	struct wire_process processes[2];
	char told[16][512];
	int told_count;
};

static struct {
	struct job *job; /* that runs */
	int started, destroyed;
	bool refuses;
	struct snapshot_order order;
	char service[64], file[PATH_MAX], actor[128];
	struct wire_process about;
	struct job_settings settings;
} jobs;

static bool fake_start(const struct job_settings *settings,
	const struct job_order *order, struct job **out, struct err *e)
{
	assert_null(jobs.job);
	if (jobs.refuses)
		return err_set(e, ERR_IO, "no more processes");
	jobs.started++;
	jobs.settings = *settings;
	jobs.order = *order->order;
	assert_int_equal(order->about->process_count, 1);
	jobs.about = order->about->processes[0];
	snprintf(jobs.service, sizeof jobs.service, "%s", jobs.about.service);
	snprintf(jobs.file, sizeof jobs.file, "%s", order->file ? order->file : "");
	snprintf(jobs.actor, sizeof jobs.actor, "%s", order->actor);
	jobs.job = calloc(1, sizeof *jobs.job);
	jobs.job->fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	*out = jobs.job;
	return true;
}

static int fake_fd(const struct job *j)
{
	return j->fd;
}

static enum job_state fake_read(struct job *j, struct buf *batch)
{
	uint64_t ignored;
	if (read(j->fd, &ignored, sizeof ignored) < 0)
		assert_int_equal(errno, EAGAIN);
	if (j->at < j->count) {
		buf_append(batch, j->said[j->at].data, j->said[j->at].length);
		j->at++;
		return JOB_BATCH;
	}
	return j->ends ? JOB_ENDED : JOB_WAITS;
}

static void fake_destroy(struct job *j)
{
	jobs.destroyed++;
	for (size_t i = 0; i < j->count; i++)
		buf_finish(&j->said[i]);
	close(j->fd);
	free(j);
	jobs.job = NULL;
}

static void says(enum snapshot_state state, const char *text)
{
	uint64_t one = 1;
	assert_non_null(jobs.job);
	snapshot_batch(
		jobs.order.capture, state, text, &jobs.job->said[jobs.job->count++]);
	assert_int_equal(write(jobs.job->fd, &one, sizeof one), sizeof one);
}

static void ends(void)
{
	uint64_t one = 1;
	jobs.job->ends = true;
	assert_int_equal(write(jobs.job->fd, &one, sizeof one), sizeof one);
}

static void tell(void *context, enum log_level level, const char *text)
{
	struct world *w = context;
	(void)level;
	snprintf(w->told[w->told_count++ % 16], sizeof w->told[0], "%.511s", text);
}

static bool was_told(const struct world *w, const char *what)
{
	for (int i = 0; i < w->told_count && i < 16; i++)
		if (strstr(w->told[i], what))
			return true;
	return false;
}

static void tick(struct world *w, size_t count)
{
	const struct processes_tick t = {.processes = w->processes, .count = count};
	heaps_tick(w->heaps, &t, true);
}

static void open_all(struct world *w)
{
	static const struct heaps_jobs fake = {
		fake_start, fake_fd, fake_read, fake_destroy};
	static const struct batch_host host = {
		.boot_id = "11111111-2222-3333-4444-555555555555",
		.machine_id = "00112233445566778899aabbccddeeff",
		.hostname = "test",
		.kernel = "6.1.0",
		.cpus = 2,
		.interval_ms = 10000,
	};
	const struct heaps_options options = {.config = &w->config,
		.host = &host,
		.tell = tell,
		.context = w,
		.jobs = &fake};
	struct heaps_options with_spool = options;
	struct err e;
	char path[PATH_MAX];
	if (!spool_open(
		    fixture_path(&w->f, path, "state/spool"), 1 << 20, &w->spool, &e))
		fail_msg("%s", e.text);
	with_spool.spool = w->spool;
	if (!heaps_open(&with_spool, &w->heaps, &e))
		fail_msg("%s", e.text);
	w->ears = heaps_ears(w->heaps);
	tick(w, 2);
}

static void close_all(struct world *w)
{
	heaps_close(w->heaps);
	spool_close(w->spool);
	w->heaps = NULL;
	w->spool = NULL;
}

/* The state as kill -9 leaves it: what is said on the way out is taken back. */
static void crash(struct world *w)
{
	char aside[PATH_MAX], orders[PATH_MAX], command[3 * PATH_MAX];
	fixture_path(&w->f, aside, "aside");
	fixture_path(&w->f, orders, "state/orders");
	snprintf(command, sizeof command, "cp %s %s", orders, aside);
	assert_int_equal(system(command), 0);
	close_all(w);
	snprintf(command, sizeof command, "cp %s %s && rm -rf %s/spool %s/outbox",
		aside, orders, w->state, w->state);
	assert_int_equal(system(command), 0);
}

static int set_up(void **state)
{
	struct world *w = calloc(1, sizeof *w);
	memset(&jobs, 0, sizeof jobs);
	fixture_init(&w->f);
	fixture_path(&w->f, w->state, "state");
	fixture_path(&w->f, w->procfs, "proc");
	fixture_path(&w->f, w->dumps, "dumps");
	assert_int_equal(mkdir(w->state, 0700), 0);
	assert_int_equal(mkdir(w->dumps, 0700), 0);
	fixture_write(&w->f, "proc/4711/stat", "");
	fixture_write(&w->f, "proc/4712/stat", "");
	w->rule = (struct target_rule){.service = "mail", .dumps = w->dumps};
	w->config = (struct config){.state_dir = w->state,
		.procfs = w->procfs,
		.cgroupfs = w->procfs,
		.spool_max_bytes = 1 << 20,
		.snapshots = "check*",
		.snapshot_dirs = "",
		.preload_dir = "",
		.snapshot_pause_max_ms = 2000,
		.snapshot_memory_bytes = 1 << 30,
		.snapshot_raw_max_bytes = 1 << 30,
		.rules = &w->rule,
		.rule_count = 1};
	for (int i = 0; i < 2; i++)
		w->processes[i] = (struct wire_process){
			.service = i ? "mail" : "checkout",
			.version = "1",
			.runtime = "node",
			.rule = "test",
			.command = "node app.js",
			.pid = 4711 + (uint32_t)i,
			.started_unix_ms = clock_unix_ms() - 3600000,
			.start_ticks = 99,
		};
	open_all(w);
	*state = w;
	return 0;
}

static int tear_down(void **state)
{
	struct world *w = *state;
	close_all(w);
	fixture_finish(&w->f);
	free(w);
	return 0;
}

static struct snapshot_order order_of(uint64_t capture, enum snapshot_order_kind kind)
{
	return (struct snapshot_order){.capture = capture,
		.kind = kind,
		.pid = 4711,
		.start_ticks = 99,
		.service = "checkout",
		.route = "inspector",
		.deadline_unix_ms = clock_unix_ms() + 60000};
}

static void hear(struct world *w, const struct snapshot_order *order)
{
	w->ears.order(w->ears.context, order);
}

static void run(struct world *w)
{
	struct pollfd p = {heaps_fd(w->heaps), POLLIN, 0};
	assert_int_equal(poll(&p, 1, 5000), 1);
	heaps_run(w->heaps);
}

struct word {
	uint64_t capture;
	enum snapshot_state state;
	char text[512], actor[128];
	bool has_process;
};

/* The words in the spool, in order. */
static size_t words(struct world *w, struct word out[16])
{
	size_t count = 0;
	for (uint64_t at = 0; spool_next(w->spool, at, &at);) {
		struct arena a;
		struct wire_batch batch;
		struct buf b = {0};
		struct err e;
		arena_init(&a);
		assert_true(spool_read(w->spool, at, &b, &e));
		if (!wire_batch_decode(
			    b.data, b.length, clock_unix_ms(), &a, &batch, &e))
			fail_msg("%s", e.text);
		assert_int_equal(batch.event_count, 1);
		assert_true(count < 16);
		const struct wire_snapshot_event *event = &batch.events[0];
		struct word *word = &out[count++];
		word->capture = event->is.capture;
		word->state = event->is.state;
		word->has_process = event->has_process;
		snprintf(word->text, sizeof word->text, "%s", event->is.text);
		snprintf(word->actor, sizeof word->actor, "%s", event->is.actor);
		buf_finish(&b);
		arena_finish(&a);
	}
	return count;
}

static void the_last_word(struct world *w, uint64_t capture, enum snapshot_state state,
	const char *says_so)
{
	struct word all[16];
	size_t count = words(w, all);
	assert_true(count > 0);
	assert_int_equal(all[count - 1].capture, capture);
	assert_int_equal(all[count - 1].state, state);
	if (!strstr(all[count - 1].text, says_so))
		fail_msg("it says: %s", all[count - 1].text);
}

static void an_order_becomes_a_job_and_its_words_are_spooled(void **state)
{
	struct world *w = *state;
	struct snapshot_order order = order_of(7, SNAPSHOT_ORDER_TAKE);
	struct word all[16];
	struct buf status = {0};
	hear(w, &order);
	assert_int_equal(jobs.started, 1);
	assert_int_equal(jobs.order.capture, 7);
	assert_string_equal(jobs.order.route, "inspector");
	assert_string_equal(jobs.service, "checkout");
	assert_int_equal(jobs.about.start_ticks, 99);
	assert_string_equal(jobs.file, "");
	assert_int_equal(jobs.settings.pause_max_ms, 2000);
	assert_true(heaps_due_ms(w->heaps) <= clock_mono_ms() + HEAPS_JOB_LOOK_MS);
	says(SNAPSHOT_RUNNING, "");
	run(w);
	says(SNAPSHOT_DONE, "all well");
	ends();
	run(w);
	assert_int_equal(jobs.destroyed, 1);
	assert_int_equal(words(w, all), 2);
	assert_int_equal(all[0].state, SNAPSHOT_RUNNING);
	assert_int_equal(all[1].state, SNAPSHOT_DONE);
	heaps_format(w->heaps, &status);
	assert_non_null(strstr(status.data, "snapshots   check*; 1 word on them"));
	assert_non_null(strstr(
		status.data, "checkout process 4711, capture 7: done: all well\n"));
	assert_true(was_told(w, "snapshot of checkout process 4711: done"));
	buf_finish(&status);
}

static void a_repeat_begins_nothing(void **state)
{
	struct world *w = *state;
	struct snapshot_order order = order_of(7, SNAPSHOT_ORDER_TAKE);
	struct snapshot_order quote = order_of(7, SNAPSHOT_ORDER_QUOTE);
	hear(w, &quote);
	for (int i = 0; i < 5; i++) {
		hear(w, &quote);
		assert_int_equal(jobs.started, 1);
	}
	says(SNAPSHOT_QUOTED, "");
	ends();
	run(w);
	hear(w, &quote);
	hear(w, &order); /* another order of the same capture */
	hear(w, &order);
	assert_int_equal(jobs.started, 2);
	says(SNAPSHOT_DONE, "");
	ends();
	run(w);
	close_all(w);
	open_all(w);
	hear(w, &quote);
	hear(w, &order);
	assert_int_equal(jobs.started, 2); /* also after a restart */
}

static void what_must_not_be_begun_is_refused(void **state)
{
	struct world *w = *state;
	struct snapshot_order order = order_of(1, SNAPSHOT_ORDER_TAKE);
	order.deadline_unix_ms = clock_unix_ms() - 5000;
	hear(w, &order);
	the_last_word(w, 1, SNAPSHOT_FAILED, "came too late");
	order = order_of(2, SNAPSHOT_ORDER_TAKE);
	order.start_ticks = 98;
	hear(w, &order);
	the_last_word(w, 2, SNAPSHOT_DENIED, "is another one by now");
	order = order_of(3, SNAPSHOT_ORDER_TAKE);
	order.pid = 5000;
	hear(w, &order);
	the_last_word(w, 3, SNAPSHOT_DENIED, "process 5000 does not run here");
	order = order_of(4, SNAPSHOT_ORDER_QUOTE);
	order.pid = 4712;
	order.service = "checkout"; /* what the server thinks does not opt it in */
	hear(w, &order);
	the_last_word(w, 4, SNAPSHOT_DENIED,
		"snapshots = check* does not name mail; set it in the agent's "
		"configuration");
	tick(w, 0); /* all have ended */
	order = order_of(5, SNAPSHOT_ORDER_TAKE);
	hear(w, &order);
	the_last_word(w, 5, SNAPSHOT_DENIED, "does not run here (any more)");
	assert_int_equal(jobs.started, 0);
	struct word all[16];
	size_t count = words(w, all);
	hear(w, &order);
	assert_int_equal(words(w, all), count); /* said once */
	w->config.snapshots = "";
	tick(w, 2);
	order = order_of(6, SNAPSHOT_ORDER_TAKE);
	hear(w, &order);
	the_last_word(w, 6, SNAPSHOT_DENIED, "'snapshots' is not set");
}

static void one_job_at_a_time_and_few_wait(void **state)
{
	struct world *w = *state;
	struct word all[16];
	for (uint64_t n = 1; n <= HEAPS_WAITING_MAX + 2; n++) {
		struct snapshot_order order = order_of(n, SNAPSHOT_ORDER_TAKE);
		hear(w, &order);
	}
	assert_int_equal(jobs.started, 1);
	assert_int_equal(words(w, all), 1);
	the_last_word(w, HEAPS_WAITING_MAX + 2, SNAPSHOT_DENIED, "busy");
	for (int n = 1; n <= HEAPS_WAITING_MAX; n++) {
		says(SNAPSHOT_DONE, "");
		ends();
		run(w);
		assert_int_equal(jobs.started, n + 1);
		assert_int_equal(jobs.order.capture, n + 1); /* in turn */
	}
	/* Who waited for too long is not begun. */
	struct snapshot_order late = order_of(99, SNAPSHOT_ORDER_TAKE);
	late.deadline_unix_ms = clock_unix_ms() + 50;
	hear(w, &late);
	usleep(60000);
	says(SNAPSHOT_DONE, "");
	ends();
	run(w);
	the_last_word(w, 99, SNAPSHOT_FAILED, "came too late");
	assert_int_equal(jobs.started, HEAPS_WAITING_MAX + 1);
}

static void a_job_that_fails_to_speak_has_a_last_word(void **state)
{
	struct world *w = *state;
	struct snapshot_order order = order_of(1, SNAPSHOT_ORDER_TAKE);
	struct word all[16];
	hear(w, &order);
	buf_text(&jobs.job->said[jobs.job->count++], "this is no batch");
	ends();
	run(w);
	assert_true(was_told(w, "no batch"));
	the_last_word(w, 1, SNAPSHOT_FAILED, "without a word");
	assert_int_equal(words(w, all), 1);
	jobs.refuses = true;
	order = order_of(2, SNAPSHOT_ORDER_TAKE);
	hear(w, &order);
	the_last_word(w, 2, SNAPSHOT_FAILED, "no more processes");
	words(w, all);
	assert_true(all[1].has_process);
}

static void what_cannot_be_noted_is_not_begun(void **state)
{
	struct world *w = *state;
	struct snapshot_order order = order_of(1, SNAPSHOT_ORDER_TAKE);
	char path[PATH_MAX], below[PATH_MAX];
	/* A directory that is not empty stands where the file is to go. */
	assert_int_equal(mkdir(fixture_path(&w->f, path, "state/orders"), 0700), 0);
	fixture_write(&w->f, "state/orders/x", "");
	hear(w, &order);
	assert_int_equal(jobs.started, 0);
	the_last_word(w, 1, SNAPSHOT_FAILED, "cannot note");
	assert_true(was_told(w, "/orders: "));
	unlink(fixture_path(&w->f, below, "state/orders/x"));
	assert_int_equal(rmdir(path), 0);
	order = order_of(2, SNAPSHOT_ORDER_TAKE);
	hear(w, &order);
	assert_int_equal(jobs.started, 1);
}

static void stopping_ends_the_job_and_says_so(void **state)
{
	struct world *w = *state;
	struct snapshot_order order = order_of(1, SNAPSHOT_ORDER_TAKE);
	struct snapshot_order waits = order_of(2, SNAPSHOT_ORDER_TAKE);
	hear(w, &order);
	hear(w, &waits);
	close_all(w);
	assert_int_equal(jobs.destroyed, 1);
	open_all(w);
	the_last_word(w, 1, SNAPSHOT_FAILED, "the agent was stopped");
	hear(w, &order);
	assert_int_equal(jobs.started, 1);
	hear(w, &waits); /* it was never begun */
	assert_int_equal(jobs.started, 2);
	assert_int_equal(jobs.order.capture, 2);
}

static void a_crash_is_told_after_the_restart(void **state)
{
	struct world *w = *state;
	struct word all[16];
	struct snapshot_order order = order_of(1, SNAPSHOT_ORDER_TAKE);
	hear(w, &order);
	crash(w);
	open_all(w);
	the_last_word(w, 1, SNAPSHOT_FAILED, "ended in the middle");
	hear(w, &order);
	assert_int_equal(jobs.started, 1);
	close_all(w);
	open_all(w);
	assert_int_equal(words(w, all), 1); /* once */
}

static void put(const struct world *w, const char *name, const char *text)
{
	char path[PATH_MAX];
	snprintf(path, sizeof path, "dumps/%s", name);
	fixture_write(&w->f, path, text);
}

static void look_for(struct world *w, int64_t ms)
{
	for (int64_t end = clock_mono_ms() + ms; clock_mono_ms() < end && !jobs.job;) {
		heaps_run(w->heaps);
		usleep(50000);
	}
}

static void a_file_is_summarised_once_for_its_process(void **state)
{
	struct world *w = *state;
	char path[PATH_MAX];
	put(w, "heapdump-1.2.heapsnapshot", "{\"strings\":[]}");
	look_for(w, 6000);
	assert_int_equal(jobs.started, 1);
	assert_string_equal(jobs.file,
		fixture_path(&w->f, path, "dumps/heapdump-1.2.heapsnapshot"));
	assert_int_equal(jobs.order.capture, 0);
	assert_string_equal(jobs.order.route, "file");
	assert_string_equal(jobs.service, "mail"); /* the directory's, not opted in */
	assert_int_equal(strncmp(jobs.actor, "directory /", 11), 0);
	/* An agent that stops takes it again. */
	close_all(w);
	open_all(w);
	look_for(w, 6000);
	assert_int_equal(jobs.started, 2);
	says(SNAPSHOT_DONE, "");
	ends();
	run(w);
	look_for(w, 4000);
	close_all(w);
	open_all(w);
	look_for(w, 4000);
	assert_int_equal(jobs.started, 2);
	assert_int_equal(access(path, F_OK), 0); /* left alone */
}

static void a_file_of_nobody_is_told(void **state)
{
	struct world *w = *state;
	struct word all[16];
	tick(w, 1); /* no process of the service runs */
	for (int64_t end = clock_mono_ms() + 100; clock_mono_ms() < end;)
		heaps_run(w->heaps);
	put(w, "heapdump-1.2.heapsnapshot", "{\"strings\":[]}");
	for (int64_t end = clock_mono_ms() + 6000;
		clock_mono_ms() < end && words(w, all) == 0;) {
		heaps_run(w->heaps);
		usleep(50000);
	}
	assert_int_equal(jobs.started, 0);
	assert_int_equal(words(w, all), 1);
	assert_int_equal(all[0].capture, 0);
	assert_int_equal(all[0].state, SNAPSHOT_FAILED);
	assert_false(all[0].has_process);
	assert_non_null(strstr(all[0].text,
		"heapdump-1.2.heapsnapshot: 0 processes of service mail run here"));
	assert_int_equal(strncmp(all[0].actor, "directory /", 11), 0);
	assert_true(was_told(w, "heapdump-1.2.heapsnapshot: 0 processes"));
	assert_int_equal(words(w, all), 1);
}

static void damaged_state_is_told_and_works(void **state)
{
	struct world *w = *state;
	close_all(w);
	fixture_write(&w->f, "state/orders", "what is this\n");
	fixture_write(&w->f, "state/dumps", "and this\n");
	open_all(w);
	assert_true(was_told(w, "/orders: line 1 is damaged"));
	assert_true(was_told(w, "/dumps: line 1 is damaged"));
	struct snapshot_order order = order_of(7, SNAPSHOT_ORDER_TAKE);
	hear(w, &order);
	assert_int_equal(jobs.started, 1);
}

#define IN_WORLD(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_WORLD(an_order_becomes_a_job_and_its_words_are_spooled),
		IN_WORLD(a_repeat_begins_nothing),
		IN_WORLD(what_must_not_be_begun_is_refused),
		IN_WORLD(one_job_at_a_time_and_few_wait),
		IN_WORLD(a_job_that_fails_to_speak_has_a_last_word),
		IN_WORLD(what_cannot_be_noted_is_not_begun),
		IN_WORLD(stopping_ends_the_job_and_says_so),
		IN_WORLD(a_crash_is_told_after_the_restart),
		IN_WORLD(a_file_is_summarised_once_for_its_process),
		IN_WORLD(a_file_of_nobody_is_told),
		IN_WORLD(damaged_state_is_told_and_works),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
