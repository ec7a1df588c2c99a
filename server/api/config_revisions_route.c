#include "server/api/body.h"
#include "server/api/config_shape.h"
#include "server/api/handlers.h"
#include "server/store/config_agents.h"
#include "server/store/config_groups.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { CONFIG_NOTE_MAX = 500 };

bool config_revisions_route_list(struct call *c, struct err *e)
{
	struct config_revisions_filter filter = {0};
	struct config_revisions_row *rows;
	struct config_groups_row *group;
	size_t count;
	if (!call_id(c, "group", &filter.group_id, e) ||
		!call_after_id(c, &filter.before_id, e) ||
		!call_limit(c, &filter.limit, e) || !query_finish(&c->query, e) ||
		!call_db(c, e) ||
		!config_groups_one(
			c->db, filter.group_id, c->now_ms, c->arena, &group, e))
		return false;
	if (!group)
		return call_missing(c, "group", e);
	if (!config_revisions_page(c->db, &filter, c->arena, &rows, &count, e))
		return false;
	size_t shown = call_page_size(count, filter.limit);
	call_items_begin(c);
	for (size_t i = 0; i < shown; i++)
		config_shape_revision(&c->json, &rows[i]);
	call_items_end(c,
		shown < count ? arena_printf(c->arena, "%" PRId64, rows[shown - 1].id)
			      : NULL);
	return true;
}

static int config_revisions_route_compare(const void *left, const void *right)
{
	const struct setting_value *a = left, *b = right;
	return (a->number > b->number) - (a->number < b->number);
}

static bool config_revisions_route_setting(struct call *c, const struct body_pair *pair,
	struct setting_value *out, struct err *e)
{
	int at = setting_named(pair->name);
	c->pointer = arena_printf(c->arena, "/settings/%s", pair->name);
	if (at < 0)
		return err_set(e, ERR_INPUT,
			"settings: %s: is none that the centre may set", pair->name);
	out->number = setting_table[at].number;
	if (!setting_read(&setting_table[at], pair->value, c->arena, &out->value, e))
		return err_wrap(e, "settings: %s", pair->name);
	c->pointer = NULL;
	return true;
}

static bool config_revisions_route_read(
	struct call *c, struct config_revisions_wish *wish, struct err *e)
{
	static const struct body_pairs settings = {
		"settings", SETTING_COUNT, 64, SETTING_VALUE_MAX, true};
	static const struct body_text note = {"note", CONFIG_NOTE_MAX, false};
	scoped_body struct body body = {0};
	struct body_source source = {c->request->body, c->request->body_length};
	const struct body_pair *pairs;
	if (!body_open(&body, source, c->arena, &c->pointer, e) ||
		!body_pairs(&body, &settings, &pairs, &wish->count, e) ||
		!body_text(&body, &note, &wish->note, e) || !body_finish(&body, e))
		return false;
	struct setting_value *values = arena_array(
		c->arena, wish->count, sizeof *values);
	for (size_t i = 0; i < wish->count; i++)
		if (!config_revisions_route_setting(c, &pairs[i], &values[i], e))
			return false;
	qsort(values, wish->count, sizeof *values, config_revisions_route_compare);
	wish->values = values;
	wish->note = arena_strdup(c->arena, wish->note ? wish->note : "");
	return true;
}

bool config_revisions_route_create(struct call *c, struct err *e)
{
	struct config_revisions_wish wish = {.actor = {c->user.id, c->user.name}};
	struct config_revisions_row *row;
	if (!query_finish(&c->query, e) || !call_id(c, "group", &wish.group_id, e) ||
		!config_revisions_route_read(c, &wish, e) || !call_db(c, e) ||
		!config_revisions_add(c->db, &wish, c->arena, &row, e))
		return false;
	if (!row)
		return call_missing(c, "group", e);
	config_shape_revision(&c->json, row);
	c->response->status = 201;
	return true;
}

typedef bool config_revisions_route_taker(struct db *db,
	const struct config_revisions_step *step, struct arena *a, bool *done,
	struct err *e);

