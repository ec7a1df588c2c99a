/*
 * Shards: which databases have the readings of which hosts.
 *
 * The main database keeps all else, and says where readings are: a host's slot
 * (host_id % 256) and a reading's time name the database that it is written to; what
 * no place is given to stays in the main one.  Changes are made for times to come, so
 * that every server knows them before they count: SHARDS_KNOWN_MS at the latest.
 * Readings stay where they were written; who reads asks every database that a slot
 * ever had.
 *
 * The map belongs to a connection to the main database, with a connection of its own
 * to each shard: same thread, destroyed with it.  Database 0 is the main one.  A shard
 * that fails is not asked again for SHARDS_AWAY_MS, doubling to SHARDS_AWAY_MAX_MS, so
 * that who waits for pages waits once.
 */
#ifndef TIDEMARK_SERVER_STORE_SHARDS_H
#define TIDEMARK_SERVER_STORE_SHARDS_H

#include "common/arena.h"
#include "common/err.h"
#include "server/store/db.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	SHARDS_SLOTS = 256,
	SHARDS_KNOWN_MS = 30 * 1000,
	SHARDS_AWAY_MS = 5 * 1000,
	SHARDS_AWAY_MAX_MS = 20 * 1000,
	SHARDS_MAX = 32,
};

struct shards;

/* The map as the main database has it, at most a few seconds old. */
bool shards_get(struct db *main, struct shards **out, struct err *e);

/* With the main one: 1 when there are none. */
size_t shards_count(const struct shards *s);
const char *shards_name(const struct shards *s, size_t database);

/* NULL: it has failed a moment ago.  Database 0 is the main connection. */
struct db *shards_db(struct shards *s, size_t database);
void shards_failed(struct shards *s, size_t database);

/* Where a reading is written. */
size_t shards_writer(const struct shards *s, int64_t host_id, int64_t at_ms);

/* Whether readings of the host may be there. */
bool shards_may_have(const struct shards *s, size_t database, int64_t host_id);

/* One query on every database, the main one first:
 *
 *     struct shards_walk walk;
 *     bool more = shards_begin(main, &walk, e);
 *     while (more) {
 *         scoped_rows struct db_rows rows = {0};
 *         if (!shards_ask(&walk, SQL_X, &args, &rows, &more, e)) return false;
 *         ... the rows of one database
 *     }
 *
 * Shards that are away are passed over; the main database must answer. */
struct shards_walk {
	struct shards *shards;
	size_t database; /* of the rows in hand */
	bool is_binary;  /* rows come as of db_query_binary; false at first */
};
bool shards_begin(struct db *main, struct shards_walk *walk, struct err *e);
/* *more: there are further ones. */
bool shards_ask(struct shards_walk *walk, enum sql_query query,
	const struct db_args *args, struct db_rows *rows, bool *more, struct err *e);

/* For commands. */
struct shards_row {
	int slot_from, slot_to;
	int64_t since_ms; /* 0: always */
	const char *name; /* "main" */
	const char *uri;  /* "" */
};
bool shards_list(struct db *main, struct arena *a, struct shards_row **rows,
	size_t *count, struct err *e);

struct shards_placing {
	int slot_from, slot_to;
	const char *uri;  /* "": the main database */
	const char *name; /* "": one is made */
	int64_t since_ms; /* 0: always */
};
/* *name is in the arena. */
bool shards_place(struct db *main, const struct shards_placing *placing,
	struct arena *a, const char **name, struct err *e);

/* Whether hosts of these slots have readings, which would not be found any more if the
 * place were of all times. */
bool shards_are_used(
	struct db *main, int slot_from, int slot_to, bool *used, struct err *e);

#endif
