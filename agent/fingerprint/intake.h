/*
 * Intake: the bytes of a foreign text, one after the other, without holding it all.
 *
 * From a descriptor (64 KiB at a time, never more than `most` bytes, never past a
 * time) or from memory.  The end and a failure look the same to a parser, which asks
 * at its end: intake_failed.  Owns neither; plain storage of the caller.
 */
#ifndef TIDEMARK_AGENT_FINGERPRINT_INTAKE_H
#define TIDEMARK_AGENT_FINGERPRINT_INTAKE_H

#include "common/buf.h"
#include "common/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { INTAKE_BLOCK_BYTES = 64 << 10, INTAKE_END = -1 };

struct intake {
	int fd; /* -1: memory only */
	uint64_t left;
	int64_t until_mono_ms; /* INT64_MAX: any time */
	const unsigned char *next, *end;
	const char *trouble; /* NULL, or a constant text */
	unsigned char block[INTAKE_BLOCK_BYTES];
};

void intake_init_file(
	struct intake *in, int fd, uint64_t most_bytes, int64_t until_mono_ms);
void intake_init_memory(struct intake *in, const void *bytes, size_t length);

/* The next bytes come from the descriptor; false at the end.  For intake_next. */
bool intake_fill(struct intake *in);

/* The next byte, or INTAKE_END. */
static inline int intake_next(struct intake *in)
{
	if (in->next == in->end && !intake_fill(in))
		return INTAKE_END;
	return *in->next++;
}

/* The next byte without taking it. */
static inline int intake_peek(struct intake *in)
{
	if (in->next == in->end && !intake_fill(in))
		return INTAKE_END;
	return *in->next;
}

/* A line without its end (\n or \r\n), in place of what was in `line`; what is longer
 * than `most` is dropped.  False at the end. */
bool intake_line(struct intake *in, struct buf *line, size_t most);

/* Whether the text ended for another reason than its end. */
bool intake_failed(const struct intake *in, struct err *e);

#endif