/* Takes the step and answers the group as it then stands; `why` it may not be taken. */
static bool config_revisions_route_step(struct call *c,
	struct config_revisions_step *step, config_revisions_route_taker *take,
	const char *why, struct err *e)
{
	struct config_groups_row *row;
	bool done;
	if (!call_db(c, e) || !take(c->db, step, c->arena, &done, e) ||
		!config_groups_one(c->db, step->group_id, c->now_ms, c->arena, &row, e))
		return false;
	if (!row)
		return call_missing(c, "group", e);
	if (!done)
		return call_problem(c, 409, e, "%s", why);
	config_shape_group(&c->json, row);
	return true;
}

static bool config_revisions_route_begin(
	struct call *c, struct config_revisions_step *step, struct err *e)
{
	*step = (struct config_revisions_step){
		.actor = {c->user.id, c->user.name}, .now_ms = c->now_ms};
	return query_finish(&c->query, e) && call_id(c, "group", &step->group_id, e);
}

bool config_revisions_route_rollout(struct call *c, struct err *e)
{
	static const struct body_int revision = {"revision", 1, INT64_MAX, 0};
	struct config_revisions_step step;
	scoped_body struct body body = {0};
	struct body_source source = {c->request->body, c->request->body_length};
	return config_revisions_route_begin(c, &step, e) &&
	       body_open(&body, source, c->arena, &c->pointer, e) &&
	       body_int(&body, &revision, &step.revision, e) && body_finish(&body, e) &&
	       config_revisions_route_step(c, &step, config_revisions_rollout,
		       "that revision does not wait, or another one is rolled out", e);
}

static bool config_revisions_route_note(struct call *c,
	config_revisions_route_taker *take, const char *why, struct err *e)
{
	static const struct body_text note = {"note", CONFIG_NOTE_MAX, false};
	struct config_revisions_step step;
	scoped_body struct body body = {0};
	struct body_source source = {c->request->body, c->request->body_length};
	return config_revisions_route_begin(c, &step, e) &&
	       body_open(&body, source, c->arena, &c->pointer, e) &&
	       body_text(&body, &note, &step.note, e) && body_finish(&body, e) &&
	       config_revisions_route_step(c, &step, take, why, e);
}

bool config_revisions_route_pause(struct call *c, struct err *e)
{
	return config_revisions_route_note(
		c, config_revisions_pause, "nothing is rolled out", e);
}

bool config_revisions_route_promote(struct call *c, struct err *e)
{
	return config_revisions_route_note(
		c, config_revisions_promote, "nothing is rolled out", e);
}

bool config_revisions_route_rollback(struct call *c, struct err *e)
{
	return config_revisions_route_note(
		c, config_revisions_rollback, "there is nothing to go back from", e);
}

/* A cursor is "<id> <host>". */
static bool config_revisions_route_after(
	struct call *c, struct config_agents_filter *filter, struct err *e)
{
	const char *after;
	if (!query_after(&c->query, &after, e))
		return false;
	if (!after)
		return true;
	if (!query_after_int(&after, 1, INT32_MAX, &filter->after_id))
		return err_set(e, ERR_INPUT, "after: not a cursor of this list");
	filter->after_host = after;
	return true;
}

bool config_revisions_route_agents(struct call *c, struct err *e)
{
	static const struct query_range group = {0, INT32_MAX, 0};
	struct config_agents_filter filter = {0};
	struct config_agents_row *rows;
	const char **states;
	size_t count;
	if (!query_int(&c->query, "group", &group, &filter.group_id, e) ||
		!query_words(&c->query, "state", config_agents_state_name,
			CONFIG_AGENTS_STATES, &states, &filter.state_count, e) ||
		!call_limit(c, &filter.limit, e) ||
		!config_revisions_route_after(c, &filter, e) ||
		!query_finish(&c->query, e))
		return false;
	filter.states = filter.state_count ? states : config_agents_state_name;
	if (!filter.state_count)
		filter.state_count = CONFIG_AGENTS_STATES;
	if (!call_db(c, e) || !config_agents_page(c->db, &filter, c->now_ms, c->arena,
				      &rows, &count, e))
		return false;
	size_t shown = call_page_size(count, filter.limit);
	call_items_begin(c);
	for (size_t i = 0; i < shown; i++)
		config_shape_agent(&c->json, &rows[i]);
	call_items_end(c,
		shown < count ? arena_printf(c->arena, "%" PRId64 " %s",
					rows[shown - 1].id, rows[shown - 1].host.name)
			      : NULL);
	return true;
}
