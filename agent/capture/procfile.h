/*
 * Procfile: the text of one file below procfs/PID, whole and bounded.
 */
#ifndef TIDEMARK_AGENT_CAPTURE_PROCFILE_H
#define TIDEMARK_AGENT_CAPTURE_PROCFILE_H

#include "common/buf.h"

#include <stdbool.h>

enum { PROCFILE_BYTES_MAX = 256 << 10, PROCFILE_PATH_MAX = 320 };

/* "procfs/PID/name", cut when it is too long. */
void procfile_path(
	char path[PROCFILE_PATH_MAX], const char *procfs, int pid, const char *name);

/* Appends the file's first PROCFILE_BYTES_MAX bytes.  False with errno when it cannot
 * be read. */
bool procfile_read(const char *procfs, int pid, const char *name, struct buf *out);

#endif
