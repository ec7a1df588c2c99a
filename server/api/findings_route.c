#include "server/api/handlers.h"
#include "server/api/shape.h"

#include <inttypes.h>

bool findings_route_list(struct call *c, struct err *e)
{
	static const struct query_range ids = {1, INT32_MAX, 0};
	struct findings_filter filter = {0};
	struct findings_row *rows;
	const char *after;
	size_t count;
	if (!query_int(&c->query, "service", &ids, &filter.service_id, e) ||
		!query_bool(&c->query, "active", &filter.active, e) ||
		!call_limit(c, &filter.limit, e) ||
		!query_after(&c->query, &after, e) || !query_finish(&c->query, e))
		return false;
	if (after &&
		(!query_after_int(&after, 1, INT32_MAX, &filter.after_id) || *after))
		return err_set(e, ERR_INPUT, "after: not a cursor of this list");
	if (!call_db(c, e) ||
		!findings_page(c->db, &filter, c->arena, &rows, &count, e))
		return false;
	size_t shown = call_page_size(count, filter.limit);
	struct json *j = &c->json;
	call_items_begin(c);
	for (size_t i = 0; i < shown; i++)
		shape_finding(j, &rows[i]);
	call_items_end(c,
		shown < count ? arena_printf(c->arena, "%" PRId64, rows[shown - 1].id)
			      : NULL);
	return true;
}
