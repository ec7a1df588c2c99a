/*
 * Heaps inside: what the files of heaps.h share.
 *
 *     heaps.c        the face: orders in, ticks, status, start and end
 *     heaps_work.c   who waits, and the one job that runs
 *     heaps_files.c  files in directories, until they are work
 *     heaps_words.c  what is said to the server and to people, and kept for the next
 * start
 *
 * Only for these.
 */
#ifndef TIDEMARK_AGENT_HEAPS_INSIDE_H
#define TIDEMARK_AGENT_HEAPS_INSIDE_H

#include "agent/dumps.h"
#include "agent/heaps.h"
#include "agent/lives.h"
#include "agent/orders.h"
#include "agent/outbox.h"
#include "agent/pull.h"
#include "agent/task.h"
#include "common/arena.h"

#define HEAPS_ORDERS "orders"
#define HEAPS_DUMPS  "dumps"

struct heaps {
	struct heaps_options options;
	const struct heaps_jobs *jobs;
	struct job_settings settings;
	int state_folder, epoll;
	struct arena config_arena; /* directories */
	struct outbox *outbox;
	struct orders *orders;
	struct lives *lives;
	struct dumps *dumps;
	struct pull pull;

	struct task *task; /* that the job works on, NULL: there is no job */
	struct job *job;
	int64_t job_look_ms;
	struct task *waiting[HEAPS_WAITING_MAX]; /* oldest first */
	size_t waiting_count;

	struct buf batch;
	struct arena arena; /* of one batch */
};

void heaps_words_tell(struct heaps *h, enum log_level level, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Failures are told.  What is not saved is not to be begun: a crash would have it begun
 * again.  For all else it only means that less is shown after a restart. */
bool heaps_words_save_orders(struct heaps *h);
void heaps_words_save_dumps(struct heaps *h);

/* The word on what became of something, with the process if it is known. */
void heaps_words_report(
	struct heaps *h, const struct snapshot_event *event, const struct life *life);

/* NULL: it is not known, or another. */
const struct life *heaps_words_life(
	const struct heaps *h, const struct snapshot_order *order);

/* An end that no job says. */
void heaps_words_end(struct heaps *h, const struct snapshot_order *order,
	const char *actor, enum snapshot_state state, const char *why);

/* An order, maybe a repeated one. */
void heaps_work_ask(struct heaps *h, const struct snapshot_order *order);
void heaps_work_begin_next(struct heaps *h);

/* What the job has to say, until it waits. */
void heaps_work_read(struct heaps *h);

/* The agent stops. */
void heaps_work_stop(struct heaps *h);

/* The directories of the configuration. */
void heaps_files_create(struct heaps *h);
void heaps_files_run(struct heaps *h);

#endif
