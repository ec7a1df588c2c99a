/* The agent's settings: what is refused, where, and in which words. */
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

static void has_good_defaults(void **state)
{
	struct world *w = *state;
	assert_true(config_load(&w->config, NULL, &w->arena, &w->e));
	assert_string_equal(w->config.state_dir, "/var/lib/tidemark-agent");
	assert_int_equal(w->config.interval_ms, 10000);
	assert_int_equal(w->config.spool_max_bytes, 64 << 20);
	assert_int_equal(w->config.min_rss_bytes, 16 << 20);
	assert_int_equal(w->config.pss_budget_ms, 20);
	assert_string_equal(w->config.procfs, "/proc");
	assert_int_equal(w->config.least, LOG_INFO);
	assert_int_equal(w->config.rule_count, 0);
	assert_string_equal(w->config.snapshots, ""); /* nobody is opted in */
	assert_string_equal(w->config.snapshot_dirs, "");
	assert_int_equal(w->config.snapshot_pause_max_ms, 2000);
	assert_int_equal(w->config.snapshot_cooldown_ms, 600000);
	assert_int_equal(w->config.snapshot_memory_bytes, 1 << 30);
	assert_int_equal(w->config.snapshot_raw_max_bytes, 1 << 30);
}

static void reads_what_snapshots_need(void **state)
{
	struct world *w = *state;
	assert_true(load(w,
		"[agent]\nsnapshots = checkout, shop-*\nsnapshot_dirs = /a, /b c\n"
		"snapshot_raw_max = 0\nsnapshot_pause_max = 500ms\n"
		"[service checkout]\ndumps = /var/dumps\n"));
	assert_string_equal(w->config.snapshots, "checkout, shop-*");
	assert_int_equal(w->config.snapshot_raw_max_bytes, 0);
	assert_int_equal(w->config.snapshot_pause_max_ms, 500);
	assert_string_equal(w->config.rules[0].dumps, "/var/dumps");
	assert_null(w->config.rules[0].command);
}

static void refuses_wrong_lists_and_directories(void **state)
{
	struct world *w = *state;
	static const struct {
		const char *text, *says;
	} wrong[] = {
		{"[agent]\nsnapshots = a,,b\n", "snapshots has an empty name"},
		{"[agent]\nsnapshots = ,a\n", "snapshots has an empty name"},
		{"[agent]\nsnapshot_dirs = /a, b\n",
			"snapshot_dirs: 'b' does not begin with '/'"},
		{"[agent]\npreload_dir = run\n", "preload_dir: 'run' does not begin"},
		{"[agent]\nsnapshot_memory = 1M\n", "snapshot_memory"},
		{"[service a]\ndumps = here\n",
			"dumps: 'here' does not begin with '/'"},
		{"[service a]\ndumps = /a\ndumps = /b\n", "dumps is given twice"},
	};
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		assert_false(load(w, wrong[i].text));
		assert_int_equal(w->e.kind, ERR_INPUT);
		if (!strstr(w->e.text, wrong[i].says))
			fail_msg("'%s' says '%s'", wrong[i].text, w->e.text);
	}
}

static void reads_rules_in_their_order(void **state)
{
	struct world *w = *state;
	assert_true(load(w, "[agent]\ninterval = 5s\n"
			    "[service checkout]\ncommand = node */app.js\nuser = 1000\n"
			    "[service Mail Out]\nunit = exim*\ncgroup = /x/*\n"));
	assert_int_equal(w->config.interval_ms, 5000);
	assert_int_equal(w->config.rule_count, 2);
	const struct target_rule *r = w->config.rules;
	assert_string_equal(r[0].service, "checkout");
	assert_string_equal(r[0].command, "node */app.js");
	assert_null(r[0].unit);
	assert_true(r[0].has_user);
	assert_int_equal(r[0].user, 1000);
	assert_string_equal(r[1].service, "Mail Out");
	assert_string_equal(r[1].unit, "exim*");
	assert_string_equal(r[1].cgroup, "/x/*");
	assert_false(r[1].has_user);
}

static void names_that_were_found_are_renamed_merged_and_ignored(void **state)
{
	struct world *w = *state;
	assert_true(load(w, "[service shop]\nservice = shop-*, web\n"
			    "[service junk]\nignore = yes\nservice = backup\n"
			    "[service shop]\nservice = mail\nignore = no\n"));
	const struct target_rule *r = w->config.rules;
	assert_int_equal(w->config.rule_count, 2);
	assert_string_equal(r[0].found, "shop-*, web, mail");
	assert_false(r[0].ignore);
	assert_string_equal(r[1].found, "backup");
	assert_true(r[1].ignore);
}

static void a_section_that_ignores_says_what(void **state)
{
	struct world *w = *state;
	assert_false(load(w, "[service junk]\nignore = yes\n"));
	assert_non_null(strstr(w->e.text, "[service junk] says ignore, but not what"));
	assert_false(load(w, "[service junk]\nignore = yes\nunit = x\ndumps = /x\n"));
	assert_non_null(strstr(w->e.text, "[service junk] has dumps"));
}

static void finds_users_by_name(void **state)
{
	struct world *w = *state;
	assert_true(load(w, "[service a]\nuser = root\n"));
	assert_true(w->config.rules[0].has_user);
	assert_int_equal(w->config.rules[0].user, 0);
}

