#include "common/conf.h"

#include "common/scoped.h"
#include "tests/unit/cmocka_all.h"

#include <string.h>
#include <unistd.h>

struct settings {
	const char *name;
	int64_t workers;
	bool loud;
	int64_t interval_ms;
	int64_t spool_bytes;
	const char *listen;
};

static const struct conf_option options[] = {
	{"agent", "name", CONF_TEXT, offsetof(struct settings, name), 0, 0, NULL,
		"What to call it."},
	{"agent", "workers", CONF_INT, offsetof(struct settings, workers), -3, 64, "2",
		"Threads."},
	{"agent", "loud", CONF_BOOL, offsetof(struct settings, loud), 0, 0, "no",
		"Say more."},
	{"agent", "sample_interval", CONF_DURATION,
		offsetof(struct settings, interval_ms), 1000, 3600000, "10s",
		"Time between two readings."},
	{"spool", "size", CONF_BYTES, offsetof(struct settings, spool_bytes), 1 << 20,
		INT64_MAX, "64M", "Disk space for what is not sent yet."},
	{"spool", "listen", CONF_TEXT, offsetof(struct settings, listen), 0, 0,
		"127.0.0.1:8470", "Address."},
};

static bool on_free_key(void *context, const char *section, const char *key,
	const char *value, struct err *e)
{
	struct buf *seen = context;
	if (strncmp(section, "service ", strlen("service ")) != 0)
		return err_set(e, ERR_INPUT, "unknown section [%s]", section);
	if (strcmp(key, "match") != 0)
		return err_set(e, ERR_INPUT, "unknown key '%s' in [%s]", key, section);
	buf_printf(seen, "%s/%s=%s;", section, key, value);
	return true;
}

static struct buf seen;

static const struct conf_table table = {
	.program = "tidemark-agent",
	.own_section = "agent",
	.env_prefix = "TIDEMARK",
	.options = options,
	.count = sizeof options / sizeof *options,
	.free_key = on_free_key,
	.context = &seen,
};

/* As table, with a file that is read when no other is named. */
static struct conf_table table_with_file(const char *file)
{
	struct conf_table t = table;
	t.file = file;
	return t;
}

/* Every test's own settings, arena and file. */
struct fixture {
	struct arena arena;
	struct settings settings;
	struct err e;
	char path[32];
};

static int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);
	arena_init(&f->arena);
	strcpy(f->path, "conf_XXXXXX");
	scoped_fd int fd = mkstemp(f->path);
	*state = f;
	return fd < 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;
	unlink(f->path);
	arena_finish(&f->arena);
	buf_finish(&seen);
	free(f);
	return 0;
}

static bool load_bytes(struct fixture *f, const char *bytes, size_t length)
{
	FILE *file = fopen(f->path, "w");
	assert_int_equal(fwrite(bytes, 1, length, file), length);
	fclose(file);
	f->settings = (struct settings){0};
	return conf_load(&table, &f->settings, f->path, &f->arena, &f->e);
}

static bool load(struct fixture *f, const char *text)
{
	return load_bytes(f, text, strlen(text));
}

/* "PATH:LINE: " is expected to stand before `text`. */
static void assert_refused(
	struct fixture *f, const char *file, int line, const char *text)
{
	if (load(f, file))
		fail_msg("accepted: %s", file);
	char expected[600];
	snprintf(expected, sizeof expected, "%s:%d: %s", f->path, line, text);
	assert_string_equal(f->e.text, expected);
	assert_int_equal(f->e.kind, ERR_INPUT);
}

static void defaults_without_a_file(void **state)
{
	struct fixture *f = *state;
	assert_true(conf_load(&table, &f->settings, NULL, &f->arena, &f->e));
	assert_null(f->settings.name);
	assert_int_equal(f->settings.workers, 2);
	assert_false(f->settings.loud);
	assert_int_equal(f->settings.interval_ms, 10000);
	assert_int_equal(f->settings.spool_bytes, 64 << 20);
	assert_string_equal(f->settings.listen, "127.0.0.1:8470");
}

