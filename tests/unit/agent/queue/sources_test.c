/* Sources that lie, drip or say nothing: each is late or refused in its own time, and
 * the part of the scout goes on with the others. */
#include "agent/capture/frames.h"
#include "agent/queue/backlogs.h"
#include "agent/queue/fetch.h"
#include "agent/queue/queues.h"
#include "agent/queue/resp.h"
#include "agent/queue/source.h"
#include "common/clock.h"

#include "tests/unit/agent/queue/servers.h"

#include <pthread.h>

struct world {
	struct servers servers;
	struct arena arena;
	struct config config;
	struct reading reading;
	struct err e;
};

static int setup(void **state)
{
	struct world *w = calloc(1, sizeof *w);
	servers_init(&w->servers);
	arena_init(&w->arena);
	*state = w;
	return 0;
}

static int teardown(void **state)
{
	struct world *w = *state;
	arena_finish(&w->arena);
	servers_finish(&w->servers);
	free(w);
	return 0;
}

static void set(struct world *w, const char *name, const char *key, const char *value)
{
	if (!queue_specs_key(&w->config.queues, name, key, value, &w->arena, &w->e))
		fail_msg("%s", w->e.text);
}

static void check(struct world *w)
{
	if (!queue_specs_check(&w->config.queues, 200, true, &w->e))
		fail_msg("%s", w->e.text);
}

/* A source of that kind at the port. */
static struct queue_spec *describe(struct world *w, const char *kind, int port)
{
	char name[32], url[64];
	bool is_http = !strcmp(kind, "json") || !strcmp(kind, "prometheus") ||
		       !strcmp(kind, "rabbitmq");
	snprintf(name, sizeof name, "s%zu", w->config.queues.count);
	snprintf(url, sizeof url, "%s://127.0.0.1:%d/", is_http ? "http" : "redis",
		port);
	set(w, name, "kind", kind);
	set(w, name, "url", url);
	set(w, name, "timeout", "300ms");
	if (is_http && strcmp(kind, "rabbitmq") != 0)
		set(w, name, "depth", "a");
	if (!strcmp(kind, "redis"))
		set(w, name, "queues", "a*");
	check(w);
	return &w->config.queues.at[w->config.queues.count - 1];
}

static bool look(struct world *w, const struct queue_spec *spec)
{
	struct source *source = source_create(spec, -1);
	bool ok = source_read(source, &w->arena, &w->reading, &w->e);
	source_destroy(source);
	return ok;
}

static void gives_up_on_liars(void **state)
{
	struct world *w = *state;
	static const char *const kinds[] = {
		"kue", "bull", "redis", "rabbitmq", "prometheus", "json"};
	static const enum servers_lie lies[] = {SERVERS_SILENT, SERVERS_GARBAGE,
		SERVERS_DRIP, SERVERS_ENDLESS, SERVERS_REDIRECT, SERVERS_HUGE,
		SERVERS_SHUT};
	for (size_t i = 0; i < sizeof lies / sizeof *lies; i++) {
		int port = servers_liar(&w->servers, lies[i]);
		for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++) {
			int64_t begun_ms = clock_mono_ms();
			w->config.queues.count = 0;
			if (look(w, describe(w, kinds[k], port)))
				fail_msg("%s believed lie %d", kinds[k], lies[i]);
			assert_int_equal(w->e.kind, ERR_IO);
			assert_true(clock_mono_ms() - begun_ms < 2000);
			arena_reset(&w->arena);
			w->config.queues = (struct queue_specs){0};
		}
	}
}

static void says_why_it_failed(void **state)
{
	struct world *w = *state;
	int shut;
	close(servers_listen(&shut));
	assert_false(look(w, describe(w, "kue", shut)));
	assert_non_null(strstr(w->e.text, "refused"));
	assert_false(look(w, describe(w, "json", shut)));
	assert_non_null(strstr(w->e.text, "connect"));
	int port = servers_liar(&w->servers, SERVERS_ENDLESS);
	assert_false(look(w, describe(w, "json", port)));
	assert_true(strstr(w->e.text, "longer than 1024 KiB") ||
		    strstr(w->e.text, "in time"));
	port = servers_liar(&w->servers, SERVERS_REDIRECT);
	assert_false(look(w, describe(w, "prometheus", port)));
	assert_non_null(strstr(w->e.text, "another scheme"));
	port = servers_liar(&w->servers, SERVERS_GARBAGE);
	assert_false(look(w, describe(w, "prometheus", port)));
	assert_non_null(strstr(w->e.text, "no HTTP"));
	port = servers_liar(&w->servers, SERVERS_SILENT);
	assert_false(look(w, describe(w, "bull", port)));
	assert_non_null(strstr(w->e.text, "in time"));
}

