/*
 * Verify: reads every segment and chunk again, and names what is damaged.
 *
 * A row is good when its checksum is right, the times of its subject are there, and it
 * has as many rows as they have.  Readings go on meanwhile.
 */
#ifndef TIDEMARK_SERVER_COMPACT_VERIFY_H
#define TIDEMARK_SERVER_COMPACT_VERIFY_H

#include "common/err.h"
#include "server/store/db.h"

#include <stdbool.h>
#include <stdint.h>

struct verify_damage {
	const char *where;      /* "segment" or "chunk" */
	int64_t at_ms;          /* its five minutes or day */
	int32_t subject;        /* a process; below 0: a host; 0: the whole segment */
	int32_t service, block; /* of a segment */
	int metric;             /* -1: the times */
	const char *what;
};

struct verify_counts {
	uint64_t segments, chunks; /* rows that were read */
	uint64_t columns;          /* of segments */
	uint64_t values;           /* that chunks and segments have room for */
	uint64_t bytes, damaged;
};

typedef void verify_tell(void *context, const struct verify_damage *damage);

/* All days from `from_ms` on. */
bool verify_run(struct db *db, int64_t from_ms, verify_tell *tell, void *context,
	struct verify_counts *counts, struct err *e);

#endif
