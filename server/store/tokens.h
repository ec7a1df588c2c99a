/*
 * Tokens: secrets that stand for a right, made once and shown once.
 *
 * A join token lets a host enrol; an API token lets a program call the API with the
 * role of the user who made it.  A token is an id, which is public, and a secret of
 * 256 random bits, of which only the BLAKE2b hash is stored.  Its text form is not
 * made here: schema/token.h joins the parts of a join token, tokens_api_text those
 * of an API token.
 *
 * A join token may ask for hosts of certain names, and gives labels to those that it
 * lets in.  The name is what the host says of itself: that guards against mistakes, not
 * against a bearer who lies.
 *
 * Making and revoking are transactions of their own, with their rows in the audit
 * ("token.add", "token.revoke", "agent.revoke").  The other functions work in the
 * caller's transaction, if one is open.  Results live in the caller's arena.  A token
 * that is unknown, expired, revoked or used up is an answer (enum tokens_fate), not a
 * failure; false means that the database could not be asked.
 */
#ifndef TIDEMARK_SERVER_STORE_TOKENS_H
#define TIDEMARK_SERVER_STORE_TOKENS_H

#include "common/arena.h"
#include "common/err.h"
#include "server/store/audit.h"
#include "server/store/db.h"
#include "server/store/host_list.h"
#include "server/store/roles.h"
#include "server/store/users.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum tokens_kind { TOKENS_JOIN, TOKENS_API };

enum {
	TOKENS_ID_LENGTH = 16,     /* lower-case hex */
	TOKENS_SECRET_LENGTH = 43, /* 32 bytes as base64url without padding */
	TOKENS_NAME_MAX = 64,
	TOKENS_HOST_GLOB_MAX = 255,
	TOKENS_USES_MAX = 1000000,
};
#define TOKENS_TTL_MS_MAX (INT64_C(366) * 86400 * 1000)

struct tokens_options {
	enum tokens_kind kind;
	const char *name;   /* for people; may be "" */
	int64_t created_by; /* app_user.id; 0: the command line */
	int64_t now_ms, ttl_ms;
	int64_t max_uses; /* 0: any number */
	/* Of join tokens alone.  "web-*": the name of a host that enrols; NULL: any. */
	const char *host_glob;
	const char *const *label_keys, *const *label_values;
	size_t label_count;
	const char *actor; /* for the audit: a user's name; NULL: the command line */
	/* Of API tokens alone: less than what the user may.  One for some services is
	 * no admin's. */
	bool has_role;
	enum users_role role;
	const struct roles_globs *services; /* NULL: the user's */
};

struct tokens_row {
	const char *id;
	enum tokens_kind kind;
	const char *name;
	const char *created_by; /* a user's name, NULL: the command line */
	int64_t created_ms, expires_ms, revoked_ms; /* revoked_ms 0: not revoked */
	int64_t max_uses, uses;                     /* max_uses 0: any number */
	const char *host_glob;                      /* "": any host */
	struct host_list_label *labels;             /* by key; their host_id is 0 */
	size_t label_count;
	const char *role;     /* NULL: the user's */
	const char *services; /* JSON; NULL: the user's */
	int64_t used_ms;      /* of API tokens; 0: never */
};

enum tokens_fate {
	TOKENS_GOOD,
	TOKENS_UNKNOWN, /* no such id, or the secret is wrong: nobody learns which */
	TOKENS_EXPIRED,
	TOKENS_REVOKED,
	TOKENS_USED_UP,
	TOKENS_ELSEWHERE, /* the host's name does not fit */
};

/* Makes a token.  *secret is in the arena and known to nobody else.  ERR_INPUT names
 * the option that is out of bounds. */
bool tokens_create(struct db *db, const struct tokens_options *options, struct arena *a,
	struct tokens_row *row, const char **secret, struct err *e);

/* Newest first, up to `limit` behind the row (after_ms, after_id); after_id NULL:
 * from the start. */
bool tokens_list(struct db *db, int64_t after_ms, const char *after_id, int limit,
	struct arena *a, struct tokens_row **rows, size_t *count, struct err *e);

struct tokens_revocation {
	const char *id;
	int64_t now_ms;
	struct audit_actor actor; /* name NULL: the command line */
	bool agents; /* also the agents that came with it and are not revoked */
};

/* *row is NULL when there is no such token; *agents is how many were revoked with it.
 * Revoking twice keeps the first time. */
bool tokens_revoke(struct db *db, const struct tokens_revocation *revocation,
	struct arena *a, struct tokens_row **row, size_t *agents, struct err *e);

/* What a host shows to be let in. */
struct tokens_claim {
	const char *id, *secret, *hostname;
	int64_t now_ms;
};

/* Spends one use of a join token.  The secret is compared in constant time, then the
 * use is counted in one statement that also checks expiry, revocation and count, so
 * that max_uses hosts can enrol, and never one more.  Inside a transaction that is
 * rolled back the use is not spent. */
bool tokens_use(struct db *db, const struct tokens_claim *claim, enum tokens_fate *fate,
	struct err *e);

/* What tokens_use would say now; nothing is spent. */
bool tokens_look(struct db *db, const struct tokens_claim *claim, struct arena *a,
	enum tokens_fate *fate, struct err *e);

/* The host of an agent that was let in gets the token's labels, as far as it may have
 * any more; what it has beside them stays. */
bool tokens_give_labels(struct db *db, const char *id, int32_t agent_id, struct err *e);

/* "unknown token", "the token has expired", ...: safe to tell the bearer. */
const char *tokens_fate_text(enum tokens_fate fate);

/* "join", "api" */
const char *tokens_kind_name(enum tokens_kind kind);

/* Who calls with an API token, and what it may: its user's role or a lesser one, and
 * limited to services when either of them is (roles_limit). */
struct tokens_user {
	int64_t user_id;
	const char *user, *role;
	bool is_limited;
	const char *services; /* JSON; NULL: all */
};

/* Checks an API token, and notes its use once a minute; *user is filled when *fate is
 * TOKENS_GOOD. */
bool tokens_check_api(struct db *db, const char *id, const char *secret, int64_t now_ms,
	struct arena *a, struct tokens_user *user, enum tokens_fate *fate,
	struct err *e);

/* "tma1.<id>.<secret>", and its parts again; false when it is no such text. */
const char *tokens_api_text(struct arena *a, const char *id, const char *secret);
bool tokens_api_parse(
	const char *text, struct arena *a, const char **id, const char **secret);

#endif
