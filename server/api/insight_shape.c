#include "server/api/insight_shape.h"

#include "server/api/shape.h"

#include <math.h>

void insight_shape_use(struct json *j, const struct fingerprints_use *u)
{
	json_object(j);
	json_put_string(j, "name", u->name);
	json_put_string(j, "version", u->version);
	json_put_int(j, "service_id", u->service.id);
	json_put_string(j, "service", u->service.name);
	json_put_int(j, "fingerprint_id", u->fingerprint.id);
	json_put_string(j, "service_version", u->fingerprint.name);
	json_put_raw(j, "hosts", u->hosts);
	json_put_raw(j, "hosts_now", u->hosts_now);
	json_put_int(j, "running", u->running);
	json_put_int(j, "first_seen_at_ms", u->first_seen_ms);
	json_put_int(j, "last_seen_at_ms",
		u->last_seen_ms ? u->last_seen_ms : u->first_seen_ms);
	json_end(j);
}

/* To the third place; NaN becomes null. */
static double insight_shape_round(double value)
{
	return round(value * 1e3) / 1e3;
}

void insight_shape_queue(struct json *j, const struct queues_row *q)
{
	json_object(j);
	json_put_int(j, "id", q->id);
	shape_put_name(j, "host", "name", &q->host);
	json_put_string(j, "source", q->source);
	json_put_string(j, "kind", q->kind);
	json_put_string(j, "name", q->name);
	json_put_raw(j, "producers", q->producers);
	json_put_raw(j, "workers", q->workers);
	shape_put_count(j, "depth", q->depth);
	shape_put_count(j, "waiting", q->waiting);
	shape_put_count(j, "active", q->active);
	shape_put_count(j, "delayed", q->delayed);
	shape_put_count(j, "failed", q->failed);
	shape_put_count(j, "attached", q->attached);
	shape_put_count(j, "entered", q->entered);
	shape_put_count(j, "completed", q->completed);
	shape_put_count(j, "failures", q->failures);
	json_put_double(j, "in_per_min", insight_shape_round(q->in_min));
	json_put_double(j, "out_per_min", insight_shape_round(q->out_min));
	json_put_double(j, "net_per_min", insight_shape_round(q->net_min));
	shape_put_count(j, "drain_s", queues_drain_s(q));
	shape_put_count(j, "oldest_ms", q->oldest_ms);
	shape_put_count(j, "overdue", q->overdue);
	json_put_int(j, "at_ms", q->at_ms);
	json_end(j);
}
