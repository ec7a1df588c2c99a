/* [queue NAME] sections: what is understood, what is refused, and in which words. */
#include "agent/config.h"

#include "tests/unit/agent/fixture.h"

struct world {
	struct fixture f;
	struct arena arena;
	struct config config;
	struct err e;
};

static int setup(void **state)
{
	struct world *w = calloc(1, sizeof *w);
	fixture_init(&w->f);
	arena_init(&w->arena);
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

static bool load(struct world *w, const char *text)
{
	char path[PATH_MAX];
	fixture_write(&w->f, "agent.conf", text);
	return config_load(
		&w->config, fixture_path(&w->f, path, "agent.conf"), &w->arena, &w->e);
}

static void reads_a_section(void **state)
{
	struct world *w = *state;
	assert_true(load(w,
		"[queue jobs]\nkind = bullmq\nurl = rediss://[::1]:7000/2\n"
		"user = tm\npassword_file = /etc/pw\nca_file = /etc/ca.pem\n"
		"queues = mail, inv-*\nproducers = shop\nworkers = *-worker\n"
		"interval = 30s\n[queue disk]\nkind = files\ndirectory = /in\n"));
	assert_int_equal(w->config.queues.count, 2);
	const struct queue_spec *s = w->config.queues.at;
	assert_string_equal(s->name, "jobs");
	assert_int_equal(s->kind, QUEUE_BULLMQ);
	assert_string_equal(s->at.scheme, "rediss");
	assert_string_equal(s->at.host, "::1");
	assert_string_equal(s->at.port, "7000");
	assert_string_equal(s->at.path, "/2");
	assert_string_equal(s->prefix, "bull");
	assert_int_equal(s->queues.count, 2);
	assert_string_equal(s->queues.names[1], "inv-*");
	assert_string_equal(s->workers.names[0], "*-worker");
	assert_int_equal(s->interval_ms, 30000);
	assert_int_equal(s->timeout_ms, 5000);
	assert_int_equal(s[1].interval_ms, 10000); /* the agent's */
	assert_string_equal(s[1].pattern, "*");
}

static void reads_commands_and_loads(void **state)
{
	struct world *w = *state;
	assert_true(load(w, "[agent]\nallow_commands = yes\n[queue c]\nkind = command\n"
			    "command = /bin/count 'a b' \"\" c\ntimeout = 1s\n"
			    "[service shop]\nload_url = http://127.0.0.1/metrics\n"
			    "load_metric = hits{code=\"200\"}\n"));
	char **words = w->config.queues.at[0].words;
	assert_string_equal(words[1], "a b");
	assert_string_equal(words[2], "");
	assert_string_equal(words[3], "c");
	assert_null(words[4]);
	assert_int_equal(w->config.queues.load_count, 1);
	assert_string_equal(w->config.queues.loads[0].at.port, "80");
	assert_string_equal(w->config.queues.loads[0].service, "shop");
}

/* The command line is checked after the file: twice in all. */
static void takes_the_interval_of_the_command_line(void **state)
{
	struct world *w = *state;
	char *argv[] = {"agent", "--interval=1s", NULL};
	int rest;
	assert_true(load(w,
		"[queue jobs]\nkind = kue\nurl = /s\n[queue disk]\nkind = files\n"
		"directory = /in\ninterval = 20s\n"));
	if (!config_arguments(&w->config, 2, argv, 1, &rest, &w->arena, &w->e))
		fail_msg("%s", w->e.text);
	assert_int_equal(w->config.queues.at[0].interval_ms, 1000);
	assert_int_equal(w->config.queues.at[0].timeout_ms, 1000);
	assert_int_equal(w->config.queues.at[1].interval_ms, 20000);
}

static void refuses_and_says_where(void **state)
{
	struct world *w = *state;
	static const struct {
		const char *text, *says;
	} wrong[] = {
		{"[queue]\nkind = kue\n", "[queue] needs a name"},
		{"[queue a]\nurl = /x\n", "[queue a]: kind is missing"},
		{"[queue a]\nkind = rabbit\n", "[queue a]: kind is 'rabbit'"},
		{"[queue a]\nkind = kue\n", "[queue a]: kind kue needs a url"},
		{"[queue a]\nkind = kue\nurl = http://h/\n",
			"[queue a]: url: kind kue needs redis://"},
		{"[queue a]\nkind = json\ndepth = a\nurl = /run/s\n",
			"[queue a]: url: kind json needs http://"},
		{"[queue a]\nkind = kue\nurl = ftp://h/\n", "begins with none of"},
		{"[queue a]\nkind = kue\nurl = redis://u:p@h\n",
			"a name or password has no place in it"},
		{"[queue a]\nkind = kue\nurl = redis://h:99999\n", "is not SCHEME"},
		{"[queue a]\nkind = kue\nurl = redis://:1\n", "is not SCHEME"},
		{"[queue a]\npassword = geheim\n", "[queue a]: password: give the"},
		{"[queue a]\nkind = kue\nurl = /s\npassword_file = pw\n",
			"password_file: 'pw' does not begin with '/'"},
		{"[queue a]\nkind = kue\nurl = /s\nca_file = /ca\n",
			"ca_file: the url is not rediss://"},
		{"[queue a]\nkind = kue\nurl = /s\nport = 1\n",
			"[queue a]: port says nothing of kind kue"},
		{"[queue a]\nkind = kue\nurl = /s\ndepth = x\n",
			"depth says nothing of kind kue"},
		{"[queue a]\nkind = json\nurl = http://h/\n", "needs one of depth"},
		{"[queue a]\nkind = command\ncommand = /bin/true\n",
			"[queue a]: kind command needs allow_commands = yes"},
		{"[queue a]\nkind = command\ncommand = true\n",
			"command: 'true' does not begin with '/'"},
		{"[queue a]\nkind = command\ncommand = /x 'a\n",
			"command: a quote is not closed"},
		{"[queue a]\nkind = backlog\n", "kind backlog needs a port"},
		{"[queue a]\nport = 70000\n", "port: '70000' is not between"},
		{"[queue a]\nkind = files\ndirectory = in\n",
			"directory: 'in' does not begin with '/'"},
		{"[queue a]\nkind = redis\nurl = /s\n", "kind redis needs queues"},
		{"[queue a]\nkind = kue\nurl = /s\nqueues = a,,b\n",
			"queues has an empty name"},
		{"[queue a]\ninterval = 1ms\n", "interval: '1ms' is not between"},
		{"[queue a]\nkind = kue\nkind = kue\n", "kind is given twice"},
		{"[queue a]\ncolour = red\n", "[queue a]: unknown key 'colour'"},
		{"[service a]\nload_url = http://h/\n",
			"[service a]: load_url and load_metric need each other"},
		{"[service a]\nload_colour = x\n", "unknown key 'load_colour'"},
	};
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		if (load(w, wrong[i].text))
			fail_msg("'%s' was taken", wrong[i].text);
		assert_int_equal(w->e.kind, ERR_INPUT);
		if (!strstr(w->e.text, wrong[i].says))
			fail_msg("'%s' says '%s'", wrong[i].text, w->e.text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(reads_a_section, setup, teardown),
		cmocka_unit_test_setup_teardown(
			reads_commands_and_loads, setup, teardown),
		cmocka_unit_test_setup_teardown(
			takes_the_interval_of_the_command_line, setup, teardown),
		cmocka_unit_test_setup_teardown(
			refuses_and_says_where, setup, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
