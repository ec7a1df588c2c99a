#include "schema/wire_names.h"
#include "schema/wire_pool.h"
#include "schema/wire_snapshot.h"
#include "schema/wire_text.h"

#include <string.h>

/* Protobuf-c does not write to bytes, but takes them without const. */
static ProtobufCBinaryData wire_bytes(const void *bytes, size_t length)
{
	return (ProtobufCBinaryData){.len = length, .data = (uint8_t *)bytes};
}

static Tidemark__HeapClass *wire_encode_class(
	const struct snapshot_class *s, struct wire_names *texts, struct arena *a)
{
	Tidemark__HeapClass *m = arena_alloc(a, sizeof *m);
	tidemark__heap_class__init(m);
	m->name = wire_names_index(texts, s->is.name);
	m->location = wire_names_index(texts, s->is.location);
	m->count = s->count;
	m->shallow_bytes = s->shallow_bytes;
	m->retained_bytes = s->retained_bytes;
	m->distance = s->distance;
	return m;
}

static Tidemark__HeapHolder *wire_encode_holder(
	const struct snapshot_holder *s, struct wire_names *texts, struct arena *a)
{
	Tidemark__HeapHolder *m = arena_alloc(a, sizeof *m);
	tidemark__heap_holder__init(m);
	m->name = wire_names_index(texts, s->is.name);
	m->location = wire_names_index(texts, s->is.location);
	m->child_name = wire_names_index(texts, s->child.name);
	m->child_location = wire_names_index(texts, s->child.location);
	m->path = arena_array(a, 3 * s->path.count, sizeof *m->path);
	for (size_t i = 0; i < s->path.count; i++) {
		const struct snapshot_step *step = &s->path.steps[i];
		m->path[m->n_path++] = wire_names_index(texts, step->edge);
		m->path[m->n_path++] = wire_names_index(texts, step->holder.name);
		m->path[m->n_path++] = wire_names_index(texts, step->holder.location);
	}
	m->path_is_cut = s->path.is_cut;
	m->child_count = s->child_count;
	m->child_bytes = s->child_bytes;
	m->retained_bytes = s->retained_bytes;
	return m;
}

static Tidemark__HeapHolder **wire_encode_holders(const struct snapshot_holder *holders,
	size_t count, struct wire_names *texts, struct arena *a)
{
	Tidemark__HeapHolder **list = arena_array(a, count, sizeof(void *));
	for (size_t i = 0; i < count; i++)
		list[i] = wire_encode_holder(&holders[i], texts, a);
	return list;
}

static Tidemark__HeapChange *wire_encode_change(
	const struct snapshot_change *s, struct wire_names *texts, struct arena *a)
{
	Tidemark__HeapChange *m = arena_alloc(a, sizeof *m);
	tidemark__heap_change__init(m);
	m->name = wire_names_index(texts, s->is.name);
	m->location = wire_names_index(texts, s->is.location);
	m->added = s->added;
	m->removed = s->removed;
	m->added_bytes = s->added_bytes;
	m->removed_bytes = s->removed_bytes;
	return m;
}

static Tidemark__HeapGrowth *wire_encode_growth(
	const struct snapshot_growth *s, struct wire_names *texts, struct arena *a)
{
	if (s->verdict == SNAPSHOT_NOT_COMPARED)
		return NULL;
	Tidemark__HeapGrowth *m = arena_alloc(a, sizeof *m);
	tidemark__heap_growth__init(m);
	m->verdict = s->verdict;
	m->words = wire_names_index_long(texts, s->words, WIRE_SENTENCE_BYTES_MAX);
	m->before_unix_ms = s->before_unix_ms;
	m->before_total_bytes = s->before_total_bytes;
	m->grown_bytes = s->grown_bytes;
	if (s->verdict == SNAPSHOT_ACCUMULATION)
		m->holder = wire_encode_holder(&s->holder, texts, a);
	m->explained_bytes = s->explained_bytes;
	m->n_changes = s->change_count;
	m->changes = arena_array(a, s->change_count, sizeof *m->changes);
	for (size_t i = 0; i < s->change_count; i++)
		m->changes[i] = wire_encode_change(&s->changes[i], texts, a);
	return m;
}

static void wire_encode_process(const struct snapshot_process *s,
	struct wire_names *texts, Tidemark__Snapshot *m)
{
	m->runtime = wire_names_index(texts, s->runtime);
	m->pause_ms = s->pause_ms;
	m->analysis_ms = s->analysis_ms;
	m->uptime_ms = s->uptime_ms;
	m->peak_rss_bytes = s->peak_rss_bytes;
	m->heap_used_bytes = s->heap_used_bytes;
	m->external_bytes = s->external_bytes;
	m->heap_limit_bytes = s->heap_limit_bytes;
	m->requests_and_one = s->has_requests ? s->requests + 1 : 0;
}

static void wire_encode_statistics(
	const struct snapshot_statistics *s, Tidemark__Snapshot *m, struct arena *a)
{
	const uint64_t values[] = {s->native_bytes, s->typed_array_bytes, s->code_bytes,
		s->js_array_bytes, s->string_bytes, s->system_bytes};
	m->n_statistics = sizeof values / sizeof *values;
	m->statistics = arena_alloc(a, sizeof values);
	memcpy(m->statistics, values, sizeof values);
}

