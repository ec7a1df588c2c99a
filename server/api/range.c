#include "server/api/range.h"

#include <stddef.h>
#include <string.h>
#include <strings.h>

/* Digits at *text; false when there are none.  What does not fit is the largest. */
static bool range_number(const char **text, uint64_t *value)
{
	const char *start = *text;
	*value = 0;
	for (; **text >= '0' && **text <= '9'; ++*text)
		if (__builtin_mul_overflow(*value, UINT64_C(10), value) ||
			__builtin_add_overflow(
				*value, (uint64_t)(**text - '0'), value)) {
			*text += strspn(*text, "0123456789");
			*value = UINT64_MAX;
			return true;
		}
	return *text > start;
}

static const char *range_skip(const char *text)
{
	return text + strspn(text, " \t");
}

static struct range range_suffix(const char *text, uint64_t length)
{
	uint64_t count;
	if (!range_number(&text, &count) || *range_skip(text))
		return (struct range){.kind = RANGE_WHOLE};
	if (count == 0 || length == 0)
		return (struct range){.kind = RANGE_BEYOND};
	uint64_t first = count < length ? length - count : 0;
	return (struct range){RANGE_PART, first, length - 1};
}

struct range range_read(const char *header, uint64_t length)
{
	const struct range whole = {.kind = RANGE_WHOLE};
	uint64_t first, last;
	if (!header || strncasecmp(header, "bytes=", 6) != 0)
		return whole;
	const char *text = range_skip(header + 6);
	if (*text == '-')
		return range_suffix(text + 1, length);
	if (!range_number(&text, &first) || *text++ != '-')
		return whole;
	if (!range_number(&text, &last))
		last = UINT64_MAX;
	if (*range_skip(text) || last < first)
		return whole;
	if (first >= length)
		return (struct range){.kind = RANGE_BEYOND};
	return (struct range){RANGE_PART, first, last < length ? last : length - 1};
}

bool range_holds(const char *if_range, const char *etag)
{
	return !if_range || strcmp(if_range, etag) == 0;
}
