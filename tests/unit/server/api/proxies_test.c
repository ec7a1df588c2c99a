/*
 * Who asks: what proxies say counts as far as they are trusted, and no further.
 */
#include "server/api/proxies.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
/* After what it needs. */
#include <cmocka.h>

static struct proxies of(const char *list)
{
	struct proxies p;
	struct err e;
	if (!proxies_parse(list, &p, &e))
		fail_msg("%s: %s", list, e.text);
	return p;
}

static void networks_are_read(void **state)
{
	(void)state;
	struct proxies p = of("127.0.0.1, ::1,10.0.0.0/8\t2001:db8::/33 192.0.2.4/30");
	assert_int_equal(p.count, 5);
	static const char *const in[] = {"127.0.0.1", "::1", "10.255.0.9",
		"::ffff:10.1.2.3", "2001:db8:7fff::1", "192.0.2.7"};
	static const char *const out[] = {"127.0.0.2", "::2", "11.0.0.0",
		"9.255.255.255", "2001:db8:8000::1", "192.0.2.8", "192.0.2.3", "", "x",
		"10.0.0.1 "};
	for (size_t i = 0; i < sizeof in / sizeof *in; i++)
		if (!proxies_trust(&p, in[i]))
			fail_msg("%s is not trusted", in[i]);
	for (size_t i = 0; i < sizeof out / sizeof *out; i++)
		if (proxies_trust(&p, out[i]))
			fail_msg("%s is trusted", out[i]);
	p = of("");
	assert_false(proxies_trust(&p, "127.0.0.1"));
	p = of("0.0.0.0/0");
	assert_true(proxies_trust(&p, "203.0.113.1"));
	assert_false(proxies_trust(&p, "2001:db8::1"));
}

static void nonsense_is_named(void **state)
{
	(void)state;
	static const char *const wrong[] = {"localhost", "10.0.0.0/33", "::1/129",
		"10.0.0.0/", "10.0.0.0/-1", "10.0.0.0/8x", "10.0.0/8", "1.2.3.4:80",
		"[::1]", "/8"};
	struct proxies p = of("10.0.0.0/8");
	struct err e;
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		if (proxies_parse(wrong[i], &p, &e))
			fail_msg("%s is taken", wrong[i]);
		if (!strstr(e.text, wrong[i]))
			fail_msg("%s: %s", wrong[i], e.text);
	}
	assert_int_equal(p.count, 1);
	char many[PROXIES_MAX * 10 + 20] = "";
	for (int i = 0; i <= PROXIES_MAX; i++)
		strcat(many, "10.0.0.1 ");
	assert_false(proxies_parse(many, &p, &e));
}

static void only_other_machines_are_remote(void **state)
{
	(void)state;
	struct proxies p = of("127.0.0.1, ::1, 127.0.0.0/8");
	assert_false(proxies_are_remote(&p));
	p = of("127.0.0.1, 10.0.0.7");
	assert_true(proxies_are_remote(&p));
	assert_true(proxies_is_loopback("127.9.9.9"));
	assert_true(proxies_is_loopback("::1"));
	assert_false(proxies_is_loopback("::"));
	assert_false(proxies_is_loopback("0.0.0.0"));
	assert_false(proxies_is_loopback("localhost"));
}

static void the_list_is_read_from_its_end(void **state)
{
	(void)state;
	static const struct {
		const char *peer, *forwarded, *client;
	} cases[] = {
		/* Nobody vouches for what a stranger says. */
		{"192.0.2.9", "1.2.3.4", "192.0.2.9"},
		{"192.0.2.9", NULL, "192.0.2.9"},
		{"10.0.0.1", NULL, "10.0.0.1"},
		{"10.0.0.1", "", "10.0.0.1"},
		{"10.0.0.1", "203.0.113.5", "203.0.113.5"},
		/* What the client sent itself stands first, and does not count. */
		{"10.0.0.1", "1.2.3.4, 203.0.113.5", "203.0.113.5"},
		{"10.0.0.1", "127.0.0.1,203.0.113.5", "203.0.113.5"},
		/* Two proxies, one after the other. */
		{"10.0.0.1", "1.2.3.4, 203.0.113.5 , 10.9.9.9", "203.0.113.5"},
		{"10.0.0.1", "10.0.0.3, 10.0.0.2", "10.0.0.3"},
		/* What is no address ends the belief. */
		{"10.0.0.1", "1.2.3.4, unknown", "10.0.0.1"},
		{"10.0.0.1", "unknown, 10.0.0.2", "10.0.0.2"},
		{"10.0.0.1", ",,,", "10.0.0.1"},
		{"10.0.0.1", "203.0.113.5,", "10.0.0.1"},
		{"10.0.0.1", "1.2.3.4 5.6.7.8", "1.2.3.4"},
		{"10.0.0.1", "203.0.113.5:4711", "203.0.113.5"},
		{"10.0.0.1", "[2001:db8::5]:4711", "2001:db8::5"},
		{"10.0.0.1", "[2001:db8::5]", "2001:db8::5"},
		{"10.0.0.1", "2001:DB8::5", "2001:db8::5"},
		{"10.0.0.1", "[203.0.113.5]", "10.0.0.1"},
		{"10.0.0.1", "::ffff:203.0.113.5", "203.0.113.5"},
		{"10.0.0.1",
			"00000000000000000000000000000000000000000000000000000000000000"
			"01",
			"10.0.0.1"},
	};
	struct proxies p = of("10.0.0.0/8");
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		char client[PROXIES_TEXT_MAX];
		proxies_client(&p, cases[i].peer, cases[i].forwarded, client);
		if (strcmp(client, cases[i].client) != 0)
			fail_msg("%s (%s): %s, not %s", cases[i].peer,
				cases[i].forwarded ? cases[i].forwarded : "none",
				client, cases[i].client);
	}
}

static void a_customer_is_one_group(void **state)
{
	(void)state;
	uint8_t a[16], b[16];
	proxies_group("2001:db8:1:2::1", a);
	proxies_group("2001:db8:1:2:ffff:ffff:ffff:ffff", b);
	assert_memory_equal(a, b, 16);
	proxies_group("2001:db8:1:3::1", b);
	assert_memory_not_equal(a, b, 16);
	proxies_group("192.0.2.1", a);
	proxies_group("192.0.2.2", b);
	assert_memory_not_equal(a, b, 16);
	proxies_group("::ffff:192.0.2.1", b);
	assert_memory_equal(a, b, 16);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(networks_are_read),
		cmocka_unit_test(nonsense_is_named),
		cmocka_unit_test(only_other_machines_are_remote),
		cmocka_unit_test(the_list_is_read_from_its_end),
		cmocka_unit_test(a_customer_is_one_group),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
