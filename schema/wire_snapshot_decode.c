#include "schema/wire_inflate.h"
#include "schema/wire_snapshot.h"
#include "schema/wire_text.h"

#include <inttypes.h>
#include <string.h>

/* What the steps of one decoding share.  Looking up a text keeps the first error, which
 * is checked at the end. */
struct wire_heap {
	const char **texts; /* the snapshot's, copied */
	size_t text_count;
	bool failed;
	struct arena *arena;
	struct err *e;
};

static bool wire_heap_texts(struct wire_heap *h, const Tidemark__Snapshot *m)
{
	h->text_count = m->n_texts;
	h->texts = arena_array(h->arena, m->n_texts, sizeof *h->texts);
	for (size_t i = 0; i < m->n_texts; i++) {
		if (!wire_text_check_long(m->texts[i], WIRE_SENTENCE_BYTES_MAX, h->e))
			return err_wrap(h->e, "text %zu", i);
		h->texts[i] = arena_strdup(h->arena, m->texts[i]);
	}
	return true;
}

static const char *wire_heap_sentence(
	struct wire_heap *h, const char *field, uint32_t index)
{
	if (index < h->text_count)
		return h->texts[index];
	if (!h->failed)
		err_set(h->e, ERR_INPUT, "%s: text %" PRIu32 " of %zu", field, index,
			h->text_count);
	h->failed = true;
	return "";
}

static const char *wire_heap_text(
	struct wire_heap *h, const char *field, uint32_t index)
{
	const char *text = wire_heap_sentence(h, field, index);
	size_t length = strlen(text);
	if (length <= SNAPSHOT_TEXT_BYTES_MAX)
		return text;
	if (!h->failed)
		err_set(h->e, ERR_INPUT, "%s: %zu bytes long, at most %d are allowed",
			field, length, SNAPSHOT_TEXT_BYTES_MAX);
	h->failed = true;
	return "";
}

static struct snapshot_name wire_heap_name(
	struct wire_heap *h, uint32_t name, uint32_t location)
{
	return (struct snapshot_name){wire_heap_text(h, "name", name),
		wire_heap_text(h, "location", location)};
}

static bool wire_heap_count(
	struct wire_heap *h, const char *what, size_t count, size_t maximum)
{
	return count <= maximum ||
	       err_set(h->e, ERR_INPUT, "%zu %s, at most %zu are allowed", count, what,
		       maximum);
}

static bool wire_heap_classes(
	struct wire_heap *h, const Tidemark__Snapshot *m, struct snapshot *out)
{
	if (!wire_heap_count(h, "classes", m->n_classes, SNAPSHOT_CLASSES_MAX))
		return false;
	out->classes_length = m->n_classes;
	out->classes = arena_array(h->arena, m->n_classes, sizeof *out->classes);
	for (size_t i = 0; i < m->n_classes; i++) {
		const Tidemark__HeapClass *class = m->classes[i];
		out->classes[i] = (struct snapshot_class){
			.is = wire_heap_name(h, class->name, class->location),
			.count = class->count,
			.shallow_bytes = class->shallow_bytes,
			.retained_bytes = class->retained_bytes,
			.distance = class->distance,
		};
	}
	return !h->failed || err_wrap(h->e, "classes");
}

static bool wire_heap_path(
	struct wire_heap *h, const Tidemark__HeapHolder *m, struct snapshot_path *out)
{
	if (m->n_path % 3)
		return err_set(
			h->e, ERR_INPUT, "path: %zu is not a multiple of 3", m->n_path);
	if (!wire_heap_count(h, "steps", m->n_path / 3, SNAPSHOT_STEPS_MAX))
		return false;
	out->is_cut = m->path_is_cut;
	out->count = m->n_path / 3;
	out->steps = arena_array(h->arena, out->count, sizeof *out->steps);
	for (size_t i = 0; i < out->count; i++) {
		const uint32_t *step = &m->path[3 * i];
		out->steps[i] = (struct snapshot_step){
			.edge = wire_heap_text(h, "edge", step[0]),
			.holder = wire_heap_name(h, step[1], step[2]),
		};
	}
	return true;
}

