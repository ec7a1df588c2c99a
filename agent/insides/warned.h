/*
 * Warned: MaxListenersExceededWarnings that a process has seen, as evidence.
 *
 * Each class and event is told when it is new, and again whenever the listeners have
 * doubled since.
 *
 * Texts are in the arena.  Pure but for what the subject remembers.
 */
#ifndef TIDEMARK_AGENT_INSIDES_WARNED_H
#define TIDEMARK_AGENT_INSIDES_WARNED_H

#include "agent/insides/subjects.h"
#include "common/arena.h"

/* Fills `out` with what is to be told of one process; how many. */
size_t warned_take(struct subject_inside *in, const struct door_statistics *s,
	uint32_t process, struct arena *a, struct wire_warning out[DOOR_WARNINGS_MAX]);

#endif
