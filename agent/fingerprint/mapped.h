/*
 * Mapped: the files that a process has in its memory, from /proc/PID/maps.
 *
 * Each file once, in the order in which they stand; no devices, no shared memory, no
 * anonymous areas.  A file that was replaced while the process runs is marked: what
 * stands at its path now is another.  Pure.  Format: proc_pid_maps(5).
 */
#ifndef TIDEMARK_AGENT_FINGERPRINT_MAPPED_H
#define TIDEMARK_AGENT_FINGERPRINT_MAPPED_H

#include "common/arena.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { MAPPED_FILES_MAX = 1024 };

struct mapped_file {
	const char *path; /* without " (deleted)", with escapes undone */
	uint64_t inode;
	bool is_code; /* some of it may be executed */
	bool is_gone; /* deleted, or replaced */
};

struct mapped {
	struct mapped_file files[MAPPED_FILES_MAX];
	size_t count;
	bool is_cut;
};

/* `out` is the caller's and large; paths are in the arena. */
void mapped_parse(const char *text, struct arena *a, struct mapped *out);

/* "libssl.so.3" of "/usr/lib/libssl.so.3.0.9" is "libssl.so.3.0.9": the last part. */
const char *mapped_base(const char *path);

/* Whether a file's name is that of a shared library: ".so", ".so.1.2", ".node". */
bool mapped_is_library(const char *path);

#endif
