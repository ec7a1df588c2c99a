/*
 * Tree: the files of one process, as it sees them itself.
 *
 * Everything is looked up below the process's own root directory: links are followed,
 * none leads out of it, and none of procfs's magic ones is.  Only regular files and
 * directories are opened, and none that the process's user could not read himself (a
 * link to another's secrets), as agent/package.h has it.
 *
 * A path that leads to nothing is no error of anybody: errno is then ENOENT.
 */
#ifndef TIDEMARK_AGENT_FINGERPRINT_TREE_H
#define TIDEMARK_AGENT_FINGERPRINT_TREE_H

#include "agent/package.h"
#include "common/buf.h"

#include <dirent.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

struct tree {
	int root; /* a directory; borrowed */
	struct package_user user;
	int64_t until_mono_ms; /* when reading has taken long enough */
};

/* A regular file; -1 with errno: ENOENT, EACCES (also: the user may not), EISDIR,
 * EINVAL (no file to read).  `st` may be NULL. */
int tree_open(const struct tree *t, const char *path, struct stat *st);

/* NULL with errno: ENOENT, ENOTDIR, EACCES. */
DIR *tree_open_folder(const struct tree *t, const char *path, struct stat *st);

/* Appends the whole file.  False with errno; EFBIG: it has more than `most` bytes. */
bool tree_read(const struct tree *t, const char *path, size_t most, struct buf *out);

/* Whether there is something, and what. */
bool tree_look(const struct tree *t, const char *path, struct stat *st);

/* Where a path leads to through all links, as a path in this root.  False with errno.
 */
bool tree_resolve(const struct tree *t, const char *path, char *out, size_t size);

bool tree_is_late(const struct tree *t);

#endif
