/*
 * Processes: who runs on this machine, who of them is followed, what they use.
 *
 * Each tick lists procfs.  A process is
 * followed from the tick on at which it has lived for an interval and
 *     - is at least as large as min_rss, or
 *     - is a program of ours (agent, scout, server), or
 *     - a configured rule names it, or
 *     - it was followed before the agent restarted;
 * it then stays followed to its end, however small it gets.  Short-lived ones thus
 * never take a seat.  All others are summed into the rest_* values of the host, with
 * each of them read once a minute.  Kernel threads are no processes here.
 *
 * What pm2 has started is followed once pm2 says what it is called, or after half a
 * minute.
 *
 * A worker that pm2 has replaced, and that only ends its work, is followed no longer:
 * the one that took its place takes its seat, from the next tick on.
 *
 * What is read when: stat and statm at each tick, over descriptors that are kept open
 * while there are any left (a kept one costs the kernel about 4 KiB); status, number
 * of descriptors, limits and kills of the control group once a minute, spread over the
 * ticks by pid; PSS at most once a minute, one process after the other, while the
 * predicted time fits the tick's budget: reading it blocks the process, so what
 * cannot fit is never read.  While RSS and its anonymous part stay as they are, status
 * and PSS are said again as they were, for ten minutes at most.
 *
 * A machine that has not forked since the last tick is not listed again; a small
 * process that ended may then stay in the sums for a minute.
 *
 * Owns everything it reads with; borrows the rules and the slots.  One thread.
 */
#ifndef TIDEMARK_AGENT_PROCESSES_H
#define TIDEMARK_AGENT_PROCESSES_H

#include "agent/slots.h"
#include "agent/target.h"
#include "common/arena.h"
#include "common/err.h"
#include "schema/wire.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { PROCESSES_KNOWN_MAX = 65536 };

struct processes;

struct processes_options {
	const char *procfs, *cgroupfs;
	int64_t interval_ms;
	int64_t min_rss_bytes;
	int64_t pss_budget_ms; /* per tick; 0: never read */
	size_t kept_max;       /* descriptors to keep open */
	size_t fds_budget;     /* of processes, to count per tick; 0: 20000 */
	const struct target_rule *rules;
	size_t rule_count;
	struct slots *slots;
};

/* The moment of a tick: wall clock, and time since boot. */
struct processes_now {
	int64_t unix_ms, boot_ms;
};

/* In the arena of the tick; process i has sample i.  Names live until the next
 * tick. */
struct processes_tick {
	struct wire_process *processes;
	struct wire_sample *samples;
	size_t count;
	struct wire_values host; /* everything about the machine */
};

bool processes_open(
	const struct processes_options *options, struct processes **out, struct err *e);

/* From the next tick on. */
void processes_tune(struct processes *p, int64_t interval_ms, int64_t min_rss_bytes,
	int64_t pss_budget_ms);

/* Seats stay taken: they are remembered for the agent's next start. */
void processes_close(struct processes *p);

/* ERR_IO when procfs cannot be listed; the tick is then empty but for the host. */
bool processes_read(struct processes *p, const struct processes_now *now,
	struct arena *a, struct processes_tick *out, struct err *e);

#endif
