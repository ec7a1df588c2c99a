/*
 * pnpm lock: the packages of pnpm-lock.yaml (lockfileVersion 5, 6 and 9) and of
 * node_modules/.pnpm/lock.yaml, in which pnpm notes what it has really installed.
 *
 * Taken are the keys of "packages": "/a/1.0.0_peer", "/a@1.0.0(peer@2)", "a@1.0.0";
 * what comes from elsewhere (git, an archive) carries name and version inside.  Read by
 * libyaml as events; an item of more than PNPM_LOCK_ITEM_BYTES_MAX ends it.
 */
#ifndef TIDEMARK_AGENT_FINGERPRINT_PNPM_LOCK_H
#define TIDEMARK_AGENT_FINGERPRINT_PNPM_LOCK_H

#include "agent/fingerprint/intake.h"
#include "agent/fingerprint/packages.h"
#include "common/err.h"

#include <stdbool.h>

enum { PNPM_LOCK_ITEM_BYTES_MAX = 4 << 20 };

/* ERR_INPUT: it is no such file.  What was found before an error stays in `out`. */
bool pnpm_lock_read(struct intake *in, struct packages *out, struct err *e);

#endif
