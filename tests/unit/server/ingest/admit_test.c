/* What a batch's own words decide. */
#include "server/ingest/admit.h"
#include "server/ingest/keyring.h"
#include "server/ingest/limiter.h"
#include "server/ingest/notice.h"
#include "server/ingest/quota.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define DAY_MS INT64_C(86400000)
#define NOW_MS (20000 * DAY_MS + DAY_MS / 2) /* noon */

static void a_batch_is_refused_when_all_of_it_is_too_old(void **state)
{
	(void)state;
	struct err e;
	struct wire_tick ticks[2] = {{.at_unix_ms = NOW_MS - 8 * DAY_MS},
		{.at_unix_ms = NOW_MS - 7 * DAY_MS - 1}};
	struct wire_batch batch = {.ticks = ticks, .tick_count = 2};
	assert_false(admit_times(&batch, NOW_MS, 7 * DAY_MS, &e));
	assert_int_equal(e.kind, ERR_INPUT);
	assert_non_null(strstr(e.text, "7 days"));
	assert_non_null(strstr(e.text, "2024-09-27"));
	ticks[1].at_unix_ms++;
	assert_true(admit_times(&batch, NOW_MS, 7 * DAY_MS, &e));
}

/* Its partition is gone, or will be in a moment. */
static void a_tick_of_a_day_that_is_dropped_is_taken_out(void **state)
{
	(void)state;
	struct err e;
	struct wire_sample sample = {.values = {.present = 7}};
	struct wire_tick ticks[3] = {{.at_unix_ms = 20000 * DAY_MS - 7 * DAY_MS - 1,
					     .host = {.present = 3},
					     .samples = &sample,
					     .sample_count = 1},
		{.at_unix_ms = 20000 * DAY_MS - 7 * DAY_MS}, {.at_unix_ms = NOW_MS}};
	struct wire_batch batch = {.ticks = ticks, .tick_count = 3};
	assert_true(admit_times(&batch, NOW_MS, 7 * DAY_MS, &e));
	assert_int_equal(batch.tick_count, 2);
	assert_true(batch.ticks[0].at_unix_ms == 20000 * DAY_MS - 7 * DAY_MS);
	assert_int_equal(batch.refused_values, 5);
	assert_true(admit_newest_ms(&batch) == NOW_MS);
}

static void a_batch_without_ticks_is_fine(void **state)
{
	(void)state;
	struct err e;
	struct wire_batch batch = {0};
	assert_true(admit_times(&batch, NOW_MS, DAY_MS, &e));
	assert_true(admit_newest_ms(&batch) == 0);
}