Tidemark__Snapshot *wire_snapshot_encode(
	const struct wire_snapshot *snapshot, struct arena *a)
{
	const struct snapshot *s = &snapshot->is;
	struct wire_names texts;
	wire_names_init(&texts, SNAPSHOT_BYTES_MAX, a);
	Tidemark__Snapshot *m = arena_alloc(a, sizeof *m);
	tidemark__snapshot__init(m);
	m->capture = s->capture;
	m->process = snapshot->process;
	m->kind = s->kind;
	m->route = wire_names_index(&texts, s->route);
	m->rules = wire_names_index(&texts, s->rules);
	m->why_shallow = wire_names_index(&texts, s->why_shallow);
	m->taken_unix_ms = s->taken_unix_ms;
	wire_encode_process(&s->process, &texts, m);
	m->stream_bytes = s->stream_bytes;
	m->node_count = s->node_count;
	m->edge_count = s->edge_count;
	m->total_bytes = s->total_bytes;
	m->class_count = s->class_count;
	wire_encode_statistics(&s->statistics, m, a);
	m->n_classes = s->classes_length;
	m->classes = arena_array(a, s->classes_length, sizeof *m->classes);
	for (size_t i = 0; i < s->classes_length; i++)
		m->classes[i] = wire_encode_class(&s->classes[i], &texts, a);
	m->n_accumulators = s->accumulator_count;
	m->accumulators = wire_encode_holders(
		s->accumulators, s->accumulator_count, &texts, a);
	m->n_fanout = s->fanout_count;
	m->fanout = wire_encode_holders(s->fanout, s->fanout_count, &texts, a);
	m->growth = wire_encode_growth(&s->growth, &texts, a);
	m->raw_bytes = s->raw_bytes;
	if (s->raw_bytes)
		m->raw_sha256 = wire_bytes(s->raw_sha256, sizeof s->raw_sha256);
	m->n_texts = texts.count;
	m->texts = texts.text;
	wire_names_finish(&texts);
	return m;
}

size_t wire_snapshot_bytes(const struct snapshot *snapshot)
{
	scoped_pool struct wire_pool pool;
	wire_pool_init(&pool, 0);
	/* The largest index of a process that there can be. */
	struct wire_snapshot whole = {WIRE_PROCESSES_MAX - 1, *snapshot};
	return tidemark__snapshot__get_packed_size(
		wire_snapshot_encode(&whole, &pool.arena));
}

/* Line by line, since a line may not hold control bytes. */
static char *wire_clean_lines(const char *text, struct arena *a)
{
	struct buf out = {0};
	size_t lines = 0;
	while (*text && lines < WIRE_REASONS_MAX) {
		size_t length = strcspn(text, "\n");
		const char *line = arena_strndup(a, text, length);
		if (lines++)
			buf_byte(&out, '\n');
		buf_text(&out, wire_text_clean(line, a));
		text += length + (text[length] == '\n');
	}
	char *copy = arena_strndup(a, out.data ? out.data : "", out.length);
	buf_finish(&out);
	return copy;
}

static Tidemark__SnapshotCard *wire_encode_card(
	const struct snapshot_card *s, struct arena *a)
{
	Tidemark__SnapshotCard *m = arena_alloc(a, sizeof *m);
	tidemark__snapshot_card__init(m);
	m->gate = s->gate;
	m->route = (char *)wire_text_clean(s->route, a);
	m->runtime = (char *)wire_text_clean(s->runtime, a);
	m->heap_is_measured = s->heap_is_measured;
	m->heap_bytes = s->heap_bytes;
	m->pause_ms = s->pause_ms;
	m->need_bytes = s->need_bytes;
	m->free_bytes = s->free_bytes;
	m->helper_bytes = s->helper_bytes;
	m->reasons = wire_clean_lines(s->reasons, a);
	return m;
}

Tidemark__SnapshotEvent *wire_snapshot_encode_event(
	const struct wire_snapshot_event *event, struct arena *a)
{
	const struct snapshot_event *s = &event->is;
	Tidemark__SnapshotEvent *m = arena_alloc(a, sizeof *m);
	tidemark__snapshot_event__init(m);
	m->capture = s->capture;
	m->actor = (char *)wire_text_clean(s->actor, a);
	m->process = event->has_process ? event->process + 1 : 0;
	m->at_unix_ms = s->at_unix_ms;
	m->state = s->state;
	m->progress_permille = s->progress_permille;
	m->text = (char *)wire_text_clean_long(s->text, WIRE_SENTENCE_BYTES_MAX, a);
	if (s->has_card)
		m->card = wire_encode_card(&s->card, a);
	return m;
}

Tidemark__SnapshotOrder *wire_snapshot_encode_order(
	const struct snapshot_order *s, struct arena *a)
{
	Tidemark__SnapshotOrder *m = arena_alloc(a, sizeof *m);
	tidemark__snapshot_order__init(m);
	m->capture = s->capture;
	m->pid = s->pid;
	m->start_ticks = s->start_ticks;
	m->service = (char *)wire_text_clean(s->service, a);
	m->deadline_unix_ms = s->deadline_unix_ms;
	m->kind = s->kind;
	m->route = (char *)wire_text_clean(s->route, a);
	m->overrules = s->overrules;
	m->keep_raw = s->keep_raw;
	m->part_from = s->part_from;
	m->part_to = s->part_to;
	return m;
}

Tidemark__RawPart *wire_snapshot_encode_part(
	const struct snapshot_raw_part *s, struct arena *a)
{
	Tidemark__RawPart *m = arena_alloc(a, sizeof *m);
	tidemark__raw_part__init(m);
	m->capture = s->capture;
	if (s->parts == 0)
		return m;
	m->number = s->number;
	m->parts = s->parts;
	m->file_bytes = s->file_bytes;
	m->file_sha256 = wire_bytes(s->file_sha256, sizeof s->file_sha256);
	m->part = wire_bytes(s->bytes, s->length);
	m->sha256 = wire_bytes(s->sha256, sizeof s->sha256);
	return m;
}
