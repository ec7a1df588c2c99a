/*
 * Objects: whose objects are these?  Object arithmetic between two heaps.
 *
 * Between two heap summaries of one process each class grew by a number of objects, and
 * the process handled a number of requests, jobs, connections.  Where the two numbers
 * are in a small whole ratio, the class is explained: one object for each request that
 * was ever served is a leak, one for each item that still waits is a backlog.
 *
 * Chance must not explain anything.  Many classes are held against several counters in
 * several ratios, so something always comes near.  Sizes of unrelated things spread
 * evenly on a logarithmic scale; over the two decades in which most classes that grew
 * are found, one of them comes within e objects of a number x with probability
 *
 *     p = (2 e + 1) / (x ln 100)
 *
 * and the expected number of chance matches at least as good is p times what was tried:
 * classes that grew x counters known x ratios up to this one, simplest first (a
 * correction of Bonferroni's).  A match counts when that is at most OBJECTS_CHANCE_MAX,
 * so of twenty comparisons in which nothing belongs together one has one match.  The
 * tolerance follows: with ten classes and four counters one object each may be off by 2
 * of 1,000 and by 34 of 12,200, ten each by 1 of 10,000; below 174 objects nothing
 * matches at all.  Beyond OBJECTS_ERROR_MAX nothing does either, however many they are.
 *
 * Several counters that fit within a factor of five of the best one's chance fit
 * equally well, and all are named.  Pure; results live in the arena and point into the
 * input.
 */
#ifndef TIDEMARK_SERVER_ANALYSE_OBJECTS_H
#define TIDEMARK_SERVER_ANALYSE_OBJECTS_H

#include "common/arena.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A class grew when it has this many objects more, and a fiftieth more. */
enum { OBJECTS_MORE_MIN = 50 };
#define OBJECTS_CHANCE_MAX 0.05
#define OBJECTS_ERROR_MAX  0.01

struct objects_class {
	const char *name, *location; /* location "": none */
	int64_t count_before, count_after;
	int64_t bytes_before, bytes_after; /* shallow */
};

/* What the process counted between the two heaps. */
enum objects_counter {
	OBJECTS_REQUESTS,
	OBJECTS_ENQUEUED,
	OBJECTS_COMPLETED,
	OBJECTS_WAITING, /* enqueued - completed: filled in where both are known */
	OBJECTS_ERRORS,
	OBJECTS_CONNECTIONS,      /* opened, whether or not they were closed */
	OBJECTS_OPEN_CONNECTIONS, /* more of them open than before */
	OBJECTS_COUNTERS,
};

struct objects_input {
	const struct objects_class *classes;
	size_t class_count;
	double delta[OBJECTS_COUNTERS]; /* NAN: unknown */
};

/* What an explained class says. */
enum objects_meaning {
	OBJECTS_UNEXPLAINED, /* no counter goes with it */
	OBJECTS_KEPT,        /* one for each thing that is over: never let go */
	OBJECTS_BACKLOG,     /* items that wait */
	OBJECTS_IN_USE,      /* belong to what is open */
	OBJECTS_UNDECIDED,   /* counters of different meaning fit equally well */
	OBJECTS_MEANINGS,
};

struct objects_match {
	const struct objects_class *of;
	int64_t more, more_bytes;
	enum objects_meaning meaning;
	/* The rest only when it is explained. */
	enum objects_counter counter; /* that fits best */
	unsigned fits;                /* bit n: counter n fits as well; with the best */
	int objects, units;           /* so many objects for so many units */
	double expected;              /* objects */
	double error;                 /* (more - expected) / expected */
	double chance;    /* expected number of matches this good by chance */
	const char *text; /* always; "12,204 more Listener objects: one for each of
			     12,198 requests" */
};

/* Classes that grew, the most bytes first. */
struct objects_result {
	const struct objects_match *matches;
	size_t count;
	size_t classes[OBJECTS_MEANINGS];
	int64_t bytes[OBJECTS_MEANINGS];
	/* OBJECTS_KEPT or OBJECTS_BACKLOG when it has at least twice the bytes of the
	 * other, OBJECTS_IN_USE when only that was found; OBJECTS_UNDECIDED when both
	 * or neither can be told; OBJECTS_UNEXPLAINED when nothing is. */
	enum objects_meaning meaning;
	const char *text; /* "9 classes (1.2 MB) keep objects of work that is over" */
};

void objects_explain(
	const struct objects_input *in, struct arena *a, struct objects_result *out);

const char *objects_counter_name(enum objects_counter counter); /* "requests" */
/* "unexplained", "kept", "backlog", "in-use", "undecided" */
const char *objects_meaning_name(enum objects_meaning meaning);

#endif
