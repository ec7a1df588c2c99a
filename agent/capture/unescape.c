#include "agent/capture/unescape.h"

#include <string.h>

void unescape_begin(struct unescape *u)
{
	u->state = UNESCAPE_PLAIN;
	u->digits = 0;
	u->unit = 0;
	u->high = 0;
	u->length = 0;
}

static bool unescape_flush(struct unescape *u, struct err *e)
{
	size_t length = u->length;
	u->length = 0;
	return length == 0 || u->sink(u->context, u->out, length, e);
}

static bool unescape_put(
	struct unescape *u, const char *bytes, size_t length, struct err *e)
{
	while (length > 0) {
		if (u->length == sizeof u->out && !unescape_flush(u, e))
			return false;
		size_t room = sizeof u->out - u->length;
		size_t part = length < room ? length : room;
		memcpy(u->out + u->length, bytes, part);
		u->length += part;
		bytes += part;
		length -= part;
	}
	return true;
}

static bool unescape_character(struct unescape *u, uint32_t c, struct err *e)
{
	char utf8[4];
	size_t length;
	if (c < 0x80) {
		utf8[0] = (char)c;
		length = 1;
	} else if (c < 0x800) {
		utf8[0] = (char)(0xC0 | c >> 6);
		length = 2;
	} else if (c < 0x10000) {
		utf8[0] = (char)(0xE0 | c >> 12);
		length = 3;
	} else {
		utf8[0] = (char)(0xF0 | c >> 18);
		length = 4;
	}
	for (size_t i = 1; i < length; i++)
		utf8[i] = (char)(0x80 | (c >> (length - 1 - i) * 6 & 0x3F));
	return unescape_put(u, utf8, length, e);
}

/* A first half that no second half follows. */
static bool unescape_lone(struct unescape *u, struct err *e)
{
	bool is_lone = u->high != 0;
	u->high = 0;
	return !is_lone || unescape_character(u, 0xFFFD, e);
}

static bool unescape_unit(struct unescape *u, uint32_t unit, struct err *e)
{
	bool is_low = unit >= 0xDC00 && unit <= 0xDFFF;
	if (is_low && u->high) {
		uint32_t c = 0x10000 + ((u->high - 0xD800) << 10) + (unit - 0xDC00);
		u->high = 0;
		return unescape_character(u, c, e);
	}
	if (!unescape_lone(u, e))
		return false;
	if (unit >= 0xD800 && unit <= 0xDBFF) {
		u->high = unit;
		return true;
	}
	return unescape_character(u, is_low ? 0xFFFD : unit, e);
}

static bool unescape_backslash(struct unescape *u, char c, struct err *e)
{
	static const char names[] = "\"\\/bfnrt", values[] = "\"\\/\b\f\n\r\t";
	u->state = UNESCAPE_PLAIN;
	if (c == 'u') {
		u->state = UNESCAPE_DIGITS;
		u->digits = 0;
		u->unit = 0;
		return true;
	}
	const char *name = c ? strchr(names, c) : NULL;
	if (!name)
		return err_set(e, ERR_INPUT, "no JSON: an unknown escape in a string");
	return unescape_lone(u, e) && unescape_put(u, &values[name - names], 1, e);
}

static bool unescape_digit(struct unescape *u, char c, struct err *e)
{
	uint32_t digit;
	if (c >= '0' && c <= '9')
		digit = (uint32_t)(c - '0');
	else if (c >= 'a' && c <= 'f')
		digit = (uint32_t)(c - 'a' + 10);
	else if (c >= 'A' && c <= 'F')
		digit = (uint32_t)(c - 'A' + 10);
	else
		return err_set(e, ERR_INPUT, "no JSON: a bad \\u escape in a string");
	u->unit = u->unit << 4 | digit;
	if (++u->digits < 4)
		return true;
	u->state = UNESCAPE_PLAIN;
	return unescape_unit(u, u->unit, e);
}

/* How many bytes mean themselves. */
static size_t unescape_run(const char *bytes, size_t length)
{
	size_t i = 0;
	while (i < length && bytes[i] != '"' && bytes[i] != '\\' &&
		(unsigned char)bytes[i] >= 0x20)
		i++;
	return i;
}

static bool unescape_special(struct unescape *u, char c, struct err *e)
{
	if (c == '\\') {
		u->state = UNESCAPE_BACKSLASH;
		return true;
	}
	if (c != '"')
		return err_set(e, ERR_INPUT, "no JSON: a control byte in a string");
	u->state = UNESCAPE_ENDED;
	return unescape_lone(u, e) && unescape_flush(u, e);
}

bool unescape_feed(struct unescape *u, const char *bytes, size_t length, size_t *taken,
	struct err *e)
{
	size_t i = 0;
	bool ok = true;
	while (ok && i < length && u->state != UNESCAPE_ENDED) {
		if (u->state == UNESCAPE_BACKSLASH) {
			ok = unescape_backslash(u, bytes[i++], e);
		} else if (u->state == UNESCAPE_DIGITS) {
			ok = unescape_digit(u, bytes[i++], e);
		} else {
			size_t run = unescape_run(bytes + i, length - i);
			if (run > 0)
				ok = unescape_lone(u, e) &&
				     unescape_put(u, bytes + i, run, e);
			i += run;
			if (ok && i < length)
				ok = unescape_special(u, bytes[i++], e);
		}
	}
	*taken = i;
	return ok;
}
