/*
 * Nobody takes all the places where packages are handed out.
 */
#include "server/api/downloads.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
/* After what it needs. */
#include <cmocka.h>

static void one_client_leaves_room_for_others(void **state)
{
	(void)state;
	struct downloads *d = downloads_create();
	char address[32];
	int last = -1;
	for (int i = 0; i < DOWNLOADS_OF_ONE; i++) {
		snprintf(address, sizeof address, "2001:db8::%x", i);
		last = downloads_begin(d, address);
		assert_true(last >= 0);
	}
	assert_int_equal(downloads_begin(d, "2001:db8::ffff"), -1);
	assert_true(downloads_begin(d, "2001:db8:0:1::1") >= 0);
	downloads_end(d, last);
	assert_true(downloads_begin(d, "2001:db8::ffff") >= 0);
	assert_int_equal(downloads_begin(d, "2001:db8::ffff"), -1);
	downloads_destroy(d);
}

static void there_are_so_many_places(void **state)
{
	(void)state;
	struct downloads *d = downloads_create();
	for (int i = 0; i < DOWNLOADS_MAX; i++)
		assert_in_range(downloads_begin(d, "127.0.0.1"), 0, DOWNLOADS_MAX - 1);
	assert_int_equal(downloads_begin(d, "192.0.2.1"), -1);
	downloads_end(d, 7);
	assert_int_equal(downloads_begin(d, "192.0.2.1"), 7);
	downloads_destroy(d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_client_leaves_room_for_others),
		cmocka_unit_test(there_are_so_many_places),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
