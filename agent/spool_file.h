/*
 * File: one segment on disk, "0000000000000001.seg", named after its first sequence.
 *
 * Functions take the directory's descriptor and the name; nothing is kept open but
 * the descriptor of the segment that is being written, which the caller closes.
 * A function that returns true has made its work durable, directory included.
 */
#ifndef TIDEMARK_AGENT_SPOOL_FILE_H
#define TIDEMARK_AGENT_SPOOL_FILE_H

#include "agent/spool_format.h"
#include "common/buf.h"
#include "common/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* All segment names in ascending order; the caller frees *names. */
bool spool_file_list(int folder, uint64_t **names, size_t *count, struct err *e);

/* Makes the file with h->size bytes preallocated and the header written, and opens
 * it.  ERR_BUSY: the disk has no room, and nothing is left behind; ERR_IO: other
 * failures. */
bool spool_file_create(
	int folder, const struct spool_header *h, int *fd, struct err *e);

/* The same in the place of `old`, whose content is gone afterwards, whatever the
 * outcome.  Needs no room on the disk unless h->size is larger than old. */
bool spool_file_reuse(
	int folder, uint64_t old, const struct spool_header *h, int *fd, struct err *e);

/* Writes at the offset and syncs.  After a failure nothing may be written to fd. */
bool spool_file_write(
	int fd, size_t offset, const void *bytes, size_t length, struct err *e);

/* Appends what can be read of the file to `out`, at most `limit` bytes from offset;
 * nothing when it does not exist.  False: it exists and cannot be opened. */
bool spool_file_read(int folder, uint64_t name, size_t offset, size_t limit,
	struct buf *out, struct err *e);

/* Gives back the room behind `size`, when that is possible. */
void spool_file_trim(int folder, uint64_t name, size_t size);

void spool_file_remove(int folder, uint64_t name);

#endif
