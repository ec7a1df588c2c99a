#include "server/store/tokens.h"

#include "server/store/figures.h"
#include "server/store/users.h"

#include <inttypes.h>
#include <sodium.h>
#include <string.h>

enum {
	TOKENS_SECRET_BYTES = 32,
	TOKENS_HASH_BYTES = 32,
	TOKENS_ID_BYTES = 8,
	TOKENS_TOUCH_MS = 60000,
};

static void tokens_hash(const char *secret, uint8_t hash[TOKENS_HASH_BYTES])
{
	crypto_generichash(hash, TOKENS_HASH_BYTES, (const unsigned char *)secret,
		strlen(secret), NULL, 0);
}

/* "key=value", a line each. */
static void tokens_read_labels(
	const char *text, struct arena *a, struct tokens_row *out)
{
	size_t lines = *text ? 1 : 0;
	for (const char *at = text; *at; at++)
		lines += *at == '\n';
	out->labels = arena_array(a, lines, sizeof *out->labels);
	while (*text) {
		size_t key = strcspn(text, "="), line = strcspn(text, "\n");
		out->labels[out->label_count++] = (struct host_list_label){
			.key = arena_strndup(a, text, key),
			.value = arena_strndup(a, text + key + 1, line - key - 1)};
		text += line + (text[line] == '\n');
	}
}

static bool tokens_check_join(const struct tokens_options *o, struct err *e)
{
	bool plain = !(o->host_glob && *o->host_glob) && !o->label_count;
	if (o->kind == TOKENS_API)
		return plain || err_set(e, ERR_INPUT,
					"an API token lets no hosts in: it has neither "
					"host_glob nor labels");
	const char *glob = o->host_glob ? o->host_glob : "";
	if (strlen(glob) > TOKENS_HOST_GLOB_MAX)
		return err_set(e, ERR_INPUT, "host_glob: longer than %d bytes",
			TOKENS_HOST_GLOB_MAX);
	for (const char *at = glob; *at; at++)
		if ((unsigned char)*at <= ' ' || *at == 127)
			return err_set(e, ERR_INPUT,
				"host_glob: no host's name has spaces in it");
	if (o->label_count > HOST_LIST_LABELS_MAX)
		return err_set(
			e, ERR_INPUT, "labels: more than %d", HOST_LIST_LABELS_MAX);
	for (size_t i = 0; i < o->label_count; i++)
		if (!host_list_check_label(o->label_keys[i], o->label_values[i], e))
			return false;
	return true;
}

static bool tokens_check_options(const struct tokens_options *o, struct err *e)
{
	if (strlen(o->name) > TOKENS_NAME_MAX)
		return err_set(
			e, ERR_INPUT, "name: longer than %d bytes", TOKENS_NAME_MAX);
	if (o->ttl_ms <= 0 || o->ttl_ms > TOKENS_TTL_MS_MAX)
		return err_set(e, ERR_INPUT, "ttl: must be between 1 ms and 366 days");
	if (o->max_uses < 0 || o->max_uses > TOKENS_USES_MAX)
		return err_set(e, ERR_INPUT, "uses: must be between 1 and %d",
			TOKENS_USES_MAX);
	if (o->kind == TOKENS_API && o->max_uses)
		return err_set(e, ERR_INPUT, "uses: an API token has no such limit");
	if (o->kind == TOKENS_API && !o->created_by)
		return err_set(e, ERR_INPUT, "an API token needs a user to act for");
	if (o->kind != TOKENS_API && (o->has_role || o->services))
		return err_set(e, ERR_INPUT, "role, services: a join token has none");
	if (o->services && (!o->has_role || o->role == USERS_ADMIN))
		return err_set(e, ERR_INPUT,
			"role: a token for some services is a viewer's or operator's");
	return roles_check_globs(o->services, e) && tokens_check_join(o, e);
}

