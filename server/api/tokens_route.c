#include "schema/token.h"
#include "server/api/body.h"
#include "server/api/handlers.h"
#include "server/api/install.h"
#include "server/api/shape.h"
#include "server/api/shared.h"
#include "server/store/tokens.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* The members of a token, inside an object that the caller opened. */
static void tokens_route_members(struct json *j, const struct tokens_row *t)
{
	json_put_string(j, "id", t->id);
	json_put_string(j, "kind", tokens_kind_name(t->kind));
	json_put_string(j, "name", t->name);
	json_put_int(j, "created_at_ms", t->created_ms);
	json_put_string(j, "created_by", t->created_by);
	json_put_int(j, "expires_at_ms", t->expires_ms);
	if (t->max_uses)
		json_put_int(j, "max_uses", t->max_uses);
	else
		json_put_null(j, "max_uses");
	json_put_int(j, "uses", t->uses);
	shape_put_time(j, "revoked_at_ms", t->revoked_ms);
	json_put_string(j, "role", t->role);
	shape_put_json(j, "services", t->services);
	shape_put_time(j, "last_used_at_ms", t->used_ms);
	json_put_string(j, "host_glob", t->host_glob);
	json_key(j, "labels");
	json_object(j);
	for (size_t i = 0; i < t->label_count; i++)
		json_put_string(j, t->labels[i].key, t->labels[i].value);
	json_end(j);
}

/* A cursor is "<created> <id>". */
static bool tokens_route_after(
	struct call *c, int64_t *after_ms, const char **after_id, struct err *e)
{
	const char *after;
	if (!query_after(&c->query, &after, e))
		return false;
	*after_ms = 0;
	*after_id = NULL;
	if (!after)
		return true;
	if (!query_after_int(&after, 0, QUERY_TIME_MAX, after_ms) ||
		strlen(after) != TOKENS_ID_LENGTH)
		return err_set(e, ERR_INPUT, "after: not a cursor of this list");
	*after_id = after;
	return true;
}

bool tokens_route_list(struct call *c, struct err *e)
{
	int limit;
	int64_t after_ms;
	const char *after_id;
	struct tokens_row *rows;
	size_t count;
	if (!call_limit(c, &limit, e) ||
		!tokens_route_after(c, &after_ms, &after_id, e) ||
		!query_finish(&c->query, e) || !call_db(c, e) ||
		!tokens_list(
			c->db, after_ms, after_id, limit, c->arena, &rows, &count, e))
		return false;
	size_t shown = call_page_size(count, limit);
	struct json *j = &c->json;
	call_items_begin(c);
	for (size_t i = 0; i < shown; i++) {
		json_object(j);
		tokens_route_members(j, &rows[i]);
		json_end(j);
	}
	call_items_end(c,
		shown < count ? arena_printf(c->arena, "%" PRId64 " %s",
					rows[shown - 1].created_ms, rows[shown - 1].id)
			      : NULL);
	return true;
}

/* What a join token asks of hosts and gives to them. */
static bool tokens_route_read_hosts(struct call *c, struct body *body,
	struct tokens_options *options, struct err *e)
{
	static const struct body_text glob = {"host_glob", TOKENS_HOST_GLOB_MAX, false};
	static const struct body_pairs labels = {"labels", HOST_LIST_LABELS_MAX,
		HOST_LIST_LABEL_KEY_MAX, HOST_LIST_LABEL_VALUE_MAX, false};
	const struct body_pair *pairs;
	const char *text;
	if (!body_text(body, &glob, &text, e) ||
		!body_pairs(body, &labels, &pairs, &options->label_count, e))
		return false;
	const char **keys = arena_array(c->arena, options->label_count, sizeof *keys);
	const char **values = arena_array(
		c->arena, options->label_count, sizeof *values);
	for (size_t i = 0; i < options->label_count; i++) {
		keys[i] = arena_strdup(c->arena, pairs[i].name);
		values[i] = arena_strdup(c->arena, pairs[i].value);
	}
	options->label_keys = keys;
	options->label_values = values;
	options->host_glob = text ? arena_strdup(c->arena, text) : NULL;
	return true;
}

/* What an API token may: less than who makes it. */
static bool tokens_route_read_right(struct call *c, struct body *body,
	struct tokens_options *options, struct err *e)
{
	static const struct body_text role = {"role", 16, false};
	static const struct body_texts services = {
		"services", ROLES_GLOBS_MAX, ROLES_GLOB_MAX};
	struct roles_globs *globs = arena_alloc(c->arena, sizeof *globs);
	const char *text;
	bool said;
	if (!body_text(body, &role, &text, e) ||
		!body_texts(body, &services, &globs->items, &globs->count, &said, e))
		return false;
	options->services = globs->items ? globs : NULL;
	options->has_role = text;
	if (!text || (users_role_parse(text, &options->role) &&
			     options->role <= c->user.role))
		return true;
	c->pointer = "/role";
	return err_set(e, ERR_INPUT,
		"role: must be viewer, operator or admin, and not above yours");
}

