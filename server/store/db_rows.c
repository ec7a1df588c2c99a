#include "server/store/db.h"

#include <inttypes.h>
#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

void db_rows_finish(struct db_rows *rows)
{
	PQclear(rows->result);
	*rows = (struct db_rows){0};
}

static int db_column(const struct db_rows *rows, int row, const char *column)
{
	BUG_ON(row < 0 || row >= rows->count);
	int number = PQfnumber(rows->result, column);
	if (number < 0)
		fprintf(stderr, "no column '%s' in the answer\n", column);
	BUG_ON(number < 0);
	return number;
}

/* The column's text, or NULL. */
static const char *db_value(const struct db_rows *rows, int row, const char *column)
{
	int number = db_column(rows, row, column);
	if (PQgetisnull(rows->result, row, number))
		return NULL;
	return PQgetvalue(rows->result, row, number);
}

bool db_is_null(const struct db_rows *rows, int row, const char *column)
{
	return !db_value(rows, row, column);
}

int64_t db_int(const struct db_rows *rows, int row, const char *column)
{
	const char *text = db_value(rows, row, column);
	return text ? strtoll(text, NULL, 10) : 0;
}

double db_double(const struct db_rows *rows, int row, const char *column)
{
	const char *text = db_value(rows, row, column);
	return text ? strtod(text, NULL) : 0;
}

bool db_bool(const struct db_rows *rows, int row, const char *column)
{
	const char *text = db_value(rows, row, column);
	return text && text[0] == 't';
}

const char *db_text(const struct db_rows *rows, int row, const char *column)
{
	const char *text = db_value(rows, row, column);
	return text ? text : "";
}

char *db_text_copy(
	const struct db_rows *rows, int row, const char *column, struct arena *a)
{
	return arena_strdup(a, db_text(rows, row, column));
}

/* "2026-11-22 09:04:05.123456+00": sessions speak UTC and ISO. */
int64_t db_time(const struct db_rows *rows, int row, const char *column)
{
	const char *text = db_value(rows, row, column);
	if (!text)
		return 0;
	if (strcmp(text, "infinity") == 0)
		return INT64_MAX;
	if (strcmp(text, "-infinity") == 0)
		return INT64_MIN;
	struct tm utc = {0};
	int used = 0;
	int fields = sscanf(text, "%d-%d-%d %d:%d:%d%n", &utc.tm_year, &utc.tm_mon,
		&utc.tm_mday, &utc.tm_hour, &utc.tm_min, &utc.tm_sec, &used);
	BUG_ON(fields != 6);
	utc.tm_year -= 1900;
	utc.tm_mon -= 1;
	int64_t ms = 0;
	if (text[used] == '.') {
		const char *digit = text + used + 1;
		for (int64_t unit = 100; unit > 0; unit /= 10) {
			if (*digit < '0' || *digit > '9')
				break;
			ms += unit * (*digit++ - '0');
		}
	}
	return (int64_t)timegm(&utc) * 1000 + ms;
}

static unsigned db_hex_digit(char c)
{
	return (unsigned)(c <= '9' ? c - '0' : c - 'a' + 10);
}

const uint8_t *db_bytes(const struct db_rows *rows, int row, const char *column,
	struct arena *a, size_t *length)
{
	const char *text = db_value(rows, row, column);
	*length = 0;
	if (!text)
		return NULL;
	BUG_ON(text[0] != '\\' || text[1] != 'x');
	text += 2;
	*length = strlen(text) / 2;
	uint8_t *bytes = arena_alloc(a, *length + 1);
	for (size_t i = 0; i < *length; i++)
		bytes[i] = (uint8_t)(db_hex_digit(text[2 * i]) << 4 |
				     db_hex_digit(text[2 * i + 1]));
	return bytes;
}

int64_t *db_ints(const struct db_rows *rows, int row, const char *column,
	struct arena *a, size_t *count, bool **is_null)
{
	const char *text = db_value(rows, row, column);
	*count = 0;
	if (is_null)
		*is_null = NULL;
	if (!text)
		return NULL;
	BUG_ON(text[0] != '{');
	size_t n = text[1] != '}';
	for (const char *c = text; *c; c++)
		n += *c == ',';
	int64_t *values = arena_array(a, n + 1, sizeof *values);
	bool *nulls = arena_array(a, n + 1, sizeof *nulls);
	const char *at = text + 1;
	for (size_t i = 0; i < n; i++) {
		nulls[i] = *at == 'N';
		if (!nulls[i])
			values[i] = strtoll(at, NULL, 10);
		at = strchr(at, i + 1 < n ? ',' : '}') + 1;
	}
	*count = n;
	if (is_null)
		*is_null = nulls;
	return values;
}
