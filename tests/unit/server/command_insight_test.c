/*
 * The commands that answer what the API answers: the same rows, as a table and as JSON.
 */
#include "server/commands.h"
#include "server/config.h"
#include "tests/support/api.h"

#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>
/* After what it needs. */
#include <cmocka.h>

typedef int command(const struct server_config *config, int argc, char **argv);

static char said[65536];

static int set_up(void **state)
{
	api_set_up(state);
	api_run_script(TIDEMARK_SOURCE_DIR "/tests/support/api_insight.sql");
	/* Commands go by the clock on the wall; what they read shall be of today. */
	api_sql("UPDATE agent SET last_seen_at = now(), last_sample_at = now(); "
		"UPDATE generation SET last_sample_at = now() WHERE id BETWEEN 32 AND "
		"34; "
		"UPDATE queue SET last_at = now()");
	return 0;
}

/* Runs a command with what it prints in `said`; the exit status. */
static int run(command *run_it, char *first, char *second)
{
	char path[] = "/tmp/tidemark-command-XXXXXX";
	int file = mkstemp(path), own = dup(STDOUT_FILENO);
	assert_true(file >= 0 && own >= 0);
	unlink(path);
	fflush(stdout);
	dup2(file, STDOUT_FILENO);
	struct server_config config = {.database_uri = api_pg.uri};
	char *argv[] = {"command", first, second, NULL};
	int status = run_it(&config, first ? second ? 3 : 2 : 1, argv);
	fflush(stdout);
	dup2(own, STDOUT_FILENO);
	ssize_t length = pread(file, said, sizeof said - 1, 0);
	said[length > 0 ? length : 0] = 0;
	close(own);
	close(file);
	return status;
}

static void expect_line(const char *start, const char *part)
{
	const char *line = strstr(said, start);
	if (!line)
		fail_msg("nothing begins with '%s':\n%s", start, said);
	const char *found = strstr(line, part);
	if (!found || found > strchrnul(line, '\n'))
		fail_msg("the line of '%s' does not say '%s':\n%s", start, part, said);
}

static json_t *answered(void)
{
	json_error_t why;
	json_t *answer = json_loads(said, JSON_REJECT_DUPLICATES, &why);
	if (!answer)
		fail_msg("%s: %s", why.text, said);
	return answer;
}

static void a_package_is_found_where_it_runs(void **state)
{
	(void)state;
	assert_int_equal(run(command_package, "@pm2/io", NULL), 0);
	expect_line("4.1.2 ", "web-1");
	expect_line("4.2.1 ", "2.0.0 · deps 3f2a91");
	expect_line("4.2.1 ", "web-2");
	assert_int_equal(run(command_package, "@pm2/io@4.2.1", NULL), 0);
	assert_null(strstr(said, "4.1.2"));
	expect_line("4.2.1 ", "web-2");
	assert_int_equal(run(command_package, "left-pad", NULL), 0);
	expect_line("no version of any service has left-pad", "");
}

static void json_is_what_the_api_says(void **state)
{
	(void)state;
	assert_int_equal(run(command_package, "--json", "@pm2/io@4.2.1"), 0);
	json_t *answer = answered();
	json_t *item = json_array_get(json_object_get(answer, "items"), 0);
	json_t *golden = json_load_file(
		TIDEMARK_SOURCE_DIR "/schema/api/packages.json", 0, NULL);
	json_t *same = json_array_get(json_object_get(golden, "items"), 1);
	assert_int_equal(json_array_size(json_object_get(answer, "items")), 1);
	const char *key;
	json_t *value;
	json_object_foreach(same, key, value) if (strcmp(key, "last_seen_at_ms") != 0)
		assert_true(json_equal(value, json_object_get(item, key)));
	assert_int_equal(json_object_size(item), json_object_size(same));
	json_decref(answer);
	json_decref(golden);
}

static void queues_are_listed(void **state)
{
	(void)state;
	assert_int_equal(run(command_queues, NULL, NULL), 0);
	expect_line("mail ", "bullmq");
	expect_line("orders.paid ", "rabbitmq");
	assert_int_equal(run(command_queues, "paid", "--json"), 0);
	json_t *answer = answered();
	assert_int_equal(json_array_size(json_object_get(answer, "items")), 1);
	json_decref(answer);
}

static void misuse_is_told(void **state)
{
	(void)state;
	assert_int_equal(run(command_package, NULL, NULL), 2);
	assert_int_equal(run(command_package, "--jsn", "ms"), 2);
	assert_int_equal(run(command_package, "ms", "express"), 2);
	assert_int_equal(run(command_queues, "a", "b"), 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_package_is_found_where_it_runs),
		cmocka_unit_test(json_is_what_the_api_says),
		cmocka_unit_test(queues_are_listed),
		cmocka_unit_test(misuse_is_told),
	};
	return cmocka_run_group_tests(tests, set_up, api_tear_down);
}
