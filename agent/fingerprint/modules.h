/*
 * Modules: the packages in a node_modules folder, from their package.json files.
 *
 * What really stands there: scoped packages, folders in folders, and pnpm's store with
 * its links.  Links are followed, each folder is entered once (by device and inode), so
 * that loops end; at most MODULES_FOLDERS_MAX folders, and no longer than the tree's
 * time.
 */
#ifndef TIDEMARK_AGENT_FINGERPRINT_MODULES_H
#define TIDEMARK_AGENT_FINGERPRINT_MODULES_H

#include "agent/fingerprint/packages.h"
#include "agent/fingerprint/tree.h"
#include "common/err.h"

#include <stdbool.h>

enum { MODULES_FOLDERS_MAX = 60000 };

struct modules_report {
	size_t unreadable; /* package.json files that are none, or not for us */
	char first[512];   /* the first of them and why, "" */
	bool is_late;      /* the time was up */
	bool is_cut;       /* too many folders */
};

/* False with errno: `folder` ("/srv/app/node_modules") cannot be read. */
bool modules_walk(const struct tree *t, const char *folder, struct packages *out,
	struct modules_report *report);

/* Name and version of the package in `folder`, as its package.json has them.  False
 * with errno; EINVAL: the file says neither. */
bool modules_read_one(const struct tree *t, const char *folder, struct package *out);

#endif
