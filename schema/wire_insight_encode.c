/* What the scout found out, as messages. */
#include "schema/wire_insight.h"
#include "schema/wire_text.h"
#include "schema/wire_values.h"

static char *wire_insight_name(const char *text, struct arena *a)
{
	return (char *)wire_text_clean(text, a);
}

static char **wire_insight_names(
	const char *const *texts, size_t count, size_t maximum_bytes, struct arena *a)
{
	char **clean = arena_array(a, count, sizeof *clean);
	for (size_t i = 0; i < count; i++)
		clean[i] = (char *)wire_text_clean_long(texts[i], maximum_bytes, a);
	return clean;
}

/* The texts are clean: else the hash would not be theirs. */
static Tidemark__Fingerprint *wire_insight_encode_fingerprint(
	const struct fingerprint *f, struct arena *a)
{
	Tidemark__Fingerprint *m = arena_alloc(a, sizeof *m);
	tidemark__fingerprint__init(m);
	m->hash = (char *)f->hash;
	m->app = (char *)f->app;
	m->app_version = (char *)f->app_version;
	m->git_head = (char *)f->git_head;
	m->build_id = (char *)f->build_id;
	m->image = (char *)f->image;
	m->runtime = (char *)f->runtime;
	m->runtime_version = (char *)f->runtime_version;
	m->source = (char *)f->source;
	m->is_cut = f->is_cut;
	m->n_environment = f->environment_count;
	m->environment = (char **)f->environment;
	m->n_packages = f->package_count;
	m->packages = (char **)f->packages;
	m->n_remarks = f->remark_count;
	m->remarks = wire_insight_names((const char *const *)f->remarks,
		f->remark_count, WIRE_SENTENCE_BYTES_MAX, a);
	return m;
}

static Tidemark__Census *wire_insight_encode_census(
	const struct wire_census *census, struct arena *a)
{
	const struct census *c = &census->is;
	Tidemark__Census *m = arena_alloc(a, sizeof *m);
	tidemark__census__init(m);
	m->process = census->process;
	m->route = wire_insight_name(c->route, a);
	m->at_unix_ms = c->at_unix_ms;
	m->took_us = c->took_us;
	m->is_cut = c->is_cut;
	m->n_items = c->item_count;
	m->items = arena_array(a, c->item_count, sizeof *m->items);
	for (size_t i = 0; i < c->item_count; i++) {
		Tidemark__CensusItem *item = arena_alloc(a, sizeof *item);
		tidemark__census_item__init(item);
		item->kind = c->items[i].kind;
		item->name = wire_insight_name(c->items[i].name, a);
		item->location = (char *)wire_text_clean_long(
			c->items[i].location, WIRE_PLACE_BYTES_MAX, a);
		item->count = c->items[i].count;
		m->items[i] = item;
	}
	return m;
}

static Tidemark__Warning *wire_insight_encode_warning(
	const struct wire_warning *warning, struct arena *a)
{
	const struct warning *w = &warning->is;
	Tidemark__Warning *m = arena_alloc(a, sizeof *m);
	tidemark__warning__init(m);
	m->process = warning->has_process ? warning->process + 1 : 0;
	m->kind = w->kind;
	m->source = wire_insight_name(w->source, a);
	m->at_unix_ms = w->at_unix_ms;
	m->count = w->count;
	m->n_fields = w->field_count;
	m->fields = arena_array(a, w->field_count, sizeof *m->fields);
	for (size_t i = 0; i < w->field_count; i++) {
		size_t most = i % 2 ? WIRE_SENTENCE_BYTES_MAX : WIRE_NAME_BYTES_MAX;
		m->fields[i] = (char *)wire_text_clean_long(w->fields[i], most, a);
	}
	return m;
}

static Tidemark__QueueReading *wire_insight_encode_queue(
	const struct wire_queue *queue, struct arena *a)
{
	const struct queue_place *of = &queue->of;
	Tidemark__QueueReading *m = arena_alloc(a, sizeof *m);
	tidemark__queue_reading__init(m);
	m->source = wire_insight_name(of->source, a);
	m->kind = wire_insight_name(of->kind, a);
	m->name = wire_insight_name(of->name, a);
	m->at_unix_ms = queue->at_unix_ms;
	m->values = wire_values_encode(&queue->values, a);
	m->n_producers = of->producer_count;
	m->producers = wire_insight_names((const char *const *)of->producers,
		of->producer_count, WIRE_NAME_BYTES_MAX, a);
	m->n_workers = of->worker_count;
	m->workers = wire_insight_names((const char *const *)of->workers,
		of->worker_count, WIRE_NAME_BYTES_MAX, a);
	return m;
}

static Tidemark__SourceState *wire_insight_encode_source(
	const struct source_state *s, struct arena *a)
{
	Tidemark__SourceState *m = arena_alloc(a, sizeof *m);
	tidemark__source_state__init(m);
	m->name = wire_insight_name(s->name, a);
	m->kind = wire_insight_name(s->kind, a);
	m->at_unix_ms = s->at_unix_ms;
	m->works = s->works;
	m->took_us = s->took_us;
	m->text = (char *)wire_text_clean_long(s->text, WIRE_SENTENCE_BYTES_MAX, a);
	return m;
}

int64_t wire_insight_time(const struct wire_batch *batch)
{
	if (batch->census_count)
		return batch->censuses[0].is.at_unix_ms;
	if (batch->warning_count)
		return batch->warnings[0].is.at_unix_ms;
	if (batch->queue_count)
		return batch->queues[0].at_unix_ms;
	return batch->source_count ? batch->sources[0].at_unix_ms : 0;
}

void wire_insight_encode(
	const struct wire_batch *batch, Tidemark__Batch *m, struct arena *a)
{
	m->n_fingerprints = batch->fingerprint_count;
	m->fingerprints = arena_array(a, m->n_fingerprints, sizeof *m->fingerprints);
	for (size_t i = 0; i < m->n_fingerprints; i++)
		m->fingerprints[i] = wire_insight_encode_fingerprint(
			&batch->fingerprints[i], a);
	m->n_censuses = batch->census_count;
	m->censuses = arena_array(a, m->n_censuses, sizeof *m->censuses);
	for (size_t i = 0; i < m->n_censuses; i++)
		m->censuses[i] = wire_insight_encode_census(&batch->censuses[i], a);
	m->n_warnings = batch->warning_count;
	m->warnings = arena_array(a, m->n_warnings, sizeof *m->warnings);
	for (size_t i = 0; i < m->n_warnings; i++)
		m->warnings[i] = wire_insight_encode_warning(&batch->warnings[i], a);
	m->n_queues = batch->queue_count;
	m->queues = arena_array(a, m->n_queues, sizeof *m->queues);
	for (size_t i = 0; i < m->n_queues; i++)
		m->queues[i] = wire_insight_encode_queue(&batch->queues[i], a);
	m->n_sources = batch->source_count;
	m->sources = arena_array(a, m->n_sources, sizeof *m->sources);
	for (size_t i = 0; i < m->n_sources; i++)
		m->sources[i] = wire_insight_encode_source(&batch->sources[i], a);
}
