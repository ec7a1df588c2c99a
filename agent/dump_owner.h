/*
 * Dump owner: which process a snapshot file is of.
 *
 * The process that the file's name tells, if it is one of the user to whom the file
 * belongs (or the file is root's), and started before the file was written.  In the
 * directory of a service that is one of its processes; where the name tells none, or
 * one that is not known here (a container counts its own), the service's only one, or
 * the only one of the file's user.  Never a guess.  Pure.
 */
#ifndef TIDEMARK_AGENT_DUMP_OWNER_H
#define TIDEMARK_AGENT_DUMP_OWNER_H

#include "agent/dumps.h"
#include "agent/lives.h"

enum { DUMP_OWNER_WHY_BYTES = 256 };

/* NULL: `why` says why not. */
const struct life *dump_owner(const struct dumps_file *file, const struct lives *lives,
	char why[DUMP_OWNER_WHY_BYTES]);

#endif
