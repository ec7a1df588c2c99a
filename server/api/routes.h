/*
 * Routes: the one table of what the API answers.
 *
 * schema/openapi.yaml describes the same routes; a test holds both together.  HEAD is
 * answered like GET.
 */
#ifndef TIDEMARK_SERVER_API_ROUTES_H
#define TIDEMARK_SERVER_API_ROUTES_H

#include "common/arena.h"
#include "common/err.h"

#include <stdbool.h>
#include <stddef.h>

struct call;

/* Who may call. */
enum routes_access {
	ROUTES_OPEN,   /* anybody */
	ROUTES_LOCAL,  /* anybody on this machine, else a viewer */
	ROUTES_VIEWER, /* users of at least this role */
	ROUTES_OPERATOR,
	ROUTES_ADMIN,
	/* The same, but not those who are limited to services: it concerns all that is
	 * on a host, or more. */
	ROUTES_VIEWER_OF_ALL,
	ROUTES_OPERATOR_OF_ALL,
};

struct route {
	const char *method;
	const char *path; /* "{id}" stands for one segment, at most once; "{key}" behind
			     it for all that is left */
	enum routes_access access;
	bool (*handle)(struct call *call, struct err *e);
	const char *summary;
};

extern const struct route routes[];
extern const size_t routes_count;

struct routes_match {
	const struct route *route; /* NULL: none */
	const char *argument; /* of "{id}", in the arena; NULL when there is none */
	const char *key;      /* of "{key}", in the path as sent */
	const char *allow;    /* the path exists, but only for these methods */
};

struct routes_match routes_find(const char *method, const char *path, struct arena *a);

#endif
