#include "server/history/sketch.h"

#include "tests/unit/cmocka_all.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { COUNT = 5000 };

static uint64_t seed = 1;

/* SplitMix64 (Steele, Lea, Flood 2014). */
static uint64_t draw(void)
{
	uint64_t z = seed += UINT64_C(0x9e3779b97f4a7c15);
	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

static int compare(const void *a, const void *b)
{
	const int64_t *left = a, *right = b;
	return (*left > *right) - (*left < *right);
}

static int64_t shape(int kind, size_t i)
{
	switch (kind) {
	case 0: /* any size up to the largest */
		return (int64_t)(draw() >> (1 + draw() % 63));
	case 1: /* near to each other */
		return 200000 + (int64_t)(draw() % 3000);
	case 2: /* small numbers and many zeros */
		return (int64_t)(draw() % 8) - 3;
	case 3: /* few, far apart */
		return draw() % 2 ? 7 : INT64_MAX;
	default: /* every bound of a bucket, and its neighbours */
		return (int64_t)pow(1.01 / 0.99, (double)(i / 3 % 2100)) +
		       (int64_t)(i % 3) - 1;
	}
}

/* Half of one is the rounding to a whole number. */
static void assert_near(int64_t got, int64_t exact)
{
	double real = exact < 1 ? 0 : (double)exact;
	if (fabs((double)got - real) > SKETCH_ERROR * real * 1.000001 + 0.5)
		fail_msg("%lld instead of %lld", (long long)got, (long long)exact);
}

static void quantiles_are_right_within_the_error(void **state)
{
	(void)state;
	static const double qs[] = {0, 0.01, 0.1, 0.25, 0.5, 0.75, 0.9, 0.99, 1};
	static struct sketch s;
	static int64_t values[COUNT];
	for (int kind = 0; kind < 5; kind++) {
		sketch_reset(&s);
		for (size_t i = 0; i < COUNT; i++) {
			values[i] = shape(kind, i);
			sketch_add(&s, values[i]);
		}
		assert_int_equal(s.total, COUNT);
		qsort(values, COUNT, sizeof *values, compare);
		for (size_t i = 0; i < sizeof qs / sizeof *qs; i++)
			assert_near(sketch_quantile(&s, qs[i]),
				values[(size_t)floor(qs[i] * (COUNT - 1))]);
	}
}

static void small_numbers_are_exact(void **state)
{
	(void)state;
	for (int64_t value = 0; value <= 50; value++) {
		static struct sketch s;
		sketch_reset(&s);
		sketch_add(&s, value);
		assert_int_equal(sketch_quantile(&s, 0.5), value);
	}
}

static void of_nothing_it_is_zero(void **state)
{
	(void)state;
	static struct sketch s;
	sketch_reset(&s);
	assert_int_equal(sketch_quantile(&s, 0.5), 0);
	sketch_add(&s, INT64_MIN);
	assert_int_equal(sketch_quantile(&s, 0.5), 0);
	sketch_add(&s, INT64_MAX);
	assert_near(sketch_quantile(&s, 1), INT64_MAX);
}

static void assert_same(const struct sketch *a, const struct sketch *b)
{
	assert_int_equal(a->zeros, b->zeros);
	assert_int_equal(a->total, b->total);
	assert_int_equal(a->low, b->low);
	assert_int_equal(a->high, b->high);
	assert_memory_equal(a->count, b->count, sizeof a->count);
}

static void parts_merge_into_the_whole(void **state)
{
	(void)state;
	static struct sketch whole, part[3], merged;
	for (int kind = 0; kind < 5; kind++) {
		sketch_reset(&whole);
		sketch_reset(&merged);
		for (int i = 0; i < 3; i++)
			sketch_reset(&part[i]);
		for (size_t i = 0; i < COUNT; i++) {
			int64_t value = shape(kind, i);
			sketch_add(&whole, value);
			sketch_add(&part[i % 7 % 3], value);
		}
		for (int i = 2; i >= 0; i--)
			sketch_merge(&merged, &part[i]);
		assert_same(&merged, &whole);
	}
}

static void what_is_stored_adds_up_too(void **state)
{
	(void)state;
	static struct sketch whole, part[2], taken;
	struct err e;
	sketch_reset(&whole);
	sketch_reset(&taken);
	for (int i = 0; i < 2; i++) {
		struct buf out = {0};
		sketch_reset(&part[i]);
		for (size_t j = 0; j < COUNT; j++) {
			int64_t value = shape(i * 2, j);
			sketch_add(&whole, value);
			sketch_add(&part[i], value);
		}
		sketch_put(&out, &part[i]);
		assert_true(sketch_take(&taken, out.data, out.length, &e));
		buf_finish(&out);
	}
	assert_same(&taken, &whole);
}

static void few_numbers_are_few_bytes(void **state)
{
	(void)state;
	static struct sketch s;
	struct buf out = {0};
	sketch_reset(&s);
	for (int64_t i = 0; i < 20; i++)
		sketch_add(&s, 70000 + 300 * i);
	sketch_put(&out, &s);
	assert_in_range(out.length, 4, 16);
	buf_finish(&out);
}

static void counts_stay_at_their_greatest(void **state)
{
	(void)state;
	static struct sketch s, other;
	sketch_reset(&s);
	sketch_add(&s, 1000);
	other = s;
	other.count[other.low] = UINT32_MAX;
	sketch_merge(&s, &other);
	assert_int_equal(s.count[s.low], UINT32_MAX);
	assert_near(sketch_quantile(&s, 0.5), 1000);
}

/* There is no checksum: some changes are other sketches.  None may do harm, and what is
 * refused must leave the sketch as it was. */
static void what_is_cut_or_changed_does_no_harm(void **state)
{
	(void)state;
	static struct sketch s, taken, empty;
	struct buf out = {0};
	struct err e;
	sketch_reset(&s);
	sketch_reset(&empty);
	for (size_t i = 0; i < 40; i++)
		sketch_add(&s, shape(0, i));
	sketch_add(&s, 0);
	sketch_put(&out, &s);
	for (size_t bit = 0; bit < 8 * out.length; bit++) {
		for (size_t cut = 0; cut <= out.length; cut++) {
			void *copy = malloc(out.length);
			memcpy(copy, out.data, cut);
			if (bit / 8 < cut)
				((char *)copy)[bit / 8] ^= (char)(1 << bit % 8);
			taken = empty;
			if (sketch_take(&taken, copy, cut, &e)) {
				sketch_quantile(&taken, 0.5);
			} else {
				assert_int_equal(e.kind, ERR_INPUT);
				assert_same(&taken, &empty);
			}
			free(copy);
		}
	}
	buf_finish(&out);
}

static void what_others_made_up_is_refused(void **state)
{
	(void)state;
	static struct sketch s;
	static const struct {
		const char *bytes;
		size_t length;
		const char *says;
	} cases[] = {
		{"", 0, "sketch: 0 bytes are too few"},
		{"\1", 1, "sketch: 1 bytes are too few"},
		{"\2\0", 2, "sketch: version 2 is not known"},
		{"\1\x80", 2, "sketch: the zeros are damaged"},
		{"\1\xff\xff\xff\xff\x7f", 6, "sketch: the zeros are damaged"},
		{"\1\0\1", 3, "sketch: cut off"},
		{"\1\0\1\0", 4, "sketch: a count is damaged"},
		{"\1\0\1\xff\xff\xff\xff\x7f", 8, "sketch: a count is damaged"},
		{"\1\0\x98\x11\1", 5, "sketch: no such bucket"},
		{"\1\0\x97\x11\1\0\1", 7, "sketch: no such bucket"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct err e;
		sketch_reset(&s);
		assert_false(sketch_take(&s, cases[i].bytes, cases[i].length, &e));
		assert_string_equal(e.text, cases[i].says);
		assert_int_equal(s.total, 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(quantiles_are_right_within_the_error),
		cmocka_unit_test(small_numbers_are_exact),
		cmocka_unit_test(of_nothing_it_is_zero),
		cmocka_unit_test(parts_merge_into_the_whole),
		cmocka_unit_test(what_is_stored_adds_up_too),
		cmocka_unit_test(few_numbers_are_few_bytes),
		cmocka_unit_test(counts_stay_at_their_greatest),
		cmocka_unit_test(what_is_cut_or_changed_does_no_harm),
		cmocka_unit_test(what_others_made_up_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