static bool wire_heap_holder(
	struct wire_heap *h, const Tidemark__HeapHolder *m, struct snapshot_holder *out)
{
	*out = (struct snapshot_holder){
		.is = wire_heap_name(h, m->name, m->location),
		.child = wire_heap_name(h, m->child_name, m->child_location),
		.child_count = m->child_count,
		.child_bytes = m->child_bytes,
		.retained_bytes = m->retained_bytes,
	};
	return wire_heap_path(h, m, &out->path) && !h->failed;
}

static bool wire_heap_holders(struct wire_heap *h, const char *what,
	Tidemark__HeapHolder *const *list, size_t count, struct snapshot_holder **out)
{
	if (!wire_heap_count(h, what, count, SNAPSHOT_HOLDERS_MAX))
		return false;
	*out = arena_array(h->arena, count, sizeof **out);
	for (size_t i = 0; i < count; i++)
		if (!wire_heap_holder(h, list[i], &(*out)[i]))
			return err_wrap(h->e, "%s %zu", what, i);
	return true;
}

static void wire_heap_change(
	struct wire_heap *h, const Tidemark__HeapChange *m, struct snapshot_change *out)
{
	*out = (struct snapshot_change){
		.is = wire_heap_name(h, m->name, m->location),
		.added = m->added,
		.removed = m->removed,
		.added_bytes = m->added_bytes,
		.removed_bytes = m->removed_bytes,
	};
}

static bool wire_heap_growth(
	struct wire_heap *h, const Tidemark__HeapGrowth *m, struct snapshot_growth *out)
{
	const struct snapshot_name nothing = {"", ""};
	*out = (struct snapshot_growth){
		.words = "", .holder = {.is = nothing, .child = nothing}};
	if (!m)
		return true;
	if (m->verdict < SNAPSHOT_NO_LEAK || m->verdict > SNAPSHOT_CLASS_GROWTH)
		return err_set(h->e, ERR_INPUT,
			"growth: verdict: %" PRIu32 " is none we know", m->verdict);
	if (!wire_heap_count(h, "changes", m->n_changes, SNAPSHOT_CHANGES_MAX))
		return false;
	out->verdict = (enum snapshot_verdict)m->verdict;
	out->words = wire_heap_sentence(h, "words", m->words);
	out->before_unix_ms = m->before_unix_ms;
	out->before_total_bytes = m->before_total_bytes;
	out->grown_bytes = m->grown_bytes;
	out->explained_bytes = m->explained_bytes;
	out->change_count = m->n_changes;
	out->changes = arena_array(h->arena, m->n_changes, sizeof *out->changes);
	for (size_t i = 0; i < m->n_changes; i++)
		wire_heap_change(h, m->changes[i], &out->changes[i]);
	if (h->failed)
		return err_wrap(h->e, "growth");
	if (out->verdict == SNAPSHOT_ACCUMULATION && !m->holder)
		return err_set(h->e, ERR_INPUT, "growth: holder: missing");
	return out->verdict != SNAPSHOT_ACCUMULATION ||
	       wire_heap_holder(h, m->holder, &out->holder) ||
	       err_wrap(h->e, "growth: holder");
}

static void wire_heap_process(
	struct wire_heap *h, const Tidemark__Snapshot *m, struct snapshot_process *out)
{
	*out = (struct snapshot_process){
		.runtime = wire_heap_text(h, "runtime", m->runtime),
		.pause_ms = m->pause_ms,
		.analysis_ms = m->analysis_ms,
		.uptime_ms = m->uptime_ms,
		.peak_rss_bytes = m->peak_rss_bytes,
		.heap_used_bytes = m->heap_used_bytes,
		.external_bytes = m->external_bytes,
		.heap_limit_bytes = m->heap_limit_bytes,
		.has_requests = m->requests_and_one > 0,
		.requests = m->requests_and_one ? m->requests_and_one - 1 : 0,
	};
}

