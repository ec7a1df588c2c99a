/*
 * Words: signs of trouble that runtimes write about themselves, in their own words.
 *
 *     Node.js   MaxListenersExceededWarning (emitter, event, count, stack when it is
 *               traced); "FATAL ERROR: ... out of memory" with the heap of the last
 *               collection; the trace of an exception that nobody caught
 *     Java      java.lang.OutOfMemoryError with its kind; "Exception in thread"
 *     Python    MemoryError
 *     others    a line of a logger that says uncaughtException and an error's class
 *
 * Of an exception only the class is taken, never its message: that may hold anything.
 * The formats are those of Node.js 12 to 24, OpenJDK 17 and CPython 3.11, as these
 * wrote them in our tests.
 *
 * One struct per stream of lines, the caller's, zeroed before its first line; no memory
 * behind it.
 */
#ifndef TIDEMARK_AGENT_WARNINGS_WORDS_H
#define TIDEMARK_AGENT_WARNINGS_WORDS_H

#include "agent/warnings/sign.h"

#include <stdbool.h>
#include <stddef.h>

struct words {
	/* Of the last line that told of a collection. */
	uint32_t gc_pid;
	uint64_t heap_mb, committed_mb;
	/* The trace of an exception: lines that may still pass before its next part. */
	unsigned class_within, frame_within;
	char class_name[80];
	/* A warning whose stack may follow. */
	bool has_held;
	struct sign held;
};

/* A line without its end.  Gives up to two signs; how many is returned. */
size_t words_line(struct words *w, const char *line, size_t length, struct sign out[2]);

/* No more lines came for a while: what was held back is let go.  False: nothing. */
bool words_flush(struct words *w, struct sign *out);

#endif
