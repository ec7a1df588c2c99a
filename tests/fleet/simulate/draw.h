/*
 * Draw: the numbers of a recipe, from narrow ranges or from wide ones.
 *
 * Narrow ranges are those that the public labelled set shows; wide ones hold them and
 * more, so that nothing chosen on the public set can lean on its borders.
 */
#ifndef TIDEMARK_TESTS_FLEET_SIMULATE_DRAW_H
#define TIDEMARK_TESTS_FLEET_SIMULATE_DRAW_H

#include "tests/fleet/simulate/random.h"
#include "tests/fleet/simulate/recipe.h"

struct draw {
	struct random random;
	bool wide;
	double hours; /* length of the record, with dt_s; 0: drawn */
	int dt_s;
};

struct draw_range {
	double narrow_lo, narrow_hi, wide_lo, wide_hi;
};

double draw_even(struct draw *d, struct draw_range range);
double draw_log(struct draw *d, struct draw_range range);

/* Limit, length, base, noise, load, and native or managed memory. */
void draw_process(struct draw *d, struct recipe *r);

void draw_managed(struct draw *d, struct recipe *r, bool hook);
void draw_native(struct recipe *r);
void draw_load(struct draw *d, struct recipe *r); /* reported, for certain */
void draw_day(struct draw *d, struct recipe *r);  /* load with days */

/* A leak that grows enough within the record to be told from noise. */
void draw_leak(struct draw *d, struct recipe *r, enum recipe_leak_mode mode);

#endif
