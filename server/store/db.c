#include "server/store/db_inside.h"

#include "common/clock.h"
#include "common/log.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

enum { DB_CONNECT_TIMEOUT_S = 5 };

static void db_discard_notice(void *context, const char *message)
{
	(void)context;
	(void)message;
}

struct db *db_create(const struct db_options *options)
{
	struct db *db = calloc(1, sizeof *db);
	BUG_ON(!db);
	db->uri = strdup(options->uri);
	db->application_name = strdup(options->application_name);
	db->role = options->role ? strdup(options->role) : NULL;
	BUG_ON(!db->uri || !db->application_name || (options->role && !db->role));
	db->role_is_needed = options->role_is_needed;
	db->statement_timeout_ms = options->statement_timeout_ms;
	db->connect_timeout_s = options->connect_timeout_s ? options->connect_timeout_s
							   : DB_CONNECT_TIMEOUT_S;
	db->answer_timeout_ms = options->answer_timeout_ms;
	db->plans_once = options->plans_once;
	db->shut_fd = -1;
	pthread_mutex_init(&db->lock, NULL);
	return db;
}

struct db_options db_get_options(const struct db *db)
{
	return (struct db_options){
		.uri = db->uri,
		.application_name = db->application_name,
		.statement_timeout_ms = db->statement_timeout_ms,
		.connect_timeout_s = db->connect_timeout_s,
		.answer_timeout_ms = db->answer_timeout_ms,
		.role = db->role,
		.role_is_needed = db->role_is_needed,
	};
}

void *db_companion(const struct db *db)
{
	return db->companion;
}

void db_set_companion(struct db *db, void *companion, void (*destroy)(void *))
{
	BUG_ON(db->companion);
	db->companion = companion;
	db->destroy_companion = destroy;
}

/* Tells db_shut which connection there is; false when it was shut already. */
static bool db_publish(struct db *db, int fd)
{
	pthread_mutex_lock(&db->lock);
	bool ok = !db->shut;
	db->shut_fd = fd;
	pthread_mutex_unlock(&db->lock);
	return ok;
}

void db_shut(struct db *db)
{
	pthread_mutex_lock(&db->lock);
	db->shut = true;
	if (db->shut_fd >= 0)
		shutdown(db->shut_fd, SHUT_RDWR);
	pthread_mutex_unlock(&db->lock);
}

void db_join(struct db *db, pthread_t thread, int64_t grace_ms)
{
	struct timespec until;
	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += grace_ms / 1000;
	until.tv_nsec += grace_ms % 1000 * 1000000;
	if (until.tv_nsec >= 1000000000) {
		until.tv_nsec -= 1000000000;
		until.tv_sec++;
	}
	if (pthread_timedjoin_np(thread, NULL, &until) == 0)
		return;
	db_shut(db);
	pthread_join(thread, NULL);
}

static void db_disconnect(struct db *db)
{
	db_publish(db, -1);
	PQfinish(db->conn);
	db->conn = NULL;
	db->late = false;
	memset(db->prepared, 0, sizeof db->prepared);
	db->plans = db->plans_once ? DB_PLANS_UNKNOWN : DB_PLANS_AUTO;
	db->resync = db->channel_count > 0;
}

void db_destroy(struct db *db)
{
	if (!db)
		return;
	if (db->companion)
		db->destroy_companion(db->companion);
	db_disconnect(db);
	pthread_mutex_destroy(&db->lock);
	for (int i = 0; i < db->channel_count; i++)
		free(db->channels[i]);
	free(db->uri);
	free(db->application_name);
	free(db->role);
	free(db);
}

/* Only what the data itself is to blame for is ERR_INPUT.  A missing table or right,
 * a deadlock, a full disk say nothing against the data: those are retried. */
static enum err_kind db_kind(const char *sqlstate)
{
	static const char *const input[] = {"22", "23", "54", "P0"};
	for (size_t i = 0; sqlstate && i < sizeof input / sizeof *input; i++)
		if (strncmp(sqlstate, input[i], 2) == 0)
			return ERR_INPUT;
	return ERR_IO;
}

