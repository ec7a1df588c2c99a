/*
 * Copier: rows on their way into one table by COPY BINARY, in pieces of some megabytes.
 *
 * A caller begins a row, puts its fields, and the copier sends what has gathered when
 * it is enough; copier_end sends the rest.  Inside the caller's transaction.  Errors
 * stick: rows after one are ignored, and copier_end reports it.
 */
#ifndef TIDEMARK_SERVER_STORE_COPIER_H
#define TIDEMARK_SERVER_STORE_COPIER_H

#include "common/buf.h"
#include "common/err.h"
#include "server/store/db.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct copier {
	struct db *db;
	const char *target; /* "table (columns)": a literal */
	struct buf bytes;
	uint64_t rows, total_bytes;
	bool failed;
	struct err error;
};

void copier_init(struct copier *c, struct db *db, const char *target);
void copier_finish(struct copier *c);

void copier_row(struct copier *c, int fields);
void copier_int2(struct copier *c, int64_t value);
void copier_int4(struct copier *c, int64_t value);
void copier_int8(struct copier *c, int64_t value);
void copier_time(struct copier *c, int64_t unix_ms);
void copier_blob(struct copier *c, const void *bytes, size_t length);

/* One-dimensional; of int4[] (values must fit) and int8[]. */
void copier_int4s(struct copier *c, const int64_t *values, size_t count);
void copier_int8s(struct copier *c, const int64_t *values, size_t count);

bool copier_end(struct copier *c, struct err *e);

#endif
