#include "agent/heap/statistics.h"

void statistics_add(struct heap_statistics *s, unsigned kind, uint64_t self_bytes)
{
	switch (kind) {
	case GRAPH_HIDDEN:
		s->system_bytes += self_bytes;
		break;
	case GRAPH_NATIVE:
		s->native_bytes += self_bytes;
		break;
	case GRAPH_CODE:
		s->code_bytes += self_bytes;
		break;
	case GRAPH_STRING:
	case GRAPH_CONCATENATED:
	case GRAPH_SLICED:
		s->string_bytes += self_bytes;
		break;
	default:
		break;
	}
}

/* An array with its elements, when nobody else refers to them. */
static uint64_t statistics_array_bytes(const struct graph *g, uint32_t node)
{
	uint64_t sum = wide_get(&g->self, node), end = graph_first(g, node + 1);
	for (uint64_t edge = graph_first(g, node); edge < end; edge++) {
		if (graph_link(g, edge) != GRAPH_LINK_INTERNAL ||
			graph_edge_code(g, edge) != NAMES_ELEMENTS)
			continue;
		uint32_t elements = graph_target(g, edge);
		if (graph_retainers(g, elements + 1) - graph_retainers(g, elements) ==
			1)
			sum += wide_get(&g->self, elements);
		break;
	}
	return sum;
}

void statistics_compute(const struct graph *g, uint64_t extra_native_bytes,
	uint64_t total_bytes, struct heap_statistics *out)
{
	struct heap_statistics s = {.native_bytes = extra_native_bytes};
	for (uint32_t node = 0; node < g->node_count; node++) {
		unsigned kind = graph_kind(g, node);
		uint64_t self_bytes = wide_get(&g->self, node);
		statistics_add(&s, kind, self_bytes);
		if (kind == GRAPH_NATIVE) {
			if (self_bytes &&
				graph_node_code(g, node) == NAMES_ARRAY_BUFFER_DATA)
				s.typed_array_bytes += self_bytes;
		} else if (kind != GRAPH_HIDDEN && kind != GRAPH_CODE &&
			   kind != GRAPH_STRING && kind != GRAPH_CONCATENATED &&
			   kind != GRAPH_SLICED &&
			   graph_node_code(g, node) == NAMES_ARRAY) {
			s.js_array_bytes += statistics_array_bytes(g, node);
		}
	}
	s.total_bytes = total_bytes;
	s.v8heap_bytes = total_bytes - s.native_bytes;
	*out = s;
}
