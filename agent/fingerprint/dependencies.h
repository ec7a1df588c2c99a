/*
 * Dependencies: the resolved packages of a Node.js application.
 *
 * What was installed counts more than what somebody asked for.  In this order:
 *
 *     node_modules/.package-lock.json   npm's own note of what it has installed (7 and
 *                                       later), unless the folder was changed after it
 *     node_modules/.pnpm/lock.yaml      pnpm's
 *     yarn.lock                         when node_modules was filled by yarn
 *     npm-shrinkwrap.json, package-lock.json, yarn.lock, pnpm-lock.yaml
 *     node_modules                      walked, when none of these can be read
 *
 * Above the application, a folder counts that is the top of a workspace, or has the
 * node_modules that an application without its own is served by.  What has been read is
 * kept by the files' identity (device, inode, times, size), so that the workers of one
 * application cost one reading; a walk is kept for a minute.  Files of more than
 * DEPENDENCIES_LOCK_BYTES_MAX are refused with a remark.
 *
 * One thread.
 */
#ifndef TIDEMARK_AGENT_FINGERPRINT_DEPENDENCIES_H
#define TIDEMARK_AGENT_FINGERPRINT_DEPENDENCIES_H

#include "agent/fingerprint/packages.h"
#include "agent/fingerprint/remarks.h"
#include "agent/fingerprint/tree.h"

#include <limits.h>
#include <stdbool.h>

enum {
	DEPENDENCIES_LOCK_BYTES_MAX = 64 << 20,
	DEPENDENCIES_KEPT_MAX = 64,
	DEPENDENCIES_WALK_KEPT_MS = 60 * 1000,
};

struct dependencies;

struct dependencies *dependencies_create(void);
void dependencies_destroy(struct dependencies *d);

/* The folder of the application that a script belongs to: from it upwards the first
 * with a named package.json, a lock file or node_modules; a script inside node_modules
 * belongs to the folder around it, if that is a package.  False: there is none. */
bool dependencies_root(const struct tree *t, const char *script, char out[PATH_MAX]);

/* Adds the packages of the application in `folder`; *source is where they stand, a
 * constant text, "" when nothing says it.  `began_unix_ms` (0: unknown): what was
 * written after it is remarked. */
void dependencies_read(struct dependencies *d, const struct tree *t, const char *folder,
	int64_t began_unix_ms, struct packages *out, const char **source,
	struct remarks *remarks);

/* The same of a node_modules folder alone, never of a lock file. */
void dependencies_walk(struct dependencies *d, const struct tree *t, const char *folder,
	struct packages *out, struct remarks *remarks);

#endif
