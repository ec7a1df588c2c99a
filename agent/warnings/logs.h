/*
 * Logs: the files of the [log NAME] sections.
 *
 * A file that is there when its section is seen for the first time is followed from its
 * end; one that appears later, from its start; one that was followed before, from where
 * it was left.  A file that was renamed is followed until nothing has come for ten
 * seconds, also when it was renamed while nobody looked, as long as it is still in its
 * directory.  A new file that begins as one that is followed is taken for a copy
 * (copytruncate) and read from its end.  What was written between the copy and the
 * truncation is lost to everybody.
 *
 * Looked at once a second: a stat for each file is cheaper than it is to get inotify
 * right over renames and foreign file systems.  One thread.
 */
#ifndef TIDEMARK_AGENT_WARNINGS_LOGS_H
#define TIDEMARK_AGENT_WARNINGS_LOGS_H

#include "agent/log_spec.h"
#include "agent/warnings/sign.h"
#include "common/buf.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { LOGS_FILES_MAX = 64, LOGS_TEXT_MAX = 256 }; /* files of a section at a time */

struct logs;

struct logs_options {
	const struct log_spec *specs; /* borrowed; those of the journal are left out */
	size_t count;
	void (*found)(void *context, const struct log_spec *spec, const struct sign *s);
	void *context;
};

/* `saved` is what logs_save wrote, or "". */
struct logs *logs_create(const struct logs_options *options, const char *saved);
void logs_destroy(struct logs *l);

/* Finds the files, and where in them to begin, without reading. */
void logs_prepare(struct logs *l, int64_t now_mono_ms);

/* One look at all of them.  True when something has moved. */
bool logs_look(struct logs *l, int64_t now_mono_ms);

/* Appends the lines from which logs_create goes on. */
void logs_save(const struct logs *l, struct buf *out);

/* How section number `at` does.  False: it is not of files. */
bool logs_state(const struct logs *l, size_t at, bool *works, char text[LOGS_TEXT_MAX]);

#endif
