/* What is remembered of captures between runs. */
#include "agent/capture/memory.h"

#include "common/buf.h"
#include "tests/unit/agent/folder.h"
#include "tests/unit/cmocka_all.h"

static void services_are_remembered_apart(void **state)
{
	struct folder f;
	struct err e;
	struct memory m;
	(void)state;
	folder_make(&f);
	memory_read(f.path, "cart", &m);
	assert_int_equal(m.last_unix_ms, 0);
	assert_true(
		memory_write(f.path, "cart", &(struct memory){.last_unix_ms = 5}, &e));
	assert_true(memory_write(
		f.path, "my shop", &(struct memory){.self_handled_unix_ms = 6}, &e));
	assert_true(memory_write(
		f.path, "my shop", &(struct memory){.last_unix_ms = 9}, &e));
	memory_read(f.path, "cart", &m);
	assert_int_equal(m.last_unix_ms, 5);
	assert_int_equal(m.self_handled_unix_ms, 0);
	memory_read(f.path, "my shop", &m);
	assert_int_equal(m.last_unix_ms, 9);
	assert_int_equal(m.self_handled_unix_ms, 6);
	folder_remove(&f);
}

/* Names are a process's own choice: none may write a line of its own. */
static void names_cannot_forge_lines(void **state)
{
	struct folder f;
	struct err e;
	struct memory m;
	(void)state;
	folder_make(&f);
	assert_true(memory_write(
		f.path, "a\n7 7 b", &(struct memory){.last_unix_ms = 5}, &e));
	assert_true(memory_write(f.path, "", &(struct memory){.last_unix_ms = 3}, &e));
	memory_read(f.path, "b", &m);
	assert_int_equal(m.last_unix_ms, 0);
	memory_read(f.path, "a\n7 7 b", &m);
	assert_int_equal(m.last_unix_ms, 5);
	memory_read(f.path, "", &m);
	assert_int_equal(m.last_unix_ms, 3);
	folder_remove(&f);
}

static void a_full_table_forgets_the_oldest(void **state)
{
	struct folder f;
	struct err e;
	struct memory m;
	struct buf text = {0};
	(void)state;
	folder_make(&f);
	for (int i = 0; i < MEMORY_SERVICES_MAX; i++)
		buf_printf(
			&text, "%d 0 s%d\n", 100 + (i + 500) % MEMORY_SERVICES_MAX, i);
	folder_store(folder_file(&f, "captures"), text.data, text.length);
	assert_true(memory_write(
		f.path, "new", &(struct memory){.last_unix_ms = 5000}, &e));
	memory_read(f.path, "s500", &m); /* of time 100 */
	assert_int_equal(m.last_unix_ms, 0);
	memory_read(f.path, "s501", &m);
	assert_int_equal(m.last_unix_ms, 101);
	memory_read(f.path, "new", &m);
	assert_int_equal(m.last_unix_ms, 5000);
	buf_finish(&text);
	folder_remove(&f);
}

static void without_a_directory_nothing_is_remembered(void **state)
{
	struct err e;
	struct memory m = {1, 1};
	(void)state;
	memory_read("/nonexistent/x", "cart", &m);
	assert_int_equal(m.last_unix_ms, 0);
	assert_false(memory_write("/nonexistent/x", "cart", &m, &e));
	assert_non_null(strstr(e.text, "/nonexistent/x"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(services_are_remembered_apart),
		cmocka_unit_test(names_cannot_forge_lines),
		cmocka_unit_test(a_full_table_forgets_the_oldest),
		cmocka_unit_test(without_a_directory_nothing_is_remembered),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
