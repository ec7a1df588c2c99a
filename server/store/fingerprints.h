/*
 * Fingerprints: what versions consist of, in what two of them differ, and who runs a
 * package.
 *
 * Results live in the caller's arena; any thread, own connection.  Lists of texts are
 * JSON arrays.
 */
#ifndef TIDEMARK_SERVER_STORE_FINGERPRINTS_H
#define TIDEMARK_SERVER_STORE_FINGERPRINTS_H

#include "common/arena.h"
#include "common/err.h"
#include "server/store/db.h"
#include "server/store/figures.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { FINGERPRINTS_DIFF_MAX = 5000 };

/* Texts are "" where nothing is known. */
struct fingerprints_row {
	int64_t id;
	struct figures_name service;
	const char *version, *label; /* what it says; what it is called */
	const char *runtime, *runtime_version;
	bool known; /* its content came; else the rest is empty */
	const char *hash, *app, *app_version, *git_head, *build_id, *image, *source;
	bool is_cut;
	const char *environment, *remarks; /* JSON */
	int64_t packages;
	int64_t hosts, instances; /* that ever ran it; that run it now */
	int64_t first_seen_ms, last_seen_ms;
};

struct fingerprints_filter {
	int64_t service_id;      /* 0: any */
	struct figures_ids only; /* none: any */
	int64_t after_ms,
		after_id; /* start behind this place; after_id 0: at the start */
	int limit;
};

/* Newest first. */
bool fingerprints_page(struct db *db, const struct fingerprints_filter *filter,
	int64_t now_ms, struct arena *a, struct fingerprints_row **rows, size_t *count,
	struct err *e);

struct fingerprints_package {
	const char *name, *version;
};

struct fingerprints_packages_filter {
	int64_t fingerprint_id;
	const char *part;                       /* of "name@version"; NULL: any */
	const char *after_name, *after_version; /* NULL: at the start */
	int limit;
};

/* By name and version. */
bool fingerprints_packages(struct db *db,
	const struct fingerprints_packages_filter *filter, struct arena *a,
	struct fingerprints_package **rows, size_t *count, struct err *e);

struct fingerprints_field {
	const char *name, *from, *to;
};

/* In what two versions differ beside their packages. */
bool fingerprints_fields(struct db *db, int64_t from, int64_t to, struct arena *a,
	struct fingerprints_field **rows, size_t *count, struct err *e);

/* A package that is not the same on both sides; NULL: that side has none of it. */
struct fingerprints_change {
	const char *name, *from, *to; /* JSON arrays of versions */
};

/* By name; at most `limit`. */
struct fingerprints_pair {
	int64_t from, to;
	int limit;
};
bool fingerprints_diff(struct db *db, const struct fingerprints_pair *pair,
	struct arena *a, struct fingerprints_change **rows, size_t *count,
	struct err *e);

/* A version that has a package. */
struct fingerprints_use {
	const char *name, *version;
	struct figures_name service, fingerprint; /* the version by its label */
	const char *hosts, *hosts_now;            /* JSON: that ever ran it; that do */
	int64_t running;                          /* instances, now */
	int64_t first_seen_ms, last_seen_ms;
};

struct fingerprints_use_filter {
	const char *name, *version; /* version NULL: any */
	const char *after_version;  /* NULL: at the start */
	int64_t after_id;
	int limit;
};

/* By package version. */
bool fingerprints_uses(struct db *db, const struct fingerprints_use_filter *filter,
	int64_t now_ms, struct arena *a, struct fingerprints_use **rows, size_t *count,
	struct err *e);

#endif
