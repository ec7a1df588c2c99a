/*
 * CRC-32C (Castagnoli), as in RFC 3720 appendix B.4: the checksum of spool
 * records.  Uses SSE4.2 where the processor has it.  Pure.
 */
#ifndef TIDEMARK_COMMON_CRC32C_H
#define TIDEMARK_COMMON_CRC32C_H

#include <stddef.h>
#include <stdint.h>

/* `crc` is 0 at the start, or the result for the bytes before these. */
uint32_t crc32c(uint32_t crc, const void *bytes, size_t length);

/* The same for any processor; here so that a test can compare the two. */
uint32_t crc32c_portable(uint32_t crc, const void *bytes, size_t length);

#endif
