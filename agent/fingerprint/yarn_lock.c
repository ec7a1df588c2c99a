#include "agent/fingerprint/yarn_lock.h"

#include <string.h>

enum { YARN_LOCK_LINE_MAX = 4096, YARN_LOCK_NAME_MAX = 256 };

struct yarn_lock {
	struct packages *out;
	char name[YARN_LOCK_NAME_MAX], version[YARN_LOCK_NAME_MAX];
	bool is_own; /* of the workspace */
};

static void yarn_lock_copy(char out[YARN_LOCK_NAME_MAX], const char *text, size_t n)
{
	n = n < YARN_LOCK_NAME_MAX ? n : 0;
	memcpy(out, text, n);
	out[n] = '\0';
}

/* The name of "name@range" or "@scope/name@range"; its length, 0 when there is none. */
static size_t yarn_lock_name(const char *text)
{
	size_t n = text[0] == '@' ? 1 : 0;
	n += strcspn(text + n, "@,\":");
	return text[n] == '@' ? n : 0;
}

static void yarn_lock_end(struct yarn_lock *l)
{
	if (l->name[0] && l->version[0] && !l->is_own)
		packages_add(l->out, l->name, l->version);
	l->name[0] = l->version[0] = '\0';
	l->is_own = false;
}

/* "a@^1, a@^2:", in quotes or not; "alias@npm:name@^1" is a package of another name. */
static bool yarn_lock_begin(struct yarn_lock *l, const char *line)
{
	yarn_lock_end(l);
	line += *line == '"';
	size_t n = yarn_lock_name(line);
	if (n == 0)
		return strncmp(line, "__metadata:", 11) == 0;
	static const char npm[] = "npm:";
	const char *range = line + n + 1;
	if (strncmp(range, npm, sizeof npm - 1) == 0) {
		const char *real = range + sizeof npm - 1;
		size_t length = yarn_lock_name(real);
		if (length) {
			yarn_lock_copy(l->name, real, length);
			return true;
		}
	}
	yarn_lock_copy(l->name, line, n);
	return true;
}

/* `key "value"` or `key: value`, in quotes or not. */
static const char *yarn_lock_value(const char *text, const char *key, size_t *length)
{
	size_t n = strlen(key);
	if (strncmp(text, key, n) != 0 || (text[n] != ' ' && text[n] != ':'))
		return NULL;
	text += n;
	text += *text == ':';
	text += strspn(text, " ");
	if (*text == '"')
		*length = strcspn(++text, "\"");
	else
		*length = strcspn(text, " ");
	return text;
}

static void yarn_lock_inside(struct yarn_lock *l, const char *text)
{
	size_t length;
	const char *value = yarn_lock_value(text, "version", &length);
	if (value) {
		yarn_lock_copy(l->version, value, length);
		return;
	}
	value = yarn_lock_value(text, "linkType", &length);
	if (value && length == 4 && strncmp(value, "soft", 4) == 0)
		l->is_own = true;
	value = yarn_lock_value(text, "resolution", &length);
	size_t name = value ? yarn_lock_name(value) : 0;
	if (name)
		yarn_lock_copy(l->name, value, name);
}

bool yarn_lock_read(struct intake *in, struct packages *out, struct err *e)
{
	struct yarn_lock l = {.out = out};
	struct buf line = {0};
	bool ok = true;
	while (ok && intake_line(in, &line, YARN_LOCK_LINE_MAX)) {
		const char *text = line.data;
		if (!text[0] || text[0] == '#')
			continue;
		if (text[0] != ' ')
			ok = yarn_lock_begin(&l, text) ||
			     err_set(e, ERR_INPUT,
				     "it has a line that names no package");
		else if (text[1] == ' ' && text[2] != ' ')
			yarn_lock_inside(&l, text + 2);
	}
	yarn_lock_end(&l);
	buf_finish(&line);
	return ok && !intake_failed(in, e);
}
