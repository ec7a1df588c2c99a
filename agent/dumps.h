/*
 * Dumps: heap snapshots that appear as files in directories of this host.
 *
 * Written by heapdump, --heapsnapshot-signal, --heapsnapshot-near-heap-limit or
 * v8.writeHeapSnapshot(): *.heapsnapshot, also with .gz or .zst behind it.  Each file
 * is given out once, when it is whole: not written to for DUMPS_STILL_MS and, as far as
 * that can be seen from outside, ending as a snapshot ends; or, as a trouble to tell,
 * when nobody has written to it for DUMPS_UNFINISHED_MS and it is not.  What was
 * given and settled is remembered by device, inode, size and time, so that a file
 * that is written anew counts as new.  Files are only read.
 *
 * inotify says when to look; each minute everything is looked at in any case (network
 * file systems, directories that come later).  At the first start all that is there
 * is left alone; later, what has come since the last look of the agent before.
 *
 * The directories may be writable for others: only regular files in them count, links
 * are not followed, nothing waits for a pipe, and no more than DUMPS_HOURLY_MAX files
 * are given out in an hour; the others wait.
 *
 * One thread.  Times are arguments.
 */
#ifndef TIDEMARK_AGENT_DUMPS_H
#define TIDEMARK_AGENT_DUMPS_H

#include "common/buf.h"
#include "common/err.h"

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum {
	DUMPS_STILL_MS = 2000,
	DUMPS_UNFINISHED_MS = 10 * 60 * 1000,
	DUMPS_LOOK_MS = 60 * 1000,
	DUMPS_PENDING_MAX = 64, /* more wait for a later look */
	DUMPS_HOURLY_MAX = 60,
	DUMPS_REMEMBERED_MAX = 512,
	DUMPS_NAME_MAX = 256,
};
#define DUMPS_BYTES_MAX (INT64_C(64) << 30)

/* Borrowed. */
struct dumps_directory {
	const char *path;
	const char *service; /* whose snapshots appear there; NULL: anybody's */
};

struct dumps_key {
	uint64_t device, inode;
	int64_t bytes, mtime_ns;
};

struct dumps_file {
	char path[PATH_MAX];
	const struct dumps_directory *directory;
	struct dumps_key key;
	uid_t owner;
	uint32_t pid; /* that the name tells, maybe of a container's own; 0: none */
	int64_t made_unix_ms;
	char trouble[128]; /* why it is no snapshot; "": it looks whole */
};

struct dumps;

/* ERR_IO: no inotify; files are then found by the look of each minute. */
struct dumps *dumps_create(
	const struct dumps_directory *directories, size_t count, int64_t now_unix_ms);
void dumps_destroy(struct dumps *d);

/* Becomes readable when something has changed; -1: looks each minute only. */
int dumps_fd(const struct dumps *d);

/* Looks at what is due. */
void dumps_run(struct dumps *d, int64_t now_unix_ms, int64_t now_mono_ms);

/* When the next look is due. */
int64_t dumps_due_ms(const struct dumps *d);

/* The next file; false: none.  It stays out until it is settled. */
bool dumps_next(struct dumps *d, struct dumps_file *out);
void dumps_settle(struct dumps *d, const struct dumps_key *key);

/* Why a directory cannot be looked at, or files wait, each once; false: nothing new. */
bool dumps_trouble(struct dumps *d, struct err *out);

/* What is to be remembered over a restart, as text. */
bool dumps_parse(struct dumps *d, const char *text, struct err *e);
void dumps_format(const struct dumps *d, struct buf *out);

/* Of "Heap.DATE.TIME.PID.TID.SEQUENCE.heapsnapshot"; 0 of other names. */
uint32_t dumps_pid_of(const char *name);

#endif
