/* The command line's side of conf.h: arguments, --help and the example file. */
#include "common/conf_parse.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void conf_flag(const struct conf_table *t, const struct conf_option *o, struct buf *out)
{
	size_t start = out->length;
	if (strcmp(o->section, t->own_section) != 0)
		buf_printf(out, "%s-", o->section);
	buf_text(out, o->name);
	for (char *c = out->data + start; *c; c++) {
		if (*c == '_')
			*c = '-';
	}
}

static const struct conf_option *conf_find_flag(
	const struct conf_table *t, const char *flag, size_t length)
{
	struct buf name = {0};
	const struct conf_option *found = NULL;
	for (size_t i = 0; i < t->count && !found; i++) {
		buf_reset(&name);
		conf_flag(t, &t->options[i], &name);
		if (name.length == length && memcmp(name.data, flag, length) == 0)
			found = &t->options[i];
	}
	buf_finish(&name);
	return found;
}

static bool conf_is_config(const char *argument)
{
	return strcmp(argument, "--config") == 0 ||
	       strncmp(argument, "--config=", strlen("--config=")) == 0;
}

/* One option and its value, from argv[*next] on. */
static bool conf_argument(const struct conf_table *t, void *target,
	const struct conf_line *line, int *next, struct arena *a, struct err *e)
{
	const char *argument = line->argv[(*next)++];
	size_t length = strcspn(argument, "=");
	const char *value = argument[length] ? argument + length + 1 : NULL;
	bool is_config = conf_is_config(argument);
	const struct conf_option *o = NULL;
	if (!is_config && strncmp(argument, "--", 2) == 0)
		o = conf_find_flag(t, argument + 2, length - 2);
	if (!o && !is_config)
		return err_set(
			e, ERR_INPUT, "unknown option %.*s", (int)length, argument);
	if (!value && o && o->type == CONF_BOOL)
		value = "yes";
	if (!value && *next == line->argc)
		return err_set(e, ERR_INPUT, "%s needs a value", argument);
	if (!value)
		value = line->argv[(*next)++];
	if (o)
		conf_parse_mark(t, o, CONF_FROM_ARGUMENT);
	if (o && !conf_parse_option(o, target, value, a, e))
		return err_wrap(e, "%.*s", (int)length, argument);
	return true;
}

bool conf_arguments(const struct conf_table *t, void *target, struct conf_line *line,
	struct arena *a, struct err *e)
{
	int next = line->next;
	while (next < line->argc && line->argv[next][0] == '-' && line->argv[next][1]) {
		if (strcmp(line->argv[next], "--") == 0) {
			next++;
			break;
		}
		if (!conf_argument(t, target, line, &next, a, e))
			return false;
	}
	line->next = next;
	return true;
}

const char *conf_find_config(int argc, char **argv)
{
	for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
		if (!conf_is_config(argv[i]))
			continue;
		const char *value = strchr(argv[i], '=');
		return value ? value + 1 : argv[i + 1];
	}
	return NULL;
}

const char *conf_find_file(const struct conf_table *t, int argc, char **argv)
{
	const char *path = conf_find_config(argc, argv);
	return path || !t->file || access(t->file, R_OK) != 0 ? path : t->file;
}

void conf_help(const struct conf_table *t, struct buf *out)
{
	enum { COLUMN = 32 };
	for (size_t i = 0; i < t->count; i++) {
		const struct conf_option *o = &t->options[i];
		size_t start = out->length;
		const char *kind = conf_parse_kind(o->type);
		buf_text(out, "  --");
		conf_flag(t, o, out);
		buf_printf(out, "%s%s", kind ? " " : "", kind ? kind : "");
		if (out->length - start >= COLUMN) {
			buf_byte(out, '\n');
			start = out->length;
		}
		int padding = COLUMN - (int)(out->length - start);
		buf_printf(out, "%*s%s", padding, "", o->help);
		if (o->fallback && *o->fallback)
			buf_printf(out, " (default %s)", o->fallback);
		buf_byte(out, '\n');
	}
}

/* True when an earlier option has the section already. */
static bool conf_section_seen(const struct conf_table *t, size_t index)
{
	for (size_t i = 0; i < index; i++) {
		if (strcmp(t->options[i].section, t->options[index].section) == 0)
			return true;
	}
	return false;
}

static void conf_example_option(const struct conf_option *o, struct buf *out)
{
	const char *kind = conf_parse_kind(o->type);
	struct buf bounds = {0};
	conf_parse_bounds(o, &bounds);
	buf_printf(out, "\n# %s\n# %s%s%s\n", o->help, kind ? kind : "yes or no",
		bounds.length ? ", " : "", bounds.length ? bounds.data : "");
	buf_printf(out, "#%s = %s\n", o->name, o->fallback ? o->fallback : "");
	buf_finish(&bounds);
}

void conf_example(const struct conf_table *t, struct buf *out)
{
	buf_printf(
		out, "# Settings of %s.  Each line shows the default.\n", t->program);
	for (size_t i = 0; i < t->count; i++) {
		if (conf_section_seen(t, i))
			continue;
		const char *section = t->options[i].section;
		buf_printf(out, "\n[%s]\n", section);
		for (size_t k = i; k < t->count; k++) {
			if (strcmp(t->options[k].section, section) == 0)
				conf_example_option(&t->options[k], out);
		}
	}
}
