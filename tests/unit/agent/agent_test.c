/* The whole loop, in a process of its own: what happens to its state under it. */
#include "agent/agent.h"
#include "agent/spool.h"
#include "agent/state.h"
#include "common/clock.h"
#include "tests/unit/agent/collector.h"
#include "tests/unit/agent/fixture.h"

#include <dirent.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>

struct world {
	struct fixture f;
	char procfs[PATH_MAX], cgroupfs[PATH_MAX], state[PATH_MAX];
	pid_t agent;
	int stop_fd;
};

static int setup(void **state)
{
	struct world *w = calloc(1, sizeof *w);
	fixture_init(&w->f);
	fixture_write(&w->f, "proc/meminfo", "MemTotal: 8000000 kB\n");
	fixture_write(&w->f, "proc/sys/kernel/random/boot_id",
		"11111111-2222-3333-4444-555555555555\n");
	fixture_path(&w->f, w->procfs, "proc");
	fixture_path(&w->f, w->cgroupfs, "cg");
	fixture_path(&w->f, w->state, "state");
	*state = w;
	return 0;
}

static void start(struct world *w)
{
	int ends[2];
	assert_int_equal(pipe(ends), 0);
	w->agent = fork();
	assert_true(w->agent >= 0);
	if (w->agent == 0) {
		const struct config c = {
			.state_dir = w->state,
			.procfs = w->procfs,
			.cgroupfs = w->cgroupfs,
			.machine_id = "a test",
			.hostname = "test",
			.server = "",
			.servers = "",
			.snapshots = "check*",
			.snapshot_dirs = "",
			.preload_dir = "",
			.interval_ms = 100,
			.spool_max_bytes = 1 << 20,
			.min_rss_bytes = 1 << 20,
		};
		struct err e;
		close(ends[1]);
		_exit(agent_run(&c, ends[0], &e) ? 0 : 1);
	}
	close(ends[0]);
	w->stop_fd = ends[1];
}

