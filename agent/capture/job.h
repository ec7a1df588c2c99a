/*
 * Job: one capture, or one file to summarise, in a child process of its own.
 *
 * The child is this same program (`tidemark-agent snapshot-job`, which people never
 * call): niced, with a memory limit by setrlimit, first to go when the kernel needs
 * memory; whatever it meets can neither stall nor grow nor crash the agent.  It gets
 * what to do on stdin and writes finished batches (wire_batch_encode) to stdout, each
 * behind its length: events as they happen, then the summary.  The agent only appends
 * them to its spool.  A child that overruns its memory or its deadline is ended, what
 * it left open in the target (an inspector) is closed by a second child, and the job's
 * last batch says what happened.  What such a child cannot close is told even behind
 * the capture's end, by an event of no capture.
 *
 * The parent's side is non-blocking; one thread, which ignores SIGPIPE.
 */
#ifndef TIDEMARK_AGENT_CAPTURE_JOB_H
#define TIDEMARK_AGENT_CAPTURE_JOB_H

#include "common/buf.h"
#include "common/err.h"
#include "schema/snapshot.h"
#include "schema/wire.h"

#include <stdbool.h>
#include <stdint.h>

/* From the configuration; borrowed while job_start runs. */
struct job_settings {
	const char *state_dir, *procfs, *cgroupfs;
	const char *preload_dir;
	int64_t pause_max_ms, cooldown_ms;
	uint64_t memory_max_bytes; /* of the child */
	uint64_t raw_max_bytes;    /* of all raw files in state_dir; 0: keep none */
	int64_t limit_ms; /* of the whole job; 0: 2 minutes a card, else half an hour */
};

/* What to do; borrowed while job_start runs.  QUOTE and TAKE only. */
struct job_order {
	const struct snapshot_order *order;
	/* The host, and the one process that it is about: the frame of every batch that
	 * comes back.  Neither ticks nor gaps. */
	const struct wire_batch *about;
	const char *
		file; /* a finished file to summarise instead of a live process; NULL */
	const char *actor; /* of events with capture 0; "" */
};

struct job;

bool job_start(const struct job_settings *settings, const struct job_order *order,
	struct job **out, struct err *e);

/* Becomes readable when job_read has something to do. */
int job_fd(const struct job *j);

/* Also to be called when job_fd is quiet, every few seconds: deadlines. */
enum job_state {
	JOB_WAITS, /* nothing yet */
	JOB_BATCH, /* one batch is appended to `batch`; call again */
	JOB_ENDED, /* there will be nothing more; everything was said by batches */
};
enum job_state job_read(struct job *j, struct buf *batch);

/* Ends the child if it still runs, and sees to it that nothing stays open in the
 * target. Waits for that for at most two seconds.  NULL is accepted. */
void job_destroy(struct job *j);

/* The child's side. */
int job_main(void);

#endif
