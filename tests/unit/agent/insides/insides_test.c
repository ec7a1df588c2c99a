/*
 * The part as the scout runs it, on real processes: what it says on its pipe.
 */
#include "agent/capture/frames.h"
#include "agent/insides/insides.h"
#include "agent/insides/warned.h"
#include "common/clock.h"
#include "tests/unit/agent/capture/service.h"

#include <pthread.h>
#include <sys/eventfd.h>

#define PRELOAD                                                                        \
	"NODE_OPTIONS=--require " TIDEMARK_SOURCE_DIR                                  \
	"/deploy/preload/tidemark-preload.js"
#define LEAKS                                                                          \
	"const E = require('events'); class MonitorQueue extends E {};"                \
	"const q = new MonitorQueue(); for (let i = 0; i < 40; i++) "                  \
	"q.on('error', function onQueueError() {});"                                   \
	"for (let i = 0; i < 500; i++) setTimeout(function late() {}, 1e8).unref();"

enum { WAIT_MS = 30000 };

struct world {
	struct service service;
	char folder[64], variable[128];
	struct config config;
	struct wire_process process;
	struct part part;
	struct wire_batch host;
	int ends[2];
	pthread_t thread;
	struct frames frames;
	struct arena arena;
	bool is_started;
};

static void *run(void *argument)
{
	insides_run(argument);
	return NULL;
}

static bool begin(struct world *w, const char *script, bool preload)
{
	memset(w, 0, sizeof *w);
	strcpy(w->folder, "/tmp/tidemark-test-XXXXXX");
	assert_non_null(mkdtemp(w->folder));
	snprintf(w->variable, sizeof w->variable, "TIDEMARK_PRELOAD_DIR=%s", w->folder);
	const struct service_options o = {.script = script,
		.variables = {preload ? PRELOAD : "PLAIN=1", w->variable}};
	w->config = (struct config){.state_dir = w->folder,
		.procfs = "/proc",
		.cgroupfs = "/sys/fs/cgroup",
		.interval_ms = 200,
		.snapshot_pause_max_ms = 60000,
		.census_pause_max_ms = 60000,
		.preload_dir = w->folder,
		.insides = "*",
		.inspect = "",
		.census_interval_ms = 3600000};
	arena_init(&w->arena);
	return service_start(&w->service, &o);
}

static void start(struct world *w)
{
	struct facts facts;
	struct err e;
	assert_true(facts_read("/proc", w->service.pid, &facts, &e));
	w->process = (struct wire_process){.service = "shop",
		.version = "",
		.runtime = "node",
		.rule = "",
		.command = "",
		.slot = 1,
		.pid = (uint32_t)w->service.pid,
		.started_unix_ms = clock_unix_ms(),
		.start_ticks = facts.start_ticks};
	assert_int_equal(pipe2(w->ends, O_CLOEXEC | O_NONBLOCK), 0);
	w->host = (struct wire_batch){.boot_id = "b",
		.machine_id = "m",
		.hostname = "h",
		.kernel = "k",
		.cpus = 1,
		.interval_ms = 200};
	w->part = (struct part){.config = &w->config,
		.crowd = crowd_create(),
		.post = post_create(w->ends[1], &w->host),
		.stop_fd = eventfd(0, EFD_CLOEXEC)};
	w->frames.fd = w->ends[0];
	crowd_set(w->part.crowd, &w->process, 1);
	assert_int_equal(pthread_create(&w->thread, NULL, run, &w->part), 0);
	w->is_started = true;
}

static void end(struct world *w)
{
	char command[128];
	if (w->is_started) {
		crowd_stop(w->part.crowd);
		eventfd_write(w->part.stop_fd, 1);
		pthread_join(w->thread, NULL);
		post_destroy(w->part.post);
		crowd_destroy(w->part.crowd);
		close(w->part.stop_fd);
		close(w->ends[0]);
		close(w->ends[1]);
		frames_finish(&w->frames);
	}
	service_stop(&w->service);
	arena_finish(&w->arena);
	snprintf(command, sizeof command, "rm -rf %s", w->folder);
	assert_int_equal(system(command), 0);
}

/* The next batch, and whether it is to be joined. */
static bool next(struct world *w, struct wire_batch *out, bool *joins)
{
	struct buf bytes = {0};
	struct err e;
	int64_t until_ms = clock_mono_ms() + WAIT_MS;
	bool found = false;
	while (!found && clock_mono_ms() < until_ms) {
		enum frames_kind kind;
		struct pollfd p = {.fd = w->ends[0], .events = POLLIN};
		assert_true(frames_next(&w->frames, &kind, &bytes, &found, &e));
		if (found) {
			*joins = kind == FRAMES_JOIN;
			assert_true(wire_batch_decode(bytes.data, bytes.length,
				clock_unix_ms(), &w->arena, out, &e));
		} else if (poll(&p, 1, 100) > 0) {
			assert_true(frames_read(&w->frames, &e));
		}
	}
	buf_finish(&bytes);
	return found;
}

