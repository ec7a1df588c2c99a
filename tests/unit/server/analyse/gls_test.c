#include "server/analyse/gls.h"
#include "tests/unit/cmocka_all.h"
#include "tests/unit/server/analyse/golden.h"

#include <math.h>
#include <string.h>

/* The readings of shape_series: two lives, uneven distances, load and queue. */
struct data {
	size_t count;
	uint8_t segment[GLS_POINTS_MAX];
	double clock[GLS_ROW], day[GLS_ROW], load[GLS_ROW], queue[GLS_ROW], kb[GLS_ROW];
	struct gls g;
};

static void assert_near(double value, double expected, double share)
{
	if (!(fabs(value - expected) <= share * fabs(expected)))
		fail_msg("%.15g is not %.15g", value, expected);
}

static void data_read(struct data *d)
{
	memset(d, 0, sizeof *d);
	for (struct golden g = golden_open("shape_series"); golden_next(&g);
		d->count++) {
		assert_int_equal(g.count, 6);
		d->segment[d->count] = (uint8_t)g.value[0];
		d->clock[d->count] = g.value[1];
		d->day[d->count] = g.value[2];
		d->load[d->count] = g.value[3];
		d->queue[d->count] = g.value[4];
		d->kb[d->count] = g.value[5];
	}
	double first[GLS_ROW] = {0}, second[GLS_ROW] = {0};
	for (size_t i = 0; i < d->count; i++)
		*(d->segment[i] ? &second[i] : &first[i]) = 1;
	gls_init(&d->g, d->segment, d->day, d->count, 0.5);
	assert_true(gls_add(&d->g, first));
	assert_true(gls_add(&d->g, second));
	assert_true(gls_add(&d->g, d->load));
	assert_true(gls_add(&d->g, d->queue));
}

/* `expected`: estimate and error of the slope, then of load and queue. */
static void check_line(struct data *d, double correlation, const double *expected)
{
	struct gls_column line;
	double shape[GLS_ROW], left[GLS_ROW], base[GLS_BASE_MAX];
	gls_whiten(&d->g, correlation);
	gls_aim(&d->g, d->kb, d->clock);
	gls_measure(&d->g, d->clock, 2, &line);
	double slope = line.rest / line.norm;
	double remaining = d->g.rest_norm - slope * line.rest;
	double freedom = (double)d->count - 5;
	assert_near(slope, expected[0], 1e-9);
	assert_near(sqrt(remaining / freedom / line.norm), expected[1], 1e-7);
	assert_near(line.line, line.norm, 1e-9);
	for (size_t i = 0; i < d->count; i++)
		shape[i] = slope * d->clock[i];
	gls_residuals(&d->g, d->kb, shape, base, left);
	assert_near(base[2], expected[2], 1e-9);
	assert_near(base[3], expected[4], 1e-9);
	for (size_t i = 0; i < d->count; i++) {
		double said = shape[i] + base[d->segment[i]] + base[2] * d->load[i] +
			      base[3] * d->queue[i];
		assert_near(said + left[i], d->kb[i], 1e-9);
	}
}

static void independent_noise_agrees_with_lm(void **state)
{
	(void)state;
	struct data d;
	data_read(&d);
	double expected[6];
	struct golden g = golden_open("shape_lm");
	for (size_t k = 0; k < 3 && golden_next(&g); k++)
		memcpy(expected + 2 * k, g.value, 2 * sizeof *expected);
	assert_false(golden_next(&g));
	check_line(&d, 0, expected);
}

static void correlated_noise_agrees_with_gls(void **state)
{
	(void)state;
	struct data d;
	data_read(&d);
	int rows = 0;
	for (struct golden g = golden_open("shape_gls"); golden_next(&g); rows++)
		check_line(&d, g.value[0], g.value + 1);
	assert_int_equal(rows, 3);
}

/* A column that the base has already adds nothing to it, nor is it free of it. */
static void copies_of_the_base_are_left_out(void **state)
{
	(void)state;
	struct data d;
	data_read(&d);
	double copy[GLS_ROW] = {0};
	struct gls_column c;
	for (size_t i = 0; i < d.count; i++)
		copy[i] = 7 + 3 * d.load[i] - d.queue[i];
	assert_false(gls_add(&d.g, copy));
	assert_int_equal(d.g.base_count, 4);
	gls_whiten(&d.g, 0.4);
	gls_aim(&d.g, d.kb, d.clock);
	gls_measure(&d.g, copy, 2, &c);
	assert_false(gls_is_free(&c));
	gls_measure(&d.g, d.clock, 2, &c);
	assert_true(gls_is_free(&c));
}

/* Both coefficients of a pair are those that each has when the other is in the base. */
static void a_pair_is_as_good_as_a_wider_base(void **state)
{
	(void)state;
	struct data d;
	data_read(&d);
	double bend[GLS_ROW] = {0};
	for (size_t i = 0; i < d.count; i++)
		bend[i] = d.clock[i] * d.clock[i];
	struct gls_column line, curve;
	struct gls_pair pair;
	gls_whiten(&d.g, 0.5);
	gls_aim(&d.g, d.kb, d.clock);
	gls_measure(&d.g, d.clock, 2, &line);
	gls_measure(&d.g, bend, 2, &curve);
	assert_true(gls_pair(&d.g, &curve, &line, curve.line, &pair));
	assert_false(gls_pair(&d.g, &line, &line, line.norm, &pair));
	assert_true(gls_pair(&d.g, &curve, &line, curve.line, &pair));

	assert_true(gls_add(&d.g, bend));
	gls_whiten(&d.g, 0.5);
	gls_aim(&d.g, d.kb, d.clock);
	gls_measure(&d.g, d.clock, 2, &line);
	assert_near(pair.second, line.rest / line.norm, 1e-7);
	assert_near(pair.second_norm, line.norm, 1e-7);
	assert_near(pair.remaining, d.g.rest_norm - line.rest * line.rest / line.norm,
		1e-7);
}

/* Residuals of a mean: the correlation that fitting took from them is given back. */
static void correlation_is_corrected_for_the_fit(void **state)
{
	(void)state;
	enum { COUNT = 25, SERIES = 400 };
	uint8_t segment[COUNT] = {0};
	double at_h[COUNT], ones[GLS_ROW], zeros[GLS_ROW] = {0}, left[GLS_ROW];
	double base[GLS_BASE_MAX], sum = 0, values[GLS_ROW] = {0};
	uint64_t seed = 4;
	for (int i = 0; i < COUNT; i++) {
		at_h[i] = i;
		ones[i] = 1;
	}
	struct gls g;
	gls_init(&g, segment, at_h, COUNT, 1);
	gls_add(&g, ones);
	gls_whiten(&g, 0);
	for (int s = 0; s < SERIES; s++) {
		double now = 0;
		for (int i = -50; i < COUNT; i++) {
			seed = seed * UINT64_C(6364136223846793005) +
			       UINT64_C(1442695040888963407);
			now = 0.5 * now + (double)(seed >> 11) / 9007199254740992.0 -
			      0.5;
			if (i >= 0)
				values[i] = now;
		}
		gls_residuals(&g, values, zeros, base, left);
		sum += gls_correlation(&g, left, 0);
	}
	assert_near(sum / SERIES, 0.5, 0.06);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(independent_noise_agrees_with_lm),
		cmocka_unit_test(correlated_noise_agrees_with_gls),
		cmocka_unit_test(copies_of_the_base_are_left_out),
		cmocka_unit_test(a_pair_is_as_good_as_a_wider_base),
		cmocka_unit_test(correlation_is_corrected_for_the_fit),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
