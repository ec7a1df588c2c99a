#include "server/api/query.h"

#include "common/utf8.h"

#include <errno.h>
#include <math.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

enum { QUERY_FIELD_SIZE = 32 };

static int query_hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* UTF-8 without control characters, as PostgreSQL takes it. */
static bool query_is_text(const char *text, size_t length)
{
	for (size_t at = 0; at < length;) {
		size_t step = utf8_character(text + at);
		if (!step || (unsigned char)text[at] < 0x20 || text[at] == 0x7f)
			return false;
		at += step;
	}
	return true;
}

/* Decodes into the arena; NULL when an escape is broken or the result is no text. */
static const char *query_decode(struct arena *a, const char *text, size_t length)
{
	char *out = arena_alloc(a, length + 1);
	size_t n = 0;
	for (size_t i = 0; i < length; i++) {
		char c = text[i];
		if (c == '+')
			c = ' ';
		if (c == '%') {
			int high = i + 1 < length ? query_hex(text[i + 1]) : -1;
			int low = i + 2 < length ? query_hex(text[i + 2]) : -1;
			if (high < 0 || low < 0)
				return NULL;
			c = (char)(high << 4 | low);
			i += 2;
		}
		out[n++] = c;
	}
	return query_is_text(out, n) ? out : NULL;
}

static bool query_is_name(const char *text, size_t length)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz_";
	return length > 0 && length <= QUERY_NAME_MAX &&
	       strspn(text, letters) >= length;
}

static bool query_add(struct query *q, const char *text, size_t length, struct err *e)
{
	const char *equals = memchr(text, '=', length);
	size_t name_length = equals ? (size_t)(equals - text) : length;
	if (!query_is_name(text, name_length))
		return err_set(e, ERR_INPUT,
			"parameter %zu of the address: a name has 1 to %d of a-z and _",
			q->count + 1, QUERY_NAME_MAX);
	const char *name = arena_strndup(q->arena, text, name_length);
	for (size_t i = 0; i < q->count; i++)
		if (strcmp(q->parameters[i].name, name) == 0)
			return err_set(e, ERR_INPUT, "%s: given twice", name);
	if (q->count == QUERY_PARAMETERS_MAX)
		return err_set(e, ERR_INPUT, "%s: more than %d parameters", name,
			QUERY_PARAMETERS_MAX);
	const char *value = "";
	if (equals)
		value = query_decode(q->arena, equals + 1, length - name_length - 1);
	if (!value)
		return err_set(e, ERR_INPUT,
			"%s: not UTF-8 text in %%XX escapes, or with control "
			"characters",
			name);
	q->parameters[q->count++] = (struct query_parameter){name, value, false};
	return true;
}

bool query_parse(const char *text, struct arena *a, struct query *out, struct err *e)
{
	struct query q = {.arena = a};
	if (strlen(text) > QUERY_LENGTH_MAX)
		return err_set(e, ERR_INPUT,
			"the query of the address is longer than %d bytes",
			QUERY_LENGTH_MAX);
	while (*text) {
		size_t length = strcspn(text, "&");
		if (length && !query_add(&q, text, length, e))
			return false;
		text += length + (text[length] == '&');
	}
	*out = q;
	return true;
}

bool query_finish(const struct query *q, struct err *e)
{
	for (size_t i = 0; i < q->count; i++)
		if (!q->parameters[i].used)
			return err_set(e, ERR_INPUT, "%s: no such parameter here",
				q->parameters[i].name);
	return true;
}

/* The value, or NULL when absent or empty. */
static const char *query_find(struct query *q, const char *name)
{
	for (size_t i = 0; i < q->count; i++) {
		if (strcmp(q->parameters[i].name, name) != 0)
			continue;
		q->parameters[i].used = true;
		return *q->parameters[i].value ? q->parameters[i].value : NULL;
	}
	return NULL;
}

bool query_text(struct query *q, const char *name, size_t length_max,
	const char **value, struct err *e)
{
	const char *text = query_find(q, name);
	if (text && strlen(text) > length_max)
		return err_set(
			e, ERR_INPUT, "%s: longer than %zu bytes", name, length_max);
	*value = text;
	return true;
}

/* Decimal digits with an optional minus, nothing else, within int64. */
static bool query_number(const char *text, int64_t *value)
{
	size_t sign = *text == '-';
	size_t digits = strspn(text + sign, "0123456789");
	if (digits == 0 || text[sign + digits])
		return false;
	errno = 0;
	*value = strtoll(text, NULL, 10);
	return errno == 0;
}

bool query_int(struct query *q, const char *name, const struct query_range *range,
	int64_t *value, struct err *e)
{
	const char *text = query_find(q, name);
	int64_t number = range->fallback;
	if (text && (!query_number(text, &number) || number < range->minimum ||
			    number > range->maximum))
		return err_set(e, ERR_INPUT,
			"%s: must be a whole number from %lld to %lld", name,
			(long long)range->minimum, (long long)range->maximum);
	*value = number;
	return true;
}

