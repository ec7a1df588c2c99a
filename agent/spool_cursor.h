/*
 * Cursor: how far the spool has come, in a small file of its own.
 *
 * Two slots, each with generation and checksum, are written in turn, so that one
 * good state is always on disk.  A save without sync survives the death of the
 * process; only one with sync survives that of the host, and the slot of the last
 * such save is never overwritten before the next one succeeds.  After a failed write
 * or fsync the file is not trusted again: the next save makes a new one.
 *
 * Borrows the directory's descriptor.
 */
#ifndef TIDEMARK_AGENT_SPOOL_CURSOR_H
#define TIDEMARK_AGENT_SPOOL_CURSOR_H

#include "agent/spool_losses.h"
#include "common/err.h"

#include <stdbool.h>
#include <stdint.h>

enum {
	SPOOL_CURSOR_SLOT_BYTES = 512,
	SPOOL_CURSOR_FILE_BYTES = 8192, /* the second slot begins at the middle */
	SPOOL_REFUSAL_BYTES = 160,
};

struct spool_position {
	uint64_t epoch;
	uint64_t oldest;  /* everything below is forgotten */
	uint64_t last;    /* the newest sequence that was appended; 0: none */
	uint64_t next;    /* the one to give out next: above `last`, may have jumped */
	uint64_t newest;  /* name of the newest segment; 0: there is none */
	uint64_t torn;    /* the segment whose unfinished end is already counted */
	uint64_t records; /* from `oldest` to `last`: not all sequences are used */
	uint64_t lost;    /* batches lost since the spool was made */
	struct spool_losses pending;       /* not reported yet */
	char refusal[SPOOL_REFUSAL_BYTES]; /* the newest reason of SPOOL_REFUSED */
};

struct spool_cursor {
	int folder, fd; /* fd -1: no file that could be written */
	uint64_t generation;
	int synced_slot; /* 0 or 1 */
};

/* *found is false when there is no undamaged slot. */
void spool_cursor_open(
	struct spool_cursor *c, int folder, struct spool_position *out, bool *found);
void spool_cursor_close(struct spool_cursor *c);

bool spool_cursor_save(struct spool_cursor *c, const struct spool_position *position,
	bool sync, struct err *e);

/* One slot; false when it is damaged. */
bool spool_cursor_decode(const uint8_t bytes[SPOOL_CURSOR_SLOT_BYTES],
	uint64_t *generation, struct spool_position *out);
void spool_cursor_encode(const struct spool_position *position, uint64_t generation,
	uint8_t bytes[SPOOL_CURSOR_SLOT_BYTES]);

#endif
