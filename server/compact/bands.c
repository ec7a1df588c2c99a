#include "server/compact/bands.h"

#include "server/history/sketch.h"

#include <stdlib.h>
#include <string.h>

enum { BANDS_PENDING_MAX = 1 << 18 };

/* One number that waits to be counted. */
struct bands_number {
	int64_t at_ms, value;
	int32_t fingerprint;
	int16_t metric;
	bool out;
};

struct bands_band {
	int64_t at_ms;
	int32_t fingerprint;
	int metric;
	int64_t n, sum, low, high;
	struct buf sketch;
};

struct bands {
	int step_s;
	struct bands_band *list; /* in order */
	size_t count;
	bool shuffled; /* what joined is at the end of the list */
	struct bands_number *pending;
	size_t pending_count;
	struct sketch sketch, one; /* scratch */
};

struct bands *bands_create(int step_s)
{
	struct bands *b = calloc(1, sizeof *b);
	BUG_ON(!b);
	b->step_s = step_s;
	b->pending = calloc(BANDS_PENDING_MAX, sizeof *b->pending);
	BUG_ON(!b->pending);
	return b;
}

static void bands_forget(struct bands *b)
{
	for (size_t i = 0; i < b->count; i++)
		buf_finish(&b->list[i].sketch);
	free(b->list);
	b->list = NULL;
	b->count = 0;
}

void bands_destroy(struct bands *b)
{
	if (!b)
		return;
	bands_forget(b);
	free(b->pending);
	free(b);
}

static int bands_compare_keys(int64_t at_a, int32_t fingerprint_a, int metric_a,
	int64_t at_b, int32_t fingerprint_b, int metric_b)
{
	if (at_a != at_b)
		return at_a < at_b ? -1 : 1;
	if (fingerprint_a != fingerprint_b)
		return fingerprint_a < fingerprint_b ? -1 : 1;
	return (metric_a > metric_b) - (metric_a < metric_b);
}

static int bands_compare_numbers(const void *left, const void *right)
{
	const struct bands_number *a = left, *b = right;
	int order = bands_compare_keys(a->at_ms, a->fingerprint, a->metric, b->at_ms,
		b->fingerprint, b->metric);
	/* What comes in first: nothing is taken out of nothing. */
	return order ? order : a->out - b->out;
}

static int bands_compare(const void *left, const void *right)
{
	const struct bands_band *a = left, *b = right;
	return bands_compare_keys(a->at_ms, a->fingerprint, a->metric, b->at_ms,
		b->fingerprint, b->metric);
}

/* Like sketch_add, the other way round. */
static void bands_sketch_remove(struct bands *b, int64_t value)
{
	sketch_reset(&b->one);
	sketch_add(&b->one, value);
	if (b->one.zeros && b->sketch.zeros)
		b->sketch.zeros--, b->sketch.total--;
	for (uint32_t i = b->one.low; i < b->one.high; i++)
		if (b->one.count[i] && b->sketch.count[i])
			b->sketch.count[i]--, b->sketch.total--;
}

static void bands_count(
	struct bands *b, struct bands_band *band, const struct bands_number *number)
{
	if (!number->out) {
		if (band->n == 0 || number->value < band->low)
			band->low = number->value;
		if (band->n == 0 || number->value > band->high)
			band->high = number->value;
		band->n++;
		if (__builtin_add_overflow(band->sum, number->value, &band->sum))
			band->sum = INT64_MAX;
		sketch_add(&b->sketch, number->value);
		return;
	}
	bands_sketch_remove(b, number->value);
	band->n -= band->n > 0;
	band->sum -= number->value;
	/* Who was the lowest may be it no more; what is left says about where it is. */
	if (band->n > 0 && number->value <= band->low) {
		int64_t low = sketch_quantile(&b->sketch, 0);
		band->low = low < band->low ? band->low : low;
	}
	if (band->n > 0 && band->low > band->high)
		band->low = band->high;
}

