/*
 * Keyring: the keys that may connect, in memory.
 *
 * Loaded from the database at start, when it says that keys changed, and once a
 * minute; asked at each handshake.  One thread.
 */
#ifndef TIDEMARK_SERVER_INGEST_KEYRING_H
#define TIDEMARK_SERVER_INGEST_KEYRING_H

#include "common/err.h"
#include "server/store/agents.h"

#include <stdbool.h>
#include <stdint.h>

struct keyring;

/* Tells a roster (roster.h) of each change; teller NULL: nobody. */
struct keyring *keyring_create(void *teller);
void keyring_destroy(struct keyring *k);

/* Replaces the content; on failure the old one stays. */
bool keyring_load(struct keyring *k, struct db *db, struct err *e);

void keyring_add(struct keyring *k, const uint8_t *public_key, int32_t agent_id);

/* 0: not known. */
int32_t keyring_find(const struct keyring *k, const uint8_t *public_key);

#endif
