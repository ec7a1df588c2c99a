/*
 * An address knocks so often, and its network with it.
 */
#include "server/ingest/limiter.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
/* After what it needs. */
#include <cmocka.h>

static void an_address_has_its_knocks(void **state)
{
	(void)state;
	struct limiter *l = limiter_create();
	int knocks = 0;
	while (limiter_allow(l, "192.0.2.1", 0))
		knocks++;
	assert_int_equal(knocks, LIMITER_BURST);
	assert_true(limiter_allow(l, "192.0.2.2", 0));
	assert_true(limiter_allow(l, "192.0.2.1", 1000));
	limiter_destroy(l);
}

static void a_network_is_one_address(void **state)
{
	(void)state;
	struct limiter *l = limiter_create();
	char address[32];
	for (int i = 0; i < LIMITER_BURST; i++) {
		snprintf(address, sizeof address, "2001:db8::%x", i);
		assert_true(limiter_allow(l, address, 0));
	}
	assert_false(limiter_allow(l, "2001:db8::ffff", 0));
	assert_true(limiter_allow(l, "2001:db8:0:1::ffff", 0));
	/* Neither is one of IPv4 in the clothes of IPv6. */
	assert_true(limiter_allow(l, "::ffff:192.0.2.1", 0));
	limiter_destroy(l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_address_has_its_knocks),
		cmocka_unit_test(a_network_is_one_address),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