static void a_preload_gives_values_warnings_and_a_source(void **state)
{
	(void)state;
	struct world w;
	if (!begin(&w, LEAKS SERVICE_SERVER, true)) {
		end(&w);
		skip();
	}
	start(&w);
	bool values = false, warning = false, source = false;
	while (!values || !warning || !source) {
		struct wire_batch b;
		bool joins;
		if (!next(&w, &b, &joins))
			fail_msg("values %d warning %d source %d", values, warning,
				source);
		if (joins) {
			const struct wire_values *v = &b.ticks[0].samples[0].values;
			assert_int_equal(b.processes[0].pid, w.service.pid);
			assert_true(v->value[PROCESS_heap_used_kb] > 1024);
			assert_true(v->value[PROCESS_heap_limit_kb] >
				    v->value[PROCESS_heap_total_kb]);
			assert_int_equal(v->value[PROCESS_listeners], 40);
			assert_true(v->value[PROCESS_insides_us] < 5000);
			assert_true(v->value[PROCESS_insides_bytes] > 500);
			values = true;
		} else if (b.warning_count > 0) {
			const struct warning *is = &b.warnings[0].is;
			assert_int_equal(b.warning_count, 1);
			assert_int_equal(is->kind, WARNING_MAX_LISTENERS);
			assert_string_equal(is->source, "preload");
			assert_int_equal(is->field_count, 8);
			assert_string_equal(is->fields[1], "MonitorQueue");
			assert_string_equal(is->fields[3], "error");
			assert_string_equal(is->fields[5], "40");
			assert_non_null(strstr(is->fields[7], "/app.js:1:"));
			assert_false(warning); /* once, while the count stays */
			warning = true;
		} else if (b.source_count > 0) {
			assert_string_equal(b.sources[0].name, "insides shop");
			assert_string_equal(b.sources[0].kind, "preload");
			assert_true(b.sources[0].works);
			source = true;
		}
	}
	assert_true(service_answers(&w.service));
	end(&w);
}

static void without_a_way_in_nothing_is_said(void **state)
{
	(void)state;
	struct world w;
	if (!begin(&w, SERVICE_SERVER, false)) {
		end(&w);
		skip();
	}
	start(&w);
	usleep(1000000);
	struct err e;
	struct buf bytes = {0};
	enum frames_kind kind;
	bool found = true;
	frames_read(&w.frames, &e);
	assert_true(frames_next(&w.frames, &kind, &bytes, &found, &e));
	assert_false(found);
	buf_finish(&bytes);
	end(&w);
}

static void a_process_that_hangs_is_said_to(void **state)
{
	(void)state;
	struct world w;
	if (!begin(&w, SERVICE_SERVER, true)) {
		end(&w);
		skip();
	}
	kill(w.service.pid, SIGSTOP);
	start(&w);
	struct wire_batch b;
	bool joins;
	assert_true(next(&w, &b, &joins));
	assert_false(joins);
	assert_int_equal(b.source_count, 1);
	assert_false(b.sources[0].works);
	assert_non_null(strstr(b.sources[0].text, "too busy"));
	kill(w.service.pid, SIGCONT);
	end(&w);
}

/* The application itself makes a reading slow here, as a huge one might. */
static void who_is_slow_to_read_is_read_less_often(void **state)
{
	(void)state;
	struct world w;
	if (!begin(&w,
		    "const m = process.memoryUsage; process.memoryUsage = () => {"
		    "const end = Date.now() + 12; while (Date.now() < end); "
		    "return m(); };" SERVICE_SERVER,
		    true)) {
		end(&w);
		skip();
	}
	start(&w);
	int readings = 0;
	for (bool said = false; !said;) {
		struct wire_batch b;
		bool joins;
		assert_true(next(&w, &b, &joins));
		readings += joins;
		said = b.source_count > 0 &&
		       strstr(b.sources[0].text, "it is read every");
		if (said)
			assert_true(b.sources[0].works);
	}
	/* The first says nothing of itself, then two are too long. */
	assert_true(readings >= 3 && readings <= 6);
	end(&w);
}

static void a_warning_is_told_again_when_it_has_doubled(void **state)
{
	(void)state;
	static struct subject_inside in;
	static struct door_statistics s;
	struct wire_warning out[DOOR_WARNINGS_MAX];
	struct arena a;
	static const int64_t counts[] = {11, 11, 21, 22, 40, 44};
	static const size_t told[] = {1, 0, 0, 1, 0, 1};
	arena_init(&a);
	s.warning_count = 1;
	strcpy(s.warnings[0].emitter, "Queue");
	strcpy(s.warnings[0].event, "error");
	strcpy(s.warnings[0].stack, "/srv/a.js:1:2\n/srv/b.js:3:4");
	s.warnings[0].first_ms = 1700000000000;
	for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
		s.warnings[0].count = counts[i];
		assert_int_equal(warned_take(&in, &s, 3, &a, out), told[i]);
		if (i == 0) {
			assert_int_equal(out[0].process, 3);
			assert_int_equal(out[0].is.at_unix_ms, 1700000000000);
			assert_string_equal(
				out[0].is.fields[7], "/srv/a.js:1:2 /srv/b.js:3:4");
		}
	}
	arena_finish(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_preload_gives_values_warnings_and_a_source),
		cmocka_unit_test(without_a_way_in_nothing_is_said),
		cmocka_unit_test(a_process_that_hangs_is_said_to),
		cmocka_unit_test(who_is_slow_to_read_is_read_less_often),
		cmocka_unit_test(a_warning_is_told_again_when_it_has_doubled),
	};
	return cmocka_run_group_tests(tests, service_setup, NULL);
}
