/*
 * Chance: tail probabilities of the distributions that counts and slopes follow.
 *
 * Student's t by the incomplete beta function (continued fraction of Abramowitz and
 * Stegun 1964, 26.5.8), chi-squared by the incomplete gamma function (their series
 * 6.5.29), the binomial and the hypergeometric distribution by adding their terms.
 * All are one-sided.  Pure.
 */
#ifndef TIDEMARK_SERVER_ANALYSE_CHANCE_H
#define TIDEMARK_SERVER_ANALYSE_CHANCE_H

#include <stddef.h>

/* The share of Student's t that lies above `t`; `freedom` above 0, not always whole. */
double chance_t_above(double t, double freedom);

/* The share of chi-squared that lies below `x`. */
double chance_chi_below(double x, double freedom);

/* `hits` or more in `trials`, each with probability p. */
double chance_binomial(size_t hits, size_t trials, double p);

/* Fisher's exact test of a table of two by two, one-sided (Fisher 1922): the chance of
 * `both` or more in its first cell, given what its rows and columns add up to. */
struct chance_table {
	size_t both;     /* first row, first column */
	size_t row_only; /* first row, second column */
	size_t column_only;
	size_t neither;
};
double chance_fisher(const struct chance_table *table);

#endif
