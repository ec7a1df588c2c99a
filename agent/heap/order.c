#include "agent/heap/order.h"

#include "common/err.h"

#include <stdlib.h>
#include <string.h>

enum { ORDER_BITS = 16, ORDER_BUCKETS = 1 << ORDER_BITS };

/* One pass of a radix sort: stable by 16 bits of the id. */
static void order_pass(
	const struct graph *g, const uint32_t *from, uint32_t *to, unsigned shift)
{
	size_t *starts = calloc(ORDER_BUCKETS + 1, sizeof *starts);
	BUG_ON(!starts);
	uint32_t count = graph_node_count(g);
	for (uint32_t n = 0; n < count; n++)
		starts[(graph_node_id(g, n) >> shift & (ORDER_BUCKETS - 1)) + 1]++;
	for (size_t b = 1; b <= ORDER_BUCKETS; b++)
		starts[b] += starts[b - 1];
	for (uint32_t i = 0; i < count; i++) {
		uint32_t node = from ? from[i] : i;
		to[starts[graph_node_id(g, node) >> shift & (ORDER_BUCKETS - 1)]++] =
			node;
	}
	free(starts);
}

uint32_t *order_by_id(const struct graph *g)
{
	size_t count = graph_node_count(g);
	uint32_t *low = calloc(count + 1, sizeof *low);
	uint32_t *sorted = calloc(count + 1, sizeof *sorted);
	BUG_ON(!low || !sorted);
	order_pass(g, NULL, low, 0);
	order_pass(g, low, sorted, ORDER_BITS);
	free(low);
	return sorted;
}
