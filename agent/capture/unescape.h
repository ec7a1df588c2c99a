/*
 * Unescape: the inside of a JSON string, as a stream of UTF-8.
 *
 * Pieces go in as they come, cut anywhere, also inside an escape or between the two
 * halves of a surrogate pair; bytes go out in large pieces.  A half without its other
 * half becomes U+FFFD.
 *
 * Plain data in the caller's storage (large: not on small stacks).  One thread.
 */
#ifndef TIDEMARK_AGENT_CAPTURE_UNESCAPE_H
#define TIDEMARK_AGENT_CAPTURE_UNESCAPE_H

#include "common/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { UNESCAPE_OUT_BYTES = 64 << 10 };

struct unescape {
	bool (*sink)(void *context, const void *bytes, size_t length, struct err *e);
	void *context;
	enum {
		UNESCAPE_PLAIN,
		UNESCAPE_BACKSLASH,
		UNESCAPE_DIGITS,
		UNESCAPE_ENDED
	} state;
	unsigned digits; /* of \uXXXX, so far */
	uint32_t unit;   /* their value */
	uint32_t high;   /* a first half that waits for its second, 0: none */
	size_t length;   /* of `out` */
	char out[UNESCAPE_OUT_BYTES];
};

/* For the next string; sink and context stay. */
void unescape_begin(struct unescape *u);

/* Behind the opening quote.  `*taken` bytes were used: all of them, or up to and with
 * the closing quote; then everything has been given to the sink and the state is
 * UNESCAPE_ENDED.  ERR_INPUT: no JSON string. */
bool unescape_feed(struct unescape *u, const char *bytes, size_t length, size_t *taken,
	struct err *e);

#endif
