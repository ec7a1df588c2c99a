#include "agent/capture/sha1.h"

#include "common/err.h"

#include <stdint.h>
#include <string.h>

static uint32_t sha1_rotate(uint32_t word, int bits)
{
	return word << bits | word >> (32 - bits);
}

/* FIPS 180-4, 6.1.2. */
static void sha1_block(uint32_t state[5], const unsigned char block[64])
{
	uint32_t w[80];
	for (size_t i = 0; i < 16; i++)
		w[i] = (uint32_t)block[4 * i] << 24 | (uint32_t)block[4 * i + 1] << 16 |
		       (uint32_t)block[4 * i + 2] << 8 | block[4 * i + 3];
	for (size_t i = 16; i < 80; i++)
		w[i] = sha1_rotate(w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16], 1);

	uint32_t a = state[0], b = state[1], c = state[2], d = state[3], t = state[4];
	for (size_t i = 0; i < 80; i++) {
		uint32_t f = i < 20   ? (b & c) | (~b & d)
			     : i < 40 ? b ^ c ^ d
			     : i < 60 ? (b & c) | (b & d) | (c & d)
				      : b ^ c ^ d;
		uint32_t k = i < 20   ? 0x5A827999
			     : i < 40 ? 0x6ED9EBA1
			     : i < 60 ? 0x8F1BBCDC
				      : 0xCA62C1D6;
		uint32_t next = sha1_rotate(a, 5) + f + t + k + w[i];
		t = d;
		d = c;
		c = sha1_rotate(b, 30);
		b = a;
		a = next;
	}
	state[0] += a;
	state[1] += b;
	state[2] += c;
	state[3] += d;
	state[4] += t;
}

void sha1(const void *text, size_t length, unsigned char out[SHA1_BYTES])
{
	BUG_ON(length > SHA1_TEXT_MAX);
	unsigned char padded[128] = {0};
	size_t blocks = length + 9 > 64 ? 2 : 1;
	memcpy(padded, text, length);
	padded[length] = 0x80;
	padded[blocks * 64 - 2] = (unsigned char)(length * 8 >> 8);
	padded[blocks * 64 - 1] = (unsigned char)(length * 8);

	uint32_t state[5] = {
		0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476, 0xC3D2E1F0};
	for (size_t i = 0; i < blocks; i++)
		sha1_block(state, padded + i * 64);
	for (size_t i = 0; i < SHA1_BYTES; i++)
		out[i] = (unsigned char)(state[i / 4] >> (24 - i % 4 * 8));
}
