/*
 * Call: one request on its way through a handler.
 *
 * A handler reads parameters from `query`, path and body, asks the store, and writes
 * its answer with `json`; or it fills `response` itself.  When it returns false the
 * answer becomes a problem: with the status that call_problem set, else by the kind
 * of the error (INPUT 400, BUSY and IO 503).  Errors of the database are logged and
 * told as "cannot answer now".
 *
 * Lives on the stack of the request's thread; everything it points to lives until the
 * answer is sent.
 */
#ifndef TIDEMARK_SERVER_API_CALL_H
#define TIDEMARK_SERVER_API_CALL_H

#include "common/arena.h"
#include "common/err.h"
#include "common/json.h"
#include "server/api/http.h"
#include "server/api/query.h"
#include "server/store/pool.h"
#include "server/store/users.h"

#include <stdbool.h>
#include <stdint.h>

struct api_shared;

enum {
	CALL_PAGE_DEFAULT = 100,
	CALL_PAGE_MAX = 1000,
	CALL_HEAVY_MAX = HTTP_THREADS / 2,
	CALL_STATEMENT_MS = 5000, /* a statement that takes longer is given up */
};

struct call {
	struct api_shared *shared;
	struct http_request *request;
	struct http_response *response;
	struct arena *arena;
	struct json json; /* writes the response's body */
	struct query query;
	const char *argument; /* what stands for {id} in the path */
	const char *key;      /* what stands for {key} behind it, as sent */
	int64_t now_ms;

	/* Who asks; user.name is NULL for nobody.  `session` is the cookie's value,
	 * NULL when the user came with an API token, which is then in `bearer`. */
	struct users_row user;
	const char *session, *bearer;

	struct db *db;       /* see call_db */
	struct db *own_db;   /* see call_own_db */
	const char *token;   /* id of the API token */
	int64_t turn_ms;     /* when call_take_turn was granted, monotonic; 0: not */
	int status;          /* of the problem; 0: by the error's kind */
	const char *pointer; /* into the body, for the problem */
};

/* A connection for this call, taken when first asked for; NULL with ERR_BUSY.  Of a
 * user who is limited to services it shows those alone: what else there is does not
 * exist. */
struct db *call_db(struct call *c, struct err *e);

/* A connection for what concerns the caller himself: who he is, his password and his
 * sessions.  Once call_db was asked it is that one, or of no use. */
struct db *call_own_db(struct call *c, struct err *e);

/* Who asks, as far as he has a share that others must be left, see clients.h; NULL for
 * those whom the server trusts. */
const char *call_client(const struct call *c);

/* 429 with Retry-After when the client has asked for too much. */
bool call_pay(struct call *c, int cost, struct err *e);

/* Before work that may keep this thread for seconds: at most CALL_HEAVY_MAX calls do so
 * at once, and a thread rests after one that took long, so that threads remain for all
 * others.  503 with Retry-After when there is no turn; costs CLIENTS_HEAVY. */
bool call_take_turn(struct call *c, struct err *e);

/* Whether the turn has lasted so long that a statement may have been given up. */
bool call_was_slow(const struct call *c);

/* Gives back the connection and the turn. */
void call_finish(struct call *c);

/* Always false: the answer is a problem with this status and text. */
bool call_problem(struct call *c, int status, struct err *e, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

/* The {id} of the path; 404 when it cannot be one. */
bool call_id(struct call *c, const char *what, int64_t *id, struct err *e);

/* The {id} of a path below /services/{id}: takes a connection, and is 404 when there is
 * no such service, so that an empty list means that it has none. */
bool call_service(struct call *c, int64_t *id, struct err *e);

/* 404: "no alert has the id 7". */
bool call_missing(struct call *c, const char *what, struct err *e);

/* ?after= of a list that ids alone order; 0 when absent. */
bool call_after_id(struct call *c, int64_t *id, struct err *e);

/* ?after= of a list by time and id, "<unix ms> <id>"; *id is 0 when absent. */
bool call_after_time(struct call *c, int64_t *at_ms, int64_t *id, struct err *e);

/* "calm", "normal" or "eager" in a body's member "sensitivity". */
bool call_sensitivity(
	struct call *c, const char *text, const char **sensitivity, struct err *e);

/* ?limit=, plus one, so that the store shows whether there is more. */
bool call_limit(struct call *c, int *limit_and_one, struct err *e);

/* The page's items are `count` rows, read with `limit_and_one`: how many to write. */
size_t call_page_size(size_t count, int limit_and_one);

/* Around the items of a page: {"items":[ ... ],"next":"..."}.  `last` says where the
 * next page begins; NULL: there is none. */
void call_items_begin(struct call *c);
void call_items_end(struct call *c, const char *last);

#endif
