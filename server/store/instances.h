/*
 * Instances: the seats of a service, each with its newest process and what the
 * detector says of it.
 *
 * Results live in the caller's arena; any thread, own connection.
 */
#ifndef TIDEMARK_SERVER_STORE_INSTANCES_H
#define TIDEMARK_SERVER_STORE_INSTANCES_H

#include "common/arena.h"
#include "common/err.h"
#include "server/store/db.h"
#include "server/store/figures.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct instances_row {
	int64_t id, generation_id;
	struct figures_name service, host, version;
	int64_t ordinal, pid, restarts;
	bool running;
	const char *command, *rule;
	int64_t started_ms, last_sample_ms;
	int64_t memory_kb; /* newest RSS; -1 when it does not run */
	const char *verdict, *level, *kind, *summary, *reasons;
	struct figures_rate rate;
	struct figures_moment onset, exhaust;
	int64_t value_kb, limit_kb, wait_s;
	int64_t silent_since_ms; /* no data: the verdict is as of then; 0: data comes */
};

struct instances_filter {
	int64_t service_id;
	const char *after_host; /* start behind this place; NULL: at the start */
	int64_t after_ordinal, after_id;
	int limit;
};

/* By host and ordinal. */
bool instances_page(struct db *db, const struct instances_filter *filter,
	int64_t now_ms, struct arena *a, struct instances_row **rows, size_t *count,
	struct err *e);

/* The worst of a service: by verdict, growth and memory. */
bool instances_worst(struct db *db, int64_t service_id, int limit, int64_t now_ms,
	struct arena *a, struct instances_row **rows, size_t *count, struct err *e);

/* Those on a host, by service and ordinal. */
struct instances_on_host {
	int64_t host_id;
	const char *after_service; /* start behind this place; NULL: at the start */
	int64_t after_ordinal, after_id;
	int limit;
};

bool instances_of_host(struct db *db, const struct instances_on_host *filter,
	int64_t now_ms, struct arena *a, struct instances_row **rows, size_t *count,
	struct err *e);

/* *row is NULL when there is no such seat. */
bool instances_one(struct db *db, int64_t id, int64_t now_ms, struct arena *a,
	struct instances_row **row, struct err *e);

#endif
