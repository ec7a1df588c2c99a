#include "server/api/handlers.h"
#include "server/api/report.h"

#include <inttypes.h>
#include <string.h>

/* As in the document itself: no scripts, nothing from elsewhere. */
static const char report_route_policy[] =
	"default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; "
	"sandbox";

/* The newest snapshot of a version that leaks. */
static bool report_route_snapshot(struct call *c, const struct findings_row *f,
	const struct snapshots_row **out, struct err *e)
{
	*out = NULL;
	for (size_t i = 0; i <= f->version_ids.count; i++) {
		const struct snapshots_filter filter = {
			.service_id = f->service.id,
			.fingerprint_id = i ? f->version_ids.ids[i - 1] : f->version.id,
			.limit = 1,
		};
		struct snapshots_row *rows;
		size_t count;
		if (!snapshots_page(c->db, &filter, c->arena, &rows, &count, e))
			return false;
		if (count && (!*out || rows->taken_ms > (*out)->taken_ms))
			*out = rows;
	}
	return true;
}

static bool report_route_format(struct call *c, bool *is_html, struct err *e)
{
	static const char *const formats[] = {"html", "md"};
	const char **words;
	size_t count;
	if (!query_words(&c->query, "format", formats, 2, &words, &count, e))
		return false;
	if (count > 1)
		return err_set(e, ERR_INPUT, "format: must be one of html, md");
	*is_html = !count || strcmp(words[0], "html") == 0;
	return true;
}

bool report_route_get(struct call *c, struct err *e)
{
	struct case_facts facts;
	struct alerts_event *events;
	struct cases_like *similar;
	struct report report = {
		.facts = &facts, .by = c->user.name, .now_ms = c->now_ms};
	int64_t id;
	if (!report_route_format(c, &report.is_html, e) ||
		!query_finish(&c->query, e) || !call_id(c, "alert", &id, e) ||
		!case_facts_read(c, id, &facts, e) ||
		!report_route_snapshot(c, &facts.alert->finding, &report.snapshot, e) ||
		!alerts_events(c->db, id, c->arena, &events, &report.event_count, e) ||
		!cases_similar(c->db, id, c->arena, &similar, &report.similar_count, e))
		return false;
	report.events = events;
	report.similar = similar;
	report_write(&report, c->arena, &c->response->body);
	c->response->type = report.is_html ? "text/html; charset=utf-8"
					   : "text/markdown; charset=utf-8";
	http_add_header(c->response, "Content-Security-Policy", report_route_policy);
	http_add_header(c->response, "Content-Disposition",
		arena_printf(c->arena,
			"inline; filename=\"tidemark-alert-%" PRId64 ".%s\"", id,
			report.is_html ? "html" : "md"));
	return true;
}
