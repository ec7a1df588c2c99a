#include "server/api/handlers.h"
#include "server/api/revision.h"
#include "server/api/shape.h"
#include "server/store/feedback.h"

#include <inttypes.h>

static void feedback_route_row(struct json *j, const struct feedback_row *f)
{
	json_object(j);
	json_put_int(j, "id", f->id);
	json_put_int(j, "finding", f->finding_id);
	shape_put_time(j, "alert", f->alert_id);
	json_put_string(j, "kind", f->kind);
	shape_put_name(j, "version", "version", &f->version);
	if (f->has_rate)
		json_put_double(j, "rate_kb_h", f->rate_kb_h);
	else
		json_put_null(j, "rate_kb_h");
	json_put_string(j, "reason", f->reason);
	json_put_string(j, "said_by", f->said_by);
	json_put_int(j, "said_at_ms", f->said_ms);
	shape_put_time(j, "withdrawn_at_ms", f->withdrawn_ms);
	json_put_int(j, "revision", f->revision);
	json_end(j);
}

bool feedback_route_list(struct call *c, struct err *e)
{
	struct feedback_filter filter = {0};
	struct feedback_row *rows;
	size_t count;
	if (!call_service(c, &filter.service_id, e) ||
		!call_after_id(c, &filter.after_id, e) ||
		!call_limit(c, &filter.limit, e) || !query_finish(&c->query, e) ||
		!call_db(c, e) ||
		!feedback_page(c->db, &filter, c->arena, &rows, &count, e))
		return false;
	size_t shown = call_page_size(count, filter.limit);
	call_items_begin(c);
	for (size_t i = 0; i < shown; i++)
		feedback_route_row(&c->json, &rows[i]);
	call_items_end(c,
		shown < count ? arena_printf(c->arena, "%" PRId64, rows[shown - 1].id)
			      : NULL);
	return true;
}

bool feedback_route_withdraw(struct call *c, struct err *e)
{
	struct feedback_step step = {.user_id = c->user.id, .now_ms = c->now_ms};
	struct feedback_row *row;
	bool moved_on = false;
	if (!query_finish(&c->query, e) || !call_id(c, "feedback", &step.id, e) ||
		!revision_wanted(c, &step.revision, e) || !call_db(c, e) ||
		!feedback_withdraw(c->db, &step, c->arena, &row, &moved_on, e))
		return false;
	if (!row)
		return call_missing(c, "feedback", e);
	if (moved_on)
		return call_problem(c, 412, e, "it %s by now",
			row->withdrawn_ms ? "is withdrawn" : "stands");
	feedback_route_row(&c->json, row);
	revision_put_etag(c, row->revision);
	return true;
}
