#include "server/api/body.h"
#include "server/api/handlers.h"
#include "server/api/shape.h"
#include "server/store/users.h"

#include <string.h>

/* The members of a user, inside an object that the caller opened. */
static void users_route_members(struct json *j, const struct users_row *u)
{
	json_put_int(j, "id", u->id);
	json_put_string(j, "name", u->name);
	json_put_string(j, "role", users_role_name(u->role));
	shape_put_json(j, "services", u->services);
	json_put_bool(j, "password_is_one_time", u->password_is_one_time);
	json_put_int(j, "created_at_ms", u->created_ms);
	shape_put_time(j, "retired_at_ms", u->retired_ms);
}

bool users_route_list(struct call *c, struct err *e)
{
	struct users_row *rows;
	size_t count;
	if (!query_finish(&c->query, e) || !call_db(c, e) ||
		!users_list(c->db, c->arena, &rows, &count, e))
		return false;
	call_items_begin(c);
	for (size_t i = 0; i < count; i++) {
		json_object(&c->json);
		users_route_members(&c->json, &rows[i]);
		json_end(&c->json);
	}
	call_items_end(c, NULL);
	return true;
}

static bool users_route_role(
	struct call *c, const char *text, enum users_role *role, struct err *e)
{
	if (users_role_parse(text, role))
		return true;
	c->pointer = "/role";
	return err_set(e, ERR_INPUT, "role: must be viewer, operator or admin");
}

/* What the user is to be limited to; *globs is NULL for no limit. */
static bool users_route_services(struct call *c, struct body *body, bool *said,
	const struct roles_globs **globs, struct err *e)
{
	static const struct body_texts services = {
		"services", ROLES_GLOBS_MAX, ROLES_GLOB_MAX};
	struct roles_globs *read = arena_alloc(c->arena, sizeof *read);
	if (!body_texts(body, &services, &read->items, &read->count, said, e))
		return false;
	*globs = read->items ? read : NULL;
	c->pointer = "/services";
	if (!roles_check_globs(*globs, e))
		return false;
	c->pointer = NULL;
	return true;
}

/* A limit that the database cannot hold anybody to would let nobody in. */
static bool users_route_can_limit(
	struct call *c, const struct roles_globs *globs, struct err *e)
{
	bool can = true;
	if (globs && !roles_can_limit(c->db, c->arena, &can, e))
		return false;
	return can || call_problem(c, 409, e,
			      "this database has no role for users who are limited: "
			      "run tidemark-server roles");
}

static const struct users_row *users_route_named(
	const struct users_row *rows, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(rows[i].name, name) == 0)
			return &rows[i];
	return NULL;
}

/* The user as made, with the password that is shown once. */
static bool users_route_answer(struct call *c, const struct users_row *user,
	const char *password, struct err *e)
{
	(void)e;
	json_object(&c->json);
	users_route_members(&c->json, user);
	if (password)
		json_put_string(&c->json, "password", password);
	json_end(&c->json);
	return true;
}

/* A user, and in the audit who made it; NULL when that failed. */
static const struct users_row *users_route_make(
	struct call *c, const struct users_options *options, struct err *e)
{
	struct audit_entry entry = {.actor = {c->user.id, c->user.name},
		.action = "user.add",
		.subject = options->name,
		.detail = options->services
				  ? arena_printf(c->arena, "%s, limited to %s",
					    users_role_name(options->role),
					    roles_globs_text(
						    options->services, c->arena))
				  : users_role_name(options->role)};
	struct users_row *rows;
	size_t count;
	err_set(e, ERR_IO, "the user was made, and cannot be read");
	if (!db_begin(c->db, e))
		return NULL;
	if (users_create(c->db, options, c->arena, e) &&
		audit_put(c->db, &entry, c->arena, e) &&
		users_list(c->db, c->arena, &rows, &count, e) && db_commit(c->db, e))
		return users_route_named(rows, count, options->name);
	db_rollback(c->db);
	return NULL;
}

