/*
 * Problem: what went wrong, as RFC 9457 "application/problem+json".
 *
 * Pure: writes into the caller's buf.  The detail is for people and must never hold
 * text of the database.
 */
#ifndef TIDEMARK_SERVER_API_PROBLEM_H
#define TIDEMARK_SERVER_API_PROBLEM_H

#include "common/buf.h"

#define PROBLEM_TYPE "application/problem+json"

struct problem {
	int status;
	const char *detail;   /* one sentence */
	const char *instance; /* the path that was asked for */
	const char
		*pointer; /* JSON Pointer to the wrong member of a body; NULL: none */
};

void problem_write(const struct problem *p, struct buf *out);

/* "Not Found"; for any status that the API uses. */
const char *problem_title(int status);

#endif
