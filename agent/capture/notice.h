/*
 * Notice: a batch that says what became of a capture.
 *
 * Pure.
 */
#ifndef TIDEMARK_AGENT_CAPTURE_NOTICE_H
#define TIDEMARK_AGENT_CAPTURE_NOTICE_H

#include "common/buf.h"
#include "common/err.h"
#include "schema/wire.h"

/* Appends a batch with the event, and the summary when there is one (NULL).  `about` is
 * the host and the one process, or none.  A summary that does not fit is ERR_INPUT. */
bool notice_encode(const struct wire_batch *about, const struct snapshot_event *event,
	const struct snapshot *summary, struct buf *out, struct err *e);

#endif
