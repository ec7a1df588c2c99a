#include "server/store/samples.h"

#include "server/store/storage_lock.h"

#include <endian.h>
#include <string.h>

/* 2000-01-01 in Unix time: the zero of PostgreSQL's clock, which counts µs. */
static const int64_t samples_epoch_ms = INT64_C(946684800000);

/* "PGCOPY\n\377\r\n\0", no flags, no extension. */
static const char samples_header[19] = "PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0";

void samples_reset(struct samples *s)
{
	buf_reset(&s->process);
	buf_reset(&s->host);
	buf_reset(&s->process_late);
	buf_reset(&s->host_late);
	s->process_count = s->host_count = s->late_count = 0;
	s->process_columns = s->host_columns = 0;
}

/* At least one column, so that 0 stays "all". */
void samples_limit(struct samples *s, uint64_t process_present, uint64_t host_present)
{
	BUG_ON(s->process_count || s->host_count);
	s->process_columns = process_present ? process_present : 1;
	s->host_columns = host_present ? host_present : 1;
}

static uint64_t samples_columns(uint64_t columns, int count)
{
	return columns ? columns : (UINT64_C(1) << count) - 1;
}

void samples_finish(struct samples *s)
{
	buf_finish(&s->process);
	buf_finish(&s->host);
	buf_finish(&s->process_late);
	buf_finish(&s->host_late);
	*s = (struct samples){0};
}

bool samples_hold(struct samples *s, struct db *db, struct err *e)
{
	struct arena a;
	struct db_args args;
	scoped_rows struct db_rows rows = {0};
	arena_init(&a);
	db_args_init(&args, &a);
	db_arg_int(&args, STORAGE_LOCK);
	bool ok = db_query(db, SQL_STORAGE_HOLD, &args, &rows, e);
	if (ok)
		s->closed_to_ms = db_time(&rows, 0, "closed_to");
	arena_finish(&a);
	return ok;
}

static char *samples_put16(char *at, uint16_t value)
{
	value = htobe16(value);
	memcpy(at, &value, sizeof value);
	return at + sizeof value;
}

static char *samples_put32(char *at, uint32_t value)
{
	value = htobe32(value);
	memcpy(at, &value, sizeof value);
	return at + sizeof value;
}

static char *samples_put64(char *at, uint64_t value)
{
	value = htobe64(value);
	memcpy(at, &value, sizeof value);
	return at + sizeof value;
}

/* Bit i: metric i's column is an int4.  From metric.def, so that a wrong width cannot
 * be written. */
#define SAMPLES_IS_int4 1
#define SAMPLES_IS_int8 0
static const uint64_t samples_narrow_process =
#define METRIC_IN_PROCESS(name, column)                                                \
	| (uint64_t)SAMPLES_IS_##column << PROCESS_##name
#define METRIC_IN_HOST(name, column)
#define METRIC_IN_QUEUE(name, column)
#define METRIC(scope, name, column, kind, unit, help) METRIC_IN_##scope(name, column)
	0
#include "schema/metric.def"
	;
#undef METRIC
#undef METRIC_IN_QUEUE
#undef METRIC_IN_HOST
#undef METRIC_IN_PROCESS
static const uint64_t samples_narrow_host =
#define METRIC_IN_PROCESS(name, column)
#define METRIC_IN_HOST(name, column) | (uint64_t)SAMPLES_IS_##column << HOST_##name
#define METRIC_IN_QUEUE(name, column)
#define METRIC(scope, name, column, kind, unit, help) METRIC_IN_##scope(name, column)
	0
#include "schema/metric.def"
	;
#undef METRIC
#undef METRIC_IN_QUEUE
#undef METRIC_IN_HOST
#undef METRIC_IN_PROCESS

static char *samples_put_values(
	char *at, const struct wire_values *values, uint64_t columns, uint64_t narrow)
{
	for (; columns; columns &= columns - 1) {
		int i = __builtin_ctzll(columns);
		if (!(values->present >> i & 1)) {
			at = samples_put32(at, UINT32_MAX); /* NULL */
		} else if (narrow >> i & 1) {
			at = samples_put32(at, 4);
			at = samples_put32(at, (uint32_t)values->value[i]);
		} else {
			at = samples_put32(at, 8);
			at = samples_put64(at, (uint64_t)values->value[i]);
		}
	}
	return at;
}

static void samples_add(struct buf *out, int32_t id, int64_t at_unix_ms,
	const struct wire_values *values, uint64_t columns, uint64_t narrow)
{
	int count = __builtin_popcountll(columns);
	if (out->length == 0)
		buf_append(out, samples_header, sizeof samples_header);
	/* Field count, id, time, and at most 12 bytes for each metric. */
	char *start = buf_reserve(out, (size_t)(2 + 8 + 12 + 12 * count));
	char *at = samples_put16(start, (uint16_t)(count + 2));
	at = samples_put32(at, 4);
	at = samples_put32(at, (uint32_t)id);
	at = samples_put32(at, 8);
	at = samples_put64(at, (uint64_t)((at_unix_ms - samples_epoch_ms) * 1000));
	at = samples_put_values(at, values, columns, narrow);
	out->length += (size_t)(at - start);
}

void samples_add_process(struct samples *s, int32_t generation_id, int64_t at_unix_ms,
	const struct wire_values *values)
{
	bool late = at_unix_ms < s->closed_to_ms;
	samples_add(late ? &s->process_late : &s->process, generation_id, at_unix_ms,
		values, samples_columns(s->process_columns, METRIC_PROCESS_COUNT),
		samples_narrow_process);
	s->process_count++;
	s->late_count += late;
}

void samples_add_host(struct samples *s, int32_t host_id, int64_t at_unix_ms,
	const struct wire_values *values)
{
	bool late = at_unix_ms < s->closed_to_ms;
	samples_add(late ? &s->host_late : &s->host, host_id, at_unix_ms, values,
		samples_columns(s->host_columns, METRIC_HOST_COUNT),
		samples_narrow_host);
	s->host_count++;
	s->late_count += late;
}

struct samples_table {
	const char *hot, *late, *id;
	const struct metric *metrics;
	uint64_t columns;
};

static bool samples_send(struct db *db, const struct samples_table *table, bool late,
	struct buf *rows, struct err *e)
{
	struct buf target = {0};
	if (rows->length == 0)
		return true;
	buf_printf(&target, "%s (%s, at", late ? table->late : table->hot, table->id);
	for (uint64_t left = table->columns; left; left &= left - 1)
		buf_printf(&target, ", %s", table->metrics[__builtin_ctzll(left)].name);
	buf_byte(&target, ')');
	buf_be16(rows, UINT16_MAX); /* the end of a binary COPY */
	bool ok = db_copy_in(db, target.data, rows, e);
	buf_finish(&target);
	return ok;
}

bool samples_copy(struct db *db, struct samples *s, struct err *e)
{
	const struct samples_table process = {"sample", "sample_late", "generation_id",
		metric_process,
		samples_columns(s->process_columns, METRIC_PROCESS_COUNT)};
	const struct samples_table host = {"host_sample", "host_sample_late", "host_id",
		metric_host, samples_columns(s->host_columns, METRIC_HOST_COUNT)};
	return samples_send(db, &process, false, &s->process, e) &&
	       samples_send(db, &host, false, &s->host, e) &&
	       samples_send(db, &process, true, &s->process_late, e) &&
	       samples_send(db, &host, true, &s->host_late, e);
}
