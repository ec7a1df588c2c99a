/*
 * Contrast: are the figures of one group higher than those of another?
 *
 * Welch (1947): difference of the means against its error, with degrees of freedom
 * after Satterthwaite (1946).  A group of one has no spread of its own: it is taken to
 * have that of the other.  Mann and Whitney (1947): how often one of the first group
 * beats one of the second; exact by counting arrangements while that is cheap, then by
 * the normal approximation; ties count half, rounded down.  Pure.
 */
#ifndef TIDEMARK_SERVER_ANALYSE_CONTRAST_H
#define TIDEMARK_SERVER_ANALYSE_CONTRAST_H

#include "common/arena.h"

#include <stdbool.h>
#include <stddef.h>

struct contrast {
	bool known; /* false: nobody in the first group, or fewer than two in the other
		     */
	double difference, error, freedom;
	double t, p_mean;     /* one-sided: the first group is higher */
	double p_ranks;       /* the same by ranks */
	double p_ranks_least; /* the smallest that groups of this size can reach */
	double superiority;   /* share of pairs in which the first is higher */
	size_t above_all; /* of the first group, higher than every one of the other */
};

void contrast_groups(const double *first, size_t first_count, const double *other,
	size_t other_count, struct arena *a, struct contrast *out);

#endif