bool users_route_create(struct call *c, struct err *e)
{
	static const struct body_text name = {"name", USERS_NAME_MAX, true};
	static const struct body_text role = {"role", 16, true};
	char password[USERS_ONE_TIME_LENGTH + 1];
	struct users_options options = {.password = password, .is_one_time = true};
	struct body_source source = {c->request->body, c->request->body_length};
	scoped_body struct body body = {0};
	const char *role_text;
	bool said;
	if (!query_finish(&c->query, e) ||
		!body_open(&body, source, c->arena, &c->pointer, e) ||
		!body_text(&body, &name, &options.name, e) ||
		!body_text(&body, &role, &role_text, e) ||
		!users_route_services(c, &body, &said, &options.services, e) ||
		!body_finish(&body, e) ||
		!users_route_role(c, role_text, &options.role, e))
		return false;
	c->pointer = "/name";
	if (!users_check_name(options.name, e) || !call_db(c, e))
		return false;
	c->pointer = options.services && options.role == USERS_ADMIN ? "/services"
								     : "/name";
	if (!users_route_can_limit(c, options.services, e))
		return false;
	users_one_time_password(password);
	const struct users_row *user = users_route_make(c, &options, e);
	if (!user)
		return false;
	c->response->status = 201;
	return users_route_answer(c, user, password, e);
}

static bool users_route_step(struct call *c, struct users_step *step, struct err *e)
{
	enum users_outcome outcome;
	struct users_row *row;
	step->actor = (struct audit_actor){c->user.id, c->user.name};
	step->now_ms = c->now_ms;
	if (!query_finish(&c->query, e) || !call_id(c, "user", &step->user_id, e) ||
		!call_db(c, e) ||
		!users_take_step(c->db, step, c->arena, &outcome, &row, e))
		return false;
	switch (outcome) {
	case USERS_MISSING:
		return call_missing(c, "user", e);
	case USERS_NO_LIMIT:
		c->pointer = "/services";
		return err_set(e, ERR_INPUT, "services: an admin is not limited");
	case USERS_LAST_ADMIN:
		return call_problem(c, 409, e,
			"%s is the last admin: make somebody else one first",
			row->name);
	case USERS_DONE:
		break;
	}
	/* His own: what he may has changed, so it goes on under a new id. */
	if (step->action == USERS_SET_ROLE && step->user_id == c->user.id &&
		c->session && !session_route_renew(c, e))
		return false;
	return users_route_answer(c, row, step->password, e);
}

bool users_route_put(struct call *c, struct err *e)
{
	static const struct body_text role = {"role", 16, false};
	struct users_step step = {.action = USERS_SET_ROLE};
	struct body_source source = {c->request->body, c->request->body_length};
	scoped_body struct body body = {0};
	const char *text;
	if (!body_open(&body, source, c->arena, &c->pointer, e) ||
		!body_text(&body, &role, &text, e) ||
		!users_route_services(
			c, &body, &step.sets_services, &step.services, e) ||
		!body_finish(&body, e))
		return false;
	step.keeps_role = !text;
	if (!text && !step.sets_services) {
		c->pointer = "/role";
		return err_set(e, ERR_INPUT, "role: is missing, and services too");
	}
	return (!text || users_route_role(c, text, &step.role, e)) && call_db(c, e) &&
	       users_route_can_limit(c, step.services, e) &&
	       users_route_step(c, &step, e);
}

bool users_route_retire(struct call *c, struct err *e)
{
	struct users_step step = {.action = USERS_RETIRE};
	return users_route_step(c, &step, e);
}

bool users_route_restore(struct call *c, struct err *e)
{
	struct users_step step = {.action = USERS_RESTORE};
	return users_route_step(c, &step, e);
}

bool users_route_password(struct call *c, struct err *e)
{
	char password[USERS_ONE_TIME_LENGTH + 1];
	users_one_time_password(password);
	struct users_step step = {.action = USERS_NEW_PASSWORD, .password = password};
	return users_route_step(c, &step, e);
}
