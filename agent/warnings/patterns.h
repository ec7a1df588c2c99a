/*
 * Patterns: the expressions of one [log NAME] section, ready to be tried on lines.
 *
 * One thread.  Owns what regcomp made; borrows the section.
 */
#ifndef TIDEMARK_AGENT_WARNINGS_PATTERNS_H
#define TIDEMARK_AGENT_WARNINGS_PATTERNS_H

#include "agent/log_spec.h"
#include "agent/warnings/sign.h"

#include <stdbool.h>
#include <stddef.h>

/* Bytes of a line that are looked at.  The time for a line that does not match grows
 * with the square of its length, and who writes the lines is not who wrote the
 * expression: 16 KiB of one letter take half a second, 2 KiB eight milliseconds. */
enum { PATTERNS_LINE_MAX = 2 << 10 };

struct patterns;

/* The section has been checked (agent/log_spec.h). */
struct patterns *patterns_create(const struct log_spec *spec);
void patterns_destroy(struct patterns *p);

/* Of a line of any bytes, with a NUL somewhere behind it: sanitizers look for one.
 * Tries the expressions from *from on; true with the sign of the first that matches,
 * and *from behind it. */
bool patterns_match(const struct patterns *p, size_t *from, const char *line,
	size_t length, struct sign *out);

#endif
