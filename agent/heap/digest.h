/*
 * Digest: what is kept of a snapshot to compare a later one with.
 *
 * Per node its id (or what stands for it: likeness.h), own (moved) size, retained size,
 * and its class; of plain objects, whose class depends on what the later snapshot calls
 * an interface, which properties they have.  In order of ids, as differences of small
 * numbers: five bytes per node in memory, about two on disk.  Names of classes are in
 * it, names of properties only as hashes, values never.  It stays on the host;
 * digest_file.h writes and reads it.
 *
 * Owns its memory, refers to no graph.  One thread.
 */
#ifndef TIDEMARK_AGENT_HEAP_DIGEST_H
#define TIDEMARK_AGENT_HEAP_DIGEST_H

#include "agent/heap/heap.h"
#include "agent/heap/likeness.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { DIGEST_LABEL_BYTES_MAX = 1000 };

#define DIGEST_NONE UINT32_MAX

struct digest_facts {
	const char *label; /* whose it is, as the maker wrote it */
	int64_t taken_unix_ms;
	enum likeness_kind likeness; /* what the ids of its nodes are */
	uint64_t node_count, edge_count;
	uint64_t total_bytes;     /* as heap_head says */
	uint64_t reachable_bytes; /* retained by the root */
};

struct digest_class {
	const char *key, *name, *location; /* of plain objects: as they were then */
	/* Of plain objects: what stands before their name in a key, and their
	 * properties' hashes, ascending.  NULL of others. */
	const char *place;
	const uint64_t *properties;
	size_t property_count;
};

struct digest_node {
	uint32_t id;
	uint32_t class; /* index; DIGEST_NONE: not counted as DevTools counts */
	uint64_t self_bytes, retained_bytes;
};

struct digest;

/* Of an exact analysis.  The label is cut at DIGEST_LABEL_BYTES_MAX. */
struct digest *digest_create(const struct heap *h, enum likeness_kind likeness,
	const char *label, int64_t taken_unix_ms);
void digest_destroy(struct digest *d);

const struct digest_facts *digest_facts(const struct digest *d);
size_t digest_class_count(const struct digest *d);
void digest_class(const struct digest *d, size_t index, struct digest_class *out);

/* Nodes in order of their ids.  A zeroed cursor stands before the first. */
struct digest_cursor {
	uint64_t index;
	size_t at[4];
	uint32_t id;
};

bool digest_next(
	const struct digest *d, struct digest_cursor *cursor, struct digest_node *out);

/* The hash under which a property stands in digest_class. */
uint64_t digest_hash(const char *property);

#endif
