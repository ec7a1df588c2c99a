#include "server/analyse/step.h"
#include "tests/unit/cmocka_all.h"

#include <math.h>
#include <string.h>

enum { COUNT = 40 };

struct data {
	uint8_t segment[COUNT];
	double clock[GLS_ROW], day[COUNT], kb[GLS_ROW];
	struct gls g;
	struct step_places places;
};

static void data_init(struct data *d, size_t lives, double correlation)
{
	memset(d, 0, sizeof *d);
	double ones[STEP_LIVES_MAX][GLS_ROW] = {{0}}, wave[GLS_ROW] = {0}, span_h = 0;
	for (int i = 0; i < COUNT; i++) {
		size_t each = COUNT / lives;
		d->segment[i] = (uint8_t)((size_t)i / each);
		d->day[i] = i + 0.3 * (i % 3);
		d->clock[i] = d->day[i] - d->day[d->segment[i] * each];
		d->kb[i] = 5000 + (i * 7919 % 101) + (d->clock[i] > 9 ? 300 : 0);
		ones[d->segment[i]][i] = 1;
		wave[i] = sin(d->day[i]);
		span_h = fmax(span_h, d->clock[i]);
	}
	gls_init(&d->g, d->segment, d->day, COUNT, 1);
	for (size_t life = 0; life < lives; life++)
		assert_true(gls_add(&d->g, ones[life]));
	assert_true(gls_add(&d->g, wave));
	gls_whiten(&d->g, correlation);
	gls_aim(&d->g, d->kb, d->clock);
	step_find(&d->places, d->clock, d->segment, COUNT, span_h);
	step_measure(&d->places, &d->g, lives);
}

static void assert_near(double value, double expected, double reach)
{
	if (!(fabs(value - expected) <= reach))
		fail_msg("%.15g is not %.15g", value, expected);
}

static void column_of(const struct data *d, double at_h, double *out)
{
	memset(out, 0, GLS_ROW * sizeof *out);
	for (int i = 0; i < COUNT; i++)
		out[i] = d->clock[i] >= at_h;
}

/* The sums from the end say what measuring every column by itself says. */
static void places_are_measured_as_columns_are(void **state)
{
	(void)state;
	for (size_t lives = 1; lives <= 2; lives++) {
		struct data d;
		data_init(&d, lives, 0.6);
		assert_true(d.places.count > 10);
		for (size_t k = 0; k < d.places.count; k++) {
			double column[GLS_ROW];
			struct gls_column c;
			column_of(&d, d.places.at_h[k], column);
			gls_measure(&d.g, column, lives, &c);
			assert_near(d.places.column[k].whole, c.whole, 1e-9);
			assert_near(d.places.column[k].free, c.free, 1e-9);
			assert_near(d.places.column[k].norm, c.norm, 1e-9);
			assert_near(d.places.column[k].rest, c.rest, 1e-7);
			assert_near(d.places.column[k].line, c.line, 1e-7);
		}
	}
}

static void the_best_of_all_places_is_found(void **state)
{
	(void)state;
	struct data d;
	data_init(&d, 1, 0);
	struct step_best best;
	step_search(&d.places, &d.g, NULL, &best);
	assert_near(d.places.at_h[best.alone], 9.15, 0.6);
	assert_int_equal(best.lined[0], d.places.count);
	assert_int_equal(best.lined[1], d.places.count);
}

/* Against a search through every pair that measures the sum of both columns. */
static void two_steps_are_where_the_square_sum_is_least(void **state)
{
	(void)state;
	struct data d;
	data_init(&d, 1, 0.3);
	for (int i = 0; i < COUNT; i++)
		d.kb[i] = 5000 + (i * 7919 % 101) + (i >= 12) * 900.0 -
			  (i >= 29) * 500.0;
	gls_aim(&d.g, d.kb, d.clock);
	step_measure(&d.places, &d.g, 1);
	struct step_best best;
	step_search(&d.places, &d.g, NULL, &best);
	assert_int_equal(d.places.after[best.first], COUNT - 12);
	assert_int_equal(d.places.after[best.second], COUNT - 29);
	assert_near(best.pair_fit.first, 900, 60);
	assert_near(best.pair_fit.second, -500, 60);

	double shape[GLS_ROW], left[GLS_ROW], base[GLS_BASE_MAX], square = 0;
	gls_whiten(&d.g, 0);
	gls_aim(&d.g, d.kb, d.clock);
	step_measure(&d.places, &d.g, 1);
	step_search(&d.places, &d.g, NULL, &best);
	for (int i = 0; i < COUNT; i++)
		shape[i] = best.pair_fit.first *
				   (d.clock[i] >= d.places.at_h[best.first]) +
			   best.pair_fit.second *
				   (d.clock[i] >= d.places.at_h[best.second]);
	gls_residuals(&d.g, d.kb, shape, base, left);
	for (int i = 0; i < COUNT; i++)
		square += left[i] * left[i];
	assert_near(best.pair_fit.remaining, square, 1e-6 * square);
}

/* One or two wild readings are no level, at the ends or between two steps. */
static void levels_have_three_readings(void **state)
{
	(void)state;
	struct data d;
	data_init(&d, 1, 0);
	for (size_t k = 0; k < d.places.count; k++)
		assert_in_range(d.places.after[k], STEP_LEAST, COUNT - STEP_LEAST);
	for (int i = 0; i < COUNT; i++)
		d.kb[i] = 5000 + (i * 7919 % 101) + (i == 20 || i == 21) * 90000.0;
	gls_aim(&d.g, d.kb, d.clock);
	step_measure(&d.places, &d.g, 1);
	struct step_best best;
	step_search(&d.places, &d.g, NULL, &best);
	assert_true(
		d.places.after[best.first] >= d.places.after[best.second] + STEP_LEAST);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(places_are_measured_as_columns_are),
		cmocka_unit_test(the_best_of_all_places_is_found),
		cmocka_unit_test(two_steps_are_where_the_square_sum_is_least),
		cmocka_unit_test(levels_have_three_readings),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
