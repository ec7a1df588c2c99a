#include "server/store/streams.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static void streams_key_args(struct db_args *args, const struct streams_stream *streams,
	size_t count, struct arena *a)
{
	int64_t *agents = arena_array(a, count, sizeof *agents);
	int64_t *epochs = arena_array(a, count, sizeof *epochs);
	for (size_t i = 0; i < count; i++) {
		agents[i] = streams[i].agent_id;
		epochs[i] = (int64_t)streams[i].epoch;
	}
	db_args_init(args, a);
	db_arg_ints(args, agents, count);
	db_arg_ints(args, epochs, count);
}

/* "{[1,5),[7,9)}", as PostgreSQL writes a multirange of integers. */
static void streams_parse(struct streams_stream *s, const char *text)
{
	for (const char *c = text; (c = strchr(c, '['));) {
		char *end;
		uint64_t from = strtoull(c + 1, &end, 10);
		BUG_ON(*end != ',');
		uint64_t to = strtoull(end + 1, &end, 10);
		BUG_ON(*end != ')');
		streams_add(s, from, to);
		c = end;
	}
	s->changed = false;
}

/* The answers that there are; how many is returned. */
static size_t streams_read(struct streams_stream *streams, size_t count,
	const struct db_rows *rows, struct arena *a)
{
	int row = 0;
	for (size_t i = 0; i < count; i++) {
		struct streams_stream *s = &streams[i];
		s->arena = a;
		s->range_count = 0;
		s->known = row < rows->count &&
			   db_int(rows, row, "agent_id") == s->agent_id &&
			   db_int(rows, row, "epoch") == (int64_t)s->epoch;
		if (!s->known)
			continue;
		s->revoked = db_bool(rows, row, "revoked");
		s->host_id = (int32_t)db_int(rows, row, "host_id");
		s->machine_id = db_text_copy(rows, row, "machine_id", a);
		streams_parse(s, db_text(rows, row, "stored"));
		row++;
	}
	BUG_ON(row != rows->count);
	return (size_t)row;
}

bool streams_claim(struct db *db, struct streams_stream *streams, size_t count,
	struct arena *a, struct err *e)
{
	struct db_args args;
	scoped_rows struct db_rows rows = {0}, again = {0};
	streams_key_args(&args, streams, count, a);
	if (!db_query(db, SQL_STREAM_CLAIM, &args, &rows, e))
		return false;
	if (streams_read(streams, count, &rows, a) == count)
		return true;
	/* Some are new.  Two servers that meet here may wait for each other; one of
	 * them is told so by PostgreSQL, and tries again. */
	if (!db_query(db, SQL_STREAM_OPEN, &args, NULL, e) ||
		!db_query(db, SQL_STREAM_CLAIM, &args, &again, e))
		return false;
	streams_read(streams, count, &again, a);
	return true;
}

/* The first range that ends at or behind `sequence`. */
static size_t streams_find(const struct streams_stream *s, uint64_t sequence)
{
	size_t low = 0, high = s->range_count;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (s->ranges[middle].to < sequence)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

bool streams_has(const struct streams_stream *s, uint64_t sequence)
{
	size_t at = streams_find(s, sequence + 1);
	return at < s->range_count && s->ranges[at].from <= sequence;
}

static void streams_insert(
	struct streams_stream *s, size_t at, struct streams_range range)
{
	if (s->range_count == s->range_capacity) {
		size_t capacity = s->range_capacity ? 2 * s->range_capacity : 4;
		struct streams_range *ranges = arena_array(
			s->arena, capacity, sizeof *ranges);
		if (s->range_count)
			memcpy(ranges, s->ranges, s->range_count * sizeof *ranges);
		s->ranges = ranges;
		s->range_capacity = capacity;
	}
	memmove(s->ranges + at + 1, s->ranges + at,
		(s->range_count - at) * sizeof *s->ranges);
	s->ranges[at] = range;
	s->range_count++;
}

void streams_add(struct streams_stream *s, uint64_t from, uint64_t to)
{
	if (from >= to)
		return;
	/* Everything from `at` up to `end` touches the new range and melts into it. */
	size_t at = streams_find(s, from), end = at;
	struct streams_range range = {from, to};
	while (end < s->range_count && s->ranges[end].from <= to) {
		if (s->ranges[end].from < range.from)
			range.from = s->ranges[end].from;
		if (s->ranges[end].to > range.to)
			range.to = s->ranges[end].to;
		end++;
	}
	if (end == at + 1 && s->ranges[at].from == range.from &&
		s->ranges[at].to == range.to)
		return; /* held already */
	s->changed = true;
	if (end == at) {
		streams_insert(s, at, range);
		return;
	}
	s->ranges[at] = range;
	memmove(s->ranges + at + 1, s->ranges + end,
		(s->range_count - end) * sizeof *s->ranges);
	s->range_count -= end - at - 1;
}

static const char *streams_text(const struct streams_stream *s, struct arena *a)
{
	struct buf text = {0};
	buf_byte(&text, '{');
	for (size_t i = 0; i < s->range_count; i++)
		buf_printf(&text, "%s[%" PRIu64 ",%" PRIu64 ")", i ? "," : "",
			s->ranges[i].from, s->ranges[i].to);
	buf_byte(&text, '}');
	const char *copy = arena_strdup(a, text.data);
	buf_finish(&text);
	return copy;
}

static bool streams_write(struct db *db, enum sql_query query,
	const struct streams_stream *streams, size_t count, struct arena *a,
	struct err *e)
{
	struct streams_stream *changed = arena_array(a, count, sizeof *changed);
	const char **stored = arena_array(a, count, sizeof *stored);
	size_t n = 0;
	for (size_t i = 0; i < count; i++) {
		if (!streams[i].changed)
			continue;
		changed[n] = streams[i];
		stored[n++] = streams_text(&streams[i], a);
	}
	if (n == 0)
		return true;
	struct db_args args;
	streams_key_args(&args, changed, n, a);
	db_arg_texts(&args, stored, n);
	return db_query(db, query, &args, NULL, e);
}

bool streams_save(struct db *db, const struct streams_stream *streams, size_t count,
	struct arena *a, struct err *e)
{
	return streams_write(db, SQL_STREAM_SAVE, streams, count, a, e);
}

bool streams_claim_ledger(struct db *db, struct streams_stream *streams, size_t count,
	struct arena *a, struct err *e)
{
	struct db_args args;
	streams_key_args(&args, streams, count, a);
	scoped_rows struct db_rows rows = {0};
	if (!db_query(db, SQL_SHARD_LEDGER_OPEN, &args, NULL, e) ||
		!db_query(db, SQL_SHARD_LEDGER_CLAIM, &args, &rows, e))
		return false;
	if ((size_t)rows.count != count)
		return err_set(e, ERR_IO, "ledger: rows of another server stay unseen");
	for (size_t i = 0; i < count; i++) {
		streams[i].arena = a;
		BUG_ON(db_int(&rows, (int)i, "agent_id") != streams[i].agent_id ||
			db_int(&rows, (int)i, "epoch") != (int64_t)streams[i].epoch);
		streams_parse(&streams[i], db_text(&rows, (int)i, "stored"));
	}
	return true;
}

bool streams_save_ledger(struct db *db, const struct streams_stream *streams,
	size_t count, struct arena *a, struct err *e)
{
	return streams_write(db, SQL_SHARD_LEDGER_SAVE, streams, count, a, e);
}
