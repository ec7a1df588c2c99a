/*
 * Migrate: brings a database to the schema that this program was built with.
 *
 * Each file schema/sql/NNNN_*.sql is applied once, in order, in a transaction of its
 * own that also records its name and SHA-256 in table schema_migration.  Forward
 * only.  Runners on several machines may start at once: an advisory lock lets one
 * work and the others find everything done.
 *
 * ERR_INPUT: the database does not fit this program (a migration was changed after it
 * was applied, or the database is newer).  ERR_IO: it could not be reached, or a
 * migration failed; what was committed before stays, and running again continues.
 */
#ifndef TIDEMARK_SERVER_STORE_MIGRATE_H
#define TIDEMARK_SERVER_STORE_MIGRATE_H

#include "common/arena.h"
#include "common/err.h"
#include "server/store/roles.h"

#include <stdbool.h>
#include <stdint.h>

struct migrate_report {
	int known;   /* migrations in this program */
	int applied; /* by this call */
	enum roles_state roles;
};

/* `report` may be NULL. */
bool migrate_run(const char *db_uri, struct migrate_report *report, struct err *e);

/* Applies everything that is missing in one transaction and rolls it back: proves
 * that it would work.  `report` counts what would be applied. */
bool migrate_try(const char *db_uri, struct migrate_report *report, struct err *e);

/* One migration of this program, as the database knows it. */
struct migrate_step {
	const char *name;
	int64_t applied_at_ms; /* 0: not applied */
};

/* All steps in order, in the arena.  Changes nothing. */
bool migrate_status(const char *db_uri, struct arena *a, struct migrate_step **steps,
	int *count, struct err *e);

/* The list of a program's migrations, so that a test can bring its own. */
struct migrate_list {
	int count;
	const char *const *name, *const *text;
};

bool migrate_run_list(const char *db_uri, const struct migrate_list *list,
	struct migrate_report *report, struct err *e);

#endif
