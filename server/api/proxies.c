#include "server/api/proxies.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PROXIES_V4_BITS = 96 }; /* before the 32 of an IPv4 address */

static const uint8_t proxies_v4_prefix[12] = {[10] = 0xff, [11] = 0xff};

static bool proxies_address(const char *text, uint8_t out[16], bool *is_v4)
{
	memcpy(out, proxies_v4_prefix, sizeof proxies_v4_prefix);
	*is_v4 = inet_pton(AF_INET, text, out + sizeof proxies_v4_prefix) == 1;
	return *is_v4 || inet_pton(AF_INET6, text, out) == 1;
}

static bool proxies_is_v4(const uint8_t address[16])
{
	return memcmp(address, proxies_v4_prefix, sizeof proxies_v4_prefix) == 0;
}

static bool proxies_covers(const struct proxies_net *net, const uint8_t address[16])
{
	unsigned whole = net->bits / 8, rest = net->bits % 8;
	if (memcmp(net->address, address, whole) != 0)
		return false;
	uint8_t mask = (uint8_t)(0xff00 >> rest);
	return rest == 0 || ((net->address[whole] ^ address[whole]) & mask) == 0;
}

static bool proxies_parse_net(const char *text, struct proxies_net *net, struct err *e)
{
	char address[PROXIES_TEXT_MAX + 8];
	snprintf(address, sizeof address, "%s", text);
	char *slash = strchr(address, '/'), *end = NULL;
	if (slash)
		*slash++ = '\0';
	bool is_v4;
	if (!proxies_address(address, net->address, &is_v4))
		return err_set(e, ERR_INPUT,
			"'%s' is neither an address nor a network (10.0.0.0/8)", text);
	unsigned most = is_v4 ? 32 : 128;
	unsigned long bits = slash ? strtoul(slash, &end, 10) : most;
	if (slash && (*slash < '0' || *slash > '9' || *end || bits > most))
		return err_set(e, ERR_INPUT, "'%s': the length of a network is 0 to %u",
			text, most);
	net->bits = (unsigned)bits + (is_v4 ? PROXIES_V4_BITS : 0);
	return true;
}

bool proxies_parse(const char *list, struct proxies *out, struct err *e)
{
	struct proxies p = {0};
	for (const char *at = list + strspn(list, ", \t"); *at;
		at += strspn(at, ", \t")) {
		char text[PROXIES_TEXT_MAX + 8];
		size_t length = strcspn(at, ", \t");
		if (p.count == PROXIES_MAX)
			return err_set(
				e, ERR_INPUT, "more than %d addresses", PROXIES_MAX);
		snprintf(text, sizeof text, "%.*s", (int)length, at);
		if (!proxies_parse_net(text, &p.at[p.count++], e))
			return false;
		at += length;
	}
	*out = p;
	return true;
}

static bool proxies_trust_bytes(const struct proxies *p, const uint8_t address[16])
{
	for (size_t i = 0; i < p->count; i++)
		if (proxies_covers(&p->at[i], address))
			return true;
	return false;
}

bool proxies_trust(const struct proxies *p, const char *address)
{
	uint8_t bytes[16];
	bool is_v4;
	return proxies_address(address, bytes, &is_v4) && proxies_trust_bytes(p, bytes);
}

static bool proxies_is_loopback_bytes(const uint8_t address[16])
{
	static const uint8_t one[16] = {[15] = 1};
	return (proxies_is_v4(address) && address[12] == 127) ||
	       memcmp(address, one, sizeof one) == 0;
}

bool proxies_is_loopback(const char *address)
{
	uint8_t bytes[16];
	bool is_v4;
	return proxies_address(address, bytes, &is_v4) &&
	       proxies_is_loopback_bytes(bytes);
}

bool proxies_are_remote(const struct proxies *p)
{
	for (size_t i = 0; i < p->count; i++)
		if (!proxies_is_loopback_bytes(p->at[i].address))
			return true;
	return false;
}

static void proxies_text(const uint8_t address[16], char text[PROXIES_TEXT_MAX])
{
	if (proxies_is_v4(address))
		inet_ntop(AF_INET, address + 12, text, PROXIES_TEXT_MAX);
	else
		inet_ntop(AF_INET6, address, text, PROXIES_TEXT_MAX);
}

/* An element of X-Forwarded-For, of `length` bytes: an address, and with some proxies
 * its port ("192.0.2.7:4711", "[2001:db8::1]:4711"). */
static bool proxies_element(const char *at, size_t length, uint8_t address[16])
{
	char text[PROXIES_TEXT_MAX + 8];
	bool is_v4;
	if (length >= sizeof text)
		return false;
	memcpy(text, at, length);
	text[length] = '\0';
	text[strcspn(text, " \t")] = '\0';
	if (*text == '[') {
		text[strcspn(text, "]")] = '\0';
		return proxies_address(text + 1, address, &is_v4) && !is_v4;
	}
	char *colon = strchr(text, ':');
	if (colon && !strchr(colon + 1, ':'))
		*colon = '\0';
	return proxies_address(text, address, &is_v4);
}

void proxies_client(const struct proxies *p, const char *peer, const char *forwarded,
	char client[PROXIES_TEXT_MAX])
{
	uint8_t address[16], before[16];
	bool is_v4;
	if (!proxies_address(peer, address, &is_v4)) {
		snprintf(client, PROXIES_TEXT_MAX, "%s", peer);
		return;
	}
	size_t end = forwarded ? strlen(forwarded) : 0;
	while (end > 0 && proxies_trust_bytes(p, address)) {
		size_t start = end;
		while (start > 0 && forwarded[start - 1] != ',')
			start--;
		const char *at = forwarded + start;
		size_t blank = strspn(at, " \t");
		if (blank > end - start ||
			!proxies_element(at + blank, end - start - blank, before))
			break;
		memcpy(address, before, sizeof address);
		end = start > 0 ? start - 1 : 0;
	}
	proxies_text(address, client);
}

void proxies_group(const char *address, uint8_t group[16])
{
	bool is_v4;
	if (!proxies_address(address, group, &is_v4))
		memset(group, 0, 16);
	else if (!proxies_is_v4(group))
		memset(group + 8, 0, 8);
}
