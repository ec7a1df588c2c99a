#include "schema/wire_text.h"

#include "common/utf8.h"
#include "schema/wire.h"

#include <string.h>

/* Bytes of the character at the start when a name may hold it, else 0. */
static size_t wire_text_step(const char *text)
{
	unsigned char first = (unsigned char)text[0];
	unsigned char second = first ? (unsigned char)text[1] : 0;
	if (first < 0x20 || first == 0x7f)
		return 0;
	/* U+0080 to U+009F are control characters too. */
	if (first == 0xc2 && second < 0xa0)
		return 0;
	return utf8_character(text);
}

static size_t wire_text_good_length(const char *text)
{
	size_t n = 0;
	for (size_t step; (step = wire_text_step(text + n)); n += step)
		;
	return n;
}

bool wire_text_check_long(const char *text, size_t maximum_bytes, struct err *e)
{
	size_t length = strlen(text);
	if (length > maximum_bytes)
		return err_set(e, ERR_INPUT, "%zu bytes long, at most %zu are allowed",
			length, maximum_bytes);
	size_t good = wire_text_good_length(text);
	if (good < length)
		return err_set(e, ERR_INPUT,
			"byte 0x%02x at %zu is a control byte or not UTF-8",
			(unsigned char)text[good], good);
	return true;
}

bool wire_text_check(const char *text, struct err *e)
{
	return wire_text_check_long(text, WIRE_NAME_BYTES_MAX, e);
}

const char *wire_text_clean(const char *text, struct arena *a)
{
	return wire_text_clean_long(text, WIRE_NAME_BYTES_MAX, a);
}

const char *wire_text_clean_long(
	const char *text, size_t maximum_bytes, struct arena *a)
{
	size_t good = wire_text_good_length(text);
	if (!text[good] && good <= maximum_bytes)
		return text;
	char *clean = arena_alloc(a, maximum_bytes + 1);
	size_t n = 0;
	while (*text) {
		size_t step = wire_text_step(text);
		size_t length = step ? step : 1;
		if (n + length > maximum_bytes)
			break;
		memcpy(clean + n, step ? text : "?", length);
		text += length;
		n += length;
	}
	return clean;
}
