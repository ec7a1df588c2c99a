#include "server/analyse/shape.h"
#include "tests/unit/cmocka_all.h"

#include <math.h>

enum { N = 72, LIFE = 60 };

struct data {
	double clock[2 * LIFE], age[2 * LIFE], day[2 * LIFE], value[2 * LIFE];
	uint8_t segment[2 * LIFE];
	struct shape_points points;
	uint64_t seed;
};

/* Near enough to normal: the sum of twelve uniforms (xorshift64*, Vigna 2016). */
static double noise(struct data *d)
{
	double sum = -6;
	for (int i = 0; i < 12; i++) {
		d->seed ^= d->seed >> 12;
		d->seed ^= d->seed << 25;
		d->seed ^= d->seed >> 27;
		uint64_t bits = (d->seed * UINT64_C(2685821657736338717)) >> 11;
		sum += (double)bits / 9007199254740992.0;
	}
	return sum;
}

static void assert_near(double value, double expected, double reach)
{
	if (!(fabs(value - expected) <= reach))
		fail_msg("%.15g is not %.15g", value, expected);
}

static void data_init(struct data *d, double span_h, uint64_t seed)
{
	*d = (struct data){.seed = seed};
	for (int i = 0; i < N; i++) {
		d->clock[i] = span_h * i / (N - 1);
		d->age[i] = d->clock[i] + span_h / 100;
		d->day[i] = 1000 + d->clock[i];
	}
	d->points = (struct shape_points){.clock_h = d->clock,
		.age_h = d->age,
		.day_h = d->day,
		.value_kb = d->value,
		.segment = d->segment,
		.count = N,
		.segments = 1,
		.span_h = span_h,
		.bin_h = span_h / (N - 1),
		.noise_floor_kb = 16};
}

static struct shape_result compare(struct data *d)
{
	struct shape_result result;
	assert_true(shape_compare(&d->points, &result));
	return result;
}

static void a_line_is_a_line(void **state)
{
	(void)state;
	struct data d;
	data_init(&d, 8, 1);
	for (int i = 0; i < N; i++)
		d.value[i] = 90000 + 5000 * d.clock[i] + 800 * noise(&d);
	struct shape_result r = compare(&d);
	assert_int_equal(r.growing.kind, SHAPE_LINE);
	assert_false(r.growing.with_line);
	assert_true(fabs(r.growing.slope_kb_h - 5000) < 3 * r.growing.slope_error);
	assert_true(r.lead > 20 && r.lead_slow > 0);
	assert_near(r.noise_kb, 800, 200);
}

static void a_settling_curve_is_no_growth(void **state)
{
	(void)state;
	static const double tau_share[] = {.05, .1, .2, .3};
	for (size_t k = 0; k < 4; k++) {
		struct data d;
		data_init(&d, 8, 2 + k);
		for (int i = 0; i < N; i++)
			d.value[i] = 90000 -
				     40000 * exp(-d.clock[i] / (8 * tau_share[k])) +
				     500 * noise(&d);
		struct shape_result r = compare(&d);
		assert_true(r.lead < 0);
		assert_true(r.settling.shape_kb > 0);
	}
}

static void a_logarithm_is_no_growth(void **state)
{
	(void)state;
	struct data d;
	data_init(&d, 8, 7);
	for (int i = 0; i < N; i++)
		d.value[i] = 50000 + 9000 * log1p(d.age[i] / 0.05) + 300 * noise(&d);
	struct shape_result r = compare(&d);
	assert_true(r.lead < 0);
}

static void a_step_is_found_where_it_is(void **state)
{
	(void)state;
	struct data d;
	data_init(&d, 8, 8);
	for (int i = 0; i < N; i++)
		d.value[i] = 90000 + (d.clock[i] >= 5 ? 20000 : 0) + 500 * noise(&d);
	struct shape_result r = compare(&d);
	assert_int_equal(r.settling.kind, SHAPE_STEP);
	assert_near(r.settling.parameter_h, 5, 0.3);
	assert_near(r.settling.shape_kb, 20000, 1000);
	assert_true(r.lead < 0);
}

static void two_steps_are_no_growth(void **state)
{
	(void)state;
	struct data d;
	data_init(&d, 8, 15);
	for (int i = 0; i < N; i++)
		d.value[i] = 90000 + (d.clock[i] >= 2.5 ? 15000 : 0) +
			     (d.clock[i] >= 5.5 ? 20000 : 0) + 500 * noise(&d);
	struct shape_result r = compare(&d);
	assert_int_equal(r.settling.kind, SHAPE_TWO_STEPS);
	assert_true(r.lead < -4);
	assert_near(shape_kb_at(&r.settling, 8, 8), 35000, 1500);
}

