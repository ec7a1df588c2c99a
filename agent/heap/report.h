/*
 * Report: holders, paths and verdicts for the host's own people, as JSON and as text.
 *
 * Names are as they are in the heap: nothing of this may leave the host, and nothing
 * may reach a terminal before report_clean.  Pure; text is appended to the caller's
 * buf.
 */
#ifndef TIDEMARK_AGENT_HEAP_REPORT_H
#define TIDEMARK_AGENT_HEAP_REPORT_H

#include "agent/heap/describe.h"
#include "agent/heap/diff.h"
#include "agent/heap/growth.h"
#include "agent/heap/heap.h"
#include "common/json.h"

/* The value of "head". */
void report_head_json(struct json *j, const struct heap_head *head);

/* "accumulators" and "fanout" with at most `top` each, into the open object.  Of a
 * shallow heap both are empty. */
void report_holders_json(struct json *j, const struct heap *h, size_t top);

/* The same for reading. */
void report_holders_text(struct buf *b, const struct heap *h, size_t top);

/* The value of "growth". */
void report_growth_json(struct json *j, const struct describe *d,
	const struct growth *w, const struct snapshot_growth *g);

/* The sentence, the path as an indented chain. */
void report_growth_text(struct buf *b, const struct snapshot_growth *g);

/* The rows of a comparison: all of them, and the first `top` for reading. */
void report_diff_json(struct json *j, const struct diff *diff, size_t top);
void report_diff_text(struct buf *b, const struct diff *diff, size_t top);

/* What a terminal would obey becomes '?'; lines stay. */
void report_clean(struct buf *b);

#endif
