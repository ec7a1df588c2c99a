#include "server/store/users.h"

#include "common/utf8.h"

#include <errno.h>
#include <semaphore.h>
#include <sodium.h>
#include <stdatomic.h>
#include <string.h>
#include <time.h>

enum { USERS_HASHES_AT_ONCE = 2, USERS_HASH_WAIT_MS = 1000, USERS_HASH_OPS = 2 };
/* The rest of the server's threads has something else to do than to wait here. */
enum { USERS_HASH_WAITING = 4 };
enum { USERS_HASH_MEMORY_BYTES = 64 << 20 };

/* The only mutable state: turns for hashing, who waits for one, and a hash that no
 * password has. */
static sem_t users_turns;
static atomic_int users_waiting;
static char users_dummy_hash[crypto_pwhash_STRBYTES];

static bool users_wait_turn(void)
{
	struct timespec until;
	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += USERS_HASH_WAIT_MS / 1000;
	while (sem_timedwait(&users_turns, &until) != 0)
		if (errno != EINTR)
			return false;
	return true;
}

static bool users_take_turn(struct err *e)
{
	if (sem_trywait(&users_turns) == 0)
		return true;
	bool mine = atomic_fetch_add(&users_waiting, 1) < USERS_HASH_WAITING &&
		    users_wait_turn();
	atomic_fetch_sub(&users_waiting, 1);
	return mine || err_set(e, ERR_BUSY, "too many logins at once");
}

static bool users_hash(
	const char *password, char hash[crypto_pwhash_STRBYTES], struct err *e)
{
	if (!users_take_turn(e))
		return false;
	int failed = crypto_pwhash_str_alg(hash, password, strlen(password),
		USERS_HASH_OPS, USERS_HASH_MEMORY_BYTES, crypto_pwhash_ALG_ARGON2ID13);
	sem_post(&users_turns);
	return !failed || err_set(e, ERR_BUSY, "no memory to hash a password");
}

static bool users_verify(
	const char *hash, const char *password, bool *right, struct err *e)
{
	if (!users_take_turn(e))
		return false;
	*right = crypto_pwhash_str_verify(hash, password, strlen(password)) == 0;
	sem_post(&users_turns);
	return true;
}

bool users_init(struct err *e)
{
	static bool done;
	if (done)
		return true;
	if (sodium_init() < 0)
		return err_set(e, ERR_IO, "libsodium cannot be initialised");
	if (sem_init(&users_turns, 0, USERS_HASHES_AT_ONCE) != 0)
		return err_errno(e, "semaphore");
	char password[USERS_ONE_TIME_LENGTH + 1];
	users_one_time_password(password);
	done = users_hash(password, users_dummy_hash, e);
	return done;
}

static const char *const users_roles[] = {[USERS_VIEWER] = "viewer",
	[USERS_OPERATOR] = "operator",
	[USERS_ADMIN] = "admin"};

const char *users_role_name(enum users_role role)
{
	return users_roles[role];
}

bool users_role_parse(const char *name, enum users_role *role)
{
	for (int i = USERS_VIEWER; i <= USERS_ADMIN; i++) {
		if (strcmp(users_roles[i], name) != 0)
			continue;
		*role = (enum users_role)i;
		return true;
	}
	return false;
}

bool users_check_name(const char *name, struct err *e)
{
	static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "abcdefghijklmnopqrstuvwxyz0123456789._@-";
	size_t length = strlen(name);
	if (length == 0 || length > USERS_NAME_MAX || strspn(name, allowed) != length)
		return err_set(e, ERR_INPUT,
			"a user's name is 1 to %d of A-Z a-z 0-9 . _ @ -",
			USERS_NAME_MAX);
	return true;
}

bool users_check_password(const char *password, struct err *e)
{
	size_t length = strlen(password);
	if (length < USERS_PASSWORD_MIN || length > USERS_PASSWORD_MAX)
		return err_set(e, ERR_INPUT, "a password has %d to %d bytes",
			USERS_PASSWORD_MIN, USERS_PASSWORD_MAX);
	for (const char *at = password; *at;) {
		size_t step = utf8_character(at);
		if (!step)
			return err_set(e, ERR_INPUT, "a password is UTF-8 text");
		at += step;
	}
	return true;
}

void users_one_time_password(char password[USERS_ONE_TIME_LENGTH + 1])
{
	/* Without characters that look alike. */
	static const char letters[] = "abcdefghjkmnpqrstuvwxyz23456789";
	for (int i = 0; i < USERS_ONE_TIME_LENGTH; i++)
		password[i] =
			i % 5 == 4 ? '-'
				   : letters[randombytes_uniform(sizeof letters - 1)];
	password[USERS_ONE_TIME_LENGTH] = '\0';
}

