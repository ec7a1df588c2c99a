/*
 * Insides: what processes hold and complain of, as agents found out.
 *
 * Results live in the caller's arena; any thread, own connection.
 */
#ifndef TIDEMARK_SERVER_STORE_INSIDES_H
#define TIDEMARK_SERVER_STORE_INSIDES_H

#include "common/arena.h"
#include "common/err.h"
#include "server/store/db.h"
#include "server/store/figures.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* How they are read: "preload", "inspector", "jvm", or "" when they are not; and what
 * is wrong with it, "" when nothing is. */
struct insides_way {
	const char *route, *problem;
};
bool insides_way(struct db *db, int64_t slot_id, struct arena *a,
	struct insides_way *way, struct err *e);

enum { INSIDES_CENSUS_KINDS = 5 };

/* By enum census_kind less one. */
extern const char *const insides_census_kind_name[INSIDES_CENSUS_KINDS];

/* What is counted under one name, in the process that holds most of it. */
struct insides_count {
	const char *kind, *name, *location;
	int64_t newest, first;
	bool has_growth;
	double per_hour;
	const int64_t *times_ms, *counts;
	size_t points;
	int64_t processes, total; /* that hold some of it, and how much together */
	struct figures_name host;
	int64_t slot_id, pid;
};

struct insides_census_filter {
	int64_t service_id;
	int64_t from_ms, to_ms;
	int kind; /* enum census_kind; 0: any */
	int limit;
};

/* Largest growth first. */
bool insides_census(struct db *db, const struct insides_census_filter *filter,
	struct arena *a, struct insides_count **rows, size_t *count, struct err *e);

struct insides_warning {
	int64_t id;
	const char *kind, *source;
	const char *fields; /* JSON object */
	struct figures_name host, version;
	int64_t slot_id, ordinal, pid; /* slot_id 0: nobody follows the process */
	int64_t first_ms, last_ms, count;
};

struct insides_warnings_filter {
	int64_t service_id; /* 0: of processes that nobody follows */
	int64_t host_id;    /* of those; 0: on any host */
	int64_t from_ms;
	int64_t after_ms,
		after_id; /* start behind this place; after_id 0: at the start */
	int limit;
};

/* Newest first. */
bool insides_warnings(struct db *db, const struct insides_warnings_filter *filter,
	struct arena *a, struct insides_warning **rows, size_t *count, struct err *e);

#endif
