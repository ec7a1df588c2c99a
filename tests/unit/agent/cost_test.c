/* What the agent takes itself: over a minute, with its scout, and anew after a change.
 */
#include "agent/cost.h"
#include "common/clock.h"
#include "tests/unit/cmocka_all.h"

#include <string.h>
#include <unistd.h>

static void it_is_known_after_some_seconds(void **state)
{
	(void)state;
	struct cost c = {0};
	cost_add(&c, 5000000, 9 << 20, 100000);
	assert_false(c.known);
	cost_add(&c, 5010000, 9 << 20, 101000);
	assert_false(c.known);
	cost_add(&c, 5100000, 10 << 20, 110000);
	assert_true(c.known);
	assert_int_equal(c.cpu_ppm, 10000); /* 0.1 s in 10 s */
	assert_int_equal(c.rss_bytes, 10 << 20);
	cost_begin(&c);
	assert_false(c.known);
	cost_add(&c, 9000000, 1, 111000);
	cost_add(&c, 9005000, 1, 121000);
	assert_int_equal(c.cpu_ppm, 500);
}

static void it_is_of_the_last_minute(void **state)
{
	(void)state;
	struct cost c = {0};
	uint64_t cpu_us = 0;
	for (int64_t at = 0; at <= 600000; at += 1000)
		cost_add(&c, cpu_us += at < 500000 ? 50000 : 1000, 1, at);
	assert_int_equal(c.cpu_ppm, 1000);
	/* Readings that are an hour apart are all there is. */
	cost_add(&c, cpu_us + 3600000, 1, 4200000);
	assert_int_equal(c.cpu_ppm, 1000);
	cost_add(&c, cpu_us + 2 * 3600000, 1, 7800000);
	assert_int_equal(c.cpu_ppm, 1000);
	assert_true(c.count <= COST_POINTS);
}

/* Processes of the machine: of this one it is known that it takes something. */
static void it_reads_what_is_there(void **state)
{
	(void)state;
	struct cost c = {0};
	int64_t now_ms = clock_mono_ms();
	cost_look(&c, getpid(), now_ms);
	assert_true(c.rss_bytes > 1 << 20);
	uint64_t both = c.rss_bytes;
	for (int64_t until = now_ms + 60; clock_mono_ms() < until;)
		;
	cost_look(&c, 0, now_ms + COST_LEAST_MS);
	assert_true(c.rss_bytes < both);
	assert_true(c.known);
	assert_true(c.cpu_ppm > 0 && c.cpu_ppm < 1000000);
	/* A scout that has ended takes nothing back. */
	uint32_t before = c.cpu_ppm;
	cost_look(&c, 999999999, now_ms + COST_LEAST_MS + 1);
	assert_true(c.cpu_ppm + 100 >= before);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_is_known_after_some_seconds),
		cmocka_unit_test(it_is_of_the_last_minute),
		cmocka_unit_test(it_reads_what_is_there),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
