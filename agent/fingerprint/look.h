/*
 * Look: one process as procfs shows it, while its fingerprint is read.
 *
 * Holds its root directory open, so that all files are of this process though its pid
 * be given to another meanwhile; look_is_same says at the end whether it was.  Owns the
 * descriptor and the command line, which never leave the host.
 */
#ifndef TIDEMARK_AGENT_FINGERPRINT_LOOK_H
#define TIDEMARK_AGENT_FINGERPRINT_LOOK_H

#include "agent/command.h"
#include "agent/fingerprint/tree.h"
#include "agent/unit.h"
#include "common/buf.h"
#include "common/err.h"

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

struct look {
	const char *procfs; /* borrowed */
	int pid, parent;
	uint64_t start_ticks;
	struct tree tree;       /* .root is ours to close, -1: may not be entered */
	bool is_root_ours;      /* its root is this machine's */
	char program[PATH_MAX]; /* of the executable, "" unknown */
	bool is_program_gone;   /* deleted or replaced since it began */
	char folder[PATH_MAX];  /* working directory, "" unknown */
	struct command command; /* program, script and runtime */
	char script[PATH_MAX];  /* from its root, through all links; "" unknown */
	struct buf cmdline;     /* arguments that end in NUL */
	struct unit unit;
	char container[65]; /* the container's whole id, "" */
};

/* ERR_INPUT: there is no such process; `start_ticks` 0 takes any. */
bool look_open(struct look *l, const char *procfs, int pid, uint64_t start_ticks,
	struct err *e);
void look_close(struct look *l);

bool look_is_same(const struct look *l);

/* Pure: parent and start of /proc/PID/stat; false: it is none. */
bool look_parse_stat(const char *text, int *parent, uint64_t *start_ticks);

/* `path` from the folder `base`, without "." and ".."; false: it does not fit. */
bool look_join(char out[PATH_MAX], const char *base, const char *path);

#endif
