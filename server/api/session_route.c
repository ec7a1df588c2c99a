#include "common/clock.h"
#include "server/api/auth.h"
#include "server/api/body.h"
#include "server/api/handlers.h"
#include "server/api/shape.h"
#include "server/api/shared.h"
#include "server/store/audit.h"
#include "server/store/sessions.h"

#include <inttypes.h>

static void session_route_write(struct call *c)
{
	json_object(&c->json);
	json_put_string(&c->json, "user", c->user.name);
	json_put_string(&c->json, "role", users_role_name(c->user.role));
	shape_put_json(&c->json, "services", c->user.services);
	json_put_bool(&c->json, "password_is_one_time", c->user.password_is_one_time);
	json_end(&c->json);
}

bool session_route_get(struct call *c, struct err *e)
{
	if (!query_finish(&c->query, e) || !auth_identify(c, e))
		return false;
	/* A page that asks who is logged in is not refused: nobody is an answer. */
	if (c->user.name)
		session_route_write(c);
	else
		json_null(&c->json);
	return true;
}

/* Two texts of the body, copied into the arena. */
static bool session_route_read(struct call *c, const struct body_text want[2],
	const char *values[2], struct err *e)
{
	scoped_body struct body body = {0};
	struct body_source source = {c->request->body, c->request->body_length};
	const char *first, *second;
	if (!body_open(&body, source, c->arena, &c->pointer, e) ||
		!body_text(&body, &want[0], &first, e) ||
		!body_text(&body, &want[1], &second, e) || !body_finish(&body, e))
		return false;
	values[0] = arena_strdup(c->arena, first);
	values[1] = arena_strdup(c->arena, second);
	return true;
}

static bool session_route_too_early(struct call *c, int64_t wait_ms, struct err *e)
{
	int64_t wait_s = (wait_ms + 999) / 1000;
	http_add_header(
		c->response, "Retry-After", arena_printf(c->arena, "%" PRId64, wait_s));
	return call_problem(c, 429, e,
		"too many failed logins: try again in %" PRId64 " s", wait_s);
}

/* Hashes are dear, so only a few are made at once. */
static bool session_route_crowd(struct call *c, struct err *e)
{
	http_add_header(c->response, "Retry-After", "1");
	return call_problem(
		c, 429, e, "too many logins at once: try again in a moment");
}

/* Checks name and password within the pace that throttle.h allows; *user is NULL when
 * they are wrong. */
static bool session_route_prove(struct call *c, const char *name, const char *password,
	struct users_row **user, struct err *e)
{
	struct throttle *throttle = c->shared->throttle;
	struct throttle_try attempt = {
		.address = c->request->client, .name = name, .now_ms = clock_mono_ms()};
	int64_t wait_ms = throttle_begin(throttle, &attempt);
	if (wait_ms)
		return session_route_too_early(c, wait_ms, e);
	bool has_db = call_own_db(c, e);
	if (!has_db ||
		!users_login(c->own_db, name, password, c->now_ms, c->arena, user, e)) {
		throttle_undo(throttle, &attempt);
		return has_db && e->kind == ERR_BUSY ? session_route_crowd(c, e)
						     : false;
	}
	if (*user)
		throttle_succeed(throttle, &attempt);
	return true;
}

static bool session_route_note(struct call *c, const char *action, struct err *e)
{
	struct audit_entry entry = {
		.actor = {c->user.id, c->user.name},
		.action = action,
		.subject = c->user.name,
		.detail = c->request->client,
	};
	return audit_put(c->own_db, &entry, c->arena, e);
}

bool session_route_renew(struct call *c, struct err *e)
{
	const char *token;
	struct sessions_wish wish = {c->user.id, c->now_ms, c->request->client,
		http_header(c->request, "User-Agent")};
	if (!sessions_start(c->own_db, &wish, c->arena, &token, e))
		return false;
	auth_set_cookie(c, token);
	return true;
}

/* Inside the transaction. */
static bool session_route_begin(struct call *c, struct err *e)
{
	const char *old = auth_session(c);
	return (!old || sessions_end(c->own_db, old, c->arena, e)) &&
	       session_route_renew(c, e) && session_route_note(c, "session.begin", e);
}

