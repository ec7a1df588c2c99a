/* The rules for what is in snapshots and what goes with them, for both directions. */
#include "schema/wire_snapshot.h"

#include <inttypes.h>
#include <string.h>

/* A value, and what it may be; signed ones are given as they are, so that a negative
 * one is too large. */
struct wire_bound {
	const char *field;
	uint64_t value, minimum, maximum;
};

static bool wire_check_bounds(
	const struct wire_bound *bounds, size_t count, struct err *e)
{
	for (size_t i = 0; i < count; i++) {
		const struct wire_bound *b = &bounds[i];
		if (b->value < b->minimum || b->value > b->maximum)
			return err_set(e, ERR_INPUT,
				"%s: %" PRIu64 " is not in %" PRIu64 " to %" PRIu64,
				b->field, b->value, b->minimum, b->maximum);
	}
	return true;
}

#define WIRE_CHECK(bounds, e)                                                          \
	wire_check_bounds(bounds, sizeof(bounds) / sizeof *(bounds), e)

/* PostgreSQL's int8 is signed. */
#define WIRE_ANY(field)                                                                \
	{                                                                              \
#field, (uint64_t)s->field, 0, INT64_MAX                               \
	}

static bool wire_check_class(const struct snapshot_class *s, struct err *e)
{
	const struct wire_bound bounds[] = {
		WIRE_ANY(count),
		WIRE_ANY(shallow_bytes),
		WIRE_ANY(retained_bytes),
	};
	if (s->distance < -5)
		return err_set(e, ERR_INPUT, "distance: %" PRId32 " is less than -5",
			s->distance);
	return WIRE_CHECK(bounds, e);
}

static bool wire_check_holder(const struct snapshot_holder *s, struct err *e)
{
	const struct wire_bound bounds[] = {
		{"steps", s->path.count, 0, SNAPSHOT_STEPS_MAX},
		WIRE_ANY(child_count),
		WIRE_ANY(child_bytes),
		WIRE_ANY(retained_bytes),
	};
	return WIRE_CHECK(bounds, e);
}

static bool wire_check_change(const struct snapshot_change *s, struct err *e)
{
	const struct wire_bound bounds[] = {
		WIRE_ANY(added),
		WIRE_ANY(removed),
		WIRE_ANY(added_bytes),
		WIRE_ANY(removed_bytes),
	};
	return WIRE_CHECK(bounds, e);
}

static bool wire_check_growth(const struct snapshot_growth *s, struct err *e)
{
	const struct wire_bound bounds[] = {
		{"verdict", s->verdict, SNAPSHOT_NOT_COMPARED, SNAPSHOT_CLASS_GROWTH},
		{"changes", s->change_count, 0, SNAPSHOT_CHANGES_MAX},
		/* Clocks are set back: it may well be later than taken_unix_ms. */
		{"before_unix_ms", (uint64_t)s->before_unix_ms, 0, WIRE_TIME_MAX_MS},
		WIRE_ANY(before_total_bytes),
		WIRE_ANY(explained_bytes),
	};
	if (!WIRE_CHECK(bounds, e))
		return false;
	for (size_t i = 0; i < s->change_count; i++)
		if (!wire_check_change(&s->changes[i], e))
			return err_wrap(e, "change %zu", i);
	return s->verdict != SNAPSHOT_ACCUMULATION || wire_check_holder(&s->holder, e);
}

static bool wire_check_process(const struct snapshot_process *s, struct err *e)
{
	const struct wire_bound bounds[] = {
		WIRE_ANY(pause_ms),
		WIRE_ANY(analysis_ms),
		WIRE_ANY(peak_rss_bytes),
		WIRE_ANY(heap_used_bytes),
		WIRE_ANY(external_bytes),
		WIRE_ANY(heap_limit_bytes),
		WIRE_ANY(uptime_ms),
		{"requests", s->requests, 0, INT64_MAX - 1},
	};
	return WIRE_CHECK(bounds, e);
}

