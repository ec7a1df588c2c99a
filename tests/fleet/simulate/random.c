#include "tests/fleet/simulate/random.h"

#include <math.h>

static uint64_t rotate(uint64_t x, int bits)
{
	return (x << bits) | (x >> (64 - bits));
}

void random_init(struct random *r, uint64_t seed)
{
	for (int i = 0; i < 4; i++) {
		uint64_t z = (seed += UINT64_C(0x9e3779b97f4a7c15));
		z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
		z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
		r->state[i] = z ^ (z >> 31);
	}
	r->has_spare = false;
}

uint64_t random_next(struct random *r)
{
	uint64_t *s = r->state;
	uint64_t result = rotate(s[1] * 5, 7) * 9;
	uint64_t t = s[1] << 17;

	s[2] ^= s[0];
	s[3] ^= s[1];
	s[1] ^= s[2];
	s[0] ^= s[3];
	s[2] ^= t;
	s[3] = rotate(s[3], 45);
	return result;
}

double random_unit(struct random *r)
{
	return (double)(random_next(r) >> 11) * 0x1p-53;
}

double random_between(struct random *r, double lo, double hi)
{
	return lo + (hi - lo) * random_unit(r);
}

double random_log_between(struct random *r, double lo, double hi)
{
	return lo * exp(log(hi / lo) * random_unit(r));
}

int random_pick(struct random *r, int lo, int hi)
{
	return lo + (int)(random_next(r) % (uint64_t)(hi - lo + 1));
}

bool random_chance(struct random *r, double share)
{
	return random_unit(r) < share;
}

/* Marsaglia's polar method: two numbers at a time. */
double random_normal(struct random *r)
{
	double u, v, s;

	if (r->has_spare) {
		r->has_spare = false;
		return r->spare;
	}
	do {
		u = 2 * random_unit(r) - 1;
		v = 2 * random_unit(r) - 1;
		s = u * u + v * v;
	} while (s >= 1 || s == 0);
	s = sqrt(-2 * log(s) / s);
	r->spare = v * s;
	r->has_spare = true;
	return u * s;
}

double random_exponential(struct random *r)
{
	return -log(1 - random_unit(r));
}
