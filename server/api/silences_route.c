#include "common/utf8.h"
#include "server/api/body.h"
#include "server/api/handlers.h"
#include "server/api/revision.h"
#include "server/api/shape.h"
#include "server/store/roles.h"
#include "server/store/silences.h"

#include <inttypes.h>
#include <string.h>

#define SILENCES_WEEK_MS (INT64_C(168) * 3600 * 1000)
#define SILENCES_SPAN_MS (INT64_C(400) * 86400 * 1000)

enum { SILENCES_STARS_MAX = 8 }; /* more would make matching slow */

static void silences_route_row(struct json *j, const struct silences_row *s)
{
	json_object(j);
	json_put_int(j, "id", s->id);
	json_put_string(j, "service", s->globs.service);
	json_put_string(j, "host", s->globs.host);
	json_put_string(j, "version", s->globs.version);
	shape_put_word(j, "kind", s->globs.kind);
	json_put_int(j, "starts_at_ms", s->window.starts_ms);
	json_put_int(j, "ends_at_ms", s->window.ends_ms);
	json_put_bool(j, "weekly", s->window.weekly);
	shape_put_time(j, "ended_at_ms", s->ended_ms);
	json_put_string(j, "reason", s->reason);
	json_put_string(j, "state", s->state);
	json_put_string(j, "created_by", s->created_by);
	json_put_int(j, "created_at_ms", s->created_ms);
	json_put_int(j, "revision", s->revision);
	json_end(j);
}

bool silences_route_list(struct call *c, struct err *e)
{
	static const char *const states[] = {"active", "pending", "expired"};
	struct silences_filter filter = {.now_ms = c->now_ms};
	struct silences_row *rows;
	const char **wanted;
	size_t count;
	if (!query_words(
		    &c->query, "state", states, 3, &wanted, &filter.state_count, e) ||
		!call_after_id(c, &filter.after_id, e) ||
		!call_limit(c, &filter.limit, e) || !query_finish(&c->query, e))
		return false;
	filter.states = wanted;
	if (filter.state_count == 0) {
		filter.states = states;
		filter.state_count = 2;
	}
	if (!call_db(c, e) ||
		!silences_page(c->db, &filter, c->arena, &rows, &count, e))
		return false;
	size_t shown = call_page_size(count, filter.limit);
	call_items_begin(c);
	for (size_t i = 0; i < shown; i++)
		silences_route_row(&c->json, &rows[i]);
	call_items_end(c,
		shown < count ? arena_printf(c->arena, "%" PRId64, rows[shown - 1].id)
			      : NULL);
	return true;
}

/* What is wrong with a glob; NULL: nothing. */
static const char *silences_route_fault(const char *glob)
{
	int stars = 0;
	for (const char *at = glob; *at; at++) {
		stars += *at == '*';
		if ((unsigned char)*at < ' ' || *at == 127)
			return "must not hold control characters";
	}
	return *glob && utf8_is_blank(glob) ? "must not be blank"
	       : stars > SILENCES_STARS_MAX ? "holds more than 8 '*'"
	       : strstr(glob, "**")         ? "must not hold '**'"
					    : NULL;
}

/* Of the body, or of the address. */
static bool silences_route_blame(
	struct call *c, const char *name, const char *why, struct err *e)
{
	if (strcmp(c->request->method, "GET") != 0)
		c->pointer = arena_printf(c->arena, "/%s", name);
	return err_set(e, ERR_INPUT, "%s: %s", name, why);
}

static bool silences_route_is_kind(const char *word)
{
	static const char *const kinds[] = {"leak", "native", "backlog", "version"};
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		if (strcmp(word, kinds[i]) == 0)
			return true;
	return false;
}

