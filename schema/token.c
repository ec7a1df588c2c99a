#include "schema/token.h"

#include <ctype.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TOKEN_PREFIX          "tmk1."
#define TOKEN_LETTERS         "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-"
#define TOKEN_HOST_LETTERS    TOKEN_LETTERS "."
#define TOKEN_ADDRESS_LETTERS "0123456789abcdefABCDEF:."

enum { TOKEN_VARIANT = sodium_base64_VARIANT_URLSAFE_NO_PADDING };

/* A piece of the text that is being read. */
struct token_span {
	const char *start;
	size_t length;
};

static bool token_only(const char *text, size_t length, const char *letters)
{
	for (size_t i = 0; i < length; i++)
		if (!text[i] || !strchr(letters, text[i]))
			return false;
	return true;
}

/* Cuts off what stands before `separator`; without one, nothing is cut. */
static bool token_cut(struct token_span *rest, char separator, struct token_span *part)
{
	const char *found = memchr(rest->start, separator, rest->length);
	if (!found)
		return false;
	part->start = rest->start;
	part->length = (size_t)(found - rest->start);
	rest->start = found + 1;
	rest->length -= part->length + 1;
	return true;
}

static bool token_is_part(struct token_span part)
{
	return part.length > 0 && part.length <= TOKEN_PART_MAX &&
	       token_only(part.start, part.length, TOKEN_LETTERS);
}

static void token_copy(char *out, struct token_span part)
{
	memcpy(out, part.start, part.length);
	out[part.length] = '\0';
}

static bool token_parse_port(struct token_span text, uint16_t *port)
{
	unsigned value = 0;
	if (text.length == 0 || text.length > 5)
		return false;
	for (size_t i = 0; i < text.length; i++) {
		if (text.start[i] < '0' || text.start[i] > '9')
			return false;
		value = value * 10 + (unsigned)(text.start[i] - '0');
	}
	if (value == 0 || value > UINT16_MAX)
		return false;
	*port = (uint16_t)value;
	return true;
}

static bool token_is_host(const char *host, size_t length)
{
	if (length == 0 || length > TOKEN_HOST_MAX)
		return false;
	return memchr(host, ':', length)
		       ? token_only(host, length, TOKEN_ADDRESS_LETTERS)
		       : token_only(host, length, TOKEN_HOST_LETTERS);
}

/* Where the host ends and the port begins; false when the shape is wrong. */
static bool token_split_endpoint(
	struct token_span text, struct token_span *host, struct token_span *port)
{
	*port = text;
	if (text.length && text.start[0] == '[') {
		port->start++;
		port->length--;
		if (!token_cut(port, ']', host) || port->length == 0 ||
			port->start[0] != ':' ||
			!memchr(host->start, ':', host->length))
			return false;
		port->start++;
		port->length--;
		return true;
	}
	return token_cut(port, ':', host);
}

static bool token_read_endpoint(
	struct token_span text, char *host, uint16_t *port, struct err *e)
{
	struct token_span host_part, port_part;
	uint16_t number;
	if (!token_split_endpoint(text, &host_part, &port_part))
		return err_set(e, ERR_INPUT,
			"expected HOST:PORT (an IPv6 address in brackets)");
	if (!token_is_host(host_part.start, host_part.length))
		return err_set(e, ERR_INPUT,
			"the host before the port is not a name or "
			"an address");
	if (!token_parse_port(port_part, &number))
		return err_set(e, ERR_INPUT, "the port must be 1 to 65535");
	token_copy(host, host_part);
	*port = number;
	return true;
}

bool token_parse_endpoint(const char *text, char *host, uint16_t *port, struct err *e)
{
	struct token_span whole = {text, strlen(text)};
	if (!token_read_endpoint(whole, host, port, e))
		return err_wrap(e, "'%.64s'", text);
	return true;
}

void token_format_endpoint(const char *host, uint16_t port, struct buf *out)
{
	buf_printf(out, strchr(host, ':') ? "[%s]:%u" : "%s:%u", host, (unsigned)port);
}

