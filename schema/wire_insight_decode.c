/* What the scout found out, from messages, trusting nothing. */
#include "schema/wire_insight.h"
#include "schema/wire_text.h"
#include "schema/wire_values.h"

#include <inttypes.h>

/* A text to copy, and how long it may be. */
struct wire_insight_text {
	const char *field, *text;
	size_t maximum_bytes;
	const char **out;
};

static bool wire_insight_copy(const struct wire_insight_decoder *d,
	const struct wire_insight_text *texts, size_t count, struct err *e)
{
	for (size_t i = 0; i < count; i++) {
		const struct wire_insight_text *t = &texts[i];
		if (!wire_text_check_long(t->text, t->maximum_bytes, e))
			return err_wrap(e, "%s", t->field);
		*t->out = arena_strdup(d->arena, t->text);
	}
	return true;
}

#define WIRE_COPY(d, texts, e)                                                         \
	wire_insight_copy(d, texts, sizeof(texts) / sizeof *(texts), e)

/* Counted before anything is made room for. */
static bool wire_insight_count(
	const char *what, size_t count, size_t maximum, struct err *e)
{
	return count <= maximum ||
	       err_set(e, ERR_INPUT, "%zu %s, at most %zu are allowed", count, what,
		       maximum);
}

static bool wire_insight_copy_list(const struct wire_insight_decoder *d,
	const char *what, char **texts, size_t count, size_t maximum_bytes,
	const char ***out, struct err *e)
{
	*out = arena_array(d->arena, count, sizeof **out);
	for (size_t i = 0; i < count; i++) {
		if (!wire_text_check_long(texts[i], maximum_bytes, e))
			return err_wrap(e, "%s %zu", what, i);
		(*out)[i] = arena_strdup(d->arena, texts[i]);
	}
	return true;
}

static bool wire_insight_check_time(
	const struct wire_insight_decoder *d, int64_t at, struct err *e)
{
	return (at >= WIRE_TIME_MIN_MS && at <= d->time_max_ms) ||
	       err_set(e, ERR_INPUT, "time %" PRId64 " is out of bounds", at);
}

/* Of what was read from foreign words. */
static int64_t wire_insight_clamp(const struct wire_insight_decoder *d, int64_t at)
{
	if (at < WIRE_TIME_MIN_MS)
		return WIRE_TIME_MIN_MS;
	return at > d->time_max_ms ? d->time_max_ms : at;
}

static bool wire_insight_decode_fingerprint(struct wire_insight_decoder *d,
	const Tidemark__Fingerprint *m, struct fingerprint *out, struct err *e)
{
	const struct wire_insight_text texts[] = {
		{"hash", m->hash, WIRE_NAME_BYTES_MAX, &out->hash},
		{"app", m->app, WIRE_NAME_BYTES_MAX, &out->app},
		{"app_version", m->app_version, WIRE_NAME_BYTES_MAX, &out->app_version},
		{"git_head", m->git_head, WIRE_NAME_BYTES_MAX, &out->git_head},
		{"build_id", m->build_id, WIRE_NAME_BYTES_MAX, &out->build_id},
		{"image", m->image, WIRE_NAME_BYTES_MAX, &out->image},
		{"runtime", m->runtime, WIRE_NAME_BYTES_MAX, &out->runtime},
		{"runtime_version", m->runtime_version, WIRE_NAME_BYTES_MAX,
			&out->runtime_version},
		{"source", m->source, WIRE_NAME_BYTES_MAX, &out->source},
	};
	out->is_cut = m->is_cut;
	out->environment_count = m->n_environment;
	out->package_count = m->n_packages;
	out->remark_count = m->n_remarks;
	return WIRE_COPY(d, texts, e) &&
	       wire_insight_count(
		       "variables", m->n_environment, FINGERPRINT_ENVIRONMENT_MAX, e) &&
	       wire_insight_count(
		       "packages", m->n_packages, FINGERPRINT_PACKAGES_MAX, e) &&
	       wire_insight_count(
		       "remarks", m->n_remarks, FINGERPRINT_REMARKS_MAX, e) &&
	       wire_insight_copy_list(d, "environment", m->environment,
		       m->n_environment, FINGERPRINT_TEXT_BYTES_MAX, &out->environment,
		       e) &&
	       wire_insight_copy_list(d, "packages", m->packages, m->n_packages,
		       FINGERPRINT_TEXT_BYTES_MAX, &out->packages, e) &&
	       wire_insight_copy_list(d, "remarks", m->remarks, m->n_remarks,
		       WIRE_SENTENCE_BYTES_MAX, &out->remarks, e);
}