/* libpq ends its messages with newlines and puts several lines into one. */
static void db_one_line(char *out, size_t size, const char *message)
{
	snprintf(out, size, "%s", message && *message ? message : "no reason given");
	for (size_t n = strlen(out); n > 0 && out[n - 1] == '\n'; n--)
		out[n - 1] = 0;
	for (char *c = out; *c; c++)
		if (*c == '\n' || *c == '\t')
			*c = ' ';
}

bool db_failed(struct db *db, const PGresult *result, const char *what, struct err *e)
{
	char reason[400];
	const char *sqlstate = result ? PQresultErrorField(result, PG_DIAG_SQLSTATE)
				      : NULL;
	const char *primary = result ? PQresultErrorField(
					       result, PG_DIAG_MESSAGE_PRIMARY)
				     : NULL;
	db_one_line(
		reason, sizeof reason, primary ? primary : PQerrorMessage(db->conn));
	if (db->late)
		snprintf(reason, sizeof reason, "no answer within %lld ms",
			(long long)db->answer_timeout_ms);
	return err_set(e, db_kind(sqlstate), "database: %s: %s", what, reason);
}

/* Whether the answer is there in time.  A connection whose answer is late is of no use
 * any more: the next question would get it. */
static bool db_await(struct db *db)
{
	int64_t deadline_ms = clock_mono_ms() + db->answer_timeout_ms;
	while (db->answer_timeout_ms && !db->late && PQisBusy(db->conn)) {
		int64_t left_ms = deadline_ms - clock_mono_ms();
		struct pollfd p = {.fd = PQsocket(db->conn), .events = POLLIN};
		if (left_ms <= 0 || p.fd < 0) {
			db->late = true;
			if (p.fd >= 0)
				shutdown(p.fd, SHUT_RDWR);
		} else if (poll(&p, 1, (int)left_ms) > 0 && !PQconsumeInput(db->conn)) {
			break;
		}
	}
	return !db->late;
}

PGresult *db_collect(struct db *db, bool sent)
{
	PGresult *kept = NULL, *next;
	bool failed = false;
	while (sent && db_await(db) && (next = PQgetResult(db->conn))) {
		if (failed) {
			PQclear(next);
			continue;
		}
		PQclear(kept);
		kept = next;
		failed = PQresultStatus(kept) == PGRES_FATAL_ERROR;
		if (PQresultStatus(kept) == PGRES_COPY_IN ||
			PQresultStatus(kept) == PGRES_COPY_OUT)
			break;
	}
	if (db->late) {
		PQclear(kept);
		kept = NULL;
	}
	return kept;
}

/* Runs text of our own, outside any prepared statement. */
static bool db_exec(struct db *db, const char *text, const char *what, struct err *e)
{
	PGresult *result = db_collect(db, PQsendQuery(db->conn, text));
	ExecStatusType status = PQresultStatus(result);
	bool ok = status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK;
	if (!ok)
		db_failed(db, result, what, e);
	PQclear(result);
	return ok;
}

static bool db_exec_listen(struct db *db, const char *channel, struct err *e)
{
	char text[64];
	snprintf(text, sizeof text, "LISTEN %s", channel);
	return db_exec(db, text, "listen", e);
}

static atomic_bool db_role_is_lost;

bool db_lost_role(void)
{
	return atomic_load(&db_role_is_lost);
}

/* The rows that a text of our own returns; negative: it failed. */
static int db_count(struct db *db, const char *text, struct err *e)
{
	PGresult *result = db_collect(db, PQsendQuery(db->conn, text));
	bool ok = PQresultStatus(result) == PGRES_TUPLES_OK;
	int count = ok ? PQntuples(result) : -1;
	if (!ok)
		db_failed(db, result, "session settings", e);
	PQclear(result);
	return count;
}

