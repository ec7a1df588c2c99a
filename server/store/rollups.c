#include "server/store/rollups.h"

void rollups_put_day(struct copier *c, int64_t day_ms, int32_t slot, int metric,
	const struct rollups_day *day)
{
	copier_row(c, 8);
	copier_time(c, day_ms);
	copier_int4(c, slot);
	copier_int2(c, metric);
	copier_int4s(c, day->n, ROLLUPS_HOURS);
	copier_int8s(c, day->sum, ROLLUPS_HOURS);
	copier_int8s(c, day->low, ROLLUPS_HOURS);
	copier_int8s(c, day->high, ROLLUPS_HOURS);
	copier_int8s(c, day->last, ROLLUPS_HOURS);
}

bool rollups_forget_days(struct db *db, int64_t day_ms, const int32_t *slots,
	size_t count, struct err *e)
{
	struct arena a;
	struct db_args args;
	arena_init(&a);
	db_args_init(&args, &a);
	int64_t *wide = arena_array(&a, count + 1, sizeof *wide);
	for (size_t i = 0; i < count; i++)
		wide[i] = slots[i];
	db_arg_time(&args, day_ms);
	db_arg_ints(&args, wide, count);
	bool ok = db_query(db, SQL_ROLLUP_FORGET_DAYS, &args, NULL, e);
	arena_finish(&a);
	return ok;
}

void rollups_put_band(struct copier *c, const struct rollups_band *band)
{
	copier_row(c, 10);
	copier_time(c, band->at_ms);
	copier_int4(c, band->step_s);
	copier_int4(c, band->service);
	copier_int4(c, band->fingerprint);
	copier_int2(c, band->metric);
	copier_int4(c, band->n);
	copier_int8(c, band->sum);
	copier_int8(c, band->low);
	copier_int8(c, band->high);
	copier_blob(c, band->sketch, band->sketch_length);
}

bool rollups_take_bands(struct db *db, int step_s, int32_t service, int64_t from_ms,
	int64_t to_ms, struct arena *a, struct rollups_bands *out, struct err *e)
{
	struct db_args args;
	scoped_rows struct db_rows rows = {0};
	db_args_init(&args, a);
	db_arg_int(&args, step_s);
	db_arg_int(&args, service);
	db_arg_time(&args, from_ms);
	db_arg_time(&args, to_ms);
	if (!db_query(db, SQL_ROLLUP_TAKE_BANDS, &args, &rows, e))
		return false;
	out->list = arena_array(a, (size_t)rows.count + 1, sizeof *out->list);
	out->count = (size_t)rows.count;
	for (int i = 0; i < rows.count; i++) {
		struct rollups_band *band = &out->list[i];
		*band = (struct rollups_band){
			.at_ms = db_time(&rows, i, "at"),
			.step_s = step_s,
			.service = service,
			.fingerprint = (int32_t)db_int(&rows, i, "fingerprint_id"),
			.metric = (int)db_int(&rows, i, "metric"),
			.n = db_int(&rows, i, "n"),
			.sum = db_int(&rows, i, "sum"),
			.low = db_int(&rows, i, "low"),
			.high = db_int(&rows, i, "high"),
		};
		band->sketch = db_bytes(&rows, i, "sketch", a, &band->sketch_length);
	}
	return true;
}
