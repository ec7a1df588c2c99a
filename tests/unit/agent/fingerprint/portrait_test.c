/* Whole fingerprints, of real processes of this machine. */
#include "agent/fingerprint/portrait.h"

#include "agent/fingerprint/look.h"
#include "common/clock.h"
#include "tests/unit/agent/fixture.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>

struct world {
	struct fixture f;
	struct arena a;
	struct portrait_options options;
};

static struct world w;

static int begin(void **state)
{
	(void)state;
	fixture_init(&w.f);
	arena_init(&w.a);
	w.options = (struct portrait_options){
		"/proc", "APP_VERSION", "", dependencies_create()};
	return 0;
}

static int end(void **state)
{
	(void)state;
	dependencies_destroy(w.options.dependencies);
	arena_finish(&w.a);
	fixture_finish(&w.f);
	return 0;
}

/* Starts a program in a folder of the fixture, with its own first word. */
static pid_t start(const char *folder, const char *program, const char *const *words)
{
	char path[PATH_MAX];
	int ready[2];
	assert_int_equal(pipe2(ready, O_CLOEXEC), 0);
	pid_t pid = fork();
	if (pid == 0) {
		const char *const environment[] = {
			"APP_VERSION=7.7", "SECRET=hunter2", NULL};
		if (chdir(fixture_path(&w.f, path, "%s", folder)) == 0)
			execve(program, (char *const *)(uintptr_t)words,
				(char *const *)(uintptr_t)environment);
		_exit(127);
	}
	close(ready[1]);
	char byte;
	assert_int_equal(read(ready[0], &byte, 1), 0); /* it has begun */
	close(ready[0]);
	return pid;
}

static void stop(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

static bool take(pid_t pid, struct fingerprint *out, struct err *e)
{
	const struct portrait_process process = {.pid = pid};
	return portrait_take(&w.options, &process, &w.a, out, e);
}

static bool has(const struct fingerprint *f, const char *package)
{
	for (size_t i = 0; i < f->package_count; i++)
		if (strncmp(f->packages[i], package, strlen(package)) == 0)
			return true;
	return false;
}

static void a_native_program_has_libraries(void **state)
{
	(void)state;
	static const char *const words[] = {"sleep", "60", NULL};
	struct fingerprint f;
	struct err e;
	fixture_write(&w.f, "x/y", "");
	pid_t pid = start("x", "/bin/sleep", words);
	/* It has its libraries a moment after it began. */
	int64_t until_ms = clock_mono_ms() + 5000;
	do
		assert_true(take(pid, &f, &e));
	while (!has(&f, "libc.so.6@") && clock_mono_ms() < until_ms);
	stop(pid);
	assert_string_equal(f.runtime, "native");
	assert_string_equal(f.source, "mapped libraries");
	assert_true(has(&f, "libc.so.6@"));
	assert_true(strlen(f.build_id) >= 32);
	assert_int_equal(strlen(f.hash), FINGERPRINT_HASH_DIGITS);
	assert_int_equal(f.environment_count, 1);
	assert_string_equal(f.environment[0], "APP_VERSION=7.7");
	assert_string_equal(f.app_version, "7.7");
	/* It is gone now. */
	assert_false(take(pid, &f, &e));
	assert_int_equal(e.kind, ERR_INPUT);
}

/* A program that is called "node" is one for everybody who looks from outside. */
static pid_t start_node(const char *script)
{
	const char *const words[] = {"node", script, NULL};
	return start("app", "/bin/sleep", words);
}

static void an_application_has_what_is_installed(void **state)
{
	(void)state;
	struct fingerprint f;
	struct err e;
	fixture_write(
		&w.f, "app/package.json", "{\"name\":\"shop\",\"version\":\"1.4.0\"}");
	fixture_write(
		&w.f, "app/.git/HEAD", "0123456789abcdef0123456789abcdef01234567\n");
	fixture_write(&w.f, "app/package-lock.json",
		"{\"packages\":{\"node_modules/koa\":{\"version\":\"2.13.4\"}}}");
	fixture_write(&w.f, "app/60", "");
	pid_t pid = start_node("60"); /* what sleep takes for its time */
	assert_true(take(pid, &f, &e));
	assert_string_equal(f.app, "shop");
	assert_string_equal(f.app_version, "1.4.0");
	assert_string_equal(f.runtime, "node");
	assert_string_equal(f.git_head, "0123456789abcdef0123456789abcdef01234567");
	assert_string_equal(f.source, "package-lock.json");
	assert_int_equal(f.package_count, 1);
	assert_string_equal(f.packages[0], "koa@2.13.4");
	assert_int_equal(f.remark_count, 0);
	/* The same again is the same. */
	char hash[FINGERPRINT_HASH_DIGITS + 1];
	strcpy(hash, f.hash);
	assert_true(take(pid, &f, &e));
	assert_string_equal(f.hash, hash);
	/* Another life with this number is not taken for it. */
	const struct portrait_process other = {.pid = pid, .start_ticks = 1};
	assert_false(portrait_take(&w.options, &other, &w.a, &f, &e));
	assert_int_equal(e.kind, ERR_INPUT);
	stop(pid);
}

static void a_package_json_that_is_a_folder_is_none(void **state)
{
	(void)state;
	struct fingerprint f;
	struct err e;
	fixture_write(&w.f, "app/package.json/x", "");
	fixture_write(&w.f, "app/60", "");
	pid_t pid = start_node("60");
	assert_true(take(pid, &f, &e));
	stop(pid);
	assert_string_equal(f.app, "");
	assert_string_equal(f.source, "");
	assert_int_equal(f.package_count, 0);
	assert_int_equal(f.remark_count, 1);
}

static void reads_parent_and_start_of_any_name(void **state)
{
	(void)state;
	int parent;
	uint64_t ticks;
	assert_true(look_parse_stat(
		"7 (a) b) (c) S 42 7 7 0 -1 4194304 1 2 3 4 5 6 7 8 20 0 1 0 4711 1 2",
		&parent, &ticks));
	assert_int_equal(parent, 42);
	assert_int_equal(ticks, 4711);
	assert_false(look_parse_stat(
		"7 (x) Z 1 7 7 0 -1 0 1 2 3 4 5 6 7 8 20 0 1 0 9 1", &parent, &ticks));
	assert_false(look_parse_stat("7 (x) S 1 2", &parent, &ticks));
	assert_false(look_parse_stat("", &parent, &ticks));
	char out[PATH_MAX];
	assert_true(look_join(out, "/srv/app", "../x/./y.js"));
	assert_string_equal(out, "/srv/x/y.js");
	assert_true(look_join(out, "/srv", "/../../etc"));
	assert_string_equal(out, "/etc");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
	const struct CMUnitTest tests[] = {
		TEST(a_native_program_has_libraries),
		TEST(an_application_has_what_is_installed),
		TEST(a_package_json_that_is_a_folder_is_none),
		TEST(reads_parent_and_start_of_any_name),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
