#include "schema/endpoints.h"

#include "schema/token.h"

#include <ctype.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

/* Takes the next name off the text, without the white space around it. */
static size_t endpoints_cut(const char **text, const char **start)
{
	const char *end = strchr(*text, ',');
	size_t length = end ? (size_t)(end - *text) : strlen(*text);
	*start = *text;
	*text = end ? end + 1 : *text + length;
	while (length && isspace((unsigned char)**start)) {
		++*start;
		length--;
	}
	while (length && isspace((unsigned char)(*start)[length - 1]))
		length--;
	return length;
}

bool endpoints_has(const struct endpoints *list, const struct endpoint *one)
{
	for (size_t i = 0; i < list->count; i++)
		if (list->at[i].port == one->port &&
			strcmp(list->at[i].host, one->host) == 0)
			return true;
	return false;
}

static bool endpoints_add(struct endpoints *list, const char *name, struct err *e)
{
	struct endpoint one = {0};
	if (!token_parse_endpoint(name, one.host, &one.port, e))
		return false;
	if (endpoints_has(list, &one))
		return err_set(e, ERR_INPUT, "'%.64s' is given twice", name);
	if (list->count == ENDPOINTS_MAX)
		return err_set(e, ERR_INPUT, "more than %d servers", ENDPOINTS_MAX);
	list->at[list->count++] = one;
	return true;
}

bool endpoints_parse(const char *text, struct endpoints *out, struct err *e)
{
	struct endpoints list = {0};
	const char *start;
	while (isspace((unsigned char)*text))
		text++;
	for (bool more = *text; more;) {
		char name[ENDPOINTS_HOST_MAX + 16];
		const char *whole = text;
		size_t length = endpoints_cut(&text, &start);
		more = text > whole && text[-1] == ',';
		snprintf(name, sizeof name, "%.*s", (int)length, start);
		if (!endpoints_add(&list, name, e))
			return false;
	}
	*out = list;
	return true;
}

void endpoints_format(const struct endpoints *list, struct buf *out)
{
	for (size_t i = 0; i < list->count; i++) {
		if (i)
			buf_byte(out, ',');
		token_format_endpoint(list->at[i].host, list->at[i].port, out);
	}
}

bool endpoints_equal(const struct endpoints *a, const struct endpoints *b)
{
	if (a->count != b->count)
		return false;
	for (size_t i = 0; i < a->count; i++)
		if (a->at[i].port != b->at[i].port ||
			strcmp(a->at[i].host, b->at[i].host) != 0)
			return false;
	return true;
}

/* Nobody gains by choosing collisions: the hash has a key that everybody knows. */
static uint64_t endpoints_weight(const struct endpoint *one, uint32_t id)
{
	static const uint8_t key[crypto_shorthash_KEYBYTES] = "tidemark servers";
	char text[ENDPOINTS_HOST_MAX + 32];
	uint8_t out[crypto_shorthash_BYTES];
	uint64_t weight;
	int length = snprintf(
		text, sizeof text, "%u %s %u", id, one->host, (unsigned)one->port);
	crypto_shorthash(out, (const uint8_t *)text, (size_t)length, key);
	memcpy(&weight, out, sizeof weight);
	return weight;
}

void endpoints_rank(struct endpoints *list, uint32_t id)
{
	uint64_t weights[ENDPOINTS_MAX];
	for (size_t i = 0; i < list->count; i++) {
		struct endpoint one = list->at[i];
		uint64_t weight = endpoints_weight(&one, id);
		size_t to = i;
		for (; to > 0 && weights[to - 1] < weight; to--) {
			weights[to] = weights[to - 1];
			list->at[to] = list->at[to - 1];
		}
		weights[to] = weight;
		list->at[to] = one;
	}
}
