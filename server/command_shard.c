#include "server/commands.h"

#include "common/clock.h"
#include "common/log.h"
#include "server/config.h"
#include "server/store/migrate.h"
#include "server/store/shards.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define COMMAND_SHARD_DAY_MS INT64_C(86400000)

static int command_shard_usage(void)
{
	fprintf(stderr,
		"usage: tidemark-server shard add FROM-TO URI [--name NAME]\n"
		"       tidemark-server shard move FROM-TO URI|main\n"
		"       tidemark-server shard list\n\n"
		"Where the readings of hosts are kept: a host's slot is its id modulo "
		"256.\n"
		"`add` and `move` give slots FROM to TO the database URI, at once when "
		"none of\n"
		"their hosts has readings yet, else from the next UTC midnight on; "
		"what was\n"
		"written before stays where it is.\n");
	return 2;
}

static bool command_shard_slots(
	const char *text, struct shards_placing *placing, struct err *e)
{
	char rest;
	if (sscanf(text, "%d-%d%c", &placing->slot_from, &placing->slot_to, &rest) ==
			2 &&
		placing->slot_from >= 0 && placing->slot_from <= placing->slot_to &&
		placing->slot_to < SHARDS_SLOTS)
		return true;
	return err_set(
		e, ERR_INPUT, "'%.40s' is no range of slots, such as 0-127", text);
}

/* Days are the unit of what is kept: none is split between two databases. */
static bool command_shard_since(
	struct db *db, struct shards_placing *placing, struct err *e)
{
	bool used;
	if (!shards_are_used(db, placing->slot_from, placing->slot_to, &used, e))
		return false;
	int64_t soon_ms = clock_unix_ms() + SHARDS_KNOWN_MS;
	placing->since_ms = used ? soon_ms - soon_ms % COMMAND_SHARD_DAY_MS +
					    COMMAND_SHARD_DAY_MS
				 : 0;
	return true;
}

static void command_shard_time(int64_t ms, char text[32])
{
	time_t at = (time_t)(ms / 1000);
	struct tm utc;
	snprintf(text, 32, "always");
	if (ms && gmtime_r(&at, &utc))
		strftime(text, 32, "%Y-%m-%dT%H:%M:%SZ", &utc);
}

static bool command_shard_place(struct db *db, int argc, char **argv, struct err *e)
{
	struct arena a;
	struct shards_placing placing = {.uri = argv[2], .name = ""};
	const char *name;
	char since[32];
	if (argc == 5 && strcmp(argv[3], "--name") == 0)
		placing.name = argv[4];
	else if (argc != 3)
		return err_set(e, ERR_INPUT, "what is '%s'?", argv[3]);
	if (strcmp(placing.uri, "main") == 0)
		placing.uri = "";
	if (!command_shard_slots(argv[1], &placing, e) ||
		(*placing.uri && !migrate_run(placing.uri, NULL, e)) ||
		!command_shard_since(db, &placing, e))
		return false;
	arena_init(&a);
	bool ok = shards_place(db, &placing, &a, &name, e);
	if (ok) {
		command_shard_time(placing.since_ms, since);
		printf("slots %d-%d: %s, from: %s\n", placing.slot_from,
			placing.slot_to, name, since);
	}
	arena_finish(&a);
	return ok;
}

/* Connection strings may hold passwords: they are not shown. */
static bool command_shard_list(struct db *db, struct err *e)
{
	struct arena a;
	struct shards_row *rows;
	size_t count;
	arena_init(&a);
	bool ok = shards_list(db, &a, &rows, &count, e);
	if (ok)
		printf("%-9s  %-20s  %s\n", "SLOTS", "FROM", "DATABASE");
	for (size_t i = 0; ok && i < count; i++) {
		char slots[16], since[32];
		snprintf(slots, sizeof slots, "%d-%d", rows[i].slot_from,
			rows[i].slot_to);
		command_shard_time(rows[i].since_ms, since);
		printf("%-9s  %-20s  %s\n", slots, since, rows[i].name);
	}
	arena_finish(&a);
	return ok;
}

int command_shard(const struct server_config *config, int argc, char **argv)
{
	struct err e;
	const char *what = argc > 1 ? argv[1] : "";
	bool place = argc >= 4 &&
		     (strcmp(what, "add") == 0 || strcmp(what, "move") == 0);
	if (!place && !(strcmp(what, "list") == 0 && argc == 2))
		return command_shard_usage();
	struct db *db = db_create(&(struct db_options){
		.uri = config->database_uri, .application_name = "tidemark shard"});
	bool ok = migrate_run(config->database_uri, NULL, &e) &&
		  (place ? command_shard_place(db, argc - 1, argv + 1, &e)
			 : command_shard_list(db, &e));
	if (!ok)
		log_error("shard: %s", e.text);
	db_destroy(db);
	return ok ? 0 : 1;
}
