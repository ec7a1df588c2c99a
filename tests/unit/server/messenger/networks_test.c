/* Nothing is sent to where clouds keep secrets, however its address is written, and
 * nothing to private networks that nobody named. */
#include "server/messenger/networks.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* After what it needs. */
#include <cmocka.h>

static enum networks_verdict judge(const char *networks, const char *address)
{
	struct networks n;
	struct err e;
	struct sockaddr_in in = {.sin_family = AF_INET};
	struct sockaddr_in6 in6 = {.sin6_family = AF_INET6};
	assert_true(networks_parse(networks, &n, &e));
	if (inet_pton(AF_INET, address, &in.sin_addr) == 1)
		return networks_judge(&n, (const struct sockaddr *)&in);
	assert_int_equal(inet_pton(AF_INET6, address, &in6.sin6_addr), 1);
	return networks_judge(&n, (const struct sockaddr *)&in6);
}

static void each(const char *networks, const char *const *addresses, size_t count,
	enum networks_verdict want)
{
	for (size_t i = 0; i < count; i++)
		if (judge(networks, addresses[i]) != want)
			fail_msg("%s: not %d", addresses[i], want);
}

#define EACH(networks, want, ...)                                                      \
	do {                                                                           \
		static const char *const list[] = {__VA_ARGS__};                       \
		each(networks, list, sizeof list / sizeof *list, want);                \
	} while (0)

static void what_is_public_is_open(void **state)
{
	(void)state;
	EACH("", NETWORKS_OPEN, "192.0.2.7", "8.8.8.8", "1.1.1.1", "172.32.0.1",
		"11.0.0.1", "100.128.0.1", "2001:db8::1", "2606:4700::1111",
		"::ffff:8.8.8.8", "64:ff9b::808:808", "2002:808:808::1");
}

static void what_nobody_may_reach_is_never(void **state)
{
	(void)state;
	/* Also for those who name everything. */
	EACH("private, loopback, 0.0.0.0/0, ::/0", NETWORKS_NEVER, "0.0.0.0", "0.1.2.3",
		"169.254.169.254", "169.254.0.1", "224.0.0.1", "239.255.255.255",
		"240.0.0.1", "255.255.255.255", "100.100.100.200", "192.0.0.192",
		"168.63.129.16", "::", "fe80::1", "febf::1", "ff02::1",
		"fd00:ec2::254");
}

static void an_address_inside_another_is_what_it_stands_for(void **state)
{
	(void)state;
	EACH("private, loopback", NETWORKS_NEVER, "::ffff:169.254.169.254", /* mapped */
		"::169.254.169.254",              /* compatible */
		"64:ff9b::169.254.169.254",       /* NAT64 */
		"64:ff9b:1::169.254.169.254",     /* of an own prefix, of 96 bits */
		"64:ff9b:1:a9fe:a9:fe00::",       /* the same, of 48 */
		"2002:a9fe:a9fe::1",              /* 6to4 */
		"2001:0:1:2:3:4:5601:5601",       /* Teredo: inverted */
		"2001:db8::5efe:169.254.169.254", /* ISATAP */
		"2001:db8::200:5efe:169.254.169.254", "::ffff:100.100.100.200",
		"64:ff9b::100.100.100.200", "2002:6464:64c8::1", "::ffff:0.0.0.0",
		"::ffff:224.0.0.1");
	EACH("", NETWORKS_PRIVATE, "::ffff:10.0.0.1", "64:ff9b::192.168.0.1",
		"2002:7f00:1::1", "::ffff:127.0.0.1");
	EACH("10.0.0.0/8", NETWORKS_OPEN, "::ffff:10.0.0.1", "64:ff9b::a00:1",
		"2002:a00:1::1");
}

static void private_ones_have_to_be_named(void **state)
{
	(void)state;
	EACH("", NETWORKS_PRIVATE, "10.1.2.3", "172.16.0.1", "172.31.255.255",
		"192.168.1.1", "127.0.0.1", "127.9.9.9", "100.64.0.1", "198.18.0.1",
		"::1", "fc00::1", "fd12:3456::1", "fec0::1", "64:ff9b:1::808:808");
	EACH("10.1.0.0/16, ::1 192.168.1.1/32", NETWORKS_OPEN, "10.1.2.3", "::1",
		"192.168.1.1");
	EACH("10.1.0.0/16, ::1 192.168.1.1/32", NETWORKS_PRIVATE, "10.2.0.1",
		"192.168.1.2", "127.0.0.1");
	EACH("private", NETWORKS_OPEN, "10.1.2.3", "172.16.0.1", "192.168.1.1",
		"fd12::1");
	EACH("private", NETWORKS_PRIVATE, "127.0.0.1", "::1", "100.64.0.1");
	EACH("loopback", NETWORKS_OPEN, "127.0.0.1", "127.1.1.1", "::1");
	EACH("10.0.0.0/7", NETWORKS_OPEN, "10.1.2.3");
}

static void other_families_are_never(void **state)
{
	(void)state;
	struct networks n = {0};
	struct sockaddr local = {.sa_family = AF_UNIX};
	assert_int_equal(networks_judge(&n, &local), NETWORKS_NEVER);
}

static void what_is_no_network_is_refused(void **state)
{
	(void)state;
	static const char *const wrong[] = {"10.0.0.0/33", "::/129", "10.0.0", "x",
		"10.0.0.0/", "10.0.0.0/8x", "10.0.0.0/-1", "privat", "::1/128/1",
		"0000000000000000000000000000000000000000000000000000000000000000"
		"00000"};
	struct networks n;
	struct err e;
	char many[1024] = "";
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
		if (networks_parse(wrong[i], &n, &e))
			fail_msg("%s was taken", wrong[i]);
	for (int i = 0; i <= NETWORKS_MAX; i++)
		strcat(many, "10.0.0.1 ");
	assert_false(networks_parse(many, &n, &e));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_public_is_open),
		cmocka_unit_test(what_nobody_may_reach_is_never),
		cmocka_unit_test(an_address_inside_another_is_what_it_stands_for),
		cmocka_unit_test(private_ones_have_to_be_named),
		cmocka_unit_test(other_families_are_never),
		cmocka_unit_test(what_is_no_network_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
