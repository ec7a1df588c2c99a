/*
 * Experiments: marked spans of a service, to be compared with others.
 *
 * A load, a canary, a trial of a fix: begun and ended by people or their pipeline. Each
 * step leaves a row in the audit ("experiment.begin", "experiment.end",
 * "experiment.drop"), in the same transaction, and notifies topic "samples", whose
 * charts show it.  Results live in the caller's arena; any thread, own connection, not
 * inside a transaction.
 */
#ifndef TIDEMARK_SERVER_STORE_EXPERIMENTS_H
#define TIDEMARK_SERVER_STORE_EXPERIMENTS_H

#include "common/arena.h"
#include "common/err.h"
#include "server/store/audit.h"
#include "server/store/db.h"
#include "server/store/figures.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct experiments_row {
	int64_t id;
	struct figures_name service;
	const char *name, *note, *created_by;
	int64_t from_ms, to_ms, created_ms; /* to_ms 0: it goes on */
};

struct experiments_filter {
	int64_t service_id;     /* 0: any */
	int64_t from_ms, to_ms; /* those that overlap this span */
	int64_t after_from_ms,
		after_id; /* start behind this place; id 0: at the start */
	int limit;
};

/* The newest first. */
bool experiments_page(struct db *db, const struct experiments_filter *filter,
	struct arena *a, struct experiments_row **rows, size_t *count, struct err *e);

/* *row is NULL when there is no such experiment. */
bool experiments_one(struct db *db, int64_t id, struct arena *a,
	struct experiments_row **row, struct err *e);

struct experiments_wish {
	struct audit_actor actor;
	const char *service, *name, *note;
	int64_t from_ms, to_ms; /* to_ms 0: it goes on */
};

/* *row is NULL when no service has that name. */
bool experiments_begin(struct db *db, const struct experiments_wish *wish,
	struct arena *a, struct experiments_row **row, struct err *e);

struct experiments_step {
	struct audit_actor actor;
	int64_t id, at_ms;
};

/* *row as it stands afterwards, NULL when there is none; *changed is false when it had
 * ended before. */
bool experiments_end(struct db *db, const struct experiments_step *step,
	struct arena *a, struct experiments_row **row, bool *changed, struct err *e);

/* *row as it stood before, NULL when there is none. */
bool experiments_drop(struct db *db, const struct experiments_step *step,
	struct arena *a, struct experiments_row **row, struct err *e);

#endif
