/*
 * Frames: what a child of the agent says on its stdout, and hears on its stdin: a
 * length, a kind, bytes.
 *
 * The reader's side believes nothing: a length that no frame may have, a kind that does
 * not exist or too many frames are ERR_INPUT, and nothing more is read.
 *
 * Caller's storage.  One thread.
 */
#ifndef TIDEMARK_AGENT_CAPTURE_FRAMES_H
#define TIDEMARK_AGENT_CAPTURE_FRAMES_H

#include "common/buf.h"
#include "common/err.h"
#include "schema/wire.h"

#include <stdbool.h>
#include <stdint.h>

enum {
	FRAMES_BYTES_MAX = WIRE_FRAME_BYTES_MAX - WIRE_UPLOAD_OVERHEAD_BYTES,
	FRAMES_MAX = 256,
};

enum frames_kind {
	FRAMES_BATCH = 'B',
	FRAMES_LAST = 'L',   /* the batch that says how it ended */
	FRAMES_WARDEN = 'W', /* text: 'y' or 'n', and what the warden says */
	FRAMES_JOIN = 'J',   /* a batch to be joined with the agent's own readings */
	FRAMES_CENSUS = 'A', /* to the scout: a batch with the one process to count */
	FRAMES_CROWD = 'C',  /* to the scout: a batch with the processes to look at */
};

struct frames {
	int fd;
	struct buf bytes;
	unsigned count; /* who listens for ever sets it back */
	bool has_ended; /* the other side has closed */
};

/* Non-blocking: takes what is there.  False with ERR_INPUT or ERR_IO. */
bool frames_read(struct frames *f, struct err *e);

/* The next whole frame, appended to `out`; *found is false when there is none yet. */
bool frames_next(struct frames *f, enum frames_kind *kind, struct buf *out, bool *found,
	struct err *e);

void frames_finish(struct frames *f);

/* The child's side; blocks. */
bool frames_write(int fd, enum frames_kind kind, const void *bytes, size_t length);

#endif
