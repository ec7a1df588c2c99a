/*
 * List: names in one setting, separated by commas: "checkout, shop-*".
 *
 * Blanks around a name do not belong to it.  Pure.
 */
#ifndef TIDEMARK_AGENT_LIST_H
#define TIDEMARK_AGENT_LIST_H

#include <stdbool.h>
#include <stddef.h>

/* Copies the next name and moves *rest behind it.  False at the end, or (then **rest is
 * not NUL) at an empty name or one that does not fit. */
bool list_next(const char **rest, char *out, size_t size);

/* Whether one of the names, as a glob, matches `name`; '*' also matches '/'. */
bool list_matches(const char *list, const char *name);

#endif
