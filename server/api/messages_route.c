#include "server/api/exposition.h"
#include "server/api/handlers.h"
#include "server/api/shape.h"
#include "server/store/messages.h"
#include "server/store/targets.h"

#include <inttypes.h>
#include <string.h>

static void messages_route_row(struct json *j, const struct messages_row *m)
{
	json_object(j);
	json_put_int(j, "id", m->id);
	json_put_string(j, "state", m->state);
	json_key(j, "target");
	json_object(j);
	json_put_int(j, "id", m->target_id);
	json_put_string(j, "name", m->target);
	json_end(j);
	json_put_string(j, "key", m->key);
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
	json_put_int(j, "digest", m->digest_count);
	if (m->folded_into)
		json_put_int(j, "folded_into", m->folded_into);
	else
		json_put_null(j, "folded_into");
	json_end(j);
}

static bool messages_route_page(
	struct call *c, struct messages_filter *filter, struct err *e)
{
	struct messages_row *rows;
	size_t count;
	if (!messages_page(c->db, filter, c->arena, &rows, &count, e))
		return false;
	size_t shown = call_page_size(count, filter->limit);
	call_items_begin(c);
	for (size_t i = 0; i < shown; i++)
		messages_route_row(&c->json, &rows[i]);
	call_items_end(c,
		shown < count ? arena_printf(c->arena, "%" PRId64, rows[shown - 1].id)
			      : NULL);
	return true;
}

static bool messages_route_filter(
	struct call *c, struct messages_filter *filter, struct err *e)
{
	const char **states;
	if (!query_words(&c->query, "state", messages_state_name, MESSAGES_STATES,
		    &states, &filter->state_count, e) ||
		!call_after_id(c, &filter->after_id, e) ||
		!call_limit(c, &filter->limit, e) || !query_finish(&c->query, e))
		return false;
	filter->states = filter->state_count ? states : messages_state_name;
	if (!filter->state_count)
		filter->state_count = MESSAGES_STATES;
	return true;
}

bool messages_route_list(struct call *c, struct err *e)
{
	struct messages_filter filter = {0};
	return messages_route_filter(c, &filter, e) && call_db(c, e) &&
	       messages_route_page(c, &filter, e);
}

bool messages_route_of_target(struct call *c, struct err *e)
{
	struct messages_filter filter = {0};
	struct targets_row *target;
	if (!call_id(c, "target", &filter.target_id, e) ||
		!messages_route_filter(c, &filter, e) || !call_db(c, e) ||
		!targets_one(c->db, filter.target_id, c->now_ms, c->arena, &target, e))
		return false;
	if (!target)
		return call_missing(c, "target", e);
	return messages_route_page(c, &filter, e);
}

static bool messages_route_step(struct call *c,
	bool (*step)(struct db *, const struct messages_step *, struct arena *, bool *,
		struct err *),
	const char *missing, struct err *e)
{
	struct messages_step s = {
		.actor = {c->user.id, c->user.name}, .now_ms = c->now_ms};
	bool found;
	if (!query_finish(&c->query, e) || !call_id(c, "message", &s.id, e) ||
		!call_db(c, e) || !step(c->db, &s, c->arena, &found, e))
		return false;
	if (!found)
		return call_problem(c, 404, e, "%s", missing);
	json_object(&c->json);
	json_put_int(&c->json, "id", s.id);
	json_end(&c->json);
	return true;
}

bool messages_route_retry(struct call *c, struct err *e)
{
	return messages_route_step(
		c, messages_retry, "no message that was given up has this id", e);
}

bool messages_route_drop(struct call *c, struct err *e)
{
	return messages_route_step(c, messages_drop,
		"no message that waits or was given up has this id", e);
}

/* Inside a label's quotes. */
static void messages_route_label(struct buf *out, const char *text)
{
	for (; *text; text++) {
		if (*text == '\n') {
			buf_text(out, "\\n");
			continue;
		}
		if (*text == '"' || *text == '\\')
			buf_byte(out, '\\');
		buf_byte(out, *text);
	}
}

static void messages_route_metric(struct buf *out, const char *family,
	const struct messages_count *row, int64_t value)
{
	buf_printf(out, "%s{target=\"", family);
	messages_route_label(out, row->target);
	buf_printf(out, "\",kind=\"%s\",state=\"%s\"} %" PRId64 "\n", row->kind,
		row->state, value);
}

void messages_route_metrics(struct call *c, struct buf *out)
{
	struct messages_count *rows;
	struct err e;
	size_t count;
	if (!call_db(c, &e) || !messages_counts(c->db, c->arena, &rows, &count, &e))
		return;
	exposition_family(out, "tidemark_notify_messages", "gauge",
		"Messages of the last 30 days by target and state; failed ones are "
		"dead letters");
	for (size_t i = 0; i < count; i++)
		messages_route_metric(
			out, "tidemark_notify_messages", &rows[i], rows[i].messages);
	exposition_family(out, "tidemark_notify_waiting_seconds", "gauge",
		"For how long the oldest message waits that is due");
	for (size_t i = 0; i < count; i++)
		if (strcmp(rows[i].state, "waiting") == 0)
			messages_route_metric(out, "tidemark_notify_waiting_seconds",
				&rows[i], (c->now_ms - rows[i].oldest_ms) / 1000);
}
