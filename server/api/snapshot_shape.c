#include "server/api/snapshot_shape.h"

#include "server/api/shape.h"

static void snapshot_shape_place(struct json *j, const struct snapshots_place *p)
{
	shape_put_name(j, "service", "name", &p->service);
	shape_put_name(j, "host", "name", &p->host);
	shape_put_name(j, "version", "version", &p->version);
	json_put_int(j, "instance", p->instance);
	json_put_int(j, "ordinal", p->ordinal);
	json_put_int(j, "pid", p->pid);
	json_put_int(j, "generation", p->generation);
}

static void snapshot_shape_raw(struct json *j, const struct snapshots_raw *raw)
{
	json_key(j, "raw");
	if (!raw->state) {
		json_null(j);
		return;
	}
	json_object(j);
	json_put_string(j, "state", raw->state);
	json_put_int(j, "bytes", raw->bytes);
	json_put_string(j, "sha256", raw->sha256);
	json_put_int(j, "parts", raw->parts);
	json_put_int(j, "parts_here", raw->parts_here);
	json_put_string(j, "text", raw->text);
	json_end(j);
}

static void snapshot_shape_growth(struct json *j, const struct snapshots_row *r)
{
	json_key(j, "growth");
	if (!r->verdict) {
		json_null(j);
		return;
	}
	json_object(j);
	json_put_string(j, "verdict", r->verdict);
	json_put_string(j, "words", r->words);
	json_end(j);
}

/* What a row and the whole have in common. */
static void snapshot_shape_members(struct json *j, const struct snapshots_row *r)
{
	json_put_int(j, "id", r->id);
	if (r->capture)
		json_put_int(j, "capture", r->capture);
	else
		json_put_null(j, "capture");
	json_put_string(j, "cause", r->cause);
	snapshot_shape_place(j, &r->place);
	json_put_int(j, "taken_at_ms", r->taken_ms);
	json_put_string(j, "kind", r->kind);
	json_put_string(j, "route", r->route);
	json_put_string(j, "runtime", r->runtime);
	json_put_int(j, "total_bytes", r->total_bytes);
	json_put_int(j, "node_count", r->node_count);
	shape_put_count(j, "uptime_ms", r->uptime_ms);
	shape_put_count(j, "requests", r->requests);
	shape_put_count(j, "pause_ms", r->pause_ms);
	snapshot_shape_raw(j, &r->raw);
}

void snapshot_shape_row(struct json *j, const struct snapshots_row *r)
{
	json_object(j);
	snapshot_shape_members(j, r);
	snapshot_shape_growth(j, r);
	json_end(j);
}

void snapshot_shape_name(struct json *j, const char *name, const char *location)
{
	json_put_string(j, "name", name);
	json_put_string(j, "location", *location ? location : NULL);
}

static void snapshot_shape_classes(struct json *j, const struct snapshots_one *s)
{
	json_key(j, "classes");
	json_array(j);
	for (size_t i = 0; i < s->class_rows; i++) {
		const struct snapshots_class *c = &s->classes[i];
		json_object(j);
		snapshot_shape_name(j, c->name, c->location);
		json_put_int(j, "count", c->count);
		json_put_int(j, "shallow_bytes", c->shallow_bytes);
		shape_put_count(j, "retained_bytes", c->retained_bytes);
		shape_put_count(j, "distance", c->distance);
		json_end(j);
	}
	json_end(j);
}

static void snapshot_shape_statistics(struct json *j, const struct snapshots_one *s)
{
	json_key(j, "statistics");
	json_object(j);
	json_put_int(j, "native_bytes", s->native_bytes);
	json_put_int(j, "typed_array_bytes", s->typed_array_bytes);
	json_put_int(j, "code_bytes", s->code_bytes);
	json_put_int(j, "js_array_bytes", s->js_array_bytes);
	json_put_int(j, "string_bytes", s->string_bytes);
	json_put_int(j, "system_bytes", s->system_bytes);
	json_end(j);
}

void snapshot_shape_one(struct json *j, const struct snapshots_one *s)
{
	json_object(j);
	snapshot_shape_members(j, &s->row);
	json_put_string(j, "rules", s->rules);
	json_put_string(j, "why_shallow", s->why_shallow);
	shape_put_count(j, "analysis_ms", s->analysis_ms);
	shape_put_count(j, "peak_rss_bytes", s->peak_rss_bytes);
	shape_put_count(j, "heap_used_bytes", s->heap_used_bytes);
	shape_put_count(j, "external_bytes", s->external_bytes);
	shape_put_count(j, "heap_limit_bytes", s->heap_limit_bytes);
	json_put_int(j, "stream_bytes", s->stream_bytes);
	json_put_int(j, "edge_count", s->edge_count);
	json_put_int(j, "class_count", s->class_count);
	snapshot_shape_statistics(j, s);
	snapshot_shape_classes(j, s);
	json_put_raw(j, "accumulators", s->accumulators);
	json_put_raw(j, "fanout", s->fanout);
	json_put_raw(j, "growth", s->growth ? s->growth : "null");
	json_end(j);
}

void snapshot_shape_capture(struct json *j, const struct captures_row *r)
{
	json_object(j);
	json_put_int(j, "id", r->id);
	snapshot_shape_place(j, &r->place);
	json_put_string(j, "cause", r->cause);
	json_put_string(j, "asked_by", r->asked_by);
	json_put_int(j, "asked_at_ms", r->asked_ms);
	json_put_string(j, "confirmed_by", r->confirmed_by);
	json_put_string(j, "state", r->state);
	json_put_int(j, "changed_at_ms", r->changed_ms);
	json_put_int(j, "deadline_at_ms", r->deadline_ms);
	json_put_string(j, "route", r->route);
	json_put_bool(j, "overrules", r->overrules);
	json_put_bool(j, "keep_raw", r->keep_raw);
	json_put_int(j, "progress_permille", r->progress_permille);
	json_put_string(j, "text", r->text);
	json_put_raw(j, "card", r->card ? r->card : "null");
	if (r->snapshot)
		json_put_int(j, "snapshot", r->snapshot);
	else
		json_put_null(j, "snapshot");
	json_end(j);
}
