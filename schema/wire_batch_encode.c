/* A batch of structs to compressed bytes. */
#include "schema/tidemark.pb-c.h"
#include "schema/wire.h"
#include "schema/wire_pool.h"
#include "schema/wire_text.h"

#include <stdlib.h>
#include <string.h>
#include <uthash.h>
#include <zstd.h>

#undef uthash_fatal
#define uthash_fatal(message) err_bug(__FILE__, __LINE__, message)

/* Level 3 would make a tick 3 % smaller, and its tables twice as expensive: the agent
 * gets and returns their memory for each batch. */
enum {
	WIRE_ZSTD_LEVEL = 1,
};

struct wire_name {
	const char *text;
	uint32_t index;
	UT_hash_handle hh;
};

/* The batch's names, each once. */
struct wire_names {
	struct wire_name *by_text;
	char **text; /* by index */
	size_t count;
	bool overflow; /* sticky: more than WIRE_NAMES_MAX */
	struct arena *arena;
};

/* "", two of the host, five of each process. */
static size_t wire_names_room(const struct wire_batch *batch)
{
	size_t most = 3 + 5 * batch->process_count;
	return most < WIRE_NAMES_MAX ? most : WIRE_NAMES_MAX;
}

static uint32_t wire_name_index(struct wire_names *names, const char *raw)
{
	const char *text = wire_text_clean(raw, names->arena);
	struct wire_name *name;
	HASH_FIND_STR(names->by_text, text, name);
	if (name)
		return name->index;
	if (names->count == WIRE_NAMES_MAX) {
		names->overflow = true;
		return 0;
	}
	name = arena_alloc(names->arena, sizeof *name);
	name->text = text;
	name->index = (uint32_t)names->count;
	names->text[names->count++] = (char *)text;
	HASH_ADD_KEYPTR(hh, names->by_text, name->text, strlen(name->text), name);
	return name->index;
}

static Tidemark__Host *wire_encode_host(
	const struct wire_batch *batch, struct wire_names *names, struct arena *a)
{
	Tidemark__Host *m = arena_alloc(a, sizeof *m);
	tidemark__host__init(m);
	m->machine_id = (char *)wire_text_clean(batch->machine_id, a);
	m->hostname = wire_name_index(names, batch->hostname);
	m->kernel = wire_name_index(names, batch->kernel);
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
	m->service = wire_name_index(names, service);
	m->slot = process->slot;
	m->pid = process->pid;
	m->version = wire_name_index(names, process->version);
	m->runtime = wire_name_index(names, process->runtime);
	m->rule = wire_name_index(names, process->rule);
	m->command = wire_name_index(names, process->command);
	m->started_unix_ms = process->started_unix_ms;
	m->start_ticks = process->start_ticks;
	return m;
}

static Tidemark__Values *wire_encode_values(
	const struct wire_values *values, struct arena *a)
{
	Tidemark__Values *m = arena_alloc(a, sizeof *m);
	tidemark__values__init(m);
	m->present = values->present;
	size_t count = (size_t)__builtin_popcountll(values->present);
	m->value = arena_array(a, count, sizeof *m->value);
	BUG_ON(values->present >> METRIC_VALUES);
	for (unsigned i = 0; i < METRIC_VALUES; i++) {
		if (values->present >> i & 1)
			m->value[m->n_value++] = values->value[i];
	}
	return m;
}

static Tidemark__Tick *wire_encode_tick(
	const struct wire_tick *tick, int64_t base_ms, struct arena *a)
{
	Tidemark__Tick *m = arena_alloc(a, sizeof *m);
	tidemark__tick__init(m);
	m->offset_ms = tick->at_unix_ms - base_ms;
	if (tick->host.present)
		m->host = wire_encode_values(&tick->host, a);
	m->n_samples = tick->sample_count;
	m->samples = arena_array(a, tick->sample_count, sizeof *m->samples);
	for (size_t i = 0; i < tick->sample_count; i++) {
		Tidemark__Sample *sample = arena_alloc(a, sizeof *sample);
		tidemark__sample__init(sample);
		sample->process = tick->samples[i].process;
		sample->values = wire_encode_values(&tick->samples[i].values, a);
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
	};
	for (size_t i = 0; i < sizeof limits / sizeof *limits; i++) {
		if (limits[i].count > limits[i].maximum)
			return err_set(e, ERR_INPUT,
				"batch: %zu %s, at most %zu are allowed",
				limits[i].count, limits[i].what, limits[i].maximum);
	}
	return true;
}

static void wire_fill_batch(const struct wire_batch *batch, Tidemark__Batch *m,
	struct wire_names *names, struct arena *a)
{
	m->boot_id = (char *)wire_text_clean(batch->boot_id, a);
	m->at_unix_ms = batch->tick_count ? batch->ticks[0].at_unix_ms : 0;
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
	if (!wire_check_limits(batch, e))
		return false;
	scoped_pool struct wire_pool pool;
	wire_pool_init(&pool, 0);
	struct arena *a = &pool.arena;
	struct wire_names names = {.arena = a};
	names.text = arena_array(a, wire_names_room(batch), sizeof *names.text);
	Tidemark__Batch m = TIDEMARK__BATCH__INIT;
	wire_name_index(&names, ""); /* index 0, which protobuf leaves out */
	wire_fill_batch(batch, &m, &names, a);
	HASH_CLEAR(hh, names.by_text);
	if (names.overflow)
		return err_set(e, ERR_INPUT,
			"batch: more than %d different names are in use",
			WIRE_NAMES_MAX);
	size_t length = tidemark__batch__get_packed_size(&m);
	if (length > WIRE_BATCH_BYTES_MAX)
		return err_set(e, ERR_INPUT, "batch: %zu bytes, at most %d are allowed",
			length, WIRE_BATCH_BYTES_MAX);
	uint8_t *bytes = arena_alloc(a, length);
	BUG_ON(tidemark__batch__pack(&m, bytes) != length);
	return wire_compress(bytes, length, out, e);
}
