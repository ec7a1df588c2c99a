/*
 * Packages: the agent's packages that this server hands out.
 *
 * Files of one folder (option packages_dir) that are named as Debian names them:
 * tidemark-agent_VERSION_ARCHITECTURE.deb.  Other files are not seen, and a name never
 * leads out of the folder.  The folder is looked through when it is asked for, at most
 * once in PACKAGES_LOOK_MS; a file's hash is kept until its size or time changes.  Any
 * thread; results live in the caller's arena.
 */
#ifndef TIDEMARK_SERVER_API_PACKAGES_H
#define TIDEMARK_SERVER_API_PACKAGES_H

#include "common/arena.h"

#include <stddef.h>
#include <stdint.h>

enum {
	PACKAGES_LOOK_MS = 2000,
	PACKAGES_MAX = 32,
	PACKAGES_NAME_MAX = 160,
	PACKAGES_WORD_MAX = 64,        /* a version, an architecture */
	PACKAGES_BYTES_MAX = 64 << 20, /* of a file; what is larger is not seen */
	PACKAGES_SUM_SIZE = 65,        /* of a SHA-256 in hex */
};

struct packages_row {
	char name[PACKAGES_NAME_MAX]; /* of the file */
	char version[PACKAGES_WORD_MAX], architecture[PACKAGES_WORD_MAX];
	char sum[PACKAGES_SUM_SIZE]; /* SHA-256 */
	uint64_t bytes;
	int64_t changed_us, inode; /* of the file that `sum` is of */
};

struct packages;

/* `folder` is copied; it need not exist. */
struct packages *packages_create(const char *folder);
void packages_destroy(struct packages *p); /* NULL is accepted */

/* All of them, by name; *count 0 when there are none. */
const struct packages_row *packages_list(
	struct packages *p, int64_t now_ms, struct arena *a, size_t *count);

/* For each architecture the one to install: that of `version`, else the newest file. */
const struct packages_row *packages_best(struct packages *p, const char *version,
	int64_t now_ms, struct arena *a, size_t *count);

/* A descriptor to read the file from, which is the caller's, and what is known of it;
 * -1 when there is no package of this name. */
int packages_open(
	struct packages *p, const char *name, int64_t now_ms, struct packages_row *row);

#endif
