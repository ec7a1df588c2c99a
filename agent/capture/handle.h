/*
 * Handle: one process, held so that its number cannot come to mean another.
 *
 * A pidfd, opened and then proven to be the process with these start ticks.  Signals
 * go through it: when the process has ended they fail, whoever has its number now.
 *
 * Caller's storage; owns the descriptor.  One thread.
 */
#ifndef TIDEMARK_AGENT_CAPTURE_HANDLE_H
#define TIDEMARK_AGENT_CAPTURE_HANDLE_H

#include "agent/capture/facts.h"

struct handle {
	int fd; /* readable once the process has ended */
};

/* ERR_INPUT: it has ended since the facts were read. */
bool handle_init(
	struct handle *h, const char *procfs, const struct facts *f, struct err *e);
void handle_finish(struct handle *h);

/* Reads program and signal masks anew first, and refuses when it is another program
 * by now, and what would not be caught. */
bool handle_signal(struct handle *h, const char *procfs, const struct facts *f,
	int signal, struct err *e);

bool handle_has_ended(const struct handle *h);

/* The same, but waits for at most `ms`: the sockets of a process close a moment before
 * it has ended. */
bool handle_ends(const struct handle *h, int ms);

#endif
