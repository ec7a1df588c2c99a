/*
 * Subjects: the processes whose runtimes can be read, from one round to the next.
 *
 * Every process of the crowd has one; what is no Node.js or Java is looked at again
 * seldom, since a shell may have become something else.  What is known of a way in is
 * kept here: where the socket was, when to try again, what it cost, what was told.
 *
 * Caller's storage; owns the subjects.  One thread.
 */
#ifndef TIDEMARK_AGENT_INSIDES_SUBJECTS_H
#define TIDEMARK_AGENT_INSIDES_SUBJECTS_H

#include "agent/capture/preload.h"
#include "agent/config.h"
#include "agent/insides/java.h"
#include "agent/insides/values.h"
#include "schema/wire.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum subject_kind { SUBJECT_OTHER, SUBJECT_NODE, SUBJECT_JAVA };

enum subject_route {
	SUBJECT_NOTHING,   /* none leads in; RSS is all there is */
	SUBJECT_PRELOAD,   /* the socket */
	SUBJECT_INSPECTOR, /* opened for a moment */
	SUBJECT_HSPERF,    /* a JVM's file */
};

struct subject_warned {
	char emitter[64], event[64];
	int64_t count; /* when it was told last */
};

/* Of a runtime that may be read. */
struct subject_inside {
	struct facts facts;
	enum subject_route route;
	struct preload_way preload;
	struct java_way java;
	struct values_floor floor;
	int64_t due_ms, period_ms; /* of readings */
	int64_t pause_us;          /* longest, of this life */
	unsigned failures, overruns, good;
	int64_t census_due_ms, counted_ms; /* counted: when it was tried last */
	double census_us_per_mb;           /* 0: not measured yet */
	int64_t heap_used_bytes;           /* at the last reading, -1 */
	struct subject_warned warned[DOOR_WARNINGS_MAX];
	size_t warned_count;
	bool never; /* this way in is shut for good */
	bool works;
	char problem[200]; /* "": none to be told */
	char census_problem[200];
	int64_t took_us;
};

struct subject {
	int pid;
	uint64_t start_ticks;
	uint32_t at; /* index there */
	const char *service;
	enum subject_kind kind;
	int64_t look_ms; /* when to look again what it is, and for a way in */
	unsigned looks;
	struct subject_inside *in; /* NULL: OTHER, or not opted in */
};

struct subjects {
	struct subject *all; /* by pid, then start */
	size_t count;
};

void subjects_finish(struct subjects *s);

/* These are the processes now; looks at those that it is time for.  Services stand in
 * the list until the next call. */
void subjects_set(struct subjects *s, const struct config *c,
	const struct wire_process *processes, size_t count, int64_t now_ms);

/* How often this one is read, unless it was told to back off. */
int64_t subjects_period_ms(const struct config *c, enum subject_route route);

const char *subjects_route_name(enum subject_route route); /* "preload" */

#endif
