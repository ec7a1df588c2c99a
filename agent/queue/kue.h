/*
 * Kue: the types of jobs of Kue 0.11, as they stand in Redis.
 *
 *     PREFIX:job:types                 the types, a set
 *     PREFIX:ids                       how many jobs of all types ever came in
 *     PREFIX:jobs:TYPE:STATE           sorted sets by priority: inactive, active,
 *                                      delayed, failed, complete; members "NN|ID"
 *     PREFIX:job:ID                    hash: type, created_at, started_at, duration
 *
 * Kue counts only all types together.  What came in of each is found by asking the new
 * jobs (at most a thousand at each look, and by their shares when there are more) for
 * their type.  Those that are done and removed already cannot be asked: they are
 * divided among the types that keep no finished jobs, as the others of these came.  So
 * the sum of the types is exact, and so is each type that keeps its finished jobs or
 * whose jobs outlive an interval; with several types of short jobs that are removed, in
 * and out of each are estimates, while their difference is exact.
 *
 * At the first look a type has had what is kept of it, so that after a restart of the
 * agent the count may fall; it never jumps up.
 *
 * One thread; owns its connection and what it remembers.
 */
#ifndef TIDEMARK_AGENT_QUEUE_KUE_H
#define TIDEMARK_AGENT_QUEUE_KUE_H

#include "agent/queue/reading.h"
#include "common/err.h"

struct kue;

struct kue *kue_create(const struct queue_spec *spec, int stop_fd);
void kue_destroy(struct kue *k);
bool kue_read(struct kue *k, struct reading *r, struct err *e);

#endif
