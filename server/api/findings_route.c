#include "server/api/handlers.h"
#include "server/api/shape.h"

#include <inttypes.h>

bool findings_route_list(struct call *c, struct err *e)
{
	static const char *const levels[] = {"watch", "confirmed"};
	static const char *const kinds[] = {"leak", "native", "backlog", "version"};
	static const struct query_range ids = {1, INT32_MAX, 0};
	struct findings_filter filter = {0};
	struct findings_row *rows;
	const char **wanted_levels, **wanted_kinds;
	size_t count;
	if (!query_int(&c->query, "service", &ids, &filter.service_id, e) ||
		!query_bool(&c->query, "active", &filter.active, e) ||
		!query_words(&c->query, "level", levels, 2, &wanted_levels,
			&filter.level_count, e) ||
		!query_words(&c->query, "kind", kinds, 4, &wanted_kinds,
			&filter.kind_count, e) ||
		!call_limit(c, &filter.limit, e) ||
		!call_after_id(c, &filter.after_id, e) || !query_finish(&c->query, e))
		return false;
	filter.levels = wanted_levels;
	filter.kinds = wanted_kinds;
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
