#include "server/api/arithmetic.h"
#include "server/api/handlers.h"
#include "server/api/shape.h"
#include "server/api/snapshot_shape.h"
#include "server/store/snapshots.h"

#include <inttypes.h>
#include <math.h>

enum { SNAPSHOTS_ROUTE_ROWS_MAX = 2000 }; /* of two summaries */

/* A cursor is "<taken> <id>". */
static bool snapshots_route_after(
	struct call *c, struct snapshots_filter *filter, struct err *e)
{
	const char *after;
	if (!query_after(&c->query, &after, e))
		return false;
	if (after &&
		(!query_after_int(&after, 0, QUERY_TIME_MAX, &filter->after_ms) ||
			!query_after_int(&after, 1, INT32_MAX, &filter->after_id) ||
			*after))
		return err_set(e, ERR_INPUT, "after: not a cursor of this list");
	return true;
}

bool snapshots_route_list(struct call *c, struct err *e)
{
	struct snapshots_filter filter = {0};
	struct snapshots_row *rows;
	size_t count;
	if (!call_service(c, &filter.service_id, e) ||
		!call_limit(c, &filter.limit, e) ||
		!snapshots_route_after(c, &filter, e) || !query_finish(&c->query, e) ||
		!call_db(c, e) ||
		!snapshots_page(c->db, &filter, c->arena, &rows, &count, e))
		return false;
	size_t shown = call_page_size(count, filter.limit);
	struct json *j = &c->json;
	call_items_begin(c);
	for (size_t i = 0; i < shown; i++)
		snapshot_shape_row(j, &rows[i]);
	call_items_end(
		c, shown < count ? arena_printf(c->arena, "%" PRId64 " %" PRId64,
					   rows[shown - 1].taken_ms, rows[shown - 1].id)
				 : NULL);
	return true;
}

bool snapshots_route_get(struct call *c, struct err *e)
{
	int64_t id;
	struct snapshots_one *one;
	if (!query_finish(&c->query, e) || !call_id(c, "snapshot", &id, e) ||
		!call_db(c, e) || !snapshots_one(c->db, id, c->arena, &one, e))
		return false;
	if (!one)
		return call_missing(c, "snapshot", e);
	snapshot_shape_one(&c->json, one);
	return true;
}

/* What counts are divided by: requests, and hours.  Of one process what lies between
 * the two, so that `before` is 0. */
struct snapshots_route_spans {
	bool is_one_process;
	double before_requests, after_requests;
	double before_hours, after_hours;
};

static struct snapshots_route_spans snapshots_route_spans(
	const struct snapshots_row *before, const struct snapshots_row *after)
{
	static const double ms_per_hour = 3600000;
	struct snapshots_route_spans s = {
		.is_one_process = before->place.generation == after->place.generation};
	bool counted = before->requests >= 0 && after->requests >= 0;
	if (s.is_one_process) {
		s.after_hours = (double)(after->taken_ms - before->taken_ms) /
				ms_per_hour;
		if (counted)
			s.after_requests = (double)(after->requests - before->requests);
		return s;
	}
	if (counted) {
		s.before_requests = (double)before->requests;
		s.after_requests = (double)after->requests;
	}
	if (before->uptime_ms >= 0 && after->uptime_ms >= 0) {
		s.before_hours = (double)before->uptime_ms / ms_per_hour;
		s.after_hours = (double)after->uptime_ms / ms_per_hour;
	}
	return s;
}

/* NaN, which JSON has as null, when the difference, or a span, is not known or empty.
 * What two processes have from their start alone has no rate. */
static double snapshots_route_rate(const struct snapshots_difference *d,
	bool is_one_process, double before_span, double after_span)
{
	if (!d->is_known || after_span == 0 ||
		(!is_one_process && (before_span == 0 || d->count_delta == 0)))
		return NAN;
	if (is_one_process)
		return (double)d->count_delta / after_span;
	return (double)d->after.count / after_span -
	       (double)d->before.count / before_span;
}