static void a_file_changes_what_it_names(void **state)
{
	struct fixture *f = *state;
	assert_true(load(f, "\xef\xbb\xbf# comment\n"
			    "; another\n"
			    "\n"
			    "[agent]\n"
			    "name = node 7 ; behind the value\n"
			    "  workers=-3\r\n"
			    "loud: on\n"
			    "[spool]\n"
			    "\tsize = 1G\n"
			    "listen =\n"
			    "[service checkout]\n"
			    "match = node*"));
	assert_string_equal(f->settings.name, "node 7");
	assert_int_equal(f->settings.workers, -3);
	assert_true(f->settings.loud);
	assert_int_equal(f->settings.interval_ms, 10000);
	assert_int_equal(f->settings.spool_bytes, 1 << 30);
	assert_string_equal(f->settings.listen, "");
	assert_string_equal(seen.data, "service checkout/match=node*;");
}

static void refusals_name_file_and_line(void **state)
{
	struct fixture *f = *state;
	assert_refused(f, "[agent]\n\nintervall = 3s\n", 3,
		"unknown key 'intervall' in [agent]");
	assert_refused(f, "[agent]\nworkers = many\n", 2,
		"workers: 'many' is not a whole number");
	assert_refused(
		f, "[agent]\nworkers = 3x\n", 2, "workers: '3x' is not a whole number");
	assert_refused(f, "[agent]\nworkers = 99999999999999999999\n", 2,
		"workers: '99999999999999999999' is not a whole number");
	assert_refused(f, "[agent]\nworkers = 65\n", 2,
		"workers: '65' is out of bounds (-3 to 64)");
	assert_refused(
		f, "[agent]\nloud = maybe\n", 2, "loud: 'maybe' is neither yes nor no");
	assert_refused(f, "[agent]\nsample_interval = 999ms\n", 2,
		"sample_interval: '999ms' is out of bounds (1s to 1h)");
	assert_refused(f, "[agent]\nsample_interval = 10\n", 2,
		"sample_interval: '10' is not a duration such as 500ms, 10s, 5m, 2h or "
		"30d");
	assert_refused(f, "[spool]\nsize = 1k\n", 2,
		"size: '1k' is out of bounds (1M or more)");
	assert_refused(f, "[agent]\nname = a\nloud = no\nname = b\n", 4,
		"name is already set on line 2");
	assert_refused(f, "name = a\n", 1, "'name' stands before any [section]");
	assert_refused(f, "[agnet]\nname = a\n", 2, "unknown section [agnet]");
	assert_refused(
		f, "[service a]\nmach = a\n", 2, "unknown key 'mach' in [service a]");
}

static void the_first_error_is_the_one_reported(void **state)
{
	struct fixture *f = *state;
	assert_refused(f, "[agent]\nwhat is this\nworkers = x\n", 2,
		"neither '[section]' nor 'key = value'");
	assert_refused(f, "[agent]\nworkers = x\nwhat is this\n", 2,
		"workers: 'x' is not a whole number");
	assert_refused(
		f, "[agent\nname = a\n", 1, "neither '[section]' nor 'key = value'");
}

static void lines_and_sections_have_limits(void **state)
{
	struct fixture *f = *state;
	char file[6000] = "[agent]\nname = ";
	size_t start = strlen(file);
	memset(file + start, 'n', 4095 - strlen("name = "));
	assert_true(load(f, file));
	assert_int_equal(strlen(f->settings.name), 4095 - strlen("name = "));
	memset(file + start, 'n', 4096 - strlen("name = "));
	assert_refused(f, file, 2, "line longer than 4095 bytes");

	snprintf(file, sizeof file, "\n[service %041d]\nmatch = a\n", 0);
	assert_true(load(f, file));
	snprintf(file, sizeof file, "\n[service %042d]\nmatch = a\n", 0);
	assert_refused(f, file, 2, "section name longer than 49 bytes");
}

