#include "server/history/squeeze.h"

#include "tests/unit/cmocka_all.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { BYTES = 4000, THREADS = 4, ROUNDS = 200 };

/* Two halves of different kinds, of which neither repeats. */
static void make(uint8_t *bytes, unsigned seed)
{
	for (size_t i = 0; i < BYTES; i++) {
		seed = seed * 1103515245 + 12345;
		bytes[i] = (uint8_t)(seed >> 16) & (i < BYTES / 2 ? 7 : 0xf0);
	}
}

static bool is_same_again(const uint8_t *bytes, size_t split, size_t length)
{
	struct buf out = {0};
	uint8_t got[BYTES];
	struct err e;
	bool same = squeeze_put(&out, bytes, split, length) &&
		    squeeze_take(out.data, out.length, got, length, &e) &&
		    memcmp(got, bytes, length) == 0;
	buf_finish(&out);
	return same;
}

static void any_split_is_the_same_again(void **state)
{
	(void)state;
	uint8_t bytes[BYTES];
	make(bytes, 1);
	for (size_t split = 0; split <= BYTES; split += 400)
		assert_true(is_same_again(bytes, split, BYTES));
}

static void each_kind_has_its_own_statistics(void **state)
{
	(void)state;
	uint8_t bytes[BYTES];
	struct buf apart = {0}, together = {0};
	make(bytes, 1);
	assert_true(squeeze_put(&apart, bytes, BYTES / 2, BYTES));
	assert_true(squeeze_put(&together, bytes, BYTES, BYTES));
	/* Three bits and four bits of eight, against one kind of both. */
	assert_in_range(apart.length, BYTES / 16 * 7, BYTES / 16 * 7 + 150);
	assert_true(apart.length < together.length - 100);
	buf_finish(&apart);
	buf_finish(&together);
}

static void what_gets_no_smaller_stays(void **state)
{
	(void)state;
	uint8_t bytes[BYTES];
	struct buf out = {0};
	for (size_t i = 0; i < BYTES; i++)
		bytes[i] = (uint8_t)(rand() >> 8);
	buf_text(&out, "before");
	assert_false(squeeze_put(&out, bytes, BYTES / 2, BYTES));
	assert_false(squeeze_put(&out, "aaaaaaaaaaaaaaa", 3, 15));
	assert_false(squeeze_put(&out, "", 0, 0));
	assert_int_equal(out.length, 6);
	buf_finish(&out);
}

static void what_is_no_frame_is_refused(void **state)
{
	(void)state;
	uint8_t bytes[BYTES], got[BYTES + 1];
	struct buf out = {0};
	struct err e;
	make(bytes, 2);
	assert_true(squeeze_put(&out, bytes, 100, BYTES));
	assert_false(squeeze_take(out.data, out.length, got, BYTES - 1, &e));
	assert_false(squeeze_take(out.data, out.length, got, BYTES + 1, &e));
	for (size_t cut = 0; cut < out.length; cut += 7) {
		void *copy = malloc(cut + 1);
		memcpy(copy, out.data, cut);
		assert_false(squeeze_take(copy, cut, got, BYTES, &e));
		assert_int_equal(e.kind, ERR_INPUT);
		free(copy);
	}
	/* Two frames that hold all together are not one. */
	struct buf two = {0};
	assert_true(squeeze_put(&two, bytes, 100, BYTES / 2));
	assert_true(squeeze_put(&two, bytes + BYTES / 2, 100, BYTES / 2));
	assert_false(squeeze_take(two.data, two.length, got, BYTES, &e));
	buf_finish(&out);
	buf_finish(&two);
}

static void *work(void *context)
{
	unsigned seed = *(unsigned *)context;
	uint8_t bytes[BYTES];
	bool same = true;
	for (unsigned i = 0; i < ROUNDS; i++) {
		make(bytes, seed + i);
		same &= is_same_again(bytes, BYTES / 2, BYTES);
	}
	return same ? context : NULL;
}

static void threads_share_nothing(void **state)
{
	(void)state;
	pthread_t threads[THREADS];
	unsigned seeds[THREADS] = {1, 2, 3, 4};
	for (int i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, work, &seeds[i]), 0);
	for (int i = 0; i < THREADS; i++) {
		void *result;
		pthread_join(threads[i], &result);
		assert_non_null(result);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(any_split_is_the_same_again),
		cmocka_unit_test(each_kind_has_its_own_statistics),
		cmocka_unit_test(what_gets_no_smaller_stays),
		cmocka_unit_test(what_is_no_frame_is_refused),
		cmocka_unit_test(threads_share_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