static bool tokens_route_read(
	struct call *c, struct tokens_options *options, struct err *e)
{
	static const struct body_text kind = {"kind", 8, true};
	static const struct body_text name = {"name", TOKENS_NAME_MAX, false};
	static const struct body_int uses = {"max_uses", 1, TOKENS_USES_MAX, 0};
	static const struct body_int ttl = {"ttl_s", 1, TOKENS_TTL_MS_MAX / 1000, 0};
	scoped_body struct body body = {0};
	struct body_source source = {c->request->body, c->request->body_length};
	const char *kind_text, *name_text;
	int64_t ttl_s;
	if (!body_open(&body, source, c->arena, &c->pointer, e) ||
		!body_text(&body, &kind, &kind_text, e) ||
		!body_text(&body, &name, &name_text, e) ||
		!body_int(&body, &ttl, &ttl_s, e) ||
		!body_int(&body, &uses, &options->max_uses, e) ||
		!tokens_route_read_hosts(c, &body, options, e) ||
		!tokens_route_read_right(c, &body, options, e) ||
		!body_finish(&body, e))
		return false;
	bool is_api = strcmp(kind_text, "api") == 0;
	if (!is_api && strcmp(kind_text, "join") != 0) {
		c->pointer = "/kind";
		return err_set(e, ERR_INPUT, "kind: must be join or api");
	}
	if (!ttl_s)
		ttl_s = is_api ? INT64_C(90) * 86400 : 3600;
	options->kind = is_api ? TOKENS_API : TOKENS_JOIN;
	options->name = arena_strdup(c->arena, name_text ? name_text : "");
	options->ttl_ms = ttl_s * 1000;
	return true;
}

/* The whole join token, as a host needs it. */
static bool tokens_route_join_text(struct call *c, const char *id, const char *secret,
	const char **text, struct err *e)
{
	const struct api_options *o = &c->shared->options;
	struct join_token token = {0};
	struct buf out = {0};
	token_set_places(&token, &o->enrol_places);
	memcpy(token.public_key, o->public_key, sizeof token.public_key);
	snprintf(token.id, sizeof token.id, "%s", id);
	snprintf(token.secret, sizeof token.secret, "%s", secret);
	bool ok = token_format(&token, &out, e);
	token_wipe(&token);
	if (ok)
		*text = arena_strdup(c->arena, out.data);
	buf_finish(&out);
	return ok;
}

/* How a host joins with it: where the agent is installed, and where it is not. */
static void tokens_route_put_ways(struct call *c, const char *token)
{
	struct json *j = &c->json;
	json_put_string(j, "command",
		arena_printf(
			c->arena, "echo '%s' | sudo tidemark-agent join -", token));
	const char *line = install_line(c, token);
	if (line)
		json_put_string(j, "install", line);
	else
		json_put_null(j, "install");
}

bool tokens_route_create(struct call *c, struct err *e)
{
	struct tokens_options options = {
		.created_by = c->user.id, .actor = c->user.name, .now_ms = c->now_ms};
	struct tokens_row row;
	const char *secret, *text;
	if (!query_finish(&c->query, e) || !tokens_route_read(c, &options, e))
		return false;
	/* One that was found would outlive its end in those that it made. */
	if (c->token && options.kind == TOKENS_API)
		return call_problem(
			c, 403, e, "an API token makes no API tokens: log in for this");
	if (!call_db(c, e) ||
		!tokens_create(c->db, &options, c->arena, &row, &secret, e))
		return false;
	if (row.kind == TOKENS_API)
		text = tokens_api_text(c->arena, row.id, secret);
	else if (!tokens_route_join_text(c, row.id, secret, &text, e))
		return false;
	struct json *j = &c->json;
	json_object(j);
	tokens_route_members(j, &row);
	json_put_string(j, "secret", text);
	if (row.kind == TOKENS_JOIN)
		tokens_route_put_ways(c, text);
	json_end(j);
	return true;
}

bool tokens_route_revoke(struct call *c, struct err *e)
{
	static const struct body_bool agents = {"agents", false, false};
	struct tokens_row *row;
	struct tokens_revocation revocation = {.id = c->argument,
		.now_ms = c->now_ms,
		.actor = {c->user.id, c->user.name}};
	scoped_body struct body body = {0};
	struct body_source source = {c->request->body, c->request->body_length};
	size_t revoked;
	if (!query_finish(&c->query, e) ||
		!body_open(&body, source, c->arena, &c->pointer, e) ||
		!body_bool(&body, &agents, &revocation.agents, e) ||
		!body_finish(&body, e))
		return false;
	if (strlen(c->argument) != TOKENS_ID_LENGTH ||
		strspn(c->argument, "0123456789abcdef") != TOKENS_ID_LENGTH)
		return call_missing(c, "token", e);
	if (!call_db(c, e) ||
		!tokens_revoke(c->db, &revocation, c->arena, &row, &revoked, e))
		return false;
	if (!row)
		return call_missing(c, "token", e);
	json_object(&c->json);
	tokens_route_members(&c->json, row);
	if (revocation.agents)
		json_put_int(&c->json, "agents_revoked", (int64_t)revoked);
	json_end(&c->json);
	return true;
}