static void tokens_row_read(
	const struct db_rows *rows, int row, struct arena *a, struct tokens_row *out)
{
	bool is_api = strcmp(db_text(rows, row, "kind"), "api") == 0;
	*out = (struct tokens_row){
		.id = db_text_copy(rows, row, "id", a),
		.kind = is_api ? TOKENS_API : TOKENS_JOIN,
		.name = db_text_copy(rows, row, "name", a),
		.created_by = figures_text(rows, row, "created_by", a),
		.created_ms = db_time(rows, row, "created_at"),
		.expires_ms = db_time(rows, row, "expires_at"),
		.revoked_ms = db_time(rows, row, "revoked_at"),
		.max_uses = db_int(rows, row, "max_uses"),
		.uses = db_int(rows, row, "uses"),
		.host_glob = db_text_copy(rows, row, "host_glob", a),
		.role = figures_text(rows, row, "role", a),
		.services = figures_text(rows, row, "services", a),
		.used_ms = db_time(rows, row, "last_used_at"),
	};
	tokens_read_labels(db_text(rows, row, "labels"), a, out);
}

static const char *tokens_actor_name(const char *name)
{
	return name ? name : "command line";
}

/* "join, 3 uses, hosts web-*", for the audit. */
static const char *tokens_summary(const struct tokens_row *t, struct arena *a)
{
	const char *text = tokens_kind_name(t->kind);
	if (t->max_uses)
		text = arena_printf(a, "%s, %" PRId64 " uses", text, t->max_uses);
	if (*t->host_glob)
		text = arena_printf(a, "%s, hosts %s", text, t->host_glob);
	if (t->role)
		text = arena_printf(a, "%s, %s", text, t->role);
	if (t->services)
		text = arena_printf(a, "%s, services %s", text, t->services);
	for (size_t i = 0; i < t->label_count; i++)
		text = arena_printf(
			a, "%s, %s=%s", text, t->labels[i].key, t->labels[i].value);
	return text;
}

/* A token is named by its id, which is no secret. */
static const char *tokens_subject(const struct tokens_row *t, struct arena *a)
{
	return *t->name ? arena_printf(a, "token %s (%s)", t->id, t->name)
			: arena_printf(a, "token %s", t->id);
}

static bool tokens_put_labels(struct db *db, const struct tokens_options *o,
	struct tokens_row *row, struct arena *a, struct err *e)
{
	struct db_args args;
	if (o->label_count == 0)
		return true;
	db_args_init(&args, a);
	db_arg_text(&args, row->id);
	db_arg_texts(&args, o->label_keys, o->label_count);
	db_arg_texts(&args, o->label_values, o->label_count);
	row->labels = arena_array(a, o->label_count, sizeof *row->labels);
	for (size_t i = 0; i < o->label_count; i++)
		row->labels[i] = (struct host_list_label){
			.key = o->label_keys[i], .value = o->label_values[i]};
	row->label_count = o->label_count;
	return db_query(db, SQL_TOKEN_LABEL_PUT, &args, NULL, e);
}

/* Inside the transaction. */
static bool tokens_insert(struct db *db, const struct tokens_options *o,
	struct db_args *args, struct tokens_row *row, struct err *e)
{
	struct arena *a = args->arena;
	scoped_rows struct db_rows rows = {0};
	if (!db_query(db, SQL_TOKEN_INSERT, args, &rows, e))
		return false;
	BUG_ON(rows.count != 1);
	tokens_row_read(&rows, 0, a, row);
	if (!tokens_put_labels(db, o, row, a, e))
		return false;
	struct audit_entry entry = {
		.actor = {o->created_by, tokens_actor_name(o->actor)},
		.action = "token.add",
		.subject = tokens_subject(row, a),
		.detail = tokens_summary(row, a),
	};
	return audit_put(db, &entry, a, e);
}

bool tokens_create(struct db *db, const struct tokens_options *options, struct arena *a,
	struct tokens_row *row, const char **secret, struct err *e)
{
	if (!tokens_check_options(options, e))
		return false;
	uint8_t random[TOKENS_SECRET_BYTES], hash[TOKENS_HASH_BYTES];
	char id[TOKENS_ID_LENGTH + 1];
	char *text = arena_alloc(a, TOKENS_SECRET_LENGTH + 1);
	randombytes_buf(random, TOKENS_ID_BYTES);
	sodium_bin2hex(id, sizeof id, random, TOKENS_ID_BYTES);
	randombytes_buf(random, sizeof random);
	sodium_bin2base64(text, TOKENS_SECRET_LENGTH + 1, random, sizeof random,
		sodium_base64_VARIANT_URLSAFE_NO_PADDING);
	sodium_memzero(random, sizeof random);
	tokens_hash(text, hash);

