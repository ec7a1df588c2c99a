/*
 * Sessions: logins that a browser's cookie stands for.
 *
 * The cookie's value is 32 random bytes as base64url; only its BLAKE2b hash is stored.
 * A session ends 12 hours after its last use (noted once a minute) and 7 days after
 * its login, whichever comes first.  Results live in the caller's arena.  Safe from any
 * thread, each with its own connection.
 */
#ifndef TIDEMARK_SERVER_STORE_SESSIONS_H
#define TIDEMARK_SERVER_STORE_SESSIONS_H

#include "common/arena.h"
#include "common/err.h"
#include "server/store/db.h"
#include "server/store/users.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SESSIONS_TOKEN_LENGTH = 43, SESSIONS_HASH_BYTES = 32 };
#define SESSIONS_IDLE_MS     (INT64_C(12) * 3600 * 1000)
#define SESSIONS_LIFETIME_MS (INT64_C(7) * 86400 * 1000)

void sessions_hash(const char *token, uint8_t hash[SESSIONS_HASH_BYTES]);

/* Whose, and for people to know it by. */
struct sessions_wish {
	int64_t user_id, now_ms;
	const char *address, *program; /* NULL: not known; a long one is cut */
};

/* Always a new token: an id that somebody planted before the login is worth nothing. */
bool sessions_start(struct db *db, const struct sessions_wish *wish, struct arena *a,
	const char **token, struct err *e);

/* *user is NULL when the token is unknown or its time is over. */
bool sessions_find(struct db *db, const char *token, int64_t now_ms, struct arena *a,
	struct users_row **user, struct err *e);

/* Whether the token stands for a session, which does not count as its use. */
bool sessions_alive(struct db *db, const char *token, int64_t now_ms, struct arena *a,
	bool *alive, struct err *e);

struct sessions_row {
	int64_t id, created_ms, used_ms;
	const char *address, *program; /* "" when not known */
};

/* Those of a user, the last used first; at most 100. */
bool sessions_list(struct db *db, int64_t user_id, int64_t now_ms, struct arena *a,
	struct sessions_row **rows, size_t *count, struct err *e);

/* By its id, as listed; *found is false when the user has no such session. */
bool sessions_end_one(struct db *db, int64_t user_id, int64_t id, struct arena *a,
	bool *found, struct err *e);

/* Ending a session that does not exist is fine. */
bool sessions_end(struct db *db, const char *token, struct arena *a, struct err *e);

#endif
