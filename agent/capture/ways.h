/*
 * Ways: which routes lead into a process, and why the others do not.
 *
 * Judged from facts alone, nothing is touched.  Whether a preload socket is there shows
 * only when it is tried: for a Node.js process it counts as possible, and is tried
 * first, since it needs no signal and opens no port.
 *
 * Pure.
 */
#ifndef TIDEMARK_AGENT_CAPTURE_WAYS_H
#define TIDEMARK_AGENT_CAPTURE_WAYS_H

#include "agent/capture/facts.h"

#include <stdbool.h>
#include <stdint.h>

/* In the order in which they are preferred. */
enum way {
	WAY_PRELOAD,
	WAY_INSPECTOR,
	WAY_SIGNAL,
	WAY_JVM,
	WAYS, /* none */
};

enum { WAYS_WHY_MAX = 200 };

struct ways_one {
	bool works;
	char why[WAYS_WHY_MAX]; /* or why not */
};

struct ways {
	struct ways_one of[WAYS];
};

const char *ways_name(enum way way);

/* WAYS for a name that is none. */
enum way ways_parse(const char *name);

/* `is_jvm`: as jvm.h sees it.  `is_self_handled`: the service has taken SIGUSR1 for
 * itself before. */
void ways_look(
	const struct facts *facts, bool is_jvm, bool is_self_handled, struct ways *out);

/* The first that works at or behind `from`; WAYS when there is none. */
enum way ways_next(const struct ways *ways, enum way from);

/* "signal, preload": what works besides `but`; "none". */
void ways_others(const struct ways *ways, enum way but, char out[WAYS_WHY_MAX]);

#endif
