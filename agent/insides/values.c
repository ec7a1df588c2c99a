#include "agent/insides/values.h"

#include "schema/metric.h"

void values_put(struct wire_values *v, int metric, int64_t value)
{
	if (value < 0 || value > metric_maximum(&metric_process[metric]))
		return;
	v->present |= UINT64_C(1) << metric;
	v->value[metric] = value;
}

static int64_t values_kb(int64_t bytes)
{
	return bytes < 0 ? -1 : bytes / 1024;
}

static int64_t values_scaled(double value, double factor)
{
	return value >= 0 && value * factor < 9e15 ? (int64_t)(value * factor) : -1;
}

void values_node(const struct door_statistics *s, struct wire_values *out)
{
	const struct {
		int metric;
		int64_t value;
	} all[] = {
		{PROCESS_heap_used_kb, values_kb(s->heap_used_bytes)},
		{PROCESS_heap_total_kb, values_kb(s->heap_total_bytes)},
		{PROCESS_heap_limit_kb, values_kb(s->heap_limit_bytes)},
		{PROCESS_heap_floor_kb, values_kb(s->heap_floor_bytes)},
		{PROCESS_heap_new_kb, values_kb(s->space_new_bytes)},
		{PROCESS_heap_old_kb, values_kb(s->space_old_bytes)},
		{PROCESS_heap_large_kb, values_kb(s->space_large_bytes)},
		{PROCESS_heap_code_kb, values_kb(s->space_code_bytes)},
		{PROCESS_heap_other_kb, values_kb(s->space_other_bytes)},
		{PROCESS_external_kb, values_kb(s->external_bytes)},
		{PROCESS_array_buffers_kb, values_kb(s->array_buffers_bytes)},
		{PROCESS_native_contexts, s->contexts},
		{PROCESS_detached_contexts, s->detached_contexts},
		{PROCESS_loop_delay_p99_us, values_scaled(s->loop_delay_p99_ms, 1e3)},
		{PROCESS_loop_delay_max_us, values_scaled(s->loop_delay_max_ms, 1e3)},
		{PROCESS_loop_busy_permille,
			values_scaled(s->loop_utilization_ratio, 1e3)},
		{PROCESS_gc_count, s->gc_count},
		{PROCESS_gc_full_count, s->gc_full_count},
		{PROCESS_gc_ms, values_scaled(s->gc_ms, 1)},
		{PROCESS_resources, s->resources_all},
		{PROCESS_listeners, s->listeners},
		{PROCESS_requests, s->requests},
	};
	for (size_t i = 0; i < sizeof all / sizeof *all; i++)
		values_put(out, all[i].metric, all[i].value);
}

static int64_t values_sum(int64_t a, int64_t b)
{
	return a < 0 ? b : b < 0 ? a : a + b;
}

static int64_t values_used(const struct hsperf *h, int generation)
{
	int64_t sum = -1;
	for (int s = 0; s < HSPERF_SPACES; s++)
		sum = values_sum(sum, h->generation[generation].used[s]);
	return sum;
}

/* Generations that share one heap, as those of G1 do, each have it as their limit. */
static int64_t values_limit(const struct hsperf *h)
{
	int64_t young = h->generation[0].maximum, old = h->generation[1].maximum;
	bool is_shared = young >= 0 && old >= 0 && young - old < 65536 &&
			 old - young < 65536;
	return is_shared ? (young < old ? young : old) : values_sum(young, old);
}

/* Collector 1 is the full one, of all but ZGC and Shenandoah, which have no such. */
enum { VALUES_FULL = 1 };

static void values_collections(const struct hsperf *h, struct wire_values *out)
{
	int64_t count = -1, ticks = -1;
	for (int c = 0; c < HSPERF_COLLECTORS; c++) {
		count = values_sum(count, h->collector[c].count);
		ticks = values_sum(ticks, h->collector[c].ticks);
	}
	values_put(out, PROCESS_gc_count, count);
	values_put(out, PROCESS_gc_full_count, h->collector[VALUES_FULL].count);
	if (ticks >= 0 && h->ticks_per_s > 0)
		values_put(out, PROCESS_gc_ms,
			values_scaled((double)ticks, 1e3 / (double)h->ticks_per_s));
}

void values_java(
	const struct hsperf *h, struct values_floor *floor, struct wire_values *out)
{
	int64_t young = values_used(h, 0), old = values_used(h, 1);
	int64_t full = h->collector[VALUES_FULL].count;
	/* What came since is in it: at most so much was alive.  How long ago those
	 * before our first reading were is not known. */
	if (floor->is_counted && full > floor->full_count && old >= 0)
		floor->bytes = old;
	floor->is_counted = true;
	floor->full_count = full;
	values_put(out, PROCESS_heap_used_kb, values_kb(values_sum(young, old)));
	values_put(out, PROCESS_heap_total_kb,
		values_kb(values_sum(
			h->generation[0].capacity, h->generation[1].capacity)));
	values_put(out, PROCESS_heap_limit_kb, values_kb(values_limit(h)));
	values_put(out, PROCESS_heap_new_kb, values_kb(young));
	values_put(out, PROCESS_heap_old_kb, values_kb(old));
	values_put(out, PROCESS_heap_other_kb, values_kb(h->metaspace_used));
	if (floor->bytes > 0)
		values_put(out, PROCESS_heap_floor_kb, values_kb(floor->bytes));
	values_collections(h, out);
}

void values_cost(const struct values_cost *cost, struct wire_values *out)
{
	values_put(out, PROCESS_insides_us, cost->agent_us);
	values_put(out, PROCESS_insides_bytes, cost->bytes);
	values_put(out, PROCESS_insides_pause_us, cost->pause_us);
}