	struct db_args args;
	db_args_init(&args, a);
	db_arg_text(&args, id);
	db_arg_text(&args, tokens_kind_name(options->kind));
	db_arg_text(&args, options->name);
	db_arg_bytes(&args, hash, sizeof hash);
	db_arg_time(&args, options->now_ms);
	if (options->created_by)
		db_arg_int(&args, options->created_by);
	else
		db_arg_null(&args);
	db_arg_time(&args, options->now_ms + options->ttl_ms);
	if (options->max_uses)
		db_arg_int(&args, options->max_uses);
	else
		db_arg_null(&args);
	db_arg_text(&args, options->host_glob ? options->host_glob : "");
	db_arg_text(&args, options->has_role ? users_role_name(options->role) : NULL);
	roles_arg_globs(&args, options->services);
	*secret = text;
	if (!db_begin(db, e))
		return false;
	if (tokens_insert(db, options, &args, row, e))
		return db_commit(db, e);
	db_rollback(db);
	return false;
}

bool tokens_list(struct db *db, int64_t after_ms, const char *after_id, int limit,
	struct arena *a, struct tokens_row **out, size_t *count, struct err *e)
{
	struct db_args args;
	db_args_init(&args, a);
	db_arg_time(&args, after_ms);
	db_arg_text(&args, after_id);
	db_arg_int(&args, limit);
	scoped_rows struct db_rows rows = {0};
	if (!db_query(db, SQL_TOKEN_PAGE, &args, &rows, e))
		return false;
	*count = (size_t)rows.count;
	*out = arena_array(a, *count, sizeof **out);
	for (int i = 0; i < rows.count; i++)
		tokens_row_read(&rows, i, a, &(*out)[i]);
	return true;
}

static bool tokens_revoke_agents(struct db *db, const struct tokens_revocation *r,
	struct arena *a, size_t *agents, struct err *e)
{
	struct db_args args;
	db_args_init(&args, a);
	db_arg_text(&args, r->id);
	db_arg_time(&args, r->now_ms);
	scoped_rows struct db_rows rows = {0};
	if (!db_query(db, SQL_AGENT_REVOKE_TOKEN, &args, &rows, e))
		return false;
	*agents = (size_t)rows.count;
	for (int i = 0; i < rows.count; i++) {
		struct audit_entry entry = {
			.actor = r->actor,
			.action = "agent.revoke",
			.host_id = db_int(&rows, i, "host_id"),
			.subject = arena_printf(a, "agent %" PRId64 " of %s",
				db_int(&rows, i, "id"), db_text(&rows, i, "host")),
			.detail = arena_printf(a, "with token %s", r->id),
		};
		if (!audit_put(db, &entry, a, e))
			return false;
	}
	return true;
}

/* Inside the transaction. */
static bool tokens_revoke_in(struct db *db, const struct tokens_revocation *r,
	struct arena *a, struct tokens_row **row, size_t *agents, struct err *e)
{
	struct db_args args;
	db_args_init(&args, a);
	db_arg_text(&args, r->id);
	db_arg_time(&args, r->now_ms);
	scoped_rows struct db_rows rows = {0};
	if (!db_query(db, SQL_TOKEN_REVOKE, &args, &rows, e))
		return false;
	*row = NULL;
	if (rows.count == 0)
		return true;
	*row = arena_alloc(a, sizeof **row);
	tokens_row_read(&rows, 0, a, *row);
	struct audit_entry entry = {
		.actor = r->actor,
		.action = "token.revoke",
		.subject = tokens_subject(*row, a),
		.detail = r->agents ? "with its agents" : "",
	};
	return audit_put(db, &entry, a, e) &&
	       (!r->agents || tokens_revoke_agents(db, r, a, agents, e));
}

