/* Insight: warnings, and what is said of sources and queues. */
#include "server/store/insight.h"

#include "common/json.h"

#include <sodium.h>
#include <string.h>

enum { INSIGHT_SIGNATURE_BYTES = 16 };

const char *const insight_warning_name[] = {
	[WARNING_MAX_LISTENERS] = "max_listeners",
	[WARNING_HEAP_OUT_OF_MEMORY] = "heap_out_of_memory",
	[WARNING_OOM_KILL] = "oom_kill",
	[WARNING_UNCAUGHT_EXCEPTION] = "uncaught_exception",
	[WARNING_PATTERN] = "pattern",
};

bool insight_is_figure(const char *field)
{
	static const char *const whole[] = {"count", "pid"};
	static const char *const ends[] = {"_mb", "_kb", "_bytes", "_ms", "_count"};
	size_t length = strlen(field);
	for (size_t i = 0; i < sizeof whole / sizeof *whole; i++)
		if (strcmp(field, whole[i]) == 0)
			return true;
	for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
		size_t end = strlen(ends[i]);
		if (length > end && strcmp(field + length - end, ends[i]) == 0)
			return true;
	}
	return false;
}

/* With its NUL, so that two texts in a row cannot be mistaken for two others. */
static void insight_sign(crypto_generichash_state *state, const char *text)
{
	crypto_generichash_update(state, (const unsigned char *)text, strlen(text) + 1);
}

static const char *insight_signature(const struct warning *w, struct arena *a)
{
	crypto_generichash_state state;
	unsigned char digest[INSIGHT_SIGNATURE_BYTES];
	char *text = arena_alloc(a, 2 * sizeof digest + 1);
	crypto_generichash_init(&state, NULL, 0, sizeof digest);
	insight_sign(&state, insight_warning_name[w->kind]);
	insight_sign(&state, w->source);
	for (size_t i = 0; i < w->field_count; i += 2) {
		insight_sign(&state, w->fields[i]);
		if (!insight_is_figure(w->fields[i]))
			insight_sign(&state, w->fields[i + 1]);
	}
	crypto_generichash_final(&state, digest, sizeof digest);
	return sodium_bin2hex(text, 2 * sizeof digest + 1, digest, sizeof digest);
}

static const char *insight_fields(const struct warning *w, struct arena *a)
{
	struct buf text = {0};
	struct json j;
	json_init(&j, &text);
	json_object(&j);
	for (size_t i = 0; i < w->field_count; i += 2)
		json_put_string(&j, w->fields[i], w->fields[i + 1]);
	json_end(&j);
	char *copy = arena_strndup(a, text.data, text.length);
	buf_finish(&text);
	return copy;
}

bool insight_put_warning(struct db *db, int32_t host_id, int32_t generation_id,
	const struct warning *warning, struct arena *a, uint64_t *made, struct err *e)
{
	struct db_args args;
	scoped_rows struct db_rows rows = {0};
	db_args_init(&args, a);
	db_arg_int(&args, host_id);
	if (generation_id)
		db_arg_int(&args, generation_id);
	else
		db_arg_null(&args);
	db_arg_text(&args, insight_warning_name[warning->kind]);
	db_arg_text(&args, warning->source);
	db_arg_text(&args, insight_fields(warning, a));
	db_arg_text(&args, insight_signature(warning, a));
	db_arg_time(&args, warning->at_unix_ms);
	db_arg_int(&args, (int64_t)warning->count);
	if (!db_query(db, SQL_WARNING_PUT, &args, &rows, e))
		return err_wrap(e, "warning");
	*made = rows.count && db_bool(&rows, 0, "made");
	return true;
}

bool insight_put_sources(struct db *db, int32_t host_id,
	const struct source_state *sources, size_t count, struct arena *a,
	uint64_t *made, struct err *e)
{
	scoped_rows struct db_rows rows = {0};
	const char **names = arena_array(a, count, sizeof *names);
	const char **kinds = arena_array(a, count, sizeof *kinds);
	const char **texts = arena_array(a, count, sizeof *texts);
	int64_t *work = arena_array(a, count, sizeof *work);
	int64_t *took_us = arena_array(a, count, sizeof *took_us);
	int64_t *times = arena_array(a, count, sizeof *times);
	for (size_t i = 0; i < count; i++) {
		names[i] = sources[i].name;
		kinds[i] = sources[i].kind;
		texts[i] = sources[i].text;
		work[i] = sources[i].works;
		took_us[i] = (int64_t)sources[i].took_us;
		times[i] = sources[i].at_unix_ms;
	}
	struct db_args args;
	db_args_init(&args, a);
	db_arg_int(&args, host_id);
	db_arg_texts(&args, names, count);
	db_arg_texts(&args, kinds, count);
	db_arg_ints(&args, work, count);
	db_arg_texts(&args, texts, count);
	db_arg_ints(&args, took_us, count);
	db_arg_ints(&args, times, count);
	if (!db_query(db, SQL_SOURCE_PUT, &args, &rows, e))
		return err_wrap(e, "sources");
	*made = (uint64_t)rows.count;
	return true;
}

