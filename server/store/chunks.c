#include "server/store/chunks.h"

#include "server/store/db_copy.h"

#include <inttypes.h>

enum { CHUNKS_PIECE_BYTES = 1996 }; /* TOAST_MAX_CHUNK_SIZE with pages of 8 kB */

void chunks_put(struct copier *c, int64_t day_ms, int32_t subject, int metric,
	const void *bytes, size_t length)
{
	size_t whole = length - length % CHUNKS_PIECE_BYTES;
	copier_row(c, 5);
	copier_time(c, day_ms);
	copier_int4(c, subject);
	copier_int2(c, metric);
	copier_blob(c, bytes, whole);
	copier_blob(c, (const uint8_t *)bytes + whole, length - whole);
}

struct chunks_reading {
	chunks_take *take;
	void *context;
};

static bool chunks_take_row(
	void *context, const struct db_field *fields, int count, struct err *e)
{
	const struct chunks_reading *r = context;
	BUG_ON(count != 4);
	struct chunks_chunk chunk = {
		.day_ms = db_field_time(&fields[0]),
		.subject = (int32_t)db_field_int(&fields[1]),
		.metric = (int)db_field_int(&fields[2]),
		.bytes = fields[3].bytes,
		.length = (size_t)fields[3].length,
	};
	return r->take(r->context, &chunk, e);
}

static void chunks_where(
	struct buf *text, int64_t day_ms, const int32_t *subjects, size_t count)
{
	buf_printf(text,
		" FROM chunk WHERE at = timestamptz 'epoch' + %" PRId64
		" * interval '1 ms' AND subject = ANY ('{",
		day_ms);
	for (size_t i = 0; i < count; i++)
		buf_printf(text, i ? ",%d" : "%d", subjects[i]);
	buf_text(text, "}'::int4[])");
}

static bool chunks_select(struct db *db, int64_t day_ms, const int32_t *subjects,
	size_t count, const char *rest, struct chunks_reading *r, struct err *e)
{
	struct buf text = {0};
	buf_text(&text, "SELECT at, subject, metric, data || rest");
	chunks_where(&text, day_ms, subjects, count);
	buf_text(&text, rest);
	bool ok = db_copy_out(db, text.data, chunks_take_row, r, e);
	buf_finish(&text);
	return ok || err_wrap(e, "reading chunks");
}

bool chunks_read(struct db *db, int64_t day_ms, const int32_t *subjects, size_t count,
	chunks_take *take, void *context, struct err *e)
{
	struct chunks_reading r = {take, context};
	return chunks_select(
		db, day_ms, subjects, count, " ORDER BY subject, metric", &r, e);
}

bool chunks_read_times(struct db *db, int64_t day_ms, const int32_t *subjects,
	size_t count, chunks_take *take, void *context, struct err *e)
{
	struct chunks_reading r = {take, context};
	return chunks_select(db, day_ms, subjects, count, " AND metric = -1", &r, e);
}

bool chunks_read_all(
	struct db *db, int64_t from_ms, chunks_take *take, void *context, struct err *e)
{
	struct chunks_reading r = {take, context};
	struct buf text = {0};
	buf_printf(&text,
		"SELECT at, subject, metric, data || rest FROM chunk WHERE at >= "
		"timestamptz "
		"'epoch' + %" PRId64 " * interval '1 ms' ORDER BY at, subject, metric",
		from_ms);
	bool ok = db_copy_out(db, text.data, chunks_take_row, &r, e);
	buf_finish(&text);
	return ok || err_wrap(e, "reading chunks");
}

bool chunks_forget(struct db *db, int64_t day_ms, const int32_t *subjects, size_t count,
	struct err *e)
{
	struct buf text = {0};
	buf_text(&text, "DELETE");
	chunks_where(&text, day_ms, subjects, count);
	bool ok = db_script(db, text.data, "forgetting chunks", e);
	buf_finish(&text);
	return ok;
}
