/*
 * Little-endian numbers in a row of bytes, as the spool's files hold them.  Pure.
 */
#ifndef TIDEMARK_AGENT_SPOOL_BYTES_H
#define TIDEMARK_AGENT_SPOOL_BYTES_H

#include <endian.h>
#include <stdint.h>
#include <string.h>

static inline void spool_bytes_put32(uint8_t *bytes, uint32_t value)
{
	value = htole32(value);
	memcpy(bytes, &value, sizeof value);
}

static inline void spool_bytes_put64(uint8_t *bytes, uint64_t value)
{
	value = htole64(value);
	memcpy(bytes, &value, sizeof value);
}

static inline uint32_t spool_bytes_get32(const uint8_t *bytes)
{
	uint32_t value;
	memcpy(&value, bytes, sizeof value);
	return le32toh(value);
}

static inline uint64_t spool_bytes_get64(const uint8_t *bytes)
{
	uint64_t value;
	memcpy(&value, bytes, sizeof value);
	return le64toh(value);
}

#endif