/* Without the role.  Said once: connections come and go. */
static bool db_be_owner(struct db *db, struct err *e)
{
	int known = db_count(db,
		"SELECT FROM pg_class WHERE oid = to_regclass('access_state') "
		"AND has_table_privilege(oid, 'SELECT')",
		e);
	if (known > 0)
		known = db_count(db, "SELECT FROM access_state", e);
	if (known > 0 && !atomic_exchange(&db_role_is_lost, true))
		log_warn("database: the role %s is gone or has lost its rights: what "
			 "worked as it works as the owner of the tables; a restart "
			 "makes it anew, or says how",
			db->role);
	return known >= 0;
}

/* The role is one of ours, and says what this part may do.  One that was made for
 * another database of the same cluster has no rights here. */
static bool db_take_role(struct db *db, struct err *e)
{
	char text[400];
	if (!db->role)
		return true;
	snprintf(text, sizeof text,
		"SELECT set_config('role', rolname, false) FROM pg_roles "
		"WHERE rolname = '%s' AND pg_has_role(oid, 'MEMBER') "
		"AND has_table_privilege(oid, to_regclass('service'), 'SELECT')",
		db->role);
	int taken = db_count(db, text, e);
	if (taken != 0)
		return taken > 0;
	if (db->role_is_needed)
		return err_set(e, ERR_IO,
			"the database has no role %s for this program: an "
			"administrator runs tidemark-server roles",
			db->role);
	return db_be_owner(db, e);
}

/* The server's side looks for us as we look for it: a machine that is gone would hold
 * its locks, and with them all who write or lead after it, for hours. */
static bool db_settle(struct db *db, struct err *e)
{
	char text[400];
	snprintf(text, sizeof text,
		"SET timezone = 'UTC'; SET datestyle = 'ISO'; SET intervalstyle = "
		"'postgres';"
		"SET bytea_output = 'hex'; SET jit = off; "
		"SET tcp_keepalives_idle = 10; SET tcp_keepalives_interval = 5; "
		"SET tcp_keepalives_count = 3; SET statement_timeout = %lld",
		(long long)db->statement_timeout_ms);
	if (!db_exec(db, text, "session settings", e) || !db_take_role(db, e))
		return false;
	for (int i = 0; i < db->channel_count; i++)
		if (!db_exec_listen(db, db->channels[i], e))
			return false;
	return true;
}

static bool db_connect(struct db *db, struct err *e)
{
	char timeout[16];
	snprintf(timeout, sizeof timeout, "%d", db->connect_timeout_s);
	/* What stands before the URI is a default that it may override. */
	const char *const keywords[] = {"connect_timeout", "tcp_user_timeout",
		"keepalives_idle", "keepalives_interval", "keepalives_count", "dbname",
		"application_name", "client_encoding", NULL};
	const char *const values[] = {timeout, "15000", "10", "5", "3", db->uri,
		db->application_name, "UTF8", NULL};
	if (!db_publish(db, -1))
		return err_set(e, ERR_IO, "database: connect: stopping");
	db->conn = PQconnectdbParams(keywords, values, 1);
	BUG_ON(!db->conn);
	PQsetNoticeProcessor(db->conn, db_discard_notice, NULL);
	bool ok = PQstatus(db->conn) == CONNECTION_OK;
	if (!ok)
		db_failed(db, NULL, "connect", e);
	else if (!db_publish(db, PQsocket(db->conn)))
		ok = err_set(e, ERR_IO, "database: connect: stopping");
	else
		ok = db_settle(db, e);
	if (!ok)
		db_disconnect(db);
	return ok;
}

/* Whether the server has closed its end while nothing was asked of it. */
static bool db_hung_up(struct db *db)
{
	struct pollfd p = {.fd = PQsocket(db->conn), .events = POLLRDHUP};
	return p.fd < 0 || (poll(&p, 1, 0) > 0 && p.revents != 0);
}

bool db_ready(struct db *db, struct err *e)
{
	bool lost = !db->conn || db->late || PQstatus(db->conn) != CONNECTION_OK;
	if (db->in_transaction)
		return !lost ||
		       err_set(e, ERR_IO, "database: connection lost in a transaction");
	if (db->conn && (lost || db_hung_up(db)))
		db_disconnect(db);
	return db->conn || db_connect(db, e);
}

