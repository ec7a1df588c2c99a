/* What a running agent says about itself, in words. */
#include "agent/status.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define NOW INT64_C(1795305600000) /* 2026-11-22 00:00:00 */

static const struct identity identity = {
	.machine_id = "00112233445566778899aabbccddeeff", .hostname = "web1"};
static const struct state_enrolment enrolment = {
	.host = "tidemark.example", .port = 8471, .agent_id = 4};

static char text[2048];

static const char *format(const struct status *s)
{
	struct buf out = {0};
	status_format(s, NOW, &out);
	assert_true(out.length < sizeof text);
	strcpy(text, out.data);
	buf_finish(&out);
	return text;
}

static void of_an_agent_that_is_connected(void **state)
{
	(void)state;
	struct status s = {
		.identity = &identity,
		.enrolment = &enrolment,
		.uplink = {.connected = true,
			.connected_unix_ms = NOW - 60000,
			.last_receipt_unix_ms = NOW - 5000,
			.sent = 12,
			.stored = 9,
			.repeated = 2,
			.refused = 1,
			.last_refusal = "too old"},
		.spool = {.batches = 1, .bytes = 2345, .lost = 6},
		.started_unix_ms = NOW - 3600000,
		.interval_ms = 10000,
		.ticks = 360,
		.skipped = 2,
		.tick_ms = 6,
		.followed = 40,
		.processes = 200,
	};
	assert_non_null(strstr(format(&s), "host        web1 (00112233"));
	assert_non_null(strstr(text, "started     2026-11-21 23:00:00 UTC\n"));
	assert_non_null(strstr(text, "written     2026-11-22 00:00:00 UTC\n"));
	assert_non_null(strstr(text,
		"server      tidemark.example port 8471, known there as agent 4\n"));
	s.uplink.server = (struct endpoint){"tm-2.example", 8000};
	s.uplink.servers = 3;
	s.uplink.rank = 1;
	s.uplink.moves = 7;
	assert_non_null(strstr(format(&s),
		"server      tm-2.example port 8000, known there as agent 4; choice 2 "
		"of 3, changed 7 times\n"));
	assert_non_null(strstr(text, "connected   2026-11-21 23:59:00 UTC\n"));
	assert_non_null(strstr(text, "last ack    2026-11-21 23:59:55 UTC\n"));
	assert_non_null(strstr(text, "12 sent, 9 stored, 2 repeated, 1 refused\n"));
	assert_non_null(strstr(text, "refused     too old\n"));
	assert_non_null(strstr(text, "1 batches, 2345 bytes waiting; 6 lost"));
	assert_non_null(strstr(text, "following   40 of 200 processes\n"));
	assert_non_null(
		strstr(text, "360, one every 10000 ms, the last took 6 ms; 2 "));
}

static void of_an_agent_that_cannot_connect(void **state)
{
	(void)state;
	struct status s = {
		.identity = &identity,
		.enrolment = &enrolment,
		.uplink = {.last_error = "the server refused the key",
			.retry_in_ms = 4100},
	};
	assert_non_null(strstr(format(&s),
		"connected   no: the server refused the key; next try in 5 s\n"));
	assert_non_null(strstr(text, "last ack    never\n"));
}

static void of_an_agent_that_is_not_enrolled(void **state)
{
	(void)state;
	struct status s = {.identity = &identity};
	assert_non_null(
		strstr(format(&s), "not enrolled: run 'tidemark-agent join'\n"));
	assert_null(strstr(text, "last ack"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(of_an_agent_that_is_connected),
		cmocka_unit_test(of_an_agent_that_cannot_connect),
		cmocka_unit_test(of_an_agent_that_is_not_enrolled),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
