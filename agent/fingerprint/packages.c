#include "agent/fingerprint/packages.h"

#include "common/err.h"
#include "common/utf8.h"
#include "schema/wire_limits.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void packages_finish(struct packages *p)
{
	buf_finish(&p->texts);
	free(p->slots);
	*p = (struct packages){0};
}

/* FNV-1a. */
static uint32_t packages_hash(const char *text)
{
	uint32_t hash = 2166136261U;
	for (; *text; text++)
		hash = (hash ^ (unsigned char)*text) * 16777619U;
	return hash;
}

/* Where the text stands or would stand. */
static uint32_t *packages_slot(const struct packages *p, const char *text)
{
	size_t at = packages_hash(text) & (p->slot_count - 1);
	while (p->slots[at] && strcmp(p->texts.data + p->slots[at] - 1, text) != 0)
		at = (at + 1) & (p->slot_count - 1);
	return &p->slots[at];
}

static void packages_grow(struct packages *p)
{
	if (p->count * 2 < p->slot_count)
		return;
	free(p->slots);
	p->slot_count = p->slot_count ? p->slot_count * 2 : 256;
	p->slots = calloc(p->slot_count, sizeof *p->slots);
	BUG_ON(!p->slots);
	for (size_t at = 0; at < p->texts.length;) {
		const char *text = p->texts.data + at;
		*packages_slot(p, text) = (uint32_t)at + 1;
		at += strlen(text) + 1;
	}
}

/* '?' stands for a byte that no text may have.  False: too long. */
static bool packages_clean(const char *text, char out[WIRE_NAME_BYTES_MAX + 1])
{
	size_t n = 0;
	while (*text) {
		size_t length = utf8_character(text);
		bool bad = length == 0 || (unsigned char)*text < 0x20 || *text == 0x7f;
		size_t put = bad ? 1 : length;
		if (n + put > WIRE_NAME_BYTES_MAX)
			return false;
		memcpy(out + n, bad ? "?" : text, put);
		n += put;
		text += length ? length : 1;
	}
	out[n] = '\0';
	return true;
}

void packages_add_whole(struct packages *p, const char *text)
{
	char clean[WIRE_NAME_BYTES_MAX + 1];
	if (!text[0] || !packages_clean(text, clean)) {
		p->unusable++;
		return;
	}
	packages_grow(p);
	uint32_t *slot = packages_slot(p, clean);
	if (*slot)
		return;
	if (p->count == PACKAGES_HELD_MAX) {
		p->is_cut = true;
		return;
	}
	*slot = (uint32_t)p->texts.length + 1;
	buf_append(&p->texts, clean, strlen(clean) + 1);
	p->count++;
}

/* Addresses stand in for versions of what is fetched from elsewhere, and may hold what
 * their owner signs in with: user and password before a '@', a token behind a '?'. */
static const char *packages_bare(const char *version, char *out, size_t size)
{
	const char *host = strstr(version, "://");
	if (!host)
		return version;
	host += 3;
	size_t scheme = (size_t)(host - version);
	size_t authority = strcspn(host, "/?#");
	const char *at = memrchr(host, '@', authority);
	host = at ? at + 1 : host;
	size_t path = strcspn(host, "?#");
	const char *commit = strchr(host + path, '#');
	int n = snprintf(out, size, "%.*s%.*s%s", (int)scheme, version, (int)path, host,
		commit ? commit : "");
	return n < (int)size ? out : "";
}

void packages_add(struct packages *p, const char *name, const char *version)
{
	char text[WIRE_NAME_BYTES_MAX + 2], bare[WIRE_NAME_BYTES_MAX + 1];
	size_t n = strlen(name);
	version = packages_bare(version, bare, sizeof bare);
	if (!version[0])
		version = "unknown";
	size_t v = strlen(version);
	if (n == 0 || n + 1 + v > WIRE_NAME_BYTES_MAX) {
		p->unusable++;
		return;
	}
	memcpy(text, name, n);
	text[n] = '@';
	memcpy(text + n + 1, version, v + 1);
	packages_add_whole(p, text);
}

void packages_add_all(struct packages *p, const char *const *texts, size_t count)
{
	for (size_t i = 0; i < count; i++)
		packages_add_whole(p, texts[i]);
}

static int packages_compare(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

const char **packages_sorted(
	const struct packages *p, struct arena *a, size_t *count, bool *is_cut)
{
	const char **out = arena_array(a, p->count ? p->count : 1, sizeof *out);
	char *texts = arena_alloc(a, p->texts.length + 1);
	if (p->texts.length)
		memcpy(texts, p->texts.data, p->texts.length);
	size_t n = 0;
	for (size_t at = 0; at < p->texts.length; at += strlen(texts + at) + 1)
		out[n++] = texts + at;
	qsort(out, n, sizeof *out, packages_compare);
	*is_cut = p->is_cut || n > FINGERPRINT_PACKAGES_MAX;
	*count = n > FINGERPRINT_PACKAGES_MAX ? FINGERPRINT_PACKAGES_MAX : n;
	return out;
}