static bool db_prepare(struct db *db, enum sql_query query, struct err *e)
{
	if (db->prepared[query])
		return true;
	const char *name = sql_query_name[query];
	PGresult *result = db_collect(
		db, PQsendPrepare(db->conn, name, sql_query_text[query], 0, NULL));
	bool ok = PQresultStatus(result) == PGRES_COMMAND_OK;
	if (!ok) {
		/* A statement that does not fit the schema is never the data's fault.
		 */
		db_failed(db, result, name, e);
		e->kind = ERR_IO;
	}
	PQclear(result);
	db->prepared[query] = ok;
	return ok;
}

/* Told only when it changes. */
static bool db_use_plans(struct db *db, enum db_plans plans, struct err *e)
{
	static const char *const text[] = {
		[DB_PLANS_AUTO] = "SET plan_cache_mode = auto; SET enable_seqscan = on",
		[DB_PLANS_INDEX] = "SET plan_cache_mode = auto; "
				   "SET enable_seqscan = off",
		[DB_PLANS_GENERIC] = "SET plan_cache_mode = force_generic_plan; "
				     "SET enable_seqscan = off",
	};
	if (db->plans == plans)
		return true;
	const char *mode = plans == DB_PLANS_AUTO && db->plans_once
				   ? "SET plan_cache_mode = force_generic_plan; "
				     "SET enable_seqscan = on"
				   : text[plans];
	if (!db_exec(db, mode, "session settings", e))
		return false;
	db->plans = plans;
	return true;
}

/* What a query that was sent answers. */
static bool db_answer(struct db *db, enum sql_query query, bool sent,
	struct db_rows *rows, struct err *e)
{
	const char *name = sql_query_name[query];
	PGresult *result = db_collect(db, sent);
	ExecStatusType status = PQresultStatus(result);
	if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK) {
		db_failed(db, result, name, e);
		PQclear(result);
		return false;
	}
	if (!rows) {
		PQclear(result);
		return true;
	}
	rows->result = result;
	rows->count = PQntuples(result);
	rows->affected = atoi(PQcmdTuples(result));
	return true;
}

bool db_query(struct db *db, enum sql_query query, const struct db_args *args,
	struct db_rows *rows, struct err *e)
{
	if (!db_ready(db, e) || !db_prepare(db, query, e) ||
		!db_use_plans(db, DB_PLANS_AUTO, e))
		return false;
	int sent = PQsendQueryPrepared(db->conn, sql_query_name[query],
		args ? args->count : 0, args ? args->value : NULL, NULL, NULL, 0);
	return db_answer(db, query, sent, rows, e);
}

/* The query's text with `columns` in place of each mark. */
static void db_put_columns(struct buf *out, enum sql_query query, const char *columns)
{
	static const char mark[] = "/* (columns) */";
	const char *text = sql_query_text[query], *next;
	for (; (next = strstr(text, mark)); text = next + strlen(mark)) {
		buf_append(out, text, (size_t)(next - text));
		buf_text(out, columns);
	}
	buf_text(out, text);
}

bool db_query_binary(struct db *db, enum sql_query query, const char *columns,
	const struct db_args *args, struct db_rows *rows, struct err *e)
{
	if (!db_ready(db, e) ||
		!db_use_plans(db, columns ? DB_PLANS_INDEX : DB_PLANS_GENERIC, e))
		return false;
	if (columns) {
		struct buf text = {0};
		db_put_columns(&text, query, columns);
		int sent = PQsendQueryParams(db->conn, text.data, args->count, NULL,
			args->value, NULL, NULL, 1);
		buf_finish(&text);
		return db_answer(db, query, sent, rows, e);
	}
	if (!db_prepare(db, query, e))
		return false;
	int sent = PQsendQueryPrepared(db->conn, sql_query_name[query], args->count,
		args->value, NULL, NULL, 1);
	return db_answer(db, query, sent, rows, e);
}

bool db_script(struct db *db, const char *text, const char *what, struct err *e)
{
	return db_ready(db, e) && db_exec(db, text, what, e);
}

