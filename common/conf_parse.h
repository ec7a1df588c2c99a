/*
 * Conf parse: one value as text to and from the field of an option.  For conf.c.
 */
#ifndef TIDEMARK_COMMON_CONF_PARSE_H
#define TIDEMARK_COMMON_CONF_PARSE_H

#include "common/conf.h"

/* Parses `text`, checks the bounds and stores it in the option's field of target.
 * The error does not name the option. */
bool conf_parse_option(const struct conf_option *o, void *target, const char *text,
	struct arena *a, struct err *e);

/* A number as it would stand in the file, in its shortest form: "1m", "16M". */
void conf_parse_print(enum conf_type type, int64_t value, struct buf *out);

/* Keeps where the option's value comes from, when the table wants to know. */
void conf_parse_mark(const struct conf_table *t, const struct conf_option *o,
	enum conf_source source);

/* "DURATION", as --help names the kind of value; NULL for switches. */
const char *conf_parse_kind(enum conf_type type);

/* "1s to 1h", or "" where the option has no bounds. */
void conf_parse_bounds(const struct conf_option *o, struct buf *out);

#endif
