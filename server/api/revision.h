/*
 * Revision: what keeps two people from losing each other's change.
 *
 * A thing that people change has a revision, 1 at first, which every change moves on.
 * Reads say it in their ETag, changes take it back in If-Match and are refused with 412
 * when it is another by now.
 */
#ifndef TIDEMARK_SERVER_API_REVISION_H
#define TIDEMARK_SERVER_API_REVISION_H

#include "server/api/call.h"

#include <stdbool.h>
#include <stdint.h>

/* "3-...": a strong ETag of the answer, which is written, and of its revision. */
void revision_put_etag(struct call *c, int64_t revision);

/* If-Match: "3", or the ETag of a read, also one that a proxy made weak.  *revision is
 * 0 when it is absent or "*"; 400 when it is something else. */
bool revision_wanted(struct call *c, int64_t *revision, struct err *e);

/* Always false: 412, "the labels have changed since you read them". */
bool revision_refuse(struct call *c, const char *what, struct err *e);

#endif
