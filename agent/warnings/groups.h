/*
 * Groups: kills for lack of memory, as the control groups of followed processes count
 * them (agent/probe/cgroups.h).
 *
 * In version 2 a file that has changed says so by inotify, so that nothing is read
 * until something happens; where that does not work, and in version 1, the counts are
 * read every half minute.  The agent reads the same count once a minute, but in a
 * process that could not tell in time which process it was: a group often goes with its
 * last one.  A rise is told two seconds later, when procfs has lost the process and the
 * kernel's log may have said more: of a process that has gone, or, when none has, of
 * the group's oldest one (a child of it that is not followed was killed).
 *
 * One thread.  Owns its table; the lives must outlive the call they are given to.
 */
#ifndef TIDEMARK_AGENT_WARNINGS_GROUPS_H
#define TIDEMARK_AGENT_WARNINGS_GROUPS_H

#include "schema/wire.h"

#include <stdbool.h>
#include <stdint.h>

struct groups;

/* `killed` is called for each rise: of this process, so many times. */
struct groups *groups_create(const char *procfs, const char *cgroupfs,
	void (*killed)(void *context, const struct wire_process *process,
		uint64_t times, int64_t at_unix_ms),
	void *context);
void groups_destroy(struct groups *g);

/* Who is followed from now on; copied as far as it is needed. */
void groups_follow(
	struct groups *g, const struct wire_process *processes, size_t count);

/* Becomes readable when groups_run should be called; -1: only time tells. */
int groups_fd(const struct groups *g);

/* Reads what has changed or is due, and tells of what rose two seconds ago. */
void groups_run(struct groups *g, int64_t now_mono_ms, int64_t now_unix_ms);

/* The kernel's log told of a process of a group: this kill needs no second word. */
void groups_known(struct groups *g, uint32_t pid, int64_t now_mono_ms);

#endif
