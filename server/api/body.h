/*
 * Body: the JSON object that a request carries.
 *
 * The only user of jansson, whose names clash with those of common/json.h.  An empty
 * body is an empty object.  Every failure is ERR_INPUT; when a member is to blame,
 * *pointer becomes a JSON Pointer to it.  Texts live until body_close, which may follow
 * a failed body_open.
 */
#ifndef TIDEMARK_SERVER_API_BODY_H
#define TIDEMARK_SERVER_API_BODY_H

#include "common/arena.h"
#include "common/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct body {
	void *root; /* json_t */
	struct arena *arena;
	const char **pointer;
	const char *used[24]; /* members that were asked for and are there */
	size_t used_count;
};

struct body_source {
	const char *text;
	size_t length;
};

bool body_open(struct body *b, struct body_source source, struct arena *a,
	const char **pointer, struct err *e);
void body_close(struct body *b);
#define scoped_body __attribute__((cleanup(body_close)))

/* *value is NULL when absent or null. */
struct body_text {
	const char *name;
	size_t length_max; /* bytes */
	bool required;
};
bool body_text(struct body *b, const struct body_text *want, const char **value,
	struct err *e);

/* *value is the fallback when absent or null. */
struct body_int {
	const char *name;
	int64_t minimum, maximum, fallback;
};
bool body_int(
	struct body *b, const struct body_int *want, int64_t *value, struct err *e);

/* *value is the fallback when absent or null. */
struct body_bool {
	const char *name;
	bool fallback, required;
};
bool body_bool(
	struct body *b, const struct body_bool *want, bool *value, struct err *e);

/* The members of an object in the object, each a text: none when absent or null. */
struct body_pair {
	const char *name, *value;
};
struct body_pairs {
	const char *name;
	size_t count_max, name_max, value_max; /* bytes */
	bool required;
};
bool body_pairs(struct body *b, const struct body_pairs *want,
	const struct body_pair **pairs, size_t *count, struct err *e);

/* *value is NAN when absent or null. */
struct body_number {
	const char *name;
	double minimum, maximum;
};
bool body_number(
	struct body *b, const struct body_number *want, double *value, struct err *e);

/* Rows by their ids, in the revision that somebody has seen: [{"id": 7, "revision":
 * 3}]; at least one, each once, required. */
struct body_mark {
	int64_t id, revision; /* revision 0 when absent or null */
};
bool body_marks(struct body *b, const char *name, size_t count_max,
	const struct body_mark **marks, size_t *count, struct err *e);

/* 1 to `count_max` ids without repeats. */
struct body_ids {
	const char *name;
	size_t count_max;
};
bool body_ids(struct body *b, const struct body_ids *want, const int64_t **ids,
	size_t *count, struct err *e);

/* Words of a list, each once, at least one; required.  They are the caller's. */
struct body_words {
	const char *name;
	const char *const *allowed;
	size_t allowed_count;
};
bool body_words(struct body *b, const struct body_words *want,
	const char *const **words, size_t *count, struct err *e);

/* Texts of a list, in the arena.  `said`: the member is there; NULL: it is null, or not
 * there. */
struct body_texts {
	const char *name;
	size_t count_max, length_max;
};
bool body_texts(struct body *b, const struct body_texts *want,
	const char *const **texts, size_t *count, bool *said, struct err *e);

/* Fails when there is a member that none of the calls above asked for. */
bool body_finish(struct body *b, struct err *e);

#endif