bool db_begin(struct db *db, struct err *e)
{
	BUG_ON(db->in_transaction);
	if (!db_ready(db, e) || !db_exec(db, "BEGIN", "begin", e))
		return false;
	db->in_transaction = true;
	return true;
}

bool db_commit(struct db *db, struct err *e)
{
	BUG_ON(!db->in_transaction);
	bool ok = db_ready(db, e);
	if (ok) {
		PGresult *result = db_collect(db, PQsendQuery(db->conn, "COMMIT"));
		/* COMMIT of a failed transaction succeeds, and says ROLLBACK. */
		ok = PQresultStatus(result) == PGRES_COMMAND_OK &&
		     strcmp(PQcmdStatus(result), "COMMIT") == 0;
		if (!ok)
			db_failed(db, result, "commit", e);
		PQclear(result);
	}
	db->in_transaction = false;
	if (!ok)
		db->plans = DB_PLANS_UNKNOWN;
	return ok;
}

void db_rollback(struct db *db)
{
	if (!db->in_transaction)
		return;
	db->plans = DB_PLANS_UNKNOWN;
	struct err ignored;
	if (db_ready(db, &ignored) && !db_exec(db, "ROLLBACK", "rollback", &ignored))
		db_disconnect(db);
	db->in_transaction = false;
}

static bool db_is_channel(const char *channel)
{
	size_t n = strspn(channel, "abcdefghijklmnopqrstuvwxyz");
	return n > 0 && n < 32 && channel[n] == 0;
}

bool db_notify(struct db *db, const char *channel, const char *payload, struct err *e)
{
	BUG_ON(!db_is_channel(channel));
	if (!db_ready(db, e))
		return false;
	const char *const values[] = {channel, payload};
	PGresult *result = PQexecParams(
		db->conn, "SELECT pg_notify($1, $2)", 2, NULL, values, NULL, NULL, 0);
	bool ok = PQresultStatus(result) == PGRES_TUPLES_OK;
	if (!ok)
		db_failed(db, result, "notify", e);
	PQclear(result);
	return ok;
}

bool db_listen(struct db *db, const char *channel, struct err *e)
{
	BUG_ON(!db_is_channel(channel));
	BUG_ON(db->channel_count == DB_CHANNELS_MAX);
	if (!db_ready(db, e) || !db_exec_listen(db, channel, e))
		return false;
	db->channels[db->channel_count] = strdup(channel);
	BUG_ON(!db->channels[db->channel_count]);
	db->channel_count++;
	return true;
}

/* Waits for the server to say something, at most until `deadline_ms`. */
static bool db_wait_input(struct db *db, int64_t deadline_ms, struct err *e)
{
	int64_t left = deadline_ms - clock_mono_ms();
	struct pollfd p = {.fd = PQsocket(db->conn), .events = POLLIN};
	int ready = poll(&p, 1, left > 0 ? (int)left : 0);
	if (ready < 0 && errno != EINTR)
		return err_errno(e, "database: poll");
	if (ready > 0 && !PQconsumeInput(db->conn))
		return db_failed(db, NULL, "wait", e);
	return true;
}

bool db_wait(struct db *db, int64_t timeout_ms, struct arena *a, char **payload,
	struct err *e)
{
	int64_t deadline_ms = clock_mono_ms() + timeout_ms;
	if (!db_ready(db, e))
		return false;
	*payload = NULL;
	if (db->resync) {
		db->resync = false;
		*payload = arena_strdup(a, "resync");
		return true;
	}
	for (bool looked = false;; looked = true) {
		PGnotify *notice = PQnotifies(db->conn);
		if (notice) {
			*payload = arena_strdup(a, notice->extra);
			PQfreemem(notice);
			return true;
		}
		if (looked && clock_mono_ms() >= deadline_ms)
			return true;
		if (!db_wait_input(db, deadline_ms, e))
			return false;
	}
}

bool db_is_connected(const struct db *db)
{
	return db->conn && PQstatus(db->conn) == CONNECTION_OK;
}

int db_socket(const struct db *db)
{
	return db->conn ? PQsocket(db->conn) : -1;
}
