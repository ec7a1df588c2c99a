#include "common/json.h"

#include "common/err.h"
#include "common/utf8.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

void json_init(struct json *j, struct buf *out)
{
	*j = (struct json){.out = out};
}

/* What must stand before a value: a comma in an array, nothing after a key. */
static void json_before_value(struct json *j)
{
	bool in_object = j->depth && j->is_object[j->depth - 1];
	BUG_ON(in_object != j->after_key);
	if (j->after_key) {
		j->after_key = false;
		return;
	}
	if (j->has_value[j->depth]) {
		BUG_ON(j->depth == 0);
		buf_byte(j->out, ',');
	}
	j->has_value[j->depth] = true;
}

static void json_open(struct json *j, bool is_object)
{
	json_before_value(j);
	BUG_ON(j->depth == JSON_DEPTH_MAX);
	j->is_object[j->depth++] = is_object;
	j->has_value[j->depth] = false;
	buf_byte(j->out, is_object ? '{' : '[');
}

void json_object(struct json *j)
{
	json_open(j, true);
}

void json_array(struct json *j)
{
	json_open(j, false);
}

void json_end(struct json *j)
{
	BUG_ON(j->depth == 0 || j->after_key);
	j->depth--;
	buf_byte(j->out, j->is_object[j->depth] ? '}' : ']');
}

/* How many bytes at the start can be copied as they are. */
static size_t json_plain_length(const char *text)
{
	size_t n = 0;
	for (;;) {
		unsigned char c = (unsigned char)text[n];
		if (c < 0x20 || c == '"' || c == '\\' || c == '<' || c == '>' ||
			c == '&')
			return n;
		size_t step = utf8_character(text + n);
		if (!step)
			return n;
		n += step;
	}
}

static void json_escape(struct buf *out, unsigned char c)
{
	switch (c) {
	case '"':
		buf_text(out, "\\\"");
		return;
	case '\\':
		buf_text(out, "\\\\");
		return;
	case '\n':
		buf_text(out, "\\n");
		return;
	case '\r':
		buf_text(out, "\\r");
		return;
	case '\t':
		buf_text(out, "\\t");
		return;
	}
	if (c < 0x80)
		buf_printf(out, "\\u%04x", c);
	else
		buf_text(out, "\xef\xbf\xbd"); /* U+FFFD for what is not UTF-8 */
}

static void json_quoted(struct buf *out, const char *text)
{
	buf_byte(out, '"');
	for (;;) {
		size_t plain = json_plain_length(text);
		buf_append(out, text, plain);
		text += plain;
		if (!*text)
			break;
		json_escape(out, (unsigned char)*text++);
	}
	buf_byte(out, '"');
}

void json_key(struct json *j, const char *key)
{
	BUG_ON(j->depth == 0 || !j->is_object[j->depth - 1] || j->after_key);
	if (j->has_value[j->depth])
		buf_byte(j->out, ',');
	j->has_value[j->depth] = true;
	json_quoted(j->out, key);
	buf_byte(j->out, ':');
	j->after_key = true;
}

void json_string(struct json *j, const char *text)
{
	json_before_value(j);
	if (text)
		json_quoted(j->out, text);
	else
		buf_text(j->out, "null");
}

/* Charts are numbers and little else: these are many times as fast as printf. */
static void json_digits(struct buf *out, int64_t value)
{
	char digits[24], *end = digits + sizeof digits, *at = end;
	uint64_t rest = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
	do
		*--at = (char)('0' + rest % 10);
	while (rest /= 10);
	if (value < 0)
		*--at = '-';
	buf_append(out, at, (size_t)(end - at));
}

void json_int(struct json *j, int64_t value)
{
	json_before_value(j);
	json_digits(j->out, value);
}

void json_double(struct json *j, double value)
{
	json_before_value(j);
	if (!isfinite(value))
		buf_text(j->out, "null");
	else if (fabs(value) < 1e15 && value == (double)(int64_t)value &&
		 (value != 0 || !signbit(value)))
		json_digits(j->out, (int64_t)value);
	else
		buf_printf(j->out, "%.15g", value);
}

void json_bool(struct json *j, bool value)
{
	json_before_value(j);
	buf_text(j->out, value ? "true" : "false");
}

void json_null(struct json *j)
{
	json_before_value(j);
	buf_text(j->out, "null");
}

void json_raw(struct json *j, const char *json_text)
{
	json_before_value(j);
	buf_text(j->out, json_text);
}

void json_put_string(struct json *j, const char *key, const char *text)
{
	json_key(j, key);
	json_string(j, text);
}

void json_put_int(struct json *j, const char *key, int64_t value)
{
	json_key(j, key);
	json_int(j, value);
}

void json_put_double(struct json *j, const char *key, double value)
{
	json_key(j, key);
	json_double(j, value);
}

void json_put_bool(struct json *j, const char *key, bool value)
{
	json_key(j, key);
	json_bool(j, value);
}

void json_put_null(struct json *j, const char *key)
{
	json_key(j, key);
	json_null(j);
}

void json_put_raw(struct json *j, const char *key, const char *json_text)
{
	json_key(j, key);
	json_raw(j, json_text);
}
