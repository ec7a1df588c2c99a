#include "agent/insides/hsperf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	HSPERF_PROLOGUE = 32,
	HSPERF_ENTRY = 20,
	HSPERF_NAME_MAX = 96,
	HSPERF_TEXT_MAX = 31,
};

struct hsperf_file {
	const unsigned char *bytes;
	size_t length;
	bool is_big;
};

static uint64_t hsperf_number(const struct hsperf_file *f, size_t at, size_t size)
{
	uint64_t value = 0;
	for (size_t i = 0; i < size; i++) {
		size_t from = f->is_big ? at + i : at + size - 1 - i;
		value = value << 8 | f->bytes[from];
	}
	return value;
}

struct hsperf_place {
	const char *name;
	size_t offset;
};

#define HSPERF_AT(field) offsetof(struct hsperf, field)

static const struct hsperf_place hsperf_single[] = {
	{"sun.os.hrt.frequency", HSPERF_AT(ticks_per_s)},
	{"sun.gc.metaspace.used", HSPERF_AT(metaspace_used)},
};

/* A small number in the name, moved behind it; -1: none, or too large. */
static int hsperf_index(const char **name, const char *before, int count)
{
	size_t length = strlen(before);
	if (strncmp(*name, before, length) != 0)
		return -1;
	const char *digit = *name + length;
	if (*digit < '0' || *digit >= '0' + count || digit[1] != '.')
		return -1;
	*name = digit + 2;
	return *digit - '0';
}

static int64_t *hsperf_of_generation(struct hsperf *h, int g, const char *name)
{
	if (!strcmp(name, "capacity"))
		return &h->generation[g].capacity;
	if (!strcmp(name, "maxCapacity"))
		return &h->generation[g].maximum;
	int space = hsperf_index(&name, "space.", HSPERF_SPACES);
	return space >= 0 && !strcmp(name, "used") ? &h->generation[g].used[space]
						   : NULL;
}

static int64_t *hsperf_find(struct hsperf *h, const char *name)
{
	for (size_t i = 0; i < sizeof hsperf_single / sizeof *hsperf_single; i++) {
		if (!strcmp(name, hsperf_single[i].name))
			return (int64_t *)((char *)h + hsperf_single[i].offset);
	}
	int g = hsperf_index(&name, "sun.gc.generation.", HSPERF_GENERATIONS);
	if (g >= 0)
		return hsperf_of_generation(h, g, name);
	int c = hsperf_index(&name, "sun.gc.collector.", HSPERF_COLLECTORS);
	if (c >= 0 && !strcmp(name, "invocations"))
		return &h->collector[c].count;
	return c >= 0 && !strcmp(name, "time") ? &h->collector[c].ticks : NULL;
}

static void hsperf_version(
	const struct hsperf_file *f, size_t data, size_t size, struct hsperf *out)
{
	static const char allowed[] = "0123456789._-+abcdefghijklmnopqrstuvwxyz";
	char text[HSPERF_TEXT_MAX + 1] = "";
	if (size == 0 || size > HSPERF_TEXT_MAX)
		return;
	memcpy(text, f->bytes + data, size);
	if (text[strspn(text, allowed)] == '\0')
		snprintf(out->version, sizeof out->version, "%s", text);
}

/* One entry that lies whole within `size` bytes from `at`. */
static void hsperf_entry(
	const struct hsperf_file *f, size_t at, size_t size, struct hsperf *out)
{
	uint64_t name_at = hsperf_number(f, at + 4, 4);
	uint64_t vector = hsperf_number(f, at + 8, 4);
	uint64_t data_at = hsperf_number(f, at + 16, 4);
	char type = (char)f->bytes[at + 12], name[HSPERF_NAME_MAX + 1];
	if (name_at < HSPERF_ENTRY || name_at >= size || data_at > size)
		return;
	size_t room = size - (size_t)name_at;
	size_t length = strnlen((const char *)f->bytes + at + name_at, room);
	if (length == room || length > HSPERF_NAME_MAX)
		return;
	memcpy(name, f->bytes + at + name_at, length);
	name[length] = '\0';
	if (type == 'B' && vector <= size - data_at &&
		!strcmp(name, "java.property.java.version")) {
		hsperf_version(f, at + (size_t)data_at, (size_t)vector, out);
		return;
	}
	int64_t *to = type == 'J' && vector == 0 && size - data_at >= 8
			      ? hsperf_find(out, name)
			      : NULL;
	uint64_t value = to ? hsperf_number(f, at + (size_t)data_at, 8) : 0;
	if (to && value <= INT64_MAX / 4096)
		*to = (int64_t)value;
}

static void hsperf_unknown(struct hsperf *h)
{
	*h = (struct hsperf){.ticks_per_s = -1, .metaspace_used = -1};
	for (int g = 0; g < HSPERF_GENERATIONS; g++) {
		h->generation[g].capacity = h->generation[g].maximum = -1;
		for (int s = 0; s < HSPERF_SPACES; s++)
			h->generation[g].used[s] = -1;
	}
	for (int c = 0; c < HSPERF_COLLECTORS; c++)
		h->collector[c].count = h->collector[c].ticks = -1;
}

static bool hsperf_open(
	struct hsperf_file *f, const void *bytes, size_t length, struct err *e)
{
	static const unsigned char magic[] = {0xca, 0xfe, 0xc0, 0xc0};
	*f = (struct hsperf_file){.bytes = bytes, .length = length};
	if (length < HSPERF_PROLOGUE || length > HSPERF_BYTES_MAX ||
		memcmp(bytes, magic, sizeof magic) != 0 || f->bytes[4] > 1)
		return err_set(e, ERR_INPUT, "no hsperfdata");
	f->is_big = f->bytes[4] == 0;
	if (f->bytes[5] != 2)
		return err_set(e, ERR_INPUT, "hsperfdata of version %d is not known",
			f->bytes[5]);
	return f->bytes[7] != 0 ||
	       err_set(e, ERR_BUSY, "the JVM has not filled its hsperfdata yet");
}

bool hsperf_parse(const void *bytes, size_t length, struct hsperf *out, struct err *e)
{
	struct hsperf_file f;
	struct hsperf h;
	if (!hsperf_open(&f, bytes, length, e))
		return false;
	hsperf_unknown(&h);
	uint64_t at = hsperf_number(&f, 24, 4), count = hsperf_number(&f, 28, 4);
	for (uint64_t i = 0; i < count && i < HSPERF_ENTRIES_MAX; i++) {
		if (at > length || length - at < HSPERF_ENTRY)
			break;
		uint64_t size = hsperf_number(&f, (size_t)at, 4);
		if (size < HSPERF_ENTRY || size > length - at)
			break;
		hsperf_entry(&f, (size_t)at, (size_t)size, &h);
		at += size;
	}
	if (h.generation[0].capacity < 0 && h.generation[1].capacity < 0)
		return err_set(e, ERR_INPUT, "hsperfdata says nothing of the heap");
	*out = h;
	return true;
}
