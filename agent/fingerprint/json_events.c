#include "agent/fingerprint/json_events.h"

#include <stdlib.h>
#include <string.h>

struct json_events_text {
	size_t length;
	char bytes[JSON_EVENTS_TEXT_MAX + 5];
};

struct json_events_state {
	struct intake *in;
	const struct json_events *events;
	unsigned depth;
	uint64_t at; /* bytes taken */
	struct json_events_text key, value;
	bool is_object[JSON_EVENTS_DEPTH_MAX + 1];
};

static int json_events_next(struct json_events_state *s)
{
	s->at++;
	return intake_next(s->in);
}

static int json_events_skip_blanks(struct json_events_state *s)
{
	int c = intake_peek(s->in);
	while (c == ' ' || c == '\t' || c == '\n' || c == '\r') {
		json_events_next(s);
		c = intake_peek(s->in);
	}
	return c;
}

static bool json_events_wrong(struct json_events_state *s, struct err *e)
{
	if (intake_failed(s->in, e))
		return false;
	return err_set(
		e, ERR_INPUT, "it is no JSON at byte %llu", (unsigned long long)s->at);
}

static void json_events_put(struct json_events_text *text, const char *bytes, size_t n)
{
	if (text->length + n > JSON_EVENTS_TEXT_MAX)
		return; /* cut */
	memcpy(text->bytes + text->length, bytes, n);
	text->length += n;
}

static size_t json_events_utf8(unsigned c, char out[4])
{
	if (c < 0x80) {
		out[0] = (char)c;
		return 1;
	}
	if (c < 0x800) {
		out[0] = (char)(0xc0 | c >> 6);
		out[1] = (char)(0x80 | (c & 0x3f));
		return 2;
	}
	if (c < 0x10000) {
		out[0] = (char)(0xe0 | c >> 12);
		out[1] = (char)(0x80 | (c >> 6 & 0x3f));
		out[2] = (char)(0x80 | (c & 0x3f));
		return 3;
	}
	out[0] = (char)(0xf0 | c >> 18);
	out[1] = (char)(0x80 | (c >> 12 & 0x3f));
	out[2] = (char)(0x80 | (c >> 6 & 0x3f));
	out[3] = (char)(0x80 | (c & 0x3f));
	return 4;
}

static bool json_events_hex(struct json_events_state *s, unsigned *out)
{
	*out = 0;
	for (int i = 0; i < 4; i++) {
		int c = json_events_next(s);
		int digit = c >= '0' && c <= '9'   ? c - '0'
			    : c >= 'a' && c <= 'f' ? c - 'a' + 10
			    : c >= 'A' && c <= 'F' ? c - 'A' + 10
						   : -1;
		if (digit < 0)
			return false;
		*out = *out << 4 | (unsigned)digit;
	}
	return true;
}

/* Behind "\u".  Half a pair, and NUL, become U+FFFD. */
static bool json_events_unicode(
	struct json_events_state *s, struct json_events_text *text)
{
	unsigned c, low;
	char bytes[4];
	if (!json_events_hex(s, &c))
		return false;
	if (c >= 0xd800 && c < 0xdc00 && intake_peek(s->in) == '\\') {
		json_events_next(s);
		if (json_events_next(s) != 'u' || !json_events_hex(s, &low))
			return false;
		c = low >= 0xdc00 && low < 0xe000
			    ? 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00)
			    : 0xfffd;
	}
	if (c == 0 || (c >= 0xd800 && c < 0xe000))
		c = 0xfffd;
	json_events_put(text, bytes, json_events_utf8(c, bytes));
	return true;
}

static bool json_events_escape(
	struct json_events_state *s, struct json_events_text *text)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	int c = json_events_next(s);
	if (c == 'u')
		return json_events_unicode(s, text);
	const char *found = c > 0 ? strchr(from, c) : NULL;
	if (!found)
		return false;
	json_events_put(text, &to[found - from], 1);
	return true;
}

