/*
 * Spool: batches on disk until the server has committed them.
 *
 * A bounded, ordered queue of byte strings in one directory.  spool_append returns
 * after fdatasync: what it accepted survives kill -9 and power loss, and is only
 * given up by spool_forget or, when the spool is full, by dropping the oldest.
 * Whatever is lost (spool full, disk full or broken, a damaged record, a refusal of the
 * server) is counted per reason and stays pending as a gap until a batch that reports
 * it has been appended; gaps survive restarts too.
 *
 * Sequences start at 1 and are never used twice within an epoch, a random number
 * that is chosen when the directory is empty.  They jump whenever the spool is opened
 * again, to the milliseconds since 1970 at least, so that this holds too when an older
 * image of the machine is put back.
 *
 * Segment files are preallocated; when the disk is full the spool writes over its
 * own oldest segment, so that an agent that is connected keeps working.  A segment
 * whose write or fsync failed is never written again.
 *
 * One thread.  The directory is locked: a second process gets ERR_BUSY.
 */
#ifndef TIDEMARK_AGENT_SPOOL_H
#define TIDEMARK_AGENT_SPOOL_H

#include "common/buf.h"
#include "common/err.h"
#include "schema/wire.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	SPOOL_GAPS_MAX = 5, /* one for each reason */
	SPOOL_BYTES_MIN = 128 * 1024,
};

struct spool;

struct spool_stats {
	uint64_t epoch;
	uint64_t oldest;         /* the oldest sequence held; the next one when empty */
	uint64_t batches, bytes; /* waiting: appended, neither forgotten nor dropped */
	uint64_t disk_bytes;     /* size of the segment files, at most max_bytes */
	uint64_t lost;           /* batches, all reasons, since the spool was made */
};

/* Makes the directory (0700) when it is missing, recovers what it holds.  Segments
 * take 1/8 of max_bytes, at most 4 MiB.  max_bytes below SPOOL_BYTES_MIN is
 * ERR_INPUT; ERR_BUSY when another process has the spool; ERR_IO otherwise. */
bool spool_open(const char *dir, int64_t max_bytes, struct spool **out, struct err *e);

/* Another bound, from the next append on; segments become as large as spool_open would
 * make them.  Its stats' disk_bytes always go.  False, and all stays as it is, while
 * more than that is in use: nothing is dropped for it. */
bool spool_resize(struct spool *s, int64_t max_bytes);

/* Saves the cursor.  NULL is fine. */
void spool_close(struct spool *s);

/* Appends and syncs.  On failure (ERR_IO: disk; ERR_INPUT: larger than
 * WIRE_FRAME_BYTES_MAX or than the spool) the batch is lost, and counted as a gap
 * from now_unix_ms to now_unix_ms; the spool stays usable and the next append tries
 * anew.  Gaps that were taken before are settled by the append that succeeds. */
bool spool_append(struct spool *s, const void *bytes, size_t length,
	int64_t now_unix_ms, uint64_t *sequence, struct err *e);

/* The first held sequence after `after` (0: the oldest).  False: none. */
bool spool_next(const struct spool *s, uint64_t after, uint64_t *sequence);

/* Appends the bytes of a held sequence to `out`.  ERR_INPUT: not held, or damaged,
 * which drops it and counts it. */
bool spool_read(struct spool *s, uint64_t sequence, struct buf *out, struct err *e);

/* The server will not need it again.  In any order; unknown ones are ignored. */
void spool_forget(struct spool *s, uint64_t sequence);

/* The server will never store it: counted as lost, with what it was to report, and not
 * held any more.  Unknown ones are ignored. */
void spool_refuse(struct spool *s, uint64_t sequence, const char *reason);

/* What was lost and not yet reported, for the next batch; at most SPOOL_GAPS_MAX.
 * `reason` points to text that stays until the next call.  Taking again before an
 * append succeeds gives the same ones (and newer losses added). */
size_t spool_take_gaps(struct spool *s, struct wire_gap out[SPOOL_GAPS_MAX]);

void spool_get_stats(const struct spool *s, struct spool_stats *out);

#endif