static void a_leak_that_begins_late_is_growth(void **state)
{
	(void)state;
	struct data d;
	data_init(&d, 8, 9);
	for (int i = 0; i < N; i++)
		d.value[i] = 90000 + 9000 * fmax(0, d.clock[i] - 4.3) + 500 * noise(&d);
	struct shape_result r = compare(&d);
	double before = shape_kb_at(&r.growing, 4, 4);
	double end = shape_kb_at(&r.growing, 8, 8);
	assert_true(r.growing.kind == SHAPE_LATE_LINE || r.growing.with_line);
	assert_near(end - before + (r.growing.with_line ? 4 * r.growing.slope_kb_h : 0),
		9000 * 3.7, 3000);
	assert_true(r.lead > 20);
}

static void a_warm_up_with_a_leak_is_growth(void **state)
{
	(void)state;
	struct data d;
	data_init(&d, 8, 10);
	for (int i = 0; i < N; i++)
		d.value[i] = 90000 - 30000 * exp(-d.clock[i] / 0.6) +
			     4000 * d.clock[i] + 300 * noise(&d);
	struct shape_result r = compare(&d);
	assert_true(r.growing.with_line);
	assert_near(r.growing.slope_kb_h, 4000, 600);
	assert_true(r.lead > 20);
}

/* Two lives that begin alike and grow alike: one slope, two intercepts. */
static void lives_have_their_own_intercepts(void **state)
{
	(void)state;
	struct data d;
	data_init(&d, 8, 11);
	for (int i = 0; i < 2 * LIFE; i++) {
		d.segment[i] = (uint8_t)(i / LIFE);
		d.clock[i] = d.age[i] = 8.0 * (i % LIFE) / (LIFE - 1);
		d.day[i] = 1000 + 8.0 * i / (LIFE - 1);
		d.value[i] = (i < LIFE ? 90000 : 70000) + 2000 * d.clock[i] +
			     500 * noise(&d);
	}
	d.points.count = 2 * LIFE;
	d.points.segments = 2;
	struct shape_result r = compare(&d);
	assert_near(r.growing.slope_kb_h, 2000, 100);
	assert_true(r.lead > 20);
}

/* Five days with a daily swing ten times the noise. */
static void a_daily_swing_is_not_growth(void **state)
{
	(void)state;
	for (int leak = 0; leak < 2; leak++) {
		struct data d;
		data_init(&d, 120, 12);
		for (int i = 0; i < N; i++)
			d.value[i] = 90000 + 10000 * sin(2 * M_PI * d.day[i] / 24) +
				     (leak ? 150 * d.clock[i] : 0) + 1000 * noise(&d);
		struct shape_result r = compare(&d);
		assert_int_equal(r.lead > 12, leak);
	}
}

/* Correlated noise wanders, and a plain t-test would call most of it a trend. */
static void wandering_noise_rarely_grows(void **state)
{
	(void)state;
	int growing = 0;
	for (uint64_t seed = 1; seed <= 200; seed++) {
		struct data d;
		data_init(&d, 8, seed * 7919);
		double wander = 0;
		for (int i = 0; i < N; i++) {
			wander = 0.9 * wander + 500 * noise(&d);
			d.value[i] = 90000 + wander;
		}
		struct shape_result r = compare(&d);
		growing += r.lead >= 20 && r.lead_slow >= 0 &&
			   r.growing.slope_kb_h > 4 * r.growing.slope_error;
	}
	assert_in_range(growing, 0, 4);
}

static void too_few_points_are_refused(void **state)
{
	(void)state;
	struct data d;
	data_init(&d, 8, 1);
	d.points.count = 6;
	struct shape_result r;
	assert_false(shape_compare(&d.points, &r));
	d.points.count = 7;
	assert_true(shape_compare(&d.points, &r));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_line_is_a_line),
		cmocka_unit_test(a_settling_curve_is_no_growth),
		cmocka_unit_test(a_logarithm_is_no_growth),
		cmocka_unit_test(a_step_is_found_where_it_is),
		cmocka_unit_test(two_steps_are_no_growth),
		cmocka_unit_test(a_leak_that_begins_late_is_growth),
		cmocka_unit_test(a_warm_up_with_a_leak_is_growth),
		cmocka_unit_test(lives_have_their_own_intercepts),
		cmocka_unit_test(a_daily_swing_is_not_growth),
		cmocka_unit_test(wandering_noise_rarely_grows),
		cmocka_unit_test(too_few_points_are_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