/* The band of the number's key: it may be a new one, at the end of the list. */
static struct bands_band *bands_find(
	struct bands *b, const struct bands_number *number, size_t sorted)
{
	struct bands_band key = {.at_ms = number->at_ms,
		.fingerprint = number->fingerprint,
		.metric = number->metric};
	struct bands_band *found = sorted ? bsearch(&key, b->list, sorted,
						    sizeof *b->list, bands_compare)
					  : NULL;
	if (found)
		return found;
	b->list = realloc(b->list, (b->count + 1) * sizeof *b->list);
	BUG_ON(!b->list);
	b->list[b->count] = key;
	return &b->list[b->count++];
}

static void bands_sort(struct bands *b)
{
	if (b->shuffled)
		qsort(b->list, b->count, sizeof *b->list, bands_compare);
	b->shuffled = false;
}

/* Counts what is pending, key by key. */
static void bands_fold(struct bands *b)
{
	bands_sort(b);
	size_t sorted = b->count;
	qsort(b->pending, b->pending_count, sizeof *b->pending, bands_compare_numbers);
	for (size_t i = 0; i < b->pending_count;) {
		struct bands_band *band = bands_find(b, &b->pending[i], sorted);
		struct err ignored;
		size_t first = i;
		sketch_reset(&b->sketch);
		if (band->sketch.length)
			sketch_take(&b->sketch, band->sketch.data, band->sketch.length,
				&ignored);
		for (; i < b->pending_count &&
			bands_compare_keys(b->pending[i].at_ms,
				b->pending[i].fingerprint, b->pending[i].metric,
				b->pending[first].at_ms, b->pending[first].fingerprint,
				b->pending[first].metric) == 0;
			i++)
			bands_count(b, band, &b->pending[i]);
		buf_reset(&band->sketch);
		sketch_put(&band->sketch, &b->sketch);
	}
	b->shuffled = b->count > sorted;
	b->pending_count = 0;
	bands_sort(b);
}

static void bands_pend(struct bands *b, const struct bands_number *number)
{
	if (b->pending_count == BANDS_PENDING_MAX)
		bands_fold(b);
	b->pending[b->pending_count++] = *number;
}

void bands_add(
	struct bands *b, int64_t at_ms, int32_t fingerprint, int metric, int64_t value)
{
	bands_pend(b, &(struct bands_number){
			      at_ms, value, fingerprint, (int16_t)metric, false});
}

void bands_take_out(
	struct bands *b, int64_t at_ms, int32_t fingerprint, int metric, int64_t value)
{
	bands_pend(b, &(struct bands_number){
			      at_ms, value, fingerprint, (int16_t)metric, true});
}

bool bands_join(struct bands *b, const struct rollups_band *stored, struct err *e)
{
	struct bands_number key = {.at_ms = stored->at_ms,
		.fingerprint = stored->fingerprint,
		.metric = (int16_t)stored->metric};
	sketch_reset(&b->sketch);
	if (!sketch_take(&b->sketch, stored->sketch, stored->sketch_length, e))
		return err_wrap(e, "version rollup");
	struct bands_band *band = bands_find(b, &key, 0);
	band->n = stored->n;
	band->sum = stored->sum;
	band->low = stored->low;
	band->high = stored->high;
	sketch_put(&band->sketch, &b->sketch);
	b->shuffled = true;
	return true;
}

void bands_put(struct bands *b, int32_t service, struct copier *c)
{
	bands_fold(b);
	for (size_t i = 0; i < b->count; i++) {
		const struct bands_band *band = &b->list[i];
		if (band->n == 0)
			continue;
		rollups_put_band(c, &(struct rollups_band){
					    .at_ms = band->at_ms,
					    .step_s = b->step_s,
					    .service = service,
					    .fingerprint = band->fingerprint,
					    .metric = band->metric,
					    .n = band->n,
					    .sum = band->sum,
					    .low = band->low,
					    .high = band->high,
					    .sketch = band->sketch.data,
					    .sketch_length = band->sketch.length,
				    });
	}
	bands_forget(b);
}
