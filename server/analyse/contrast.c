#include "server/analyse/contrast.h"

#include "server/analyse/chance.h"
#include "server/analyse/robust.h"

#include <math.h>

enum { EXACT_PAIRS_MAX = 900 };

static double mean_of(const double *v, size_t count)
{
	double sum = 0;
	for (size_t i = 0; i < count; i++)
		sum += v[i];
	return sum / (double)count;
}

/* Variance, with one degree of freedom less than values. */
static double variance_of(const double *v, size_t count)
{
	double mean = mean_of(v, count), sum = 0;
	for (size_t i = 0; i < count; i++)
		sum += (v[i] - mean) * (v[i] - mean);
	return count > 1 ? sum / (double)(count - 1) : 0;
}

static void welch(const double *first, size_t n, const double *other, size_t m,
	struct contrast *out)
{
	double other_share = variance_of(other, m) / (double)m;
	double share = n > 1 ? variance_of(first, n) / (double)n
			     : variance_of(other, m);
	out->difference = mean_of(first, n) - mean_of(other, m);
	out->error = sqrt(share + other_share);
	double all = share + other_share;
	double parts = other_share * other_share / (double)(m - 1);
	if (n > 1)
		parts += share * share / (double)(n - 1);
	out->freedom = n > 1 && parts > 0 ? all * all / parts : (double)(m - 1);
	out->t = out->error > 0        ? out->difference / out->error
		 : out->difference > 0 ? INFINITY
				       : 0;
	out->p_mean = chance_t_above(out->t, out->freedom);
}

/* How many of all ways to pick the first group among both have it win at least `wins`
 * pairs, as a share.  ways[k][u]: picks of k so far that have won u. */
static double count_ways(size_t n, size_t m, size_t wins, struct arena *a)
{
	size_t width = n * m + 1;
	double *ways = arena_array(a, (n + 1) * width, sizeof *ways);
	ways[0] = 1;
	/* By rising rank: one picked at place i as the k-th beats i - k others. */
	for (size_t i = 0; i < n + m; i++)
		for (size_t k = i + 1 < n ? i + 1 : n; k > 0; k--) {
			if (i + 1 - k > m)
				continue;
			size_t beats = i + 1 - k;
			for (size_t u = beats; u < width; u++)
				ways[k * width + u] +=
					ways[(k - 1) * width + u - beats];
		}
	double above = 0, all = 0;
	for (size_t u = 0; u < width; u++) {
		all += ways[n * width + u];
		if (u >= wins)
			above += ways[n * width + u];
	}
	return above / all;
}

static double chance_of_wins(size_t n, size_t m, double wins, struct arena *a)
{
	if (n * m <= EXACT_PAIRS_MAX)
		return count_ways(n, m, (size_t)wins, a);
	double pairs = (double)n * (double)m;
	double spread = sqrt(pairs * (double)(n + m + 1) / 12);
	return robust_normal_tail((wins - 0.5 - pairs / 2) / spread);
}

static void ranks(const double *first, size_t n, const double *other, size_t m,
	struct arena *a, struct contrast *out)
{
	double wins = 0;
	for (size_t i = 0; i < n; i++) {
		size_t beaten = 0;
		for (size_t j = 0; j < m; j++) {
			beaten += first[i] > other[j];
			wins += first[i] > other[j]    ? 1
				: first[i] == other[j] ? 0.5
						       : 0;
		}
		out->above_all += beaten == m;
	}
	double pairs = (double)n * (double)m;
	out->superiority = wins / pairs;
	out->p_ranks = chance_of_wins(n, m, floor(wins), a);
	out->p_ranks_least = chance_of_wins(n, m, pairs, a);
}

void contrast_groups(const double *first, size_t first_count, const double *other,
	size_t other_count, struct arena *a, struct contrast *out)
{
	*out = (struct contrast){.p_mean = 1, .p_ranks = 1, .p_ranks_least = 1};
	if (first_count < 1 || other_count < 2)
		return;
	out->known = true;
	welch(first, first_count, other, other_count, out);
	ranks(first, first_count, other, other_count, a, out);
}
