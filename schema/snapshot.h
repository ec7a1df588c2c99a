/*
 * Snapshot: what a heap says, in at most SNAPSHOT_BYTES_MAX on the wire and
 * SNAPSHOT_SPELLED_BYTES_MAX written out.
 *
 * The one shape of a summary between the agent's helper, the wire, the store and the
 * API.  Made by agent/heap/summary.h from a graph, or by agent/capture/jvm.h from a
 * class histogram.  Texts are names that a reader needs to find the code: identifier-
 * like class and property names, "path:line:column".  No string value of the heap is
 * ever in here, and what does not look like a name is replaced before: "Object#3fa2"
 * for a class, "[key]" for a property.
 *
 * Plain data; all memory is in somebody's arena.  Texts are never NULL.
 */
#ifndef TIDEMARK_SCHEMA_SNAPSHOT_H
#define TIDEMARK_SCHEMA_SNAPSHOT_H

#include "schema/snapshot_exchange.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	SNAPSHOT_BYTES_MAX = 64 << 10, /* encoded, before compression */
	/* Of all its tables' texts, each as often as it is named: on the wire a text
	 * that many rows share is there once, in the database and in answers with each.
	 */
	SNAPSHOT_SPELLED_BYTES_MAX = 512 << 10,
	SNAPSHOT_CLASSES_MAX = 1000,
	SNAPSHOT_HOLDERS_MAX = 100, /* accumulators, fan-out: each */
	SNAPSHOT_CHANGES_MAX = 200,
	SNAPSHOT_STEPS_MAX = 40, /* of one path */
	SNAPSHOT_TEXT_BYTES_MAX = 256,
};

enum snapshot_kind {
	SNAPSHOT_V8 = 1,     /* exact: as DevTools computes it */
	SNAPSHOT_V8_SHALLOW, /* counts and own sizes only */
	SNAPSHOT_JVM,        /* class histogram: live objects and bytes */
};

/* Of a class, an object or its children: where it is written, if known. */
struct snapshot_name {
	const char *name;     /* "Server", "{host, connection}", "onQueueError" */
	const char *location; /* "lib/server.js:522:16"; "" */
};

struct snapshot_class {
	struct snapshot_name is;
	uint64_t count, shallow_bytes, retained_bytes;
	int32_t distance; /* of the nearest one; -5: none */
};

/* One step of a retaining path, from an object towards the root. */
struct snapshot_step {
	const char *edge; /* "_events", "[3]", "[key]" */
	struct snapshot_name holder;
};

struct snapshot_path {
	struct snapshot_step *steps;
	size_t count;
	bool is_cut; /* longer than SNAPSHOT_STEPS_MAX */
};

/* An object that holds many of one class: accumulators by dominated children, fan-out
 * by outgoing references. */
struct snapshot_holder {
	struct snapshot_name is;
	struct snapshot_path path;
	struct snapshot_name child;
	uint64_t child_count, child_bytes; /* bytes retained by those children */
	uint64_t retained_bytes;           /* by the holder */
};

/* A class compared with an earlier snapshot of the same process. */
struct snapshot_change {
	struct snapshot_name is;
	uint64_t added, removed, added_bytes, removed_bytes;
};

enum snapshot_verdict {
	SNAPSHOT_NOT_COMPARED, /* there is no earlier snapshot of this process */
	SNAPSHOT_NO_LEAK,      /* nothing explains enough growth */
	SNAPSHOT_ACCUMULATION, /* `holder` is where it grows */
	SNAPSHOT_CLASS_GROWTH, /* no single holder: the classes in `changes` grow */
};

struct snapshot_growth {
	enum snapshot_verdict verdict;
	int64_t before_unix_ms;
	uint64_t before_total_bytes;
	int64_t grown_bytes; /* of everything that is reachable */
	struct snapshot_holder
		holder;           /* of SNAPSHOT_ACCUMULATION; children: the new ones */
	uint64_t explained_bytes; /* of grown_bytes, by the holder */
	struct snapshot_change *changes; /* largest first, after those that it names */
	size_t change_count;
	const char *words; /* the verdict as a sentence */
};

struct snapshot_statistics {
	uint64_t native_bytes, typed_array_bytes, code_bytes, js_array_bytes,
		string_bytes, system_bytes;
};

/* What the capture cost and what the process said at that moment. */
struct snapshot_process {
	int64_t pause_ms; /* that it answered nothing; 0: unknown */
	int64_t analysis_ms;
	uint64_t peak_rss_bytes; /* of the process, right after */
	uint64_t heap_used_bytes, external_bytes, heap_limit_bytes; /* 0: unknown */
	int64_t uptime_ms;
	uint64_t requests; /* served since its start */
	bool has_requests;
	const char *runtime; /* "node 20.20.2" */
};

struct snapshot {
	uint64_t capture; /* the server's number of the request; 0: not asked for */
	int64_t taken_unix_ms;
	enum snapshot_kind kind;
	const char *route;       /* "inspector", "preload", "signal", "file", "jvm" */
	const char *rules;       /* whose numbers: "DevTools 1.0.1705227" */
	const char *why_shallow; /* "" */
	struct snapshot_process process;

	uint64_t stream_bytes, node_count, edge_count, total_bytes;
	uint64_t class_count; /* all; the rows that did not fit were the smallest */
	struct snapshot_statistics statistics;

	struct snapshot_class *classes; /* retained, largest first */
	size_t classes_length;
	struct snapshot_holder *accumulators;
	size_t accumulator_count;
	struct snapshot_holder *fanout;
	size_t fanout_count;
	struct snapshot_growth growth;

	/* Of a raw file that was kept on the host because an admin asked; 0: none. */
	uint64_t raw_bytes;
	uint8_t raw_sha256[32];
};

#endif
