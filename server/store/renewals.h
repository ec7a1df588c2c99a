/*
 * Renewals: what keeps an Alertmanager believing that an alert is open.
 *
 * An Alertmanager ends what it is not told of again.  So each is told of all open
 * alerts every minute, and of those that ended since for a quarter of an hour.  Results
 * live in the caller's arena; any thread, own connection.
 */
#ifndef TIDEMARK_SERVER_STORE_RENEWALS_H
#define TIDEMARK_SERVER_STORE_RENEWALS_H

#include "common/arena.h"
#include "common/err.h"
#include "server/store/db.h"
#include "server/store/figures.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct renewals_target {
	int64_t id;
	const char *name, *url, *username, *password;
	const char *service; /* a glob; "" all */
};

/* Those that are due, each for whoever asks first. */
bool renewals_claim(struct db *db, int64_t now_ms, struct arena *a,
	struct renewals_target **rows, size_t *count, struct err *e);

/* Of which alerts a target was told that are none of `open`; and which of `open`. */
enum { RENEWALS_LEFT = 200 };
bool renewals_left(struct db *db, int64_t target_id, struct figures_ids open,
	struct arena *a, struct figures_ids *left, struct err *e);
bool renewals_told(struct db *db, int64_t target_id, struct figures_ids open,
	struct arena *a, struct figures_ids *told, struct err *e);

struct renewals_end {
	int64_t target_id, now_ms;
	struct figures_ids open, ended; /* none when it was not taken */
	const char *problem;            /* "" none */
};
bool renewals_done(
	struct db *db, const struct renewals_end *end, struct arena *a, struct err *e);

#endif