static void unreadable_files_are_refused(void **state)
{
	struct fixture *f = *state;
	assert_false(load_bytes(f, "[agent]\nname = a\0b\n", 19));
	assert_non_null(strstr(f->e.text, "contains a NUL byte"));
	char *large = calloc(1, (1 << 20) + 1);
	memset(large, '\n', (1 << 20) + 1);
	assert_true(load_bytes(f, large, 1 << 20));
	assert_false(load_bytes(f, large, (1 << 20) + 1));
	assert_non_null(strstr(f->e.text, "larger than 1048576 bytes"));
	free(large);
	assert_false(conf_load(&table, &f->settings, "/no/such", &f->arena, &f->e));
	assert_int_equal(f->e.kind, ERR_IO);
	assert_string_equal(f->e.text, "/no/such: No such file or directory");
	assert_false(conf_load(&table, &f->settings, "/", &f->arena, &f->e));
	assert_string_equal(f->e.text, "/: Is a directory");
}

static void the_environment_wins_over_the_file(void **state)
{
	struct fixture *f = *state;
	setenv("TIDEMARK_AGENT_SAMPLE_INTERVAL", "5m", 1);
	assert_true(load(f, "[agent]\nsample_interval = 2s\n"));
	assert_int_equal(f->settings.interval_ms, 300000);
	setenv("TIDEMARK_AGENT_SAMPLE_INTERVAL", "soon", 1);
	assert_false(load(f, ""));
	assert_memory_equal(f->e.text,
		"environment TIDEMARK_AGENT_SAMPLE_INTERVAL: 'soon' is not", 57);
	unsetenv("TIDEMARK_AGENT_SAMPLE_INTERVAL");
}

static bool parse(struct fixture *f, int *rest, const char *const *argv)
{
	int argc = 0;
	while (argv[argc])
		argc++;
	struct conf_line line = {argc, (char **)argv, 1};
	bool ok = conf_arguments(&table, &f->settings, &line, &f->arena, &f->e);
	if (ok)
		*rest = line.next;
	else
		assert_int_equal(line.next, 1);
	return ok;
}

static void arguments_win_over_all(void **state)
{
	struct fixture *f = *state;
	int rest = 0;
	const char *const argv[] = {"agent", "--name", "x", "--config", "F",
		"--sample-interval=1h", "--loud", "--spool-size", "2M", "--workers",
		"-2", "join", "--name", "y", NULL};
	assert_true(parse(f, &rest, argv));
	assert_int_equal(rest, 11);
	assert_string_equal(f->settings.name, "x");
	assert_true(f->settings.loud);
	assert_int_equal(f->settings.interval_ms, 3600000);
	assert_int_equal(f->settings.spool_bytes, 2 << 20);
	assert_int_equal(f->settings.workers, -2);
	assert_string_equal(conf_find_config(14, (char **)argv), "F");

	assert_true(
		parse(f, &rest, (const char *const[]){"a", "--loud=no", "-", NULL}));
	assert_false(f->settings.loud);
	assert_int_equal(rest, 2);
	assert_true(parse(f, &rest, (const char *const[]){"a", "--", "--loud", NULL}));
	assert_int_equal(rest, 2);
	assert_true(parse(f, &rest, (const char *const[]){"a", NULL}));
	assert_int_equal(rest, 1);
}

