#include "agent/queue_spec.h"

#include <stdlib.h>
#include <string.h>

static const struct {
	const char *scheme, *port;
} queue_spec_schemes[] = {
	{"redis", "6379"}, {"rediss", "6379"}, {"http", "80"}, {"https", "443"}};

static bool is_port(const char *text)
{
	char *end;
	unsigned long port = strtoul(text, &end, 10);
	return *text >= '0' && *text <= '9' && !*end && port >= 1 && port <= 65535;
}

/* "HOST", "HOST:PORT", "[IPv6]:PORT". */
static bool split_authority(char *text, struct queue_url *out)
{
	char *end = text;
	if (*text == '[') {
		end = strchr(text, ']');
		if (!end)
			return false;
		*end++ = '\0';
		text++;
	} else {
		end = text + strcspn(text, ":");
	}
	bool has_port = *end == ':';
	if ((*end && !has_port) || end == text)
		return false;
	if (has_port) {
		*end = '\0';
		out->port = end + 1;
	}
	out->host = text;
	return *text && is_port(out->port);
}

bool queue_spec_url(
	const char *text, struct queue_url *out, struct arena *a, struct err *e)
{
	if (text[0] == '/') {
		*out = (struct queue_url){"unix", "", "", arena_strdup(a, text)};
		return true;
	}
	for (size_t i = 0; i < sizeof queue_spec_schemes / sizeof *queue_spec_schemes;
		i++) {
		size_t length = strlen(queue_spec_schemes[i].scheme);
		if (strncmp(text, queue_spec_schemes[i].scheme, length) != 0 ||
			strncmp(text + length, "://", 3) != 0)
			continue;
		const char *start = text + length + 3;
		size_t authority = strcspn(start, "/?#");
		struct queue_url url = {
			.scheme = queue_spec_schemes[i].scheme,
			.port = queue_spec_schemes[i].port,
			.path = arena_strdup(a, start + authority),
		};
		if (memchr(start, '@', authority))
			return err_set(e, ERR_INPUT,
				"url: a name or password has no place in it; "
				"use user and password_file");
		if (strpbrk(text, " \t") ||
			!split_authority(arena_strndup(a, start, authority), &url))
			return err_set(e, ERR_INPUT,
				"url: '%s' is not SCHEME://HOST:PORT/PATH", text);
		*out = url;
		return true;
	}
	return err_set(e, ERR_INPUT,
		"url: '%s' begins with none of redis://, rediss://, http://, https:// "
		"and /",
		text);
}
