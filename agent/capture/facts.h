/*
 * Facts: what procfs says of a process before anything of it is touched.
 *
 * Whether it is Node.js, what a signal would do to it, which of its start flags open
 * or shut a door, which network it lives in, how large it is.  Only reads.  What may
 * not be read is unknown, which is never taken for yes.
 *
 * Of the environment only NODE_OPTIONS, XDG_RUNTIME_DIR and TIDEMARK_PRELOAD_DIR are
 * looked at, where the kernel lets us (mostly it does not), and only here, for a
 * process that somebody wants to capture; of those and of the command line only the
 * flags below are kept.
 *
 * Plain data in the caller's storage.  Any thread.
 */
#ifndef TIDEMARK_AGENT_CAPTURE_FACTS_H
#define TIDEMARK_AGENT_CAPTURE_FACTS_H

#include "common/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum { FACTS_PATH_MAX = 512, FACTS_INSPECT_PORT = 9229 };

/* Start flags of Node.js, from its command line and NODE_OPTIONS. */
struct facts_flags {
	bool is_command_known; /* else the title was overwritten: flags may be missing
				*/
	bool is_options_known; /* NODE_OPTIONS could be read (or is not set) */
	bool disable_sigusr1, permission;
	bool inspect;         /* started with an inspector: it is the operator's */
	int inspect_port;     /* FACTS_INSPECT_PORT unless told, 0: any free one */
	bool inspect_exposed; /* told to listen beyond loopback */
	int heap_signal;      /* of --heapsnapshot-signal, 0: none */
	char diagnostic_dir[FACTS_PATH_MAX]; /* "": the working directory */
	char preload_dir[FACTS_PATH_MAX];    /* TIDEMARK_PRELOAD_DIR, "" unknown */
	char runtime_dir[FACTS_PATH_MAX];    /* XDG_RUNTIME_DIR, "" unknown */
};

struct facts {
	int pid;
	uint64_t start_ticks; /* with the pid: which process this is */
	char state;           /* of proc(5): 'R', 'S', 'T' ... */
	uid_t uid;            /* effective */
	bool is_node;
	char program[64]; /* what it was judged by: "node" */
	uint64_t signals_caught, signals_ignored, signals_blocked; /* bit signal - 1 */
	int inner_pid;          /* in its own namespace: what process.pid says */
	uint64_t net_namespace; /* inode; 0: may not be read */
	bool is_net_ours;       /* the same network namespace as ours */
	uint64_t rss_bytes, anonymous_bytes;
	struct facts_flags flags;
};

/* ERR_INPUT: no such process, or not one of ours to look at. */
bool facts_read(const char *procfs, int pid, struct facts *out, struct err *e);

/* Only `program` and `is_node`, which costs little: false when they are not known. */
bool facts_read_kind(const char *procfs, int pid, struct facts *out);

/* For how long it has run by now, 0: unknown. */
int64_t facts_age_ms(const char *procfs, const struct facts *f);

/* Whether `signal` is caught by a handler, and not ignored, so that it cannot kill. */
bool facts_catches(const struct facts *f, int signal);

/* Pure; `text` is the file's.  False when it is not that file. */
bool facts_parse_status(const char *text, struct facts *out);

/* Pure; arguments that end in NUL, `length` bytes in all. */
void facts_parse_command(const char *text, size_t length, struct facts *out);
void facts_parse_options(const char *options, struct facts_flags *out);

#endif
