/*
 * Asking: one line to the preload sockets of many processes at once.
 *
 * All are asked, then all answers are awaited together, so that one process that is
 * busy does not make the others wait.  What each took of our time is measured.
 *
 * The array is the caller's, each freed by asking_finish.  One thread.
 */
#ifndef TIDEMARK_AGENT_INSIDES_ASKING_H
#define TIDEMARK_AGENT_INSIDES_ASKING_H

#include "agent/capture/preload.h"
#include "common/buf.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	ASKING_MAX = 256, /* at once */
	ASKING_BYTES_MAX = 1 << 20,
};

struct asking {
	struct preload_way *way;
	const char *line; /* "stats\n" */

	/* What came of it. */
	bool is_answered;
	bool is_late; /* was asked, did not answer in time */
	struct buf answer;
	int64_t cpu_us; /* of this thread, for this one */
	struct err e;   /* unless answered; why is in way->refusal */
	int fd;
};

/* False: stop_fd (-1: none) said so; nothing is to be read then. */
bool asking_run(struct asking *all, size_t count, int stop_fd, int64_t deadline_ms);
void asking_finish(struct asking *a);

/* Processor time of this thread. */
int64_t asking_cpu_us(void);

#endif
