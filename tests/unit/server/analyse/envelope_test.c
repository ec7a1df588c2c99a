#include "server/analyse/envelope.h"
#include "tests/unit/cmocka_all.h"

/* A line of 10 per bin with teeth of 100 that fall every 4th bin: the edge is the
 * line through the feet of the teeth, at the times of those feet. */
static void keeps_the_feet_of_the_teeth(void **state)
{
	(void)state;
	struct analyse_point points[40], out[40];
	for (int i = 0; i < 40; i++)
		points[i] = (struct analyse_point){
			i * 1000, 10 * (i / 4) * 4 + 100.0 * (i % 4)};
	size_t count = envelope_make(points, 40, 1000, out);
	assert_in_range(count, 8, 10);
	for (size_t i = 0; i < count; i++) {
		assert_int_equal(out[i].at_ms % 4000, 0);
		assert_float_equal(
			out[i].value_kb, 10 * (double)out[i].at_ms / 1000, 1e-9);
	}
}

/* Of four and more readings in a bin, one outlier downwards does not count. */
static void a_bin_keeps_its_second_smallest(void **state)
{
	(void)state;
	struct analyse_point points[] = {{0, 50}, {1, 7}, {2, 40}, {3, 60}, {4, 45}};
	struct analyse_point out[5];
	assert_int_equal(envelope_make(points, 5, 1000, out), 1);
	assert_float_equal(out[0].value_kb, 40, 0);
	assert_int_equal(out[0].at_ms, 2);
	assert_int_equal(envelope_make(points, 3, 1000, out), 1);
	assert_float_equal(out[0].value_kb, 7, 0);
}

static void repeats_are_dropped(void **state)
{
	(void)state;
	struct analyse_point points[30], out[30];
	for (int i = 0; i < 30; i++)
		points[i] = (struct analyse_point){i * 1000, i == 10 ? 1 : 100.0 + i};
	size_t count = envelope_make(points, 30, 1000, out);
	int feet = 0;
	for (size_t i = 0; i < count; i++)
		feet += out[i].value_kb == 1;
	assert_int_equal(feet, 1);
	for (size_t i = 1; i < count; i++)
		assert_true(out[i].at_ms > out[i - 1].at_ms);
}

/* A low value from before a gap is out of reach behind it. */
static void looks_back_by_time_and_not_by_count(void **state)
{
	(void)state;
	struct analyse_point points[] = {{0, 1}, {1000, 5}, {20000, 9}, {21000, 8}};
	struct analyse_point out[4];
	assert_int_equal(envelope_make(points, 4, 1000, out), 3);
	assert_float_equal(out[0].value_kb, 1, 0);
	assert_float_equal(out[1].value_kb, 9, 0);
	assert_float_equal(out[2].value_kb, 8, 0);
}

static void nothing_gives_nothing(void **state)
{
	(void)state;
	assert_int_equal(envelope_make(NULL, 0, 1000, NULL), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keeps_the_feet_of_the_teeth),
		cmocka_unit_test(a_bin_keeps_its_second_smallest),
		cmocka_unit_test(repeats_are_dropped),
		cmocka_unit_test(looks_back_by_time_and_not_by_count),
		cmocka_unit_test(nothing_gives_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
