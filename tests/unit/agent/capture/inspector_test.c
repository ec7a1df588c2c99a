/*
 * The inspector of real processes: opened, used, closed, and left alone where it must.
 */
#include "agent/capture/inspector.h"
#include "agent/capture/netns.h"
#include "common/clock.h"
#include "tests/unit/agent/capture/service.h"

#include <linux/capability.h>
#include <sys/syscall.h>

#define KEEP "globalThis.tidemarkPlantedName = [1, 2, 3];"

static const struct service_options plain = {.script = KEEP SERVICE_SERVER};

#define START(s, ...)                                                                  \
	do {                                                                           \
		const struct service_options start_options = {__VA_ARGS__};            \
		if (!service_start(&(s), &start_options)) {                            \
			service_stop(&(s));                                            \
			skip();                                                        \
		}                                                                      \
	} while (0)

static void assert_refusal(struct door *d, enum door_refusal refusal, const char *why)
{
	struct err e = {0};
	assert_false(door_open(d, &e));
	assert_string_equal(
		door_refusal_name(door_refusal(d)), door_refusal_name(refusal));
	if (!strstr(e.text, why))
		fail_msg("'%s' says nothing of '%s'", e.text, why);
}

/* The whole way with one door. */
static void assert_works(const struct service *s, int inner_pid)
{
	struct facts facts;
	struct door_options o = service_door(s, DOOR_INSPECTOR, &facts);
	struct door *d = door_create(&o);
	struct door_statistics statistics;
	struct err e = {0};
	service_assert_open(d);
	if (!door_statistics(d, &statistics, &e))
		fail_msg("statistics: %s", e.text);
	assert_int_equal(statistics.pid, inner_pid);
	assert_true(statistics.heap_used_bytes > 1 << 20);
	assert_true(statistics.heap_limit_bytes > statistics.heap_used_bytes);
	assert_true(statistics.rss_bytes > statistics.heap_used_bytes);
	assert_true(statistics.version[0] >= '1' && statistics.version[0] <= '9');
	service_assert_take(d);
	int64_t begun = clock_mono_ms();
	service_assert_close(d);
	assert_true(clock_mono_ms() - begun < 2000);
	door_destroy(d);
}

static void a_process_goes_on_as_if_nothing_had_been(void **state)
{
	(void)state;
	struct service s;
	if (!service_start(&s, &plain)) {
		service_stop(&s);
		skip();
	}
	for (int i = 0; i < 2; i++) {
		assert_works(&s, s.pid);
		assert_true(service_refuses(FACTS_INSPECT_PORT));
		assert_true(service_answers(&s));
	}
	service_stop(&s);
}

static int64_t read_often(struct door *d, int times)
{
	struct door_statistics s;
	struct err e = {0};
	for (int i = 0; i < times; i++) {
		if (!door_statistics(d, &s, &e))
			fail_msg("statistics: %s", e.text);
	}
	usleep(500000); /* for the garbage to be collected */
	assert_true(door_statistics(d, &s, &e));
	return s.heap_used_bytes;
}

static void reading_statistics_leaves_nothing_behind(void **state)
{
	(void)state;
	struct service s;
	START(s, .script = "setInterval(gc, 100);" SERVICE_SERVER,
		.flags = {"--expose-gc"});
	struct facts facts;
	struct door_options o = service_door(&s, DOOR_INSPECTOR, &facts);
	struct door *d = door_create(&o);
	service_assert_open(d);
	int64_t few = read_often(d, 100);
	int64_t many = read_often(d, 2000);
	assert_true(many - few < 512 << 10);
	service_assert_close(d);
	door_destroy(d);
	service_stop(&s);
}

static void what_is_no_node_is_never_signalled(void **state)
{
	(void)state;
	struct service s = {.folder = "/tmp/none"};
	s.pid = fork();
	if (s.pid == 0) {
		execlp("sleep", "sleep", "60", (char *)NULL);
		_exit(127);
	}
	usleep(200000);
	struct facts facts;
	struct door_options o = service_door(&s, DOOR_INSPECTOR, &facts);
	struct door *d = door_create(&o);
	assert_refusal(d, DOOR_NOT_NODE, "'sleep', not Node.js");
	door_destroy(d);
	facts.is_node = true; /* though somebody should call it so */
	d = door_create(&o);
	assert_refusal(d, DOOR_NO_ROUTE, "no handler");
	door_destroy(d);
	assert_true(service_is_alive(&s));
	service_stop(&s);
}

