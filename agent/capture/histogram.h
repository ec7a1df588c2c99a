/*
 * Histogram: the class histogram of a Java virtual machine as a snapshot.
 *
 * HotSpot prints one line per class: rank, instances, bytes, name and, since Java 9,
 * the module.  Names become what a Java programmer writes ("byte[]" for "[B"); the
 * address behind a lambda's name, which differs from process to process, is taken off,
 * and lines that are then equal are added up.  There are no references in a histogram,
 * so there are no retained sizes, distances or paths.
 *
 * Pure.
 */
#ifndef TIDEMARK_AGENT_CAPTURE_HISTOGRAM_H
#define TIDEMARK_AGENT_CAPTURE_HISTOGRAM_H

#include "common/arena.h"
#include "common/buf.h"
#include "common/err.h"
#include "schema/snapshot.h"

#include <stdbool.h>
#include <stddef.h>

/* Fills kind, rules, runtime, the counts and the classes, all of them, of a zeroed
 * snapshot.  ERR_INPUT names the line that is none of a histogram, or says that the
 * total is missing: the answer was cut. */
bool histogram_parse(const char *text, size_t length, struct arena *a,
	struct snapshot *out, struct err *e);

/* Appends a histogram that says the same, for histogram_parse. */
void histogram_format(const struct snapshot *s, struct buf *out);

/* Takes off the smallest classes, then the smallest changes, until the rest fits on the
 * wire. */
void histogram_fit(struct snapshot *s);

#endif
