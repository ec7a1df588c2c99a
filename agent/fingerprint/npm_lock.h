/*
 * npm lock: the packages of npm-shrinkwrap.json, package-lock.json (lockfileVersion 1,
 * 2 and 3) and node_modules/.package-lock.json.
 *
 * Taken are "packages" (2, 3: by place, "node_modules/a/node_modules/@b/c"), else
 * "dependencies" (1: one in the other).  Links into the own workspace and the package
 * at the root are no dependencies.  Entries that need not be there (dev, optional,
 * peer) are asked for: `is_there` says whether their folder is.
 *
 * Formats: https://docs.npmjs.com/cli/configuring-npm/package-lock-json
 */
#ifndef TIDEMARK_AGENT_FINGERPRINT_NPM_LOCK_H
#define TIDEMARK_AGENT_FINGERPRINT_NPM_LOCK_H

#include "agent/fingerprint/intake.h"
#include "agent/fingerprint/packages.h"
#include "common/err.h"

#include <stdbool.h>

struct npm_lock_options {
	/* NULL: all are taken. */
	bool (*is_there)(void *context, const char *folder);
	void *context;
};

/* What was found before an error stays in `out`. */
bool npm_lock_read(struct intake *in, const struct npm_lock_options *options,
	struct packages *out, struct err *e);

#endif