static void an_upload_must_speak_our_protocol_and_count_from_one(void **state)
{
	(void)state;
	static const struct {
		uint32_t protocol;
		uint64_t sequence, oldest;
		const char *reason; /* NULL: fine */
	} cases[] = {
		{WIRE_PROTOCOL, 1, 1, NULL},
		{WIRE_PROTOCOL, 1, 0, NULL},
		{WIRE_PROTOCOL, INT64_MAX - 1, 5, NULL},
		{WIRE_PROTOCOL, 0, 0, "sequence"},
		{WIRE_PROTOCOL, INT64_MAX, 5, "sequence"},
		{WIRE_PROTOCOL, UINT64_MAX, 5, "sequence"},
		{WIRE_PROTOCOL, 4, 5, "oldest"},
		{0, 1, 1, "protocol 0"},
		{WIRE_PROTOCOL + 1, 1, 1, "versions"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct err e = {0};
		struct wire_upload upload = {.protocol = cases[i].protocol,
			.sequence = cases[i].sequence,
			.oldest = cases[i].oldest};
		assert_true(admit_upload(&upload, &e) == !cases[i].reason);
		if (cases[i].reason)
			assert_non_null(strstr(e.text, cases[i].reason));
		/* An agent of another version keeps its batches. */
		if (cases[i].reason)
			assert_int_equal(e.kind, cases[i].protocol == WIRE_PROTOCOL
							 ? ERR_INPUT
							 : ERR_BUSY);
	}
}

static void an_address_may_knock_so_often_and_then_waits(void **state)
{
	(void)state;
	struct limiter *l = limiter_create();
	int64_t now_ms = 1000;
	for (int i = 0; i < LIMITER_BURST; i++)
		assert_true(limiter_allow(l, "10.0.0.1", now_ms));
	assert_false(limiter_allow(l, "10.0.0.1", now_ms));
	assert_true(limiter_allow(l, "10.0.0.2", now_ms));
	now_ms += 1000 / LIMITER_PER_SECOND - 1;
	assert_false(limiter_allow(l, "10.0.0.1", now_ms));
	now_ms++;
	assert_true(limiter_allow(l, "10.0.0.1", now_ms));
	assert_false(limiter_allow(l, "10.0.0.1", now_ms));
	/* A long rest fills the bucket, and no more than that. */
	now_ms += 1000000000;
	for (int i = 0; i < LIMITER_BURST; i++)
		assert_true(limiter_allow(l, "10.0.0.1", now_ms));
	assert_false(limiter_allow(l, "10.0.0.1", now_ms));
	limiter_destroy(l);
}

/* A stranger with many addresses neither fills the memory nor resets a busy one. */
static void a_flood_of_addresses_keeps_the_busy_ones(void **state)
{
	(void)state;
	struct limiter *l = limiter_create();
	for (int i = 0; i < LIMITER_BURST; i++)
		assert_true(limiter_allow(l, "busy", 0));
	for (int i = 0; i < 3 * LIMITER_ADDRESSES_MAX; i++) {
		char address[32];
		snprintf(address, sizeof address, "10.%d.%d.1", i / 250, i % 250);
		assert_true(limiter_allow(l, address, 0));
		if (i % 1000 == 0)
			assert_false(limiter_allow(l, "busy", 0));
	}
	char long_address[300];
	memset(long_address, 'a', sizeof long_address - 1);
	long_address[sizeof long_address - 1] = 0;
	assert_true(limiter_allow(l, long_address, 0));
	limiter_destroy(l);
}

static void a_key_is_found_after_it_was_added(void **state)
{
	(void)state;
	struct keyring *k = keyring_create(NULL);
	uint8_t key[AGENTS_KEY_BYTES] = {1, 2, 3, 4},
		near[AGENTS_KEY_BYTES] = {1, 2, 3, 4};
	near[31] = 1; /* the same hash, another key */
	assert_int_equal(keyring_find(k, key), 0);
	keyring_add(k, key, 7);
	assert_int_equal(keyring_find(k, key), 7);
	assert_int_equal(keyring_find(k, near), 0);
	keyring_add(k, near, 8);
	keyring_add(k, key, 9);
	assert_int_equal(keyring_find(k, key), 9);
	assert_int_equal(keyring_find(k, near), 8);
	keyring_destroy(k);
}

static void a_thing_is_said_once_in_its_period(void **state)
{
	(void)state;
	struct notice *n = notice_create(1000);
	assert_true(notice_is_due(n, "7", "batch 12 is bad", 5000));
	assert_false(notice_is_due(n, "7", "batch 12 is bad", 5999));
	assert_false(notice_is_due(n, "7", "batch 345 is bad", 5999));
	assert_true(notice_is_due(n, "8", "batch 12 is bad", 5999));
	assert_true(notice_is_due(n, "7", "something else", 5999));
	assert_true(notice_is_due(n, "7", "batch 12 is bad", 6000));
	assert_false(notice_is_due(n, "7", "batch 12 is bad", 6001));
	/* Texts of any length, and more subjects than are remembered. */
	char text[1000];
	memset(text, 'x', sizeof text - 1);
	text[sizeof text - 1] = 0;
	assert_true(notice_is_due(n, text, text, 6001));
	assert_false(notice_is_due(n, text, text, 6001));
	for (int i = 0; i < 3 * NOTICE_SUBJECTS_MAX; i++) {
		char subject[16];
		snprintf(subject, sizeof subject, "%d", 100 + i);
		assert_true(notice_is_due(n, subject, "t", 6001));
		assert_false(notice_is_due(n, subject, "t", 6001));
	}
	notice_destroy(n);
}

static void each_agent_has_a_quota_of_its_own(void **state)
{
	(void)state;
	struct quota *q = quota_create(10, 1000);
	quota_spend(q, 1, 9, 5000);
	assert_false(quota_is_spent(q, 1, 5000));
	quota_spend(q, 1, 500, 5500);
	assert_true(quota_is_spent(q, 1, 5999));
	assert_false(quota_is_spent(q, 2, 5999));
	/* The window begins with the first spending. */
	assert_false(quota_is_spent(q, 1, 6000));
	quota_spend(q, 1, 10, 6000);
	assert_true(quota_is_spent(q, 1, 6999));
	quota_clear(q);
	assert_false(quota_is_spent(q, 1, 6999));
	quota_destroy(q);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_batch_is_refused_when_all_of_it_is_too_old),
		cmocka_unit_test(a_tick_of_a_day_that_is_dropped_is_taken_out),
		cmocka_unit_test(a_batch_without_ticks_is_fine),
		cmocka_unit_test(an_upload_must_speak_our_protocol_and_count_from_one),
		cmocka_unit_test(an_address_may_knock_so_often_and_then_waits),
		cmocka_unit_test(a_flood_of_addresses_keeps_the_busy_ones),
		cmocka_unit_test(a_thing_is_said_once_in_its_period),
		cmocka_unit_test(each_agent_has_a_quota_of_its_own),
		cmocka_unit_test(a_key_is_found_after_it_was_added),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
