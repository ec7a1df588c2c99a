/*
 * JSON events: a document as it is read, without holding it.
 *
 * For foreign files of many megabytes of which a few texts are wanted.  Follows RFC
 * 8259 but for numbers, which are taken as they stand, and checks no UTF-8 (who takes
 * a text does).  Keys and values that are longer than JSON_EVENTS_TEXT_MAX are cut, and
 * what else stands in them is passed over; documents may nest JSON_EVENTS_DEPTH_MAX
 * deep.
 */
#ifndef TIDEMARK_AGENT_FINGERPRINT_JSON_EVENTS_H
#define TIDEMARK_AGENT_FINGERPRINT_JSON_EVENTS_H

#include "agent/fingerprint/intake.h"
#include "common/err.h"

#include <stdbool.h>
#include <stddef.h>

enum { JSON_EVENTS_DEPTH_MAX = 512, JSON_EVENTS_TEXT_MAX = 1024 };

/* `depth` is how many objects and arrays are open around: 0 for the document itself.
 * `key` is "" for what stands in an array, and for the document.  Any may be NULL. */
struct json_events {
	void (*open)(void *context, unsigned depth, const char *key, bool is_object);
	void (*close)(void *context, unsigned depth); /* the depth of its opening */
	/* A string, or true, false, null and numbers as they are written. */
	void (*value)(void *context, unsigned depth, const char *key, const char *text,
		bool is_string);
	void *context;
};

/* ERR_INPUT: it is no JSON, and where; ERR_IO: it could not be read to its end. */
bool json_events_read(
	struct intake *in, const struct json_events *events, struct err *e);

#endif
