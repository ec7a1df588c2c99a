#include "agent/capture/memory.h"

#include "agent/capture/folder.h"
#include "common/scoped.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>

#define MEMORY_FILE "captures"

enum { MEMORY_FILE_MAX = MEMORY_SERVICES_MAX * 320 };

struct memory_line {
	struct memory is;
	char service[MEMORY_SERVICE_MAX + 1];
};

struct memory_table {
	struct memory_line *lines;
	size_t count;
};

/* "LAST SELF-HANDLED SERVICE"; a service is a line's rest, so control bytes end it. */
static bool memory_parse_line(const char *text, struct memory_line *out)
{
	int at = 0;
	if (sscanf(text, "%" SCNd64 " %" SCNd64 " %n", &out->is.last_unix_ms,
		    &out->is.self_handled_unix_ms, &at) < 2 ||
		!at)
		return false;
	size_t length = strcspn(text + at, "\n");
	if (length == 0 || length > MEMORY_SERVICE_MAX)
		return false;
	memcpy(out->service, text + at, length);
	out->service[length] = '\0';
	return true;
}

/* Room for one more than are read. */
static void memory_load(int folder, struct memory_table *t)
{
	struct buf text = {0};
	t->lines = calloc(MEMORY_SERVICES_MAX + 1, sizeof *t->lines);
	BUG_ON(!t->lines);
	t->count = 0;
	if (folder_read(folder, MEMORY_FILE, MEMORY_FILE_MAX, &text)) {
		const char *line = text.data ? text.data : "";
		while (*line && t->count < MEMORY_SERVICES_MAX) {
			t->count += memory_parse_line(line, &t->lines[t->count]);
			line += strcspn(line, "\n");
			line += *line == '\n';
		}
	}
	buf_finish(&text);
}

static struct memory_line *memory_find(struct memory_table *t, const char *service)
{
	for (size_t i = 0; i < t->count; i++) {
		if (strcmp(t->lines[i].service, service) == 0)
			return &t->lines[i];
	}
	return NULL;
}

static void memory_name(const char *service, char out[MEMORY_SERVICE_MAX + 1])
{
	snprintf(out, MEMORY_SERVICE_MAX + 1, "%s", *service ? service : "unnamed");
	for (char *c = out; *c; c++) {
		if ((unsigned char)*c < ' ' || *c == 127)
			*c = '?';
	}
	/* A blank at the start would be lost in the line. */
	if (*out == ' ')
		*out = '?';
}

void memory_read(const char *state_dir, const char *service, struct memory *out)
{
	struct err e;
	char name[MEMORY_SERVICE_MAX + 1];
	struct memory_table t;
	*out = (struct memory){0};
	scoped_fd int folder = folder_open(state_dir, "", &e);
	if (folder < 0)
		return;
	memory_name(service, name);
	memory_load(folder, &t);
	const struct memory_line *line = memory_find(&t, name);
	if (line)
		*out = line->is;
	free(t.lines);
}

static struct memory_line *memory_place(struct memory_table *t, const char *name)
{
	struct memory_line *line = memory_find(t, name);
	if (line)
		return line;
	line = &t->lines[t->count];
	if (t->count < MEMORY_SERVICES_MAX) {
		t->count++;
	} else {
		line = t->lines;
		for (size_t i = 1; i < t->count; i++) {
			if (t->lines[i].is.last_unix_ms < line->is.last_unix_ms)
				line = &t->lines[i];
		}
	}
	*line = (struct memory_line){0};
	strcpy(line->service, name);
	return line;
}

bool memory_write(const char *state_dir, const char *service, const struct memory *m,
	struct err *e)
{
	char name[MEMORY_SERVICE_MAX + 1];
	struct memory_table t;
	scoped_fd int folder = folder_open(state_dir, "", e);
	if (folder < 0)
		return false;
	if (flock(folder, LOCK_EX) != 0)
		return err_errno(e, "cannot lock %s", state_dir);
	memory_name(service, name);
	memory_load(folder, &t);
	struct memory_line *line = memory_place(&t, name);
	if (m->last_unix_ms)
		line->is.last_unix_ms = m->last_unix_ms;
	if (m->self_handled_unix_ms)
		line->is.self_handled_unix_ms = m->self_handled_unix_ms;
	struct buf text = {0};
	for (size_t i = 0; i < t.count; i++)
		buf_printf(&text, "%" PRId64 " %" PRId64 " %s\n",
			t.lines[i].is.last_unix_ms, t.lines[i].is.self_handled_unix_ms,
			t.lines[i].service);
	bool ok = folder_write(folder, MEMORY_FILE, text.data, text.length, e);
	buf_finish(&text);
	free(t.lines);
	return ok;
}
