/*
 * Totals: what can be said without the graph: counts and the file's own sizes by class.
 *
 * Takes the rows of nodes as they come and forgets them; a few numbers per class stay.
 * ERR_INPUT as load.h; ERR_BUSY: out of memory.  The caller owns the struct.
 */
#ifndef TIDEMARK_AGENT_HEAP_TOTALS_H
#define TIDEMARK_AGENT_HEAP_TOTALS_H

#include "agent/heap/classes_data.h"
#include "agent/heap/heap.h"

struct totals {
	struct meta meta;
	uint64_t nodes, most_name, total_bytes;
	uint32_t max_js_id;
	struct map by_class; /* kind and name to an index of sums */
	struct pages sums;
	uint32_t sum_count;
	struct names names;
	struct heap_statistics statistics;
};

void totals_start(struct totals *t, const struct meta *meta);
void totals_finish(struct totals *t);

bool totals_nodes(
	struct totals *t, const uint64_t *values, size_t count, struct err *e);
bool totals_nodes_end(struct totals *t, struct err *e);

bool totals_want_names(struct totals *t, struct err *e);
bool totals_strings_end(struct totals *t, uint64_t count, struct err *e);

/* The rows and the statistics, at the end; the caller owns *out. */
bool totals_classes(struct totals *t, struct classes **out, struct err *e);

#endif
