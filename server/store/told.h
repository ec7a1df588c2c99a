/*
 * Told: what people tell the detector, as the watch reads it.
 *
 * How they say it is in settings.h and feedback.h.  Results live in the caller's arena.
 */
#ifndef TIDEMARK_SERVER_STORE_TOLD_H
#define TIDEMARK_SERVER_STORE_TOLD_H

#include "common/arena.h"
#include "common/err.h"
#include "server/store/db.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* How easily a service alerts: "calm", "normal", "eager". */
struct told_setting {
	int64_t service_id;
	const char *sensitivity;
};

bool told_settings(struct db *db, struct arena *a, struct told_setting **rows,
	size_t *count, struct err *e);

/* "This is not a leak." */
struct told_feedback {
	int64_t service_id;
	const char *kind;
	double rate_kb_h; /* of then; NAN: not known */
	const char *reason, *said_by;
	int64_t said_ms;
};

/* Newest first. */
bool told_feedback(struct db *db, struct arena *a, struct told_feedback **rows,
	size_t *count, struct err *e);

/* That something was changed. */
struct told_deploy {
	int64_t id, service_id;
	const char *kind;           /* "deploy", "config", "load" */
	const char *version, *note; /* "" when not said */
	int64_t at_ms, said_ms;
};

/* Those of ids above one and of times from another on, in order of their ids; at most
 * 1,000. */
bool told_deploys(struct db *db, int64_t after_id, int64_t from_ms, struct arena *a,
	struct told_deploy **rows, size_t *count, struct err *e);

#endif
