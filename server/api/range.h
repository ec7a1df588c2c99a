/*
 * Range: which part of a file a request asks for (RFC 9110, 14).
 *
 * Pure.  One range of bytes is understood: "bytes=0-99", "bytes=100-", "bytes=-100".
 * Whatever else stands in the header (other units, several ranges, nonsense) is
 * ignored, as the RFC allows, and the whole file is the answer.
 */
#ifndef TIDEMARK_SERVER_API_RANGE_H
#define TIDEMARK_SERVER_API_RANGE_H

#include <stdbool.h>
#include <stdint.h>

enum range_kind {
	RANGE_WHOLE,
	RANGE_PART,
	RANGE_BEYOND, /* nothing of it is in the file: 416 */
};

struct range {
	enum range_kind kind;
	uint64_t first, last; /* of a part, both in it */
};

/* `header` is NULL when there is none. */
struct range range_read(const char *header, uint64_t length);

/* Whether the range holds under If-Range, which is NULL when there is none: only a
 * strong ETag that is the file's own. */
bool range_holds(const char *if_range, const char *etag);

#endif
