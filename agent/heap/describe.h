/*
 * Describe: how nodes, classes and paths are called to people.
 *
 * Plain objects by their first properties ("{host, connection}"), functions by name
 * and place ("onError()", "app.js:11:42"), everything else by class or V8's name.
 * Property edges bear their name, elements "[3]", and what only V8 sees stands in
 * double brackets ("[[table]]"), as consoles show internal slots.
 *
 * With a privacy, only what may leave the host is said: see privacy.h.  An object of
 * more than 64 properties is taken for a dictionary, whose keys are data; the
 * properties of a global object and of node's `process` are names of variables.
 *
 * The caller owns the struct; texts are in its arena.  One thread.
 */
#ifndef TIDEMARK_AGENT_HEAP_DESCRIBE_H
#define TIDEMARK_AGENT_HEAP_DESCRIBE_H

#include "agent/heap/classes.h"
#include "agent/heap/graph.h"
#include "agent/heap/paths.h"
#include "agent/heap/privacy.h"
#include "common/arena.h"
#include "schema/snapshot.h"

enum { DESCRIBE_DICTIONARY = 64 };

struct describe {
	const struct graph *graph;
	const struct classes *classes;
	const struct privacy *privacy; /* NULL: as it is, for the host's own people */
	struct arena *arena;
};

/* Of one object. */
struct snapshot_name describe_node(const struct describe *d, uint32_t node);

/* Of all that are grouped with it: its class; of a function, the function. */
struct snapshot_name describe_kind(const struct describe *d, uint32_t node);

/* A class row's, in both senses of privacy. */
struct snapshot_name describe_class(
	const struct describe *d, const char *name, const char *location);

/* "_events", "[3]", "[[table]]". */
const char *describe_edge(const struct describe *d, uint64_t edge, uint32_t holder);

/* "property", "context", "element" …, as V8 calls the types of edges. */
const char *describe_link(enum graph_link link);

struct snapshot_path describe_path(
	const struct describe *d, const struct paths_path *path);

/* "error in {error} ← _events in MonitorQueue ← …": at most `steps` of it. */
const char *describe_chain(
	const struct snapshot_path *path, size_t steps, struct arena *arena);

#endif
