/* Names of npm packages: from good files, from hostile ones, and where they are
 * looked for. */
#include "agent/package.h"

#include "tests/unit/agent/fixture.h"

#include "common/scoped.h"

#include <fcntl.h>

static bool scan(const char *text, struct package *out)
{
	/* An exact copy on the heap, so that the sanitizer sees a byte too many. */
	size_t length = strlen(text);
	scoped_free char *copy = malloc(length ? length : 1);
	memcpy(copy, text, length);
	return package_scan(copy, length, out);
}

static void reads_what_the_package_is_for(void **state)
{
	(void)state;
	struct package p;
	assert_true(scan("{\"name\":\"a\",\"main\":\"lib/a.js\",\"scripts\":{"
			 "\"x\":{\"start\":\"no\"},\"start\":\"node b.js\","
			 "\"name\":\"no\"},\"y\":{\"start\":\"no\",\"main\":\"no\"}}",
		&p));
	assert_string_equal(p.name, "a");
	assert_string_equal(p.main, "lib/a.js");
	assert_string_equal(p.start, "node b.js");
	assert_true(scan("{\"name\":\"a\",\"scripts\":\"x\",\"y\":{"
			 "\"start\":\"no\"},\"main\":[\"no\"]}",
		&p));
	assert_string_equal(p.main, "");
	assert_string_equal(p.start, "");
}

static void reads_name_and_version(void **state)
{
	(void)state;
	struct package p;
	assert_true(scan("{\"name\": \"checkout\",\n\"version\":\"1.1.0\"}", &p));
	assert_string_equal(p.name, "checkout");
	assert_string_equal(p.version, "1.1.0");
	assert_true(
		scan("\xef\xbb\xbf  {\"private\":true,\"name\" : \"@shop/api\"}", &p));
	assert_string_equal(p.name, "@shop/api");
	assert_string_equal(p.version, "");
}

static void takes_top_level_strings_only(void **state)
{
	(void)state;
	struct package p;
	assert_true(scan("{\"author\":{\"name\":\"eve\",\"version\":\"9\"},"
			 "\"files\":[\"name\",\"version\"],\"x\":\"name\","
			 "\"name\":\"good\",\"version\":7,"
			 "\"scripts\":{\"version\":\"8\"}}",
		&p));
	assert_string_equal(p.name, "good");
	assert_string_equal(p.version, "");
	assert_false(scan("{\"author\":{\"name\":\"eve\"}}", &p));
	assert_false(scan("{\"name\":[\"eve\"]}", &p));
	assert_false(scan("[{\"name\":\"eve\"}]", &p));
	assert_false(scan("\"name\"", &p));
}

static void is_not_fooled_by_strings_that_look_like_json(void **state)
{
	(void)state;
	struct package p;
	assert_true(scan(
		"{\"d\":\"}\\\",\\\"name\\\":\\\"eve\\\"{\",\"name\":\"good\"}", &p));
	assert_string_equal(p.name, "good");
	assert_true(scan("{\"d\":\"\\\\\",\"name\":\"good\"}", &p));
	assert_string_equal(p.name, "good");
}

static void leaves_out_what_no_package_is_called(void **state)
{
	(void)state;
	struct package p;
	assert_false(scan("{\"name\":\"\"}", &p));
	assert_false(scan("{\"name\":\"a\\nb\"}", &p));
	assert_false(scan("{\"name\":\"a\nb\"}", &p));
	char overlong[400] = "{\"name\":\"";
	memset(overlong + strlen(overlong), 'x', 250);
	strcat(overlong, "\"}");
	assert_false(scan(overlong, &p));
}

static void refuses_every_cut_file(void **state)
{
	(void)state;
	static const char whole[] = "{ \"name\" : \"shop\\\\\", \"version\": \"1\", "
				    "\"a\": [ { \"b\": 1 } ] }";
	struct package p = {.name = "before"};
	for (size_t length = 0; length < sizeof whole - 1; length++) {
		char cut[sizeof whole];
		memcpy(cut, whole, length);
		cut[length] = '\0';
		assert_false(scan(cut, &p));
		assert_string_equal(p.name, "before");
	}
}

static void survives_deep_nesting(void **state)
{
	(void)state;
	enum { DEPTH = 200000 };
	scoped_free char *text = malloc(DEPTH + 64);
	int n = sprintf(text, "{\"a\":");
	memset(text + n, '[', DEPTH);
	struct package p;
	assert_false(package_scan(text, (size_t)n + DEPTH, &p));
}

/* A process's root directory, and its user. */
struct world {
	struct fixture f;
	int root;
	struct package_user user;
};

static int world_setup(void **state)
{
	struct world *w = calloc(1, sizeof *w);
	fixture_init(&w->f);
	w->root = open(w->f.root, O_PATH | O_DIRECTORY | O_CLOEXEC);
	assert_true(w->root >= 0);
	w->user = (struct package_user){getuid(), getgid()};
	*state = w;
	return 0;
}

static int world_teardown(void **state)
{
	struct world *w = *state;
	close(w->root);
	fixture_finish(&w->f);
	free(w);
	return 0;
}

static const char *find(const struct world *w, const char *script)
{
	static struct package p;
	return package_find(w->root, script, &w->user, &p) ? p.name : NULL;
}