bool users_create(struct db *db, const struct users_options *options, struct arena *a,
	struct err *e)
{
	char hash[crypto_pwhash_STRBYTES];
	if (options->services && options->role == USERS_ADMIN)
		return err_set(e, ERR_INPUT, "services: an admin is not limited");
	if (!users_check_name(options->name, e) ||
		!roles_check_globs(options->services, e) ||
		!users_check_password(options->password, e) ||
		!users_hash(options->password, hash, e))
		return false;
	struct db_args args;
	db_args_init(&args, a);
	db_arg_text(&args, options->name);
	db_arg_text(&args, hash);
	db_arg_bool(&args, options->is_one_time);
	db_arg_text(&args, users_role_name(options->role));
	roles_arg_globs(&args, options->services);
	scoped_rows struct db_rows rows = {0};
	if (!db_query(db, SQL_USER_INSERT, &args, &rows, e))
		return false;
	if (rows.count == 0)
		return err_set(
			e, ERR_INPUT, "there is a user '%s' already", options->name);
	return true;
}

static void users_row_read(
	const struct db_rows *rows, int row, struct arena *a, struct users_row *out)
{
	*out = (struct users_row){
		.id = db_int(rows, row, "id"),
		.name = db_text_copy(rows, row, "name", a),
		.password_is_one_time = db_bool(rows, row, "password_is_one_time"),
	};
	if (!db_is_null(rows, row, "services"))
		out->services = db_text_copy(rows, row, "services", a);
	BUG_ON(!users_role_parse(db_text(rows, row, "role"), &out->role));
}

bool users_list(struct db *db, struct arena *a, struct users_row **out, size_t *count,
	struct err *e)
{
	scoped_rows struct db_rows rows = {0};
	if (!db_query(db, SQL_USER_LIST, NULL, &rows, e))
		return false;
	*count = (size_t)rows.count;
	*out = arena_array(a, *count, sizeof **out);
	for (int i = 0; i < rows.count; i++) {
		users_row_read(&rows, i, a, &(*out)[i]);
		(*out)[i].created_ms = db_time(&rows, i, "created_at");
		(*out)[i].retired_ms = db_time(&rows, i, "retired_at");
	}
	return true;
}

static bool users_find(struct db *db, const char *name, struct arena *a,
	struct db_rows *rows, struct err *e)
{
	struct db_args args;
	db_args_init(&args, a);
	db_arg_text(&args, name);
	return db_query(db, SQL_USER_LOGIN, &args, rows, e);
}

static bool users_count_failure(
	struct db *db, const char *name, int64_t now_ms, struct arena *a, struct err *e)
{
	struct db_args args;
	db_args_init(&args, a);
	db_arg_text(&args, name);
	db_arg_time(&args, now_ms);
	return db_query(db, SQL_USER_LOGIN_FAILED, &args, NULL, e);
}

static bool users_forget_failures(
	struct db *db, int64_t id, struct arena *a, struct err *e)
{
	struct db_args args;
	db_args_init(&args, a);
	db_arg_int(&args, id);
	return db_query(db, SQL_USER_LOGIN_DONE, &args, NULL, e);
}

bool users_login(struct db *db, const char *name, const char *password, int64_t now_ms,
	struct arena *a, struct users_row **user, struct err *e)
{
	scoped_rows struct db_rows rows = {0};
	struct err ignored;
	/* A name or password that cannot exist takes the same way as a wrong one. */
	bool possible = users_check_name(name, &ignored) &&
			users_check_password(password, &ignored);
	if (!users_find(db, possible ? name : "", a, &rows, e))
		return false;
	const char *hash = rows.count ? db_text(&rows, 0, "password_hash")
				      : users_dummy_hash;
	bool right = false;
	if (!users_verify(hash, possible ? password : "", &right, e))
		return false;
	*user = NULL;
	if (!right || rows.count == 0)
		return users_count_failure(db, possible ? name : "", now_ms, a, e);
	*user = arena_alloc(a, sizeof **user);
	users_row_read(&rows, 0, a, *user);
	return users_forget_failures(db, (*user)->id, a, e);
}

bool users_set_password(struct db *db, const struct users_change *change,
	struct arena *a, bool *found, struct err *e)
{
	char hash[crypto_pwhash_STRBYTES];
	if (!users_check_password(change->password, e) ||
		!users_hash(change->password, hash, e))
		return false;
	struct db_args args;
	db_args_init(&args, a);
	db_arg_text(&args, change->name);
	db_arg_text(&args, hash);
	db_arg_bool(&args, change->is_one_time);
	scoped_rows struct db_rows rows = {0};
	if (!db_query(db, SQL_USER_SET_PASSWORD, &args, &rows, e))
		return false;
	*found = rows.count == 1;
	return true;
}

