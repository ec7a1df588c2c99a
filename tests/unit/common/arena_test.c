#include "common/arena.h"

#include "tests/unit/cmocka_all.h"
#include "tests/unit/death.h"

#include <stdalign.h>
#include <string.h>

static void memory_is_zeroed_and_aligned(void **state)
{
	(void)state;
	struct arena a;
	arena_init(&a);
	for (size_t size = 0; size < 300; size++) {
		unsigned char *p = arena_alloc(&a, size);
		assert_int_equal((uintptr_t)p % alignof(max_align_t), 0);
		for (size_t i = 0; i < size; i++)
			assert_int_equal(p[i], 0);
		memset(p, 0xff, size);
	}
	arena_finish(&a);
}

static void a_reset_chunk_is_zeroed_again(void **state)
{
	(void)state;
	struct arena a;
	arena_init(&a);
	unsigned char *first = arena_alloc(&a, 1000);
	memset(first, 0xff, 1000);
	arena_reset(&a);
	assert_int_equal(a.total_bytes, 0);
	unsigned char *again = arena_alloc(&a, 1000);
	assert_ptr_equal(again, first);
	for (size_t i = 0; i < 1000; i++)
		assert_int_equal(again[i], 0);
	arena_finish(&a);
}

static void items_do_not_overlap(void **state)
{
	(void)state;
	enum { COUNT = 5000 };
	struct arena a;
	arena_init(&a);
	int *items[COUNT];
	for (int i = 0; i < COUNT; i++) {
		items[i] = arena_array(&a, 25, sizeof(int));
		for (int k = 0; k < 25; k++)
			items[i][k] = i;
	}
	for (int i = 0; i < COUNT; i++) {
		for (int k = 0; k < 25; k++)
			assert_int_equal(items[i][k], i);
	}
	arena_finish(&a);
}

static void large_items_get_their_own_chunk(void **state)
{
	(void)state;
	struct arena a;
	arena_init(&a);
	arena_alloc(&a, 10);
	unsigned char *large = arena_alloc(&a, 10 << 20);
	large[(10 << 20) - 1] = 1;
	arena_reset(&a); /* gives the large chunk back */
	assert_null(a.chunks);
	arena_finish(&a);
	arena_finish(&a); /* harmless */
}

static void text_is_copied(void **state)
{
	(void)state;
	struct arena a;
	arena_init(&a);
	char source[] = "checkout-api";
	char *copy = arena_strdup(&a, source);
	char *part = arena_strndup(&a, source, 8);
	source[0] = 'X';
	assert_string_equal(copy, "checkout-api");
	assert_string_equal(part, "checkout");
	assert_string_equal(arena_strdup(&a, ""), "");
	assert_string_equal(arena_printf(&a, "%s/%d", copy, 3), "checkout-api/3");
	arena_finish(&a);
}

static void multiply_beyond_size_t(void)
{
	struct arena a;
	arena_init(&a);
	arena_array(&a, SIZE_MAX / 2, 3);
}

static void an_overflow_aborts(void **state)
{
	(void)state;
	assert_true(death_aborts(multiply_beyond_size_t));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(memory_is_zeroed_and_aligned),
		cmocka_unit_test(a_reset_chunk_is_zeroed_again),
		cmocka_unit_test(items_do_not_overlap),
		cmocka_unit_test(large_items_get_their_own_chunk),
		cmocka_unit_test(text_is_copied),
		cmocka_unit_test(an_overflow_aborts),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