bool tokens_revoke(struct db *db, const struct tokens_revocation *revocation,
	struct arena *a, struct tokens_row **row, size_t *agents, struct err *e)
{
	struct tokens_revocation r = *revocation;
	r.actor.name = tokens_actor_name(r.actor.name);
	*agents = 0;
	if (!db_begin(db, e))
		return false;
	if (tokens_revoke_in(db, &r, a, row, agents, e))
		return db_commit(db, e);
	db_rollback(db);
	return false;
}

/* What a token's row says of this secret; `rows` holds its row, if there is one.  The
 * secret is compared before anything else is told, and also when there is no row, so
 * that time does not say which ids exist. */
static enum tokens_fate tokens_judge(
	const struct db_rows *rows, const char *secret, struct arena *a)
{
	uint8_t hash[TOKENS_HASH_BYTES], nothing[TOKENS_HASH_BYTES] = {0};
	size_t length = sizeof nothing;
	const uint8_t *stored = nothing;
	if (rows->count)
		stored = db_bytes(rows, 0, "secret_hash", a, &length);
	tokens_hash(secret, hash);
	bool same = length == sizeof hash &&
		    sodium_memcmp(hash, stored, sizeof hash) == 0;
	if (!same || rows->count == 0)
		return TOKENS_UNKNOWN;
	if (db_bool(rows, 0, "revoked"))
		return TOKENS_REVOKED;
	if (db_bool(rows, 0, "expired"))
		return TOKENS_EXPIRED;
	if (db_bool(rows, 0, "elsewhere"))
		return TOKENS_ELSEWHERE;
	return db_bool(rows, 0, "used_up") ? TOKENS_USED_UP : TOKENS_GOOD;
}

static bool tokens_look_up(struct db *db, enum tokens_kind kind,
	const struct tokens_claim *claim, struct db_args *args, struct db_rows *rows,
	struct err *e)
{
	db_arg_text(args, claim->id);
	db_arg_text(args, tokens_kind_name(kind));
	db_arg_time(args, claim->now_ms);
	db_arg_text(args, claim->hostname);
	return db_query(db, SQL_TOKEN_SECRET, args, rows, e);
}

/* Whether this call got the use; if not, another one got the last or revoked it. */
static bool tokens_spend(struct db *db, const char *id, int64_t now_ms, struct arena *a,
	bool *spent, struct err *e)
{
	struct db_args args;
	db_args_init(&args, a);
	db_arg_text(&args, id);
	db_arg_time(&args, now_ms);
	scoped_rows struct db_rows rows = {0};
	if (!db_query(db, SQL_TOKEN_SPEND, &args, &rows, e))
		return false;
	*spent = rows.affected == 1;
	return true;
}

static bool tokens_use_in(struct db *db, const struct tokens_claim *claim,
	struct arena *a, enum tokens_fate *fate, struct err *e)
{
	for (int attempt = 0; attempt < 2; attempt++) {
		struct db_args args;
		db_args_init(&args, a);
		scoped_rows struct db_rows rows = {0};
		if (!tokens_look_up(db, TOKENS_JOIN, claim, &args, &rows, e))
			return false;
		enum tokens_fate seen = tokens_judge(&rows, claim->secret, a);
		bool spent = false;
		if (seen == TOKENS_GOOD &&
			!tokens_spend(db, claim->id, claim->now_ms, a, &spent, e))
			return false;
		if (seen != TOKENS_GOOD || spent) {
			*fate = seen;
			return true;
		}
	}
	/* Twice good to look at and twice gone: somebody else is faster. */
	*fate = TOKENS_USED_UP;
	return true;
}

bool tokens_use(struct db *db, const struct tokens_claim *claim, enum tokens_fate *fate,
	struct err *e)
{
	struct arena a;
	arena_init(&a);
	bool ok = tokens_use_in(db, claim, &a, fate, e);
	arena_finish(&a);
	return ok;
}

