/*
 * RESP: what a Redis server answers, as values in an arena.
 *
 * hiredis finds the pieces; what it may build is bounded here: all answers between two
 * resp_begin together take at most RESP_BYTES_MAX bytes and RESP_VALUES_MAX values, and
 * hiredis itself refuses arrays nested deeper than seven.  After an error the stream is
 * lost.
 *
 * One thread.  Texts are followed by a NUL and may hold any bytes.
 */
#ifndef TIDEMARK_AGENT_QUEUE_RESP_H
#define TIDEMARK_AGENT_QUEUE_RESP_H

#include "common/arena.h"
#include "common/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { RESP_BYTES_MAX = 4 << 20, RESP_VALUES_MAX = 65536 };

#define RESP_NUMBER_MAX INT64_C(1000000000000000)

enum resp_type { RESP_NIL, RESP_TEXT, RESP_NUMBER, RESP_LIST, RESP_REFUSAL };

struct resp_value {
	enum resp_type type;
	const char *text; /* of RESP_TEXT and RESP_REFUSAL, else "" */
	size_t length;
	int64_t number;
	struct resp_value **items; /* none is NULL */
	size_t count;
};

struct resp;

struct resp *resp_create(void);
void resp_destroy(struct resp *r);

/* What comes from now on is made in this arena. */
void resp_begin(struct resp *r, struct arena *a);

bool resp_feed(struct resp *r, const void *bytes, size_t length, struct err *e);

/* The next whole answer, or NULL when more bytes are needed. */
bool resp_next(struct resp *r, const struct resp_value **out, struct err *e);

/* As a number: of RESP_NUMBER, or of decimal digits, up to RESP_NUMBER_MAX.  False for
 * all else. */
bool resp_number(const struct resp_value *v, int64_t *out);

#endif
