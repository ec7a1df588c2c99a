#include "server/api/handlers.h"
#include "server/api/shape.h"
#include "server/store/instances.h"

#include <inttypes.h>
#include <stdio.h>

static void instances_route_row(struct json *j, const struct instances_row *i)
{
	json_object(j);
	json_put_int(j, "id", i->id);
	shape_put_name(j, "service", "name", &i->service);
	shape_put_name(j, "host", "name", &i->host);
	json_put_int(j, "ordinal", i->ordinal);
	shape_put_name(j, "version", "version", &i->version);
	json_put_bool(j, "running", i->running);
	json_put_int(j, "pid", i->pid);
	json_put_string(j, "command", i->command);
	json_put_string(j, "rule", i->rule);
	json_put_int(j, "started_at_ms", i->started_ms);
	json_put_int(j, "last_sample_at_ms", i->last_sample_ms);
	json_put_int(j, "restarts", i->restarts);
	shape_put_count(j, "memory_kb", i->memory_kb);
	shape_put_count(j, "limit_kb", i->limit_kb);
	json_put_string(j, "verdict", i->verdict);
	shape_put_level(j, i->level, i->kind);
	shape_put_time(j, "silent_since_ms", i->silent_since_ms);
	shape_put_rate(j, "rate", &i->rate);
	shape_put_count(j, "value_kb", i->value_kb);
	shape_put_time(j, "exhaust_at_ms", i->exhaust.at_ms);
	shape_put_time(j, "onset_at_ms", i->onset.at_ms);
	shape_put_moment(j, "exhaust", &i->exhaust);
	shape_put_moment(j, "onset", &i->onset);
	shape_put_count(j, "wait_s", i->wait_s);
	json_put_string(j, "summary", i->summary);
	json_put_raw(j, "reasons", i->reasons);
	json_end(j);
}

/* A cursor is "<ordinal> <id> <host>". */
static bool instances_route_after(
	struct call *c, struct instances_filter *filter, struct err *e)
{
	const char *after;
	if (!query_after(&c->query, &after, e))
		return false;
	if (!after)
		return true;
	if (!query_after_int(&after, 0, INT32_MAX, &filter->after_ordinal) ||
		!query_after_int(&after, 1, INT32_MAX, &filter->after_id))
		return err_set(e, ERR_INPUT, "after: not a cursor of this list");
	filter->after_host = after;
	return true;
}

bool instances_route_list(struct call *c, struct err *e)
{
	struct instances_filter filter = {0};
	struct instances_row *rows;
	size_t count;
	if (!call_service(c, &filter.service_id, e) ||
		!call_limit(c, &filter.limit, e) ||
		!instances_route_after(c, &filter, e) || !query_finish(&c->query, e) ||
		!call_db(c, e) ||
		!instances_page(c->db, &filter, c->now_ms, c->arena, &rows, &count, e))
		return false;
	size_t shown = call_page_size(count, filter.limit);
	struct json *j = &c->json;
	call_items_begin(c);
	for (size_t i = 0; i < shown; i++)
		instances_route_row(j, &rows[i]);
	call_items_end(c, shown < count
				  ? arena_printf(c->arena, "%" PRId64 " %" PRId64 " %s",
					    rows[shown - 1].ordinal, rows[shown - 1].id,
					    rows[shown - 1].host.name)
				  : NULL);
	return true;
}

bool instances_route_get(struct call *c, struct err *e)
{
	int64_t id;
	struct instances_row *row;
	if (!query_finish(&c->query, e) || !call_id(c, "instance", &id, e) ||
		!call_db(c, e) ||
		!instances_one(c->db, id, c->now_ms, c->arena, &row, e))
		return false;
	if (!row)
		return call_missing(c, "instance", e);
	instances_route_row(&c->json, row);
	return true;
}
