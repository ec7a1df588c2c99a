#include "server/api/handlers.h"
#include "server/api/shape.h"
#include "server/store/fleet.h"
#include "server/store/groups.h"
#include "server/store/host_list.h"

#include <inttypes.h>

enum { GROUPS_NAME_PART_MAX = 256 };

static bool groups_route_by(struct call *c, struct groups_filter *filter, struct err *e)
{
	const char **by;
	size_t count;
	if (!query_words(&c->query, "by", groups_by_name, GROUPS_BY, &by, &count, e) ||
		!query_text(
			&c->query, "label", HOST_LIST_LABEL_KEY_MAX, &filter->label, e))
		return false;
	if (count != 1)
		return err_set(e, ERR_INPUT, "by: must be host, version or label");
	while (groups_by_name[filter->by] != by[0])
		filter->by++;
	if ((filter->by == GROUPS_LABEL) != (filter->label != NULL))
		return err_set(
			e, ERR_INPUT, "label: goes with by=label, and only that");
	return true;
}

/* A cursor is "<rank> <rate> <id> <name>". */
static bool groups_route_after(
	struct call *c, struct groups_filter *filter, struct err *e)
{
	const char *after;
	if (!query_after(&c->query, &after, e))
		return false;
	if (after &&
		(!query_after_int(&after, INT32_MIN, INT32_MAX, &filter->after_rank) ||
			!query_after_double(&after, &filter->after_rate) ||
			!query_after_int(&after, 0, INT32_MAX, &filter->after_id)))
		return err_set(e, ERR_INPUT, "after: not a cursor of this list");
	filter->after_name = after;
	return true;
}

static bool groups_route_filter(
	struct call *c, struct groups_filter *filter, struct err *e)
{
	const char **verdicts;
	size_t verdict_count;
	if (!groups_route_by(c, filter, e) ||
		!query_text(
			&c->query, "q", GROUPS_NAME_PART_MAX, &filter->name_part, e) ||
		!query_words(&c->query, "verdict", fleet_verdict_name, FLEET_VERDICTS,
			&verdicts, &verdict_count, e) ||
		!call_limit(c, &filter->limit, e) ||
		!groups_route_after(c, filter, e) || !query_finish(&c->query, e))
		return false;
	if (verdict_count > 1)
		return err_set(e, ERR_INPUT, "verdict: only one can be asked for");
	filter->verdict = verdict_count ? verdicts[0] : NULL;
	return true;
}

static void groups_route_put_worst(struct json *j, const struct groups_row *g)
{
	if (!g->worst_service.id) {
		json_put_null(j, "worst");
		return;
	}
	json_key(j, "worst");
	json_object(j);
	shape_put_name(j, "service", "name", &g->worst_service);
	shape_put_name(j, "version", "version", &g->worst_version);
	json_end(j);
}

static void groups_route_row(struct json *j, const struct groups_row *g)
{
	json_object(j);
	json_put_int(j, "id", g->id);
	json_put_string(j, "name", g->name);
	if (g->service.id)
		shape_put_name(j, "service", "name", &g->service);
	else
		json_put_null(j, "service");
	json_put_string(j, "verdict", g->verdict);
	shape_put_level(j, g->level, g->kind);
	shape_put_rate(j, "rate", &g->rate);
	shape_put_count(j, "memory_kb", g->memory_kb);
	json_put_int(j, "instances", g->instances);
	json_put_int(j, "instances_leaking", g->instances_leaking);
	json_put_int(j, "services", g->services);
	json_put_int(j, "services_leaking", g->services_leaking);
	json_put_int(j, "hosts", g->hosts);
	json_put_int(j, "hosts_leaking", g->hosts_leaking);
	json_put_int(j, "open_alerts", g->open_alerts);
	shape_put_time(j, "onset_at_ms", g->onset_ms);
	shape_put_time(j, "exhaust_at_ms", g->exhaust_ms);
	groups_route_put_worst(j, g);
	json_end(j);
}

bool groups_route_list(struct call *c, struct err *e)
{
	struct groups_filter filter = {0};
	struct groups_row *rows;
	size_t count;
	if (!groups_route_filter(c, &filter, e) || !call_db(c, e) ||
		!groups_page(c->db, &filter, c->now_ms, c->arena, &rows, &count, e))
		return false;
	size_t shown = call_page_size(count, filter.limit);
	call_items_begin(c);
	for (size_t i = 0; i < shown; i++)
		groups_route_row(&c->json, &rows[i]);
	const struct groups_row *last = &rows[shown ? shown - 1 : 0];
	call_items_end(c,
		shown < count ? arena_printf(c->arena,
					"%" PRId64 " %.17g %" PRId64 " %s", last->rank,
					last->rate_order, last->id, last->sort_name)
			      : NULL);
	return true;
}
