/* The loop: its rhythm, what it leaves behind, and how it stops. */
#include "agent/agent.h"

#include "agent/spool.h"
#include "agent/state.h"
#include "common/clock.h"
#include "common/scoped.h"
#include "schema/wire.h"
#include "tests/unit/agent/fixture.h"

#include <fcntl.h>
#include <sys/timerfd.h>

struct world {
	struct fixture f;
	struct config config;
	struct arena arena;
	char state_dir[PATH_MAX], procfs[PATH_MAX];
	struct err e;
};

static int setup(void **state)
{
	struct world *w = calloc(1, sizeof *w);
	fixture_init(&w->f);
	arena_init(&w->arena);
	assert_true(config_load(&w->config, NULL, &w->arena, &w->e));
	w->config.state_dir = fixture_path(&w->f, w->state_dir, "state");
	w->config.procfs = fixture_path(&w->f, w->procfs, "proc");
	w->config.cgroupfs = "/nowhere/at/all";
	w->config.hostname = "web1";
	w->config.interval_ms = 1000;
	log_init("agent_test", LOG_ERROR);
	fixture_write(&w->f, "proc/sys/kernel/random/boot_id",
		"11111111-2222-3333-4444-555555555555\n");
	const struct fixture_process p = {
		.pid = 10, .comm = "app", .start_ticks = 1, .rss_pages = 10000};
	fixture_add(&w->f, &p);
	*state = w;
	return 0;
}

static int teardown(void **state)
{
	struct world *w = *state;
	arena_finish(&w->arena);
	fixture_finish(&w->f);
	free(w);
	return 0;
}

/* Runs the agent until the word to stop comes after `ms`. */
static void run_for(struct world *w, int ms)
{
	scoped_fd int stop = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);
	const struct itimerspec after = {
		.it_value = {ms / 1000, (long)(ms % 1000) * 1000000}};
	assert_int_equal(timerfd_settime(stop, 0, &after, NULL), 0);
	if (!agent_run(&w->config, stop, &w->e))
		fail_msg("%s", w->e.text);
}

/* All batches that wait in the spool; their times. */
static size_t read_spool(struct world *w, int64_t times[16])
{
	char path[PATH_MAX];
	struct spool *spool;
	assert_true(spool_open(fixture_path(&w->f, path, "state/spool"),
		w->config.spool_max_bytes, &spool, &w->e));
	size_t count = 0;
	uint64_t sequence = 0;
	while (spool_next(spool, sequence, &sequence)) {
		struct buf bytes = {0};
		struct wire_batch b;
		assert_true(spool_read(spool, sequence, &bytes, &w->e));
		if (!wire_batch_decode(bytes.data, bytes.length, clock_unix_ms(),
			    &w->arena, &b, &w->e))
			fail_msg("%s", w->e.text);
		buf_finish(&bytes);
		assert_string_equal(b.boot_id, "11111111-2222-3333-4444-555555555555");
		assert_string_equal(b.hostname, "web1");
		assert_int_equal(b.interval_ms, 1000);
		assert_int_equal(b.process_count, 1);
		assert_string_equal(b.processes[0].service, "app");
		assert_int_equal(b.processes[0].slot, 0);
		assert_true(count < 16);
		times[count++] = b.ticks[0].at_unix_ms;
	}
	spool_close(spool);
	return count;
}

static void ticks_at_once_and_then_in_its_rhythm(void **state)
{
	struct world *w = *state;
	int64_t begun_ms = clock_mono_ms();
	run_for(w, 2500);
	assert_true(clock_mono_ms() - begun_ms < 2500 + 900); /* stops when told */
	int64_t times[16];
	assert_int_equal(read_spool(w, times), 3);
	for (int i = 1; i < 3; i++) {
		int64_t apart_ms = times[i] - times[i - 1];
		assert_true(apart_ms > 700 && apart_ms < 1300);
	}
}

static void says_what_it_does(void **state)
{
	struct world *w = *state;
	run_for(w, 100);
	struct buf text = {0};
	int64_t written;
	bool found;
	assert_true(state_read_status(w->state_dir, &text, &written, &found, &w->e));
	assert_true(found);
	assert_non_null(strstr(text.data, "web1"));
	assert_non_null(strstr(text.data, "not enrolled"));
	assert_non_null(strstr(text.data, "1 batches"));
	assert_non_null(strstr(text.data, "following   1 of 1 processes"));
	buf_finish(&text);
}

static void goes_on_where_it_stopped(void **state)
{
	struct world *w = *state;
	run_for(w, 100);
	run_for(w, 100);
	int64_t times[16];
	assert_int_equal(read_spool(w, times), 2);
	struct buf text = {0};
	bool found;
	assert_true(state_read_slots(w->state_dir, &text, &found, &w->e));
	assert_true(found);
	assert_non_null(strstr(text.data, "0\t10\t1\t0\tapp\t"));
	buf_finish(&text);
}

static void damaged_slots_do_not_stop_it(void **state)
{
	struct world *w = *state;
	run_for(w, 100);
	fixture_write(&w->f, "state/slots", "\x01\x02 nonsense");
	run_for(w, 100);
	int64_t times[16];
	assert_int_equal(read_spool(w, times), 2);
}

static void an_enrolment_is_found_while_it_runs(void **state)
{
	struct world *w = *state;
	run_for(w, 100);
	struct state_enrolment nobody = {.host = "127.0.0.1", .port = 1, .agent_id = 7};
	memset(nobody.server_key, 7, sizeof nobody.server_key);
	pid_t later = fork();
	assert_true(later >= 0);
	if (later == 0) {
		usleep(500 * 1000);
		_exit(!state_write_enrolment(w->state_dir, &nobody, &w->e));
	}
	run_for(w, 1500);
	struct buf text = {0};
	int64_t written;
	bool found;
	assert_true(state_read_status(w->state_dir, &text, &written, &found, &w->e));
	assert_non_null(strstr(text.data, "127.0.0.1 port 1, known there as agent 7"));
	buf_finish(&text);
}

static void fails_at_the_start_with_the_reason(void **state)
{
	struct world *w = *state;
	w->config.procfs = "/nowhere/at/all";
	assert_false(agent_run(&w->config, -1, &w->e));
	assert_non_null(strstr(w->e.text, "/nowhere/at/all"));
	w->config.state_dir = "/nowhere/at/all";
	assert_false(agent_run(&w->config, -1, &w->e));
	assert_non_null(strstr(w->e.text, "state directory"));
}

int main(void)
{
#define IN_WORLD(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
	const struct CMUnitTest tests[] = {
		IN_WORLD(ticks_at_once_and_then_in_its_rhythm),
		IN_WORLD(says_what_it_does),
		IN_WORLD(goes_on_where_it_stopped),
		IN_WORLD(damaged_slots_do_not_stop_it),
		IN_WORLD(an_enrolment_is_found_while_it_runs),
		IN_WORLD(fails_at_the_start_with_the_reason),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
