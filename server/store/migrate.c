#include "server/store/migrate.h"

#include "server/store/db.h"
#include "server/store/roles.h"

#include <sodium.h>
#include <string.h>

/* "tidemark" in ASCII: the advisory lock of all runners. */
static const int64_t migrate_lock = INT64_C(0x746964656d61726b);

static struct migrate_list migrate_embedded(void)
{
	return (struct migrate_list){
		sql_migration_count, sql_migration_name, sql_migration_text};
}

static struct db *migrate_connect(const char *db_uri)
{
	return db_create(&(struct db_options){
		.uri = db_uri, .application_name = "tidemark migrate"});
}

static const char *migrate_checksum(struct arena *a, const char *text)
{
	unsigned char hash[crypto_hash_sha256_BYTES];
	crypto_hash_sha256(hash, (const unsigned char *)text, strlen(text));
	char *hex = arena_alloc(a, 2 * sizeof hash + 1);
	return sodium_bin2hex(hex, 2 * sizeof hash + 1, hash, sizeof hash);
}

static int migrate_find(const struct migrate_list *list, const char *name)
{
	for (int i = 0; i < list->count; i++)
		if (strcmp(list->name[i], name) == 0)
			return i;
	return -1;
}

/* One row of schema_migration against the list: `expected` is its place. */
static bool migrate_check_row(const struct migrate_list *list, const char *name,
	const char *checksum, int expected, struct arena *a, struct err *e)
{
	int at = migrate_find(list, name);
	if (at < 0)
		return err_set(e, ERR_INPUT,
			"the database has migration %s, which this program (%s) does "
			"not know: "
			"it belongs to a newer version",
			name, TIDEMARK_VERSION);
	if (at != expected)
		return err_set(e, ERR_INPUT,
			"the database has migration %s but not %s, which comes before "
			"it",
			name, list->name[expected]);
	if (strcmp(checksum, migrate_checksum(a, list->text[at])) != 0)
		return err_set(e, ERR_INPUT,
			"migration %s is not the one that was applied to this "
			"database: its "
			"checksum has changed",
			name);
	return true;
}

/* Fills `steps` and counts how many are applied.  They are the first ones. */
static bool migrate_read(struct db *db, const struct migrate_list *list,
	struct arena *a, struct migrate_step *steps, int *applied, struct err *e)
{
	for (int i = 0; i < list->count; i++)
		steps[i] = (struct migrate_step){.name = list->name[i]};
	*applied = 0;
	scoped_rows struct db_rows known = {0};
	if (!db_query(db, SQL_MIGRATION_KNOWN, NULL, &known, e))
		return false;
	if (!db_bool(&known, 0, "known"))
		return true;
	scoped_rows struct db_rows rows = {0};
	if (!db_query(db, SQL_MIGRATION_LIST, NULL, &rows, e))
		return false;
	for (int i = 0; i < rows.count; i++) {
		if (!migrate_check_row(list, db_text(&rows, i, "name"),
			    db_text(&rows, i, "checksum"), i, a, e))
			return false;
		steps[i].applied_at_ms = db_time(&rows, i, "applied_at");
	}
	*applied = rows.count;
	return true;
}

/* Applies one migration inside the caller's transaction. */
static bool migrate_apply(struct db *db, const char *name, const char *text,
	struct arena *a, struct err *e)
{
	struct db_args args;
	db_args_init(&args, a);
	db_arg_text(&args, name);
	db_arg_text(&args, migrate_checksum(a, text));
	return db_script(db, text, name, e) &&
	       db_query(db, SQL_MIGRATION_RECORD, &args, NULL, e);
}

static bool migrate_apply_alone(struct db *db, const char *name, const char *text,
	struct arena *a, struct err *e)
{
	if (!db_begin(db, e))
		return false;
	if (migrate_apply(db, name, text, a, e))
		return db_commit(db, e);
	db_rollback(db);
	return false;
}

static bool migrate_lock_take(struct db *db, struct arena *a, struct err *e)
{
	struct db_args args;
	db_args_init(&args, a);
	db_arg_int(&args, migrate_lock);
	return db_query(db, SQL_MIGRATION_LOCK, &args, NULL, e);
}

static bool migrate_all(struct db *db, const struct migrate_list *list, struct arena *a,
	struct migrate_report *report, struct err *e)
{
	struct migrate_step *steps = arena_array(a, (size_t)list->count, sizeof *steps);
	int applied;
	if (!migrate_lock_take(db, a, e) ||
		!db_query(db, SQL_MIGRATION_TABLE, NULL, NULL, e) ||
		!migrate_read(db, list, a, steps, &applied, e))
		return false;
	for (int i = applied; i < list->count; i++) {
		if (!migrate_apply_alone(db, list->name[i], list->text[i], a, e))
			return false;
		report->applied++;
	}
	return true;
}

bool migrate_run_list(const char *db_uri, const struct migrate_list *list,
	struct migrate_report *report, struct err *e)
{
	struct migrate_report done = {.known = list->count};
	struct arena a;
	arena_init(&a);
	struct db *db = migrate_connect(db_uri);
	bool ok = migrate_all(db, list, &a, &done, e);
	db_destroy(db);
	arena_finish(&a);
	if (report)
		*report = done;
	return ok;
}

/* Under the same lock: several servers start at once. */
static bool migrate_roles(
	const char *db_uri, struct migrate_report *report, struct err *e)
{
	enum roles_state state;
	struct arena a;
	arena_init(&a);
	struct db *db = migrate_connect(db_uri);
	bool ok = migrate_lock_take(db, &a, e) && roles_apply(db, &a, &state, e);
	db_destroy(db);
	arena_finish(&a);
	if (ok && report)
		report->roles = state;
	return ok;
}

bool migrate_run(const char *db_uri, struct migrate_report *report, struct err *e)
{
	const struct migrate_list list = migrate_embedded();
	return migrate_run_list(db_uri, &list, report, e) &&
	       migrate_roles(db_uri, report, e);
}

static bool migrate_rehearse(struct db *db, const struct migrate_list *list,
	struct arena *a, struct migrate_report *report, struct err *e)
{
	struct migrate_step *steps = arena_array(a, (size_t)list->count, sizeof *steps);
	int applied;
	if (!migrate_lock_take(db, a, e) || !db_begin(db, e) ||
		!db_query(db, SQL_MIGRATION_TABLE, NULL, NULL, e) ||
		!migrate_read(db, list, a, steps, &applied, e))
		return false;
	for (int i = applied; i < list->count; i++)
		if (!migrate_apply(db, list->name[i], list->text[i], a, e))
			return false;
	report->applied = list->count - applied;
	return true;
}

bool migrate_try(const char *db_uri, struct migrate_report *report, struct err *e)
{
	const struct migrate_list list = migrate_embedded();
	struct migrate_report done = {.known = list.count};
	struct arena a;
	arena_init(&a);
	struct db *db = migrate_connect(db_uri);
	bool ok = migrate_rehearse(db, &list, &a, &done, e);
	db_rollback(db);
	db_destroy(db);
	arena_finish(&a);
	if (report)
		*report = done;
	return ok;
}

bool migrate_status(const char *db_uri, struct arena *a, struct migrate_step **steps,
	int *count, struct err *e)
{
	const struct migrate_list list = migrate_embedded();
	struct migrate_step *read = arena_array(a, (size_t)list.count, sizeof *read);
	int applied;
	struct db *db = migrate_connect(db_uri);
	bool ok = migrate_read(db, &list, a, read, &applied, e);
	db_destroy(db);
	if (!ok)
		return false;
	*steps = read;
	*count = list.count;
	return true;
}