static bool wire_insight_decode_census(struct wire_insight_decoder *d,
	const Tidemark__Census *m, struct wire_census *out, struct err *e)
{
	struct census *c = &out->is;
	const struct wire_insight_text texts[] = {
		{"route", m->route, WIRE_NAME_BYTES_MAX, &c->route}};
	if (!WIRE_COPY(d, texts, e) || !wire_insight_check_time(d, m->at_unix_ms, e) ||
		!wire_insight_count("items", m->n_items, CENSUS_ITEMS_MAX, e))
		return false;
	out->process = m->process;
	c->at_unix_ms = m->at_unix_ms;
	c->took_us = m->took_us;
	c->is_cut = m->is_cut;
	c->item_count = m->n_items;
	c->items = arena_array(d->arena, m->n_items, sizeof *c->items);
	for (size_t i = 0; i < m->n_items; i++) {
		const Tidemark__CensusItem *from = m->items[i];
		struct census_item *item = &c->items[i];
		const struct wire_insight_text names[] = {
			{"name", from->name, WIRE_NAME_BYTES_MAX, &item->name},
			{"location", from->location, WIRE_PLACE_BYTES_MAX,
				&item->location}};
		item->kind = from->kind;
		item->count = from->count;
		if (!WIRE_COPY(d, names, e))
			return err_wrap(e, "item %zu", i);
	}
	return true;
}

static bool wire_insight_decode_warning(struct wire_insight_decoder *d,
	const Tidemark__Warning *m, struct wire_warning *out, struct err *e)
{
	struct warning *w = &out->is;
	const struct wire_insight_text texts[] = {
		{"source", m->source, WIRE_NAME_BYTES_MAX, &w->source}};
	out->has_process = m->process > 0;
	out->process = m->process > 0 ? m->process - 1 : 0;
	w->kind = m->kind;
	w->at_unix_ms = wire_insight_clamp(d, m->at_unix_ms);
	w->count = m->count;
	w->field_count = m->n_fields;
	if (!WIRE_COPY(d, texts, e) ||
		!wire_insight_count("fields", m->n_fields, WARNING_FIELDS_MAX, e))
		return false;
	w->fields = arena_array(d->arena, m->n_fields, sizeof *w->fields);
	for (size_t i = 0; i < m->n_fields; i++) {
		const struct wire_insight_text field[] = {{"field", m->fields[i],
			i % 2 ? WIRE_SENTENCE_BYTES_MAX : WIRE_NAME_BYTES_MAX,
			&w->fields[i]}};
		if (!WIRE_COPY(d, field, e))
			return false;
	}
	return true;
}

static bool wire_insight_decode_queue(struct wire_insight_decoder *d,
	const Tidemark__QueueReading *m, struct wire_queue *out, struct err *e)
{
	struct queue_place *of = &out->of;
	const struct wire_insight_text texts[] = {
		{"source", m->source, WIRE_NAME_BYTES_MAX, &of->source},
		{"kind", m->kind, WIRE_NAME_BYTES_MAX, &of->kind},
		{"name", m->name, WIRE_NAME_BYTES_MAX, &of->name},
	};
	out->at_unix_ms = m->at_unix_ms;
	of->producer_count = m->n_producers;
	of->worker_count = m->n_workers;
	if (m->values && !wire_values_decode(m->values, &wire_values_queue,
				 &out->values, &d->refused_values, e))
		return false;
	return WIRE_COPY(d, texts, e) && wire_insight_check_time(d, m->at_unix_ms, e) &&
	       wire_insight_count("producers", m->n_producers, QUEUE_SERVICES_MAX, e) &&
	       wire_insight_count("workers", m->n_workers, QUEUE_SERVICES_MAX, e) &&
	       wire_insight_copy_list(d, "producers", m->producers, m->n_producers,
		       WIRE_NAME_BYTES_MAX, &of->producers, e) &&
	       wire_insight_copy_list(d, "workers", m->workers, m->n_workers,
		       WIRE_NAME_BYTES_MAX, &of->workers, e);
}

