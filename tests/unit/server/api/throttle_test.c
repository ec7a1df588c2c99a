/*
 * Guessing gets slower and slower, for an account and from an address.
 */
#include "server/api/throttle.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
/* After what it needs. */
#include <cmocka.h>

static struct throttle *t;

static int begin(void **state)
{
	(void)state;
	t = throttle_create();
	return 0;
}

static int end(void **state)
{
	(void)state;
	throttle_destroy(t);
	return 0;
}

static int64_t try_at(const char *address, const char *name, int64_t now_ms)
{
	return throttle_begin(t, &(struct throttle_try){address, name, now_ms});
}

static void delays_double_up_to_a_minute(void **state)
{
	(void)state;
	int64_t now_ms = 1000000;
	for (int i = 0; i < 3; i++)
		assert_int_equal(try_at("a", "ada", now_ms), 0);
	static const int64_t delays[] = {
		1000, 2000, 4000, 8000, 16000, 32000, 60000, 60000};
	for (size_t i = 0; i < sizeof delays / sizeof *delays; i++) {
		assert_int_equal(try_at("a", "ada", now_ms), delays[i]);
		assert_int_equal(try_at("a", "ada", now_ms + delays[i] - 1), 1);
		now_ms += delays[i];
		assert_int_equal(try_at("a", "ada", now_ms), 0);
	}
	assert_int_equal(try_at("b", "bob", now_ms), 0);
}

static void a_stranger_cannot_lock_the_owner_out(void **state)
{
	(void)state;
	int64_t now_ms = 1000000;
	for (int i = 0; i < 50; i++) {
		int64_t wait_ms = try_at("stranger", "ada", now_ms);
		now_ms += wait_ms;
		if (wait_ms)
			assert_int_equal(try_at("stranger", "ada", now_ms), 0);
	}
	assert_true(try_at("stranger", "ada", now_ms + 1) > 50000);
	assert_in_range(try_at("owner", "ada", now_ms), 1, 1000);
	assert_int_equal(try_at("owner", "ada", now_ms + 1000), 0);
}

static void many_addresses_go_slowly_through_passwords(void **state)
{
	(void)state;
	char address[16];
	for (int i = 0; i < 60; i++) {
		snprintf(address, sizeof address, "a%d", i);
		assert_int_equal(try_at(address, "ada", i * INT64_C(100)) == 0,
			i < 3 || i % 10 == 2);
	}
}

static void an_address_cannot_go_through_names(void **state)
{
	(void)state;
	char name[16];
	for (int i = 0; i < 3; i++) {
		snprintf(name, sizeof name, "user%d", i);
		assert_int_equal(try_at("a", name, 0), 0);
	}
	assert_int_equal(try_at("a", "user3", 0), 1000);
	assert_int_equal(try_at("b", "user3", 0), 0);
}

static void a_network_is_one_address(void **state)
{
	(void)state;
	char address[32], name[16];
	for (int i = 0; i < 3; i++) {
		snprintf(address, sizeof address, "2001:db8::%d", i);
		snprintf(name, sizeof name, "user%d", i);
		assert_int_equal(try_at(address, name, 0), 0);
	}
	assert_int_equal(try_at("2001:db8::ffff", "user3", 0), 1000);
	assert_int_equal(try_at("2001:db8:0:1::ffff", "user3", 0), 0);
}

static void success_clears_the_account_but_not_the_address(void **state)
{
	(void)state;
	struct throttle_try right = {"a", "mallory", 0};
	for (int i = 0; i < 2; i++)
		assert_int_equal(try_at("a", "ada", 0), 0);
	assert_int_equal(throttle_begin(t, &right), 0);
	throttle_succeed(t, &right);
	/* Two guesses stay counted: the third is the last without a wait. */
	assert_int_equal(try_at("a", "ada", 0), 0);
	assert_int_equal(try_at("a", "bob", 0), 1000);
	assert_int_equal(try_at("b", "mallory", 0), 0);
}

static void what_was_no_try_does_not_count(void **state)
{
	(void)state;
	struct throttle_try attempt = {"a", "ada", 0};
	for (int i = 0; i < 10; i++) {
		assert_int_equal(throttle_begin(t, &attempt), 0);
		throttle_undo(t, &attempt);
	}
}

static void an_hour_is_forgotten(void **state)
{
	(void)state;
	for (int i = 0; i < 3; i++)
		try_at("a", "ada", 0);
	assert_int_equal(try_at("a", "ada", 0), 1000);
	assert_int_equal(try_at("a", "ada", 3600001), 0);
	assert_int_equal(try_at("a", "ada", 3600001), 0);
}

static void memory_is_bounded(void **state)
{
	(void)state;
	char name[16];
	for (int i = 0; i < 3; i++)
		try_at("first", "first", 0);
	for (int i = 0; i < 30000; i++) {
		snprintf(name, sizeof name, "n%d", i);
		try_at(name, name, 1);
	}
	/* The oldest were dropped to make room for the newest. */
	assert_int_equal(try_at("first", "first", 2), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			delays_double_up_to_a_minute, begin, end),
		cmocka_unit_test_setup_teardown(
			a_stranger_cannot_lock_the_owner_out, begin, end),
		cmocka_unit_test_setup_teardown(
			many_addresses_go_slowly_through_passwords, begin, end),
		cmocka_unit_test_setup_teardown(
			an_address_cannot_go_through_names, begin, end),
		cmocka_unit_test_setup_teardown(a_network_is_one_address, begin, end),
		cmocka_unit_test_setup_teardown(
			success_clears_the_account_but_not_the_address, begin, end),
		cmocka_unit_test_setup_teardown(
			what_was_no_try_does_not_count, begin, end),
		cmocka_unit_test_setup_teardown(an_hour_is_forgotten, begin, end),
		cmocka_unit_test_setup_teardown(memory_is_bounded, begin, end),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
