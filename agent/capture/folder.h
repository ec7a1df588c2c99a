/*
 * Folder: small files below the state directory, written whole.
 *
 * A file is written under another name, synced and renamed, mode 0600.  Root gives what
 * it makes to the owner of the state directory, who runs the agent.  Links are not
 * followed.
 *
 * No state; any process.
 */
#ifndef TIDEMARK_AGENT_CAPTURE_FOLDER_H
#define TIDEMARK_AGENT_CAPTURE_FOLDER_H

#include "common/buf.h"
#include "common/err.h"

#include <stdbool.h>
#include <stddef.h>

/* A folder of the state directory ("": itself), made (0700) when it is missing;
 * -1 with `e` on failure.  The state directory itself is never made here. */
int folder_open(const char *state_dir, const char *name, struct err *e);

/* Replaces a file of the open folder. */
bool folder_write(
	int folder, const char *name, const void *bytes, size_t length, struct err *e);

/* A new empty file for writing, for the owner's eyes; -1 with `e`. */
int folder_create(int folder, const char *name, struct err *e);

/* Appends a whole file of at most `most` bytes.  False with errno. */
bool folder_read(int folder, const char *name, size_t most, struct buf *out);

/* Writes everything.  False with errno. */
bool folder_put(int fd, const void *bytes, size_t length);

#endif