/* The columns that the queries share. */
struct insight_queues {
	const char **sources, **kinds, **names, **producers, **workers;
	int64_t *times;
	size_t count;
};

/* One to a line: names hold no line ends. */
static const char *insight_lines(const char **globs, size_t count, struct arena *a)
{
	struct buf text = {0};
	for (size_t i = 0; i < count; i++) {
		if (i > 0)
			buf_byte(&text, '\n');
		buf_text(&text, globs[i]);
	}
	char *copy = arena_strndup(a, text.data ? text.data : "", text.length);
	buf_finish(&text);
	return copy;
}

static struct insight_queues insight_columns(
	const struct wire_queue *queues, size_t count, struct arena *a)
{
	struct insight_queues out = {
		.sources = arena_array(a, count, sizeof *out.sources),
		.kinds = arena_array(a, count, sizeof *out.kinds),
		.names = arena_array(a, count, sizeof *out.names),
		.producers = arena_array(a, count, sizeof *out.producers),
		.workers = arena_array(a, count, sizeof *out.workers),
		.times = arena_array(a, count, sizeof *out.times),
		.count = count,
	};
	for (size_t i = 0; i < count; i++) {
		const struct queue_place *of = &queues[i].of;
		out.sources[i] = of->source;
		out.kinds[i] = of->kind;
		out.names[i] = of->name;
		out.producers[i] = insight_lines(of->producers, of->producer_count, a);
		out.workers[i] = insight_lines(of->workers, of->worker_count, a);
		out.times[i] = queues[i].at_unix_ms;
	}
	return out;
}

static bool insight_put_samples(struct db *db, int32_t host_id,
	const struct wire_queue *queues, const struct insight_queues *columns,
	struct arena *a, struct err *e)
{
	_Static_assert(METRIC_QUEUE_COUNT == 11, "the parameters of queue_sample_put");
	struct db_args args;
	db_args_init(&args, a);
	db_arg_int(&args, host_id);
	db_arg_texts(&args, columns->sources, columns->count);
	db_arg_texts(&args, columns->names, columns->count);
	db_arg_ints(&args, columns->times, columns->count);
	for (unsigned m = 0; m < METRIC_QUEUE_COUNT; m++) {
		int64_t *values = arena_array(a, columns->count, sizeof *values);
		bool *has = arena_array(a, columns->count, sizeof *has);
		for (size_t i = 0; i < columns->count; i++) {
			has[i] = queues[i].values.present >> m & 1;
			values[i] = queues[i].values.value[m];
		}
		db_arg_ints_or_null(&args, values, has, columns->count);
	}
	return db_query(db, SQL_QUEUE_SAMPLE_PUT, &args, NULL, e) ||
	       err_wrap(e, "readings of queues");
}

bool insight_put_queues(struct db *db, int32_t host_id, const struct wire_queue *queues,
	size_t count, struct arena *a, uint64_t *made, struct err *e)
{
	struct insight_queues columns = insight_columns(queues, count, a);
	struct db_args args;
	scoped_rows struct db_rows rows = {0};
	db_args_init(&args, a);
	db_arg_int(&args, host_id);
	db_arg_texts(&args, columns.sources, count);
	db_arg_texts(&args, columns.kinds, count);
	db_arg_ints(&args, columns.times, count);
	if (!db_query(db, SQL_SOURCE_FIND, &args, NULL, e))
		return err_wrap(e, "sources of queues");
	db_args_init(&args, a);
	db_arg_int(&args, host_id);
	db_arg_texts(&args, columns.sources, count);
	db_arg_texts(&args, columns.kinds, count);
	db_arg_texts(&args, columns.names, count);
	db_arg_texts(&args, columns.producers, count);
	db_arg_texts(&args, columns.workers, count);
	db_arg_ints(&args, columns.times, count);
	if (!db_query(db, SQL_QUEUE_PUT, &args, &rows, e))
		return err_wrap(e, "queues");
	*made = (uint64_t)rows.count;
	return insight_put_samples(db, host_id, queues, &columns, a, e);
}
