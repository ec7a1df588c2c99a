/*
 * Heap: from the bytes of a snapshot to numbers, as DevTools 1.0.1705227 computes them.
 *
 * Bytes are pushed in as they come; nothing is sought or read twice.  At the end the
 * steps run in DevTools' order: detachedness, page objects, essential edges, shallow
 * sizes moved to their owners, dominators, retained sizes, distances, classes and
 * their rows.
 *
 * Exact needs about the size of the file in memory.  What it will need is known from
 * the counts at the head of the snapshot: when that is more than `memory_max_bytes`,
 * or the caller wants it so, the edges are only counted and the result is shallow:
 * counts and the file's own sizes by class name, no retained sizes, distances or graph.
 *
 * Failures are ERR_INPUT and name the section and the offset in the (unpacked) stream:
 * a truncated file, wrong counts, sections out of order.  ERR_BUSY: out of memory.
 *
 * Owns all results.  One thread.
 */
#ifndef TIDEMARK_AGENT_HEAP_HEAP_H
#define TIDEMARK_AGENT_HEAP_HEAP_H

#include "agent/heap/classes.h"
#include "agent/heap/graph.h"
#include "common/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HEAP_RULES "DevTools 1.0.1705227"

enum heap_mode {
	HEAP_AUTO,  /* exact when memory allows */
	HEAP_EXACT, /* or ERR_BUSY */
	HEAP_SHALLOW,
};

struct heap_options {
	enum heap_mode mode;
	uint64_t memory_max_bytes; /* for graph and analysis; 0: no bound */
};

/* As DevTools' statistics. */
struct heap_statistics {
	uint64_t total_bytes, native_bytes, typed_array_bytes;
	uint64_t v8heap_bytes, code_bytes, js_array_bytes, string_bytes, system_bytes;
};

struct heap_head {
	uint64_t stream_bytes; /* of JSON that were fed */
	uint32_t node_count;
	uint64_t edge_count;
	uint64_t extra_native_bytes;
	uint64_t total_bytes; /* retained by the root, and extra_native_bytes */
	uint32_t max_js_id;
	bool is_exact;
	char why_shallow[160]; /* "" when exact */
	struct heap_statistics statistics;
};

struct heap;

struct heap *heap_create(const struct heap_options *options);
void heap_destroy(struct heap *h);

/* After a failure every further call fails in the same way. */
bool heap_feed(struct heap *h, const void *bytes, size_t length, struct err *e);

/* The stream has ended: checks that it is whole and computes everything. */
bool heap_end(struct heap *h, struct err *e);

/* After heap_end, until heap_destroy. */
const struct heap_head *heap_head(const struct heap *h);
const struct classes *heap_classes(const struct heap *h);
const struct graph *heap_graph(const struct heap *h); /* NULL when shallow */

#endif
