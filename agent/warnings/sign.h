/*
 * Sign: one sign of trouble as it was found, before it is known whose it is.
 *
 * Caller's storage, no memory behind it.  Values are valid UTF-8 without control bytes,
 * whatever was given: other bytes become '?', what is longer is cut.
 */
#ifndef TIDEMARK_AGENT_WARNINGS_SIGN_H
#define TIDEMARK_AGENT_WARNINGS_SIGN_H

#include "schema/insight.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SIGN_FIELDS_MAX = WARNING_FIELDS_MAX / 2, SIGN_VALUE_MAX = 160 };

struct sign_field {
	char name[40], value[SIGN_VALUE_MAX];
};

struct sign {
	enum warning_kind kind;
	uint32_t pid; /* that the line itself names; 0: none */
	struct sign_field fields[SIGN_FIELDS_MAX];
	size_t count;
};

/* Appends a field; one too many is left out. */
void sign_put(struct sign *s, const char *name, const char *value, size_t length);
void sign_put_number(struct sign *s, const char *name, uint64_t value);

/* As sign_put; a value that is no identifier ("[key]" stands for it) may be what people
 * typed: the name of an event, of a class. */
void sign_put_name(struct sign *s, const char *name, const char *value, size_t length);

/* Whether two say the same: all but the numbers in them that only grow. */
bool sign_equals(const struct sign *a, const struct sign *b);

#endif
