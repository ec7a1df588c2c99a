#include "server/store/sessions.h"

#include <sodium.h>
#include <string.h>

enum { SESSIONS_TOKEN_BYTES = 32, SESSIONS_TOUCH_MS = 60000, SESSIONS_TEXT_MAX = 200 };

void sessions_hash(const char *token, uint8_t hash[SESSIONS_HASH_BYTES])
{
	crypto_generichash(hash, SESSIONS_HASH_BYTES, (const unsigned char *)token,
		strlen(token), NULL, 0);
}

/* The hash as an argument. */
static void sessions_arg(struct db_args *args, const char *token)
{
	uint8_t hash[SESSIONS_HASH_BYTES];
	sessions_hash(token, hash);
	db_arg_bytes(args, hash, sizeof hash);
}

/* What a browser says of itself, on one line. */
static const char *sessions_text(const char *text, struct arena *a)
{
	char *copy = arena_strndup(
		a, text ? text : "", text ? strnlen(text, SESSIONS_TEXT_MAX) : 0);
	for (char *c = copy; *c; c++)
		if (*c < ' ' || *c > '~')
			*c = '?';
	return copy;
}

bool sessions_start(struct db *db, const struct sessions_wish *wish, struct arena *a,
	const char **token, struct err *e)
{
	int64_t now_ms = wish->now_ms;
	uint8_t random[SESSIONS_TOKEN_BYTES];
	char *text = arena_alloc(a, SESSIONS_TOKEN_LENGTH + 1);
	randombytes_buf(random, sizeof random);
	sodium_bin2base64(text, SESSIONS_TOKEN_LENGTH + 1, random, sizeof random,
		sodium_base64_VARIANT_URLSAFE_NO_PADDING);
	sodium_memzero(random, sizeof random);
	struct db_args args;
	db_args_init(&args, a);
	sessions_arg(&args, text);
	db_arg_int(&args, wish->user_id);
	db_arg_time(&args, now_ms);
	db_arg_time(&args, now_ms - SESSIONS_LIFETIME_MS);
	db_arg_time(&args, now_ms - SESSIONS_IDLE_MS);
	db_arg_text(&args, sessions_text(wish->address, a));
	db_arg_text(&args, sessions_text(wish->program, a));
	if (!db_query(db, SQL_SESSION_INSERT, &args, NULL, e))
		return false;
	*token = text;
	return true;
}

static bool sessions_touch(struct db *db, const char *token, int64_t now_ms,
	struct arena *a, struct err *e)
{
	struct db_args args;
	db_args_init(&args, a);
	sessions_arg(&args, token);
	db_arg_time(&args, now_ms);
	return db_query(db, SQL_SESSION_TOUCH, &args, NULL, e);
}

static bool sessions_look_up(struct db *db, const char *token, int64_t now_ms,
	struct arena *a, struct db_rows *rows, struct err *e)
{
	struct db_args args;
	db_args_init(&args, a);
	sessions_arg(&args, token);
	db_arg_time(&args, now_ms - SESSIONS_LIFETIME_MS);
	db_arg_time(&args, now_ms - SESSIONS_IDLE_MS);
	return db_query(db, SQL_SESSION_USER, &args, rows, e);
}

bool sessions_alive(struct db *db, const char *token, int64_t now_ms, struct arena *a,
	bool *alive, struct err *e)
{
	scoped_rows struct db_rows rows = {0};
	if (!sessions_look_up(db, token, now_ms, a, &rows, e))
		return false;
	*alive = rows.count > 0;
	return true;
}

bool sessions_find(struct db *db, const char *token, int64_t now_ms, struct arena *a,
	struct users_row **user, struct err *e)
{
	scoped_rows struct db_rows rows = {0};
	if (!sessions_look_up(db, token, now_ms, a, &rows, e))
		return false;
	*user = NULL;
	if (rows.count == 0)
		return true;
	struct users_row *found = arena_alloc(a, sizeof *found);
	*found = (struct users_row){
		.id = db_int(&rows, 0, "id"),
		.name = db_text_copy(&rows, 0, "name", a),
		.password_is_one_time = db_bool(&rows, 0, "password_is_one_time"),
		.is_limited = db_bool(&rows, 0, "is_limited"),
		.session_id = db_int(&rows, 0, "session_id"),
	};
	if (found->is_limited)
		found->services = db_text_copy(&rows, 0, "services", a);
	BUG_ON(!users_role_parse(db_text(&rows, 0, "role"), &found->role));
	if (now_ms - db_time(&rows, 0, "last_used_at") >= SESSIONS_TOUCH_MS &&
		!sessions_touch(db, token, now_ms, a, e))
		return false;
	*user = found;
	return true;
}

bool sessions_end(struct db *db, const char *token, struct arena *a, struct err *e)
{
	struct db_args args;
	db_args_init(&args, a);
	sessions_arg(&args, token);
	return db_query(db, SQL_SESSION_DELETE, &args, NULL, e);
}

bool sessions_list(struct db *db, int64_t user_id, int64_t now_ms, struct arena *a,
	struct sessions_row **out, size_t *count, struct err *e)
{
	struct db_args args;
	db_args_init(&args, a);
	db_arg_int(&args, user_id);
	db_arg_time(&args, now_ms - SESSIONS_LIFETIME_MS);
	db_arg_time(&args, now_ms - SESSIONS_IDLE_MS);
	scoped_rows struct db_rows rows = {0};
	if (!db_query(db, SQL_SESSION_PAGE, &args, &rows, e))
		return false;
	*count = (size_t)rows.count;
	*out = arena_array(a, *count, sizeof **out);
	for (int i = 0; i < rows.count; i++)
		(*out)[i] = (struct sessions_row){
			.id = db_int(&rows, i, "id"),
			.created_ms = db_time(&rows, i, "created_at"),
			.used_ms = db_time(&rows, i, "last_used_at"),
			.address = db_text_copy(&rows, i, "address", a),
			.program = db_text_copy(&rows, i, "program", a),
		};
	return true;
}

bool sessions_end_one(struct db *db, int64_t user_id, int64_t id, struct arena *a,
	bool *found, struct err *e)
{
	struct db_args args;
	db_args_init(&args, a);
	db_arg_int(&args, id);
	db_arg_int(&args, user_id);
	scoped_rows struct db_rows rows = {0};
	if (!db_query(db, SQL_SESSION_END, &args, &rows, e))
		return false;
	*found = rows.affected == 1;
	return true;
}
