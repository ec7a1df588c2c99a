#include "server/watch/insides.h"

#include <math.h>

static double figure(int64_t value)
{
	return value >= 0 ? (double)value : NAN;
}

/* What is beside the heap stays as it is. */
static double end_kb(const struct readings_row *row, const struct reading *out)
{
	if (row->heap_limit_kb <= 0 || row->heap_total_kb < 0)
		return 0;
	double beside_kb = out->memory_kb - (double)row->heap_total_kb;
	return (double)row->heap_limit_kb + (beside_kb > 0 ? beside_kb : 0);
}

static void put_heap(
	struct insides *is, const struct readings_row *row, struct reading *out)
{
	bool is_read = row->heap_used_kb >= 0 || row->heap_floor_kb >= 0;
	if (is_read)
		*is = (struct insides){.heap_ms = row->at_ms,
			.used_kb = figure(row->heap_used_kb),
			.live_kb = figure(row->heap_floor_kb),
			.collections = figure(row->gc_full_count),
			.end_kb = end_kb(row, out),
			.requests_ms = is->requests_ms,
			.requests = is->requests,
			.load = is->load};
	out->heap_kb = figure(row->heap_total_kb);
	if (!is->heap_ms || row->at_ms - is->heap_ms > INSIDES_HELD_MS) {
		is->end_kb = 0;
		return;
	}
	out->heap_used_kb = is->used_kb;
	out->collections = is->collections;
	/* Without a number of collections it would count each time. */
	if (is_read || !isnan(is->collections))
		out->live_kb = is->live_kb;
}

static void put_load(
	struct insides *is, const struct readings_row *row, struct reading *out)
{
	if (row->requests >= 0) {
		int64_t more = row->requests - is->requests;
		int64_t span_ms = row->at_ms - is->requests_ms;
		bool follows = is->requests_ms && span_ms > 0 && more >= 0;
		is->load = follows ? (double)more * 1000 / (double)span_ms : -1;
		is->requests_ms = row->at_ms;
		is->requests = row->requests;
	}
	if (is->requests_ms && row->at_ms - is->requests_ms <= INSIDES_HELD_MS &&
		is->load >= 0)
		out->load = is->load;
}

void insides_put(
	struct insides *is, const struct readings_row *row, struct reading *out)
{
	put_heap(is, row, out);
	put_load(is, row, out);
}
