#include "server/messenger/networks.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { IPV4_BITS = 96 }; /* before an IPv4 address in a mapped one */

/* Special networks, the narrowest answer that is not OPEN wins: NEVER over PRIVATE. */
static const struct networks_special {
	const char *network;
	enum networks_verdict verdict;
} networks_special[] = {
	{"0.0.0.0/8", NETWORKS_NEVER},
	{"169.254.0.0/16", NETWORKS_NEVER},
	{"224.0.0.0/4", NETWORKS_NEVER},
	{"240.0.0.0/4", NETWORKS_NEVER},
	{"100.100.100.200/32", NETWORKS_NEVER},
	{"192.0.0.192/32", NETWORKS_NEVER},
	{"168.63.129.16/32", NETWORKS_NEVER},
	{"::/128", NETWORKS_NEVER},
	{"fe80::/10", NETWORKS_NEVER},
	{"ff00::/8", NETWORKS_NEVER},
	{"fd00:ec2::254/128", NETWORKS_NEVER},
	{"10.0.0.0/8", NETWORKS_PRIVATE},
	{"172.16.0.0/12", NETWORKS_PRIVATE},
	{"192.168.0.0/16", NETWORKS_PRIVATE},
	{"127.0.0.0/8", NETWORKS_PRIVATE},
	{"100.64.0.0/10", NETWORKS_PRIVATE},
	{"192.0.0.0/24", NETWORKS_PRIVATE},
	{"198.18.0.0/15", NETWORKS_PRIVATE},
	{"::1/128", NETWORKS_PRIVATE},
	{"fc00::/7", NETWORKS_PRIVATE},
	{"fec0::/10", NETWORKS_PRIVATE},
	{"64:ff9b:1::/48", NETWORKS_PRIVATE},
	{"100::/64", NETWORKS_PRIVATE},
};

