/*
 * Query: the part of an address behind "?", and ids and cursors in it.
 *
 * Pure; everything lives in the caller's arena.  Every failure is ERR_INPUT and names
 * the parameter.  A handler reads the parameters that it knows, then query_finish
 * refuses the others, so that a misspelt one never silently means "all".
 */
#ifndef TIDEMARK_SERVER_API_QUERY_H
#define TIDEMARK_SERVER_API_QUERY_H

#include "common/arena.h"
#include "common/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	QUERY_LENGTH_MAX = 8000,
	QUERY_PARAMETERS_MAX = 16,
	QUERY_NAME_MAX = 32,
	QUERY_IDS_MAX = 1000,
	QUERY_CURSOR_MAX = 1024,
};

/* No time that anybody asks for lies behind 2100. */
#define QUERY_TIME_MAX INT64_C(4102444800000)

struct query_parameter {
	const char *name, *value; /* decoded UTF-8 */
	bool used;
};

struct query {
	struct query_parameter parameters[QUERY_PARAMETERS_MAX];
	size_t count;
	struct arena *arena;
};

/* `text` is as sent: "a=1&b=x%20y".  Decodes "%XX" and "+". */
bool query_parse(const char *text, struct arena *a, struct query *out, struct err *e);

/* Fails when a parameter was given that none of the calls below asked for. */
bool query_finish(const struct query *q, struct err *e);

/* *value is NULL when absent; an empty value is absent. */
bool query_text(struct query *q, const char *name, size_t length_max,
	const char **value, struct err *e);

struct query_range {
	int64_t minimum, maximum, fallback;
};

bool query_int(struct query *q, const char *name, const struct query_range *range,
	int64_t *value, struct err *e);

/* 1 "true", 0 "false", -1 absent. */
bool query_bool(struct query *q, const char *name, int *value, struct err *e);

/* "7,9,12": 1 to QUERY_IDS_MAX ids without repeats; none when absent. */
bool query_ids(struct query *q, const char *name, const int64_t **ids, size_t *count,
	struct err *e);

/* Words of a list, separated by commas; none when absent. */
bool query_words(struct query *q, const char *name, const char *const *allowed,
	size_t allowed_count, const char ***words, size_t *count, struct err *e);

/* A row's key: 1 to 2^31 − 1 in decimal digits. */
bool query_id(const char *text, int64_t *id);

/* Cursors are opaque to callers: base64url of fields that the handler chose. */
const char *query_cursor(struct arena *a, const char *plain);

/* *plain, UTF-8 without control characters, is NULL when absent. */
bool query_after(struct query *q, const char **plain, struct err *e);

/* The next of a cursor's fields, which one space parts; *rest moves behind it.  A
 * cursor comes from anybody: false when the field is no such number. */
bool query_after_int(
	const char **rest, int64_t minimum, int64_t maximum, int64_t *value);
bool query_after_double(const char **rest, double *value); /* finite */

#endif
