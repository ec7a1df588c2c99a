/* Compressed bytes to a batch of structs, trusting nothing. */
#include "schema/tidemark.pb-c.h"
#include "schema/wire.h"
#include "schema/wire_inflate.h"
#include "schema/wire_insight.h"
#include "schema/wire_pool.h"
#include "schema/wire_snapshot.h"
#include "schema/wire_text.h"
#include "schema/wire_values.h"

#include <inttypes.h>

/* What the steps of one decoding share. */
struct wire_decoder {
	const Tidemark__Batch *m;
	int64_t time_max_ms;
	const char **names; /* the batch's, copied */
	uint64_t refused_values;
	struct arena *arena; /* the caller's: results */
	struct err *e;
};

static int64_t wire_clamp_time(const struct wire_decoder *d, int64_t ms)
{
	if (ms < WIRE_TIME_MIN_MS)
		return WIRE_TIME_MIN_MS;
	return ms > d->time_max_ms ? d->time_max_ms : ms;
}

static bool wire_check_range(const struct wire_decoder *d, const char *field,
	uint64_t value, uint64_t minimum, uint64_t maximum)
{
	if (value >= minimum && value <= maximum)
		return true;
	return err_set(d->e, ERR_INPUT,
		"%s: %" PRIu64 " is not in %" PRIu64 " to %" PRIu64, field, value,
		minimum, maximum);
}

static bool wire_check_count(
	const struct wire_decoder *d, const char *what, size_t count, size_t maximum)
{
	if (count <= maximum)
		return true;
	return err_set(d->e, ERR_INPUT, "%zu %s, at most %zu are allowed", count, what,
		maximum);
}

static bool wire_copy_text(
	struct wire_decoder *d, const char *field, const char *text, const char **out)
{
	if (!wire_text_check(text, d->e))
		return err_wrap(d->e, "%s", field);
	*out = arena_strdup(d->arena, text);
	return true;
}

static bool wire_check_some(struct wire_decoder *d, const char *field, const char *text)
{
	return *text || err_set(d->e, ERR_INPUT, "%s: missing", field);
}

static bool wire_decode_names(struct wire_decoder *d)
{
	size_t count = d->m->n_names;
	if (!wire_check_count(d, "names", count, WIRE_NAMES_MAX))
		return false;
	d->names = arena_array(d->arena, count, sizeof *d->names);
	for (size_t i = 0; i < count; i++) {
		if (!wire_copy_text(d, "text", d->m->names[i], &d->names[i]))
			return err_wrap(d->e, "name %zu", i);
	}
	return true;
}

static bool wire_look_up(
	struct wire_decoder *d, const char *field, uint32_t index, const char **out)
{
	if (index >= d->m->n_names)
		return err_set(d->e, ERR_INPUT, "%s: name %" PRIu32 " of %zu", field,
			index, d->m->n_names);
	*out = d->names[index];
	return true;
}

static bool wire_decode_host(struct wire_decoder *d, struct wire_batch *out)
{
	const Tidemark__Host *m = d->m->host;
	if (!m)
		return err_set(d->e, ERR_INPUT, "host: missing");
	out->cpus = m->cpus;
	out->interval_ms = m->interval_ms;
	return wire_copy_text(d, "boot_id", d->m->boot_id, &out->boot_id) &&
	       wire_check_some(d, "boot_id", out->boot_id) &&
	       wire_copy_text(d, "host.machine_id", m->machine_id, &out->machine_id) &&
	       wire_check_some(d, "host.machine_id", out->machine_id) &&
	       wire_look_up(d, "host.hostname", m->hostname, &out->hostname) &&
	       wire_check_some(d, "host.hostname", out->hostname) &&
	       wire_look_up(d, "host.kernel", m->kernel, &out->kernel) &&
	       wire_check_range(d, "host.cpus", m->cpus, 0, INT32_MAX) &&
	       wire_check_range(d, "host.interval_ms", m->interval_ms, 0, INT32_MAX);
}

/* Older agents say none, which is 0 whatever the first name is. */
static bool wire_decode_hash(struct wire_decoder *d, uint32_t index, const char **out)
{
	*out = "";
	return index == 0 || (wire_look_up(d, "fingerprint", index, out) &&
				     (wire_insight_check_hash(*out, true, d->e) ||
					     err_wrap(d->e, "fingerprint")));
}

