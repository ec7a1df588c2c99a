/*
 * Digest file: the bytes of a digest on disk.
 *
 *     magic "TMDIGST\1" | version u32 | crc32c u32 | unpacked size u64 |
 *     packed size u64 | zstd of: facts, hashes of properties, rows, shapes, and the
 *     four columns of nodes, each as its length and its varints
 *
 * Numbers in the head are little-endian; the checksum covers everything behind itself.
 * Reading trusts nothing: what is damaged is ERR_INPUT, and says where.
 *
 * Pure; reads and writes memory only.
 */
#ifndef TIDEMARK_AGENT_HEAP_DIGEST_FILE_H
#define TIDEMARK_AGENT_HEAP_DIGEST_FILE_H

#include "agent/heap/digest.h"
#include "common/buf.h"
#include "common/err.h"

enum { DIGEST_FILE_HEAD_BYTES = 32 };

/* Appends the file's bytes. */
void digest_file_write(const struct digest *d, struct buf *out);

/* One that unpacks to more than `max_bytes` is ERR_BUSY. */
bool digest_file_read(const void *bytes, size_t length, uint64_t max_bytes,
	struct digest **out, struct err *e);

#endif
