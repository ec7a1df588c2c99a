/* The rules for what the scout found out, for both directions. */
#include "schema/fingerprint.h"
#include "schema/wire_insight.h"
#include "schema/wire_text.h"

#include <inttypes.h>
#include <string.h>

static bool wire_insight_range(const char *field, uint64_t value, uint64_t minimum,
	uint64_t maximum, struct err *e)
{
	if (value >= minimum && value <= maximum)
		return true;
	return err_set(e, ERR_INPUT,
		"%s: %" PRIu64 " is not in %" PRIu64 " to %" PRIu64, field, value,
		minimum, maximum);
}

static bool wire_insight_some(const char *field, const char *text, struct err *e)
{
	return *text || err_set(e, ERR_INPUT, "%s: missing", field);
}

static bool wire_insight_process(uint32_t process, size_t count, struct err *e)
{
	return process < count ||
	       err_set(e, ERR_INPUT, "process %" PRIu32 " of %zu", process, count);
}

bool wire_insight_check_hash(const char *hash, bool may_be_none, struct err *e)
{
	if (may_be_none && !*hash)
		return true;
	size_t good = strspn(hash, "0123456789abcdef");
	return (good == FINGERPRINT_HASH_DIGITS && !hash[good]) ||
	       err_set(e, ERR_INPUT, "hash: not %d hexadecimal digits",
		       FINGERPRINT_HASH_DIGITS);
}

static bool wire_insight_list(const char *what, const char *const *texts, size_t count,
	size_t maximum, bool is_sorted, struct err *e)
{
	if (!wire_insight_range(what, count, 0, maximum, e))
		return false;
	for (size_t i = 0; i < count; i++) {
		if (!wire_text_check_long(texts[i], FINGERPRINT_TEXT_BYTES_MAX, e))
			return err_wrap(e, "%s %zu", what, i);
		if (!*texts[i])
			return err_set(e, ERR_INPUT, "%s %zu: missing", what, i);
		if (is_sorted && i && strcmp(texts[i - 1], texts[i]) >= 0)
			return err_set(e, ERR_INPUT,
				"%s %zu: not after the one before it", what, i);
	}
	return true;
}

static bool wire_insight_check_fingerprint(const struct fingerprint *f, struct err *e)
{
	const struct {
		const char *field, *text;
	} texts[] = {{"app", f->app}, {"app_version", f->app_version},
		{"git_head", f->git_head}, {"build_id", f->build_id},
		{"image", f->image}, {"runtime", f->runtime},
		{"runtime_version", f->runtime_version}, {"source", f->source}};
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		if (!wire_text_check(texts[i].text, e))
			return err_wrap(e, "%s", texts[i].field);
	if (!wire_insight_check_hash(f->hash, false, e) ||
		!wire_insight_list("environment", (const char *const *)f->environment,
			f->environment_count, FINGERPRINT_ENVIRONMENT_MAX, true, e) ||
		!wire_insight_list("packages", (const char *const *)f->packages,
			f->package_count, FINGERPRINT_PACKAGES_MAX, true, e) ||
		!wire_insight_range(
			"remarks", f->remark_count, 0, FINGERPRINT_REMARKS_MAX, e))
		return false;
	char hash[FINGERPRINT_HASH_DIGITS + 1];
	fingerprint_hash(f, hash);
	return strcmp(hash, f->hash) == 0 ||
	       err_set(e, ERR_INPUT, "hash: not of this content");
}

static bool wire_insight_check_census(const struct census *c, struct err *e)
{
	if (!wire_insight_range("items", c->item_count, 0, CENSUS_ITEMS_MAX, e) ||
		!wire_insight_range("took_us", c->took_us, 0, INT64_MAX, e))
		return false;
	for (size_t i = 0; i < c->item_count; i++) {
		const struct census_item *item = &c->items[i];
		if (!wire_insight_range(
			    "kind", item->kind, CENSUS_LISTENERS, CENSUS_CLASSES, e) ||
			!wire_insight_range("count", item->count, 0, INT64_MAX, e))
			return err_wrap(e, "item %zu", i);
	}
	return true;
}

static bool wire_insight_check_warning(const struct warning *w, struct err *e)
{
	if (!wire_insight_range(
		    "kind", w->kind, WARNING_MAX_LISTENERS, WARNING_PATTERN, e) ||
		!wire_insight_range("count", w->count, 1, INT64_MAX, e) ||
		!wire_insight_range("fields", w->field_count, 0, WARNING_FIELDS_MAX, e))
		return false;
	if (w->field_count % 2)
		return err_set(e, ERR_INPUT, "fields: a name without a value");
	for (size_t i = 0; i < w->field_count; i += 2)
		if (!wire_insight_some("field", w->fields[i], e))
			return false;
	return wire_insight_some("source", w->source, e);
}

static bool wire_insight_check_queue(const struct queue_place *q, struct err *e)
{
	const struct {
		const char *what;
		const char **globs;
		size_t count;
	} lists[] = {{"producers", q->producers, q->producer_count},
		{"workers", q->workers, q->worker_count}};
	for (size_t i = 0; i < 2; i++) {
		if (!wire_insight_range(
			    lists[i].what, lists[i].count, 0, QUEUE_SERVICES_MAX, e))
			return false;
		for (size_t k = 0; k < lists[i].count; k++)
			if (!wire_insight_some(lists[i].what, lists[i].globs[k], e))
				return false;
	}
	return wire_insight_some("source", q->source, e) &&
	       wire_insight_some("name", q->name, e);
}

static bool wire_insight_check_of_processes(
	const struct wire_batch *batch, struct err *e)
{
	for (size_t i = 0; i < batch->process_count; i++) {
		const char *hash = batch->processes[i].fingerprint;
		if (hash && !wire_insight_check_hash(hash, true, e))
			return err_wrap(e, "process %zu: fingerprint", i);
	}
	for (size_t i = 0; i < batch->census_count; i++) {
		const struct wire_census *census = &batch->censuses[i];
		if (!wire_insight_process(census->process, batch->process_count, e) ||
			!wire_insight_check_census(&census->is, e))
			return err_wrap(e, "census %zu", i);
	}
	for (size_t i = 0; i < batch->warning_count; i++) {
		const struct wire_warning *warning = &batch->warnings[i];
		if ((warning->has_process && !wire_insight_process(warning->process,
						     batch->process_count, e)) ||
			!wire_insight_check_warning(&warning->is, e))
			return err_wrap(e, "warning %zu", i);
	}
	return true;
}

bool wire_insight_check(const struct wire_batch *batch, struct err *e)
{
	for (size_t i = 0; i < batch->fingerprint_count; i++)
		if (!wire_insight_check_fingerprint(&batch->fingerprints[i], e))
			return err_wrap(e, "fingerprint %zu", i);
	for (size_t i = 0; i < batch->queue_count; i++)
		if (!wire_insight_check_queue(&batch->queues[i].of, e))
			return err_wrap(e, "queue %zu", i);
	for (size_t i = 0; i < batch->source_count; i++) {
		const struct source_state *source = &batch->sources[i];
		if (!wire_insight_some("name", source->name, e) ||
			!wire_insight_range(
				"took_us", source->took_us, 0, INT64_MAX, e))
			return err_wrap(e, "source %zu", i);
	}
	return wire_insight_check_of_processes(batch, e);
}
