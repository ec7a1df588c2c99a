#include "agent/capture/facts.h"
#include "agent/capture/handle.h"
#include "tests/unit/cmocka_all.h"

#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define STATUS                                                                         \
	"Name:\tnode\nUmask:\t0022\nState:\tS (sleeping)\nTgid:\t20510\nPid:\t20510\n" \
	"Uid:\t1000\t1001\t1000\t1000\nNSpid:\t20510\t17\t1\nVmRSS:\t   50000 kB\n"    \
	"RssAnon:\t   30000 "                                                          \
	"kB\nSigBlk:\t0000000000000000\nSigIgn:\t0000000000001000\n"                   \
	"SigCgt:\t0000000100004602\n"

static void status_says_what_a_signal_would_do(void **state)
{
	(void)state;
	struct facts f = {0};
	assert_true(facts_parse_status(STATUS, &f));
	assert_int_equal(f.state, 'S');
	assert_int_equal(f.uid, 1001);
	assert_int_equal(f.inner_pid, 1);
	assert_int_equal(f.rss_bytes, 50000 << 10);
	assert_int_equal(f.anonymous_bytes, 30000 << 10);
	assert_true(facts_catches(&f, SIGUSR1));
	assert_false(facts_catches(&f, SIGUSR2));
	assert_false(facts_catches(&f, SIGPIPE));
	f.signals_ignored |= 0x200;
	assert_false(facts_catches(&f, SIGUSR1));
	assert_false(facts_parse_status("nonsense", &f));
	assert_false(facts_parse_status("", &f));
}

static void parse(struct facts *f, const char *command, size_t length)
{
	memset(f, 0, sizeof *f);
	f->flags.inspect_port = FACTS_INSPECT_PORT;
	facts_parse_command(command, length, f);
}

#define PARSE(f, text) parse((f), text, sizeof text)

static void flags_of_the_command_line(void **state)
{
	(void)state;
	struct facts f;
	PARSE(&f,
		"node\0--heapsnapshot-signal=SIGUSR2\0--diagnostic-dir\0/var/x\0a.js");
	assert_int_equal(f.flags.heap_signal, SIGUSR2);
	assert_string_equal(f.flags.diagnostic_dir, "/var/x");
	assert_true(f.flags.is_command_known);
	PARSE(&f, "node\0--disable_sigusr1\0--permission\0a.js");
	assert_true(f.flags.disable_sigusr1);
	assert_true(f.flags.permission);
	PARSE(&f, "node\0-r\0x\0--inspect\0a.js");
	assert_true(f.flags.inspect);
	assert_false(f.flags.inspect_exposed);
	assert_int_equal(f.flags.inspect_port, FACTS_INSPECT_PORT);
}

static void arguments_of_the_script_are_none_of_node(void **state)
{
	(void)state;
	struct facts f;
	PARSE(&f, "node\0a.js\0--disable-sigusr1\0--heapsnapshot-signal=SIGUSR2");
	assert_false(f.flags.disable_sigusr1);
	assert_int_equal(f.flags.heap_signal, 0);
	PARSE(&f, "node\0--\0--inspect");
	assert_false(f.flags.inspect);
	PARSE(&f, "node\0--require\0--inspect\0a.js");
	assert_false(f.flags.inspect);
	PARSE(&f, "PM2 v5: God Daemon");
	assert_false(f.flags.is_command_known);
}

static void addresses_of_the_inspector(void **state)
{
	(void)state;
	static const struct {
		const char *options;
		int port;
		bool exposed;
	} cases[] = {
		{"--inspect-port=9300", 9300, false},
		{"--inspect-port=0", 0, false},
		{"--inspect-port 0", 0, false},
		{"--debug-port=9301", 9301, false},
		{"--inspect-port=127.0.0.1:9302", 9302, false},
		{"--inspect-port=[::1]:9303", 9303, false},
		{"--inspect-port=localhost:9304", 9304, false},
		{"--inspect-port=0.0.0.0:9305", 9305, true},
		{"--inspect=0.0.0.0", 9229, true},
		{"--inspect=[::]:9306", 9306, true},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct facts_flags flags = {.inspect_port = FACTS_INSPECT_PORT};
		facts_parse_options(cases[i].options, &flags);
		assert_int_equal(flags.inspect_port, cases[i].port);
		assert_int_equal(flags.inspect_exposed, cases[i].exposed);
	}
}

static void options_hold_words_together_by_quotes(void **state)
{
	(void)state;
	struct facts_flags flags = {0};
	facts_parse_options("  --require \"/a b/x.js\"  \"--diagnostic-dir=/a \\\"b\" "
			    "--heapsnapshot-signal=SIGUSR1",
		&flags);
	assert_string_equal(flags.diagnostic_dir, "/a \"b");
	assert_int_equal(flags.heap_signal, SIGUSR1);
}

static void a_process_without_handler_is_never_signalled(void **state)
{
	(void)state;
	pid_t child = fork();
	if (child == 0) {
		execlp("sleep", "sleep", "60", (char *)NULL);
		_exit(127);
	}
	struct facts f;
	struct err e;
	struct handle h;
	usleep(100000);
	assert_true(facts_read("/proc", child, &f, &e));
	assert_false(f.is_node);
	assert_string_equal(f.program, "sleep");
	assert_true(f.is_net_ours);
	assert_true(handle_init(&h, "/proc", &f, &e));
	f.signals_caught = UINT64_MAX; /* facts that are out of date */
	assert_false(handle_signal(&h, "/proc", &f, SIGUSR1, &e));
	assert_non_null(strstr(e.text, "no handler"));
	assert_false(handle_has_ended(&h));
	assert_int_equal(waitpid(child, NULL, WNOHANG), 0);

	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	assert_true(handle_has_ended(&h));
	assert_false(handle_signal(&h, "/proc", &f, SIGUSR1, &e));
	handle_finish(&h);
	assert_false(handle_init(&h, "/proc", &f, &e));
	assert_false(facts_read("/proc", child, &f, &e));
	assert_int_equal(e.kind, ERR_INPUT);
}

static void a_number_that_means_another_process_is_not_held(void **state)
{
	(void)state;
	struct facts f;
	struct err e;
	struct handle h;
	assert_true(facts_read("/proc", getpid(), &f, &e));
	f.start_ticks--;
	assert_false(handle_init(&h, "/proc", &f, &e));
	assert_non_null(strstr(e.text, "has ended"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(status_says_what_a_signal_would_do),
		cmocka_unit_test(flags_of_the_command_line),
		cmocka_unit_test(arguments_of_the_script_are_none_of_node),
		cmocka_unit_test(addresses_of_the_inspector),
		cmocka_unit_test(options_hold_words_together_by_quotes),
		cmocka_unit_test(a_process_without_handler_is_never_signalled),
		cmocka_unit_test(a_number_that_means_another_process_is_not_held),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