static int stop(struct world *w)
{
	int status = -1;
	close(w->stop_fd);
	assert_int_equal(waitpid(w->agent, &status, 0), w->agent);
	w->agent = 0;
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static int teardown(void **state)
{
	struct world *w = *state;
	if (w->agent)
		kill(w->agent, SIGKILL);
	fixture_finish(&w->f);
	free(w);
	return 0;
}

/* Ten seconds for a spool with readings in it. */
static bool spools(const struct world *w)
{
	char path[PATH_MAX];
	fixture_path(&w->f, path, "state/spool");
	for (int64_t end = clock_mono_ms() + 10000; clock_mono_ms() < end;) {
		DIR *dir = opendir(path);
		bool found = false;
		for (struct dirent *entry; dir && (entry = readdir(dir));)
			found |= strstr(entry->d_name, ".seg") != NULL;
		if (dir)
			closedir(dir);
		if (found)
			return true;
		usleep(10000);
	}
	return false;
}

/* "Remove the state folder and join again", as the server may tell its people. */
static void a_removed_state_directory_is_a_new_beginning(void **state)
{
	struct world *w = *state;
	struct state_keys before, after;
	struct err e;
	start(w);
	assert_true(spools(w));
	assert_true(state_keys(w->state, &before, &e));
	char aside[PATH_MAX];
	assert_int_equal(rename(w->state, fixture_path(&w->f, aside, "aside")), 0);
	assert_true(spools(w));
	assert_true(state_keys(w->state, &after, &e));
	assert_memory_not_equal(&before, &after, sizeof before);
	assert_int_equal(stop(w), 0);
}

/* The key alone was removed: what join has made is what counts. */
static void a_new_key_is_used_with_the_new_enrolment(void **state)
{
	struct world *w = *state;
	struct state_enrolment enrolment = {.host = "127.0.0.1"};
	struct state_keys keys;
	struct collector server;
	struct err e;
	char path[PATH_MAX];
	start(w);
	assert_true(spools(w));
	assert_int_equal(unlink(fixture_path(&w->f, path, "state/agent.key")), 0);
	assert_true(state_keys(w->state, &keys, &e)); /* as join does */
	collector_keys(&server);
	collector_start(&server);
	enrolment.port = server.port;
	memcpy(enrolment.server_key, server.public_key, STATE_KEY_BYTES);
	assert_true(state_write_enrolment(w->state, &enrolment, &e));
	for (int64_t end = clock_mono_ms() + 10000; server.zap_requests == 0;) {
		assert_true(clock_mono_ms() < end);
		collector_step(&server);
		usleep(10000);
	}
	assert_memory_equal(server.peer_key, keys.public_key, STATE_KEY_BYTES);
	collector_stop(&server);
	assert_int_equal(stop(w), 0);
}

struct asked {
	struct snapshot_order order;
	int batches, denied;
	char why[256];
};

/* Answers each batch with the same order, as a server does until it knows. */
static void ask(struct collector *c, const void *frame, size_t length)
{
	struct asked *asked = c->user;
	struct wire_upload upload;
	struct wire_batch batch;
	struct arena a;
	struct err e;
	arena_init(&a);
	assert_true(wire_upload_decode(frame, length, &a, &upload, &e));
	if (!wire_batch_decode(
		    upload.batch, upload.batch_length, clock_unix_ms(), &a, &batch, &e))
		fail_msg("%s", e.text);
	asked->batches++;
	for (size_t i = 0; i < batch.event_count; i++) {
		assert_int_equal(batch.events[i].is.capture, asked->order.capture);
		assert_int_equal(batch.events[i].is.state, SNAPSHOT_DENIED);
		asked->denied++;
		snprintf(asked->why, sizeof asked->why, "%s", batch.events[i].is.text);
	}
	const struct wire_receipt receipt = {
		upload.epoch, upload.sequence, WIRE_STORED, "", &asked->order, 1};
	collector_receipt(c, &receipt);
	arena_finish(&a);
}

/* From the receipt to the word on the order, and only one. */
static void an_order_for_nobody_here_is_refused_once(void **state)
{
	struct world *w = *state;
	struct asked asked = {.order = {.capture = 7,
				      .kind = SNAPSHOT_ORDER_TAKE,
				      .pid = 4711,
				      .start_ticks = 99,
				      .service = "checkout",
				      .route = ""}};
	struct state_enrolment enrolment = {.host = "127.0.0.1"};
	struct collector server;
	struct err e;
	collector_keys(&server);
	server.receive = ask;
	server.user = &asked;
	collector_start(&server);
	start(w);
	assert_true(spools(w));
	enrolment.port = server.port;
	memcpy(enrolment.server_key, server.public_key, STATE_KEY_BYTES);
	assert_true(state_write_enrolment(w->state, &enrolment, &e));
	for (int64_t end = clock_mono_ms() + 10000;
		asked.denied == 0 || asked.batches < 12;) {
		assert_true(clock_mono_ms() < end);
		collector_step(&server);
		usleep(10000);
	}
	assert_int_equal(asked.denied, 1);
	assert_string_equal(asked.why, "process 4711 does not run here (any more)");
	assert_int_equal(stop(w), 0);
	collector_stop(&server);
	/* What people see. */
	struct buf text = {0};
	int64_t written_ms;
	bool found;
	assert_true(state_read_status(w->state, &text, &written_ms, &found, &e));
	assert_non_null(strstr(text.data, "snapshots   check*"));
	assert_non_null(
		strstr(text.data, "checkout process 4711, capture 7: refused: "));
	buf_finish(&text);
}

static struct spool *open_spool(const struct world *w)
{
	char path[PATH_MAX];
	struct spool *s;
	struct err e;
	if (!spool_open(fixture_path(&w->f, path, "state/spool"), 8 << 20, &s, &e))
		fail_msg("%s", e.text);
	return s;
}

/* The server had let it keep more, and lets it no longer: what waits is not dropped for
 * that by a start either. */
static void a_start_keeps_what_waits(void **state)
{
	struct world *w = *state;
	static const char batch[1000] = "a batch";
	struct buf text = {0};
	char path[PATH_MAX];
	struct spool_stats stats;
	uint64_t sequence;
	int64_t written_ms, end = clock_mono_ms() + 10000;
	bool found = false;
	struct err e;
	assert_int_equal(mkdir(fixture_path(&w->f, path, "state"), 0700), 0);
	struct spool *s = open_spool(w);
	for (int i = 0; i < 4000; i++)
		assert_true(spool_append(
			s, batch, sizeof batch, clock_unix_ms(), &sequence, &e));
	spool_close(s);
	start(w);
	while (!found && clock_mono_ms() < end) {
		usleep(10000);
		assert_true(
			state_read_status(w->state, &text, &written_ms, &found, &e));
	}
	assert_true(found); /* it has appended */
	buf_finish(&text);
	assert_int_equal(stop(w), 0);
	s = open_spool(w);
	spool_get_stats(s, &stats);
	assert_true(stats.batches > 2500);
	assert_true(stats.lost < 1200); /* as when it is full: the oldest segment */
	spool_close(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			a_removed_state_directory_is_a_new_beginning, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_new_key_is_used_with_the_new_enrolment, setup, teardown),
		cmocka_unit_test_setup_teardown(
			an_order_for_nobody_here_is_refused_once, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_start_keeps_what_waits, setup, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
