/* Which of an application's files is the truth, and what becomes of bad ones. */
#include "agent/fingerprint/dependencies.h"

#include "tests/unit/agent/fingerprint/collected.h"
#include "tests/unit/agent/fixture.h"

#include "common/clock.h"

#include <fcntl.h>
#include <sys/time.h>
#include <time.h>

#define LOCK(name) "{\"packages\":{\"node_modules/" name "\":{\"version\":\"1.0.0\"}}}"

struct world {
	struct fixture f;
	struct tree t;
	struct dependencies *d;
	struct arena a;
	struct packages p;
	struct remarks remarks;
	const char *source;
};

static struct world w;

static int begin(void **state)
{
	(void)state;
	memset(&w, 0, sizeof w);
	fixture_init(&w.f);
	arena_init(&w.a);
	w.d = dependencies_create();
	w.t = (struct tree){.root = open(w.f.root, O_PATH | O_DIRECTORY),
		.until_mono_ms = INT64_MAX};
	return 0;
}

static int end(void **state)
{
	(void)state;
	dependencies_destroy(w.d);
	packages_finish(&w.p);
	arena_finish(&w.a);
	close(w.t.root);
	fixture_finish(&w.f);
	return 0;
}

static const char *read_all(const char *folder)
{
	w.remarks = (struct remarks){.arena = &w.a};
	dependencies_read(w.d, &w.t, folder, 0, &w.p, &w.source, &w.remarks);
	return collected(&w.p);
}

static void package(const char *folder, const char *name, const char *version)
{
	char path[256], text[256];
	snprintf(path, sizeof path, "%s/package.json", folder);
	snprintf(text, sizeof text, "{\"name\":\"%s\",\"version\":\"%s\"}", name,
		version);
	fixture_write(&w.f, path, text);
}

/* So many seconds ago. */
static void age(const char *name, int seconds)
{
	char path[PATH_MAX];
	const struct timeval then = {time(NULL) - seconds, 0};
	const struct timeval both[] = {then, then};
	assert_int_equal(utimes(fixture_path(&w.f, path, "%s", name), both), 0);
}

static bool has_remark(const char *words)
{
	for (size_t i = 0; i < w.remarks.count; i++)
		if (strstr(w.remarks.items[i], words))
			return true;
	return false;
}

static void what_is_installed_beats_what_was_asked_for(void **state)
{
	(void)state;
	package("srv/app", "shop", "1");
	package("srv/app/node_modules/walked", "walked", "2.0.0");
	assert_string_equal(read_all("/srv/app"), "walked@2.0.0");
	assert_string_equal(w.source, "node_modules");
	fixture_write(&w.f, "srv/app/pnpm-lock.yaml", "packages:\n  d@1.0.0: {}\n");
	assert_string_equal(read_all("/srv/app"), "d@1.0.0");
	fixture_write(&w.f, "srv/app/yarn.lock", "c@^1:\n  version \"1.0.0\"\n");
	assert_string_equal(read_all("/srv/app"), "c@1.0.0");
	fixture_write(&w.f, "srv/app/package-lock.json", LOCK("b"));
	assert_string_equal(read_all("/srv/app"), "b@1.0.0");
	fixture_write(&w.f, "srv/app/npm-shrinkwrap.json", LOCK("a"));
	assert_string_equal(read_all("/srv/app"), "a@1.0.0");
	assert_string_equal(w.source, "npm-shrinkwrap.json");
	fixture_write(&w.f, "srv/app/node_modules/.yarn-integrity", "{}");
	assert_string_equal(read_all("/srv/app"), "c@1.0.0");
	fixture_write(&w.f, "srv/app/node_modules/.package-lock.json", LOCK("hidden"));
	assert_string_equal(read_all("/srv/app"), "hidden@1.0.0");
	assert_string_equal(w.source, "node_modules/.package-lock.json");
	assert_int_equal(w.remarks.count, 0);
	/* Somebody changed the folder by hand since. */
	unlink(fixture_path(&w.f, (char[PATH_MAX]){0}, "srv/app/yarn.lock"));
	unlink(fixture_path(&w.f, (char[PATH_MAX]){0}, "srv/app/npm-shrinkwrap.json"));
	unlink(fixture_path(&w.f, (char[PATH_MAX]){0}, "srv/app/package-lock.json"));
	unlink(fixture_path(&w.f, (char[PATH_MAX]){0}, "srv/app/pnpm-lock.yaml"));
	age("srv/app/node_modules/.package-lock.json", 100);
	assert_string_equal(read_all("/srv/app"), "walked@2.0.0");
	assert_true(has_remark("node_modules was changed after it was written"));
}

