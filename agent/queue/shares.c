#include "agent/queue/shares.h"

void shares_divide(int64_t amount, const int64_t *weights, size_t count, int64_t *out)
{
	int64_t sum = 0, given = 0;
	size_t largest = 0;
	for (size_t i = 0; i < count; i++) {
		sum += weights[i];
		if (weights[i] > weights[largest])
			largest = i;
	}
	for (size_t i = 0; i < count; i++) {
		double part = sum ? (double)weights[i] / (double)sum
				  : 1.0 / (double)count;
		int64_t share = (int64_t)((double)amount * part);
		out[i] += share;
		given += share;
	}
	out[largest] += amount - given;
}
