/*
 * Version: the verdict on one version of a service, pooled over its slots.
 *
 * One slot that leaks makes the version leak while there are few slots; of ten and
 * more, a tenth must (single slots err).  Slots that each rise within their noise are
 * pooled: their mean rate against its standard error between slots, a one-sample t;
 * that can raise the verdict to "watch" but no further, because a load that rises
 * moves all slots at once.  Pure.
 */
#ifndef TIDEMARK_SERVER_ANALYSE_VERSION_H
#define TIDEMARK_SERVER_ANALYSE_VERSION_H

#include "server/analyse/analyse.h"

void version_judge(const struct analyse_version *v, int64_t now_ms, struct arena *a,
	struct analyse_version_result *out);

#endif
