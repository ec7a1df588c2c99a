/* fuzzes: agent_insides */
/*
 * A JVM's hsperfdata, and what a Node.js process says of itself and of its heap.
 */
#include "agent/capture/statistics.h"
#include "agent/insides/headcount.h"
#include "agent/insides/hsperf.h"
#include "agent/insides/values.h"

#include <jansson.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void fuzz_values(const struct wire_values *v)
{
	for (int i = 0; i < METRIC_PROCESS_COUNT; i++) {
		if (v->present & UINT64_C(1) << i)
			BUG_ON(v->value[i] < 0 ||
				v->value[i] > metric_maximum(&metric_process[i]));
	}
}

static void fuzz_java(const uint8_t *data, size_t size)
{
	struct hsperf h;
	struct err e;
	struct values_floor floor = {.is_counted = true, .full_count = -1};
	struct wire_values v = {0};
	if (!hsperf_parse(data, size, &h, &e))
		return;
	values_java(&h, &floor, &v);
	fuzz_values(&v);
}

static void fuzz_node(const json_t *document)
{
	struct door_statistics s;
	struct err e;
	struct wire_values v = {0};
	if (!statistics_parse(document, &s, &e))
		return;
	values_node(&s, &v);
	fuzz_values(&v);
}

static void fuzz_census(const json_t *document)
{
	struct headcount t;
	struct arena arena;
	struct census census;
	struct err e;
	arena_init(&arena);
	headcount_init(&t);
	headcount_add(&t, document, &arena, &e);
	headcount_add(&t, document, &arena, &e);
	headcount_close(&t, &census);
	BUG_ON(census.item_count > CENSUS_ITEMS_MAX);
	arena_finish(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	json_error_t failure;
	fuzz_java(data, size);
	json_t *document = json_loadb(
		(const char *)data, size, JSON_REJECT_DUPLICATES, &failure);
	if (document) {
		fuzz_node(document);
		fuzz_census(document);
	}
	json_decref(document);
	return 0;
}
