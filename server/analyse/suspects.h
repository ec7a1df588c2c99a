/*
 * Suspects: what may be the cause of a finding, each held against the data.
 *
 * The version of the code, each dependency that differs, and the runtime by the
 * one-rule counts of cause.h over all judged versions of the service; queues, load,
 * warm-up, fragmentation and restarts by the course of the instances since before it
 * began.  What the data do not support is said to be so: refuted is what was tested and
 * is not the cause, open what they do not decide, no-data what nothing is known of.
 *
 * Results live in the arena, and texts of the caller in them.  Pure.
 */
#ifndef TIDEMARK_SERVER_ANALYSE_SUSPECTS_H
#define TIDEMARK_SERVER_ANALYSE_SUSPECTS_H

#include "common/arena.h"
#include "server/analyse/analyse.h"
#include "server/analyse/cause.h"

enum {
	SUSPECTS_PACKAGES_MAX = 12, /* that are told of a case */
	SUSPECTS_ROWS_MAX = SUSPECTS_PACKAGES_MAX + 8,
};

enum suspects_verdict {
	SUSPECTS_CONFIRMED,
	SUSPECTS_LIKELY,
	SUSPECTS_UNLIKELY,
	SUSPECTS_REFUTED,
	SUSPECTS_OPEN,
	SUSPECTS_NO_DATA,
};

/* "confirmed", ..., "no-data" */
const char *suspects_verdict_name(enum suspects_verdict verdict);

/* What one seat did while it ran one version, in steps.  Values are NAN where nothing
 * is known, and a series may be NULL. */
struct suspects_line {
	bool leaks;
	size_t from, to; /* of its longest process, of those that were seen */
	int64_t age_ms;  /* how old that one got */
	size_t restarts; /* in all steps */
	const double *memory_kb, *heap_kb;
	const double *load; /* requests a second, or CPU where none are counted */
};

struct suspects_queue {
	const char *name;
	const double *depth; /* in the same steps */
};

struct suspects_case {
	/* All judged versions; at `lead` the one that leaks most. */
	const struct cause_version *versions;
	const char *const *labels;
	size_t version_count, lead;
	enum analyse_kind kind;
	struct analyse_moment onset;
	int64_t first_ms; /* the leading version's first process began; 0: not known */
	int64_t now_ms;
	const char *cause; /* as the detector names it; "" */

	const struct suspects_line *lines;
	size_t line_count, steps;
	int64_t step_ms;
	bool load_is_requests;
	const struct suspects_queue *queues;
	size_t queue_count;
};

struct suspects_row {
	const char *key; /* "code", "package:@pm2/io", "runtime", ... */
	const char *cause, *test, *result;
	enum suspects_verdict verdict;
};

struct suspects_rows {
	struct suspects_row items[SUSPECTS_ROWS_MAX];
	size_t count;
};

void suspects_examine(
	const struct suspects_case *c, struct arena *a, struct suspects_rows *out);

#endif
