#include "agent/warnings/sign.h"

#include "common/utf8.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* As much as fits, and no half character. */
static void sign_copy(char out[SIGN_VALUE_MAX], const char *value, size_t length)
{
	size_t used = 0;
	for (size_t i = 0; i < length && used < SIGN_VALUE_MAX - 1;) {
		char next[5] = {0};
		memcpy(next, value + i, length - i < 4 ? length - i : 4);
		size_t size = utf8_character(next);
		bool is_shown = size > 1 ||
				(size == 1 && (unsigned char)next[0] >= ' ' &&
					next[0] != 0x7f);
		/* U+0080 to U+009F are control characters as well. */
		if (size == 2 && (unsigned char)next[0] == 0xc2 &&
			(unsigned char)next[1] < 0xa0)
			is_shown = false;
		if (used + (is_shown ? size : 1) >= SIGN_VALUE_MAX)
			break;
		if (is_shown)
			memcpy(out + used, next, size);
		else
			out[used] = '?';
		used += is_shown ? size : 1;
		i += size ? size : 1;
	}
	out[used] = '\0';
}

void sign_put(struct sign *s, const char *name, const char *value, size_t length)
{
	if (s->count == SIGN_FIELDS_MAX)
		return;
	struct sign_field *field = &s->fields[s->count++];
	snprintf(field->name, sizeof field->name, "%s", name);
	sign_copy(field->value, value, length);
}

void sign_put_number(struct sign *s, const char *name, uint64_t value)
{
	char text[24];
	snprintf(text, sizeof text, "%" PRIu64, value);
	sign_put(s, name, text, strlen(text));
}

void sign_put_name(struct sign *s, const char *name, const char *value, size_t length)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz"
				      "ABCDEFGHIJKLMNOPQRSTUVWXYZ_$";
	bool is_name = length > 0 && length < 128 && strchr(letters, value[0]);
	for (size_t i = 0; is_name && i < length; i++)
		is_name = value[i] && (strchr(letters, value[i]) ||
					      strchr("0123456789-:.", value[i]));
	sign_put(s, name, is_name ? value : "[key]", is_name ? length : 5);
}

static bool sign_is_measured(const char *name)
{
	static const char *const names[] = {
		"count", "heap_mb", "committed_mb", "limit_mb", "anon_kb"};
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (strcmp(name, names[i]) == 0)
			return true;
	return false;
}

bool sign_equals(const struct sign *a, const struct sign *b)
{
	if (a->kind != b->kind || a->count != b->count)
		return false;
	for (size_t i = 0; i < a->count; i++) {
		const struct sign_field *left = &a->fields[i], *right = &b->fields[i];
		if (strcmp(left->name, right->name) != 0)
			return false;
		/* What an operator's pattern caught is words, whatever its name. */
		if ((a->kind == WARNING_PATTERN || !sign_is_measured(left->name)) &&
			strcmp(left->value, right->value) != 0)
			return false;
	}
	return true;
}
