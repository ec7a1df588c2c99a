/*
 * Scouting: the agent's side of the scout (agent/scout/main.c), which it starts, tells
 * whom to look at, and whose findings it joins with its own readings or puts into the
 * spool as they come.
 *
 * A scout that ends is started again, after 1 s, then later and later up to 5 minutes;
 * without one the agent reads what it reads itself.  What the scout says is checked
 * like anybody else's words: a frame that is none ends it.
 *
 * Borrows everything in the options.  One thread; never waits for the scout, but at
 * most three seconds for its end.
 */
#ifndef TIDEMARK_AGENT_SCOUTING_H
#define TIDEMARK_AGENT_SCOUTING_H

#include "agent/batch.h"
#include "agent/config.h"
#include "agent/processes.h"
#include "agent/spool.h"
#include "common/buf.h"
#include "common/log.h"

#include <stdint.h>
#include <sys/types.h>

struct scouting;

struct scouting_options {
	const struct config *config;   /* its arguments are the scout's too */
	const struct batch_host *host; /* complete before the first tick */
	struct spool *spool;
	const char *program; /* NULL: tidemark-scout beside the agent's own program */
	void (*tell)(void *context, enum log_level level, const char *text);
	void *context;
};

/* NULL without the memory for it, or when the configuration says no. */
struct scouting *scouting_create(const struct scouting_options *options);
void scouting_destroy(struct scouting *s);

/* The scout is to run with these arguments (copied; NULL: those of the configuration):
 * it ends when it comes to it, and another one begins. */
void scouting_tune(struct scouting *s, char *const *arguments);

/* The scout that runs; 0: none. */
pid_t scouting_child(const struct scouting *s);

/* After processes_read, before the readings are stored: adds fingerprints and values to
 * them, in the tick's arena, and tells the scout who is there. */
void scouting_tick(struct scouting *s, struct processes_tick *tick, struct arena *a);

/* The scout is to count what a process holds, which it does as far as its settings let
 * it; asked at most once an hour for each. */
void scouting_ask_census(struct scouting *s, uint32_t pid, uint64_t start_ticks);

/* Becomes readable when scouting_run has something to do; it also has at due_ms. */
int scouting_fd(const struct scouting *s);
int64_t scouting_due_ms(const struct scouting *s);
void scouting_run(struct scouting *s);

/* The lines of `tidemark-agent status`. */
void scouting_format(const struct scouting *s, struct buf *out);

#endif