bool session_route_create(struct call *c, struct err *e)
{
	static const struct body_text want[2] = {
		{"name", 256, true}, {"password", 1024, true}};
	const char *values[2];
	struct users_row *user;
	if (!query_finish(&c->query, e) || !session_route_read(c, want, values, e) ||
		!session_route_prove(c, values[0], values[1], &user, e))
		return false;
	if (!user)
		return audit_put_failed_login(
			       c->own_db, values[0], c->request->client, c->arena, e) &&
		       call_problem(c, 401, e, "the name or the password is wrong");
	c->user = *user;
	if (!db_begin(c->own_db, e) || !session_route_begin(c, e) ||
		!db_commit(c->own_db, e))
		return false;
	session_route_write(c);
	return true;
}

bool session_route_delete(struct call *c, struct err *e)
{
	const char *token = auth_session(c);
	if (!query_finish(&c->query, e) || (token && !auth_identify(c, e)))
		return false;
	if (c->session && (!sessions_end(c->own_db, token, c->arena, e) ||
				  !session_route_note(c, "session.end", e)))
		return false;
	auth_set_cookie(c, NULL);
	c->response->status = 204;
	c->response->type = NULL;
	return true;
}

/* Whoever has found a token must not see who is logged in, nor log him out. */
static bool session_route_need_login(struct call *c, struct err *e)
{
	return !c->token ||
	       call_problem(c, 403, e, "an API token has no sessions: log in for this");
}

bool session_route_list(struct call *c, struct err *e)
{
	struct sessions_row *rows;
	size_t count;
	if (!query_finish(&c->query, e) || !session_route_need_login(c, e) ||
		!call_own_db(c, e) ||
		!sessions_list(
			c->own_db, c->user.id, c->now_ms, c->arena, &rows, &count, e))
		return false;
	call_items_begin(c);
	for (size_t i = 0; i < count; i++) {
		struct json *j = &c->json;
		json_object(j);
		json_put_int(j, "id", rows[i].id);
		json_put_int(j, "created_at_ms", rows[i].created_ms);
		json_put_int(j, "last_used_at_ms", rows[i].used_ms);
		json_put_string(j, "address", rows[i].address);
		json_put_string(j, "program", rows[i].program);
		json_put_bool(j, "is_this", rows[i].id == c->user.session_id);
		json_end(j);
	}
	call_items_end(c, NULL);
	return true;
}

bool session_route_end(struct call *c, struct err *e)
{
	int64_t id;
	bool found;
	if (!query_finish(&c->query, e) || !session_route_need_login(c, e) ||
		!call_id(c, "session", &id, e) || !call_own_db(c, e) ||
		!sessions_end_one(c->own_db, c->user.id, id, c->arena, &found, e))
		return false;
	if (!found)
		return call_missing(c, "session", e);
	if (!session_route_note(c, "session.end", e))
		return false;
	c->response->status = 204;
	c->response->type = NULL;
	return true;
}

bool session_route_password(struct call *c, struct err *e)
{
	static const struct body_text want[2] = {
		{"current", 1024, true}, {"new", 1024, true}};
	const char *values[2];
	struct users_row *user;
	bool found;
	if (!query_finish(&c->query, e) || !session_route_read(c, want, values, e))
		return false;
	if (!users_check_password(values[1], e)) {
		c->pointer = "/new";
		return err_wrap(e, "new");
	}
	if (!session_route_prove(c, c->user.name, values[0], &user, e))
		return false;
	if (!user) {
		c->pointer = "/current";
		return call_problem(c, 403, e, "current: this is not your password");
	}
	/* Every session of the user ends with it, this one too: it gets a new id. */
	struct users_change change = {.name = user->name, .password = values[1]};
	if (!db_begin(c->own_db, e) ||
		!users_set_password(c->own_db, &change, c->arena, &found, e) ||
		!session_route_note(c, "user.password", e) ||
		(c->session && !session_route_renew(c, e)) || !db_commit(c->own_db, e))
		return false;
	c->user.password_is_one_time = false;
	session_route_write(c);
	return true;
}