static bool users_one(struct db *db, int64_t id, struct arena *a,
	struct users_row **row, int64_t *other_admins, struct err *e)
{
	struct db_args args;
	db_args_init(&args, a);
	db_arg_int(&args, id);
	scoped_rows struct db_rows rows = {0};
	if (!db_query(db, SQL_USER_ONE, &args, &rows, e))
		return false;
	*row = NULL;
	if (rows.count == 0)
		return true;
	*row = arena_alloc(a, sizeof **row);
	users_row_read(&rows, 0, a, *row);
	(*row)->created_ms = db_time(&rows, 0, "created_at");
	(*row)->retired_ms = db_time(&rows, 0, "retired_at");
	*other_admins = db_int(&rows, 0, "other_admins");
	return true;
}

static bool users_do(struct db *db, const struct users_step *step,
	const struct users_row *user, struct arena *a, struct err *e)
{
	struct db_args args;
	db_args_init(&args, a);
	db_arg_int(&args, step->user_id);
	switch (step->action) {
	case USERS_SET_ROLE:
		db_arg_text(&args, users_role_name(step->role));
		db_arg_bool(&args, step->sets_services);
		roles_arg_globs(&args, step->services);
		return db_query(db, SQL_USER_ROLE, &args, NULL, e);
	case USERS_RETIRE:
		db_arg_time(&args, step->now_ms);
		return db_query(db, SQL_USER_RETIRE, &args, NULL, e);
	case USERS_RESTORE:
		db_arg_null(&args);
		return db_query(db, SQL_USER_RETIRE, &args, NULL, e);
	case USERS_NEW_PASSWORD: {
		bool found;
		struct users_change change = {user->name, step->password, true};
		return users_set_password(db, &change, a, &found, e);
	}
	}
	return true;
}

/* "operator, limited to checkout, web-*" */
static const char *users_right(const struct users_step *step, struct arena *a)
{
	const char *role = users_role_name(step->role);
	if (!step->sets_services)
		return role;
	return arena_printf(a, "%s, %s%s", role, step->services ? "limited to " : "",
		roles_globs_text(step->services, a));
}

static bool users_note(struct db *db, const struct users_step *step,
	const struct users_row *user, struct arena *a, struct err *e)
{
	static const char *const actions[] = {
		[USERS_SET_ROLE] = "user.role",
		[USERS_RETIRE] = "user.retire",
		[USERS_RESTORE] = "user.restore",
		[USERS_NEW_PASSWORD] = "user.password",
	};
	struct audit_entry entry = {
		.actor = step->actor,
		.action = actions[step->action],
		.subject = user->name,
		.detail = step->action == USERS_SET_ROLE ? users_right(step, a) : "",
	};
	return audit_put(db, &entry, a, e);
}

/* Inside the transaction. */
static bool users_step(struct db *db, const struct users_step *wish, struct arena *a,
	enum users_outcome *outcome, struct users_row **row, struct err *e)
{
	int64_t other_admins = 0;
	struct users_step step = *wish;
	if (!users_one(db, step.user_id, a, row, &other_admins, e))
		return false;
	*outcome = USERS_MISSING;
	if (!*row)
		return true;
	if (step.keeps_role)
		step.role = (*row)->role;
	bool loses = step.action == USERS_RETIRE ||
		     (step.action == USERS_SET_ROLE && step.role != USERS_ADMIN);
	*outcome = USERS_NO_LIMIT;
	if (step.services && step.role == USERS_ADMIN)
		return true;
	*outcome = USERS_LAST_ADMIN;
	if (loses && (*row)->role == USERS_ADMIN && other_admins == 0)
		return true;
	*outcome = USERS_DONE;
	return users_do(db, &step, *row, a, e) && users_note(db, &step, *row, a, e) &&
	       users_one(db, step.user_id, a, row, &other_admins, e);
}

bool users_find_id(
	struct db *db, const char *name, struct arena *a, int64_t *id, struct err *e)
{
	struct db_args args;
	db_args_init(&args, a);
	db_arg_text(&args, name);
	scoped_rows struct db_rows rows = {0};
	if (!db_query(db, SQL_USER_NAMED_ANY, &args, &rows, e))
		return false;
	*id = rows.count ? db_int(&rows, 0, "id") : 0;
	return true;
}

bool users_take_step(struct db *db, const struct users_step *step, struct arena *a,
	enum users_outcome *outcome, struct users_row **row, struct err *e)
{
	if (!roles_check_globs(step->services, e) || !db_begin(db, e))
		return false;
	if (users_step(db, step, a, outcome, row, e))
		return db_commit(db, e);
	db_rollback(db);
	return false;
}