static bool silences_route_check_globs(
	struct call *c, const struct silences_globs *g, struct err *e)
{
	const struct {
		const char *name, *glob;
	} globs[] = {
		{"service", g->service}, {"host", g->host}, {"version", g->version}};
	for (size_t i = 0; i < sizeof globs / sizeof *globs; i++) {
		const char *fault = silences_route_fault(globs[i].glob);
		if (fault)
			return silences_route_blame(c, globs[i].name, fault, e);
	}
	if (*g->kind && !silences_route_is_kind(g->kind))
		return silences_route_blame(
			c, "kind", "must be leak, native, backlog or version", e);
	if (!*g->service && !*g->host && !*g->version && !*g->kind)
		return silences_route_blame(c, "service",
			"one of service, host, version and kind must be given", e);
	return true;
}

static bool silences_route_check_window(
	struct call *c, const struct silences_window *w, struct err *e)
{
	if (!w->ends_ms)
		return silences_route_blame(c, "ends_at_ms", "must be given", e);
	if (w->ends_ms <= w->starts_ms)
		return silences_route_blame(
			c, "ends_at_ms", "must lie behind starts_at_ms", e);
	if (!w->weekly && w->ends_ms <= c->now_ms)
		return silences_route_blame(
			c, "ends_at_ms", "must lie in the future", e);
	if (w->weekly && w->ends_ms - w->starts_ms > SILENCES_WEEK_MS)
		return silences_route_blame(
			c, "ends_at_ms", "a weekly window is at most a week long", e);
	if (w->ends_ms - w->starts_ms > SILENCES_SPAN_MS)
		return silences_route_blame(
			c, "ends_at_ms", "a silence is at most 400 days long", e);
	return true;
}

/* A member of the body; "" when it is absent. */
static bool silences_route_text(struct body *b, const char *name, size_t length_max,
	const char **text, struct err *e)
{
	const struct body_text want = {name, length_max, false};
	const char *value;
	if (!body_text(b, &want, &value, e))
		return false;
	*text = arena_strdup(b->arena, value ? value : "");
	return true;
}

static bool silences_route_read_window(
	struct call *c, struct body *b, struct silences_window *w, struct err *e)
{
	const struct body_int starts = {"starts_at_ms", 0, QUERY_TIME_MAX, c->now_ms};
	const struct body_int ends = {"ends_at_ms", 1, QUERY_TIME_MAX, 0};
	const struct body_bool weekly = {"weekly", false, false};
	return body_int(b, &starts, &w->starts_ms, e) &&
	       body_int(b, &ends, &w->ends_ms, e) &&
	       body_bool(b, &weekly, &w->weekly, e);
}

static bool silences_route_read(
	struct call *c, struct silences_change *change, struct err *e)
{
	scoped_body struct body b = {0};
	struct body_source source = {c->request->body, c->request->body_length};
	struct silences_globs *g = &change->globs;
	return body_open(&b, source, c->arena, &c->pointer, e) &&
	       silences_route_text(&b, "service", SILENCES_GLOB_MAX, &g->service, e) &&
	       silences_route_text(&b, "host", SILENCES_GLOB_MAX, &g->host, e) &&
	       silences_route_text(&b, "version", SILENCES_GLOB_MAX, &g->version, e) &&
	       silences_route_text(&b, "kind", 16, &g->kind, e) &&
	       silences_route_text(
		       &b, "reason", SILENCES_REASON_MAX, &change->reason, e) &&
	       silences_route_read_window(c, &b, &change->window, e) &&
	       body_finish(&b, e) && silences_route_check_globs(c, g, e) &&
	       silences_route_check_window(c, &change->window, e);
}

/* Who is limited to services mutes no others, also none that are to come. */
static bool silences_route_within(struct call *c, const char *service, struct err *e)
{
	bool allowed = true;
	if (!call_db(c, e) || (c->user.is_limited && !roles_allows(c->db, service,
							     c->arena, &allowed, e)))
		return false;
	return allowed || call_problem(c, 403, e,
				  "this reaches further than the services that you are "
				  "limited to");
}

