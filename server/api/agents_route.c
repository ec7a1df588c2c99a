#include "server/api/handlers.h"
#include "server/api/shape.h"
#include "server/store/agent_list.h"

#include <inttypes.h>
#include <stdio.h>

/* How old the newest sample was when it was stored. */
static void agents_route_put_lag(struct json *j, const struct agent_list_row *a)
{
	int64_t lag_ms = a->last_seen_ms - a->last_sample_ms;
	if (!a->last_seen_ms || !a->last_sample_ms)
		json_put_null(j, "lag_ms");
	else
		json_put_int(j, "lag_ms", lag_ms > 0 ? lag_ms : 0);
}

static void agents_route_row(struct json *j, const struct agent_list_row *a)
{
	json_object(j);
	json_put_int(j, "id", a->id);
	shape_put_name(j, "host", "name", &a->host);
	json_put_string(j, "version", a->version);
	json_put_int(j, "enrolled_at_ms", a->enrolled_ms);
	shape_put_time(j, "revoked_at_ms", a->revoked_ms);
	shape_put_time(j, "last_seen_at_ms", a->last_seen_ms);
	json_put_string(j, "state", a->state);
	agents_route_put_lag(j, a);
	if (a->skew_known)
		json_put_int(j, "clock_skew_ms", a->clock_skew_ms);
	else
		json_put_null(j, "clock_skew_ms");
	json_put_int(j, "spool_bytes", a->spool_bytes);
	json_put_int(j, "spool_batches", a->spool_batches);
	json_put_int(j, "stored_batches", a->stored_batches);
	json_put_int(j, "repeated_batches", a->repeated_batches);
	json_put_int(j, "refused_batches", a->refused_batches);
	json_put_int(j, "refused_values", a->refused_values);
	json_put_string(j, "last_refusal", a->last_refusal);
	json_put_int(j, "lost_batches", a->lost_batches);
	json_put_string(j, "kernel", a->kernel);
	json_put_int(j, "cpus", a->cpus);
	json_put_int(j, "interval_ms", a->interval_ms);
	shape_put_count(j, "mem_total_kb", a->mem_total_kb);
	shape_put_count(j, "mem_available_kb", a->mem_available_kb);
	json_end(j);
}

/* A cursor is "<id> <host>". */
static bool agents_route_after(
	struct call *c, struct agent_list_filter *filter, struct err *e)
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

bool agents_route_list(struct call *c, struct err *e)
{
	struct agent_list_filter filter = {0};
	struct agent_list_row *rows;
	size_t count;
	if (!call_limit(c, &filter.limit, e) || !agents_route_after(c, &filter, e) ||
		!query_finish(&c->query, e) || !call_db(c, e) ||
		!agent_list_page(c->db, &filter, c->now_ms, c->arena, &rows, &count, e))
		return false;
	size_t shown = call_page_size(count, filter.limit);
	struct json *j = &c->json;
	call_items_begin(c);
	for (size_t i = 0; i < shown; i++)
		agents_route_row(j, &rows[i]);
	call_items_end(c,
		shown < count ? arena_printf(c->arena, "%" PRId64 " %s",
					rows[shown - 1].id, rows[shown - 1].host.name)
			      : NULL);
	return true;
}

bool agents_route_revoke(struct call *c, struct err *e)
{
	int64_t id;
	struct agent_list_row *row;
	if (!query_finish(&c->query, e) || !call_id(c, "agent", &id, e) ||
		!call_db(c, e) ||
		!agent_list_revoke(c->db, id, c->now_ms, c->arena, &row, e))
		return false;
	if (!row)
		return call_missing(c, "agent", e);
	agents_route_row(&c->json, row);
	return true;
}
