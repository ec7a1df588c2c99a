#include "server/analyse/shape.h"
#include "tests/unit/cmocka_all.h"
#include "tests/unit/server/analyse/golden.h"

#include <math.h>

enum { N = 72, LIFE = 60 };

struct data {
	double clock[2 * LIFE], age[2 * LIFE], day[2 * LIFE], value[2 * LIFE];
	double load[2 * LIFE], queue[2 * LIFE];
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

static void assert_model_finite(const struct shape_model *m)
{
	assert_true(isfinite(m->parameter_h + m->shape_kb + m->second_h + m->second_kb +
			     m->slope_kb_h + m->slope_error + m->bic));
	assert_true(m->slope_error >= 0);
}

static void assert_finite(const struct shape_result *r)
{
	assert_model_finite(&r->growing);
	assert_model_finite(&r->settling);
	assert_model_finite(&r->slowing);
	assert_model_finite(&r->line);
	assert_true(isfinite(r->lead + r->lead_slow + r->load_kb + r->queue_kb));
	assert_true(isfinite(r->noise_kb) && r->noise_kb > 0);
	assert_in_range((int)(r->correlation * 100), 0, 93);
}

static struct shape_result compare(struct data *d)
{
	struct shape_result result;
	assert_true(shape_compare(&d->points, &result));
	assert_finite(&result);
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

/* Reference: R's nls and lm, on noise whose neighbours differ, which leaves the
 * correlation at 0. */
static void curves_agree_with_nls(void **state)
{
	(void)state;
	struct data d;
	data_init(&d, 12, 1);
	d.points.count = 0;
	for (struct golden g = golden_open("shape_settling"); golden_next(&g);) {
		size_t i = d.points.count++;
		d.clock[i] = g.value[0];
		d.age[i] = g.value[0] + 0.1;
		d.day[i] = 1000 + g.value[0];
		d.value[i] = g.value[1];
	}
	d.points.bin_h = 12.0 / (double)(d.points.count - 1);
	struct golden g = golden_open("shape_nls");
	assert_true(golden_next(&g));
	struct shape_result r = compare(&d);
	assert_true(r.correlation == 0);
	assert_int_equal(r.settling.kind, SHAPE_SATURATION);
	assert_near(r.settling.shape_kb, g.value[0], 0.01 * g.value[0]);
	assert_near(r.settling.parameter_h, g.value[1], 0.03 * g.value[1]);
	assert_near(r.settling.bic, g.value[2], 2); /* a place of the grid */
	assert_near(r.line.bic, g.value[3], 1e-6);
	assert_near(r.line.slope_kb_h, g.value[4], 1e-6 * g.value[4]);
	assert_true(r.lead < 0);
	assert_false(golden_next(&g));
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

/* A ramp that has rested for a third of the span has come to rest; one that rests only
 * since the last sixth says so among the slowing ones. */
static void a_ramp_settles_when_it_has_rested(void **state)
{
	(void)state;
	static const double knee_h[] = {16, 20};
	for (int k = 0; k < 2; k++) {
		struct data d;
		data_init(&d, 24, 16);
		for (int i = 0; i < N; i++)
			d.value[i] = 90000 + 2000 * fmin(d.clock[i], knee_h[k]) +
				     300 * noise(&d);
		struct shape_result r = compare(&d);
		const struct shape_model *m = k ? &r.slowing : &r.settling;
		assert_int_equal(m->kind, SHAPE_RAMP_THEN_FLAT);
		assert_false(m->with_line);
		assert_near(m->parameter_h, knee_h[k], 0.5);
		assert_true((k ? r.lead_slow : r.lead) < 0);
	}
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

/* Memory that follows a load which rises all the time is no growth of its own. */
static void what_the_load_explains_is_no_growth(void **state)
{
	(void)state;
	for (int leak = 0; leak < 2; leak++) {
		struct data d;
		data_init(&d, 24, 21);
		for (int i = 0; i < N; i++) {
			d.load[i] = 100 + 5 * d.clock[i] + 10 * sin(0.7 * i) +
				    3 * noise(&d);
			d.queue[i] = fabs(4 * noise(&d));
			d.value[i] = 90000 + 150 * d.load[i] + 80 * d.queue[i] +
				     (leak ? 600 * d.clock[i] : 0) + 400 * noise(&d);
		}
		assert_true(compare(&d).lead > 0);
		d.points.load = d.load;
		d.points.queue = d.queue;
		struct shape_result r = compare(&d);
		assert_true(r.has_load && r.has_queue && !r.has_profile);
		assert_near(r.load_kb, 150, 15);
		assert_near(r.queue_kb, 80, 60);
		assert_int_equal(r.lead > 12, leak);
		assert_near(r.line.slope_kb_h, leak ? 600 : 0, 90);
	}
}

/* Load and line are one: nobody can say which of them it was. */
static void a_line_that_is_the_load_is_unknown(void **state)
{
	(void)state;
	struct data d;
	data_init(&d, 24, 22);
	for (int i = 0; i < N; i++) {
		d.load[i] = 100 + 5 * d.clock[i] + 0.1 * noise(&d);
		d.value[i] = 90000 + 700 * d.clock[i] + 400 * noise(&d);
	}
	d.points.load = d.load;
	struct shape_result r = compare(&d);
	assert_true(r.has_load);
	assert_false(r.growing.known || r.line.known);
	assert_true(r.lead < -1000);
}

static void covariates_that_say_nothing_are_left_out(void **state)
{
	(void)state;
	struct data d;
	data_init(&d, 24, 23);
	for (int i = 0; i < N; i++) {
		d.load[i] = 100 + noise(&d);
		d.queue[i] = 10 + 3 * noise(&d);
		d.value[i] = 90000 + 400 * noise(&d);
	}
	d.points.load = d.load;
	d.points.queue = d.queue;
	struct shape_result r = compare(&d);
	assert_false(r.has_load);
	assert_true(r.has_queue);
	assert_true(r.load_kb == 0);
	d.queue[7] = NAN;
	d.load[3] = INFINITY;
	r = compare(&d);
	assert_false(r.has_load || r.has_queue);
}

/* A profile of 2 MiB on 90 MiB counts, unlike a load that varies by so little. */
static void a_profile_counts_in_kilobytes(void **state)
{
	(void)state;
	struct data d;
	data_init(&d, 12, 24);
	for (int i = 0; i < N; i++) {
		d.load[i] = 90000 + 2000 * sin(2 * M_PI * d.clock[i] / 24 - 1);
		d.value[i] = d.load[i] + 100 * noise(&d);
	}
	assert_true(compare(&d).growing.known);
	d.points.profile = d.load;
	struct shape_result r = compare(&d);
	assert_true(r.has_profile);
	assert_true(r.lead < 0);
}

/* One wild reading, wherever it stands, changes neither verdict nor slope. */
static void a_wild_reading_changes_nothing(void **state)
{
	(void)state;
	static const double wild_kb[] = {0, 200000, 1e9};
	for (int leak = 0; leak < 2; leak++)
		for (size_t w = 0; w < 3; w++)
			for (int at = 0; at < N; at += 5) {
				struct data d;
				data_init(&d, 24, 25);
				for (int i = 0; i < N; i++)
					d.value[i] = 90000 + leak * 700 * d.clock[i] +
						     500 * noise(&d);
				d.value[at] = wild_kb[w];
				struct shape_result r = compare(&d);
				assert_int_equal(r.lead > 12, leak);
				assert_near(r.line.slope_kb_h, leak * 700, 70);
				assert_true(r.noise_kb < 3000);
			}
}

/* What no healthy series looks like: answered, and with numbers. */
static void odd_series_are_answered(void **state)
{
	(void)state;
	for (int kind = 0; kind < 7; kind++) {
		struct data d;
		data_init(&d, 24, 26);
		for (int i = 0; i < N; i++) {
			d.value[i] = kind == 0   ? 0
				     : kind == 1 ? 1e9
				     : kind == 2 ? 1e9 + 1e8 * noise(&d)
				     : kind == 3 ? (i % 2 ? 1e9 : 0)
						 : 90000 + 500 * noise(&d);
			d.load[i] = kind == 5 ? 1e12 * i : 1e-9 * (i % 7);
			d.queue[i] = d.load[i];
			if (kind == 4)
				d.clock[i] = d.age[i] = d.day[i] = 5;
		}
		d.points.load = d.load;
		d.points.queue = d.queue;
		d.points.profile = d.value;
		if (kind == 6)
			d.points.span_h = 0.03; /* far below the clock */
		struct shape_result r = compare(&d);
		assert_true(r.lead < 12);
		d.points.noise_floor_kb = kind == 1 ? INFINITY : 0;
		compare(&d);
	}
}

static void unusable_points_are_refused(void **state)
{
	(void)state;
	struct shape_result r;
	for (int kind = 0; kind < 8; kind++) {
		struct data d;
		data_init(&d, 24, 27);
		assert_true(shape_compare(&d.points, &r));
		if (kind == 0)
			d.value[5] = NAN;
		if (kind == 1)
			d.clock[5] = d.clock[3];
		if (kind == 2)
			d.day[5] = 0;
		if (kind == 3)
			d.points.segments = 0;
		if (kind == 4)
			d.segment[5] = 1;
		if (kind == 5)
			d.points.span_h = 0;
		if (kind == 6)
			d.points.count = SHAPE_POINTS_MAX + 1;
		if (kind == 7)
			d.points.bin_h = NAN;
		assert_false(shape_compare(&d.points, &r));
	}
}

/* Intervals hold what they promise, with and without correlation. */
static void intervals_are_honest(void **state)
{
	(void)state;
	static const double correlation[] = {0, 0.3, 0.7};
	enum { SERIES = 300 };
	for (size_t k = 0; k < 3; k++) {
		int line = 0, growing = 0, known = 0, surprising = 0;
		struct data d;
		data_init(&d, 24, 31 + k);
		for (int s = 0; s < SERIES; s++) {
			double now = 0, r = correlation[k];
			for (int i = -20; i < N; i++) {
				now = r * now + 1000 * noise(&d);
				if (i >= 0)
					d.value[i] = 90000 + now + 700 * d.clock[i];
			}
			struct shape_result out = compare(&d);
			double off = fabs(out.line.slope_kb_h - 700);
			line += off < 1.96 * out.line.slope_error;
			surprising += off > 4 * out.line.slope_error;
			known += out.growing.known;
			growing += fabs(out.growing.slope_kb_h - 700) <
				   1.96 * out.growing.slope_error;
		}
		assert_in_range(line * 100 / SERIES, 92, 99);
		assert_in_range(surprising, 0, 2);
		assert_true(known > SERIES * 9 / 10);
		assert_in_range(growing * 100 / known, 92, 100);
	}
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
		cmocka_unit_test(a_ramp_settles_when_it_has_rested),
		cmocka_unit_test(two_steps_are_no_growth),
		cmocka_unit_test(a_leak_that_begins_late_is_growth),
		cmocka_unit_test(a_warm_up_with_a_leak_is_growth),
		cmocka_unit_test(lives_have_their_own_intercepts),
		cmocka_unit_test(a_daily_swing_is_not_growth),
		cmocka_unit_test(wandering_noise_rarely_grows),
		cmocka_unit_test(curves_agree_with_nls),
		cmocka_unit_test(what_the_load_explains_is_no_growth),
		cmocka_unit_test(a_line_that_is_the_load_is_unknown),
		cmocka_unit_test(covariates_that_say_nothing_are_left_out),
		cmocka_unit_test(a_profile_counts_in_kilobytes),
		cmocka_unit_test(a_wild_reading_changes_nothing),
		cmocka_unit_test(odd_series_are_answered),
		cmocka_unit_test(unusable_points_are_refused),
		cmocka_unit_test(intervals_are_honest),
		cmocka_unit_test(too_few_points_are_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
