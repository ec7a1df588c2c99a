/* A batch of structs to compressed bytes. */
#include "schema/tidemark.pb-c.h"
#include "schema/wire.h"
#include "schema/wire_insight.h"
#include "schema/wire_names.h"
#include "schema/wire_pool.h"
#include "schema/wire_snapshot.h"
#include "schema/wire_text.h"
#include "schema/wire_values.h"

#include <inttypes.h>
#include <zstd.h>

/* Level 3 would make a tick 3 % smaller, and its tables twice as expensive: the agent
 * gets and returns their memory for each batch. */
enum {
	WIRE_ZSTD_LEVEL = 1,
};

static Tidemark__Host *wire_encode_host(
	const struct wire_batch *batch, struct wire_names *names, struct arena *a)
{
	Tidemark__Host *m = arena_alloc(a, sizeof *m);
	tidemark__host__init(m);
	m->machine_id = (char *)wire_text_clean(batch->machine_id, a);
	m->hostname = wire_names_index(names, batch->hostname);
	m->kernel = wire_names_index(names, batch->kernel);
	m->cpus = batch->cpus;
	m->interval_ms = batch->interval_ms;
	return m;
}

static Tidemark__Process *wire_encode_process(
	const struct wire_process *process, struct wire_names *names, struct arena *a)
{
	Tidemark__Process *m = arena_alloc(a, sizeof *m);
	tidemark__process__init(m);
	const char *service = *process->service ? process->service : "unnamed";
	m->service = wire_names_index(names, service);
	m->slot = process->slot;
	m->pid = process->pid;
	m->version = wire_names_index(names, process->version);
	m->runtime = wire_names_index(names, process->runtime);
	m->rule = wire_names_index(names, process->rule);
	m->command = wire_names_index(names, process->command);
	const char *fingerprint = process->fingerprint ? process->fingerprint : "";
	m->fingerprint = wire_names_index(names, fingerprint);
	m->started_unix_ms = process->started_unix_ms;
	m->start_ticks = process->start_ticks;
	return m;
}

static Tidemark__Tick *wire_encode_tick(
	const struct wire_tick *tick, int64_t base_ms, struct arena *a)
{
	Tidemark__Tick *m = arena_alloc(a, sizeof *m);
	tidemark__tick__init(m);
	m->offset_ms = tick->at_unix_ms - base_ms;
	if (tick->host.present)
		m->host = wire_values_encode(&tick->host, a);
	m->n_samples = tick->sample_count;
	m->samples = arena_array(a, tick->sample_count, sizeof *m->samples);
	for (size_t i = 0; i < tick->sample_count; i++) {
		Tidemark__Sample *sample = arena_alloc(a, sizeof *sample);
		tidemark__sample__init(sample);
		sample->process = tick->samples[i].process;
		sample->values = wire_values_encode(&tick->samples[i].values, a);
		m->samples[i] = sample;
	}
	return m;
}

static Tidemark__Gap *wire_encode_gap(const struct wire_gap *gap, struct arena *a)
{
	Tidemark__Gap *m = arena_alloc(a, sizeof *m);
	tidemark__gap__init(m);
	m->from_unix_ms = gap->from_unix_ms;
	m->to_unix_ms = gap->to_unix_ms;
	m->batches = gap->batches;
	m->reason = (char *)wire_text_clean(gap->reason, a);
	return m;
}

static bool wire_check_limits(const struct wire_batch *batch, struct err *e)
{
	size_t samples = 0;
	for (size_t i = 0; i < batch->tick_count; i++)
		samples += batch->ticks[i].sample_count;
	const struct {
		const char *what;
		size_t count, maximum;
	} limits[] = {
		{"processes", batch->process_count, WIRE_PROCESSES_MAX},
		{"ticks", batch->tick_count, WIRE_TICKS_MAX},
		{"samples", samples, WIRE_SAMPLES_MAX},
		{"gaps", batch->gap_count, WIRE_GAPS_MAX},
		{"snapshots", batch->snapshot_count, WIRE_SNAPSHOTS_MAX},
		{"ticks beside a snapshot",
			batch->snapshot_count ? batch->tick_count : 0, 0},
		{"events", batch->event_count, WIRE_EVENTS_MAX},
		{"fingerprints", batch->fingerprint_count, WIRE_FINGERPRINTS_MAX},
		{"censuses", batch->census_count, WIRE_CENSUSES_MAX},
		{"warnings", batch->warning_count, WIRE_WARNINGS_MAX},
		{"queues", batch->queue_count, WIRE_QUEUES_MAX},
		{"sources", batch->source_count, WIRE_SOURCES_MAX},
	};
	for (size_t i = 0; i < sizeof limits / sizeof *limits; i++) {
		if (limits[i].count > limits[i].maximum)
			return err_set(e, ERR_INPUT,
				"batch: %zu %s, at most %zu are allowed",
				limits[i].count, limits[i].what, limits[i].maximum);
	}
	return true;
}

