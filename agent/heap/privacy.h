/*
 * Privacy: which texts of a heap may leave the host.
 *
 * A heap holds other people's data, also where names belong: object keys are property
 * names, a function may be named after a customer.  What looks like a name that a
 * programmer wrote stays; everything else is replaced by "Object#3fa2b1c4", a hash
 * under a key of the site, so that equal things stay equal and nobody can guess them
 * back, or by "[key]".
 *
 * A name of a programmer is an identifier of at most 40 characters without the marks of
 * a secret: a known prefix of tokens, five digits or more, a run of hexadecimal digits,
 * letters and digits as no word mixes them.  That of a property must also stand in the
 * code of the program (known.h), and so must each part of a name with dots or colons.
 * A class or a function is named in code; only its name's shape is looked at.
 *
 * Pure; results are in the caller's arena.  One thread.
 */
#ifndef TIDEMARK_AGENT_HEAP_PRIVACY_H
#define TIDEMARK_AGENT_HEAP_PRIVACY_H

#include "agent/heap/known.h"
#include "common/arena.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	PRIVACY_KEY_BYTES = 32,
	PRIVACY_NAME_BYTES_MAX = 64,
	PRIVACY_SCRIPT_BYTES_MAX = 256,
};

struct privacy {
	uint8_t key[PRIVACY_KEY_BYTES]; /* of the site */
	const struct known *known;      /* the heap's; NULL: it has no graph */
};

/* Of a class, an object or a function: "Server", "{host, connection}", "(array)",
 * "Node / HTTPParser", "onQueueError()".  The global object is "global", by whatever
 * route it was met.  Else `kind`, '#' and the hash. */
const char *privacy_class(const struct privacy *p, const char *name, const char *kind,
	struct arena *arena);

/* Of a property; else "[key]". */
const char *privacy_property(
	const struct privacy *p, const char *name, struct arena *arena);

/* Of a variable or an internal slot, which are no data; else "[key]". */
const char *privacy_variable(const char *name, struct arena *arena);

/* Of "path:line:column" or a path: without a query, without segments that are no file
 * names; the folder of a person is "~"; "" for what is no file (data:,
 * evalmachine.<anonymous>). */
const char *privacy_location(const char *location, struct arena *arena);

/* The marks of a secret, in an identifier. */
bool privacy_looks_secret(const char *text, size_t length);

#endif
