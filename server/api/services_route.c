#include "server/api/handlers.h"
#include "server/api/shape.h"
#include "server/store/fleet.h"
#include "server/store/services.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

enum {
	SERVICES_NAME_PART_MAX = 256,
	SERVICES_RANK_GROWS = 7, /* verdict_rank of "watch"; worse ones grow, too */
};

static bool services_route_filter(
	struct call *c, struct services_filter *filter, struct err *e)
{
	const char **verdicts, *after;
	size_t verdict_count;
	if (!query_text(
		    &c->query, "q", SERVICES_NAME_PART_MAX, &filter->name_part, e) ||
		!query_words(&c->query, "verdict", fleet_verdict_name, FLEET_VERDICTS,
			&verdicts, &verdict_count, e) ||
		!call_limit(c, &filter->limit, e) ||
		!query_after(&c->query, &after, e) || !query_finish(&c->query, e))
		return false;
	if (verdict_count > 1)
		return err_set(e, ERR_INPUT, "verdict: only one can be asked for");
	filter->verdict = verdict_count ? verdicts[0] : NULL;
	filter->has_after = after != NULL;
	if (after &&
		(!query_after_int(&after, INT32_MIN, INT32_MAX, &filter->after_rank) ||
			!query_after_double(&after, &filter->after_rate) ||
			!query_after_int(&after, 1, INT32_MAX, &filter->after_id) ||
			*after))
		return err_set(e, ERR_INPUT, "after: not a cursor of this list");
	return true;
}

/* The versions of services, and where those of one service stand among them. */
struct services_route_versions {
	struct services_version *rows;
	size_t count;
};

static bool services_route_read_versions(struct call *c,
	const struct services_row *services, size_t count,
	struct services_route_versions *out, struct err *e)
{
	int64_t *ids = arena_array(c->arena, count, sizeof *ids);
	for (size_t i = 0; i < count; i++)
		ids[i] = services[i].id;
	return services_versions(c->db, (struct figures_ids){ids, count}, c->now_ms,
		c->arena, &out->rows, &out->count, e);
}

static void services_route_put_sparkline(
	struct json *j, const struct services_trend *trend)
{
	if (!trend->step_ms) {
		json_put_null(j, "sparkline");
		return;
	}
	json_key(j, "sparkline");
	json_object(j);
	json_put_int(j, "from_ms", trend->from_ms);
	json_put_int(j, "step_ms", trend->step_ms);
	json_key(j, "values");
	json_array(j);
	for (size_t i = 0; i < trend->count; i++) {
		if (trend->is_null[i])
			json_null(j);
		else
			json_int(j, trend->rss_kb[i]);
	}
	json_end(j);
	json_end(j);
}

static void services_route_put_growth(
	struct json *j, const struct services_growth *g, int64_t rank)
{
	if (!g->version.id || rank < SERVICES_RANK_GROWS) {
		json_put_null(j, "growth");
		return;
	}
	json_key(j, "growth");
	json_object(j);
	shape_put_name(j, "version", "version", &g->version);
	if (g->since.id)
		shape_put_name(j, "since", "version", &g->since);
	else
		json_put_null(j, "since");
	json_put_int(j, "instances", g->instances);
	json_put_int(j, "instances_leaking", g->instances_leaking);
	json_put_int(j, "hosts", g->hosts);
	json_put_int(j, "hosts_leaking", g->hosts_leaking);
	shape_put_time(j, "onset_at_ms", g->onset_ms);
	shape_put_time(j, "exhaust_at_ms", g->exhaust_ms);
	json_end(j);
}

/* Less than a hundredth of the depth a minute is no movement: a queue that is worked on
 * breathes. */
static const char *services_route_queue_state(const struct services_queue *q)
{
	double still = fmax(1, (double)q->depth * 0.01);
	if (q->depth == 0)
		return "empty";
	if (q->depth < 0 || !isfinite(q->net_min))
		return NULL;
	return q->net_min > still    ? "growing"
	       : q->net_min < -still ? "draining"
				     : "steady";
}

static void services_route_put_queue(struct json *j, const struct services_queue *q)
{
	if (!q) {
		json_put_null(j, "queue");
		return;
	}
	const char *state = services_route_queue_state(q);
	bool drains = state && strcmp(state, "draining") == 0;
	json_key(j, "queue");
	json_object(j);
	json_put_int(j, "queues", q->queues);
	shape_put_name(j, "worst", "name", &q->worst);
	json_put_string(j, "state", state);
	shape_put_count(j, "depth", q->depth);
	json_put_double(j, "net_per_min", round(q->net_min * 1e3) / 1e3);
	shape_put_count(j, "drain_s",
		drains ? (int64_t)((double)q->depth * 60 / -q->net_min) : -1);
	json_end(j);
}

