/*
 * Db copy: rows out of the database in more than memory should hold.  Part of db.h.
 */
#ifndef TIDEMARK_SERVER_STORE_DB_COPY_H
#define TIDEMARK_SERVER_STORE_DB_COPY_H

#include "server/store/db.h"

/* One field of a row that is read by db_copy_out; length -1: NULL. */
struct db_field {
	const unsigned char *bytes;
	int32_t length;
};

/* False ends the reading, with the error that it has set. */
typedef bool db_take_row(
	void *context, const struct db_field *fields, int count, struct err *e);

/* COPY (select) TO STDOUT (FORMAT binary), for more rows than memory should hold: each
 * is handed to `take` as it comes.  `select` is made of our own names and numbers,
 * never of data.  A refusal of `take` leaves a transaction that can only be rolled
 * back. */
bool db_copy_out(struct db *db, const char *select, db_take_row *take, void *context,
	struct err *e);

/* int2, int4, int8; timestamptz.  Not of NULL. */
int64_t db_field_int(const struct db_field *field);
int64_t db_field_time(const struct db_field *field);

#endif
