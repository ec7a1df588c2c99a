#include "common/conf_parse.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

struct conf_unit {
	const char *name;
	int64_t size;
};

/* Largest first, so that printing finds the shortest form. */
static const struct conf_unit conf_durations[] = {
	{"d", 86400000}, {"h", 3600000}, {"m", 60000}, {"s", 1000}, {"ms", 1}};

static const struct conf_unit conf_sizes[] = {{"T", INT64_C(1) << 40}, {"G", 1 << 30},
	{"M", 1 << 20}, {"k", 1 << 10}, {"", 1}};

enum {
	CONF_DURATIONS = sizeof conf_durations / sizeof *conf_durations,
	CONF_SIZES = sizeof conf_sizes / sizeof *conf_sizes,
};

/* Digits with an optional minus; *rest is what follows them. */
static bool conf_number(const char *text, int64_t *value, const char **rest)
{
	bool minus = *text == '-';
	const char *digit = text + minus;
	if (*digit < '0' || *digit > '9')
		return false;
	int64_t sum = 0;
	for (; *digit >= '0' && *digit <= '9'; digit++) {
		if (__builtin_mul_overflow(sum, 10, &sum) ||
			__builtin_add_overflow(sum, *digit - '0', &sum))
			return false;
	}
	*value = minus ? -sum : sum;
	*rest = digit;
	return true;
}

static bool conf_scaled(
	const char *text, const struct conf_unit *units, size_t count, int64_t *result)
{
	int64_t number;
	const char *unit;
	if (*text == '-' || !conf_number(text, &number, &unit))
		return false;
	for (size_t i = 0; i < count; i++) {
		if (strcmp(units[i].name, unit) == 0)
			return !__builtin_mul_overflow(number, units[i].size, result);
	}
	return false;
}

bool conf_parse_duration(const char *text, int64_t *ms, struct err *e)
{
	int64_t value;
	/* Zero needs no unit; any other number without one is a guess. */
	if (strcmp(text, "0") == 0)
		value = 0;
	else if (!conf_scaled(text, conf_durations, CONF_DURATIONS, &value))
		return err_set(e, ERR_INPUT,
			"'%s' is not a duration such as 500ms, 10s, 5m, 2h or 30d",
			text);
	*ms = value;
	return true;
}

bool conf_parse_bytes(const char *text, int64_t *bytes, struct err *e)
{
	int64_t value;
	if (!conf_scaled(text, conf_sizes, CONF_SIZES, &value))
		return err_set(e, ERR_INPUT,
			"'%s' is not a size such as 512, 64k, 16M, 1G or 1T", text);
	*bytes = value;
	return true;
}

static bool conf_parse_int(const char *text, int64_t *value, struct err *e)
{
	int64_t number;
	const char *rest;
	if (!conf_number(text, &number, &rest) || *rest)
		return err_set(e, ERR_INPUT, "'%s' is not a whole number", text);
	*value = number;
	return true;
}

static bool conf_parse_bool(const char *text, bool *value, struct err *e)
{
	static const char *const words[2][4] = {
		{"no", "false", "off", "0"}, {"yes", "true", "on", "1"}};
	for (int answer = 0; answer < 2; answer++) {
		for (int i = 0; i < 4; i++) {
			if (strcmp(text, words[answer][i]) == 0) {
				*value = answer;
				return true;
			}
		}
	}
	return err_set(e, ERR_INPUT, "'%s' is neither yes nor no", text);
}

void conf_parse_print(enum conf_type type, int64_t value, struct buf *out)
{
	const struct conf_unit *unit = NULL;
	size_t count = 0;
	if (type == CONF_DURATION) {
		unit = conf_durations;
		count = CONF_DURATIONS;
	} else if (type == CONF_BYTES) {
		unit = conf_sizes;
		count = CONF_SIZES;
	}
	for (; count && value; unit++, count--) {
		if (value % unit->size == 0) {
			buf_printf(
				out, "%" PRId64 "%s", value / unit->size, unit->name);
			return;
		}
	}
	buf_printf(out, "%" PRId64, value);
}

static bool conf_bounded(const struct conf_option *o)
{
	bool number = o->type != CONF_TEXT && o->type != CONF_BOOL;
	return number && (o->minimum || o->maximum);
}

void conf_parse_bounds(const struct conf_option *o, struct buf *out)
{
	if (!conf_bounded(o))
		return;
	conf_parse_print(o->type, o->minimum, out);
	if (o->maximum == INT64_MAX) {
		buf_text(out, " or more");
		return;
	}
	buf_text(out, " to ");
	conf_parse_print(o->type, o->maximum, out);
}

void conf_parse_mark(const struct conf_table *t, const struct conf_option *o,
	enum conf_source source)
{
	if (t->sources)
		t->sources[o - t->options] = (unsigned char)source;
}

const char *conf_parse_kind(enum conf_type type)
{
	switch (type) {
	case CONF_TEXT:
		return "TEXT";
	case CONF_INT:
		return "NUMBER";
	case CONF_DURATION:
		return "DURATION";
	case CONF_BYTES:
		return "SIZE";
	case CONF_BOOL:
		break;
	}
	return NULL;
}

static bool conf_check_bounds(
	const struct conf_option *o, const char *text, int64_t number, struct err *e)
{
	if (!conf_bounded(o) || (number >= o->minimum && number <= o->maximum))
		return true;
	struct buf bounds = {0};
	conf_parse_bounds(o, &bounds);
	err_set(e, ERR_INPUT, "'%s' is out of bounds (%s)", text, bounds.data);
	buf_finish(&bounds);
	return false;
}

bool conf_parse_option(const struct conf_option *o, void *target, const char *text,
	struct arena *a, struct err *e)
{
	char *field = (char *)target + o->offset;
	int64_t number = 0;
	bool ok = false;
	switch (o->type) {
	case CONF_TEXT:
		*(const char **)(void *)field = arena_strdup(a, text);
		return true;
	case CONF_BOOL:
		return conf_parse_bool(text, (bool *)field, e);
	case CONF_INT:
		ok = conf_parse_int(text, &number, e);
		break;
	case CONF_DURATION:
		ok = conf_parse_duration(text, &number, e);
		break;
	case CONF_BYTES:
		ok = conf_parse_bytes(text, &number, e);
		break;
	}
	if (!ok || !conf_check_bounds(o, text, number, e))
		return false;
	*(int64_t *)(void *)field = number;
	return true;
}