static void who_shut_the_way_is_told_so(void **state)
{
	(void)state;
	static const struct {
		const char *flag, *why;
	} cases[] = {
		{"--disable-sigusr1", "--disable-sigusr1"},
		{"--inspect-port=0.0.0.0:9229", "network"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct service s;
		const struct service_options options = {.flags = {cases[i].flag}};
		if (!service_start(&s, &options)) { /* an older version */
			service_stop(&s);
			continue;
		}
		struct facts facts;
		struct door_options o = service_door(&s, DOOR_INSPECTOR, &facts);
		struct door *d = door_create(&o);
		assert_refusal(d, DOOR_NO_ROUTE, cases[i].why);
		door_destroy(d);
		assert_true(service_answers(&s));
		assert_true(service_refuses(FACTS_INSPECT_PORT));
		service_stop(&s);
	}
}

static void two_processes_of_one_network_take_turns(void **state)
{
	(void)state;
	struct service a, b;
	START(a, .script = KEEP SERVICE_SERVER);
	START(b, .script = KEEP SERVICE_SERVER);
	struct facts of_a, of_b;
	struct door_options o_a = service_door(&a, DOOR_INSPECTOR, &of_a);
	struct door_options o_b = service_door(&b, DOOR_INSPECTOR, &of_b);
	o_b.lock_ms = 200;
	struct door *first = door_create(&o_a), *second = door_create(&o_b);
	service_assert_open(first);
	assert_refusal(second, DOOR_LOCKED, "another capture");
	service_assert_close(first);
	door_destroy(first);
	door_destroy(second);
	assert_works(&b, b.pid);
	assert_works(&a, a.pid);
	assert_true(service_answers(&a) && service_answers(&b));
	service_stop(&a);
	service_stop(&b);
}

static void a_port_that_is_taken_is_left_alone(void **state)
{
	(void)state;
	struct service s;
	START(s, .script = NULL);
	struct sockaddr_in at = {.sin_family = AF_INET,
		.sin_port = htons(FACTS_INSPECT_PORT),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int on = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
	assert_int_equal(bind(fd, (struct sockaddr *)&at, sizeof at), 0);
	assert_int_equal(listen(fd, 1), 0);
	struct facts facts;
	struct door_options o = service_door(&s, DOOR_INSPECTOR, &facts);
	struct door *d = door_create(&o);
	assert_refusal(d, DOOR_PORT_TAKEN, "taken by another");
	struct pollfd called = {.fd = fd, .events = POLLIN};
	assert_int_equal(poll(&called, 1, 100), 0); /* nobody has connected */
	close(fd);
	assert_true(service_answers(&s));
	assert_true(service_refuses(FACTS_INSPECT_PORT)); /* no signal was sent */
	door_destroy(d);
	service_stop(&s);
}

static void who_handles_the_signal_himself_is_known_after_three_seconds(void **state)
{
	(void)state;
	struct service s;
	START(s, .script = "process.on('SIGUSR1', () => {});" SERVICE_SERVER);
	struct facts facts;
	struct door_options o = service_door(&s, DOOR_INSPECTOR, &facts);
	struct door *d = door_create(&o);
	int64_t begun = clock_mono_ms();
	assert_refusal(d, DOOR_SELF_HANDLED, "never again");
	assert_in_range(clock_mono_ms() - begun, 2900, 4500);
	door_destroy(d);
	assert_true(service_answers(&s));
	service_stop(&s);
}

/* Its main thread is somewhere in the crypto library, where nothing can interrupt it.
 */
static void who_is_too_busy_is_not_taken_for_one_of_those(void **state)
{
	(void)state;
	struct service s;
	START(s, .script = SERVICE_SERVER
		 "setTimeout(() => require('crypto')"
		 ".pbkdf2Sync('a', 'b', 5e6, 64, 'sha512'), 100);");
	struct facts facts;
	usleep(300000);
	struct door_options o = service_door(&s, DOOR_INSPECTOR, &facts);
	o.open_ms = 1500;
	o.close_ms = 60000;
	struct door *d = door_create(&o);
	assert_refusal(d, DOOR_SILENT, "too busy");
	door_destroy(d);

	/* It opens late: the caller comes back for that. */
	o.open_ms = 60000;
	bool was_open;
	struct err e = {0};
	assert_true(inspector_close_leftover(&o, &was_open, &e));
	assert_true(was_open);
	assert_true(service_refuses(FACTS_INSPECT_PORT));
	service_stop(&s);
}

static void what_a_process_calls_itself_does_not_matter(void **state)
{
	(void)state;
	struct service s;
	START(s, .script = "Object.defineProperty(process, 'pid', {value: 4242});" KEEP
			 SERVICE_SERVER);
	struct facts facts;
	struct door_options o = service_door(&s, DOOR_INSPECTOR, &facts);
	struct door *d = door_create(&o);
	assert_false(door_owes_closing(d));
	service_assert_open(d);
	assert_true(door_owes_closing(d));
	service_assert_take(d);
	service_assert_close(d);
	assert_false(door_owes_closing(d));
	door_destroy(d);
	assert_true(service_refuses(FACTS_INSPECT_PORT));

	/* Nor when somebody else has to close it. */
	kill(s.pid, SIGUSR1);
	for (int i = 0; i < 300 && service_refuses(FACTS_INSPECT_PORT); i++)
		usleep(10000);
	bool was_open;
	struct err e = {0};
	assert_true(inspector_close_leftover(&o, &was_open, &e));
	assert_true(was_open);
	assert_true(service_refuses(FACTS_INSPECT_PORT));
	assert_true(service_answers(&s));
	service_stop(&s);
}

static void an_inspector_that_somebody_opened_is_his(void **state)
{
	(void)state;
	struct service s;
	START(s, .script = NULL);
	struct facts facts;
	struct door_options o = service_door(&s, DOOR_INSPECTOR, &facts);
	kill(s.pid, SIGUSR1);
	for (int i = 0; i < 300 && service_refuses(FACTS_INSPECT_PORT); i++)
		usleep(10000);
	struct door *d = door_create(&o);
	assert_refusal(d, DOOR_ALREADY_OPEN, "somebody else's hand");
	door_destroy(d);
	assert_false(service_refuses(FACTS_INSPECT_PORT));

	bool was_open;
	struct err e = {0};
	assert_true(inspector_close_leftover(&o, &was_open, &e));
	assert_true(was_open);
	assert_true(service_refuses(FACTS_INSPECT_PORT));
	o.open_ms = 100;
	assert_true(inspector_close_leftover(&o, &was_open, &e));
	assert_false(was_open);
	assert_true(service_answers(&s));
	service_stop(&s);
}

static void an_inspector_from_the_start_stays_open(void **state)
{
	(void)state;
	struct service s;
	START(s, .script = KEEP SERVICE_SERVER, .flags = {"--inspect"});
	struct facts facts;
	struct door_options o = service_door(&s, DOOR_INSPECTOR, &facts);
	struct door *d = door_create(&o);
	bool was_open;
	struct err e;
	service_assert_open(d);
	assert_non_null(strstr(door_remark(d), "stays open"));
	service_assert_take(d);
	service_assert_close(d);
	door_destroy(d);
	assert_true(inspector_close_leftover(&o, &was_open, &e));
	assert_false(was_open);
	assert_false(service_refuses(FACTS_INSPECT_PORT));
	service_stop(&s);
}

static void other_ways_to_start_work_as_well(void **state)
{
	(void)state;
	static const struct service_options ways[] = {
		{.script = KEEP SERVICE_SERVER, .flags = {"--inspect-port=0"}},
		{.script = KEEP SERVICE_SERVER,
			.variables = {"NODE_OPTIONS=--inspect-port=0"}},
		{.script = KEEP SERVICE_SERVER, .flags = {"--inspect-port", "9555"}},
		{.script = "import http from 'http';" KEEP
			   "http.createServer((q, r) => r.end('ok')).listen(0, "
			   "'127.0.0.1', function () { "
			   "console.log(this.address().port); });",
			.name = "app.mjs"},
		{.script = KEEP "process.title = 'checkout';" SERVICE_SERVER},
	};
	for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
		struct service s;
		if (!service_start(&s, &ways[i])) {
			service_stop(&s);
			skip();
		}
		assert_works(&s, s.pid);
		assert_true(service_refuses(FACTS_INSPECT_PORT));
		assert_true(service_refuses(9555));
		assert_true(service_answers(&s));
		service_stop(&s);
	}
}

static void the_worker_of_a_cluster_is_the_right_one(void **state)
{
	(void)state;
	struct service primary;
	START(primary, .script = "const c = require('cluster');" KEEP
				 "if (c.isMaster) { const w = c.fork(); c.fork();"
				 "w.on('online', () => setTimeout(() => "
				 "console.log(w.process.pid), 500)); }"
				 "else require('http').createServer((q, r) => "
				 "r.end('ok')).listen(0);");
	struct service worker = {.pid = primary.port};
	assert_works(&worker, worker.pid);
	assert_true(service_refuses(FACTS_INSPECT_PORT));
	assert_true(service_is_alive(&primary));
	assert_int_equal(kill(worker.pid, 0), 0);
	service_stop(&primary);
}

static void a_network_of_its_own_is_entered(void **state)
{
	(void)state;
	struct service s;
	START(s, .script = KEEP SERVICE_SERVER, .own_network = true);
	struct facts facts;
	service_door(&s, DOOR_INSPECTOR, &facts);
	assert_false(facts.is_net_ours);
	assert_true(facts.net_namespace != 0);
	assert_works(&s, s.pid);
	assert_true(service_is_alive(&s));
	service_stop(&s);
}

static void what_does_not_close_is_an_alarm(void **state)
{
	(void)state;
	struct service s;
	START(s, .script = "require('inspector').close = () => {};" SERVICE_SERVER);
	struct facts facts;
	struct door_options o = service_door(&s, DOOR_INSPECTOR, &facts);
	o.close_ms = 1500;
	struct door *d = door_create(&o);
	struct err e = {0};
	service_assert_open(d);
	assert_false(door_close(d, &e));
	assert_int_equal(door_refusal(d), DOOR_STILL_OPEN);
	assert_non_null(strstr(e.text, "STILL OPEN"));
	door_destroy(d);
	assert_true(service_answers(&s));
	service_stop(&s);
}

/* A sink that does something in the middle. */
struct disturbance {
	pid_t kills;
	int writes; /* end of a pipe */
	bool fails;
};

static bool disturb(void *context, const void *bytes, size_t length, struct err *e)
{
	(void)bytes;
	(void)length;
	struct disturbance *d = context;
	if (d->kills)
		kill(d->kills, SIGKILL);
	if (d->writes && write(d->writes, "x", 1) < 0)
		return err_errno(e, "pipe");
	return !d->fails || err_set(e, ERR_BUSY, "no more room");
}

static void a_capture_that_is_given_up_is_closed(void **state)
{
	(void)state;
	struct service s;
	START(s, .script = KEEP SERVICE_SERVER);
	struct facts facts;
	struct door_options o = service_door(&s, DOOR_INSPECTOR, &facts);
	int ends[2];
	assert_int_equal(pipe(ends), 0);
	for (int stops = 0; stops < 2; stops++) {
		struct disturbance by = {
			.writes = stops ? ends[1] : 0, .fails = !stops};
		const struct door_sink sink = {disturb, NULL, &by};
		struct err e = {0};
		o.stop_fd = ends[0];
		struct door *d = door_create(&o);
		service_assert_open(d);
		assert_false(door_take(d, &sink, &e));
		assert_int_equal(
			door_refusal(d), stops ? DOOR_STOPPED : DOOR_NO_REFUSAL);
		assert_non_null(strstr(e.text, stops ? "stopped" : "no more room"));
		service_assert_close(d);
		door_destroy(d);
		assert_true(service_refuses(FACTS_INSPECT_PORT));
		assert_true(service_answers(&s));
	}
	close(ends[0]);
	close(ends[1]);
	service_stop(&s);
}

static void a_process_that_ends_meanwhile_is_closed(void **state)
{
	(void)state;
	struct service s;
	START(s, .script = KEEP SERVICE_SERVER);
	struct facts facts;
	struct door_options o = service_door(&s, DOOR_INSPECTOR, &facts);
	struct disturbance by = {.kills = s.pid};
	const struct door_sink sink = {disturb, NULL, &by};
	struct err e = {0};
	struct door *d = door_create(&o);
	service_assert_open(d);
	assert_false(door_take(d, &sink, &e));
	assert_int_equal(door_refusal(d), DOOR_ENDED);
	service_assert_close(d);
	door_destroy(d);
	service_stop(&s);
}

static void what_a_killed_helper_left_is_closed(void **state)
{
	(void)state;
	struct service s;
	START(s, .script = KEEP SERVICE_SERVER);
	struct facts facts;
	struct door_options o = service_door(&s, DOOR_INSPECTOR, &facts);
	pid_t helper = fork();
	if (helper == 0) {
		struct err e;
		struct door *d = door_create(&o);
		_exit(door_open(d, &e) ? 0 : 1); /* as by SIGKILL: nothing is closed */
	}
	int status;
	waitpid(helper, &status, 0);
	assert_int_equal(status, 0);
	assert_false(service_refuses(FACTS_INSPECT_PORT));
	bool was_open;
	struct err e = {0};
	assert_true(inspector_close_leftover(&o, &was_open, &e));
	assert_true(was_open);
	assert_true(service_refuses(FACTS_INSPECT_PORT));

	/* One that opens only after we began to look. */
	helper = fork();
	if (helper == 0) {
		usleep(300000);
		_exit(kill(s.pid, SIGUSR1) != 0);
	}
	assert_true(inspector_close_leftover(&o, &was_open, &e));
	assert_true(was_open);
	waitpid(helper, NULL, 0);
	assert_true(service_refuses(FACTS_INSPECT_PORT));
	assert_true(service_answers(&s));
	service_stop(&s);
}

static void a_stopped_process_is_not_signalled(void **state)
{
	(void)state;
	struct service s;
	START(s, .script = NULL);
	struct facts facts;
	kill(s.pid, SIGSTOP);
	usleep(100000);
	struct door_options o = service_door(&s, DOOR_INSPECTOR, &facts);
	struct door *d = door_create(&o);
	assert_refusal(d, DOOR_NO_ROUTE, "stopped");
	door_destroy(d);
	kill(s.pid, SIGCONT);
	assert_true(service_answers(&s));
	assert_true(service_refuses(FACTS_INSPECT_PORT));
	service_stop(&s);
}

/* Without the right to see descriptors: the process is told by what it says. */
static void without_rights_the_process_says_who_it_is(void **state)
{
	(void)state;
	struct service s;
	START(s, .script = KEEP SERVICE_SERVER);
	if (geteuid() != 0) {
		service_stop(&s);
		skip();
	}
	struct facts facts;
	struct door_options o = service_door(&s, DOOR_INSPECTOR, &facts);
	pid_t helper = fork();
	if (helper == 0) {
		struct __user_cap_header_struct header = {
			.version = _LINUX_CAPABILITY_VERSION_3};
		struct __user_cap_data_struct none[2] = {0};
		struct err e = {0};
		if (syscall(SYS_capset, &header, none) != 0)
			_exit(2);
		struct door *d = door_create(&o);
		if (!door_open(d, &e) || !strstr(door_remark(d), "after connecting"))
			_exit(3);
		_exit(door_close(d, &e) ? 0 : 4);
	}
	int status;
	waitpid(helper, &status, 0);
	assert_int_equal(status, 0);
	assert_true(service_refuses(FACTS_INSPECT_PORT));
	service_stop(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_process_goes_on_as_if_nothing_had_been),
		cmocka_unit_test(reading_statistics_leaves_nothing_behind),
		cmocka_unit_test(what_is_no_node_is_never_signalled),
		cmocka_unit_test(who_shut_the_way_is_told_so),
		cmocka_unit_test(two_processes_of_one_network_take_turns),
		cmocka_unit_test(a_port_that_is_taken_is_left_alone),
		cmocka_unit_test(
			who_handles_the_signal_himself_is_known_after_three_seconds),
		cmocka_unit_test(who_is_too_busy_is_not_taken_for_one_of_those),
		cmocka_unit_test(what_a_process_calls_itself_does_not_matter),
		cmocka_unit_test(an_inspector_that_somebody_opened_is_his),
		cmocka_unit_test(an_inspector_from_the_start_stays_open),
		cmocka_unit_test(other_ways_to_start_work_as_well),
		cmocka_unit_test(the_worker_of_a_cluster_is_the_right_one),
		cmocka_unit_test(a_network_of_its_own_is_entered),
		cmocka_unit_test(what_does_not_close_is_an_alarm),
		cmocka_unit_test(a_capture_that_is_given_up_is_closed),
		cmocka_unit_test(a_process_that_ends_meanwhile_is_closed),
		cmocka_unit_test(what_a_killed_helper_left_is_closed),
		cmocka_unit_test(a_stopped_process_is_not_signalled),
		cmocka_unit_test(without_rights_the_process_says_who_it_is),
	};
	return cmocka_run_group_tests(tests, service_setup, NULL);
}