static bool wire_check_statistics(const struct snapshot_statistics *s, struct err *e)
{
	const struct wire_bound bounds[] = {
		WIRE_ANY(native_bytes),
		WIRE_ANY(typed_array_bytes),
		WIRE_ANY(code_bytes),
		WIRE_ANY(js_array_bytes),
		WIRE_ANY(string_bytes),
		WIRE_ANY(system_bytes),
	};
	return WIRE_CHECK(bounds, e);
}

static bool wire_check_holders(const struct snapshot_holder *holders, size_t count,
	const char *what, struct err *e)
{
	for (size_t i = 0; i < count; i++)
		if (!wire_check_holder(&holders[i], e))
			return err_wrap(e, "%s %zu", what, i);
	return true;
}

/* Longer ones are cut by encoding and refused by decoding. */
static size_t wire_spell(const char *text)
{
	return strnlen(text, SNAPSHOT_TEXT_BYTES_MAX);
}

static size_t wire_spell_name(struct snapshot_name is)
{
	return wire_spell(is.name) + wire_spell(is.location);
}

static size_t wire_spell_holder(const struct snapshot_holder *s)
{
	size_t bytes = wire_spell_name(s->is) + wire_spell_name(s->child);
	for (size_t i = 0; i < s->path.count; i++)
		bytes += wire_spell(s->path.steps[i].edge) +
			 wire_spell_name(s->path.steps[i].holder);
	return bytes;
}

static size_t wire_spell_growth(const struct snapshot_growth *s)
{
	size_t bytes = 0;
	if (s->verdict == SNAPSHOT_NOT_COMPARED)
		return 0;
	for (size_t i = 0; i < s->change_count; i++)
		bytes += wire_spell_name(s->changes[i].is);
	if (s->verdict == SNAPSHOT_ACCUMULATION)
		bytes += wire_spell_holder(&s->holder);
	return bytes;
}

size_t wire_snapshot_spelled(const struct snapshot *s)
{
	size_t bytes = wire_spell_growth(&s->growth);
	for (size_t i = 0; i < s->classes_length; i++)
		bytes += wire_spell_name(s->classes[i].is);
	for (size_t i = 0; i < s->accumulator_count; i++)
		bytes += wire_spell_holder(&s->accumulators[i]);
	for (size_t i = 0; i < s->fanout_count; i++)
		bytes += wire_spell_holder(&s->fanout[i]);
	return bytes;
}

static bool wire_check_spelled(const struct snapshot *s, struct err *e)
{
	size_t bytes = wire_snapshot_spelled(s);
	return bytes <= SNAPSHOT_SPELLED_BYTES_MAX ||
	       err_set(e, ERR_INPUT,
		       "%zu bytes of texts when written out, at most %d are allowed",
		       bytes, SNAPSHOT_SPELLED_BYTES_MAX);
}

bool wire_snapshot_check(const struct snapshot *s, struct err *e)
{
	const struct wire_bound bounds[] = {
		WIRE_ANY(capture),
		{"kind", s->kind, SNAPSHOT_V8, SNAPSHOT_JVM},
		{"taken_unix_ms", (uint64_t)s->taken_unix_ms, WIRE_TIME_MIN_MS,
			INT64_MAX},
		WIRE_ANY(stream_bytes),
		WIRE_ANY(node_count),
		WIRE_ANY(edge_count),
		WIRE_ANY(total_bytes),
		WIRE_ANY(raw_bytes),
		{"classes", s->classes_length, 0, SNAPSHOT_CLASSES_MAX},
		{"class_count", s->class_count, s->classes_length, INT64_MAX},
		{"accumulators", s->accumulator_count, 0, SNAPSHOT_HOLDERS_MAX},
		{"fanout", s->fanout_count, 0, SNAPSHOT_HOLDERS_MAX},
	};
	if (!WIRE_CHECK(bounds, e) || !wire_check_process(&s->process, e) ||
		!wire_check_statistics(&s->statistics, e))
		return false;
	for (size_t i = 0; i < s->classes_length; i++)
		if (!wire_check_class(&s->classes[i], e))
			return err_wrap(e, "class %zu", i);
	if (!wire_check_holders(
		    s->accumulators, s->accumulator_count, "accumulator", e) ||
		!wire_check_holders(s->fanout, s->fanout_count, "fanout", e))
		return false;
	if (!wire_check_growth(&s->growth, e))
		return err_wrap(e, "growth");
	return wire_check_spelled(s, e);
}

