/*
 * Crowd: the processes that the agent follows, as the scout was told last.
 *
 * Thread-safe.  Owns its copies.
 */
#ifndef TIDEMARK_AGENT_SCOUT_CROWD_H
#define TIDEMARK_AGENT_SCOUT_CROWD_H

#include "common/arena.h"
#include "schema/wire.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct crowd;

struct crowd *crowd_create(void);
void crowd_destroy(struct crowd *c);

/* These are all, in the place of those before; copied. */
void crowd_set(struct crowd *c, const struct wire_process *processes, size_t count);

/* Ends all waiting, now and later. */
void crowd_stop(struct crowd *c);

/* A process that is to be looked at more closely: wakes who waits.  crowd_asked takes
 * one such wish away; false: there is none.  Of many at once the first sixteen are
 * kept. */
void crowd_ask(struct crowd *c, uint32_t pid, uint64_t start_ticks);
bool crowd_asked(struct crowd *c, uint32_t *pid, uint64_t *start_ticks);

/* Waits until the crowd is another than the one numbered *seen (0: none yet), or until
 * that time; *seen is then the number of the one that is.  False: stop. */
bool crowd_wait(struct crowd *c, uint64_t *seen, int64_t until_mono_ms);

/* All of them, with texts, in the arena. */
struct wire_process *crowd_copy(struct crowd *c, struct arena *a, size_t *count);

#endif