static bool wire_decode_process(
	struct wire_decoder *d, const Tidemark__Process *m, struct wire_process *out)
{
	out->slot = m->slot;
	out->pid = m->pid;
	out->started_unix_ms = m->started_unix_ms;
	out->start_ticks = m->start_ticks;
	if (!wire_look_up(d, "service", m->service, &out->service) ||
		!wire_check_some(d, "service", out->service) ||
		!wire_look_up(d, "version", m->version, &out->version) ||
		!wire_look_up(d, "runtime", m->runtime, &out->runtime) ||
		!wire_look_up(d, "rule", m->rule, &out->rule) ||
		!wire_look_up(d, "command", m->command, &out->command) ||
		!wire_decode_hash(d, m->fingerprint, &out->fingerprint) ||
		!wire_check_range(d, "slot", m->slot, 0, WIRE_SLOT_MAX) ||
		!wire_check_range(d, "pid", m->pid, 1, INT32_MAX) ||
		!wire_check_range(d, "start_ticks", m->start_ticks, 0, INT64_MAX))
		return false;
	/* A process may be older than any sample of it.  A clock that was set since it
	 * started can put it anywhere. */
	if (m->started_unix_ms < 0 || m->started_unix_ms > d->time_max_ms) {
		out->started_unix_ms = m->started_unix_ms < 0
					       ? 0
					       : d->time_max_ms - WIRE_TIME_AHEAD_MS;
		d->refused_values++;
	}
	return true;
}

static bool wire_decode_processes(struct wire_decoder *d, struct wire_batch *out)
{
	size_t count = d->m->n_processes;
	if (!wire_check_count(d, "processes", count, WIRE_PROCESSES_MAX))
		return false;
	out->processes = arena_array(d->arena, count, sizeof *out->processes);
	out->process_count = count;
	for (size_t i = 0; i < count; i++) {
		if (!wire_decode_process(d, d->m->processes[i], &out->processes[i]))
			return err_wrap(d->e, "process %zu", i);
	}
	return true;
}

static bool wire_decode_samples(
	struct wire_decoder *d, const Tidemark__Tick *m, struct wire_tick *out)
{
	out->sample_count = m->n_samples;
	out->samples = arena_array(d->arena, m->n_samples, sizeof *out->samples);
	for (size_t i = 0; i < m->n_samples; i++) {
		const Tidemark__Sample *sample = m->samples[i];
		if (sample->process >= d->m->n_processes)
			return err_set(d->e, ERR_INPUT,
				"sample %zu: process %" PRIu32 " of %zu", i,
				sample->process, d->m->n_processes);
		out->samples[i].process = sample->process;
		if (sample->values &&
			!wire_values_decode(sample->values, &wire_values_process,
				&out->samples[i].values, &d->refused_values, d->e))
			return err_wrap(d->e, "sample %zu", i);
	}
	return true;
}

static bool wire_decode_tick(
	struct wire_decoder *d, const Tidemark__Tick *m, struct wire_tick *out)
{
	int64_t at;
	bool overflow = __builtin_add_overflow(d->m->at_unix_ms, m->offset_ms, &at);
	if (overflow || at < WIRE_TIME_MIN_MS || at > d->time_max_ms)
		return err_set(d->e, ERR_INPUT,
			"time %" PRId64 " + %" PRId64 " ms is out of bounds",
			d->m->at_unix_ms, m->offset_ms);
	out->at_unix_ms = at;
	if (m->host && !wire_values_decode(m->host, &wire_values_host, &out->host,
			       &d->refused_values, d->e))
		return err_wrap(d->e, "host");
	return wire_decode_samples(d, m, out);
}

static bool wire_decode_ticks(struct wire_decoder *d, struct wire_batch *out)
{
	size_t count = d->m->n_ticks, samples = 0;
	if (!wire_check_count(d, "ticks", count, WIRE_TICKS_MAX))
		return false;
	for (size_t i = 0; i < count; i++)
		samples += d->m->ticks[i]->n_samples;
	if (!wire_check_count(d, "samples", samples, WIRE_SAMPLES_MAX))
		return false;
	out->ticks = arena_array(d->arena, count, sizeof *out->ticks);
	out->tick_count = count;
	for (size_t i = 0; i < count; i++) {
		if (!wire_decode_tick(d, d->m->ticks[i], &out->ticks[i]))
			return err_wrap(d->e, "tick %zu", i);
	}
	return true;
}

static bool wire_decode_gap(
	struct wire_decoder *d, const Tidemark__Gap *m, struct wire_gap *out)
{
	out->from_unix_ms = wire_clamp_time(d, m->from_unix_ms);
	out->to_unix_ms = wire_clamp_time(d, m->to_unix_ms);
	if (out->to_unix_ms < out->from_unix_ms)
		out->to_unix_ms = out->from_unix_ms;
	out->batches = m->batches;
	return wire_check_range(d, "batches", m->batches, 0, INT64_MAX) &&
	       wire_copy_text(d, "reason", m->reason, &out->reason);
}

static bool wire_decode_gaps(struct wire_decoder *d, struct wire_batch *out)
{
	size_t count = d->m->n_gaps;
	if (!wire_check_count(d, "gaps", count, WIRE_GAPS_MAX))
		return false;
	out->gaps = arena_array(d->arena, count, sizeof *out->gaps);
	out->gap_count = count;
	for (size_t i = 0; i < count; i++) {
		if (!wire_decode_gap(d, d->m->gaps[i], &out->gaps[i]))
			return err_wrap(d->e, "gap %zu", i);
	}
	return true;
}

