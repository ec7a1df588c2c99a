/*
 * Brief: what a job's child is told, as bytes on its stdin.
 *
 * Between two processes of the same program, so there are no versions; it still trusts
 * nothing that does not fit.  At most BRIEF_BYTES_MAX, so that a pipe takes it at once.
 *
 * Pure.  What is read lives in the caller's arena.
 */
#ifndef TIDEMARK_AGENT_CAPTURE_BRIEF_H
#define TIDEMARK_AGENT_CAPTURE_BRIEF_H

#include "agent/capture/job.h"
#include "common/arena.h"
#include "common/buf.h"
#include "common/err.h"

enum { BRIEF_BYTES_MAX = 48 << 10 };

struct brief {
	struct job_settings settings;
	struct snapshot_order order;
	struct wire_batch about; /* with one process, or none */
	struct wire_process process;
	const char *file; /* NULL: a live process */
	const char *actor;
};

/* Appends, with its length in front.  ERR_INPUT: too long. */
bool brief_encode(const struct job_settings *settings, const struct job_order *order,
	struct buf *out, struct err *e);

/* Without the length in front. */
bool brief_decode(const void *bytes, size_t length, struct arena *a, struct brief *out,
	struct err *e);

#endif