/* At the opening quote. */
static bool json_events_string(
	struct json_events_state *s, struct json_events_text *text)
{
	text->length = 0;
	json_events_next(s);
	for (;;) {
		int c = json_events_next(s);
		if (c == '"')
			break;
		if (c < 0x20) /* the end, too */
			return false;
		if (c == '\\') {
			if (!json_events_escape(s, text))
				return false;
		} else {
			char byte = (char)c;
			json_events_put(text, &byte, 1);
		}
	}
	text->bytes[text->length] = '\0';
	return true;
}

static bool json_events_word(struct json_events_state *s)
{
	static const char *const words[] = {"true", "false", "null"};
	struct json_events_text *text = &s->value;
	int c = intake_peek(s->in);
	text->length = 0;
	while ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
		(c > 0 && strchr("+-.E", c))) {
		char byte = (char)json_events_next(s);
		json_events_put(text, &byte, 1);
		c = intake_peek(s->in);
	}
	text->bytes[text->length] = '\0';
	if (text->bytes[0] == '-' || (text->bytes[0] >= '0' && text->bytes[0] <= '9'))
		return true;
	for (size_t i = 0; i < 3; i++)
		if (strcmp(text->bytes, words[i]) == 0)
			return true;
	return false;
}

/* A value; what it opens is gone into, not through. */
static bool json_events_value(struct json_events_state *s)
{
	const struct json_events *events = s->events;
	int c = json_events_skip_blanks(s);
	if (c == '{' || c == '[') {
		if (s->depth == JSON_EVENTS_DEPTH_MAX)
			return false;
		json_events_next(s);
		if (events->open)
			events->open(events->context, s->depth, s->key.bytes, c == '{');
		s->is_object[++s->depth] = c == '{';
		return true;
	}
	bool ok = c == '"' ? json_events_string(s, &s->value) : json_events_word(s);
	if (ok && events->value)
		events->value(events->context, s->depth, s->key.bytes, s->value.bytes,
			c == '"');
	return ok;
}

static bool json_events_close(struct json_events_state *s, int c)
{
	if (c != (s->is_object[s->depth] ? '}' : ']'))
		return false;
	json_events_next(s);
	s->depth--;
	if (s->events->close)
		s->events->close(s->events->context, s->depth);
	return true;
}

static bool json_events_key(struct json_events_state *s)
{
	s->key.bytes[0] = '\0';
	if (!s->is_object[s->depth])
		return true;
	if (json_events_skip_blanks(s) != '"' || !json_events_string(s, &s->key) ||
		json_events_skip_blanks(s) != ':')
		return false;
	json_events_next(s);
	return true;
}

/* Inside of an object or array: one item, or its end.  `fresh`: nothing stands in it
 * yet; set for what is opened here. */
static bool json_events_step(struct json_events_state *s, bool *fresh)
{
	int c = json_events_skip_blanks(s);
	if (c == '}' || c == ']') {
		*fresh = false;
		return json_events_close(s, c);
	}
	if (!*fresh) {
		if (c != ',')
			return false;
		json_events_next(s);
	}
	unsigned depth = s->depth;
	if (!json_events_key(s) || !json_events_value(s))
		return false;
	*fresh = s->depth > depth;
	return true;
}

bool json_events_read(
	struct intake *in, const struct json_events *events, struct err *e)
{
	struct json_events_state *s = calloc(1, sizeof *s);
	BUG_ON(!s);
	s->in = in;
	s->events = events;
	bool fresh = true;
	static const char mark[] = "\xef\xbb\xbf";
	for (int i = 0; i < 3 && intake_peek(in) == (unsigned char)mark[i]; i++)
		json_events_next(s);
	bool ok = json_events_value(s);
	while (ok && s->depth > 0)
		ok = json_events_step(s, &fresh);
	ok = (ok && json_events_skip_blanks(s) == INTAKE_END && !in->trouble) ||
	     json_events_wrong(s, e);
	free(s);
	return ok;
}
