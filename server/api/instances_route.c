#include "server/api/handlers.h"
#include "server/api/shape.h"
#include "server/store/host_list.h"
#include "server/store/instances.h"

#include <inttypes.h>

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

/* The place behind which a page begins: "<ordinal> <id> <name>", of the host or of the
 * service. */
struct instances_route_place {
	const char *name; /* NULL: at the start */
	int64_t ordinal, id;
};

static bool instances_route_after(
	struct call *c, struct instances_route_place *place, struct err *e)
{
	if (!query_after(&c->query, &place->name, e))
		return false;
	if (place->name &&
		(!query_after_int(&place->name, 0, INT32_MAX, &place->ordinal) ||
			!query_after_int(&place->name, 1, INT32_MAX, &place->id)))
		return err_set(e, ERR_INPUT, "after: not a cursor of this list");
	return true;
}

/* `by_service`: the list is ordered by that, else by host. */
static void instances_route_page(struct call *c, const struct instances_row *rows,
	size_t count, int limit, bool by_service)
{
	size_t shown = call_page_size(count, limit);
	call_items_begin(c);
	for (size_t i = 0; i < shown; i++)
		instances_route_row(&c->json, &rows[i]);
	const struct instances_row *last = &rows[shown ? shown - 1 : 0];
	call_items_end(
		c, shown < count
			   ? arena_printf(c->arena, "%" PRId64 " %" PRId64 " %s",
				     last->ordinal, last->id,
				     by_service ? last->service.name : last->host.name)
			   : NULL);
}

/* ?sort=worst: one page, the worst of all. */
static bool instances_route_worst(
	struct call *c, const struct instances_filter *filter, struct err *e)
{
	struct instances_row *rows;
	size_t count;
	if (filter->after_host)
		return err_set(e, ERR_INPUT, "after: not with sort=worst");
	if (!call_db(c, e) ||
		!instances_worst(c->db, filter->service_id, filter->limit - 1,
			c->now_ms, c->arena, &rows, &count, e))
		return false;
	instances_route_page(c, rows, count, filter->limit, false);
	return true;
}

bool instances_route_list(struct call *c, struct err *e)
{
	struct instances_route_place after = {0};
	static const char *const sorts[] = {"worst"};
	struct instances_filter filter = {0};
	struct instances_row *rows;
	const char **sort;
	size_t count, sorted;
	if (!call_service(c, &filter.service_id, e) ||
		!call_limit(c, &filter.limit, e) ||
		!instances_route_after(c, &after, e) ||
		!query_words(&c->query, "sort", sorts, 1, &sort, &sorted, e) ||
		!query_finish(&c->query, e))
		return false;
	filter.after_host = after.name;
	filter.after_ordinal = after.ordinal;
	filter.after_id = after.id;
	if (sorted)
		return instances_route_worst(c, &filter, e);
	if (!call_db(c, e) ||
		!instances_page(c->db, &filter, c->now_ms, c->arena, &rows, &count, e))
		return false;
	instances_route_page(c, rows, count, filter.limit, false);
	return true;
}

bool instances_route_host(struct call *c, struct err *e)
{
	struct instances_route_place after = {0};
	struct instances_on_host filter = {0};
	struct host_list_row *host;
	struct instances_row *rows;
	size_t count;
	if (!call_id(c, "host", &filter.host_id, e) ||
		!call_limit(c, &filter.limit, e) ||
		!instances_route_after(c, &after, e) || !query_finish(&c->query, e) ||
		!call_db(c, e) ||
		!host_list_one(c->db, filter.host_id, c->arena, &host, e))
		return false;
	if (!host)
		return call_missing(c, "host", e);
	filter.after_service = after.name;
	filter.after_ordinal = after.ordinal;
	filter.after_id = after.id;
	if (!instances_of_host(c->db, &filter, c->now_ms, c->arena, &rows, &count, e))
		return false;
	instances_route_page(c, rows, count, filter.limit, true);
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
