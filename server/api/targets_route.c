#include "server/api/body.h"
#include "server/api/handlers.h"
#include "server/api/revision.h"
#include "server/api/shape.h"
#include "server/store/messages.h"
#include "server/store/targets.h"

#include <ctype.h>
#include <inttypes.h>
#include <string.h>

enum { TARGETS_NAME_MAX = 100, TARGETS_URL_MAX = 2000, TARGETS_GLOB_MAX = 200 };

static void targets_route_row(struct json *j, const struct targets_row *t)
{
	json_object(j);
	json_put_int(j, "id", t->id);
	json_put_string(j, "name", t->name);
	json_put_string(j, "kind", t->kind);
	json_put_string(j, "url", t->url);
	json_put_string(j, "service", t->service);
	json_put_raw(j, "events", t->events);
	json_put_bool(j, "enabled", t->enabled);
	json_put_string(j, "created_by", t->created_by);
	json_put_int(j, "created_at_ms", t->created_ms);
	json_put_int(j, "revision", t->revision);
	json_key(j, "messages");
	json_object(j);
	json_put_int(j, "waiting", t->waiting);
	json_put_int(j, "failed", t->failed);
	json_put_int(j, "sent", t->sent);
	shape_put_time(j, "sent_at_ms", t->sent_ms);
	shape_put_word(j, "problem", t->problem);
	json_end(j);
	json_end(j);
}

bool targets_route_list(struct call *c, struct err *e)
{
	struct targets_row *rows;
	size_t count;
	if (!query_finish(&c->query, e) || !call_db(c, e) ||
		!targets_list(c->db, c->arena, &rows, &count, e))
		return false;
	call_items_begin(c);
	for (size_t i = 0; i < count; i++)
		targets_route_row(&c->json, &rows[i]);
	call_items_end(c, NULL);
	return true;
}

static bool targets_route_blame(
	struct call *c, const char *name, const char *why, struct err *e)
{
	c->pointer = arena_printf(c->arena, "/%s", name);
	return err_set(e, ERR_INPUT, "%s: %s", name, why);
}

/* An address that may be posted to; who is behind it is seen when it is resolved. */
static bool targets_route_is_url(const char *url)
{
	const char *host = strncmp(url, "http://", 7) == 0    ? url + 7
			   : strncmp(url, "https://", 8) == 0 ? url + 8
							      : NULL;
	if (!host || !*host || strchr("/?#:", *host))
		return false;
	for (const char *at = url; *at; at++)
		if (!isgraph((unsigned char)*at))
			return false;
	return true;
}

static bool targets_route_check(
	struct call *c, const struct targets_wish *wish, struct err *e)
{
	if (!*wish->name)
		return targets_route_blame(c, "name", "must not be empty", e);
	if (strcmp(wish->kind, targets_kind_name[0]) != 0)
		return targets_route_blame(c, "kind", "must be webhook", e);
	if (!targets_route_is_url(wish->url))
		return targets_route_blame(
			c, "url", "must be http://HOST/… or https://HOST/…", e);
	return true;
}

static const char *targets_route_own(struct call *c, const char *text)
{
	return arena_strdup(c->arena, text ? text : "");
}

static bool targets_route_read(struct call *c, struct targets_wish *wish, struct err *e)
{
	static const struct body_text name = {"name", TARGETS_NAME_MAX, true};
	static const struct body_text kind = {"kind", 16, true};
	static const struct body_text url = {"url", TARGETS_URL_MAX, true};
	static const struct body_text service = {"service", TARGETS_GLOB_MAX, false};
	static const struct body_words events = {
		"events", targets_event_name, TARGETS_EVENTS};
	static const struct body_bool enabled = {"enabled", true, false};
	scoped_body struct body body = {0};
	struct body_source source = {c->request->body, c->request->body_length};
	const char *texts[4];
	if (!body_open(&body, source, c->arena, &c->pointer, e) ||
		!body_text(&body, &name, &texts[0], e) ||
		!body_text(&body, &kind, &texts[1], e) ||
		!body_text(&body, &url, &texts[2], e) ||
		!body_text(&body, &service, &texts[3], e) ||
		!body_words(&body, &events, &wish->events, &wish->event_count, e) ||
		!body_bool(&body, &enabled, &wish->enabled, e) ||
		!body_finish(&body, e))
		return false;
	wish->name = targets_route_own(c, texts[0]);
	wish->kind = targets_route_own(c, texts[1]);
	wish->url = targets_route_own(c, texts[2]);
	wish->service = targets_route_own(c, texts[3]);
	return targets_route_check(c, wish, e);
}

