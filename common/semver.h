/*
 * Semver: versions of programs in their order.
 *
 * As semver.org 2.0.0 has it, and a little more that people write: a "v" in front, one
 * or two numbers instead of three ("v2", "2.1").  What stands behind "+" counts for
 * nothing.  Pure.
 */
#ifndef TIDEMARK_COMMON_SEMVER_H
#define TIDEMARK_COMMON_SEMVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct semver {
	uint64_t number[3];
	const char *pre; /* "rc.1", inside the text that was parsed; length 0: none */
	size_t pre_length;
};

/* False: it is none, and *out is not touched. */
bool semver_parse(const char *text, struct semver *out);

/* Negative, 0 or positive: a comes before b, with it, after it. */
int semver_compare(const struct semver *a, const struct semver *b);

#endif