static bool wire_decode_snapshots(struct wire_decoder *d, struct wire_batch *out)
{
	size_t count = d->m->n_snapshots;
	if (!wire_check_count(d, "snapshots", count, WIRE_SNAPSHOTS_MAX) ||
		(count > 0 && !wire_check_count(
				      d, "ticks beside a snapshot", d->m->n_ticks, 0)))
		return false;
	out->snapshots = arena_array(d->arena, count, sizeof *out->snapshots);
	out->snapshot_count = count;
	for (size_t i = 0; i < count; i++) {
		const Tidemark__Snapshot *m = d->m->snapshots[i];
		struct wire_snapshot *snapshot = &out->snapshots[i];
		if (m->process >= d->m->n_processes)
			return err_set(d->e, ERR_INPUT,
				"snapshot %zu: process %" PRIu32 " of %zu", i,
				m->process, d->m->n_processes);
		snapshot->process = m->process;
		if (!wire_snapshot_decode(m, d->arena, &snapshot->is, d->e))
			return err_wrap(d->e, "snapshot %zu", i);
		if (snapshot->is.taken_unix_ms > d->time_max_ms)
			return err_set(d->e, ERR_INPUT,
				"snapshot %zu: time %" PRId64 " is out of bounds", i,
				snapshot->is.taken_unix_ms);
	}
	return true;
}

static bool wire_decode_events(struct wire_decoder *d, struct wire_batch *out)
{
	size_t count = d->m->n_snapshot_events;
	if (!wire_check_count(d, "events", count, WIRE_EVENTS_MAX))
		return false;
	out->events = arena_array(d->arena, count, sizeof *out->events);
	out->event_count = count;
	for (size_t i = 0; i < count; i++) {
		struct wire_snapshot_event *event = &out->events[i];
		if (!wire_snapshot_decode_event(d->m->snapshot_events[i],
			    d->m->n_processes, d->arena, event, d->e))
			return err_wrap(d->e, "event %zu", i);
		event->is.at_unix_ms = wire_clamp_time(d, event->is.at_unix_ms);
	}
	return true;
}

static bool wire_decode_insight(struct wire_decoder *d, struct wire_batch *out)
{
	struct wire_insight_decoder insight = {
		.m = d->m,
		.time_max_ms = d->time_max_ms,
		.arena = d->arena,
	};
	bool ok = wire_insight_decode(&insight, out, d->e);
	d->refused_values += insight.refused_values;
	return ok;
}

static bool wire_decode_message(struct wire_decoder *d, struct wire_batch *out)
{
	return wire_decode_names(d) && wire_decode_host(d, out) &&
	       wire_decode_processes(d, out) && wire_decode_ticks(d, out) &&
	       wire_decode_gaps(d, out) && wire_decode_snapshots(d, out) &&
	       wire_decode_events(d, out) && wire_decode_insight(d, out);
}

bool wire_batch_decode(const void *bytes, size_t length, int64_t now_unix_ms,
	struct arena *a, struct wire_batch *out, struct err *e)
{
	scoped_pool struct wire_pool pool;
	wire_pool_init(&pool, WIRE_UNPACK_BYTES_MAX);
	struct wire_inflated inflated = {0};
	if (!wire_inflate(
		    bytes, length, WIRE_BATCH_BYTES_MAX, &pool.arena, &inflated, e))
		return err_wrap(e, "batch");
	struct wire_decoder decoder = {
		.m = tidemark__batch__unpack(
			&pool.allocator, inflated.length, inflated.bytes),
		.time_max_ms = now_unix_ms + WIRE_TIME_AHEAD_MS,
		.arena = a,
		.e = e,
	};
	if (!decoder.m)
		return err_set(e, ERR_INPUT, "batch: damaged or too large to unpack");
	struct wire_batch batch = {0};
	if (!wire_decode_message(&decoder, &batch))
		return err_wrap(e, "batch");
	batch.refused_values = decoder.refused_values;
	*out = batch;
	return true;
}

bool wire_batch_time(
	const void *bytes, size_t length, int64_t *at_unix_ms, struct err *e)
{
	scoped_pool struct wire_pool pool;
	wire_pool_init(&pool, WIRE_UNPACK_BYTES_MAX);
	struct wire_inflated inflated = {0};
	if (!wire_inflate(
		    bytes, length, WIRE_BATCH_BYTES_MAX, &pool.arena, &inflated, e))
		return err_wrap(e, "batch");
	const Tidemark__Batch *m = tidemark__batch__unpack(
		&pool.allocator, inflated.length, inflated.bytes);
	if (!m)
		return err_set(e, ERR_INPUT, "batch: damaged or too large to unpack");
	*at_unix_ms = m->at_unix_ms;
	return true;
}
