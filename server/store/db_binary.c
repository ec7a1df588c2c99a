#include "server/store/db.h"

#include <endian.h>
#include <libpq-fe.h>
#include <string.h>

enum { DB_ARRAY_HEAD = 20 }; /* dimensions, flags, type, elements, first index */

/* PostgreSQL counts microseconds from 2000-01-01. */
#define DB_EPOCH_MS INT64_C(946684800000)

int db_find(const struct db_rows *rows, const char *column)
{
	int number = PQfnumber(rows->result, column);
	BUG_ON(number < 0 || PQfformat(rows->result, number) != 1);
	return number;
}

static int64_t db_be(const char *bytes, int length)
{
	uint16_t two;
	uint32_t four;
	uint64_t eight;
	switch (length) {
	case 1:
		return bytes[0] != 0;
	case 2:
		memcpy(&two, bytes, sizeof two);
		return (int16_t)be16toh(two);
	case 4:
		memcpy(&four, bytes, sizeof four);
		return (int32_t)be32toh(four);
	case 8:
		memcpy(&eight, bytes, sizeof eight);
		return (int64_t)be64toh(eight);
	}
	BUG_ON(true);
}

bool db_int_at(const struct db_rows *rows, int row, int number, int64_t *value)
{
	*value = 0;
	if (PQgetisnull(rows->result, row, number))
		return false;
	*value = db_be(PQgetvalue(rows->result, row, number),
		PQgetlength(rows->result, row, number));
	return true;
}

size_t db_ints_at(
	const struct db_rows *rows, int row, int number, int64_t *out, size_t room)
{
	const char *at = PQgetvalue(rows->result, row, number);
	if (PQgetlength(rows->result, row, number) < DB_ARRAY_HEAD)
		return 0; /* NULL, or empty */
	BUG_ON(db_be(at, 4) != 1);
	size_t count = (size_t)db_be(at + 12, 4);
	at += DB_ARRAY_HEAD;
	for (size_t i = 0; i < count && i < room; i++) {
		int length = (int)db_be(at, 4);
		at += 4;
		out[i] = length < 0 ? 0 : db_be(at, length);
		at += length < 0 ? 0 : length;
	}
	return count < room ? count : room;
}

int64_t db_time_at(const struct db_rows *rows, int row, int number)
{
	int64_t us;
	if (!db_int_at(rows, row, number, &us))
		return 0;
	if (us == INT64_MAX || us == INT64_MIN)
		return us;
	int64_t ms = us / 1000 - (us % 1000 < 0);
	return ms + DB_EPOCH_MS;
}

const void *db_blob_at(const struct db_rows *rows, int row, int number, size_t *length)
{
	*length = (size_t)PQgetlength(rows->result, row, number);
	return PQgetisnull(rows->result, row, number)
		       ? NULL
		       : PQgetvalue(rows->result, row, number);
}
