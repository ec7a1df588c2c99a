#include "server/api/selection.h"

#include <inttypes.h>
#include <stddef.h>
#include <string.h>

static const struct {
	const char *name;
	size_t at;
	int64_t maximum;
} selection_parts[] = {
	{"service", offsetof(struct selection, service), INT32_MAX},
	{"version", offsetof(struct selection, version), INT32_MAX},
	{"host", offsetof(struct selection, host), INT32_MAX},
	{"instance", offsetof(struct selection, instance), INT32_MAX},
	{"offset", offsetof(struct selection, offset_ms), SELECTION_OFFSET_MAX_MS},
};

enum { SELECTION_PARTS = sizeof selection_parts / sizeof *selection_parts };

static int64_t *selection_member(struct selection *s, size_t part)
{
	return (int64_t *)(void *)((char *)s + selection_parts[part].at);
}

/* Decimal digits, nothing else. */
static bool selection_number(
	const char *text, size_t length, int64_t maximum, int64_t *value)
{
	int64_t n = 0;
	for (size_t i = 0; i < length; i++) {
		if (text[i] < '0' || text[i] > '9' || n > maximum)
			return false;
		n = 10 * n + (text[i] - '0');
	}
	*value = n;
	return length > 0 && n > 0 && n <= maximum;
}

static bool selection_put(struct selection *s, const char *name, const char *text,
	size_t length, struct err *e)
{
	const char *colon = memchr(text, ':', length);
	size_t word = colon ? (size_t)(colon - text) : length;
	int shown = length < 60 ? (int)length : 60;
	for (size_t i = 0; i < SELECTION_PARTS; i++) {
		if (strlen(selection_parts[i].name) != word ||
			memcmp(selection_parts[i].name, text, word) != 0)
			continue;
		int64_t *member = selection_member(s, i);
		if (*member)
			return err_set(e, ERR_INPUT, "%s: %s is given twice", name,
				selection_parts[i].name);
		if (colon && selection_number(colon + 1, length - word - 1,
				     selection_parts[i].maximum, member))
			return true;
		*member = 0;
		return err_set(e, ERR_INPUT,
			"%s: '%.*s': %s must be a whole number from 1 to %" PRId64,
			name, shown, text, selection_parts[i].name,
			selection_parts[i].maximum);
	}
	return err_set(e, ERR_INPUT,
		"%s: '%.*s' is no part of a selection, which are service, version, "
		"host, instance and offset",
		name, shown, text);
}

bool selection_parse(
	const char *name, const char *text, struct selection *out, struct err *e)
{
	struct selection s = {0};
	for (const char *part = text;; part++) {
		size_t length = strcspn(part, ",");
		if (!selection_put(&s, name, part, length, e))
			return false;
		part += length;
		if (!*part)
			break;
	}
	if (!s.service)
		return err_set(e, ERR_INPUT, "%s: service is missing", name);
	*out = s;
	return true;
}

const char *selection_text(const struct selection *s, struct arena *a)
{
	struct selection copy = *s;
	const char *text = "";
	for (size_t i = 0; i < SELECTION_PARTS; i++) {
		int64_t value = *selection_member(&copy, i);
		if (value)
			text = arena_printf(a, "%s%s%s:%" PRId64, text,
				*text ? "," : "", selection_parts[i].name, value);
	}
	return text;
}

const char *selection_offset_words(int64_t offset_ms, struct arena *a)
{
	static const int64_t min_ms = 60000, hour_ms = 3600000, day_ms = 86400000;
	if (!offset_ms)
		return NULL;
	if (offset_ms % day_ms == 0)
		return arena_printf(a, "%" PRId64 " day%s before", offset_ms / day_ms,
			offset_ms == day_ms ? "" : "s");
	if (offset_ms % hour_ms == 0)
		return arena_printf(a, "%" PRId64 " h before", offset_ms / hour_ms);
	return arena_printf(
		a, "%" PRId64 " min before", (offset_ms + min_ms / 2) / min_ms);
}
