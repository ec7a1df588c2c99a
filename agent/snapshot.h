/*
 * Snapshot: the command `snapshot` and what its parts share.
 *
 * One part, one file, one line in the table of snapshot.c: snapshot_summarize.c and
 * its like.  A part gets its own arguments, argv[0] being its name, and returns the
 * program's exit status.
 */
#ifndef TIDEMARK_AGENT_SNAPSHOT_H
#define TIDEMARK_AGENT_SNAPSHOT_H

#include "agent/heap/heap.h"
#include "common/conf.h"

enum { SNAPSHOT_EXIT_OK = 0, SNAPSHOT_EXIT_FAILED = 1, SNAPSHOT_EXIT_USAGE = 2 };

enum { SNAPSHOT_ARGUMENTS_MAX = 2 };

/* argv[0] is "snapshot". */
int snapshot_run(int argc, char **argv);

/* Its parts and their arguments, as manual.h has them. */
const char *snapshot_arguments(void);

/* Reads the options of `table` into `target`, wherever they stand, and the `wanted`
 * other arguments into `arguments`; `usage` goes into the message. */
struct snapshot_line {
	const struct conf_table *table;
	void *target;
	struct arena *arena;
	const char *usage; /* "summarize FILE|-" */
	const char *about; /* lines for --help, before the options */
	const char *more;  /* and behind them; NULL: none */
	int wanted;
	const char *arguments[SNAPSHOT_ARGUMENTS_MAX];
};

bool snapshot_read_line(
	struct snapshot_line *line, int argc, char **argv, struct err *e);

/* Whether --help or -h is among the arguments; then it was printed. */
bool snapshot_helped(const struct snapshot_line *line, int argc, char **argv);

/* Says the error; the exit status. */
int snapshot_fail(const struct err *e);

/* A heap from a file, or from standard input for "-", packed or not; the caller's. */
bool snapshot_load(const char *path, const struct heap_options *options,
	struct heap **out, struct err *e);

/* How much memory an analysis may take when nobody said: four fifths of what the
 * machine and the control group have left; 0 when that is unknown. */
uint64_t snapshot_memory_bytes(void);

#endif
