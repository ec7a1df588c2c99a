/*
 * Everybody has a share, nobody has more, and who is quiet is forgotten.
 */
#include "server/api/clients.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
/* After what it needs. */
#include <cmocka.h>

static void connections_have_a_limit(void **state)
{
	(void)state;
	struct clients *c = clients_create();
	for (int i = 0; i < CLIENTS_CONNECTIONS; i++) {
		assert_false(clients_are_many(c, "2001:db8::1"));
		clients_connect(c, i % 2 ? "2001:db8::1" : "2001:db8::2", 0);
	}
	assert_true(clients_are_many(c, "2001:db8::3"));
	assert_false(clients_are_many(c, "2001:db8:0:1::1"));
	assert_int_equal(clients_count(c).connections_refused, 1);
	clients_disconnect(c, "2001:db8::9");
	assert_false(clients_are_many(c, "2001:db8::3"));
	clients_destroy(c);
}

static void an_account_is_used_up_and_fills(void **state)
{
	(void)state;
	struct clients *c = clients_create();
	int paid = 0;
	while (clients_pay(c, "192.0.2.1", 1, 5000) == 0)
		paid++;
	assert_int_equal(paid, CLIENTS_BURST);
	assert_int_equal(clients_pay(c, "192.0.2.1", 1, 5000), 1000 / CLIENTS_RATE);
	assert_int_equal(clients_pay(c, "192.0.2.1", CLIENTS_HEAVY, 5000),
		CLIENTS_HEAVY * 1000 / CLIENTS_RATE);
	/* Others pay for themselves. */
	assert_int_equal(clients_pay(c, "192.0.2.2", CLIENTS_HEAVY, 5000), 0);
	/* What it was told to wait is enough. */
	assert_int_equal(clients_pay(c, "192.0.2.1", 1, 5000 + 1000 / CLIENTS_RATE), 0);
	int64_t later = 5000 + 3600 * 1000;
	for (paid = 0; clients_pay(c, "192.0.2.1", 1, later) == 0;)
		paid++;
	assert_int_equal(paid, CLIENTS_BURST);
	clients_destroy(c);
}

static void who_is_quiet_is_forgotten(void **state)
{
	(void)state;
	struct clients *c = clients_create();
	char address[32];
	for (int i = 0; i < 100; i++) {
		snprintf(address, sizeof address, "192.0.2.%d", i);
		clients_pay(c, address, 1, 0);
	}
	clients_connect(c, "198.51.100.1", 0);
	assert_int_equal(clients_count(c).known, 101);
	for (int i = 0; i < 50; i++)
		clients_pay(c, "203.0.113.9", 1, 60 * 1000);
	for (int i = 0; i < 40; i++) {
		snprintf(address, sizeof address, "203.0.113.%d", i);
		clients_pay(c, address, 1, 60 * 1000);
	}
	/* The one that is connected, and those of just now. */
	assert_int_equal(clients_count(c).known, 41);
	clients_disconnect(c, "198.51.100.1");
	clients_destroy(c);
}

static void who_sits_still_hides_nobody(void **state)
{
	(void)state;
	struct clients *c = clients_create();
	char address[32];
	for (int i = 0; i < 20; i++) {
		snprintf(address, sizeof address, "198.51.100.%d", i);
		clients_connect(c, address, 0);
	}
	for (int i = 0; i < 100; i++) {
		snprintf(address, sizeof address, "192.0.2.%d", i);
		clients_pay(c, address, 1, 0);
	}
	for (int i = 0; i < 40; i++) {
		snprintf(address, sizeof address, "203.0.113.%d", i);
		clients_pay(c, address, 1, 60 * 1000);
	}
	/* Those who are connected, and those of just now. */
	assert_int_equal(clients_count(c).known, 60);
	clients_destroy(c);
}

static void a_flood_of_addresses_has_an_end(void **state)
{
	(void)state;
	struct clients *c = clients_create();
	char address[48];
	for (int i = 0; i < CLIENTS_MAX + 1000; i++) {
		snprintf(address, sizeof address, "2001:db8:%x:%x::1", i >> 16,
			i & 0xffff);
		clients_pay(c, address, 1, 0);
	}
	assert_true(clients_count(c).known <= CLIENTS_MAX);
	clients_destroy(c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(connections_have_a_limit),
		cmocka_unit_test(an_account_is_used_up_and_fills),
		cmocka_unit_test(who_is_quiet_is_forgotten),
		cmocka_unit_test(who_sits_still_hides_nobody),
		cmocka_unit_test(a_flood_of_addresses_has_an_end),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