static void looks_upwards_from_the_script(void **state)
{
	struct world *w = *state;
	fixture_write(&w->f, "srv/shop/package.json", "{\"name\":\"shop\"}");
	fixture_write(&w->f, "srv/shop/src/bin/app.js", "");
	assert_string_equal(find(w, "/srv/shop/src/bin/app.js"), "shop");
	assert_string_equal(find(w, "/srv/shop/app.js"), "shop");
	assert_string_equal(find(w, "/srv/shop"), "shop"); /* node . */
	assert_null(find(w, "/srv/other.js"));
	assert_null(find(w, "relative.js"));
	assert_null(find(w, ""));
}

static void passes_by_packages_without_a_name(void **state)
{
	struct world *w = *state;
	fixture_write(&w->f, "srv/package.json", "{\"name\":\"outer\"}");
	fixture_write(&w->f, "srv/esm/package.json", "{\"type\":\"module\"}");
	assert_string_equal(find(w, "/srv/esm/app.js"), "outer");
}

static void a_tool_in_node_modules_runs_the_package_around_it(void **state)
{
	struct world *w = *state;
	fixture_write(&w->f, "srv/site/package.json", "{\"name\":\"site\"}");
	fixture_write(&w->f, "srv/site/node_modules/next/package.json",
		"{\"name\":\"next\"}");
	assert_string_equal(find(w, "/srv/site/node_modules/next/bin/next"), "site");
	fixture_write(
		&w->f, "usr/lib/node_modules/pm2/package.json", "{\"name\":\"pm2\"}");
	assert_string_equal(find(w, "/usr/lib/node_modules/pm2/bin/pm2"), "pm2");
}

static void follows_links_inside_the_root_only(void **state)
{
	struct world *w = *state;
	fixture_write(&w->f, "srv/releases/7/package.json", "{\"name\":\"shop\"}");
	fixture_write(&w->f, "srv/releases/7/app.js", "");
	fixture_link(&w->f, "srv/current", "/srv/releases/7");
	assert_string_equal(find(w, "/srv/current/app.js"), "shop");
	fixture_link(&w->f, "usr/bin/shop", "../../srv/releases/7/app.js");
	assert_string_equal(find(w, "/usr/bin/shop"), "shop");

	struct fixture outside;
	fixture_init(&outside);
	fixture_write(&outside, "package.json", "{\"name\":\"secret\"}");
	char target[PATH_MAX];
	fixture_path(&outside, target, "package.json");
	fixture_link(&w->f, "evil/package.json", target);
	assert_null(find(w, "/evil/app.js"));
	snprintf(target, sizeof target, "../../../../../..%s", outside.root);
	fixture_link(&w->f, "evil2", target);
	assert_null(find(w, "/evil2/app.js"));
	fixture_finish(&outside);
}

static void reads_regular_files_of_bounded_size_only(void **state)
{
	struct world *w = *state;
	char path[PATH_MAX];
	fixture_make_folders(fixture_path(&w->f, path, "pipe/package.json"));
	assert_int_equal(mkfifo(path, 0644), 0);
	assert_null(find(w, "/pipe/app.js")); /* and does not wait for a writer */
	fixture_make_folders(fixture_path(&w->f, path, "folder/package.json/x"));
	assert_null(find(w, "/folder/app.js"));
	fixture_write(&w->f, "empty/package.json", "");
	assert_null(find(w, "/empty/app.js"));

	char *large = malloc(PACKAGE_FILE_BYTES_MAX + 1);
	memset(large, ' ', PACKAGE_FILE_BYTES_MAX + 1);
	memcpy(large, "{\"name\":\"large\"}", 16);
	fixture_write_bytes(&w->f, "fits/package.json", large, PACKAGE_FILE_BYTES_MAX);
	assert_string_equal(find(w, "/fits/app.js"), "large");
	fixture_write_bytes(
		&w->f, "large/package.json", large, PACKAGE_FILE_BYTES_MAX + 1);
	assert_null(find(w, "/large/app.js"));
	free(large);
}

static void reads_nothing_that_the_user_could_not(void **state)
{
	struct world *w = *state;
	fixture_write(&w->f, "private/package.json", "{\"name\":\"secret\"}");
	char path[PATH_MAX];
	fixture_path(&w->f, path, "private/package.json");
	assert_int_equal(chmod(path, 0600), 0);
	w->user = (struct package_user){getuid() + 1, getgid() + 1};
	assert_null(find(w, "/private/app.js"));
	assert_int_equal(chmod(path, 0640), 0);
	assert_null(find(w, "/private/app.js"));
	w->user.gid = getgid();
	assert_string_equal(find(w, "/private/app.js"), "secret");
	w->user.gid = getgid() + 1;
	assert_int_equal(chmod(path, 0644), 0);
	assert_string_equal(find(w, "/private/app.js"), "secret");
}

int main(void)
{
#define IN_WORLD(test)                                                                 \
	cmocka_unit_test_setup_teardown(test, world_setup, world_teardown)
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_name_and_version),
		cmocka_unit_test(reads_what_the_package_is_for),
		cmocka_unit_test(takes_top_level_strings_only),
		cmocka_unit_test(is_not_fooled_by_strings_that_look_like_json),
		cmocka_unit_test(leaves_out_what_no_package_is_called),
		cmocka_unit_test(refuses_every_cut_file),
		cmocka_unit_test(survives_deep_nesting),
		IN_WORLD(looks_upwards_from_the_script),
		IN_WORLD(passes_by_packages_without_a_name),
		IN_WORLD(a_tool_in_node_modules_runs_the_package_around_it),
		IN_WORLD(follows_links_inside_the_root_only),
		IN_WORLD(reads_regular_files_of_bounded_size_only),
		IN_WORLD(reads_nothing_that_the_user_could_not),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