static void bad_arguments_are_refused(void **state)
{
	struct fixture *f = *state;
	static const struct {
		const char *argv[4], *text;
	} cases[] = {
		{{"a", "--nmae", "x"}, "unknown option --nmae"},
		{{"a", "--nam=x"}, "unknown option --nam"},
		{{"a", "--agent-name", "x"}, "unknown option --agent-name"},
		{{"a", "-n", "x"}, "unknown option -n"},
		{{"a", "--name"}, "--name needs a value"},
		{{"a", "--config"}, "--config needs a value"},
		{{"a", "--workers", "9x"}, "--workers: '9x' is not a whole number"},
		{{"a", "--loud=x"}, "--loud: 'x' is neither yes nor no"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		int rest = -1;
		assert_false(parse(f, &rest, cases[i].argv));
		assert_string_equal(f->e.text, cases[i].text);
		assert_int_equal(rest, -1);
	}
}

static void config_is_found_in_both_forms(void **state)
{
	(void)state;
	assert_null(conf_find_config(1, (char *[]){"a", NULL}));
	assert_null(conf_find_config(2, (char *[]){"a", "--config", NULL}));
	assert_string_equal(
		conf_find_config(2, (char *[]){"a", "--config=x", NULL}), "x");
	assert_null(conf_find_config(3, (char *[]){"a", "--", "--config=x", NULL}));
}

static void help_lists_every_option(void **state)
{
	(void)state;
	struct buf out = {0};
	conf_help(&table, &out);
	assert_non_null(strstr(out.data, "  --name TEXT"));
	assert_non_null(strstr(out.data, "  --loud                        Say more."));
	assert_non_null(strstr(out.data,
		"  --sample-interval DURATION    Time between two readings. (default "
		"10s)\n"));
	assert_non_null(strstr(out.data, "  --spool-size SIZE"));
	buf_finish(&out);
}

/* The example is a file of comments; with them taken away it says the defaults. */
static void the_example_is_complete(void **state)
{
	struct fixture *f = *state;
	struct buf out = {0};
	conf_example(&table, &out);
	assert_true(load(f, out.data));
	for (char *c = out.data; (c = strstr(c, "\n#"));) {
		c++;
		if (c[1] != ' ')
			*c = ' ';
	}
	assert_non_null(
		strstr(out.data, "# DURATION, 1s to 1h\n sample_interval = 10s\n"));
	assert_true(load(f, out.data));
	assert_int_equal(f->settings.workers, 2);
	assert_int_equal(f->settings.spool_bytes, 64 << 20);
	buf_finish(&out);
}

static void durations_and_sizes(void **state)
{
	(void)state;
	struct err e;
	int64_t value = -1;
	assert_true(conf_parse_duration("0", &value, &e));
	assert_int_equal(value, 0);
	assert_true(conf_parse_duration("30d", &value, &e));
	assert_int_equal(value, INT64_C(2592000000));
	assert_true(conf_parse_bytes("512", &value, &e));
	assert_int_equal(value, 512);
	assert_true(conf_parse_bytes("3T", &value, &e));
	assert_int_equal(value, INT64_C(3) << 40);
	static const char *const bad[] = {"", "-1s", "s", "1 s", "1S", "1s ", "0x1s",
		"9223372036854775807d", "1.5h", "+1s"};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		assert_false(conf_parse_duration(bad[i], &value, &e));
		assert_false(conf_parse_bytes(bad[i], &value, &e));
	}
	assert_false(conf_parse_bytes("9000000T", &value, &e));
	assert_int_equal(value, INT64_C(3) << 40); /* untouched on failure */
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

static void the_usual_file_is_read_where_there_is_one(void **state)
{
	struct fixture *f = *state;
	char *none[] = {"a", NULL}, *named[] = {"a", "--config", "x", NULL};
	const struct conf_table here = table_with_file(f->path),
				missing = table_with_file("/no/such/file");
	assert_string_equal(conf_find_file(&here, 1, none), f->path);
	assert_string_equal(conf_find_file(&here, 3, named), "x");
	assert_null(conf_find_file(&missing, 1, none));
	assert_null(conf_find_file(&table, 1, none));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(defaults_without_a_file),
		TEST(a_file_changes_what_it_names),
		TEST(refusals_name_file_and_line),
		TEST(the_first_error_is_the_one_reported),
		TEST(lines_and_sections_have_limits),
		TEST(unreadable_files_are_refused),
		TEST(the_environment_wins_over_the_file),
		TEST(arguments_win_over_all),
		TEST(bad_arguments_are_refused),
		TEST(config_is_found_in_both_forms),
		TEST(the_usual_file_is_read_where_there_is_one),
		TEST(help_lists_every_option),
		TEST(the_example_is_complete),
		TEST(durations_and_sizes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
