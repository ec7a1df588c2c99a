/*
 * Sign: how a receiver knows that a message is ours, and not old.
 *
 * Pure, but for the secrets that are in the arguments.
 */
#ifndef TIDEMARK_SERVER_MESSENGER_SIGN_H
#define TIDEMARK_SERVER_MESSENGER_SIGN_H

#include "common/buf.h"

#include <stddef.h>
#include <stdint.h>

struct sign_text {
	const char *bytes;
	size_t length;
};

/* "t=1795338000,v1=<hex>": HMAC-SHA256 with the secret, as it is written, over the
 * decimal seconds, a dot and the body.  A second v1 when `old` is not "". */
void sign_header(const char *secret, const char *old, int64_t unix_s,
	struct sign_text body, struct buf *out);

/* Base64 of HMAC-SHA256 with `key` over `text`. */
void sign_base64(struct sign_text key, struct sign_text text, struct buf *out);

/* Base64 of any bytes; line_length 0: in one line, else CRLF behind each. */
void sign_encode(struct sign_text bytes, size_t line_length, struct buf *out);

#endif