/* What is in a snapshot, by the rules that decoding has. */
static bool wire_check_snapshots(const struct wire_batch *batch, struct err *e)
{
	for (size_t i = 0; i < batch->snapshot_count; i++) {
		const struct wire_snapshot *snapshot = &batch->snapshots[i];
		if (snapshot->process >= batch->process_count)
			return err_set(e, ERR_INPUT,
				"batch: snapshot %zu: process %" PRIu32 " of %zu", i,
				snapshot->process, batch->process_count);
		if (!wire_snapshot_check(&snapshot->is, e))
			return err_wrap(e, "batch: snapshot %zu", i);
	}
	for (size_t i = 0; i < batch->event_count; i++) {
		const struct wire_snapshot_event *event = &batch->events[i];
		if (!wire_snapshot_check_event(event, batch->process_count, e))
			return err_wrap(e, "batch: event %zu", i);
	}
	return true;
}

/* A batch without ticks is of the time of what it tells instead. */
static int64_t wire_batch_start(const struct wire_batch *batch)
{
	if (batch->tick_count)
		return batch->ticks[0].at_unix_ms;
	if (batch->snapshot_count)
		return batch->snapshots[0].is.taken_unix_ms;
	if (batch->event_count)
		return batch->events[0].is.at_unix_ms;
	return wire_insight_time(batch);
}

static void wire_fill_batch(const struct wire_batch *batch, Tidemark__Batch *m,
	struct wire_names *names, struct arena *a)
{
	m->boot_id = (char *)wire_text_clean(batch->boot_id, a);
	m->at_unix_ms = wire_batch_start(batch);
	m->host = wire_encode_host(batch, names, a);
	m->n_processes = batch->process_count;
	m->processes = arena_array(a, m->n_processes, sizeof *m->processes);
	for (size_t i = 0; i < m->n_processes; i++)
		m->processes[i] = wire_encode_process(&batch->processes[i], names, a);
	m->n_ticks = batch->tick_count;
	m->ticks = arena_array(a, m->n_ticks, sizeof *m->ticks);
	for (size_t i = 0; i < m->n_ticks; i++)
		m->ticks[i] = wire_encode_tick(&batch->ticks[i], m->at_unix_ms, a);
	m->n_gaps = batch->gap_count;
	m->gaps = arena_array(a, m->n_gaps, sizeof *m->gaps);
	for (size_t i = 0; i < m->n_gaps; i++)
		m->gaps[i] = wire_encode_gap(&batch->gaps[i], a);
	m->n_snapshots = batch->snapshot_count;
	m->snapshots = arena_array(a, m->n_snapshots, sizeof *m->snapshots);
	for (size_t i = 0; i < m->n_snapshots; i++)
		m->snapshots[i] = wire_snapshot_encode(&batch->snapshots[i], a);
	m->n_snapshot_events = batch->event_count;
	m->snapshot_events = arena_array(
		a, m->n_snapshot_events, sizeof *m->snapshot_events);
	for (size_t i = 0; i < m->n_snapshot_events; i++)
		m->snapshot_events[i] = wire_snapshot_encode_event(
			&batch->events[i], a);
	wire_insight_encode(batch, m, a);
	m->n_names = names->count;
	m->names = names->text;
}

/* The checksum finds what a spool or a bug may have changed on the way. */
static bool wire_compress(
	const void *bytes, size_t length, struct buf *out, struct err *e)
{
	ZSTD_CCtx *context = ZSTD_createCCtx();
	BUG_ON(!context);
	ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, WIRE_ZSTD_LEVEL);
	ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1);
	size_t room = ZSTD_compressBound(length);
	char *start = buf_reserve(out, room);
	size_t packed = ZSTD_compress2(context, start, room, bytes, length);
	ZSTD_freeCCtx(context);
	BUG_ON(ZSTD_isError(packed));
	size_t maximum = WIRE_FRAME_BYTES_MAX - WIRE_UPLOAD_OVERHEAD_BYTES;
	if (packed > maximum) {
		out->data[out->length] = '\0';
		return err_set(e, ERR_INPUT,
			"batch: %zu bytes compressed, at most %zu are allowed", packed,
			maximum);
	}
	out->length += packed;
	out->data[out->length] = '\0';
	return true;
}

bool wire_batch_encode(const struct wire_batch *batch, struct buf *out, struct err *e)
{
	if (!wire_check_limits(batch, e) || !wire_check_snapshots(batch, e))
		return false;
	if (!wire_insight_check(batch, e))
		return err_wrap(e, "batch");
	scoped_pool struct wire_pool pool;
	wire_pool_init(&pool, 0);
	struct arena *a = &pool.arena;
	struct wire_names names;
	wire_names_init(&names, WIRE_NAMES_MAX, a);
	Tidemark__Batch m = TIDEMARK__BATCH__INIT;
	wire_fill_batch(batch, &m, &names, a);
	wire_names_finish(&names);
	if (names.overflow)
		return err_set(e, ERR_INPUT,
			"batch: more than %d different names are in use",
			WIRE_NAMES_MAX);
	for (size_t i = 0; i < m.n_snapshots; i++)
		if (!wire_snapshot_check_size(m.snapshots[i], e))
			return err_wrap(e, "batch: snapshot %zu", i);
	size_t length = tidemark__batch__get_packed_size(&m);
	if (length > WIRE_BATCH_BYTES_MAX)
		return err_set(e, ERR_INPUT, "batch: %zu bytes, at most %d are allowed",
			length, WIRE_BATCH_BYTES_MAX);
	uint8_t *bytes = arena_alloc(a, length);
	BUG_ON(tidemark__batch__pack(&m, bytes) != length);
	return wire_compress(bytes, length, out, e);
}
