#include "server/api/exposition.h"

#include <string.h>

void exposition_family(
	struct buf *out, const char *name, const char *type, const char *help)
{
	buf_printf(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

bool exposition_wants_open(const char *accept)
{
	return accept && strstr(accept, "application/openmetrics-text");
}

/* Appends one line, without the "_total" of a family's name in "# HELP name ...". */
static void exposition_open_line(const char *line, size_t length, struct buf *out)
{
	static const char suffix[] = "_total";
	size_t name_end = length;
	if (strncmp(line, "# HELP ", 7) == 0 || strncmp(line, "# TYPE ", 7) == 0) {
		const char *space = memchr(line + 7, ' ', length - 7);
		name_end = space ? (size_t)(space - line) : length;
	}
	size_t cut = sizeof suffix - 1;
	if (name_end < length && name_end > 7 + cut &&
		memcmp(line + name_end - cut, suffix, cut) == 0)
		buf_append(out, line, name_end - cut);
	else
		buf_append(out, line, name_end);
	buf_append(out, line + name_end, length - name_end);
	buf_byte(out, '\n');
}

void exposition_open(const char *text, struct buf *out)
{
	while (*text) {
		size_t length = strcspn(text, "\n");
		if (length)
			exposition_open_line(text, length, out);
		text += length + (text[length] == '\n');
	}
	buf_text(out, "# EOF\n");
}
