/*
 * Roles: what PostgreSQL itself allows each part of the server.
 *
 * schema/sql/access/roles.sql says which role may do what with which table, and which
 * rows a user sees who is limited to services.  It is run after migrations where the
 * connecting role may make roles, or where they are made already; else the parts work
 * as the owner of the tables, and users cannot be limited to services.
 *
 * A connection becomes a role by db_options.role.  Any thread, own connection.
 */
#ifndef TIDEMARK_SERVER_STORE_ROLES_H
#define TIDEMARK_SERVER_STORE_ROLES_H

#include "common/arena.h"
#include "common/err.h"
#include "server/store/db.h"

#include <stdbool.h>
#include <stdint.h>

#define ROLES_INGEST  "tidemark_ingest"
#define ROLES_API     "tidemark_api"
#define ROLES_LIMITED "tidemark_limited" /* the api, for limited users */

enum { ROLES_GLOBS_MAX = 100, ROLES_GLOB_MAX = 256 };

/* What somebody is limited to: names of services, or globs over them. */
struct roles_globs {
	const char *const *items;
	size_t count;
};

/* ERR_INPUT says what is wrong.  NULL is no limit, and good. */
bool roles_check_globs(const struct roles_globs *globs, struct err *e);

/* As an argument of a query, and as words for the audit. */
void roles_arg_globs(struct db_args *args, const struct roles_globs *globs);
const char *roles_globs_text(const struct roles_globs *globs, struct arena *a);

/* Whether this database can hold users to a limit. */
bool roles_can_limit(struct db *db, struct arena *a, bool *can, struct err *e);

enum roles_state {
	ROLES_READY,   /* as this program has them */
	ROLES_OLD,     /* to be made, or made anew, and this connection may do so */
	ROLES_MISSING, /* to be made, and this connection may not */
};

bool roles_look(struct db *db, struct arena *a, enum roles_state *state, struct err *e);

/* Makes them, in a transaction of its own, unless they are ready; *state is how they
 * are afterwards. */
bool roles_apply(
	struct db *db, struct arena *a, enum roles_state *state, struct err *e);

/* What an administrator of PostgreSQL runs where this connection may not make roles. */
const char *roles_script(struct db *db, struct arena *a, struct err *e);

/* Limits a connection of ROLES_LIMITED to what a user may see who came with a token
 * (NULL: with a session).  Each call undoes the one before. */
bool roles_limit(struct db *db, int64_t user_id, const char *token_id, struct arena *a,
	struct err *e);

/* Whether a glob over names of services fits none beyond that limit, now and ever. */
bool roles_allows(
	struct db *db, const char *glob, struct arena *a, bool *allowed, struct err *e);

#endif
