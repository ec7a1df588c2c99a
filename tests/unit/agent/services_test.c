/* The table of `tidemark-agent services`. */
#include "agent/services.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void lists_by_service_and_slot_and_sums_the_rest(void **state)
{
	(void)state;
	struct wire_process processes[] = {
		{.service = "shop",
			.version = "1.1.0",
			.runtime = "node",
			.rule = "package.json",
			.command = "node app.js",
			.slot = 1,
			.pid = 11},
		{.service = "redis",
			.version = "",
			.runtime = "native",
			.rule = "unit",
			.command = "redis-server",
			.pid = 12},
		{.service = "shop",
			.version = "1.0.0",
			.runtime = "node",
			.rule = "package.json",
			.command = "node app.js",
			.pid = 13},
	};
	struct wire_sample samples[3] = {
		{.process = 0}, {.process = 1}, {.process = 2}};
	samples[0].values.value[PROCESS_rss_kb] = 102400;
	samples[0].values.value[PROCESS_rss_anon_kb] = 51200;
	struct processes_tick tick = {
		.processes = processes, .samples = samples, .count = 3};
	tick.host.value[HOST_rest_processes] = 7;
	tick.host.value[HOST_rest_rss_kb] = 2048;
	struct buf out = {0};
	services_format(&tick, &out);
	assert_string_equal(out.data,
		"SERVICE SLOT      PID   RSS MiB  ANON MiB  VERSION      RUNTIME  "
		"NAMED BY             COMMAND\n"
		"redis      0       12       0.0       0.0  -            native   "
		"unit                 redis-server\n"
		"shop       0       13       0.0       0.0  1.0.0        node     "
		"package.json         node app.js\n"
		"shop       1       11     100.0      50.0  1.1.0        node     "
		"package.json         node app.js\n"
		"(rest)                      2.0       0.0  7 smaller processes\n");
	buf_finish(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lists_by_service_and_slot_and_sums_the_rest),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