bool query_bool(struct query *q, const char *name, int *value, struct err *e)
{
	const char *text = query_find(q, name);
	if (text && strcmp(text, "true") != 0 && strcmp(text, "false") != 0)
		return err_set(e, ERR_INPUT, "%s: must be true or false", name);
	*value = text ? strcmp(text, "true") == 0 : -1;
	return true;
}

bool query_id(const char *text, int64_t *id)
{
	int64_t number;
	if (*text == '0' || !query_number(text, &number) || number < 1 ||
		number > INT32_MAX)
		return false;
	*id = number;
	return true;
}

/* The next item of a list, cut off it; NULL at its end. */
static char *query_next_item(char **list)
{
	return *list ? strsep(list, ",") : NULL;
}

bool query_ids(struct query *q, const char *name, const int64_t **ids, size_t *count,
	struct err *e)
{
	const char *text = query_find(q, name);
	int64_t *found = arena_array(q->arena, QUERY_IDS_MAX, sizeof *found);
	size_t n = 0;
	char *list = text ? arena_strdup(q->arena, text) : NULL;
	for (char *item; (item = query_next_item(&list));) {
		int64_t id;
		if (!query_id(item, &id))
			return err_set(e, ERR_INPUT,
				"%s: must be ids separated by commas", name);
		for (size_t i = 0; i < n; i++)
			if (found[i] == id)
				return err_set(e, ERR_INPUT, "%s: %lld stands twice",
					name, (long long)id);
		if (n == QUERY_IDS_MAX)
			return err_set(e, ERR_INPUT, "%s: more than %d ids", name,
				QUERY_IDS_MAX);
		found[n++] = id;
	}
	*ids = found;
	*count = n;
	return true;
}

static const char *query_allowed(
	const char *item, const char *const *allowed, size_t allowed_count)
{
	for (size_t i = 0; i < allowed_count; i++)
		if (strcmp(item, allowed[i]) == 0)
			return allowed[i];
	return NULL;
}

bool query_words(struct query *q, const char *name, const char *const *allowed,
	size_t allowed_count, const char ***words, size_t *count, struct err *e)
{
	const char *text = query_find(q, name);
	const char **found = arena_array(q->arena, allowed_count, sizeof *found);
	size_t n = 0;
	char *list = text ? arena_strdup(q->arena, text) : NULL;
	for (char *item; (item = query_next_item(&list));) {
		const char *word = query_allowed(item, allowed, allowed_count);
		if (!word || n == allowed_count)
			return err_set(e, ERR_INPUT, "%s: '%.64s' is not known here",
				name, item);
		found[n++] = word;
	}
	*words = found;
	*count = n;
	return true;
}

const char *query_cursor(struct arena *a, const char *plain)
{
	size_t length = strlen(plain);
	size_t room = sodium_base64_ENCODED_LEN(
		length, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
	char *text = arena_alloc(a, room);
	return sodium_bin2base64(text, room, (const unsigned char *)plain, length,
		sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

bool query_after(struct query *q, const char **plain, struct err *e)
{
	const char *text = NULL;
	if (!query_text(q, "after", QUERY_CURSOR_MAX, &text, e))
		return false;
	*plain = NULL;
	if (!text)
		return true;
	size_t room = strlen(text), length;
	char *out = arena_alloc(q->arena, room + 1);
	if (sodium_base642bin((unsigned char *)out, room, text, room, NULL, &length,
		    NULL, sodium_base64_VARIANT_URLSAFE_NO_PADDING) != 0 ||
		!query_is_text(out, length))
		return err_set(e, ERR_INPUT, "after: not a cursor of this list");
	*plain = out;
	return true;
}

/* The next field of a cursor, cut off it; false when it cannot be a number. */
static bool query_next_field(const char **rest, char field[QUERY_FIELD_SIZE])
{
	size_t length = strcspn(*rest, " ");
	if (length == 0 || length >= QUERY_FIELD_SIZE)
		return false;
	memcpy(field, *rest, length);
	field[length] = '\0';
	*rest += length + ((*rest)[length] == ' ');
	return true;
}

bool query_after_int(
	const char **rest, int64_t minimum, int64_t maximum, int64_t *value)
{
	char field[QUERY_FIELD_SIZE];
	int64_t number;
	if (!query_next_field(rest, field) || !query_number(field, &number) ||
		number < minimum || number > maximum)
		return false;
	*value = number;
	return true;
}

bool query_after_double(const char **rest, double *value)
{
	char field[QUERY_FIELD_SIZE], *end;
	if (!query_next_field(rest, field))
		return false;
	double number = strtod(field, &end);
	if (*end || !isfinite(number))
		return false;
	*value = number;
	return true;
}
