#include "server/store/audit.h"

#include <sodium.h>
#include <string.h>

static void audit_arg_id(struct db_args *args, int64_t id)
{
	if (id)
		db_arg_int(args, id);
	else
		db_arg_null(args);
}

bool audit_put(
	struct db *db, const struct audit_entry *entry, struct arena *a, struct err *e)
{
	struct db_args args;
	db_args_init(&args, a);
	audit_arg_id(&args, entry->actor.user_id);
	db_arg_text(&args, entry->actor.name);
	db_arg_text(&args, entry->action);
	audit_arg_id(&args, entry->service_id);
	audit_arg_id(&args, entry->host_id);
	db_arg_text(&args, entry->subject ? entry->subject : "");
	db_arg_text(&args, entry->detail ? entry->detail : "");
	return db_query(db, SQL_AUDIT_PUT, &args, NULL, e);
}

bool audit_page(struct db *db, const struct audit_filter *filter, struct arena *a,
	struct audit_row **out, size_t *count, struct err *e)
{
	struct db_args args;
	db_args_init(&args, a);
	audit_arg_id(&args, filter->service_id);
	audit_arg_id(&args, filter->after_id);
	db_arg_int(&args, filter->limit);
	db_arg_text(&args, filter->actor);
	db_arg_text(&args, filter->action);
	db_arg_time_or_null(&args, filter->from_ms);
	db_arg_time_or_null(&args, filter->to_ms);
	scoped_rows struct db_rows rows = {0};
	if (!db_query(db, SQL_AUDIT_PAGE, &args, &rows, e))
		return false;
	*count = (size_t)rows.count;
	*out = arena_array(a, *count, sizeof **out);
	for (int i = 0; i < rows.count; i++)
		(*out)[i] = (struct audit_row){
			.id = db_int(&rows, i, "id"),
			.at_ms = db_time(&rows, i, "at"),
			.actor = db_text_copy(&rows, i, "actor", a),
			.action = db_text_copy(&rows, i, "action", a),
			.subject = db_text_copy(&rows, i, "subject", a),
			.detail = db_text_copy(&rows, i, "detail", a),
			.service = figures_name(&rows, i, "service_id", "service", a),
			.host = figures_name(&rows, i, "host_id", "host", a),
		};
	return true;
}

bool audit_put_failed_login(struct db *db, const char *name, const char *address,
	struct arena *a, struct err *e)
{
	struct db_args args;
	db_args_init(&args, a);
	db_arg_text(&args, name);
	db_arg_text(&args, address);
	return db_query(db, SQL_AUDIT_FAILED_LOGIN, &args, NULL, e);
}

/* What is known of the chain so far. */
struct audit_chain {
	uint8_t hash[AUDIT_HASH_BYTES]; /* of the row before; nothing before the first
					 */
	const struct audit_head *known;
	struct audit_check *check;
};

static bool audit_is_broken(
	struct audit_chain *c, const struct db_rows *rows, int row, const char *what)
{
	c->check->broken = what;
	c->check->broken_id = db_int(rows, row, "audit_id");
	c->check->broken_number = db_int(rows, row, "number");
	return false;
}

/* False when the row is not what its seal says. */
static bool audit_follow(
	struct audit_chain *c, const struct db_rows *rows, int row, struct arena *a)
{
	struct audit_head *head = &c->check->head;
	const char *said = db_text(rows, row, "said");
	crypto_hash_sha256_state state;
	size_t length;
	const uint8_t *sealed = db_bytes(rows, row, "hash", a, &length);
	if (db_int(rows, row, "number") != head->number + 1)
		return audit_is_broken(c, rows, row, "rows before it were taken away");
	if (db_bool(rows, row, "is_missing"))
		return audit_is_broken(c, rows, row, "it was taken away");
	crypto_hash_sha256_init(&state);
	crypto_hash_sha256_update(&state, c->hash, head->number ? AUDIT_HASH_BYTES : 0);
	crypto_hash_sha256_update(&state, (const uint8_t *)said, strlen(said));
	crypto_hash_sha256_final(&state, c->hash);
	if (length != AUDIT_HASH_BYTES || memcmp(sealed, c->hash, AUDIT_HASH_BYTES))
		return audit_is_broken(c, rows, row, "it was changed");
	head->number++;
	sodium_bin2hex(head->hash, sizeof head->hash, c->hash, sizeof c->hash);
	if (c->known && c->known->number == head->number &&
		strcmp(c->known->hash, head->hash) != 0)
		return audit_is_broken(c, rows, row,
			"it is not what it was: it or rows before it were changed, and "
			"the chain with them");
	return true;
}

static bool audit_follow_all(
	struct db *db, struct audit_chain *c, struct err *e, bool *more)
{
	struct arena a;
	struct db_args args;
	arena_init(&a);
	db_args_init(&args, &a);
	db_arg_int(&args, c->check->head.number);
	scoped_rows struct db_rows rows = {0};
	bool ok = db_query(db, SQL_AUDIT_CHAIN, &args, &rows, e);
	*more = ok && rows.count > 0;
	for (int i = 0; ok && *more && i < rows.count; i++)
		*more = audit_follow(c, &rows, i, &a);
	arena_finish(&a);
	return ok;
}

bool audit_verify(struct db *db, const struct audit_head *known, struct arena *a,
	struct audit_check *check, struct err *e)
{
	struct audit_chain chain = {.known = known, .check = check};
	bool more = true;
	(void)a;
	*check = (struct audit_check){0};
	while (more)
		if (!audit_follow_all(db, &chain, e, &more))
			return false;
	if (check->broken)
		return true;
	if (known && known->number > check->head.number) {
		check->broken = "rows at the end were taken away";
		check->broken_number = check->head.number + 1;
		return true;
	}
	scoped_rows struct db_rows rows = {0};
	if (!db_query(db, SQL_AUDIT_UNSEALED, NULL, &rows, e))
		return false;
	check->broken_id = db_int(&rows, 0, "id");
	check->broken = check->broken_id ? "it was put in without a seal" : NULL;
	return true;
}
