#include "server/store/db_copy.h"

#include "common/clock.h"
#include "server/store/db_inside.h"

#include <endian.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

enum { DB_FIELDS_MAX = 80 };

/* 2000-01-01 in Unix time: the zero of PostgreSQL's clock, which counts µs. */
#define DB_EPOCH_MS INT64_C(946684800000)

static bool db_copy_send(struct db *db, const struct buf *bytes, struct err *e)
{
	enum { PIECE = 1 << 18 };
	for (size_t at = 0; at < bytes->length; at += PIECE) {
		size_t left = bytes->length - at;
		int piece = left < PIECE ? (int)left : PIECE;
		if (PQputCopyData(db->conn, bytes->data + at, piece) != 1)
			return db_failed(db, NULL, "copy", e);
	}
	if (PQputCopyEnd(db->conn, NULL) != 1)
		return db_failed(db, NULL, "copy", e);
	return true;
}

bool db_copy_in(struct db *db, const char *table_and_columns, const struct buf *bytes,
	struct err *e)
{
	if (!db_ready(db, e))
		return false;
	struct buf text = {0};
	buf_printf(&text, "COPY %s FROM STDIN (FORMAT binary)", table_and_columns);
	PGresult *result = PQexec(db->conn, text.data);
	buf_finish(&text);
	bool ok = PQresultStatus(result) == PGRES_COPY_IN;
	if (!ok)
		db_failed(db, result, "copy", e);
	PQclear(result);
	if (!ok)
		return false;
	ok = db_copy_send(db, bytes, e);
	/* The server's own reason, read last, says more than a failed send. */
	while ((result = PQgetResult(db->conn))) {
		if (PQresultStatus(result) != PGRES_COMMAND_OK)
			ok = db_failed(db, result, "copy", e);
		PQclear(result);
		if (PQstatus(db->conn) != CONNECTION_OK)
			break;
	}
	return ok;
}

/* Takes one row off the front of a COPY's message.  False: it is not whole. */
static bool db_take_fields(const unsigned char **at, const unsigned char *end,
	struct db_field *fields, int *count)
{
	uint16_t columns;
	if (end - *at < (ptrdiff_t)sizeof columns)
		return false;
	memcpy(&columns, *at, sizeof columns);
	*at += sizeof columns;
	*count = (int16_t)be16toh(columns);
	if (*count > DB_FIELDS_MAX)
		return false;
	for (int i = 0; i < *count; i++) {
		uint32_t length;
		if (end - *at < (ptrdiff_t)sizeof length)
			return false;
		memcpy(&length, *at, sizeof length);
		*at += sizeof length;
		fields[i] = (struct db_field){*at, (int32_t)be32toh(length)};
		if (fields[i].length > end - *at)
			return false;
		*at += fields[i].length > 0 ? fields[i].length : 0;
	}
	return true;
}

/* A message holds whole rows; the first one begins with a header, the last one is -1.
 */
static bool db_take_message(const char *bytes, int length, bool first,
	db_take_row *take, void *context, struct err *e)
{
	enum { HEADER = 19 }; /* "PGCOPY...", flags, no extension */
	const unsigned char *at = (const unsigned char *)bytes, *end = at + length;
	struct db_field fields[DB_FIELDS_MAX];
	int count = 0;
	if (first)
		at += length < HEADER ? length : HEADER;
	while (at < end) {
		if (!db_take_fields(&at, end, fields, &count))
			return err_set(e, ERR_IO, "database: copy: a row is cut off");
		if (count >= 0 && !take(context, fields, count, e))
			return false;
	}
	return true;
}

static void db_cancel(struct db *db)
{
	char ignored[256];
	PGcancel *cancel = PQgetCancel(db->conn);
	if (cancel)
		PQcancel(cancel, ignored, sizeof ignored);
	PQfreeCancel(cancel);
}

/* The next message: its length, 0 at the end, -1 when the connection is of no use. */
static int db_copy_next(struct db *db, char **bytes)
{
	int64_t deadline_ms = clock_mono_ms() + db->answer_timeout_ms;
	if (!db->answer_timeout_ms) {
		int n = PQgetCopyData(db->conn, bytes, 0);
		return n == -1 ? 0 : n;
	}
	for (;;) {
		int n = PQgetCopyData(db->conn, bytes, 1);
		if (n != 0)
			return n == -1 ? 0 : n;
		int64_t left_ms = deadline_ms - clock_mono_ms();
		struct pollfd p = {.fd = PQsocket(db->conn), .events = POLLIN};
		if (left_ms <= 0 || p.fd < 0) {
			db->late = true;
			if (p.fd >= 0)
				shutdown(p.fd, SHUT_RDWR);
			return -1;
		}
		if (poll(&p, 1, (int)left_ms) > 0 && !PQconsumeInput(db->conn))
			return -1;
	}
}

/* All rows; after a refusal the rest is read and forgotten. */
static bool db_copy_rows(struct db *db, db_take_row *take, void *context, struct err *e)
{
	bool ok = true, first = true;
	char *bytes = NULL;
	int length;
	while ((length = db_copy_next(db, &bytes)) > 0) {
		if (ok && !db_take_message(bytes, length, first, take, context, e)) {
			ok = false;
			db_cancel(db);
		}
		first = false;
		PQfreemem(bytes);
	}
	bool lost = length < 0;
	if (ok && lost)
		ok = db_failed(db, NULL, "copy", e);
	PGresult *result;
	while (!lost && (result = PQgetResult(db->conn))) {
		if (ok && PQresultStatus(result) != PGRES_COMMAND_OK)
			ok = db_failed(db, result, "copy", e);
		PQclear(result);
	}
	return ok;
}

bool db_copy_out(struct db *db, const char *select, db_take_row *take, void *context,
	struct err *e)
{
	if (!db_ready(db, e))
		return false;
	struct buf text = {0};
	buf_printf(&text, "COPY (%s) TO STDOUT (FORMAT binary)", select);
	PGresult *result = db_collect(db, PQsendQuery(db->conn, text.data));
	buf_finish(&text);
	bool ok = PQresultStatus(result) == PGRES_COPY_OUT;
	if (!ok)
		db_failed(db, result, "copy", e);
	PQclear(result);
	return ok && db_copy_rows(db, take, context, e);
}

int64_t db_field_int(const struct db_field *field)
{
	uint64_t value = field->bytes[0] & 0x80 ? UINT64_MAX : 0;
	BUG_ON(field->length < 1 || field->length > 8);
	for (int i = 0; i < field->length; i++)
		value = value << 8 | field->bytes[i];
	return (int64_t)value;
}

int64_t db_field_time(const struct db_field *field)
{
	int64_t us = db_field_int(field);
	return DB_EPOCH_MS + (us - (us % 1000 + 1000) % 1000) / 1000;
}
