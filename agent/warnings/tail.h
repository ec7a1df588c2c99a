/*
 * Tail: one log file, read as it grows.
 *
 * A file is known by device, inode, and the first bytes of its content: an inode is
 * used again once its file is gone, and a file that is emptied in its place
 * (copytruncate) may be larger than before when we look again.  Then it is read from
 * its start.
 *
 * Bounded: of a line the first TAIL_LINE_MAX bytes, of what has come since the last
 * look TAIL_LOOK_BYTES at a time; a file that is more than TAIL_BEHIND_BYTES ahead is
 * followed from near its end, and what lies between is counted as skipped.
 *
 * Caller's storage; owns the descriptor and the bytes of an unfinished line.  One
 * thread.
 */
#ifndef TIDEMARK_AGENT_WARNINGS_TAIL_H
#define TIDEMARK_AGENT_WARNINGS_TAIL_H

#include "common/buf.h"
#include "common/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum {
	TAIL_LINE_MAX = 16 << 10,
	TAIL_LOOK_BYTES = 1 << 20,
	TAIL_BEHIND_BYTES = 16 << 20,
	TAIL_HEAD_BYTES = 256,
};

/* Where a file was read up to. */
struct tail_mark {
	dev_t device;
	ino_t inode;
	int64_t offset; /* of the first byte of a line that is not finished */
	uint32_t head_length, head_sum; /* of its first bytes */
};

struct tail {
	int fd;
	struct tail_mark mark;
	int64_t read_to;  /* of the next byte; past the offset in an unfinished line */
	struct buf line;  /* the unfinished one */
	bool is_dropping; /* the rest of a line that is too long, or begun too early */
	uint64_t skipped_bytes, cut_lines, restarts;
};

/* Regular files only.  Nothing is read; the mark says the start of the file. */
bool tail_open(struct tail *t, const char *path, struct err *e);
void tail_close(struct tail *t);

/* From the file's end on, or from where the mark says if it is of this file (false
 * otherwise, and nothing is changed). */
void tail_to_end(struct tail *t);
bool tail_resume(struct tail *t, const struct tail_mark *mark);

/* Whether the file begins as the one of the mark does; it is the mark's or a copy. */
bool tail_begins_as(const struct tail *t, const struct tail_mark *mark);

/* Reads what has come, TAIL_LOOK_BYTES at most, and after that time no further block;
 * how many bytes.  Lines are given without their end.  -1 with the error: it cannot be
 * read any more. */
int64_t tail_read(struct tail *t, int64_t until_mono_ms,
	void (*on_line)(void *, const char *, size_t), void *context, struct err *e);

#endif
