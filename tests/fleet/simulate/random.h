/*
 * Random: numbers that a seed repeats, on every machine.
 *
 * xoshiro256** of D. Blackman and S. Vigna, "Scrambled linear pseudorandom number
 * generators" (2021), seeded by splitmix64 as they advise.  Belongs to its caller.
 */
#ifndef TIDEMARK_TESTS_FLEET_SIMULATE_RANDOM_H
#define TIDEMARK_TESTS_FLEET_SIMULATE_RANDOM_H

#include <stdbool.h>
#include <stdint.h>

struct random {
	uint64_t state[4];
	double spare; /* the second normal number of a pair */
	bool has_spare;
};

void random_init(struct random *r, uint64_t seed);
uint64_t random_next(struct random *r);

double random_unit(struct random *r); /* [0, 1) */
double random_between(struct random *r, double lo, double hi);
double random_log_between(struct random *r, double lo, double hi); /* evenly in log */
int random_pick(struct random *r, int lo, int hi); /* both ends included */
bool random_chance(struct random *r, double share);
double random_normal(struct random *r);      /* mean 0, deviation 1 */
double random_exponential(struct random *r); /* mean 1 */

#endif