/* A newer agent may know more of them; an absent one is zero. */
static void wire_heap_statistics(
	const Tidemark__Snapshot *m, struct snapshot_statistics *out)
{
	uint64_t *const fields[] = {&out->native_bytes, &out->typed_array_bytes,
		&out->code_bytes, &out->js_array_bytes, &out->string_bytes,
		&out->system_bytes};
	for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
		*fields[i] = i < m->n_statistics ? m->statistics[i] : 0;
}

static bool wire_take_sum(const ProtobufCBinaryData *bytes, const char *field,
	uint8_t out[32], struct err *e)
{
	if (bytes->len != 32)
		return err_set(
			e, ERR_INPUT, "%s: %zu bytes, not 32", field, bytes->len);
	memcpy(out, bytes->data, 32);
	return true;
}

bool wire_snapshot_decode(const Tidemark__Snapshot *m, struct arena *a,
	struct snapshot *out, struct err *e)
{
	struct wire_heap heap = {.arena = a, .e = e}, *h = &heap;
	if (!wire_snapshot_check_size(m, e) || !wire_heap_texts(h, m))
		return false;
	struct snapshot s = {
		.capture = m->capture,
		.kind = m->kind > SNAPSHOT_JVM ? 0 : (enum snapshot_kind)m->kind,
		.taken_unix_ms = m->taken_unix_ms,
		.route = wire_heap_text(h, "route", m->route),
		.rules = wire_heap_text(h, "rules", m->rules),
		.why_shallow = wire_heap_text(h, "why_shallow", m->why_shallow),
		.stream_bytes = m->stream_bytes,
		.node_count = m->node_count,
		.edge_count = m->edge_count,
		.total_bytes = m->total_bytes,
		.class_count = m->class_count,
		.accumulator_count = m->n_accumulators,
		.fanout_count = m->n_fanout,
		.raw_bytes = m->raw_bytes,
	};
	wire_heap_process(h, m, &s.process);
	wire_heap_statistics(m, &s.statistics);
	if (h->failed || !wire_heap_classes(h, m, &s) ||
		!wire_heap_holders(h, "accumulators", m->accumulators,
			m->n_accumulators, &s.accumulators) ||
		!wire_heap_holders(h, "fanout", m->fanout, m->n_fanout, &s.fanout) ||
		!wire_heap_growth(h, m->growth, &s.growth))
		return false;
	if (m->raw_bytes &&
		!wire_take_sum(&m->raw_sha256, "raw_sha256", s.raw_sha256, e))
		return false;
	if (!wire_snapshot_check(&s, e))
		return false;
	*out = s;
	return true;
}

static bool wire_take_text(const char *text, const char *field, size_t maximum,
	struct arena *a, const char **out, struct err *e)
{
	if (!wire_text_check_long(text, maximum, e))
		return err_wrap(e, "%s", field);
	*out = arena_strdup(a, text);
	return true;
}

static bool wire_take_lines(
	const char *text, struct arena *a, const char **out, struct err *e)
{
	size_t lines = 0;
	for (const char *at = text; *at;) {
		size_t length = strcspn(at, "\n");
		if (++lines > WIRE_REASONS_MAX)
			return err_set(e, ERR_INPUT, "reasons: at most %d are allowed",
				WIRE_REASONS_MAX);
		if (!wire_text_check(arena_strndup(a, at, length), e))
			return err_wrap(e, "reasons");
		at += length + (at[length] == '\n');
	}
	*out = arena_strdup(a, text);
	return true;
}

static bool wire_decode_card(const Tidemark__SnapshotCard *m, struct arena *a,
	struct snapshot_card *out, struct err *e)
{
	*out = (struct snapshot_card){
		.gate = m->gate > SNAPSHOT_REFUSED ? 0 : (enum snapshot_gate)m->gate,
		.heap_is_measured = m->heap_is_measured,
		.heap_bytes = m->heap_bytes,
		.pause_ms = m->pause_ms,
		.need_bytes = m->need_bytes,
		.free_bytes = m->free_bytes,
		.helper_bytes = m->helper_bytes,
	};
	return (wire_take_text(
			m->route, "route", WIRE_NAME_BYTES_MAX, a, &out->route, e) &&
		       wire_take_text(m->runtime, "runtime", WIRE_NAME_BYTES_MAX, a,
			       &out->runtime, e) &&
		       wire_take_lines(m->reasons, a, &out->reasons, e)) ||
	       err_wrap(e, "card");
}