static void services_route_row(struct json *j, const struct services_row *s,
	const struct services_route_versions *versions, const struct services_queue *q)
{
	json_object(j);
	json_put_int(j, "id", s->id);
	json_put_string(j, "name", s->name);
	json_put_string(j, "verdict", s->verdict);
	shape_put_level(j, s->level, s->kind);
	json_put_string(j, "summary", s->summary);
	shape_put_rate(j, "rate", &s->rate);
	json_put_int(j, "memory_kb", s->memory_kb);
	json_put_int(j, "hosts", s->hosts);
	json_put_int(j, "instances", s->instances);
	json_put_int(j, "open_alerts", s->open_alerts);
	json_key(j, "versions");
	json_array(j);
	for (size_t i = 0; i < versions->count; i++) {
		const struct services_version *v = &versions->rows[i];
		if (v->service_id != s->id)
			continue;
		json_object(j);
		json_put_int(j, "id", v->id);
		json_put_string(j, "version", v->version);
		json_put_string(j, "label", v->label);
		json_put_int(j, "instances", v->running);
		json_put_string(j, "verdict", v->verdict);
		shape_put_word(j, "level", v->level);
		json_end(j);
	}
	json_end(j);
	services_route_put_sparkline(j, &s->trend);
	services_route_put_growth(j, &s->growth, s->rank);
	services_route_put_queue(j, q);
	json_end(j);
}

static const struct services_queue *services_route_queue_of(
	int64_t id, const struct services_queue *queues, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (queues[i].service_id == id)
			return &queues[i];
	return NULL;
}

/* As services_route_read_versions, the queues. */
static bool services_route_read_queues(struct call *c,
	const struct services_row *services, size_t count, struct services_queue **out,
	size_t *queue_count, struct err *e)
{
	int64_t *ids = arena_array(c->arena, count, sizeof *ids);
	for (size_t i = 0; i < count; i++)
		ids[i] = services[i].id;
	return services_queues(c->db, (struct figures_ids){ids, count}, c->now_ms,
		c->arena, out, queue_count, e);
}

bool services_route_list(struct call *c, struct err *e)
{
	struct services_filter filter = {0};
	struct services_row *rows;
	struct services_route_versions versions;
	struct services_queue *queues;
	size_t count, queue_count;
	if (!services_route_filter(c, &filter, e) || !call_db(c, e) ||
		!services_page(c->db, &filter, c->now_ms, c->arena, &rows, &count, e))
		return false;
	size_t shown = call_page_size(count, filter.limit);
	if (!services_route_read_versions(c, rows, shown, &versions, e) ||
		!services_route_read_queues(c, rows, shown, &queues, &queue_count, e))
		return false;
	struct json *j = &c->json;
	call_items_begin(c);
	for (size_t i = 0; i < shown; i++)
		services_route_row(j, &rows[i], &versions,
			services_route_queue_of(rows[i].id, queues, queue_count));
	call_items_end(c,
		shown < count ? arena_printf(c->arena, "%" PRId64 " %.17g %" PRId64,
					rows[shown - 1].rank,
					rows[shown - 1].rate_order, rows[shown - 1].id)
			      : NULL);
	return true;
}

static void services_route_put_alerts(
	struct json *j, const struct services_alert *alerts, size_t count)
{
	json_key(j, "alerts");
	json_array(j);
	for (size_t i = 0; i < count; i++) {
		json_object(j);
		json_put_int(j, "id", alerts[i].id);
		json_put_string(j, "state", alerts[i].state);
		shape_put_word(j, "resolution", alerts[i].resolution);
		shape_put_level(j, alerts[i].level, alerts[i].kind);
		json_put_string(j, "version", alerts[i].version);
		json_put_string(j, "summary", alerts[i].summary);
		json_end(j);
	}
	json_end(j);
}

bool services_route_get(struct call *c, struct err *e)
{
	int64_t id;
	struct services_row *s;
	struct services_route_versions versions;
	struct services_alert *alerts;
	size_t alert_count;
	if (!query_finish(&c->query, e) || !call_id(c, "service", &id, e) ||
		!call_db(c, e) || !services_one(c->db, id, c->now_ms, c->arena, &s, e))
		return false;
	if (!s)
		return call_missing(c, "service", e);
	if (!services_route_read_versions(c, s, 1, &versions, e) ||
		!services_alerts(c->db, id, c->arena, &alerts, &alert_count, e))
		return false;
	struct json *j = &c->json;
	json_object(j);
	json_put_int(j, "id", s->id);
	json_put_string(j, "name", s->name);
	json_put_int(j, "first_seen_ms", s->first_seen_ms);
	json_put_string(j, "verdict", s->verdict);
	shape_put_level(j, s->level, s->kind);
	json_put_string(j, "summary", s->summary);
	json_put_int(j, "memory_kb", s->memory_kb);
	json_put_int(j, "hosts", s->hosts);
	json_put_int(j, "instances", s->instances);
	json_key(j, "versions");
	json_array(j);
	for (size_t i = 0; i < versions.count; i++)
		shape_version(j, &versions.rows[i]);
	json_end(j);
	services_route_put_alerts(j, alerts, alert_count);
	json_end(j);
	return true;
}
