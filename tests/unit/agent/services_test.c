/* What `tidemark-agent services` prints. */
#include "agent/services.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define STARTED_MS INT64_C(1763838503000)

struct world {
	struct wire_process processes[3];
	struct wire_sample samples[3];
	struct processes_tick tick;
	struct slots *slots;
	struct buf out;
};

static int setup(void **state)
{
	struct world *w = calloc(1, sizeof *w);
	const struct wire_process shop = {.service = "shop",
		.version = "1.1.0",
		.runtime = "node",
		.rule = "package.json",
		.command = "node app.js",
		.started_unix_ms = STARTED_MS,
		.slot = 1,
		.pid = 11};
	w->processes[0] = w->processes[2] = shop;
	w->processes[1] = (struct wire_process){.service = "redis",
		.version = "",
		.runtime = "native",
		.rule = "unit",
		.command = "redis-server",
		.started_unix_ms = STARTED_MS,
		.pid = 12};
	w->processes[2].version = "1.0.0";
	w->processes[2].slot = 0;
	w->processes[2].pid = 13;
	for (uint32_t i = 0; i < 3; i++)
		w->samples[i].process = i;
	w->samples[0].values.value[PROCESS_rss_kb] = 102400;
	w->samples[0].values.value[PROCESS_rss_anon_kb] = 51200;
	w->tick = (struct processes_tick){
		.processes = w->processes, .samples = w->samples, .count = 3};
	w->tick.host.value[HOST_rest_processes] = 7;
	w->tick.host.value[HOST_rest_rss_kb] = 2048;
	w->slots = slots_create("boot");
	*state = w;
	return 0;
}

static int teardown(void **state)
{
	struct world *w = *state;
	slots_destroy(w->slots);
	buf_finish(&w->out);
	free(w);
	return 0;
}

static void lists_by_service_and_slot_and_sums_the_rest(void **state)
{
	struct world *w = *state;
	services_format(&w->tick, NULL, &w->out);
	assert_string_equal(w->out.data,
		"SERVICE SLOT      PID  STARTED              RESTARTS   RSS MiB  ANON "
		"MiB  "
		"VERSION      RUNTIME  NAMED BY             COMMAND\n"
		"redis      0       12  2025-11-22T19:08:23Z        -       0.0       "
		"0.0  "
		"-            native   unit                 redis-server\n"
		"shop       0       13  2025-11-22T19:08:23Z        -       0.0       "
		"0.0  "
		"1.0.0        node     package.json         node app.js\n"
		"shop       1       11  2025-11-22T19:08:23Z        -     100.0      "
		"50.0  "
		"1.1.0        node     package.json         node app.js\n"
		"(rest)                                                     2.0       "
		"0.0  "
		"7 smaller processes, or ignored\n");
}

static void sit(struct slots *slots, int pid)
{
	const struct slots_sitter who = {.service = "redis",
		.version = "",
		.program = "redis-server",
		.pid = pid,
		.start_ticks = (uint64_t)pid};
	assert_int_equal(slots_take(slots, &who, 1), 0);
}

static void says_the_same_to_programs(void **state)
{
	struct world *w = *state;
	sit(w->slots, 10);
	slots_give(w->slots, "redis", 0, 1);
	sit(w->slots, 12);
	services_format_json(&w->tick, w->slots, &w->out);
	assert_string_equal(w->out.data,
		"{\"services\":[{\"name\":\"redis\",\"rule\":\"unit\",\"runtime\":"
		"\"native\","
		"\"processes\":[{\"slot\":0,\"pid\":12,\"version\":\"\",\"command\":"
		"\"redis-server\",\"started_at\":\"2025-11-22T19:08:23Z\",\"restarts\":"
		"1,"
		"\"rss_kb\":0,\"anon_kb\":0}]},"
		"{\"name\":\"shop\",\"rule\":\"package.json\",\"runtime\":\"node\","
		"\"processes\":[{\"slot\":0,\"pid\":13,\"version\":\"1.0.0\","
		"\"command\":"
		"\"node "
		"app.js\",\"started_at\":\"2025-11-22T19:08:23Z\",\"restarts\":null,"
		"\"rss_kb\":0,\"anon_kb\":0},{\"slot\":1,\"pid\":11,\"version\":\"1.1."
		"0\","
		"\"command\":\"node app.js\",\"started_at\":\"2025-11-22T19:08:23Z\","
		"\"restarts\":null,\"rss_kb\":102400,\"anon_kb\":51200}]}],"
		"\"rest\":{\"processes\":7,\"rss_kb\":2048,\"anon_kb\":0}}\n");
}

static void nobody_is_a_document_too(void **state)
{
	struct world *w = *state;
	w->tick.count = 0;
	services_format_json(&w->tick, w->slots, &w->out);
	assert_string_equal(w->out.data, "{\"services\":[],\"rest\":{\"processes\":7,"
					 "\"rss_kb\":2048,\"anon_kb\":0}}\n");
}

int main(void)
{
#define IN_WORLD(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
	const struct CMUnitTest tests[] = {
		IN_WORLD(lists_by_service_and_slot_and_sums_the_rest),
		IN_WORLD(says_the_same_to_programs),
		IN_WORLD(nobody_is_a_document_too),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
