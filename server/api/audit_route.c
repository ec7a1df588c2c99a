#include "server/store/audit.h"

#include "server/api/handlers.h"
#include "server/api/shape.h"

#include <inttypes.h>

enum { AUDIT_ROUTE_ACTION_MAX = 64 };

static void audit_route_name(
	struct json *j, const char *key, const struct figures_name *name)
{
	if (name->id)
		shape_put_name(j, key, "name", name);
	else
		json_put_null(j, key);
}

static void audit_route_row(struct json *j, const struct audit_row *r)
{
	json_object(j);
	json_put_int(j, "id", r->id);
	json_put_int(j, "at_ms", r->at_ms);
	json_put_string(j, "actor", r->actor);
	json_put_string(j, "action", r->action);
	audit_route_name(j, "service", &r->service);
	audit_route_name(j, "host", &r->host);
	json_put_string(j, "subject", r->subject);
	json_put_string(j, "detail", r->detail);
	json_end(j);
}

/* A cursor is "<id>". */
bool audit_route_list(struct call *c, struct err *e)
{
	static const struct query_range ids = {1, INT32_MAX, 0};
	static const struct query_range times = {0, QUERY_TIME_MAX, 0};
	struct audit_filter filter = {0};
	struct audit_row *rows;
	size_t count;
	const char *after;
	if (!query_int(&c->query, "service", &ids, &filter.service_id, e) ||
		!query_text(&c->query, "actor", USERS_NAME_MAX, &filter.actor, e) ||
		!query_text(&c->query, "action", AUDIT_ROUTE_ACTION_MAX, &filter.action,
			e) ||
		!query_int(&c->query, "from", &times, &filter.from_ms, e) ||
		!query_int(&c->query, "to", &times, &filter.to_ms, e) ||
		!call_limit(c, &filter.limit, e) ||
		!query_after(&c->query, &after, e) || !query_finish(&c->query, e))
		return false;
	if (after &&
		(!query_after_int(&after, 1, INT64_MAX, &filter.after_id) || *after))
		return err_set(e, ERR_INPUT, "after: not a cursor of this list");
	if (!call_db(c, e) || !audit_page(c->db, &filter, c->arena, &rows, &count, e))
		return false;
	size_t shown = call_page_size(count, filter.limit);
	struct json *j = &c->json;
	call_items_begin(c);
	for (size_t i = 0; i < shown; i++)
		audit_route_row(j, &rows[i]);
	call_items_end(c,
		shown < count ? arena_printf(c->arena, "%" PRId64, rows[shown - 1].id)
			      : NULL);
	return true;
}
