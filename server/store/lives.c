#include "server/store/lives.h"

#include <stdlib.h>

enum { LIVES_PIECE = 20000 };

static int32_t lives_int(const struct db_rows *rows, int row, int column)
{
	int64_t value;
	db_int_at(rows, row, column, &value);
	return (int32_t)value;
}

struct lives_numbers {
	int generation, slot, service, host, fingerprint;
};

static struct lives_numbers lives_numbers_of(const struct db_rows *rows)
{
	return (struct lives_numbers){
		.generation = db_find(rows, "id"),
		.slot = db_find(rows, "slot_id"),
		.service = db_find(rows, "service_id"),
		.host = db_find(rows, "host_id"),
		.fingerprint = db_find(rows, "fingerprint_id"),
	};
}

static struct lives_life lives_read(
	const struct db_rows *rows, int row, const struct lives_numbers *n)
{
	return (struct lives_life){
		.generation = lives_int(rows, row, n->generation),
		.slot = lives_int(rows, row, n->slot),
		.service = lives_int(rows, row, n->service),
		.host = lives_int(rows, row, n->host),
		.fingerprint = lives_int(rows, row, n->fingerprint),
	};
}

static void lives_arg_ids(
	struct db_args *args, const int32_t *ids, size_t count, struct arena *a)
{
	int64_t *wide = arena_array(a, count + 1, sizeof *wide);
	for (size_t i = 0; i < count; i++)
		wide[i] = ids[i];
	db_arg_ints(args, wide, count);
}

static int lives_compare(const void *left, const void *right)
{
	const struct lives_life *a = left, *b = right;
	return (a->generation > b->generation) - (a->generation < b->generation);
}

static bool lives_find_some(
	struct db *db, struct lives_life *out, size_t count, struct err *e)
{
	struct arena a;
	struct db_args args;
	scoped_rows struct db_rows rows = {0};
	arena_init(&a);
	db_args_init(&args, &a);
	int64_t *ids = arena_array(&a, count + 1, sizeof *ids);
	for (size_t i = 0; i < count; i++)
		ids[i] = out[i].generation;
	db_arg_ints(&args, ids, count);
	bool ok = db_query_binary(db, SQL_LIVES_FIND, NULL, &args, &rows, e);
	if (ok && rows.count > 0) {
		struct lives_numbers n = lives_numbers_of(&rows);
		for (int row = 0; row < rows.count; row++) {
			struct lives_life life = lives_read(&rows, row, &n);
			struct lives_life *at = bsearch(
				&life, out, count, sizeof *out, lives_compare);
			if (at)
				*at = life;
		}
	}
	arena_finish(&a);
	return ok;
}

bool lives_find(struct db *db, const int32_t *ids, size_t count, struct arena *a,
	struct lives_life **out, struct err *e)
{
	*out = arena_array(a, count + 1, sizeof **out);
	for (size_t i = 0; i < count; i++)
		(*out)[i] = (struct lives_life){
			.generation = ids[i], .service = LIVES_UNKNOWN};
	for (size_t i = 0; i < count; i += LIVES_PIECE) {
		size_t piece = count - i < LIVES_PIECE ? count - i : LIVES_PIECE;
		if (!lives_find_some(db, *out + i, piece, e))
			return false;
	}
	return true;
}

bool lives_of_slots(struct db *db, const int32_t *slots, size_t count, int64_t from_ms,
	int64_t to_ms, struct arena *a, struct lives_list *out, struct err *e)
{
	struct arena own;
	struct db_args args;
	scoped_rows struct db_rows rows = {0};
	arena_init(&own);
	db_args_init(&args, &own);
	lives_arg_ids(&args, slots, count, &own);
	db_arg_time(&args, from_ms);
	db_arg_time(&args, to_ms);
	bool ok = db_query_binary(db, SQL_LIVES_OF_SLOTS, NULL, &args, &rows, e);
	if (ok) {
		struct lives_numbers n = lives_numbers_of(&rows);
		out->list = arena_array(a, (size_t)rows.count + 1, sizeof *out->list);
		out->count = (size_t)rows.count;
		for (int row = 0; row < rows.count; row++)
			out->list[row] = lives_read(&rows, row, &n);
	}
	arena_finish(&own);
	return ok;
}
