#include "server/api/alert_search.h"
#include "server/api/alert_shape.h"
#include "server/api/handlers.h"
#include "server/api/revision.h"
#include "server/api/shape.h"
#include "server/store/alerts.h"

#include <inttypes.h>
#include <string.h>

static bool alerts_route_has(const struct alerts_texts *list, const char *text)
{
	for (size_t i = 0; i < list->count; i++)
		if (strcmp(list->texts[i], text) == 0)
			return true;
	return false;
}

/* Both the tab and what was typed: nothing, when they have nothing in common. */
static void alerts_route_narrow(
	struct call *c, struct alerts_filter *filter, const struct alerts_texts *tabs)
{
	if (filter->inboxes.count == 0 || tabs->count == 0) {
		if (tabs->count)
			filter->inboxes = *tabs;
		return;
	}
	const char **both = arena_array(c->arena, tabs->count + 1, sizeof *both);
	size_t count = 0;
	for (size_t i = 0; i < tabs->count; i++)
		if (alerts_route_has(&filter->inboxes, tabs->texts[i]))
			both[count++] = tabs->texts[i];
	if (count == 0)
		both[count++] = "";
	filter->inboxes = (struct alerts_texts){both, count};
}

/* Which states: as said; all, when something else says where to look; else those that
 * need somebody. */
static bool alerts_route_states(
	struct call *c, struct alerts_filter *filter, struct err *e)
{
	static const char *const states[] = {
		"open", "acknowledged", "archived", "resolved"};
	static const char *const inboxes[] = {"new", "escalating", "regressed",
		"acknowledged", "archived", "resolved"};
	const char **wanted, **tabs;
	struct alerts_texts inbox = {0};
	if (!query_words(
		    &c->query, "state", states, 4, &wanted, &filter->states.count, e) ||
		!query_words(&c->query, "inbox", inboxes, 6, &tabs, &inbox.count, e))
		return false;
	filter->states.texts = wanted;
	inbox.texts = tabs;
	alerts_route_narrow(c, filter, &inbox);
	if (filter->states.count == 0 && filter->inboxes.count == 0)
		filter->states = (struct alerts_texts){states, 2};
	return true;
}

static bool alerts_route_filter(
	struct call *c, struct alerts_filter *filter, struct err *e)
{
	static const struct query_range ids = {1, INT32_MAX, 0};
	const char *after, *q;
	if (!query_text(&c->query, "q", ALERT_SEARCH_LENGTH_MAX, &q, e) ||
		(q && !alert_search_parse(q, c->user.name, c->arena, filter, e)) ||
		!alerts_route_states(c, filter, e) ||
		!query_int(&c->query, "service", &ids, &filter->service_id, e) ||
		!call_limit(c, &filter->limit, e) ||
		!query_after(&c->query, &after, e) || !query_finish(&c->query, e))
		return false;
	if (after &&
		(!query_after_int(&after, 0, QUERY_TIME_MAX, &filter->after_ms) ||
			!query_after_int(&after, 1, INT32_MAX, &filter->after_id) ||
			*after))
		return err_set(e, ERR_INPUT, "after: not a cursor of this list");
	return true;
}

bool alerts_route_list(struct call *c, struct err *e)
{
	struct alerts_filter filter = {.now_ms = c->now_ms};
	struct alerts_row *rows;
	size_t count;
	if (!alerts_route_filter(c, &filter, e) || !call_db(c, e) ||
		!alerts_page(c->db, &filter, c->arena, &rows, &count, e))
		return false;
	size_t shown = call_page_size(count, filter.limit);
	struct json *j = &c->json;
	call_items_begin(c);
	for (size_t i = 0; i < shown; i++) {
		json_object(j);
		shape_alert_members(j, &rows[i]);
		json_end(j);
	}
	call_items_end(c,
		shown < count ? arena_printf(c->arena, "%" PRId64 " %" PRId64,
					rows[shown - 1].opened_ms, rows[shown - 1].id)
			      : NULL);
	return true;
}

bool alerts_route_get(struct call *c, struct err *e)
{
	int64_t id;
	struct alerts_row *alert;
	if (!query_finish(&c->query, e) || !call_id(c, "alert", &id, e) ||
		!call_db(c, e) ||
		!alerts_one(c->db, id, c->now_ms, c->arena, &alert, e))
		return false;
	if (!alert)
		return call_missing(c, "alert", e);
	if (!alert_shape_write(c, alert, e))
		return false;
	revision_put_etag(c, alert->revision);
	return true;
}
