/*
 * Bull: the queues of Bull 3 and 4 and of BullMQ, as they stand in Redis.
 *
 *     PREFIX:NAME:id                   how many jobs ever came in
 *     PREFIX:NAME:wait, paused, active lists of job ids, the oldest last
 *     PREFIX:NAME:prioritized, delayed, waiting-children, failed, completed  sorted
 * sets PREFIX:NAME:metrics:completed, metrics:failed   hashes with `count`, where the
 *                                      application asked for metrics
 *     PREFIX:NAME:JOB                  hash: timestamp, delay, processedOn, finishedOn
 *
 * Seen in bull 4.16 and bullmq 6.7.  How many were completed says metrics:completed;
 * without it the ledger does, since finished jobs are often removed at once.  Jobs
 * added under an id that is there already are counted by `id` all the same: such a
 * queue's in and out are both too high by them.
 *
 * One thread; owns its connection and what it remembers.
 */
#ifndef TIDEMARK_AGENT_QUEUE_BULL_H
#define TIDEMARK_AGENT_QUEUE_BULL_H

#include "agent/queue/reading.h"
#include "common/err.h"

struct bull;

struct bull *bull_create(const struct queue_spec *spec, int stop_fd);
void bull_destroy(struct bull *b);
bool bull_read(struct bull *b, struct reading *r, struct err *e);

#endif
