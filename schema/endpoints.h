/*
 * Endpoints: the servers that stand for one another, "HOST:PORT, HOST:PORT".
 *
 * All of them share one CURVE key and one database.  Each agent prefers another one:
 * endpoints_rank puts the list in an order that follows from the agent's number and
 * the names alone (rendezvous hashing), so that who goes is missed only by those that
 * preferred it, and the rest stays where it is.
 *
 * Plain data, pure, thread-safe.  An IPv6 address is kept without its brackets.
 */
#ifndef TIDEMARK_SCHEMA_ENDPOINTS_H
#define TIDEMARK_SCHEMA_ENDPOINTS_H

#include "common/buf.h"
#include "common/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	ENDPOINTS_MAX = 8,
	ENDPOINTS_HOST_MAX = 253, /* characters, as in DNS */
	/* Characters of a whole list, with its separators and the end. */
	ENDPOINTS_TEXT_MAX = ENDPOINTS_MAX * (ENDPOINTS_HOST_MAX + 10),
};

struct endpoint {
	char host[ENDPOINTS_HOST_MAX + 1];
	uint16_t port;
};

struct endpoints {
	size_t count;
	struct endpoint at[ENDPOINTS_MAX];
};

/* Names separated by commas, white space around them; "" is a list of none.  ERR_INPUT
 * names the one that is wrong, or given twice. */
bool endpoints_parse(const char *text, struct endpoints *out, struct err *e);

/* Appends "HOST:PORT,HOST:PORT", as endpoints_parse reads it. */
void endpoints_format(const struct endpoints *list, struct buf *out);

/* Whether it is there already. */
bool endpoints_has(const struct endpoints *list, const struct endpoint *one);

/* The same ones in the same order. */
bool endpoints_equal(const struct endpoints *a, const struct endpoints *b);

/* The one to prefer first. */
void endpoints_rank(struct endpoints *list, uint32_t id);

#endif