static bool token_read_key(struct token_span part, uint8_t *key)
{
	uint8_t bytes[TOKEN_KEY_BYTES];
	size_t length;
	if (sodium_base642bin(bytes, sizeof bytes, part.start, part.length, NULL,
		    &length, NULL, TOKEN_VARIANT) != 0 ||
		length != sizeof bytes)
		return false;
	memcpy(key, bytes, sizeof bytes);
	return true;
}

/* The first one, and the others. */
static bool token_read_endpoints(
	struct token_span text, struct join_token *t, struct err *e)
{
	char others[ENDPOINTS_TEXT_MAX];
	struct token_span first = text;
	if (!token_cut(&text, ',', &first))
		return token_read_endpoint(first, t->host, &t->port, e);
	if (text.length == 0 || text.length >= sizeof others)
		return err_set(e, ERR_INPUT, "the list of servers in it is malformed");
	token_copy(others, text);
	return token_read_endpoint(first, t->host, &t->port, e) &&
	       endpoints_parse(others, &t->others, e);
}

static bool token_read(struct token_span text, struct join_token *t, struct err *e)
{
	struct token_span key, id, secret;
	size_t prefix = strlen(TOKEN_PREFIX);
	if (text.length < prefix || memcmp(text.start, TOKEN_PREFIX, prefix) != 0)
		return err_set(e, ERR_INPUT, "does not begin with '%s'", TOKEN_PREFIX);
	text.start += prefix;
	text.length -= prefix;
	if (!token_cut(&text, '.', &key) || !token_cut(&text, '.', &id) ||
		!token_cut(&text, '@', &secret))
		return err_set(e, ERR_INPUT,
			"is not complete: expected tmk1.KEY.ID.SECRET@HOST:PORT");
	if (!token_read_key(key, t->public_key))
		return err_set(e, ERR_INPUT,
			"the server's key in it is not %d bytes of base64url",
			TOKEN_KEY_BYTES);
	if (!token_is_part(id))
		return err_set(e, ERR_INPUT, "the id in it is malformed");
	if (!token_is_part(secret))
		return err_set(e, ERR_INPUT, "the secret in it is malformed");
	token_copy(t->id, id);
	token_copy(t->secret, secret);
	return token_read_endpoints(text, t, e);
}

bool token_parse(const char *text, struct join_token *out, struct err *e)
{
	struct join_token token = {0};
	while (isspace((unsigned char)*text))
		text++;
	struct token_span span = {text, strlen(text)};
	while (span.length && isspace((unsigned char)text[span.length - 1]))
		span.length--;
	bool good = token_read(span, &token, e);
	if (good)
		*out = token;
	token_wipe(&token);
	return good || err_wrap(e, "join token");
}

bool token_format(const struct join_token *token, struct buf *out, struct err *e)
{
	struct token_span id = {token->id, strlen(token->id)};
	struct token_span secret = {token->secret, strlen(token->secret)};
	if (!token_is_part(id) || !token_is_part(secret))
		return err_set(e, ERR_INPUT, "join token: id or secret is malformed");
	if (!token_is_host(token->host, strlen(token->host)) || token->port == 0)
		return err_set(e, ERR_INPUT,
			"join token: '%.64s' port %u is no place to connect to",
			token->host, (unsigned)token->port);

	char key[sodium_base64_ENCODED_LEN(TOKEN_KEY_BYTES, TOKEN_VARIANT)];
	sodium_bin2base64(
		key, sizeof key, token->public_key, TOKEN_KEY_BYTES, TOKEN_VARIANT);
	buf_printf(out, "%s%s.%s.%s@", TOKEN_PREFIX, key, token->id, token->secret);
	token_format_endpoint(token->host, token->port, out);
	if (token->others.count)
		buf_byte(out, ',');
	endpoints_format(&token->others, out);
	return true;
}

void token_set_places(struct join_token *token, const struct endpoints *places)
{
	token->others = *places;
	token->others.count = 0;
	for (size_t i = 1; i < places->count; i++)
		token->others.at[token->others.count++] = places->at[i];
	snprintf(token->host, sizeof token->host, "%s", places->at[0].host);
	token->port = places->at[0].port;
}

void token_wipe(struct join_token *token)
{
	sodium_memzero(token, sizeof *token);
}
