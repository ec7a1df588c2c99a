/*
 * Rows of figures from a file of tests/golden/statistics.
 */
#ifndef TIDEMARK_TESTS_UNIT_SERVER_ANALYSE_GOLDEN_H
#define TIDEMARK_TESTS_UNIT_SERVER_ANALYSE_GOLDEN_H

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

enum { GOLDEN_COLUMNS_MAX = 64 };

struct golden {
	FILE *file;
	double value[GOLDEN_COLUMNS_MAX];
	size_t count;
};

static inline struct golden golden_open(const char *name)
{
	char path[512];
	snprintf(path, sizeof path, "%s/tests/golden/statistics/%s.txt",
		TIDEMARK_SOURCE_DIR, name);
	struct golden g = {.file = fopen(path, "r")};
	if (!g.file)
		abort();
	return g;
}

/* The next row; comments are skipped.  Closes the file at its end. */
static inline bool golden_next(struct golden *g)
{
	char line[2048];
	while (fgets(line, sizeof line, g->file)) {
		if (line[0] == '#')
			continue;
		char *at = line, *end;
		for (g->count = 0; g->count < GOLDEN_COLUMNS_MAX;
			g->count++, at = end) {
			g->value[g->count] = strtod(at, &end);
			if (end == at)
				break;
		}
		return true;
	}
	fclose(g->file);
	return false;
}

#endif