static void refuses_with_file_line_and_reason(void **state)
{
	struct world *w = *state;
	static const struct {
		const char *text, *where, *what;
	} rows[] = {
		{"[agent]\nintervall = 5s\n", "agent.conf:2", "intervall"},
		{"[agent]\ninterval = 10ms\n", "agent.conf:2", "interval"},
		{"[agent]\ninterval = soon\n", "agent.conf:2", "interval"},
		{"[agent]\nspool_max = 1k\n", "agent.conf:2", "spool_max"},
		{"[agent]\nmin_rss = -1\n", "agent.conf:2", "min_rss"},
		{"[agents]\nx = 1\n", "agent.conf:2", "[agents]"},
		{"[service a]\n\ncomand = x\n", "agent.conf:3", "comand"},
		{"[service a]\ncommand =\n", "agent.conf:2", "empty"},
		{"[service a]\nignore = maybe\n", "agent.conf:2", "yes or no"},
		{"[service a]\nservice = x,,y\n", "agent.conf:2", "empty name"},
		{"[service a]\nservice =\n", "agent.conf:2", "empty"},
		{"[service ]\ncommand = x\n", "agent.conf:2", "[service"},
		{"[service a]\ncommand = x\ncommand = y\n", "agent.conf:3", "twice"},
		{"[service a]\nuser = no-such-user-here\n", "agent.conf:2",
			"no-such-user-here"},
		{"[service a]\nuser = 99999999999\n", "agent.conf:2", "99999999999"},
		{"[agent]\nlog_level = loud\n", "log_level", "loud"},
		{"[agent]\nserver = nowhere\n", "server", "HOST:PORT"},
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		assert_false(load(w, rows[i].text));
		assert_int_equal(w->e.kind, ERR_INPUT);
		if (!strstr(w->e.text, rows[i].where) ||
			!strstr(w->e.text, rows[i].what))
			fail_msg("row %zu: %s", i, w->e.text);
	}
}

static void refuses_more_rules_than_it_can_hold(void **state)
{
	struct world *w = *state;
	struct buf text = {0};
	for (int i = 0; i < CONFIG_RULES_MAX; i++)
		buf_printf(&text, "[service s%d]\ncommand = x\n", i);
	assert_true(load(w, text.data));
	buf_text(&text, "[service more]\ncommand = x\n");
	assert_false(load(w, text.data));
	assert_non_null(strstr(w->e.text, "256"));
	buf_finish(&text);
}

static void arguments_win_over_the_file(void **state)
{
	struct world *w = *state;
	assert_true(load(w, "[agent]\ninterval = 5s\nmin_rss = 1M\n"));
	char *argv[] = {"tidemark-agent", "run", "--interval", "2s", "rest"};
	int rest;
	assert_true(config_arguments(&w->config, 5, argv, 2, &rest, &w->arena, &w->e));
	assert_int_equal(w->config.interval_ms, 2000);
	assert_int_equal(w->config.min_rss_bytes, 1 << 20);
	assert_int_equal(rest, 4);
	char *bad[] = {"tidemark-agent", "--log-level", "loud"};
	assert_false(config_arguments(&w->config, 3, bad, 1, &rest, &w->arena, &w->e));
}

static void the_example_says_what_the_defaults_are(void **state)
{
	struct world *w = *state;
	struct buf text = {0};
	config_example(&text);
	assert_true(load(w, text.data)); /* all in comments */
	assert_int_equal(w->config.rule_count, 0);
	/* Without the comment signs before settings it must read the same. */
	for (char *c = text.data; c && *c;
		c = strchr(c, '\n') ? strchr(c, '\n') + 1 : NULL) {
		if (c[0] == '#' && c[1] != ' ' && c[1] != '\n')
			c[0] = ' ';
	}
	char *user = strstr(text.data, "user = shop");
	assert_non_null(user);
	memcpy(user, "user = 1000", 11);
	if (!load(w, text.data))
		fail_msg("%s", w->e.text);
	assert_int_equal(w->config.interval_ms, 10000);
	assert_int_equal(w->config.rule_count, 1);
	buf_finish(&text);
}

static void reads_endpoints(void **state)
{
	(void)state;
	static const struct {
		const char *text, *host;
		int port; /* 0: refused */
	} rows[] = {
		{"tidemark.example:8471", "tidemark.example", 8471},
		{"127.0.0.1:1", "127.0.0.1", 1},
		{"[::1]:65535", "::1", 65535},
		{"::1:8471", "", 0},
		{"[::1]8471", "", 0},
		{"[::1:8471", "", 0},
		{"host", "", 0},
		{":8471", "", 0},
		{"host:", "", 0},
		{"host:0", "", 0},
		{"host:65536", "", 0},
		{"host:-1", "", 0},
		{"host:80x", "", 0},
		{"", "", 0},
		{"a-name-that-is-too-long-for-its-room:1", "", 0},
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		char host[24];
		uint16_t port = 0;
		struct err e;
		bool ok = config_parse_endpoint(
			rows[i].text, host, sizeof host, &port, &e);
		if (ok != (rows[i].port != 0))
			fail_msg("%s", rows[i].text);
		if (ok) {
			assert_string_equal(host, rows[i].host);
			assert_int_equal(port, rows[i].port);
		}
	}
}

int main(void)
{
#define IN_WORLD(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
	const struct CMUnitTest tests[] = {
		IN_WORLD(has_good_defaults),
		IN_WORLD(reads_what_snapshots_need),
		IN_WORLD(refuses_wrong_lists_and_directories),
		IN_WORLD(reads_rules_in_their_order),
		IN_WORLD(names_that_were_found_are_renamed_merged_and_ignored),
		IN_WORLD(a_section_that_ignores_says_what),
		IN_WORLD(finds_users_by_name),
		IN_WORLD(refuses_with_file_line_and_reason),
		IN_WORLD(refuses_more_rules_than_it_can_hold),
		IN_WORLD(arguments_win_over_the_file),
		IN_WORLD(the_example_says_what_the_defaults_are),
		cmocka_unit_test(reads_endpoints),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
