/*
 * Room: how much memory a process may still take before somebody is ended for it.
 *
 * The tightest of the machine (MemAvailable) and of each control group from the
 * process's own up to the root: the group's limit (memory.max, memory.high, or version
 * 1's limit_in_bytes) without what it uses.  File pages that were not touched lately
 * count as free, as the kernel gives them up first.
 *
 * Reads procfs and the mounted control groups.  Plain data in the caller's storage.
 * Any thread.
 */
#ifndef TIDEMARK_AGENT_CAPTURE_ROOM_H
#define TIDEMARK_AGENT_CAPTURE_ROOM_H

#include "common/err.h"

#include <stdbool.h>
#include <stdint.h>

enum { ROOM_WHERE_MAX = 200 };

struct room {
	uint64_t free_bytes;      /* of the tightest */
	uint64_t available_bytes; /* of the machine */
	/* The tightest, for people: "control group /x: limit 512 MiB, used 82 MiB". */
	char where[ROOM_WHERE_MAX];
};

/* ERR_IO: procfs does not say how much the machine has. */
bool room_read(const char *procfs, const char *cgroupfs, int pid, struct room *out,
	struct err *e);

/* "12 KiB", "2.5 MiB", "612 MiB", "24.0 GiB". */
void room_format(uint64_t bytes, char out[32]);

#endif
