/*
 * JSON writer: streams one document into a buf.
 *
 * Calls mirror the document: json_object / json_end, json_key before a value
 * inside an object.  Commas and escapes are its own business; `<`, `>` and `&`
 * are escaped as well, so that an answer is safe inside a page.  Numbers that
 * JSON cannot hold (NaN, infinities) become null.  Invalid UTF-8 becomes U+FFFD.
 * Misnesting is a bug and aborts.  The buf belongs to the caller.
 */
#ifndef TIDEMARK_COMMON_JSON_H
#define TIDEMARK_COMMON_JSON_H

#include "common/buf.h"

#include <stdbool.h>
#include <stdint.h>

enum { JSON_DEPTH_MAX = 32 };

struct json {
	struct buf *out;
	unsigned char depth;
	unsigned char is_object[JSON_DEPTH_MAX];
	bool has_value[JSON_DEPTH_MAX + 1];
	bool after_key;
};

void json_init(struct json *j, struct buf *out);

void json_object(struct json *j);
void json_array(struct json *j);
void json_end(struct json *j); /* closes the innermost object or array */

void json_key(struct json *j, const char *key);

void json_string(struct json *j, const char *text); /* NULL writes null */
void json_int(struct json *j, int64_t value);
void json_double(struct json *j, double value); /* shortest of up to 15 digits */
void json_bool(struct json *j, bool value);
void json_null(struct json *j);
void json_raw(struct json *j, const char *json_text); /* a value that is JSON already */

/* Key and value in one line, the usual case. */
void json_put_string(struct json *j, const char *key, const char *text);
void json_put_int(struct json *j, const char *key, int64_t value);
void json_put_double(struct json *j, const char *key, double value);
void json_put_bool(struct json *j, const char *key, bool value);
void json_put_null(struct json *j, const char *key);
void json_put_raw(struct json *j, const char *key, const char *json_text);

#endif