static void a_bad_lock_is_said_and_the_folder_walked(void **state)
{
	(void)state;
	package("app/node_modules/walked", "walked", "2.0.0");
	fixture_write(&w.f, "app/package-lock.json", "{\"packages\": {");
	assert_string_equal(read_all("/app"), "walked@2.0.0");
	assert_true(has_remark("package-lock.json: it is no JSON at byte"));
	char path[PATH_MAX];
	fixture_path(&w.f, path, "app/package-lock.json");
	assert_int_equal(truncate(path, 500 << 20), 0); /* sparse */
	int64_t before_ms = clock_mono_ms();
	assert_string_equal(read_all("/app"), "walked@2.0.0");
	assert_true(has_remark("it has 500 MB, more than 64 are not read"));
	assert_true(clock_mono_ms() - before_ms < 1000);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(mkdir(path, 0755), 0);
	assert_string_equal(read_all("/app"), "walked@2.0.0");
	assert_true(has_remark("package-lock.json: Is a directory"));
	assert_int_equal(rmdir(path), 0);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_string_equal(read_all("/app"), "walked@2.0.0");
	assert_true(has_remark("package-lock.json: Invalid argument"));
}

static void reads_no_file_of_another_user(void **state)
{
	(void)state;
	if (getuid() != 0)
		skip();
	char path[PATH_MAX];
	w.t.user = (struct package_user){4711, 4711};
	fixture_write(&w.f, "app/package-lock.json", LOCK("secret"));
	assert_int_equal(
		chmod(fixture_path(&w.f, path, "app/package-lock.json"), 0600), 0);
	assert_string_equal(read_all("/app"), "");
	assert_string_equal(w.source, "");
	assert_true(has_remark("package-lock.json: Permission denied"));
}

static void walks_scopes_folders_in_folders_and_links(void **state)
{
	(void)state;
	package("app/node_modules/@pm2/io", "@pm2/io", "4.2.1");
	package("app/node_modules/a", "a", "1.0.0");
	package("app/node_modules/a/node_modules/b", "b", "0.1.0");
	package("app/node_modules/.pnpm/c@1/node_modules/c", "c", "1.0.0");
	package("app/node_modules/.pnpm/c@1/node_modules/d", "d", "2.0.0");
	fixture_link(&w.f, "app/node_modules/c", ".pnpm/c@1/node_modules/c");
	/* Loops: to itself, to the folder above, and out of the root. */
	fixture_link(&w.f, "app/node_modules/self", "self");
	fixture_link(&w.f, "app/node_modules/up", "..");
	fixture_link(&w.f, "app/node_modules/a/node_modules/a", "../../a");
	fixture_link(&w.f, "app/node_modules/out", "../../../../../../etc");
	fixture_write(&w.f, "app/node_modules/bad/package.json", "{");
	fixture_write(&w.f, "app/node_modules/dir/package.json/x", "");
	fixture_write(&w.f, "app/node_modules/\xff\xfe/package.json",
		"{\"name\":\"\xff\xfe\",\"version\":\"1\"}");
	assert_string_equal(
		read_all("/app"), "??@1 @pm2/io@4.2.1 a@1.0.0 b@0.1.0 c@1.0.0 d@2.0.0");
	assert_true(has_remark("node_modules: 3 files cannot be read"));
}

static void reads_the_same_file_once(void **state)
{
	(void)state;
	fixture_write(&w.f, "app/package-lock.json", LOCK("one"));
	age("app/package-lock.json", 50);
	assert_string_equal(read_all("/app"), "one@1.0.0");
	/* The same identity: what was read is kept. */
	char path[PATH_MAX];
	int fd = open(fixture_path(&w.f, path, "app/package-lock.json"), O_WRONLY);
	assert_int_equal(
		pwrite(fd, LOCK("two"), strlen(LOCK("two")), 0), strlen(LOCK("two")));
	close(fd);
	age("app/package-lock.json", 50);
	assert_string_equal(read_all("/app"), "one@1.0.0");
	age("app/package-lock.json", 40);
	assert_string_equal(read_all("/app"), "two@1.0.0");
}