static void networks_map(const uint8_t four[4], uint8_t out[16])
{
	static const uint8_t prefix[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
	memcpy(out, prefix, sizeof prefix);
	memcpy(out + sizeof prefix, four, 4);
}

static bool networks_read(const char *text, struct networks_one *out)
{
	char address[64];
	size_t length = strcspn(text, "/");
	if (length >= sizeof address)
		return false;
	memcpy(address, text, length);
	address[length] = 0;
	uint8_t four[4];
	unsigned skip = 0;
	if (inet_pton(AF_INET, address, four) == 1) {
		networks_map(four, out->address);
		skip = IPV4_BITS;
	} else if (inet_pton(AF_INET6, address, out->address) != 1) {
		return false;
	}
	out->bits = 128;
	if (!text[length])
		return true;
	char *end;
	unsigned long bits = strtoul(text + length + 1, &end, 10);
	if (end == text + length + 1 || *end || bits > 128 - skip)
		return false;
	out->bits = (unsigned)bits + skip;
	return true;
}

static bool networks_holds(const struct networks_one *n, const uint8_t address[16])
{
	unsigned whole = n->bits / 8, rest = n->bits % 8;
	if (memcmp(n->address, address, whole) != 0)
		return false;
	return rest == 0 || ((n->address[whole] ^ address[whole]) >> (8 - rest)) == 0;
}

static bool networks_add(
	struct networks *out, const char *text, const char *said, struct err *e)
{
	if (out->count == NETWORKS_MAX)
		return err_set(e, ERR_INPUT, "more than %d networks", NETWORKS_MAX);
	if (!networks_read(text, &out->at[out->count]))
		return err_set(e, ERR_INPUT, "'%s' is not a network", said);
	out->count++;
	return true;
}

static bool networks_word(struct networks *out, const char *word, struct err *e)
{
	static const char *const private[] = {
		"10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7", NULL};
	static const char *const loopback[] = {"127.0.0.0/8", "::1", NULL};
	const char *const *list = strcmp(word, "private") == 0    ? private
				  : strcmp(word, "loopback") == 0 ? loopback
								  : NULL;
	if (!list)
		return networks_add(out, word, word, e);
	for (; *list; list++)
		if (!networks_add(out, *list, word, e))
			return false;
	return true;
}

bool networks_parse(const char *text, struct networks *out, struct err *e)
{
	*out = (struct networks){0};
	while (*(text += strspn(text, ", "))) {
		char word[64];
		size_t length = strcspn(text, ", ");
		snprintf(word, sizeof word, "%.*s", (int)length, text);
		if (length >= sizeof word)
			return err_set(e, ERR_INPUT, "'%s…' is not a network", word);
		if (!networks_word(out, word, e))
			return false;
		text += length;
	}
	return true;
}

static enum networks_verdict networks_judge_one(
	const struct networks *n, const uint8_t address[16])
{
	enum networks_verdict verdict = NETWORKS_OPEN;
	for (size_t i = 0; i < sizeof networks_special / sizeof *networks_special;
		i++) {
		struct networks_one special;
		BUG_ON(!networks_read(networks_special[i].network, &special));
		if (networks_holds(&special, address) &&
			networks_special[i].verdict > verdict)
			verdict = networks_special[i].verdict;
	}
	for (size_t i = 0; verdict == NETWORKS_PRIVATE && i < n->count; i++)
		if (networks_holds(&n->at[i], address))
			verdict = NETWORKS_OPEN;
	return verdict;
}

/* The IPv4 addresses that an IPv6 address may stand for. */
static size_t networks_inside(const uint8_t a[16], uint8_t out[4][4])
{
	static const uint8_t nat64[12] = {0, 0x64, 0xff, 0x9b};
	static const uint8_t nat64_local[6] = {0, 0x64, 0xff, 0x9b, 0, 1};
	static const uint8_t compatible[12] = {0};
	static const uint8_t teredo[4] = {0x20, 1};
	size_t count = 0;
	if (memcmp(a, nat64, 12) == 0 || memcmp(a, nat64_local, 6) == 0 ||
		(memcmp(a, compatible, 12) == 0 && (a[12] || a[13])) ||
		((a[8] & 0xfd) == 0 && a[9] == 0 && a[10] == 0x5e && a[11] == 0xfe))
		memcpy(out[count++], a + 12, 4);
	if (memcmp(a, nat64_local, 6) == 0 && a[6] != 0) {
		/* RFC 6052, 2.2: behind 48 bits it goes around byte 8. */
		const uint8_t split[4] = {a[6], a[7], a[9], a[10]};
		memcpy(out[count++], split, 4);
	}
	if (a[0] == 0x20 && a[1] == 0x02)
		memcpy(out[count++], a + 2, 4);
	if (memcmp(a, teredo, 4) == 0) {
		memcpy(out[count], a + 12, 4);
		for (int i = 0; i < 4; i++)
			out[count][i] ^= 0xff;
		count++;
	}
	return count;
}

enum networks_verdict networks_judge(
	const struct networks *n, const struct sockaddr *address)
{
	uint8_t bytes[16], four[4][4];
	if (address->sa_family == AF_INET) {
		struct sockaddr_in in;
		memcpy(&in, address, sizeof in);
		networks_map((const uint8_t *)&in.sin_addr.s_addr, bytes);
		return networks_judge_one(n, bytes);
	}
	if (address->sa_family != AF_INET6)
		return NETWORKS_NEVER;
	struct sockaddr_in6 in6;
	memcpy(&in6, address, sizeof in6);
	memcpy(bytes, in6.sin6_addr.s6_addr, sizeof bytes);
	enum networks_verdict verdict = networks_judge_one(n, bytes);
	size_t count = networks_inside(bytes, four);
	for (size_t i = 0; i < count; i++) {
		networks_map(four[i], bytes);
		enum networks_verdict inside = networks_judge_one(n, bytes);
		if (inside > verdict)
			verdict = inside;
	}
	return verdict;
}
