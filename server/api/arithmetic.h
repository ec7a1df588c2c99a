/*
 * Arithmetic: which of the classes that grew between two heaps go with what the process
 * counted (server/analyse/objects.h), as HeapArithmetic of web/src/api/heap.ts.
 *
 * The detector's one module that the API calls: the question is of any two snapshots
 * that a reader picks, so that there is nothing to compute before.  Pure: writes into
 * the caller's writer, scratch memory comes from the arena.
 */
#ifndef TIDEMARK_SERVER_API_ARITHMETIC_H
#define TIDEMARK_SERVER_API_ARITHMETIC_H

#include "common/arena.h"
#include "common/json.h"
#include "server/store/snapshots.h"

#include <stddef.h>

/* Classes that are listed, the most bytes first; what is summed up is of all. */
enum { ARITHMETIC_MATCHES_MAX = 20 };

struct arithmetic_input {
	const struct snapshots_row *before, *after;
	const struct snapshots_difference *rows; /* all of them */
	size_t count;
};

/* null when nothing can be counted: of two processes, the later one first, or where the
 * requests are not known or did not go on. */
void arithmetic_put(struct json *j, const struct arithmetic_input *in, struct arena *a);

#endif
