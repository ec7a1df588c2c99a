/*
 * Heaps: the agent's side of heap snapshots.
 *
 * Takes the server's orders (on receipts), files that appear in directories and batches
 * that the command line leaves; has the work done by jobs (agent/capture/job.h), one at
 * a time; and hands what they say to the outbox.
 *
 *     order    begun at most once, also over restarts; refused (an event says why) when
 *              it came too late, when its process is another one by now, when the
 *              service is not opted in by `snapshots`, when too many wait
 *     file     summarised once; the file itself is left alone
 *     raw      parts of a raw file, sent beside the spool
 *     census   handed on
 *
 * An agent that stops ends the job, which closes what it opened in its target.
 *
 * One that starts has closed what captures that were killed left open in their targets
 * (agent/capture/opened.h), by a process of its own.
 *
 * Its state is in the state directory: orders, dumps (what was seen), outbox/, raw/.
 *
 * Borrows the configuration, the host's names and the spool.  One thread.  Does not
 * log: what people should know goes to `tell`.
 */
#ifndef TIDEMARK_AGENT_HEAPS_H
#define TIDEMARK_AGENT_HEAPS_H

#include "agent/batch.h"
#include "agent/capture/job.h"
#include "agent/config.h"
#include "agent/processes.h"
#include "agent/spool.h"
#include "agent/uplink.h"
#include "common/buf.h"
#include "common/err.h"
#include "common/log.h"

#include <stdbool.h>
#include <stdint.h>

enum { HEAPS_WAITING_MAX = 4, HEAPS_JOB_LOOK_MS = 2000 };

/* As in job.h; tests have their own. */
struct heaps_jobs {
	bool (*start)(const struct job_settings *settings,
		const struct job_order *order, struct job **out, struct err *e);
	int (*fd)(const struct job *j);
	enum job_state (*read)(struct job *j, struct buf *batch);
	void (*destroy)(struct job *j);
};

struct heaps_options {
	const struct config *config;
	const struct batch_host *host;
	struct spool *spool;
	void (*tell)(void *context, enum log_level level, const char *text);
	/* The server asks for a census of a process; NULL: nobody takes them. */
	void (*census)(void *context, uint32_t pid, uint64_t start_ticks);
	void *context;
	const struct heaps_jobs *jobs; /* NULL: the real ones */
};

struct heaps;

bool heaps_open(const struct heaps_options *options, struct heaps **out, struct err *e);

/* NULL is fine.  Waits up to two seconds for a job to end. */
void heaps_close(struct heaps *h);

/* The configuration that it borrows says other things now. */
void heaps_tune(struct heaps *h);

/* What the uplink is to call. */
struct uplink_ears heaps_ears(struct heaps *h);

/* `stores`: the spool took this tick's readings. */
void heaps_tick(struct heaps *h, const struct processes_tick *tick, bool stores);

/* Becomes readable when heaps_run has something to do; it also has at heaps_due_ms. */
int heaps_fd(const struct heaps *h);
int64_t heaps_due_ms(const struct heaps *h);
void heaps_run(struct heaps *h);

/* The lines of `tidemark-agent status`. */
void heaps_format(const struct heaps *h, struct buf *out);

#endif
