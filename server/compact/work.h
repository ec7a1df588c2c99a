/*
 * Work: one round of moving readings on, each step as far as it is due.
 *
 * For the compactor's thread, and for `tidemark-server storage compact`.  The caller
 * has the lead (storage.h).
 */
#ifndef TIDEMARK_SERVER_COMPACT_WORK_H
#define TIDEMARK_SERVER_COMPACT_WORK_H

#include "common/err.h"
#include "server/compact/close.h"
#include "server/compact/step.h"

#include <stdbool.h>
#include <stdint.h>

enum {
	WORK_SLICE_MS = 20000,         /* of windows, until all else has its turn */
	WORK_HOT_MS = 3600 * 1000,     /* how long hot rows stay, compacted */
	WORK_SEAL_MS = 15 * 60 * 1000, /* after midnight: for those who are late */
};

enum work_step {
	WORK_CLOSE,
	WORK_WINDOW,
	WORK_SEAL,
	WORK_MERGE,
	WORK_EXPIRE,
	WORK_STEPS
};
extern const char *const work_step_name[WORK_STEPS];

struct work {
	struct step step;
	struct close close;
	int64_t raw_retention_ms, rollup_retention_ms;
	/* Monotonic, of the next time. */
	int64_t next_partitions_ms, next_summary_ms, next_merge_ms;
	int drop_failures, close_failures; /* one after the other */
	bool behind;                       /* there was more to do than a slice */
	double seconds[WORK_STEPS];        /* spent in each */
};

/* Does what is due, one step after the other; a step that fails ends the round. */
bool work_round(struct work *w, struct err *e);

/* The steps by themselves.  until_ms: windows and days behind it are left; 0: none. */
bool work_close(struct work *w, struct err *e);
bool work_windows(struct work *w, int64_t until_ms, struct err *e);
bool work_seal(struct work *w, int64_t until_ms, struct err *e);
bool work_merge(struct work *w, struct err *e);
bool work_expire(struct work *w, struct err *e);

#endif
