#include "server/api/agent_shape.h"
#include "server/api/handlers.h"
#include "server/store/agent_list.h"

#include <inttypes.h>

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
		agent_shape(j, &rows[i]);
	call_items_end(c,
		shown < count ? arena_printf(c->arena, "%" PRId64 " %s",
					rows[shown - 1].id, rows[shown - 1].host.name)
			      : NULL);
	return true;
}

bool agents_route_revoke(struct call *c, struct err *e)
{
	struct agent_list_row *row;
	struct agent_list_revocation revocation = {
		.now_ms = c->now_ms, .actor = {c->user.id, c->user.name}};
	if (!query_finish(&c->query, e) || !call_id(c, "agent", &revocation.id, e) ||
		!call_db(c, e) ||
		!agent_list_revoke(c->db, &revocation, c->arena, &row, e))
		return false;
	if (!row)
		return call_missing(c, "agent", e);
	agent_shape(&c->json, row);
	return true;
}
