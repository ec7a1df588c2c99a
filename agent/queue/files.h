/*
 * Files: the files of a directory as a queue of the source's name: how many match the
 * pattern, and the age of the oldest by its last change.
 *
 * Not those of directories below it, and no names that begin with a dot unless the
 * pattern does.  At most FILES_MAX entries are looked at.  Pure but for the directory.
 */
#ifndef TIDEMARK_AGENT_QUEUE_FILES_H
#define TIDEMARK_AGENT_QUEUE_FILES_H

#include "agent/queue/reading.h"
#include "common/err.h"

enum { FILES_MAX = 200000 };

bool files_read(struct reading *r, struct err *e);

#endif
