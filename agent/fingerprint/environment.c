#include "agent/fingerprint/environment.h"

#include "agent/capture/procfile.h"
#include "agent/list.h"

#include <stdlib.h>
#include <string.h>

enum { ENVIRONMENT_NAME_MAX = 128, ENVIRONMENT_ITEM_MAX = 200 };

static bool environment_is_wanted(const char *names, const char *item, size_t length)
{
	char name[ENVIRONMENT_NAME_MAX];
	while (list_next(&names, name, sizeof name))
		if (strlen(name) == length && memcmp(name, item, length) == 0)
			return true;
	return false;
}

static int environment_compare(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

void environment_pick(const char *text, size_t length, const char *names,
	struct arena *a, struct environment *out)
{
	out->count = 0;
	for (size_t at = 0; at < length;) {
		const char *item = text + at;
		size_t n = strnlen(item, length - at);
		const char *sign = memchr(item, '=', n);
		at += n + 1;
		if (sign && sign[1] && n <= ENVIRONMENT_ITEM_MAX && at <= length &&
			out->count < FINGERPRINT_ENVIRONMENT_MAX &&
			environment_is_wanted(names, item, (size_t)(sign - item)))
			out->items[out->count++] = arena_strndup(a, item, n);
	}
	qsort(out->items, out->count, sizeof out->items[0], environment_compare);
}

bool environment_read(const char *procfs, int pid, const char *names, struct arena *a,
	struct environment *out)
{
	struct buf text = {0};
	out->count = 0;
	bool ok = procfile_read(procfs, pid, "environ", &text);
	if (ok)
		environment_pick(text.data, text.length, names, a, out);
	if (text.data)
		explicit_bzero(text.data, text.capacity);
	buf_finish(&text);
	return ok;
}

const char *environment_get(const struct environment *e, const char *name)
{
	size_t n = strlen(name);
	for (size_t i = 0; i < e->count; i++)
		if (strncmp(e->items[i], name, n) == 0 && e->items[i][n] == '=')
			return e->items[i] + n + 1;
	return "";
}
