#include "server/store/roles.h"

#include <sodium.h>
#include <string.h>

/* Of the script and of the migrations: those make tables and functions that the script
 * has to see. */
static const char *roles_checksum(struct arena *a)
{
	unsigned char hash[crypto_hash_sha256_BYTES];
	crypto_hash_sha256_state state;
	crypto_hash_sha256_init(&state);
	for (int i = -1; i < sql_migration_count; i++) {
		const char *text = i < 0 ? sql_roles_text : sql_migration_text[i];
		crypto_hash_sha256_update(
			&state, (const unsigned char *)text, strlen(text) + 1);
	}
	crypto_hash_sha256_final(&state, hash);
	char *hex = arena_alloc(a, 2 * sizeof hash + 1);
	return sodium_bin2hex(hex, 2 * sizeof hash + 1, hash, sizeof hash);
}

bool roles_check_globs(const struct roles_globs *globs, struct err *e)
{
	if (globs && (globs->count < 1 || globs->count > ROLES_GLOBS_MAX))
		return err_set(e, ERR_INPUT,
			"services: must be 1 to %d names or globs, or null for all",
			ROLES_GLOBS_MAX);
	for (size_t i = 0; globs && i < globs->count; i++) {
		const char *glob = globs->items[i];
		if (!*glob || strlen(glob) > ROLES_GLOB_MAX)
			return err_set(e, ERR_INPUT,
				"services: a name or glob has 1 to %d bytes",
				ROLES_GLOB_MAX);
		for (const char *c = glob; *c; c++)
			if ((unsigned char)*c < ' ')
				return err_set(e, ERR_INPUT,
					"services: a name has no control characters");
	}
	return true;
}

void roles_arg_globs(struct db_args *args, const struct roles_globs *globs)
{
	if (globs)
		db_arg_texts(args, globs->items, globs->count);
	else
		db_arg_null(args);
}

const char *roles_globs_text(const struct roles_globs *globs, struct arena *a)
{
	const char *text = globs ? "" : "all services";
	for (size_t i = 0; globs && i < globs->count; i++)
		text = arena_printf(a, "%s%s%s", text, i ? ", " : "", globs->items[i]);
	return text;
}

bool roles_can_limit(struct db *db, struct arena *a, bool *can, struct err *e)
{
	scoped_rows struct db_rows rows = {0};
	(void)a;
	if (!db_query(db, SQL_ROLES_CAN_LIMIT, NULL, &rows, e))
		return false;
	*can = db_bool(&rows, 0, "can");
	return true;
}

bool roles_look(struct db *db, struct arena *a, enum roles_state *state, struct err *e)
{
	scoped_rows struct db_rows rows = {0};
	struct db_args args;
	db_args_init(&args, a);
	db_arg_text(&args, roles_checksum(a));
	if (!db_query(db, SQL_ROLES_STATE, &args, &rows, e))
		return false;
	*state = db_bool(&rows, 0, "ready")      ? ROLES_READY
		 : db_bool(&rows, 0, "may_make") ? ROLES_OLD
						 : ROLES_MISSING;
	return true;
}

static bool roles_run(struct db *db, struct arena *a, struct err *e)
{
	struct db_args args;
	db_args_init(&args, a);
	db_arg_text(&args, roles_checksum(a));
	return db_script(db, sql_roles_text, "roles", e) &&
	       db_query(db, SQL_ROLES_APPLIED, &args, NULL, e);
}

bool roles_apply(struct db *db, struct arena *a, enum roles_state *state, struct err *e)
{
	if (!roles_look(db, a, state, e))
		return false;
	if (*state != ROLES_OLD)
		return true;
	if (!db_begin(db, e))
		return false;
	if (!roles_run(db, a, e)) {
		db_rollback(db);
		return false;
	}
	*state = ROLES_READY;
	return db_commit(db, e);
}

const char *roles_script(struct db *db, struct arena *a, struct err *e)
{
	scoped_rows struct db_rows rows = {0};
	if (!db_query(db, SQL_ROLES_OWNER, NULL, &rows, e))
		return NULL;
	return arena_printf(a,
		"CREATE ROLE tidemark_ingest NOLOGIN NOINHERIT;\n"
		"CREATE ROLE tidemark_api NOLOGIN NOINHERIT;\n"
		"CREATE ROLE tidemark_limited NOLOGIN NOINHERIT;\n"
		"CREATE ROLE tidemark_read NOLOGIN NOINHERIT;\n"
		"GRANT tidemark_limited TO tidemark_api;\n"
		"GRANT tidemark_ingest, tidemark_api, tidemark_limited, tidemark_read\n"
		"\tTO %s;\n",
		db_text(&rows, 0, "owner"));
}

bool roles_limit(struct db *db, int64_t user_id, const char *token_id, struct arena *a,
	struct err *e)
{
	struct db_args args;
	db_args_init(&args, a);
	db_arg_int(&args, user_id);
	db_arg_text(&args, token_id);
	return db_query(db, SQL_ROLES_LIMIT, &args, NULL, e);
}

bool roles_allows(
	struct db *db, const char *glob, struct arena *a, bool *allowed, struct err *e)
{
	scoped_rows struct db_rows rows = {0};
	struct db_args args;
	db_args_init(&args, a);
	db_arg_text(&args, glob);
	if (!db_query(db, SQL_ROLES_ALLOWS, &args, &rows, e))
		return false;
	*allowed = db_bool(&rows, 0, "allowed");
	return true;
}
