#include "common/pages.h"

#include "tests/unit/cmocka_all.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static const char constant[3 * 4096] = "constant";
static int written = 7;

static bool is_in_memory(const void *at)
{
	uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
	uint64_t entry = 0;
	FILE *map = fopen("/proc/self/pagemap", "re");
	assert_non_null(map);
	assert_int_equal(
		fseek(map, (long)((uintptr_t)at / page * sizeof entry), SEEK_SET), 0);
	assert_int_equal(fread(&entry, sizeof entry, 1, map), 1);
	fclose(map);
	return entry >> 63;
}

static void what_is_in_files_is_given_back_and_comes_again(void **state)
{
	(void)state;
	const char *volatile at = constant + 4096;
	assert_int_equal(*at, 0);
	assert_true(is_in_memory(at));
	pages_give_back();
	assert_string_equal(constant, "constant");
	assert_int_equal(*at, 0);
}

static void what_was_written_stays(void **state)
{
	(void)state;
	char *volatile text = strdup("own");
	written = 8;
	for (int i = 0; i < 3; i++)
		pages_give_back();
	assert_int_equal(written, 8);
	assert_string_equal(text, "own");
	free(text);
}

static int64_t resident_pages(void)
{
	long size, resident;
	FILE *file = fopen("/proc/self/statm", "re");
	assert_non_null(file);
	assert_int_equal(fscanf(file, "%ld %ld", &size, &resident), 2);
	fclose(file);
	return resident;
}

static void less_is_resident(void **state)
{
	(void)state;
	int64_t before = resident_pages();
	pages_give_back();
	assert_true(resident_pages() < before);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(less_is_resident),
		cmocka_unit_test(what_is_in_files_is_given_back_and_comes_again),
		cmocka_unit_test(what_was_written_stays),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
