/*
 * Users: who may look and act, and how they prove it.
 *
 * Passwords are kept as argon2id hashes (64 MiB, 2 passes).  At most two hashes are
 * computed at a time in a process, so that a storm of logins cannot eat its memory;
 * four wait for a turn, a second at most: who gets none is told ERR_BUSY.  A wrong
 * password and an unknown name cost the same time and give the same answer.
 *
 * Call users_init once per process, before threads start.  Results live in the caller's
 * arena.  Safe from any thread, each with its own connection.
 */
#ifndef TIDEMARK_SERVER_STORE_USERS_H
#define TIDEMARK_SERVER_STORE_USERS_H

#include "common/arena.h"
#include "common/err.h"
#include "server/store/audit.h"
#include "server/store/db.h"
#include "server/store/roles.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum users_role { USERS_VIEWER, USERS_OPERATOR, USERS_ADMIN };

enum {
	USERS_NAME_MAX = 64,
	USERS_PASSWORD_MIN = 8,
	USERS_PASSWORD_MAX = 256,
	USERS_ONE_TIME_LENGTH = 24,
};

struct users_row {
	int64_t id;
	const char *name;
	enum users_role role;
	bool password_is_one_time;
	int64_t created_ms;
	int64_t retired_ms;   /* has left since then, and cannot log in; 0: has not */
	bool is_limited;      /* to services: roles_limit */
	const char *services; /* what he is limited to, as JSON; NULL: to none */
	int64_t session_id;   /* of sessions_find */
};

/* Also initialises libsodium. */
bool users_init(struct err *e);

/* "viewer", "operator", "admin" */
const char *users_role_name(enum users_role role);
bool users_role_parse(const char *name, enum users_role *role);

/* A name is 1 to 64 of A-Z a-z 0-9 . _ @ -; a password 8 to 256 bytes of UTF-8.
 * ERR_INPUT says what is wrong. */
bool users_check_name(const char *name, struct err *e);
bool users_check_password(const char *password, struct err *e);

/* A password of about 119 random bits, in groups that can be read out. */
void users_one_time_password(char password[USERS_ONE_TIME_LENGTH + 1]);

struct users_options {
	const char *name, *password;
	enum users_role role;
	bool is_one_time;
	const struct roles_globs *services; /* NULL: all */
};

/* ERR_INPUT when the name is taken, and for an admin who is limited. */
bool users_create(struct db *db, const struct users_options *options, struct arena *a,
	struct err *e);

bool users_list(struct db *db, struct arena *a, struct users_row **rows, size_t *count,
	struct err *e);

/* *user is NULL when name or password is wrong. */
bool users_login(struct db *db, const char *name, const char *password, int64_t now_ms,
	struct arena *a, struct users_row **user, struct err *e);

struct users_change {
	const char *name, *password;
	bool is_one_time;
};

/* Sets a password and ends the user's sessions.  *found is false when there is no such
 * user. */
bool users_set_password(struct db *db, const struct users_change *change,
	struct arena *a, bool *found, struct err *e);

enum users_action {
	USERS_SET_ROLE, /* and limit; ends sessions: what they may has changed */
	USERS_RETIRE,   /* ends sessions and revokes tokens */
	USERS_RESTORE,
	USERS_NEW_PASSWORD, /* a one-time password; ends sessions */
};

struct users_step {
	struct audit_actor actor;
	enum users_action action;
	/* For USERS_SET_ROLE.  Who becomes admin loses his limit. */
	bool keeps_role, sets_services;
	enum users_role role;
	const struct roles_globs *services; /* NULL: all */
	int64_t user_id, now_ms;
	const char *password; /* for USERS_NEW_PASSWORD */
};

enum users_outcome {
	USERS_DONE,
	USERS_MISSING,    /* no such user */
	USERS_NO_LIMIT,   /* an admin has none */
	USERS_LAST_ADMIN, /* nobody would be left who may do everything */
};

/* The id of a user by name, also of one who has left; 0: none. */
bool users_find_id(
	struct db *db, const char *name, struct arena *a, int64_t *id, struct err *e);

/* What an admin does with a user.  Leaves a row in the audit ("user.role",
 * "user.retire", "user.restore", "user.password").  *row is the user as it stands
 * afterwards.  Not inside a transaction. */
bool users_take_step(struct db *db, const struct users_step *step, struct arena *a,
	enum users_outcome *outcome, struct users_row **row, struct err *e);

#endif
