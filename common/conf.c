#include "common/conf.h"

#include "common/conf_parse.h"
#include "common/scoped.h"

#include <ctype.h>
#include <errno.h>
#include <ini.h>
#include <string.h>

enum {
	CONF_FILE_BYTES_MAX = 1 << 20,
	CONF_LINE_BYTES_MAX = 4096,
	CONF_SECTION_BYTES_MAX = 49, /* inih cuts longer ones without a word */
};

/* One file being read.  The error is sticky: the first one stays. */
struct conf_reader {
	const struct conf_table *table;
	void *target;
	const char *path;
	const char *next; /* in the file's text */
	int line;         /* the one handed out last */
	int *set_on_line; /* per option, 0: not yet */
	bool failed;
	struct arena *arena;
	struct err *e;
};

static const struct conf_option *conf_find(
	const struct conf_table *t, const char *section, const char *name)
{
	for (size_t i = 0; i < t->count; i++) {
		const struct conf_option *o = &t->options[i];
		if (strcmp(o->section, section) == 0 && strcmp(o->name, name) == 0)
			return o;
	}
	return NULL;
}

static bool conf_has_section(const struct conf_table *t, const char *section)
{
	for (size_t i = 0; i < t->count; i++) {
		if (strcmp(t->options[i].section, section) == 0)
			return true;
	}
	return false;
}

static void conf_defaults(const struct conf_table *t, void *target, struct arena *a)
{
	for (size_t i = 0; i < t->count; i++) {
		const struct conf_option *o = &t->options[i];
		struct err e;
		BUG_ON(o->fallback &&
			!conf_parse_option(o, target, o->fallback, a, &e));
	}
}

/* Marks the error with file and line; false, as inih's handler wants it. */
static bool conf_reader_fail(struct conf_reader *r)
{
	r->failed = true;
	return err_wrap(r->e, "%s:%d", r->path, r->line);
}

/* Hands inih one line at a time.  Leading blanks go, because inih would take an
 * indented setting for a continuation of the one above. */
static char *conf_next_line(char *line, int size, void *context)
{
	struct conf_reader *r = context;
	if (r->failed || !*r->next)
		return NULL;
	r->line++;
	size_t length = strcspn(r->next, "\n");
	const char *start = r->next;
	r->next += length + (r->next[length] == '\n');
	while (length && isspace((unsigned char)*start)) {
		start++;
		length--;
	}
	if (length >= (size_t)size) {
		err_set(r->e, ERR_INPUT, "line longer than %d bytes", size - 1);
		conf_reader_fail(r);
		return NULL;
	}
	if (*start == '[' && strcspn(start + 1, "]\n") > CONF_SECTION_BYTES_MAX) {
		err_set(r->e, ERR_INPUT, "section name longer than %d bytes",
			CONF_SECTION_BYTES_MAX);
		conf_reader_fail(r);
		return NULL;
	}
	memcpy(line, start, length);
	line[length] = '\0';
	return line;
}

static bool conf_set_key(
	struct conf_reader *r, const char *section, const char *key, const char *value)
{
	const struct conf_table *t = r->table;
	const struct conf_option *o = conf_find(t, section, key);
	if (o) {
		int *set_on_line = &r->set_on_line[o - t->options];
		if (*set_on_line)
			return err_set(r->e, ERR_INPUT, "%s is already set on line %d",
				key, *set_on_line);
		*set_on_line = r->line;
		conf_parse_mark(t, o, CONF_FROM_FILE);
		return conf_parse_option(o, r->target, value, r->arena, r->e) ||
		       err_wrap(r->e, "%s", key);
	}
	if (conf_has_section(t, section))
		return err_set(
			r->e, ERR_INPUT, "unknown key '%s' in [%s]", key, section);
	if (!*section)
		return err_set(
			r->e, ERR_INPUT, "'%s' stands before any [section]", key);
	if (!t->free_key)
		return err_set(r->e, ERR_INPUT, "unknown section [%s]", section);
	return t->free_key(t->context, section, key, value, r->e);
}

static int conf_on_key(
	void *context, const char *section, const char *key, const char *value)
{
	struct conf_reader *r = context;
	if (r->failed)
		return 0;
	return conf_set_key(r, section, key, value) || conf_reader_fail(r);
}

static bool conf_read_text(struct conf_reader *r, const char *text)
{
	r->next = text;
	r->set_on_line = arena_array(r->arena, r->table->count, sizeof(int));
	ini_max_line = CONF_LINE_BYTES_MAX;
	int bad_line = ini_parse_stream(conf_next_line, r, conf_on_key, r);
	/* inih counts lines as we do; what it finds itself may come before ours. */
	if (bad_line > 0 && (!r->failed || bad_line < r->line))
		return err_set(r->e, ERR_INPUT,
			"%s:%d: neither '[section]' nor 'key = value'", r->path,
			bad_line);
	return !r->failed;
}

static bool conf_read_file(struct conf_reader *r)
{
	scoped_file FILE *file = fopen(r->path, "re");
	if (!file)
		return err_errno(r->e, "%s", r->path);
	scoped_free char *text = calloc(1, CONF_FILE_BYTES_MAX + 2);
	BUG_ON(!text);
	size_t length = fread(text, 1, CONF_FILE_BYTES_MAX + 1, file);
	if (ferror(file))
		return err_errno(r->e, "%s", r->path);
	if (length > CONF_FILE_BYTES_MAX)
		return err_set(r->e, ERR_INPUT, "%s: larger than %d bytes", r->path,
			CONF_FILE_BYTES_MAX);
	if (strlen(text) != length)
		return err_set(r->e, ERR_INPUT, "%s: contains a NUL byte", r->path);
	return conf_read_text(r, text);
}

static bool conf_environment(
	const struct conf_table *t, void *target, struct arena *a, struct err *e)
{
	for (size_t i = 0; i < t->count; i++) {
		const struct conf_option *o = &t->options[i];
		struct buf name = {0};
		buf_printf(&name, "%s_%s_%s", t->env_prefix, o->section, o->name);
		for (char *c = name.data; *c; c++)
			*c = (char)toupper((unsigned char)*c);
		const char *value = getenv(name.data);
		if (value)
			conf_parse_mark(t, o, CONF_FROM_ENVIRONMENT);
		bool ok = !value || conf_parse_option(o, target, value, a, e) ||
			  err_wrap(e, "environment %s", name.data);
		buf_finish(&name);
		if (!ok)
			return false;
	}
	return true;
}

bool conf_load(const struct conf_table *t, void *target, const char *path,
	struct arena *a, struct err *e)
{
	conf_defaults(t, target, a);
	struct conf_reader reader = {
		.table = t, .target = target, .path = path, .arena = a, .e = e};
	if (path && !conf_read_file(&reader))
		return false;
	return conf_environment(t, target, a, e);
}
