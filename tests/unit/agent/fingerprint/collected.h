/*
 * Collected: a set of packages as one line of text, for tests of what fills it.
 */
#ifndef TIDEMARK_TESTS_UNIT_AGENT_FINGERPRINT_COLLECTED_H
#define TIDEMARK_TESTS_UNIT_AGENT_FINGERPRINT_COLLECTED_H

#include "agent/fingerprint/intake.h"
#include "agent/fingerprint/packages.h"

#include "tests/unit/cmocka_all.h"

#include <stdlib.h>
#include <string.h>

/* "a@1 b@2", sorted; empties the set. */
static inline const char *collected(struct packages *p)
{
	static char text[8192];
	struct arena a;
	size_t count;
	bool is_cut;
	arena_init(&a);
	const char **all = packages_sorted(p, &a, &count, &is_cut);
	text[0] = '\0';
	for (size_t i = 0; i < count; i++) {
		assert_true(strlen(text) + strlen(all[i]) + 2 < sizeof text);
		strcat(text, i ? " " : "");
		strcat(text, all[i]);
	}
	arena_finish(&a);
	packages_finish(p);
	return text;
}

/* An exact copy on the heap, so that the sanitizer sees a byte too many. */
struct collected_bytes {
	struct intake *in;
	char *copy;
};

static inline struct intake *collected_open(
	struct collected_bytes *b, const char *text, size_t length)
{
	b->copy = malloc(length ? length : 1);
	b->in = malloc(sizeof *b->in);
	assert_true(b->copy && b->in);
	memcpy(b->copy, text, length);
	intake_init_memory(b->in, b->copy, length);
	return b->in;
}

static inline void collected_close(struct collected_bytes *b)
{
	free(b->copy);
	free(b->in);
}

#endif
