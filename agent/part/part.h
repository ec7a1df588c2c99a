/*
 * Part: one thing that the scout does, as a thread of its own.
 *
 * A part shares nothing with others but what stands here.  It runs until crowd_wait (or
 * stop_fd, for those that poll) says that the scout stops; then it returns within two
 * seconds.  It may start threads of its own, which it joins before it returns. Whatever
 * it meets outside (a dead server, a file that is no text) is said by a source_state, a
 * remark or a count, never by an end.
 */
#ifndef TIDEMARK_AGENT_PART_PART_H
#define TIDEMARK_AGENT_PART_PART_H

#include "agent/config.h"
#include "agent/part/crowd.h"
#include "agent/part/post.h"

struct part {
	const struct config *config;
	struct crowd *crowd; /* who is followed now */
	struct post *post;   /* where everything that was found out goes */
	int stop_fd;         /* becomes readable, and stays it, when the scout stops */
};

#endif