bool targets_route_create(struct call *c, struct err *e)
{
	struct targets_wish wish = {.actor = {c->user.id, c->user.name}};
	struct targets_row *row;
	if (!query_finish(&c->query, e) || !targets_route_read(c, &wish, e) ||
		!call_db(c, e) || !targets_add(c->db, &wish, c->arena, &row, e))
		return false;
	if (!row)
		return call_problem(c, 409, e,
			"there is a target of this name already, or a hundred");
	targets_route_row(&c->json, row);
	c->response->status = 201;
	return true;
}

bool targets_route_put(struct call *c, struct err *e)
{
	struct targets_wish wish = {.actor = {c->user.id, c->user.name}};
	struct targets_row *row;
	bool done;
	if (!query_finish(&c->query, e) || !call_id(c, "target", &wish.id, e) ||
		!revision_wanted(c, &wish.revision, e) ||
		!targets_route_read(c, &wish, e) || !call_db(c, e) ||
		!targets_change(c->db, &wish, c->arena, &done, &row, e))
		return false;
	if (!row)
		return call_missing(c, "target", e);
	if (!done)
		return revision_refuse(c, "target", e);
	targets_route_row(&c->json, row);
	return true;
}

/* Takes it away, or tries it. */
static bool targets_route_step(struct call *c,
	bool (*step)(struct db *, const struct targets_step *, struct arena *,
		struct targets_row **, struct err *),
	struct err *e)
{
	struct targets_step s = {
		.actor = {c->user.id, c->user.name}, .now_ms = c->now_ms};
	struct targets_row *row;
	if (!query_finish(&c->query, e) || !call_id(c, "target", &s.id, e) ||
		!call_db(c, e) || !step(c->db, &s, c->arena, &row, e))
		return false;
	if (!row)
		return call_missing(c, "target", e);
	targets_route_row(&c->json, row);
	return true;
}

bool targets_route_drop(struct call *c, struct err *e)
{
	return targets_route_step(c, targets_drop, e);
}

bool targets_route_try(struct call *c, struct err *e)
{
	return targets_route_step(c, targets_try, e);
}

static void targets_route_message(struct json *j, const struct messages_row *m)
{
	json_object(j);
	json_put_int(j, "id", m->id);
	json_put_string(j, "state", m->state);
	json_put_int(j, "made_at_ms", m->made_ms);
	shape_put_time(
		j, "next_at_ms", strcmp(m->state, "waiting") == 0 ? m->next_ms : 0);
	shape_put_time(j, "sent_at_ms", m->sent_ms);
	json_put_int(j, "tries", m->tries);
	shape_put_word(j, "problem", m->problem);
	if (m->alert_id)
		json_put_int(j, "alert", m->alert_id);
	else
		json_put_null(j, "alert");
	shape_put_word(j, "event", m->event);
	shape_put_word(j, "service", m->service);
	json_end(j);
}

bool targets_route_messages(struct call *c, struct err *e)
{
	struct messages_filter filter = {0};
	struct messages_row *rows;
	const char **states;
	size_t count;
	if (!call_id(c, "target", &filter.target_id, e) ||
		!query_words(&c->query, "state", messages_state_name, MESSAGES_STATES,
			&states, &filter.state_count, e) ||
		!call_after_id(c, &filter.after_id, e) ||
		!call_limit(c, &filter.limit, e) || !query_finish(&c->query, e))
		return false;
	filter.states = filter.state_count ? states : messages_state_name;
	if (!filter.state_count)
		filter.state_count = MESSAGES_STATES;
	struct targets_row *target;
	if (!call_db(c, e) ||
		!targets_one(c->db, filter.target_id, c->arena, &target, e))
		return false;
	if (!target)
		return call_missing(c, "target", e);
	if (!messages_page(c->db, &filter, c->arena, &rows, &count, e))
		return false;
	size_t shown = call_page_size(count, filter.limit);
	call_items_begin(c);
	for (size_t i = 0; i < shown; i++)
		targets_route_message(&c->json, &rows[i]);
	call_items_end(c,
		shown < count ? arena_printf(c->arena, "%" PRId64, rows[shown - 1].id)
			      : NULL);
	return true;
}

bool targets_route_retry(struct call *c, struct err *e)
{
	int64_t id;
	bool found;
	if (!query_finish(&c->query, e) || !call_id(c, "message", &id, e) ||
		!call_db(c, e) ||
		!messages_retry(c->db, id, c->now_ms, c->arena, &found, e))
		return false;
	if (!found)
		return call_problem(
			c, 404, e, "no message that was given up has this id");
	json_object(&c->json);
	json_put_int(&c->json, "id", id);
	json_end(&c->json);
	return true;
}