static void runs_commands_within_bounds(void **state)
{
	struct world *w = *state;
	static const struct {
		const char *command, *says; /* NULL: works */
	} cases[] = {
		{"/bin/sh -c 'echo 5'", NULL},
		{"/bin/sh -c 'echo a depth 5; echo a entered 9; echo b 1'",
			"line 3 of what the command printed"},
		{"/bin/sh -c 'exit 3'", "status 3"},
		{"/bin/sh -c 'kill -9 $$'", "signal 9"},
		{"/bin/sleep 60", "too long"},
		{"/bin/sh -c 'exec >&-; sleep 60'", "signal 9"},
		{"/bin/sh -c 'while :; do echo 5; done'", "more than 64 KiB"},
		{"/no/such", "cannot run"},
		{"/bin/true", "nothing"},
		{"/bin/sh -c 'echo TOKEN geheim'", "line 1 of what the command"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		int64_t begun_ms = clock_mono_ms();
		w->config.queues = (struct queue_specs){0};
		set(w, "c", "kind", "command");
		set(w, "c", "command", cases[i].command);
		set(w, "c", "timeout", "500ms");
		check(w);
		bool ok = look(w, &w->config.queues.at[0]);
		if (ok != !cases[i].says || (!ok && !strstr(w->e.text, cases[i].says)))
			fail_msg("%s: %s", cases[i].command, ok ? "works" : w->e.text);
		assert_true(clock_mono_ms() - begun_ms < 3000);
		assert_null(strstr(w->e.text, "geheim"));
	}
}

/* What a server repeats or invents does not get to the console by our words. */
static void repeats_no_secrets(void **state)
{
	struct world *w = *state;
	char path[PATH_MAX];
	int port = servers_liar(&w->servers, SERVERS_ECHO);
	fixture_write(&w->servers.files, "password", "geheim");
	struct queue_spec *spec = describe(w, "redis", port);
	spec->password_file = fixture_path(&w->servers.files, path, "password");
	assert_false(look(w, spec));
	assert_non_null(strstr(w->e.text, "does not take the password: ERR"));
	assert_null(strstr(w->e.text, "geheim"));
	port = servers_liar(&w->servers, SERVERS_PAGE);
	assert_false(look(w, describe(w, "json", port)));
	assert_non_null(strstr(w->e.text, "no JSON: line 1"));
	assert_null(strstr(w->e.text, "geheim"));
}

/* Sums of what a server says do not overflow. */
static void takes_no_number_that_is_none(void **state)
{
	struct world *w = *state;
	const struct queue_spec *spec = describe(
		w, "kue", servers_liar(&w->servers, SERVERS_LARGE));
	look(w, spec);
	spec = describe(w, "bull", servers_liar(&w->servers, SERVERS_LARGE));
	look(w, spec);
	struct resp_value v = {.type = RESP_NUMBER, .number = INT64_MAX};
	int64_t number = 7;
	assert_false(resp_number(&v, &number));
	v.number = INT64_MIN;
	assert_false(resp_number(&v, &number));
	v = (struct resp_value){
		.type = RESP_TEXT, .text = "999999999999999999", .length = 18};
	assert_false(resp_number(&v, &number));
	assert_int_equal(number, 7);
	v.text = "1000000000000000";
	v.length = 16;
	assert_true(resp_number(&v, &number));
	assert_int_equal(number, RESP_NUMBER_MAX);
}

static void counts_files_and_backlogs(void **state)
{
	struct world *w = *state;
	char port[16];
	int number, fd = servers_listen(&number);
	fixture_write(&w->servers.files, "in/a.job", "");
	fixture_write(&w->servers.files, "in/b.job", "");
	fixture_write(&w->servers.files, "in/.c.job", "");
	fixture_write(&w->servers.files, "in/d.job/e.job", "");
	char path[PATH_MAX];
	set(w, "f", "kind", "files");
	set(w, "f", "directory", fixture_path(&w->servers.files, path, "in"));
	set(w, "f", "pattern", "*.job");
	snprintf(port, sizeof port, "%d", number);
	set(w, "p", "kind", "backlog");
	set(w, "p", "port", port);
	check(w);
	assert_true(look(w, &w->config.queues.at[0]));
	assert_int_equal(w->reading.queues[0].values.value[QUEUE_depth], 2);
	servers_await(number); /* connects, and nobody accepts */
	servers_await(number);
	assert_true(look(w, &w->config.queues.at[1]));
	assert_int_equal(w->reading.queues[0].values.value[QUEUE_depth], 2);
	uint64_t inodes[64];
	assert_true(backlogs_sockets("/proc", getpid(), inodes, 64) >= 1);
	close(fd);
	assert_false(look(w, &w->config.queues.at[1]));
}

/* The scout's side: what the part has said so far. */
struct heard {
	int looks;   /* readings of the good source */
	int fails;   /* sources that said that they do not work */
	int backlog; /* values of the process that listens */
};

static void hear(struct world *w, struct frames *frames, struct heard *h)
{
	struct err e;
	struct buf bytes = {0};
	enum frames_kind kind;
	bool found = true;
	struct wire_batch batch;
	frames->count = 0;
	if (!frames_read(frames, &e))
		fail_msg("%s", e.text);
	while (frames_next(frames, &kind, &bytes, &found, &e) && found) {
		if (!wire_batch_decode(bytes.data, bytes.length, clock_unix_ms(),
			    &w->arena, &batch, &e))
			fail_msg("%s", e.text);
		for (size_t i = 0; i < batch.queue_count; i++)
			h->looks += !strcmp(batch.queues[i].of.source, "good");
		for (size_t i = 0; i < batch.source_count; i++)
			h->fails += !batch.sources[i].works;
		for (size_t i = 0; i < batch.tick_count; i++)
			h->backlog += kind == FRAMES_JOIN &&
				      batch.ticks[i].samples[0]
						      .values.value[PROCESS_backlog] ==
					      1;
		buf_reset(&bytes);
	}
	buf_finish(&bytes);
}

static void *run(void *part)
{
	queues_run(part);
	return NULL;
}

static void one_source_never_delays_another(void **state)
{
	struct world *w = *state;
	int ends[2], stop[2], port, fd = servers_listen(&port);
	char path[PATH_MAX];
	fixture_write(&w->servers.files, "in/a", "");
	describe(w, "bull", servers_liar(&w->servers, SERVERS_SILENT));
	describe(w, "json", servers_liar(&w->servers, SERVERS_DRIP));
	describe(w, "kue", servers_liar(&w->servers, SERVERS_GARBAGE));
	for (size_t i = 0; i < 3; i++)
		set(w, w->config.queues.at[i].name, "interval", "300ms");
	w->config.queues.at[0].given_timeout_ms = 60000;
	set(w, "good", "kind", "files");
	set(w, "good", "directory", fixture_path(&w->servers.files, path, "in"));
	set(w, "good", "interval", "200ms");
	check(w);
	assert_int_equal(pipe(ends), 0);
	assert_int_equal(pipe(stop), 0);
	fcntl(ends[0], F_SETFL, O_NONBLOCK);
	w->config.interval_ms = 200;
	w->config.procfs = "/proc";
	const struct wire_batch host = {.boot_id = "b",
		.machine_id = "m",
		.hostname = "h",
		.kernel = "k",
		.cpus = 1,
		.interval_ms = 200};
	struct part part = {
		&w->config, crowd_create(), post_create(ends[1], &host), stop[0]};
	const struct wire_process self = {.service = "s",
		.version = "",
		.runtime = "",
		.rule = "",
		.command = "c",
		.pid = (uint32_t)getpid(),
		.started_unix_ms = clock_unix_ms(),
		.start_ticks = 1};
	crowd_set(part.crowd, &self, 1);
	servers_await(port); /* a connection that nobody accepts */
	pthread_t thread;
	struct frames frames = {.fd = ends[0]};
	struct heard heard = {0};
	pthread_create(&thread, NULL, run, &part);
	int64_t begun_ms = clock_mono_ms();
	while (clock_mono_ms() - begun_ms < 3000) {
		hear(w, &frames, &heard);
		poll(NULL, 0, 50);
	}
	/* Fifteen on an idle machine. */
	assert_in_range(heard.looks, 6, 16);
	assert_in_range(heard.fails, 2, 8);
	assert_true(heard.backlog >= 3);
	crowd_stop(part.crowd);
	assert_int_equal(write(stop[1], "x", 1), 1);
	begun_ms = clock_mono_ms();
	pthread_join(thread, NULL);
	assert_true(clock_mono_ms() - begun_ms < 2000);
	frames_finish(&frames);
	post_destroy(part.post);
	crowd_destroy(part.crowd);
	close(fd), close(ends[0]), close(ends[1]), close(stop[0]), close(stop[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(gives_up_on_liars, setup, teardown),
		cmocka_unit_test_setup_teardown(says_why_it_failed, setup, teardown),
		cmocka_unit_test_setup_teardown(repeats_no_secrets, setup, teardown),
		cmocka_unit_test_setup_teardown(
			takes_no_number_that_is_none, setup, teardown),
		cmocka_unit_test_setup_teardown(
			runs_commands_within_bounds, setup, teardown),
		cmocka_unit_test_setup_teardown(
			counts_files_and_backlogs, setup, teardown),
		cmocka_unit_test_setup_teardown(
			one_source_never_delays_another, setup, teardown),
	};
	fetch_start();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
