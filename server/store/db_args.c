#include "server/store/db.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>
#include <time.h>

void db_args_init(struct db_args *args, struct arena *a)
{
	args->count = 0;
	args->arena = a;
}

static void db_arg_add(struct db_args *args, const char *value)
{
	BUG_ON(args->count == DB_PARAMETERS_MAX);
	args->value[args->count++] = value;
}

void db_arg_null(struct db_args *args)
{
	db_arg_add(args, NULL);
}

void db_arg_int(struct db_args *args, int64_t value)
{
	db_arg_add(args, arena_printf(args->arena, "%" PRId64, value));
}

void db_arg_double(struct db_args *args, double value)
{
	if (isfinite(value))
		db_arg_add(args, arena_printf(args->arena, "%.17g", value));
	else
		db_arg_null(args);
}

void db_arg_bool(struct db_args *args, bool value)
{
	db_arg_add(args, value ? "true" : "false");
}

void db_arg_text(struct db_args *args, const char *text)
{
	db_arg_add(args, text ? arena_strdup(args->arena, text) : NULL);
}

void db_arg_bytes(struct db_args *args, const void *bytes, size_t length)
{
	static const char digits[] = "0123456789abcdef";
	const unsigned char *in = bytes;
	char *text = arena_alloc(args->arena, 2 * length + 3);
	char *out = text;
	*out++ = '\\';
	*out++ = 'x';
	for (size_t i = 0; i < length; i++) {
		*out++ = digits[in[i] >> 4];
		*out++ = digits[in[i] & 15];
	}
	db_arg_add(args, text);
}

/* Times that PostgreSQL cannot hold become its infinities. */
static const char *db_time_text(struct arena *a, int64_t unix_ms)
{
	int64_t ms = unix_ms % 1000;
	if (ms < 0)
		ms += 1000;
	time_t seconds = (time_t)((unix_ms - ms) / 1000);
	struct tm utc;
	if (!gmtime_r(&seconds, &utc) || utc.tm_year + 1900 > 294000)
		return unix_ms < 0 ? "-infinity" : "infinity";
	if (utc.tm_year + 1900 < 1)
		return "-infinity";
	return arena_printf(a, "%04d-%02d-%02d %02d:%02d:%02d.%03d+00",
		utc.tm_year + 1900, utc.tm_mon + 1, utc.tm_mday, utc.tm_hour,
		utc.tm_min, utc.tm_sec, (int)ms);
}

void db_arg_time(struct db_args *args, int64_t unix_ms)
{
	db_arg_add(args, db_time_text(args->arena, unix_ms));
}

void db_arg_time_or_null(struct db_args *args, int64_t unix_ms)
{
	if (unix_ms)
		db_arg_time(args, unix_ms);
	else
		db_arg_null(args);
}

/* Arrays are built in a buf and then moved to the arena in one piece. */
static void db_arg_take_buf(struct db_args *args, struct buf *text)
{
	db_arg_add(args, arena_strndup(args->arena, text->data, text->length));
	buf_finish(text);
}

static void db_put_int(struct buf *text, int64_t value)
{
	char digits[24];
	char *end = digits + sizeof digits;
	char *at = end;
	uint64_t rest = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
	do
		*--at = (char)('0' + rest % 10);
	while (rest /= 10);
	if (value < 0)
		*--at = '-';
	buf_append(text, at, (size_t)(end - at));
}

void db_arg_ints_or_null(
	struct db_args *args, const int64_t *values, const bool *has, size_t count)
{
	struct buf text = {0};
	buf_byte(&text, '{');
	for (size_t i = 0; i < count; i++) {
		if (i > 0)
			buf_byte(&text, ',');
		if (!has || has[i])
			db_put_int(&text, values[i]);
		else
			buf_text(&text, "NULL");
	}
	buf_byte(&text, '}');
	db_arg_take_buf(args, &text);
}

void db_arg_ints(struct db_args *args, const int64_t *values, size_t count)
{
	db_arg_ints_or_null(args, values, NULL, count);
}

void db_arg_texts(struct db_args *args, const char *const *values, size_t count)
{
	struct buf text = {0};
	buf_byte(&text, '{');
	for (size_t i = 0; i < count; i++) {
		if (i > 0)
			buf_byte(&text, ',');
		if (!values[i]) {
			buf_text(&text, "NULL");
			continue;
		}
		buf_byte(&text, '"');
		for (const char *c = values[i]; *c; c++) {
			if (*c == '"' || *c == '\\')
				buf_byte(&text, '\\');
			buf_byte(&text, *c);
		}
		buf_byte(&text, '"');
	}
	buf_byte(&text, '}');
	db_arg_take_buf(args, &text);
}
