#include "server/compact/verify.h"

#include "server/history/column.h"
#include "server/history/segment.h"
#include "server/store/chunks.h"
#include "server/store/segments.h"

#include <stdlib.h>
#include <string.h>

/* Rows of the times of one subject. */
struct verify_times {
	int32_t subject;
	size_t rows;
};

struct verify {
	verify_tell *tell;
	void *context;
	struct verify_counts *counts;
	bool hosts; /* whose segment is being read */
	/* The times that were read last: of a segment, and of a chunk's subject. */
	struct verify_times *times;
	size_t count, capacity;
	int64_t at_ms;
	int32_t service, block;
};

static void verify_damaged(struct verify *v, struct verify_damage damage)
{
	v->counts->damaged++;
	if (v->hosts)
		damage.subject = -damage.subject;
	if (v->tell)
		v->tell(v->context, &damage);
}

static void verify_forget_times(
	struct verify *v, int64_t at_ms, int32_t service, int32_t block)
{
	v->count = 0;
	v->at_ms = at_ms;
	v->service = service;
	v->block = block;
}

static void verify_add_times(struct verify *v, int32_t subject, size_t rows)
{
	if (v->count == v->capacity) {
		v->capacity = v->capacity ? 2 * v->capacity : 256;
		v->times = realloc(v->times, v->capacity * sizeof *v->times);
		BUG_ON(!v->times);
	}
	v->times[v->count++] = (struct verify_times){subject, rows};
}

static int verify_compare(const void *left, const void *right)
{
	const struct verify_times *a = left, *b = right;
	return (a->subject > b->subject) - (a->subject < b->subject);
}

static const struct verify_times *verify_find(const struct verify *v, int32_t subject)
{
	struct verify_times key = {.subject = subject};
	return v->count ? bsearch(&key, v->times, v->count, sizeof key, verify_compare)
			: NULL;
}

/* The body too: a checksum says that the bytes are those that were written, decoding
 * that they mean something. */
static bool verify_column(
	const void *bytes, size_t length, bool times, size_t *rows, struct err *e)
{
	struct column_head head;
	struct arena a;
	int64_t *values;
	bool *has;
	if (!column_check(bytes, length, &head, e))
		return false;
	if (head.is_times != times)
		return err_set(
			e, ERR_INPUT, times ? "column: no times" : "column: times");
	arena_init(&a);
	*rows = head.rows;
	bool ok = times ? column_get_times(bytes, length, &a, &values, rows, e)
			: column_get_values(
				  bytes, length, &a, head.rows, &values, &has, e);
	arena_finish(&a);
	return ok;
}

/* One column, of a segment or a chunk; `where` has all but what is wrong. */
static void verify_one(
	struct verify *v, const void *bytes, size_t length, struct verify_damage where)
{
	struct err e;
	size_t rows = 0;
	bool times = where.metric == SEGMENT_TIMES;
	if (!verify_column(bytes, length, times, &rows, &e)) {
		where.what = e.text;
		verify_damaged(v, where);
		return;
	}
	if (times) {
		verify_add_times(v, where.subject, rows);
		return;
	}
	const struct verify_times *own = verify_find(v, where.subject);
	v->counts->values += rows;
	if (!own)
		where.what = "its times are missing or damaged";
	else if (own->rows != rows)
		where.what = "it has not as many rows as its times";
	else
		return;
	verify_damaged(v, where);
}

static bool verify_segment(
	void *context, const struct segments_segment *s, struct err *e)
{
	struct verify *v = context;
	struct verify_damage where = {.where = "segment",
		.at_ms = s->at_ms,
		.service = s->service,
		.block = s->block,
		.metric = s->metric};
	struct segment_reader reader;
	struct segment_column column;
	struct err own;
	bool found = true;
	(void)e;
	v->counts->segments++;
	v->hosts = s->service == 0;
	v->counts->bytes += s->length;
	if (s->metric == SEGMENT_TIMES || s->at_ms != v->at_ms ||
		s->service != v->service || s->block != v->block)
		verify_forget_times(v, s->at_ms, s->service, s->block);
	bool ok = segment_open(&reader, s->bytes, s->length, &own);
	while (ok && found) {
		ok = segment_next(&reader, &column, &found, &own);
		if (!ok || !found)
			break;
		v->counts->columns++;
		where.subject = column.subject;
		verify_one(v, column.bytes, column.length, where);
	}
	if (ok)
		return true;
	where.subject = 0;
	where.what = own.text;
	verify_damaged(v, where);
	return true;
}

static bool verify_chunk(void *context, const struct chunks_chunk *c, struct err *e)
{
	struct verify *v = context;
	(void)e;
	v->counts->chunks++;
	v->counts->bytes += c->length;
	if (c->metric == SEGMENT_TIMES || c->day_ms != v->at_ms || v->count != 1 ||
		v->times[0].subject != c->subject)
		verify_forget_times(v, c->day_ms, 0, 0);
	verify_one(v, c->bytes, c->length,
		(struct verify_damage){.where = "chunk",
			.at_ms = c->day_ms,
			.subject = c->subject,
			.metric = c->metric});
	return true;
}

bool verify_run(struct db *db, int64_t from_ms, verify_tell *tell, void *context,
	struct verify_counts *counts, struct err *e)
{
	struct verify v = {.tell = tell, .context = context, .counts = counts};
	*counts = (struct verify_counts){0};
	/* Readings move from segments to chunks: in this order none is missed. */
	bool ok = segments_read_all(
		db, from_ms, INT64_C(253402300800000), verify_segment, &v, e);
	verify_forget_times(&v, 0, 0, 0);
	v.hosts = false;
	ok = ok && chunks_read_all(db, from_ms, verify_chunk, &v, e);
	free(v.times);
	return ok;
}
