/* The server's settings: what follows from them, and what is said when they are wrong.
 */
#include "server/config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static struct arena arena;
static struct server_config config;
static struct err error;
static char *left[16];
static int left_count;

static bool load(const char *const *arguments)
{
	left_count = 1;
	left[0] = "tidemark-server";
	while (*arguments)
		left[left_count++] = (char *)*arguments++;
	left[left_count] = NULL;
	return config_load(&config, &left_count, left, &arena, &error);
}

#define LOAD(...) load((const char *const[]){__VA_ARGS__, NULL})

static void the_defaults_are_those_of_the_manual(void **state)
{
	(void)state;
	assert_true(LOAD("run"));
	assert_string_equal(config.data_dir, "/var/lib/tidemark");
	assert_true(config.embedded);
	assert_non_null(strstr(config.database_uri, "/var/lib/tidemark/run"));
	assert_string_equal(config.http_address.host, "127.0.0.1");
	assert_int_equal(config.http_address.port, 8470);
	assert_string_equal(config.listen_address.host, "0.0.0.0");
	assert_int_equal(config.listen_address.port, 8471);
	assert_int_equal(config.enrol_port, 8472);
	assert_int_equal(config.all_servers.count, 0);
	assert_int_equal(config_enrol_places(&config).at[0].port, 8472);
	assert_true(config.role_ingest && config.role_watch && config.role_storage &&
		    config.role_api);
	assert_int_equal(config.watch_interval_ms, 60000);
	assert_true(config.raw_retention_ms == INT64_C(30) * 86400000);
	assert_true(config.rollup_retention_ms == INT64_C(730) * 86400000);
	assert_int_equal(config.log_level, LOG_INFO);
	/* Agents need a name that they can reach: not "any address". */
	char name[256];
	gethostname(name, sizeof name);
	assert_string_equal(config.advertise_host, name);
}

static void options_stand_anywhere_and_the_rest_keeps_its_order(void **state)
{
	(void)state;
	assert_true(LOAD("token", "--data-dir", "/srv/a", "create", "--name", "x",
		"--database=host=db", "--roles=api", "--ttl", "1h"));
	assert_int_equal(left_count, 7);
	static const char *const expected[] = {
		"tidemark-server", "token", "create", "--name", "x", "--ttl", "1h"};
	for (int i = 0; i < left_count; i++)
		assert_string_equal(left[i], expected[i]);
	assert_null(left[left_count]);
	assert_string_equal(config.data_dir, "/srv/a");
	assert_false(config.embedded);
	assert_string_equal(config.database_uri, "host=db");
	assert_true(config.role_api && !config.role_ingest && !config.role_watch &&
		    !config.role_storage);
}

static void the_advertised_host_follows_the_listener(void **state)
{
	(void)state;
	assert_true(LOAD("--listen", "127.0.0.1:9000"));
	assert_string_equal(config.advertise_host, "127.0.0.1");
	assert_true(LOAD("--listen", "[::1]:9000"));
	assert_string_equal(config.advertise_host, "::1");
	assert_string_equal(config_address_text(&arena, "::1", 9000), "[::1]:9000");
	assert_true(LOAD("--advertise", "tm.example"));
	assert_string_equal(config.advertise_host, "tm.example");
}

static void all_servers_can_be_named(void **state)
{
	(void)state;
	assert_true(
		LOAD("--listen", "10.0.0.1:9000", "--servers", "a:9000, [::1]:9100"));
	assert_int_equal(config.all_servers.count, 2);
	struct endpoints places = config_enrol_places(&config);
	assert_int_equal(places.count, 2);
	assert_string_equal(places.at[1].host, "::1");
	assert_int_equal(places.at[1].port, 9101);
	assert_true(LOAD("--listen", "10.0.0.1:9000"));
	places = config_enrol_places(&config);
	assert_int_equal(places.count, 1);
	assert_string_equal(places.at[0].host, "10.0.0.1");
	assert_int_equal(places.at[0].port, 9001);
}

static void what_is_wrong_is_named(void **state)
{
	(void)state;
	static const struct {
		const char *argument, *says;
	} cases[] = {
		{"--listen=here", "listen"},
		{"--listen=1.2.3.4", "listen"},
		{"--listen=1.2.3.4:99999", "listen"},
		{"--listen=1.2.3.4:65535", "no port is left"},
		{"--http=:80", "http"},
		{"--servers=a:1,b", "servers"},
		{"--servers=a:65535", "no port is left"},
		{"--roles=ingest,wach", "'wach'"},
		{"--roles=", "roles"},
		{"--log-level=loud", "'loud'"},
		{"--data-dir=relative", "absolute"},
		{"--watch-interval=1ms", "watch-interval"},
		{"--raw-retention=soon", "raw-retention"},
		{"--config=/nonexistent/file", "/nonexistent/file"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		error.text[0] = 0;
		assert_false(LOAD(cases[i].argument));
		if (!strstr(error.text, cases[i].says))
			fail_msg("%s: %s", cases[i].argument, error.text);
	}
}

static void a_file_is_read_and_its_mistakes_have_a_line(void **state)
{
	(void)state;
	char path[] = "/tmp/tidemark-config-XXXXXX";
	int fd = mkstemp(path);
	assert_true(fd >= 0);
	dprintf(fd, "[server]\nhttp = 127.0.0.1:1234\nraw_retention = 7d\n");
	char *argument = NULL;
	assert_true(asprintf(&argument, "--config=%s", path) > 0);
	assert_true(LOAD(argument));
	assert_int_equal(config.http_address.port, 1234);
	/* The command line has the last word. */
	assert_true(LOAD(argument, "--http", "127.0.0.1:4321"));
	assert_int_equal(config.http_address.port, 4321);
	dprintf(fd, "colour = red\n");
	assert_false(LOAD(argument));
	assert_non_null(strstr(error.text, ":4:"));
	assert_non_null(strstr(error.text, "colour"));
	close(fd);
	unlink(path);
	free(argument);
}

static void the_example_is_a_good_configuration(void **state)
{
	(void)state;
	struct buf text = {0};
	config_example(&text);
	/* With every line in force, not only as comments. */
	for (char *line = strstr(text.data, "\n#"); line;
		line = strstr(line + 1, "\n#"))
		if (line[2] != ' ')
			line[1] = ' ';
	char path[] = "/tmp/tidemark-config-XXXXXX";
	int fd = mkstemp(path);
	assert_true(fd >= 0);
	assert_true(write(fd, text.data, text.length) == (ssize_t)text.length);
	close(fd);
	char *argument = NULL;
	assert_true(asprintf(&argument, "--config=%s", path) > 0);
	if (!LOAD(argument))
		fail_msg("%s", error.text);
	assert_int_equal(config.http_address.port, 8470);
	unlink(path);
	free(argument);
	buf_finish(&text);
}

static int start(void **state)
{
	(void)state;
	arena_init(&arena);
	return 0;
}

static int stop(void **state)
{
	(void)state;
	arena_finish(&arena);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_defaults_are_those_of_the_manual),
		cmocka_unit_test(options_stand_anywhere_and_the_rest_keeps_its_order),
		cmocka_unit_test(the_advertised_host_follows_the_listener),
		cmocka_unit_test(all_servers_can_be_named),
		cmocka_unit_test(what_is_wrong_is_named),
		cmocka_unit_test(a_file_is_read_and_its_mistakes_have_a_line),
		cmocka_unit_test(the_example_is_a_good_configuration),
	};
	return cmocka_run_group_tests(tests, start, stop);
}
