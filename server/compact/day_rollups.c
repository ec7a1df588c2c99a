#include "server/compact/day_inside.h"

#include "schema/metric.h"

#include <stdlib.h>
#include <string.h>

/* What one version on one seat had in each hour: before, and now. */
struct day_rollups_instance {
	int32_t fingerprint;
	struct rollup old[ROLLUP_HOURS], now[ROLLUP_HOURS];
};

static bool day_rollups_service(struct day *d, int32_t service, struct err *e)
{
	struct rollups_bands stored;
	struct arena a;
	if (d->bands_service == service)
		return true;
	if (!day_rollups_end(d, e))
		return false;
	d->bands = bands_create((int)(PARTITIONS_HOUR_MS / 1000));
	d->bands_service = service;
	arena_init(&a);
	bool ok = rollups_take_bands(d->step->readings,
		(int)(PARTITIONS_HOUR_MS / 1000), service, d->group->day_ms,
		d->group->day_ms + PARTITIONS_DAY_MS, &a, &stored, e);
	for (size_t i = 0; ok && i < stored.count; i++) {
		struct err damage;
		if (!bands_join(d->bands, &stored.list[i], &damage))
			day_damaged(d, "version rollup", 0, stored.list[i].at_ms,
				stored.list[i].metric, &damage);
	}
	arena_finish(&a);
	return ok;
}

bool day_rollups_begin(struct day *d, struct err *e)
{
	int32_t *slots = arena_array(
		&d->batch_arena, d->batch_count + 1, sizeof *slots);
	size_t count = 0;
	if (d->hosts || d->batch[0].is.service <= 0)
		return true;
	for (size_t i = 0; i < d->batch_count; i++)
		if (count == 0 || slots[count - 1] != d->batch[i].is.slot)
			slots[count++] = d->batch[i].is.slot;
	return day_rollups_service(d, d->batch[0].is.service, e) &&
	       rollups_forget_days(
		       d->step->readings, d->group->day_ms, slots, count, e);
}

bool day_rollups_end(struct day *d, struct err *e)
{
	if (!d->bands)
		return true;
	bands_put(d->bands, d->bands_service, &d->band_rows);
	bands_destroy(d->bands);
	d->bands = NULL;
	d->bands_service = 0;
	/* Whoever takes them next must find them in the table. */
	return copier_end(&d->band_rows, e);
}

static int64_t day_rollups_value(enum metric_kind kind, const struct rollup *r)
{
	if (kind != METRIC_COUNTER)
		return r->high;
	double value = (double)r->sum * 3600 / (double)r->n;
	return value < 0x1p62 ? (int64_t)(value + 0.5) : INT64_MAX;
}

static void day_rollups_tell(
	struct day *d, int metric, const struct day_rollups_instance *in)
{
	enum metric_kind kind = metric_process[metric].kind;
	for (int h = 0; h < ROLLUP_HOURS; h++) {
		int64_t at_ms = d->group->day_ms + h * PARTITIONS_HOUR_MS;
		bool was = in->old[h].n > 0, is = in->now[h].n > 0;
		int64_t old = was ? day_rollups_value(kind, &in->old[h]) : 0;
		int64_t now = is ? day_rollups_value(kind, &in->now[h]) : 0;
		if (was == is && old == now)
			continue;
		if (is)
			bands_add(d->bands, at_ms, in->fingerprint, metric, now);
		if (was)
			bands_take_out(d->bands, at_ms, in->fingerprint, metric, old);
	}
}

static void day_rollups_put_hours(
	struct day *d, int metric, int32_t slot, const struct rollup *hours)
{
	struct rollups_day day = {0};
	bool any = false;
	for (int h = 0; h < ROLLUP_HOURS; h++) {
		day.n[h] = hours[h].n;
		day.sum[h] = hours[h].sum;
		day.low[h] = hours[h].low;
		day.high[h] = hours[h].high;
		day.last[h] = hours[h].last;
		any = any || hours[h].n > 0;
	}
	if (any)
		rollups_put_day(&d->hours, d->group->day_ms, slot, metric, &day);
}

/* The version's entry, which may be a new one. */
static struct day_rollups_instance *day_rollups_find(
	struct day_rollups_instance *list, size_t *count, int32_t fingerprint)
{
	for (size_t i = 0; i < *count; i++)
		if (list[i].fingerprint == fingerprint)
			return &list[i];
	list[*count] = (struct day_rollups_instance){.fingerprint = fingerprint};
	return &list[(*count)++];
}

/* Lives batch[first, end) of one seat, in order of their start. */
static void day_rollups_seat(struct day *d, int metric, size_t first, size_t end)
{
	struct rollup hours[ROLLUP_HOURS] = {0};
	struct day_rollups_instance *list = calloc(end - first, sizeof *list);
	size_t count = 0;
	BUG_ON(!list);
	for (size_t i = first; i < end; i++) {
		const struct life *l = &d->batch[i];
		struct rollup own[ROLLUP_HOURS] = {0};
		struct day_rollups_instance *in = day_rollups_find(
			list, &count, l->is.fingerprint);
		rollup_day(own, metric_process[metric].kind, d->group->day_ms, l->at_ms,
			d->values + l->first, d->has + l->first, l->rows);
		for (int h = 0; h < ROLLUP_HOURS; h++) {
			rollup_merge(&hours[h], &own[h]);
			rollup_merge(&in->now[h], &own[h]);
			rollup_merge(&in->old[h], &d->old_hours[i][h]);
		}
	}
	for (size_t i = 0; i < count; i++)
		day_rollups_tell(d, metric, &list[i]);
	day_rollups_put_hours(d, metric, d->batch[first].is.slot, hours);
	free(list);
}

void day_rollups_metric(struct day *d, int metric)
{
	if (!d->bands || !rollup_has(metric))
		return;
	for (size_t first = 0, end; first < d->batch_count; first = end) {
		for (end = first; end < d->batch_count &&
				  d->batch[end].is.slot == d->batch[first].is.slot;)
			end++;
		day_rollups_seat(d, metric, first, end);
	}
}