static void finds_the_lock_of_a_workspace(void **state)
{
	(void)state;
	package("mono/packages/api", "api", "1");
	fixture_write(&w.f, "mono/package-lock.json", LOCK("shared"));
	fixture_write(&w.f, "mono/package.json", "{\"name\":\"mono\"}");
	assert_string_equal(read_all("/mono/packages/api"), "");
	fixture_write(&w.f, "mono/package.json",
		"{\"name\":\"mono\",\"workspaces\":[\"packages/*\"]}");
	assert_string_equal(read_all("/mono/packages/api"), "shared@1.0.0");
}

/* Node.js looks for modules in the folders above, one after the other. */
static void finds_the_modules_above(void **state)
{
	(void)state;
	package("shop/services/api", "api", "1");
	fixture_write(&w.f, "shop/package.json", "{\"name\":\"shop\"}");
	fixture_write(&w.f, "shop/package-lock.json", LOCK("shared"));
	assert_string_equal(read_all("/shop/services/api"), "");
	package("shop/node_modules/walked", "walked", "3.0.0");
	assert_string_equal(read_all("/shop/services/api"), "shared@1.0.0");
	/* It has its own: those above are not what it runs on. */
	package("shop/services/api/node_modules/own", "own", "2.0.0");
	assert_string_equal(read_all("/shop/services/api"), "own@2.0.0");
}

static void finds_the_folder_of_a_script(void **state)
{
	(void)state;
	char out[PATH_MAX];
	package("srv/app", "shop", "1");
	fixture_write(&w.f, "srv/app/dist/package.json", "{\"type\":\"module\"}");
	fixture_write(&w.f, "srv/app/dist/server.js", "");
	assert_true(dependencies_root(&w.t, "/srv/app/dist/server.js", out));
	assert_string_equal(out, "/srv/app");
	package("srv/app/node_modules/next", "next", "1");
	assert_true(dependencies_root(&w.t, "/srv/app/node_modules/next/bin.js", out));
	assert_string_equal(out, "/srv/app");
	/* Installed for the whole machine: it is its own. */
	package("usr/lib/node_modules/tool", "tool", "1");
	assert_true(dependencies_root(&w.t, "/usr/lib/node_modules/tool/cli.js", out));
	assert_string_equal(out, "/usr/lib/node_modules/tool");
	assert_false(dependencies_root(&w.t, "/opt/x.js", out));
}

static void tells_of_files_younger_than_the_process(void **state)
{
	(void)state;
	fixture_write(&w.f, "app/package-lock.json", LOCK("one"));
	w.remarks = (struct remarks){.arena = &w.a};
	dependencies_read(w.d, &w.t, "/app", clock_unix_ms() - 60000, &w.p, &w.source,
		&w.remarks);
	assert_true(has_remark("was written after the process began"));
}

static void cuts_what_is_too_much_in_the_same_place(void **state)
{
	(void)state;
	struct packages p = {0};
	size_t count;
	bool is_cut;
	char name[32];
	for (int i = FINGERPRINT_PACKAGES_MAX + 5000; i-- > 0;) {
		snprintf(name, sizeof name, "p%05d", i);
		packages_add(&p, name, "1");
		packages_add(&p, name, "1");
	}
	const char **all = packages_sorted(&p, &w.a, &count, &is_cut);
	assert_true(is_cut);
	assert_int_equal(count, FINGERPRINT_PACKAGES_MAX);
	assert_string_equal(all[0], "p00000@1");
	assert_string_equal(all[count - 1], "p19999@1");
	packages_finish(&p);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
	const struct CMUnitTest tests[] = {
		TEST(what_is_installed_beats_what_was_asked_for),
		TEST(a_bad_lock_is_said_and_the_folder_walked),
		TEST(reads_no_file_of_another_user),
		TEST(walks_scopes_folders_in_folders_and_links),
		TEST(reads_the_same_file_once),
		TEST(finds_the_lock_of_a_workspace),
		TEST(finds_the_modules_above),
		TEST(finds_the_folder_of_a_script),
		TEST(tells_of_files_younger_than_the_process),
		TEST(cuts_what_is_too_much_in_the_same_place),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
