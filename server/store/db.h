/*
 * Db: one connection to PostgreSQL and its prepared statements.
 *
 * Every statement is a file of schema/sql/query, named by enum sql_query, and is
 * prepared on first use.  A connection belongs to one thread at a time.  When the
 * server goes away, the call in hand fails with ERR_IO and the next call
 * reconnects by itself (outside a transaction); statements are prepared again.
 * Errors: ERR_IO for a lost or refused connection, a cancelled statement and lack
 * of resources (retry later); ERR_INPUT for data that the schema refuses.  Texts
 * name the query, never its SQL.
 *
 * Rows are read by column name in server/store only, and become structs there.
 */
#ifndef TIDEMARK_SERVER_STORE_DB_H
#define TIDEMARK_SERVER_STORE_DB_H

#include "common/arena.h"
#include "common/buf.h"
#include "common/err.h"
#include "sql.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

struct db;

struct db_options {
	const char *uri;              /* libpq connection string */
	const char *application_name; /* "tidemark ingest" */
	int64_t statement_timeout_ms; /* 0: none */
	int connect_timeout_s;        /* 0: 5; at least 2, says libpq */
	int64_t answer_timeout_ms;    /* even of a server that is frozen; 0: none */
	const char *role;             /* to become, when we may (roles.h); NULL: none */
	bool role_is_needed;          /* else it does not connect */
	bool plans_once; /* one plan per query, whatever its arguments; for few kinds of
			    queries that are asked all the time */
};

/* Does not connect yet; the first call does. */
struct db *db_create(const struct db_options *options);
void db_destroy(struct db *db);

/* As it was made; the texts live as long as it. */
struct db_options db_get_options(const struct db *db);

/* One thing that belongs to a connection and is destroyed with it: shards.h. */
void *db_companion(const struct db *db);
void db_set_companion(struct db *db, void *companion, void (*destroy)(void *));

/* For the end, from another thread: cuts the connection, so that a call which waits for
 * a database that is frozen fails, and so does every later one. */
void db_shut(struct db *db);

/* Waits for the end of the thread that uses this connection, and shuts it when that
 * takes longer than the grace. */
void db_join(struct db *db, pthread_t thread, int64_t grace_ms);

/* Connects if needed: to find out whether the database is there. */
bool db_ready(struct db *db, struct err *e);

/* Parameters of one query, in order $1..$n.  Text form; values are copied. */
enum { DB_PARAMETERS_MAX = 24 };

struct db_args {
	int count;
	const char *value[DB_PARAMETERS_MAX];
	struct arena *arena;
};

void db_args_init(struct db_args *args, struct arena *a);
void db_arg_int(struct db_args *args, int64_t value);
void db_arg_double(struct db_args *args, double value); /* not finite: NULL */
void db_arg_bool(struct db_args *args, bool value);
void db_arg_text(struct db_args *args, const char *text); /* NULL: SQL NULL */
void db_arg_bytes(struct db_args *args, const void *bytes, size_t length);
void db_arg_time(struct db_args *args, int64_t unix_ms);         /* timestamptz */
void db_arg_time_or_null(struct db_args *args, int64_t unix_ms); /* 0: NULL */
void db_arg_null(struct db_args *args);
void db_arg_ints(struct db_args *args, const int64_t *values, size_t count); /* array */
/* The same, with NULL where has[i] is false. */
void db_arg_ints_or_null(
	struct db_args *args, const int64_t *values, const bool *has, size_t count);
/* An array; NULL pointers are SQL NULL. */
void db_arg_texts(struct db_args *args, const char *const *values, size_t count);

/* A result; owned by the caller, db_rows_finish frees it.  Zeroed: empty. */
struct db_rows {
	void *result;
	int count;    /* rows returned */
	int affected; /* rows changed, for INSERT, UPDATE, DELETE */
};

/* Runs a query.  `rows` may be NULL when nothing is to be read. */
bool db_query(struct db *db, enum sql_query query, const struct db_args *args,
	struct db_rows *rows, struct err *e);

/* Runs a query of which much is read: its results come binary, and lie in `rows` as
 * they are.  `columns`, when it is not NULL, stands for each `(columns)` in a comment
 * in the query's text (names of metric.def, never data); such a query is planned each
 * time, another one once: the partitions that it needs are found when it runs. */
bool db_query_binary(struct db *db, enum sql_query query, const char *columns,
	const struct db_args *args, struct db_rows *rows, struct err *e);

void db_rows_finish(struct db_rows *rows);
#define scoped_rows __attribute__((cleanup(db_rows_finish)))

/* A column that the query does not return is a bug.  NULL reads as 0, "", false. */
bool db_is_null(const struct db_rows *rows, int row, const char *column);
int64_t db_int(const struct db_rows *rows, int row, const char *column);
double db_double(const struct db_rows *rows, int row, const char *column);
bool db_bool(const struct db_rows *rows, int row, const char *column);
const char *db_text(const struct db_rows *rows, int row, const char *column);
char *db_text_copy(
	const struct db_rows *rows, int row, const char *column, struct arena *a);
int64_t db_time(
	const struct db_rows *rows, int row, const char *column); /* unix ms, NULL: 0 */
/* Raw bytes of a bytea column, in the arena. */
const uint8_t *db_bytes(const struct db_rows *rows, int row, const char *column,
	struct arena *a, size_t *length);
/* An int8[] column; *is_null[i] marks NULL elements (may be NULL). */
int64_t *db_ints(const struct db_rows *rows, int row, const char *column,
	struct arena *a, size_t *count, bool **is_null);

/* Of results that are binary, by the number of the column, for loops over many rows:
 * int2, int4, int8; timestamptz; bytea as it lies in the rows. */
int db_find(const struct db_rows *rows, const char *column);
bool db_int_at(const struct db_rows *rows, int row, int number, int64_t *value);
int64_t db_time_at(const struct db_rows *rows, int row, int number);
/* The first elements of an int4[] or int8[], at most `room`: how many.  NULL: 0. */
size_t db_ints_at(
	const struct db_rows *rows, int row, int number, int64_t *out, size_t room);
const void *db_blob_at(const struct db_rows *rows, int row, int number, size_t *length);

/* Runs a script of our own, such as a migration; `what` names it in errors.  Never
 * with anything in it that came from outside. */
bool db_script(struct db *db, const char *text, const char *what, struct err *e);

bool db_begin(struct db *db, struct err *e);
bool db_commit(struct db *db, struct err *e); /* false: not known to be committed */
void db_rollback(struct db *db);

/* COPY ... FROM STDIN (FORMAT binary): `table (columns)` comes from our own tables,
 * never from data.  `bytes` is the whole stream, header and trailer included. */
bool db_copy_in(struct db *db, const char *table_and_columns, const struct buf *bytes,
	struct err *e);

/* NOTIFY and LISTEN.  Channels are ours: letters only. */
bool db_notify(struct db *db, const char *channel, const char *payload, struct err *e);
bool db_listen(struct db *db, const char *channel, struct err *e);
/* Waits up to timeout_ms for one notification.  *payload is NULL when none came; else
 * it is in the arena.  After a reconnect, listens again and delivers "resync" once. */
bool db_wait(struct db *db, int64_t timeout_ms, struct arena *a, char **payload,
	struct err *e);
/* Whether some connection has become the owner, as a role that was made is gone. */
bool db_lost_role(void);
bool db_is_connected(const struct db *db); /* as far as the last call has shown */
int db_socket(const struct db *db);        /* for poll, or -1 */

#endif
