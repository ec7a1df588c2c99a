/*
 * Minutes: how storing goes, minute by minute, and how far the agents are behind.
 *
 * Every process that takes in batches has a row each minute (table ingest_minute), so
 * that whoever shows it needs not to be the one that stores.  The writer adds what it
 * has done to a tally and puts that down every few seconds, within a transaction that
 * it makes anyway.
 *
 * Functions work on the caller's connection; a struct minutes belongs to one thread.
 */
#ifndef TIDEMARK_SERVER_STORE_MINUTES_H
#define TIDEMARK_SERVER_STORE_MINUTES_H

#include "common/arena.h"
#include "common/err.h"
#include "server/store/db.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	MINUTES_PUT_MS = 5000,
	MINUTES_STEPS_MAX = 400,
};
#define MINUTES_KEPT_MS (INT64_C(7) * 86400 * 1000)

struct minutes {
	char collector[96]; /* "host/pid" */
	int64_t readings, commits, commit_us, longest_us,
		last_us;     /* not put down yet */
	int64_t begun_ms;    /* when the first of them was committed */
	int64_t next_put_ms; /* monotonic */
	int64_t minute;      /* of the last row */
	bool put;            /* in the transaction that is open */
};

void minutes_init(struct minutes *m);

/* Inside a transaction: puts the tally down when that is due. */
bool minutes_put(struct minutes *m, struct db *db, struct err *e);

/* After it: what it has stored, if it was committed. */
void minutes_committed(struct minutes *m, int64_t readings, int64_t us);
void minutes_failed(struct minutes *m);

struct minutes_collector {
	const char *name;
	double readings_per_s;
};

/* At now_ms.  Times are 0 when nothing was stored lately. */
struct minutes_now {
	double readings_per_s, commits_per_s;
	double commit_mean_ms, commit_longest_ms, commit_last_ms;
	const struct minutes_collector *collectors;
	size_t collector_count;
};

bool minutes_read_now(struct db *db, int64_t now_ms, struct arena *a,
	struct minutes_now *out, struct err *e);

/* Per step; NAN where nothing was stored. */
struct minutes_history {
	double *readings_per_s, *commit_mean_ms, *commit_longest_ms, *backlog_bytes,
		*lag_ms;
};

/* `count` steps of whole minutes from from_ms on. */
bool minutes_read_history(struct db *db, int64_t from_ms, int64_t step_ms, size_t count,
	struct arena *a, struct minutes_history *out, struct err *e);

#endif
