/*
 * Selection: what GET /compare sets beside something else, as its address says it.
 *
 * "service:7,version:12,host:3,instance:9,offset:604800000": ids of a service and, in
 * any order, of a version (fingerprint), host and instance of it, and how many
 * milliseconds before the others its span lies.  Pure.
 */
#ifndef TIDEMARK_SERVER_API_SELECTION_H
#define TIDEMARK_SERVER_API_SELECTION_H

#include "common/arena.h"
#include "common/err.h"

#include <stdint.h>

#define SELECTION_OFFSET_MAX_MS (INT64_C(400) * 86400 * 1000)

enum { SELECTION_TEXT_MAX = 200 };

struct selection {
	int64_t service, version, host, instance; /* 0: not chosen */
	int64_t offset_ms;
};

/* False, ERR_INPUT: the text names the part that is wrong.  `name` is the parameter. */
bool selection_parse(
	const char *name, const char *text, struct selection *out, struct err *e);

/* As it is parsed, its parts in one order. */
const char *selection_text(const struct selection *s, struct arena *a);

/* "7 days before", "90 min before"; NULL without an offset. */
const char *selection_offset_words(int64_t offset_ms, struct arena *a);

#endif
