#include "common/crc32c.h"

#include <string.h>

/* The remainder of every four bits, for the reflected polynomial 0x82f63b78. */
static const uint32_t crc32c_nibble[16] = {0x00000000, 0x105ec76f, 0x20bd8ede,
	0x30e349b1, 0x417b1dbc, 0x5125dad3, 0x61c69362, 0x7198540d, 0x82f63b78,
	0x92a8fc17, 0xa24bb5a6, 0xb21572c9, 0xc38d26c4, 0xd3d3e1ab, 0xe330a81a,
	0xf36e6f75};

uint32_t crc32c_portable(uint32_t crc, const void *bytes, size_t length)
{
	const unsigned char *b = bytes;
	crc = ~crc;
	for (size_t i = 0; i < length; i++) {
		crc ^= b[i];
		crc = (crc >> 4) ^ crc32c_nibble[crc & 15];
		crc = (crc >> 4) ^ crc32c_nibble[crc & 15];
	}
	return ~crc;
}

#ifdef __x86_64__
__attribute__((target("sse4.2"))) static uint32_t crc32c_sse42(
	uint32_t crc, const unsigned char *b, size_t length)
{
	uint64_t state = ~crc;
	for (; length >= 8; b += 8, length -= 8) {
		uint64_t word;
		memcpy(&word, b, sizeof word);
		state = __builtin_ia32_crc32di(state, word);
	}
	uint32_t rest = (uint32_t)state;
	for (; length; b++, length--)
		rest = __builtin_ia32_crc32qi(rest, *b);
	return ~rest;
}

uint32_t crc32c(uint32_t crc, const void *bytes, size_t length)
{
	if (__builtin_cpu_supports("sse4.2"))
		return crc32c_sse42(crc, bytes, length);
	return crc32c_portable(crc, bytes, length);
}
#else
uint32_t crc32c(uint32_t crc, const void *bytes, size_t length)
{
	return crc32c_portable(crc, bytes, length);
}
#endif
