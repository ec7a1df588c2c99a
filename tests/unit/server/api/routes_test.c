/*
 * The table of routes and schema/openapi.yaml say the same; paths find their route.
 */
#include "server/api/routes.h"

#include <ctype.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
/* After what it needs. */
#include <cmocka.h>

/* An operation of the file, as its indentation shows it. */
struct operation {
	char method[8], path[96], summary[128];
};

static struct operation operations[256];
static size_t operation_count;

static bool is_method(const char *word)
{
	static const char *const methods[] = {"get", "post", "put", "patch", "delete"};
	for (size_t i = 0; i < sizeof methods / sizeof *methods; i++)
		if (strcmp(methods[i], word) == 0)
			return true;
	return false;
}

static void read_line(const char *line, char path[96])
{
	char word[96], rest[128];
	if (sscanf(line, "  /%90[^: ]:", word) == 1) {
		snprintf(path, 96, "/%s", word);
		return;
	}
	if (strncmp(line, "    ", 4) == 0 && line[4] != ' ' &&
		sscanf(line, "    %90[a-z]:", word) == 1 && is_method(word)) {
		assert_true(operation_count < 256);
		struct operation *o = &operations[operation_count++];
		for (size_t i = 0; i <= strlen(word); i++)
			o->method[i] = (char)toupper(word[i]);
		snprintf(o->path, sizeof o->path, "%s", path);
	}
	if (operation_count && sscanf(line, "      summary: %127[^\n]", rest) == 1)
		snprintf(operations[operation_count - 1].summary, 128, "%s", rest);
}

static int read_description(void **state)
{
	(void)state;
	char line[512], path[96] = "";
	bool in_paths = false;
	FILE *file = fopen(TIDEMARK_SOURCE_DIR "/schema/openapi.yaml", "r");
	if (!file)
		return -1;
	while (fgets(line, sizeof line, file)) {
		if (line[0] != ' ')
			in_paths = strcmp(line, "paths:\n") == 0;
		if (in_paths)
			read_line(line, path);
	}
	fclose(file);
	return 0;
}

static const struct operation *find_operation(const struct route *route)
{
	for (size_t i = 0; i < operation_count; i++)
		if (strcmp(operations[i].method, route->method) == 0 &&
			strcmp(operations[i].path, route->path) == 0)
			return &operations[i];
	return NULL;
}

static void every_route_is_described(void **state)
{
	(void)state;
	for (size_t i = 0; i < routes_count; i++) {
		const struct operation *o = find_operation(&routes[i]);
		if (!o)
			fail_msg("%s %s is not in openapi.yaml", routes[i].method,
				routes[i].path);
		assert_string_equal(o->summary, routes[i].summary);
	}
}

static void every_description_has_a_route(void **state)
{
	(void)state;
	assert_int_equal(operation_count, routes_count);
	for (size_t i = 0; i < operation_count; i++) {
		bool found = false;
		for (size_t k = 0; k < routes_count; k++)
			found |= find_operation(&routes[k]) == &operations[i];
		if (!found)
			fail_msg("%s %s is not in the table of routes",
				operations[i].method, operations[i].path);
	}
}

static void paths_find_their_route(void **state)
{
	(void)state;
	struct arena a;
	arena_init(&a);
	struct routes_match m = routes_find("GET", "/api/v1/services/17/instances", &a);
	assert_non_null(m.route);
	assert_string_equal(m.route->path, "/api/v1/services/{id}/instances");
	assert_string_equal(m.argument, "17");
	m = routes_find("HEAD", "/healthz", &a);
	assert_non_null(m.route);
	assert_string_equal(m.route->method, "GET");
	m = routes_find("POST", "/api/v1/tokens/ab.c/revoke", &a);
	assert_string_equal(m.argument, "ab.c");
	arena_finish(&a);
}

static void near_misses_find_none(void **state)
{
	(void)state;
	static const char *const paths[] = {"/api/v1/services/",
		"/api/v1/services//instances", "/api/v1/services/1/2/instances",
		"/api/v1/services/1/instances/", "/api/v1/fleet/", "/api/v1/fleetx",
		"/api/v1", "", "/", "/healthz2"};
	struct arena a;
	arena_init(&a);
	for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
		struct routes_match m = routes_find("GET", paths[i], &a);
		if (m.route || m.allow)
			fail_msg("'%s' found a route", paths[i]);
	}
	arena_finish(&a);
}

static void a_wrong_method_is_told_the_right_ones(void **state)
{
	(void)state;
	struct arena a;
	arena_init(&a);
	struct routes_match m = routes_find("PUT", "/api/v1/session", &a);
	assert_null(m.route);
	assert_string_equal(m.allow, "GET, HEAD, POST, DELETE");
	m = routes_find("GET", "/api/v1/alerts/1/notes", &a);
	assert_null(m.route);
	assert_string_equal(m.allow, "POST");
	arena_finish(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_route_is_described),
		cmocka_unit_test(every_description_has_a_route),
		cmocka_unit_test(paths_find_their_route),
		cmocka_unit_test(near_misses_find_none),
		cmocka_unit_test(a_wrong_method_is_told_the_right_ones),
	};
	return cmocka_run_group_tests(tests, read_description, NULL);
}