static void snapshots_route_side(
	struct json *j, const char *key, const struct snapshots_side *side)
{
	json_key(j, key);
	if (!side->there) {
		json_null(j);
		return;
	}
	json_object(j);
	json_put_int(j, "count", side->count);
	json_put_int(j, "shallow_bytes", side->shallow_bytes);
	shape_put_count(j, "retained_bytes", side->retained_bytes);
	json_end(j);
}

static void snapshots_route_delta(
	struct json *j, const char *key, bool is_known, int64_t delta)
{
	if (is_known)
		json_put_int(j, key, delta);
	else
		json_put_null(j, key);
}

static void snapshots_route_difference(struct json *j,
	const struct snapshots_difference *d, const struct snapshots_route_spans *s)
{
	json_object(j);
	snapshot_shape_name(j, d->name, d->location);
	snapshots_route_side(j, "before", &d->before);
	snapshots_route_side(j, "after", &d->after);
	snapshots_route_delta(j, "count_delta", d->is_known, d->count_delta);
	snapshots_route_delta(
		j, "shallow_delta_bytes", d->is_known, d->shallow_delta_bytes);
	snapshots_route_delta(j, "retained_delta_bytes", d->is_known && d->has_retained,
		d->retained_delta_bytes);
	json_put_double(j, "count_per_request",
		snapshots_route_rate(
			d, s->is_one_process, s->before_requests, s->after_requests));
	json_put_double(j, "count_per_hour",
		snapshots_route_rate(
			d, s->is_one_process, s->before_hours, s->after_hours));
	json_end(j);
}

struct snapshots_route_pair {
	struct snapshots_row *before, *after;
};

static bool snapshots_route_find_pair(
	struct call *c, int64_t with, struct snapshots_route_pair *pair, struct err *e)
{
	int64_t id;
	if (!call_id(c, "snapshot", &id, e) || !call_db(c, e) ||
		!snapshots_row(c->db, id, c->arena, &pair->after, e) ||
		!snapshots_row(c->db, with, c->arena, &pair->before, e))
		return false;
	if (!pair->after)
		return call_missing(c, "snapshot", e);
	if (!pair->before)
		return call_problem(
			c, 404, e, "with: no snapshot has the id %" PRId64, with);
	if (id == with)
		return err_set(e, ERR_INPUT,
			"with: must be another snapshot than %" PRId64, id);
	return true;
}

bool snapshots_route_compare(struct call *c, struct err *e)
{
	static const struct query_range ids = {1, INT32_MAX, 0};
	static const struct query_range rows = {
		1, SNAPSHOTS_ROUTE_ROWS_MAX, CALL_PAGE_DEFAULT};
	struct snapshots_route_pair pair;
	struct snapshots_comparison found;
	int64_t with, limit;
	if (!query_int(&c->query, "with", &ids, &with, e) ||
		!query_int(&c->query, "limit", &rows, &limit, e) ||
		!query_finish(&c->query, e))
		return false;
	if (!with)
		return err_set(e, ERR_INPUT,
			"with: is missing; it is the snapshot to compare with");
	if (!snapshots_route_find_pair(c, with, &pair, e) ||
		!snapshots_compare(c->db, with, pair.after->id,
			SNAPSHOTS_ROUTE_ROWS_MAX, c->arena, &found, e))
		return false;
	struct snapshots_route_spans spans = snapshots_route_spans(
		pair.before, pair.after);
	struct json *j = &c->json;
	json_object(j);
	json_key(j, "before");
	snapshot_shape_row(j, pair.before);
	json_key(j, "after");
	snapshot_shape_row(j, pair.after);
	json_key(j, "rows");
	json_array(j);
	for (size_t i = 0; i < found.count && i < (size_t)limit; i++)
		snapshots_route_difference(j, &found.rows[i], &spans);
	json_end(j);
	json_put_int(j, "total_rows", found.total_rows);
	json_put_bool(j, "same_process", spans.is_one_process);
	json_put_bool(j, "before_is_cut", found.before_is_cut);
	json_put_bool(j, "after_is_cut", found.after_is_cut);
	json_put_raw(j, "growth", found.growth ? found.growth : "null");
	struct arithmetic_input arithmetic = {
		pair.before, pair.after, found.rows, found.count};
	arithmetic_put(j, &arithmetic, c->arena);
	json_end(j);
	return true;
}
