#include "server/replay/csv.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

enum { CSV_LINE_MAX = 1 << 16, CSV_COLUMNS_MAX = 256 };

struct csv {
	gzFile file;
	bool is_cut; /* its end could not be read */
	int64_t line;
	char header[CSV_LINE_MAX], row[CSV_LINE_MAX];
	char *names[CSV_COLUMNS_MAX], *fields[CSV_COLUMNS_MAX];
	int columns;
	struct csv_faults faults;
};

static void csv_note(struct csv *c, const char *what)
{
	if (c->faults.last_line == c->line)
		return;
	c->faults.last_line = c->line;
	if (c->faults.rows++ == 0)
		snprintf(c->faults.first, sizeof c->faults.first, "line %lld%s",
			(long long)c->line, what);
}

void csv_fault(struct csv *c, int column, const char *format, ...)
{
	char what[160], text[224];
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(what, sizeof what, format, arguments);
	va_end(arguments);
	snprintf(text, sizeof text, ", column %.48s: %s",
		column < 0 ? "?" : c->names[column], what);
	csv_note(c, text);
}

/* Ends a quoted field; "" within it stands for one quote. */
static char *csv_unquote(char *from)
{
	char *to = from;
	for (char *at = from + 1; *at; at++) {
		if (*at == '"' && at[1] != '"') {
			*to = '\0';
			return at + 1;
		}
		at += *at == '"';
		*to++ = *at;
	}
	*to = '\0';
	return NULL;
}

/* Cuts a line into fields, in place; -1: too many, or a quote without an end. */
static int csv_split(char *line, char **fields)
{
	int count = 0;
	for (char *at = line; count < CSV_COLUMNS_MAX;) {
		char *start = at;
		if (*at == '"' && !(at = csv_unquote(at)))
			return -1;
		at += strcspn(at, ",");
		fields[count++] = start;
		if (!*at)
			return count;
		*at++ = '\0';
	}
	return -1;
}

/* 1: a line; 0: the end; -1: one that is too long or holds zero bytes. */
static int csv_read_line(struct csv *c, char *line)
{
	memset(line, 0, 1);
	if (!gzgets(c->file, line, CSV_LINE_MAX)) {
		int number;
		gzerror(c->file, &number);
		c->is_cut = number != Z_OK && number != Z_STREAM_END;
		return 0;
	}
	c->line++;
	size_t length = strlen(line);
	bool whole = length > 0 && line[length - 1] == '\n';
	bool is_last = !whole && length < CSV_LINE_MAX - 1 && gzeof(c->file);
	if (!whole && !is_last) {
		char rest[4096];
		while (gzgets(c->file, rest, sizeof rest) && !strchr(rest, '\n'))
			;
		return -1;
	}
	line[strcspn(line, "\r\n")] = '\0';
	return 1;
}

struct csv *csv_open(const char *path, struct err *e)
{
	errno = 0;
	gzFile file = gzopen(path, "rb");
	if (!file) {
		err_errno(e, "%s", path);
		return NULL;
	}
	struct csv *c = calloc(1, sizeof *c);
	BUG_ON(!c);
	c->file = file;
	gzbuffer(file, 1 << 17);
	int taken = csv_read_line(c, c->header);
	if (taken > 0)
		c->columns = csv_split(c->header, c->names);
	if (taken > 0 && c->columns > 0)
		return c;
	err_set(e, ERR_INPUT, "%s: %s", path,
		taken == 0 ? "is empty or cannot be read"
			   : "line 1 is no line of column names");
	csv_close(c);
	return NULL;
}

void csv_close(struct csv *c)
{
	if (!c)
		return;
	gzclose(c->file);
	free(c);
}

int csv_column(const struct csv *c, const char *name)
{
	for (int i = 0; i < c->columns; i++)
		if (strcmp(c->names[i], name) == 0)
			return i;
	return -1;
}

bool csv_next(struct csv *c)
{
	for (;;) {
		int taken = csv_read_line(c, c->row);
		if (taken == 0) {
			if (c->is_cut) {
				c->line++;
				csv_note(c, " and all behind it cannot be read");
			}
			return false;
		}
		if (taken > 0 && !*c->row)
			continue;
		int count = taken < 0 ? -1 : csv_split(c->row, c->fields);
		if (count == c->columns)
			return true;
		char text[96];
		snprintf(text, sizeof text, ": %d fields where the header has %d",
			count, c->columns);
		csv_note(c, count < 0 ? " is no row" : text);
	}
}

int64_t csv_line(const struct csv *c)
{
	return c->line;
}

const char *csv_text(const struct csv *c, int column)
{
	return column < 0 ? "" : c->fields[column];
}

bool csv_number(struct csv *c, int column, double *out)
{
	const char *text = csv_text(c, column);
	if (!*text) {
		*out = NAN;
		return true;
	}
	char *end;
	double value = strtod(text, &end);
	if (*end || !isfinite(value)) {
		csv_fault(c, column, "'%.40s' is no number", text);
		return false;
	}
	*out = value;
	return true;
}

const struct csv_faults *csv_faults(const struct csv *c)
{
	return &c->faults;
}
