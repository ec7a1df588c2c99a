/*
 * Raw: whole snapshots that an admin asked to keep, below state_dir/raw.
 *
 *     raw/CAPTURE/index    size, SHA-256 of the file and of each part
 *     raw/CAPTURE/000000   parts of SNAPSHOT_RAW_PART_BYTES, each compressed by zstd
 *
 * A folder has its name (the capture's number) only when it is whole; while it is
 * written it begins with a dot.  Everything is 0600 and bounded by a quota: the oldest
 * whole ones leave first.
 *
 * A writer belongs to one process at a time (turn.h); readers may be others.
 */
#ifndef TIDEMARK_AGENT_CAPTURE_RAW_H
#define TIDEMARK_AGENT_CAPTURE_RAW_H

#include "common/buf.h"
#include "common/err.h"
#include "schema/snapshot.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct raw_writer;

/* Removes what an earlier writer left unfinished. */
bool raw_create(const char *state_dir, uint64_t capture, uint64_t quota_bytes,
	struct raw_writer **out, struct err *e);

/* After a failure (ERR_BUSY: the quota is too small; ERR_IO) what was written is gone
 * and every further call fails in the same way. */
bool raw_add(struct raw_writer *w, const void *bytes, size_t length, struct err *e);

/* Makes it whole. */
bool raw_end(struct raw_writer *w, uint64_t *bytes, uint8_t sha256[32], struct err *e);

/* Removes what was not ended.  NULL is fine. */
void raw_destroy(struct raw_writer *w);

/* A whole file, for reading. */
struct raw {
	int folder, index;
	uint64_t capture, file_bytes;
	uint32_t parts;
	uint8_t file_sha256[32];
};

/* ERR_INPUT: there is none (any more), or it is damaged. */
bool raw_open(const char *state_dir, uint64_t capture, struct raw *out, struct err *e);

/* Fills `out`, whose bytes are then those of `bytes`. */
bool raw_part(const struct raw *r, uint32_t number, struct buf *bytes,
	struct snapshot_raw_part *out, struct err *e);

void raw_close(struct raw *r);

/* Forgets it; one that is not there is forgotten already. */
bool raw_drop(const char *state_dir, uint64_t capture, struct err *e);

/* What all whole files take on disk, in bytes. */
uint64_t raw_used(const char *state_dir);

#endif
