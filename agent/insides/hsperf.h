/*
 * Hsperf: the counters that a HotSpot JVM keeps in its hsperfdata file.
 *
 * The file is the JVM's shared memory: a prologue of 32 bytes
 *
 *     ca fe c0 c0 | byte order (0 big, 1 little) | major 2 | minor | accessible
 *     | used | overflow | time stamp (8) | offset of the first entry | entries
 *
 * and entries, each: its length, offset of its name, length of a vector (0: one value),
 * type ('J': 8 bytes, 'B': bytes), flags, unit, variability, offset of the data;
 * offsets count from the entry.  The JVM writes while we read: numbers may be of two
 * moments, which for levels and counters does not matter.
 *
 * What a JVM keeps up to date differs: serial and parallel collectors sample the spaces
 * 20 times a second, G1 and those behind it set them at the end of a collection.
 *
 * Bounded by the length given; trusts nothing.  Pure.
 */
#ifndef TIDEMARK_AGENT_INSIDES_HSPERF_H
#define TIDEMARK_AGENT_INSIDES_HSPERF_H

#include "common/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	HSPERF_BYTES_MAX = 1 << 20, /* the JVM's own: 32 KiB */
	HSPERF_ENTRIES_MAX = 4096,
	HSPERF_GENERATIONS = 2,
	HSPERF_SPACES = 5,
	HSPERF_COLLECTORS = 4,
};

/* In bytes, -1 where the file does not say. */
struct hsperf {
	struct {
		int64_t capacity, maximum;
		int64_t used[HSPERF_SPACES];
	} generation[HSPERF_GENERATIONS];
	struct {
		int64_t count, ticks;
	} collector[HSPERF_COLLECTORS];
	int64_t ticks_per_s;
	int64_t metaspace_used;
	char version[32]; /* of Java, "" */
};

/* ERR_INPUT: no such file, or not ready yet. */
bool hsperf_parse(const void *bytes, size_t length, struct hsperf *out, struct err *e);

#endif