bool tokens_look(struct db *db, const struct tokens_claim *claim, struct arena *a,
	enum tokens_fate *fate, struct err *e)
{
	struct db_args args;
	db_args_init(&args, a);
	scoped_rows struct db_rows rows = {0};
	if (!tokens_look_up(db, TOKENS_JOIN, claim, &args, &rows, e))
		return false;
	*fate = tokens_judge(&rows, claim->secret, a);
	return true;
}

bool tokens_give_labels(struct db *db, const char *id, int32_t agent_id, struct err *e)
{
	struct arena a;
	struct db_args args;
	arena_init(&a);
	db_args_init(&args, &a);
	db_arg_int(&args, agent_id);
	db_arg_text(&args, id);
	db_arg_int(&args, HOST_LIST_LABELS_MAX);
	bool ok = db_query(db, SQL_TOKEN_LABEL_GIVE, &args, NULL, e);
	arena_finish(&a);
	return ok;
}

/* Of the token and its user: one who got a lesser role takes his tokens along. */
static const char *tokens_lesser_role(const struct db_rows *rows, struct arena *a)
{
	enum users_role user, token;
	BUG_ON(!users_role_parse(db_text(rows, 0, "role"), &user));
	if (!users_role_parse(db_text(rows, 0, "token_role"), &token) || token > user)
		token = user;
	if (token == USERS_ADMIN && db_bool(rows, 0, "is_limited"))
		token = USERS_OPERATOR;
	return arena_strdup(a, users_role_name(token));
}

bool tokens_check_api(struct db *db, const char *id, const char *secret, int64_t now_ms,
	struct arena *a, struct tokens_user *user, enum tokens_fate *fate,
	struct err *e)
{
	struct db_args args;
	db_args_init(&args, a);
	scoped_rows struct db_rows rows = {0};
	db_arg_text(&args, id);
	db_arg_time(&args, now_ms);
	if (!db_query(db, SQL_TOKEN_API, &args, &rows, e))
		return false;
	*fate = tokens_judge(&rows, secret, a);
	if (*fate != TOKENS_GOOD)
		return true;
	if (db_is_null(&rows, 0, "user_id")) {
		*fate = TOKENS_REVOKED; /* nobody is left for whom it could act */
		return true;
	}
	*user = (struct tokens_user){
		.user_id = db_int(&rows, 0, "user_id"),
		.user = db_text_copy(&rows, 0, "user_name", a),
		.role = tokens_lesser_role(&rows, a),
		.is_limited = db_bool(&rows, 0, "is_limited"),
		.services = figures_text(&rows, 0, "services", a),
	};
	return now_ms - db_time(&rows, 0, "last_used_at") < TOKENS_TOUCH_MS ||
	       db_query(db, SQL_TOKEN_TOUCH, &args, NULL, e);
}

const char *tokens_fate_text(enum tokens_fate fate)
{
	static const char *const texts[] = {
		[TOKENS_GOOD] = "the token is good",
		[TOKENS_UNKNOWN] = "unknown token",
		[TOKENS_EXPIRED] = "the token has expired",
		[TOKENS_REVOKED] = "the token was revoked",
		[TOKENS_USED_UP] = "the token is used up",
		[TOKENS_ELSEWHERE] = "the token is not for hosts of this name",
	};
	return texts[fate];
}

const char *tokens_kind_name(enum tokens_kind kind)
{
	return kind == TOKENS_API ? "api" : "join";
}

const char *tokens_api_text(struct arena *a, const char *id, const char *secret)
{
	return arena_printf(a, "tma1.%s.%s", id, secret);
}

bool tokens_api_parse(
	const char *text, struct arena *a, const char **id, const char **secret)
{
	static const char hex[] = "0123456789abcdef";
	if (strncmp(text, "tma1.", 5) != 0)
		return false;
	const char *start = text + 5;
	if (strspn(start, hex) != TOKENS_ID_LENGTH || start[TOKENS_ID_LENGTH] != '.')
		return false;
	const char *rest = start + TOKENS_ID_LENGTH + 1;
	if (strlen(rest) != TOKENS_SECRET_LENGTH)
		return false;
	*id = arena_strndup(a, start, TOKENS_ID_LENGTH);
	*secret = arena_strdup(a, rest);
	return true;
}