static bool wire_insight_decode_source(struct wire_insight_decoder *d,
	const Tidemark__SourceState *m, struct source_state *out, struct err *e)
{
	const struct wire_insight_text texts[] = {
		{"name", m->name, WIRE_NAME_BYTES_MAX, &out->name},
		{"kind", m->kind, WIRE_NAME_BYTES_MAX, &out->kind},
		{"text", m->text, WIRE_SENTENCE_BYTES_MAX, &out->text},
	};
	out->at_unix_ms = wire_insight_clamp(d, m->at_unix_ms);
	out->works = m->works;
	out->took_us = m->took_us;
	return WIRE_COPY(d, texts, e);
}

static bool wire_insight_decode_counts(const Tidemark__Batch *m, struct err *e)
{
	return wire_insight_count(
		       "fingerprints", m->n_fingerprints, WIRE_FINGERPRINTS_MAX, e) &&
	       wire_insight_count("censuses", m->n_censuses, WIRE_CENSUSES_MAX, e) &&
	       wire_insight_count("warnings", m->n_warnings, WIRE_WARNINGS_MAX, e) &&
	       wire_insight_count("queues", m->n_queues, WIRE_QUEUES_MAX, e) &&
	       wire_insight_count("sources", m->n_sources, WIRE_SOURCES_MAX, e);
}

static bool wire_insight_decode_of_processes(
	struct wire_insight_decoder *d, struct wire_batch *out, struct err *e)
{
	const Tidemark__Batch *m = d->m;
	out->census_count = m->n_censuses;
	out->censuses = arena_array(d->arena, m->n_censuses, sizeof *out->censuses);
	for (size_t i = 0; i < m->n_censuses; i++)
		if (!wire_insight_decode_census(
			    d, m->censuses[i], &out->censuses[i], e))
			return err_wrap(e, "census %zu", i);
	out->warning_count = m->n_warnings;
	out->warnings = arena_array(d->arena, m->n_warnings, sizeof *out->warnings);
	for (size_t i = 0; i < m->n_warnings; i++)
		if (!wire_insight_decode_warning(
			    d, m->warnings[i], &out->warnings[i], e))
			return err_wrap(e, "warning %zu", i);
	return true;
}

static bool wire_insight_decode_of_host(
	struct wire_insight_decoder *d, struct wire_batch *out, struct err *e)
{
	const Tidemark__Batch *m = d->m;
	out->queue_count = m->n_queues;
	out->queues = arena_array(d->arena, m->n_queues, sizeof *out->queues);
	for (size_t i = 0; i < m->n_queues; i++)
		if (!wire_insight_decode_queue(d, m->queues[i], &out->queues[i], e))
			return err_wrap(e, "queue %zu", i);
	out->source_count = m->n_sources;
	out->sources = arena_array(d->arena, m->n_sources, sizeof *out->sources);
	for (size_t i = 0; i < m->n_sources; i++)
		if (!wire_insight_decode_source(d, m->sources[i], &out->sources[i], e))
			return err_wrap(e, "source %zu", i);
	return true;
}

bool wire_insight_decode(
	struct wire_insight_decoder *d, struct wire_batch *out, struct err *e)
{
	const Tidemark__Batch *m = d->m;
	if (!wire_insight_decode_counts(m, e))
		return false;
	out->fingerprint_count = m->n_fingerprints;
	out->fingerprints = arena_array(
		d->arena, m->n_fingerprints, sizeof *out->fingerprints);
	for (size_t i = 0; i < m->n_fingerprints; i++)
		if (!wire_insight_decode_fingerprint(
			    d, m->fingerprints[i], &out->fingerprints[i], e))
			return err_wrap(e, "fingerprint %zu", i);
	return wire_insight_decode_of_processes(d, out, e) &&
	       wire_insight_decode_of_host(d, out, e) && wire_insight_check(out, e);
}
