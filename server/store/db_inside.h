/*
 * The inside of db.h: what its files share.
 */
#ifndef TIDEMARK_SERVER_STORE_DB_INSIDE_H
#define TIDEMARK_SERVER_STORE_DB_INSIDE_H

#include "server/store/db.h"

#include <libpq-fe.h>
#include <pthread.h>

enum { DB_CHANNELS_MAX = 4 };

/* How the server plans.  It knows nothing of hot rows, which are never analysed, and
 * would rather read all of them than ask their index. */
enum db_plans {
	DB_PLANS_AUTO,    /* as it finds best: the default of a session */
	DB_PLANS_INDEX,   /* by an index when there is any */
	DB_PLANS_GENERIC, /* the same, and once for any parameters */
	DB_PLANS_UNKNOWN, /* never told, or a rollback took that back */
};

struct db {
	PGconn *conn; /* NULL: not connected */
	char *uri, *application_name, *role;
	bool role_is_needed;
	int64_t statement_timeout_ms;
	int connect_timeout_s;
	int64_t answer_timeout_ms;
	bool plans_once;
	bool late; /* it did not answer in that time */
	bool prepared[SQL_QUERY_COUNT + 1];
	enum db_plans plans; /* what the session was told last */
	bool in_transaction; /* as the caller sees it, even when the connection is lost
			      */
	char *channels[DB_CHANNELS_MAX];
	int channel_count;
	void *companion;
	void (*destroy_companion)(void *);
	bool resync; /* notifications may have been missed */

	pthread_mutex_t lock; /* guards what db_shut uses from another thread */
	int shut_fd;          /* the connection's descriptor, or -1 */
	bool shut;
};

/* Always false: with the reason that `result`, or else the connection, gives. */
bool db_failed(struct db *db, const PGresult *result, const char *what, struct err *e);

/* The last result of what was just sent, or the first error; NULL: the connection is
 * lost, or its answer late. */
PGresult *db_collect(struct db *db, bool sent);

#endif
