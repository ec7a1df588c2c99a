#include "server/store/db.h"

#include <endian.h>
#include <libpq-fe.h>
#include <string.h>

/* PostgreSQL counts microseconds from 2000-01-01. */
#define DB_EPOCH_MS INT64_C(946684800000)

int db_find(const struct db_rows *rows, const char *column)
{
	int number = PQfnumber(rows->result, column);
	BUG_ON(number < 0 || PQfformat(rows->result, number) != 1);
	return number;
}

bool db_int_at(const struct db_rows *rows, int row, int number, int64_t *value)
{
	uint16_t two;
	uint32_t four;
	uint64_t eight;
	const char *bytes = PQgetvalue(rows->result, row, number);
	*value = 0;
	if (PQgetisnull(rows->result, row, number))
		return false;
	switch (PQgetlength(rows->result, row, number)) {
	case 1:
		*value = bytes[0] != 0;
		return true;
	case 2:
		memcpy(&two, bytes, sizeof two);
		*value = (int16_t)be16toh(two);
		return true;
	case 4:
		memcpy(&four, bytes, sizeof four);
		*value = (int32_t)be32toh(four);
		return true;
	case 8:
		memcpy(&eight, bytes, sizeof eight);
		*value = (int64_t)be64toh(eight);
		return true;
	}
	BUG_ON(true);
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
