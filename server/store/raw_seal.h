/*
 * Raw seal: a part of a raw file as it lies in the database.
 *
 *     1 byte   form, 1
 *     8 bytes  which key: the start of its BLAKE2b
 *    24 bytes  nonce, random
 *     ...      XChaCha20-Poly1305 of the part; what it belongs to is authenticated too
 *
 * Pure, but for the random nonce.  For raw.c.
 */
#ifndef TIDEMARK_SERVER_STORE_RAW_SEAL_H
#define TIDEMARK_SERVER_STORE_RAW_SEAL_H

#include "common/arena.h"
#include "common/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What a part belongs to: one that was moved elsewhere cannot be opened. */
struct raw_seal_place {
	int64_t capture, file_bytes, number;
};

struct raw_seal_bytes {
	const uint8_t *bytes; /* in the arena */
	size_t length;
};

struct raw_seal_bytes raw_seal_close(const uint8_t *key,
	const struct raw_seal_place *place, const void *bytes, size_t length,
	struct arena *a);

/* ERR_INPUT: sealed with another key, or not what was sealed. */
bool raw_seal_open(const uint8_t *key, const struct raw_seal_place *place,
	struct raw_seal_bytes sealed, struct arena *a, struct raw_seal_bytes *out,
	struct err *e);

#endif
