/* Which files are packages that hosts may have, and by which hash they know them. */
#include "server/api/packages.h"

#include "tests/unit/agent/folder.h"

#include <sodium.h>
#include <sys/stat.h>
#include <utime.h>

static struct folder folder;
static struct arena arena;
static struct packages *packages;
static int64_t now_ms;

static int start(void **state)
{
	(void)state;
	folder_make(&folder);
	arena_init(&arena);
	packages = packages_create(folder.path);
	now_ms = 1000000;
	return sodium_init() < 0 ? -1 : 0;
}

static int stop(void **state)
{
	(void)state;
	packages_destroy(packages);
	arena_finish(&arena);
	folder_remove(&folder);
	return 0;
}

static void put(const char *name, const char *text, time_t changed)
{
	char *path = folder_file(&folder, name);
	folder_store(path, text, strlen(text));
	assert_int_equal(utime(path, &(struct utimbuf){changed, changed}), 0);
}

static const struct packages_row *best(size_t *count)
{
	now_ms += PACKAGES_LOOK_MS;
	return packages_best(packages, "0.2.0", now_ms, &arena, count);
}

static void a_folder_that_is_not_there_has_none(void **state)
{
	(void)state;
	size_t count;
	struct packages_row row;
	struct packages *none = packages_create("/nowhere");
	packages_list(none, now_ms, &arena, &count);
	assert_int_equal(count, 0);
	assert_int_equal(packages_open(none, "../etc/passwd", now_ms, &row), -1);
	packages_destroy(none);
}

static void only_packages_of_the_agent_are_seen(void **state)
{
	(void)state;
	size_t count;
	struct packages_row row;
	static const char *const others[] = {"tidemark-server_0.2.0-1_amd64.deb",
		"tidemark-agent_0.2.0-1_amd64.deb.bak", "tidemark-agent_.deb",
		"tidemark-agent__amd64.deb", "tidemark-agent_0.2.0-1.deb", "secret",
		"tidemark-agent_0.2.0'$(id)_amd64.deb",
		"tidemark-agent_0.2.0-1_amd 64.deb"};
	for (size_t i = 0; i < sizeof others / sizeof *others; i++)
		put(others[i], "x", 1);
	put("tidemark-agent_0.1.0-1_i386.deb", "", 1);
	char *link = folder_file(&folder, "tidemark-agent_0.1.0-1_arm64.deb");
	assert_int_equal(symlink("/etc/passwd", link), 0);
	packages_list(packages, now_ms, &arena, &count);
	assert_int_equal(count, 0);
	for (size_t i = 0; i < sizeof others / sizeof *others; i++)
		assert_int_equal(packages_open(packages, others[i], now_ms, &row), -1);
}

static void a_hash_is_that_of_the_file_as_it_is(void **state)
{
	(void)state;
	size_t count;
	struct packages_row row;
	char text[8];
	put("tidemark-agent_0.2.0-1_amd64.deb", "abc", 5);
	const struct packages_row *rows = best(&count);
	assert_int_equal(count, 1);
	assert_string_equal(rows[0].version, "0.2.0-1");
	assert_string_equal(rows[0].architecture, "amd64");
	assert_string_equal(rows[0].sum, "ba7816bf8f01cfea414140de5dae2223"
					 "b00361a396177a9cb410ff61f20015ad");
	int fd = packages_open(packages, rows[0].name, now_ms, &row);
	assert_true(fd >= 0);
	assert_int_equal(row.bytes, 3);
	assert_int_equal(read(fd, text, sizeof text), 3);
	close(fd);

	put("tidemark-agent_0.2.0-1_amd64.deb", "abd", 6);
	rows = best(&count);
	assert_string_equal(rows[0].sum, "a52d159f262b2c6ddb724a61840befc3"
					 "6eb30c88877a4030b65cbe86298449c9");
}

static void each_architecture_gets_this_version_else_the_newest(void **state)
{
	(void)state;
	size_t count;
	put("tidemark-agent_0.2.0-1_amd64.deb", "a", 100);
	put("tidemark-agent_0.3.0-1_amd64.deb", "b", 200);
	put("tidemark-agent_0.1.0-1_arm64.deb", "c", 300);
	put("tidemark-agent_0.1.1-1_arm64.deb", "d", 400);
	put("tidemark-agent_0.2.01-1_arm64.deb", "e", 350);
	const struct packages_row *rows = best(&count);
	assert_int_equal(count, 2);
	assert_string_equal(rows[0].name, "tidemark-agent_0.1.1-1_arm64.deb");
	assert_string_equal(rows[1].name, "tidemark-agent_0.2.0-1_amd64.deb");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			a_folder_that_is_not_there_has_none, start, stop),
		cmocka_unit_test_setup_teardown(
			only_packages_of_the_agent_are_seen, start, stop),
		cmocka_unit_test_setup_teardown(
			a_hash_is_that_of_the_file_as_it_is, start, stop),
		cmocka_unit_test_setup_teardown(
			each_architecture_gets_this_version_else_the_newest, start,
			stop),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