bool wire_snapshot_decode_event(const Tidemark__SnapshotEvent *m, size_t process_count,
	struct arena *a, struct wire_snapshot_event *out, struct err *e)
{
	struct wire_snapshot_event event = {
		.has_process = m->process > 0,
		.process = m->process ? m->process - 1 : 0,
		.is.capture = m->capture,
		.is.at_unix_ms = m->at_unix_ms,
		.is.state = m->state > SNAPSHOT_FAILED ? 0
						       : (enum snapshot_state)m->state,
		.is.progress_permille = m->progress_permille,
		.is.has_card = m->card,
	};
	struct snapshot_event *s = &event.is;
	if (!wire_take_text(m->actor, "actor", WIRE_NAME_BYTES_MAX, a, &s->actor, e) ||
		!wire_take_text(
			m->text, "text", WIRE_SENTENCE_BYTES_MAX, a, &s->text, e) ||
		(m->card && !wire_decode_card(m->card, a, &s->card, e)) ||
		!wire_snapshot_check_event(&event, process_count, e))
		return false;
	*out = event;
	return true;
}

bool wire_snapshot_knows_order(const Tidemark__SnapshotOrder *m)
{
	return m->kind >= SNAPSHOT_ORDER_QUOTE && m->kind <= SNAPSHOT_ORDER_CENSUS;
}

bool wire_snapshot_decode_order(const Tidemark__SnapshotOrder *m, struct arena *a,
	struct snapshot_order *out, struct err *e)
{
	struct snapshot_order order = {
		.capture = m->capture,
		.kind = (enum snapshot_order_kind)m->kind,
		.pid = m->pid,
		.start_ticks = m->start_ticks,
		.overrules = m->overrules,
		.keep_raw = m->keep_raw,
		.deadline_unix_ms = m->deadline_unix_ms,
		.part_from = m->part_from,
		.part_to = m->part_to,
	};
	if (!wire_take_text(
		    m->service, "service", WIRE_NAME_BYTES_MAX, a, &order.service, e) ||
		!wire_take_text(
			m->route, "route", WIRE_NAME_BYTES_MAX, a, &order.route, e) ||
		!wire_snapshot_check_order(&order, e))
		return false;
	*out = order;
	return true;
}

bool wire_snapshot_decode_part(const Tidemark__RawPart *m, struct arena *a,
	struct snapshot_raw_part *out, struct err *e)
{
	struct snapshot_raw_part part = {
		.capture = m->capture,
		.number = m->number,
		.parts = m->parts,
		.file_bytes = m->file_bytes,
		.length = m->part.len,
	};
	if (!wire_snapshot_check_part(&part, e))
		return false;
	if (part.parts > 0 &&
		(!wire_take_sum(&m->file_sha256, "file_sha256", part.file_sha256, e) ||
			!wire_take_sum(&m->sha256, "sha256", part.sha256, e)))
		return false;
	void *bytes = arena_alloc(a, part.length);
	if (part.length)
		memcpy(bytes, m->part.data, part.length);
	part.bytes = bytes;
	*out = part;
	return true;
}

bool wire_raw_inflate(const struct snapshot_raw_part *part, struct arena *a,
	const uint8_t **bytes, size_t *length, struct err *e)
{
	struct wire_inflated inflated;
	if (!wire_inflate(part->bytes, part->length, SNAPSHOT_RAW_PART_BYTES, a,
		    &inflated, e))
		return err_wrap(e, "part %" PRIu32, part->number);
	*bytes = inflated.bytes;
	*length = inflated.length;
	return true;
}
