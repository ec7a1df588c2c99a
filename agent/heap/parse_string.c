#include "agent/heap/parse_string.h"

#include <string.h>

#define PARSE_STRING_LOST UINT32_C(0xfffd)

enum { PARSE_STRING_HEX = 4 };

static bool parse_string_put(
	uint32_t code, const struct parse_string_sink *sink, struct err *e)
{
	char utf8[4];
	size_t length;
	if (code == 0)
		code = PARSE_STRING_LOST;
	if (code < 0x80) {
		utf8[0] = (char)code;
		length = 1;
	} else if (code < 0x800) {
		utf8[0] = (char)(0xc0 | code >> 6);
		utf8[1] = (char)(0x80 | (code & 0x3f));
		length = 2;
	} else if (code < 0x10000) {
		utf8[0] = (char)(0xe0 | code >> 12);
		utf8[1] = (char)(0x80 | (code >> 6 & 0x3f));
		utf8[2] = (char)(0x80 | (code & 0x3f));
		length = 3;
	} else {
		utf8[0] = (char)(0xf0 | code >> 18);
		utf8[1] = (char)(0x80 | (code >> 12 & 0x3f));
		utf8[2] = (char)(0x80 | (code >> 6 & 0x3f));
		utf8[3] = (char)(0x80 | (code & 0x3f));
		length = 4;
	}
	return sink->bytes(sink->context, utf8, length, e);
}

/* A high surrogate was not followed by its other half. */
static bool parse_string_settle(
	struct parse_string *s, const struct parse_string_sink *sink, struct err *e)
{
	if (!s->high)
		return true;
	s->high = 0;
	return parse_string_put(PARSE_STRING_LOST, sink, e);
}

static bool parse_string_unit(
	struct parse_string *s, const struct parse_string_sink *sink, struct err *e)
{
	uint32_t unit = s->unit;
	if (unit >= 0xdc00 && unit <= 0xdfff && s->high) {
		uint32_t code = 0x10000 + ((s->high - 0xd800) << 10) + (unit - 0xdc00);
		s->high = 0;
		return parse_string_put(code, sink, e);
	}
	if (!parse_string_settle(s, sink, e))
		return false;
	if (unit >= 0xd800 && unit <= 0xdbff) {
		s->high = unit;
		return true;
	}
	if (unit >= 0xdc00 && unit <= 0xdfff)
		unit = PARSE_STRING_LOST;
	return parse_string_put(unit, sink, e);
}

static bool parse_string_hex(struct parse_string *s, char c,
	const struct parse_string_sink *sink, struct err *e)
{
	static const char digits[] = "0123456789abcdef";
	const char *digit = strchr(digits, c >= 'A' && c <= 'F' ? c + ('a' - 'A') : c);
	if (!digit || !*digit)
		return err_set(e, ERR_INPUT, "a \\u escape without four hex digits");
	s->unit = s->unit << 4 | (uint32_t)(digit - digits);
	return --s->hex_left > 0 || parse_string_unit(s, sink, e);
}

static bool parse_string_escape(struct parse_string *s, char c,
	const struct parse_string_sink *sink, struct err *e)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	s->in_escape = false;
	if (c == 'u') {
		s->hex_left = PARSE_STRING_HEX;
		s->unit = 0;
		return true;
	}
	const char *known = strchr(from, c);
	if (!known || !*known)
		return err_set(e, ERR_INPUT, "an unknown escape in a string");
	return parse_string_settle(s, sink, e) &&
	       parse_string_put((unsigned char)to[known - from], sink, e);
}

/* Everything up to the next quote or backslash. */
static const char *parse_string_plain(const char *at, const char *end)
{
	while (at < end && *at != '"' && *at != '\\' && *at)
		at++;
	return at;
}

const char *parse_string_read(struct parse_string *s, const char *at, const char *end,
	bool *is_whole, const struct parse_string_sink *sink, struct err *e)
{
	*is_whole = false;
	while (at < end) {
		bool ok;
		char c = *at;
		if (s->hex_left) {
			ok = parse_string_hex(s, c, sink, e);
		} else if (s->in_escape) {
			ok = parse_string_escape(s, c, sink, e);
		} else if (c == '\\') {
			s->in_escape = true;
			ok = true;
		} else if (c == '"') {
			*is_whole = true;
			return parse_string_settle(s, sink, e) ? at + 1 : NULL;
		} else if (!c) {
			ok = parse_string_settle(s, sink, e) &&
			     parse_string_put(0, sink, e);
		} else {
			const char *stop = parse_string_plain(at, end);
			ok = parse_string_settle(s, sink, e) &&
			     sink->bytes(sink->context, at, (size_t)(stop - at), e);
			at = stop - 1;
		}
		if (!ok)
			return NULL;
		at++;
	}
	return at;
}

const char *parse_string_skip(
	struct parse_string *s, const char *at, const char *end, bool *is_whole)
{
	*is_whole = false;
	if (s->in_escape && at < end) {
		s->in_escape = false;
		at++;
	}
	const char *quote = NULL;
	while (at < end) {
		if (!quote || quote < at)
			quote = memchr(at, '"', (size_t)(end - at));
		const char *stop = quote ? quote : end;
		const char *escape = memchr(at, '\\', (size_t)(stop - at));
		if (!escape) {
			*is_whole = quote != NULL;
			return quote ? quote + 1 : end;
		}
		at = escape + 2;
		if (at > end) {
			s->in_escape = true;
			return end;
		}
	}
	return at;
}
