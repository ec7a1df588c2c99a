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
#include "common/err.h"
#include "schema/snapshot.h"

#include <stdbool.h>
#include <stddef.h>

/* Fills kind, rules, runtime, the counts and the classes of a zeroed snapshot; the
 * largest SNAPSHOT_CLASSES_MAX classes are kept.  ERR_INPUT names the line that is
 * none of a histogram, or says that the total is missing: the answer was cut. */
bool histogram_parse(const char *text, size_t length, struct arena *a,
	struct snapshot *out, struct err *e);

#endif