static bool wire_check_card(const struct snapshot_card *s, struct err *e)
{
	const struct wire_bound bounds[] = {
		{"gate", s->gate, SNAPSHOT_ALLOWED, SNAPSHOT_REFUSED},
		WIRE_ANY(heap_bytes),
		WIRE_ANY(pause_ms),
		WIRE_ANY(need_bytes),
		WIRE_ANY(free_bytes),
		WIRE_ANY(helper_bytes),
	};
	return WIRE_CHECK(bounds, e) || err_wrap(e, "card");
}

bool wire_snapshot_check_event(
	const struct wire_snapshot_event *event, size_t process_count, struct err *e)
{
	const struct snapshot_event *s = &event->is;
	const struct wire_bound bounds[] = {
		WIRE_ANY(capture),
		{"state", s->state, SNAPSHOT_QUOTED, SNAPSHOT_FAILED},
		{"progress_permille", s->progress_permille, 0, 1000},
	};
	if (!WIRE_CHECK(bounds, e))
		return false;
	if (event->has_process && event->process >= process_count)
		return err_set(e, ERR_INPUT, "process %" PRIu32 " of %zu",
			event->process, process_count);
	if (s->capture == 0 && !*s->actor)
		return err_set(e, ERR_INPUT, "actor: missing");
	return !s->has_card || wire_check_card(&s->card, e);
}

bool wire_snapshot_check_order(const struct snapshot_order *s, struct err *e)
{
	const struct wire_bound bounds[] = {
		{"capture", s->capture, 1, INT64_MAX},
		{"kind", s->kind, SNAPSHOT_ORDER_QUOTE, SNAPSHOT_ORDER_CENSUS},
		{"pid", s->pid, 1, INT32_MAX},
		WIRE_ANY(start_ticks),
		WIRE_ANY(deadline_unix_ms),
		{"part_to", s->part_to,
			s->kind == SNAPSHOT_ORDER_RAW ? s->part_from + UINT64_C(1) : 0,
			INT32_MAX},
	};
	return WIRE_CHECK(bounds, e);
}

bool wire_snapshot_check_part(const struct snapshot_raw_part *s, struct err *e)
{
	const struct wire_bound capture[] = {{"capture", s->capture, 1, INT64_MAX}};
	if (!WIRE_CHECK(capture, e))
		return false;
	if (s->parts == 0)
		return s->length == 0 ||
		       err_set(e, ERR_INPUT, "part: bytes of no file");
	uint64_t most = (uint64_t)s->parts * SNAPSHOT_RAW_PART_BYTES;
	const struct wire_bound bounds[] = {
		{"parts", s->parts, 1, INT32_MAX},
		{"number", s->number, 0, s->parts - 1},
		{"file_bytes", s->file_bytes, most - SNAPSHOT_RAW_PART_BYTES + 1, most},
		{"part", s->length, 1, WIRE_FRAME_BYTES_MAX},
	};
	return WIRE_CHECK(bounds, e);
}

bool wire_snapshot_check_size(const Tidemark__Snapshot *m, struct err *e)
{
	size_t length = tidemark__snapshot__get_packed_size(m);
	return length <= SNAPSHOT_BYTES_MAX ||
	       err_set(e, ERR_INPUT, "%zu bytes, at most %d are allowed", length,
		       SNAPSHOT_BYTES_MAX);
}
