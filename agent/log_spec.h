/*
 * Log spec: one [log NAME] section of the configuration.
 *
 *     file          path or glob, beginning with '/', or "journal"
 *     service       the service whose lines these are; "" when lines name a pid
 *     pattern NAME  POSIX extended regular expression; what stands in the groups
 *                   written (?<FIELD>...) is all that ever leaves the host of a line.
 *                   The field "pid" says whose line it is and is not sent.
 *
 * Lines are bytes to a pattern, compared as in the C locale.  Back references are
 * refused, as are repetitions beyond LOG_SPEC_REPEATS_MAX all together: the time for a
 * line has to stay in proportion to its length.
 *
 * Strings live in the caller's arena.  Errors are ERR_INPUT and name the key.
 */
#ifndef TIDEMARK_AGENT_LOG_SPEC_H
#define TIDEMARK_AGENT_LOG_SPEC_H

#include "common/arena.h"
#include "common/err.h"

#include <stdbool.h>
#include <stddef.h>

enum {
	LOG_SPECS_MAX = 32,
	LOG_SPEC_PATTERNS_MAX = 16,
	LOG_SPEC_GROUPS_MAX = 16,   /* of a pattern, with and without a name */
	LOG_SPEC_FIELDS_MAX = 6,    /* that are sent, beside the pattern's name */
	LOG_SPEC_NAME_MAX = 32,     /* bytes of a pattern's or a field's name */
	LOG_SPEC_PATTERN_MAX = 512, /* bytes of an expression */
	LOG_SPEC_REPEATS_MAX = 1000,
};

struct log_pattern {
	const char *name;
	const char *expression;                  /* without the names of the groups */
	const char *fields[LOG_SPEC_GROUPS_MAX]; /* of group 1 and on; NULL: no name */
	size_t group_count;
};

struct log_spec {
	const char *name, *file, *service; /* file NULL until it is given */
	struct log_pattern *patterns;
	size_t pattern_count;
};

/* One key of the section. */
bool log_spec_key(struct log_spec *s, const char *key, const char *value,
	struct arena *a, struct err *e);

/* After the last key. */
bool log_spec_check(const struct log_spec *s, struct err *e);

#endif
