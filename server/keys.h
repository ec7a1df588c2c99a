/*
 * Keys: what the server keeps to itself, in data_dir/keys.
 *
 *     server.key  secret half of its long-term CURVE pair; the public key follows from
 *                 it.  Agents trust it: who loses the file must enrol them all again.
 *     raw.key     seals raw heap files in the database; servers that share one share
 *                 it too.  Who loses it cannot open the files that are there.
 *
 * A file holds a key as 64 hex digits and is readable by its owner alone.  The caller
 * wipes the struct with keys_wipe.
 */
#ifndef TIDEMARK_SERVER_KEYS_H
#define TIDEMARK_SERVER_KEYS_H

#include "common/err.h"

#include <stdbool.h>
#include <stdint.h>

enum { KEYS_BYTES = 32 };

struct keys {
	uint8_t public_key[KEYS_BYTES];
	uint8_t secret_key[KEYS_BYTES];
	uint8_t raw_key[KEYS_BYTES];
	bool is_new; /* server.key was made by this call */
};

/* Reads the keys, or makes them (written whole or not at all) on first use.  Refuses
 * a file that others can read. */
bool keys_load(const char *data_dir, struct keys *out, struct err *e);

void keys_wipe(struct keys *keys);

#endif