bool silences_route_create(struct call *c, struct err *e)
{
	struct silences_change change = {.user_id = c->user.id, .now_ms = c->now_ms};
	struct silences_row *row;
	if (!query_finish(&c->query, e) || !silences_route_read(c, &change, e) ||
		!silences_route_within(c, change.globs.service, e) ||
		!silences_add(c->db, &change, c->arena, &row, e))
		return false;
	if (!row)
		return call_problem(c, 409, e,
			"there are %d silences that are not over", SILENCES_MAX);
	silences_route_row(&c->json, row);
	c->response->status = 201;
	return true;
}

static bool silences_route_answer(struct call *c, bool done, int64_t revision,
	const struct silences_row *row, struct err *e)
{
	if (!row)
		return call_missing(c, "silence", e);
	if (!done && !silences_route_within(c, row->globs.service, e))
		return false;
	if (!done && revision && row->revision != revision)
		return call_problem(c, 412, e,
			"the silence has moved on to revision %" PRId64, row->revision);
	if (!done)
		return call_problem(c, 409, e, "the silence is over");
	silences_route_row(&c->json, row);
	return true;
}

bool silences_route_put(struct call *c, struct err *e)
{
	struct silences_change change = {.user_id = c->user.id, .now_ms = c->now_ms};
	struct silences_row *row;
	bool done;
	return query_finish(&c->query, e) && call_id(c, "silence", &change.id, e) &&
	       revision_wanted(c, &change.revision, e) &&
	       silences_route_read(c, &change, e) &&
	       silences_route_within(c, change.globs.service, e) &&
	       silences_change(c->db, &change, c->arena, &done, &row, e) &&
	       silences_route_answer(c, done, change.revision, row, e);
}

bool silences_route_end(struct call *c, struct err *e)
{
	struct silences_change change = {.user_id = c->user.id, .now_ms = c->now_ms};
	struct silences_row *row;
	bool done;
	return query_finish(&c->query, e) && call_id(c, "silence", &change.id, e) &&
	       revision_wanted(c, &change.revision, e) && call_db(c, e) &&
	       silences_end(c->db, &change, c->arena, &done, &row, e) &&
	       silences_route_answer(c, done, change.revision, row, e);
}

static bool silences_route_glob(
	struct call *c, const char *name, const char **glob, struct err *e)
{
	if (!query_text(&c->query, name, SILENCES_GLOB_MAX, glob, e))
		return false;
	if (!*glob)
		*glob = "";
	return true;
}

static bool silences_route_put_alerts(
	struct call *c, const struct figures_ids *ids, struct err *e)
{
	struct alerts_row *alert;
	json_key(&c->json, "alerts");
	json_array(&c->json);
	for (size_t i = 0; i < ids->count; i++) {
		if (!alerts_one(c->db, ids->ids[i], c->now_ms, c->arena, &alert, e))
			return false;
		if (!alert)
			continue;
		json_object(&c->json);
		shape_alert_members(&c->json, alert);
		json_end(&c->json);
	}
	json_end(&c->json);
	return true;
}

bool silences_route_preview(struct call *c, struct err *e)
{
	struct silences_globs g;
	struct silences_reach reach;
	if (!silences_route_glob(c, "service", &g.service, e) ||
		!silences_route_glob(c, "host", &g.host, e) ||
		!silences_route_glob(c, "version", &g.version, e) ||
		!silences_route_glob(c, "kind", &g.kind, e) ||
		!query_finish(&c->query, e) || !silences_route_check_globs(c, &g, e) ||
		!call_db(c, e) ||
		!silences_preview(c->db, &g, c->now_ms, c->arena, &reach, e))
		return false;
	json_object(&c->json);
	if (!silences_route_put_alerts(c, &reach.alerts, e))
		return false;
	json_put_int(&c->json, "services", reach.services);
	json_put_int(&c->json, "hosts", reach.hosts);
	json_put_int(&c->json, "instances", reach.instances);
	json_end(&c->json);
	return true;
}
