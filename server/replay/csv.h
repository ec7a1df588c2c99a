/*
 * CSV: rows of a file, plain or gzip, with a line of column names before them.
 *
 * Fields are separated by commas; one that begins with a quote ends with one (RFC 4180;
 * within one line).  A row that does not fit the header is left out and noted as a
 * fault, as is every field that the caller finds wrong; a file with faults is read on.
 *
 * The caller owns the object.  Texts of a row live until the next one.
 */
#ifndef TIDEMARK_SERVER_REPLAY_CSV_H
#define TIDEMARK_SERVER_REPLAY_CSV_H

#include "common/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct csv;

/* Reads the header.  NULL: no such file, or it is empty or no text. */
struct csv *csv_open(const char *path, struct err *e);
void csv_close(struct csv *c);

/* -1: there is no such column. */
int csv_column(const struct csv *c, const char *name);

/* The next row that fits the header; false at the end. */
bool csv_next(struct csv *c);
int64_t csv_line(const struct csv *c); /* of the row; the header is line 1 */

/* Of the current row; "" for a column of -1. */
const char *csv_text(const struct csv *c, int column);

/* Empty fields and a column of -1 are NAN.  False: it is no finite number; that is
 * noted as a fault. */
bool csv_number(struct csv *c, int column, double *out);

/* Notes what is wrong with a field of the current row. */
void csv_fault(struct csv *c, int column, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* How many rows were found wrong, and the first of them: "line 17, column rss_kb:
 * 'abc' is no number".  A row counts once. */
struct csv_faults {
	size_t rows;
	int64_t last_line;
	char first[256];
};
const struct csv_faults *csv_faults(const struct csv *c);

#endif
