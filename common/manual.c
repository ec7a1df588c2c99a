#include "common/manual.h"

#include "common/conf_parse.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

const struct manual_command manual_flags[] = {
	{"config", "FILE", "Read settings from FILE"},
	{"check-config", NULL, "Say whether the settings are right, and end"},
	{"example-config", NULL, "Print a commented file with every setting"},
	{"help", NULL, "Print commands and options"},
	{"version", NULL, "Print the version"},
	{NULL, NULL, NULL},
};

void manual_help(const struct manual *m, struct buf *out)
{
	for (const struct manual_command *f = manual_flags; f->name; f++) {
		buf_printf(out, "  --%s%s%-*s%s", f->name, f->argument ? " " : "",
			28 - (int)strlen(f->name) - (f->argument ? 1 : 0),
			f->argument ? f->argument : "", f->help);
		if (f == manual_flags && m->settings->file)
			buf_printf(out, " (%s when it can be read)", m->settings->file);
		buf_byte(out, '\n');
	}
}

/* Text as it should look: no macro, no hyphen where a minus is meant. */
static void manual_text(const char *text, size_t length, struct buf *out)
{
	for (size_t i = 0; i < length; i++) {
		bool first = i == 0 || text[i - 1] == '\n';
		if (first && (text[i] == '.' || text[i] == '\''))
			buf_text(out, "\\&");
		if (text[i] == '\\')
			buf_text(out, "\\e");
		else if (text[i] == '-')
			buf_text(out, "\\-");
		else if (text[i] == '\'')
			buf_text(out, "\\(aq");
		else
			buf_byte(out, text[i]);
	}
}

static void manual_say(const char *text, struct buf *out)
{
	manual_text(text, strlen(text), out);
}

/* Blank lines part paragraphs. */
static void manual_paragraphs(const char *text, struct buf *out)
{
	while (*text) {
		const char *end = strstr(text, "\n\n");
		size_t length = end ? (size_t)(end - text) : strlen(text);
		manual_text(text, length, out);
		if (!length || text[length - 1] != '\n')
			buf_byte(out, '\n');
		text += length;
		if (!*text)
			break;
		text += strspn(text, "\n");
		if (*text)
			buf_text(out, ".PP\n");
	}
}

static void manual_head(
	const struct manual *m, const char *suffix, int section, struct buf *out)
{
	buf_text(out, ".TH ");
	for (const char *c = m->settings->program; *c; c++)
		if (*c == '-')
			buf_text(out, "\\-");
		else
			buf_byte(out, (char)toupper((unsigned char)*c));
	for (const char *c = suffix; *c; c++)
		buf_byte(out, (char)toupper((unsigned char)*c));
	buf_printf(out, " %d \"\" \"Tidemark %s\" \"Tidemark\"\n.SH NAME\n", section,
		TIDEMARK_VERSION);
	manual_say(m->settings->program, out);
	buf_printf(out, "%s \\- ", suffix);
}

/* ".TP", the name in bold, what to put for its value in italics, then the text. */
static void manual_item(
	const char *name, const char *argument, const char *text, struct buf *out)
{
	buf_text(out, ".TP\n\\fB");
	manual_say(name, out);
	buf_text(out, "\\fR");
	if (argument) {
		buf_text(out, " \\fI");
		manual_say(argument, out);
		buf_text(out, "\\fR");
	}
	buf_byte(out, '\n');
	manual_say(text, out);
	buf_byte(out, '\n');
}

/* Lines of two fields with a tab between. */
static void manual_lines(const char *title, const char *lines, struct buf *out)
{
	if (!lines)
		return;
	buf_printf(out, ".SH %s\n", title);
	while (*lines) {
		size_t length = strcspn(lines, "\n");
		const char *tab = memchr(lines, '\t', length);
		size_t name = tab ? (size_t)(tab - lines) : length;
		buf_text(out, ".TP\n\\fB");
		manual_text(lines, name, out);
		buf_text(out, "\\fR\n");
		if (tab)
			manual_text(tab + 1, length - name - 1, out);
		buf_byte(out, '\n');
		lines += length + (lines[length] == '\n');
	}
}

/* As they are set elsewhere: bold name, section behind it. */
static void manual_others(const char *pages, struct buf *out)
{
	buf_text(out, ".SH SEE ALSO\n");
	while (*pages) {
		size_t length = strcspn(pages, " ");
		size_t name = strcspn(pages, "(");
		bool more = pages[length] == ' ';
		buf_text(out, ".BR ");
		manual_text(pages, name, out);
		buf_byte(out, ' ');
		buf_append(out, pages + name, length - name);
		buf_byte(out, '\n');
		pages += length + more;
	}
}

static void manual_synopsis(const struct manual *m, struct buf *out)
{
	buf_text(out, ".SH SYNOPSIS\n.B ");
	manual_say(m->settings->program, out);
	buf_text(out, "\n.RI [ COMMAND ]\n.RI [ OPTION .\\|.\\|.]\n");
}

static void manual_setting(
	const struct manual *m, const struct conf_option *o, struct buf *out)
{
	struct buf name = {0};
	buf_text(&name, "--");
	conf_flag(m->settings, o, &name);
	manual_item(name.data, conf_parse_kind(o->type), o->help, out);
	if (o->fallback && *o->fallback) {
		buf_text(out, "(default ");
		manual_say(o->fallback, out);
		buf_text(out, ")\n");
	}
	buf_finish(&name);
}

void manual_program(const struct manual *m, struct buf *out)
{
	const struct conf_table *t = m->settings;
	struct manual_command c;
	manual_head(m, "", 8, out);
	buf_printf(out, "%s\n", m->title);
	manual_synopsis(m, out);
	buf_text(out, ".SH DESCRIPTION\n");
	manual_paragraphs(m->about, out);
	buf_text(out, ".SH COMMANDS\n");
	for (size_t i = 0; m->command(i, &c); i++)
		manual_item(c.name, c.argument, c.help, out);
	buf_text(out, ".SH OPTIONS\n");
	for (const struct manual_command *f = manual_flags; f->name; f++) {
		struct buf name = {0};
		buf_printf(&name, "--%s", f->name);
		manual_item(name.data, f->argument, f->help, out);
		buf_finish(&name);
	}
	buf_text(out, ".PP\nEach setting of\n.BR ");
	manual_say(t->program, out);
	buf_text(out, ".conf (5)\nis an option, too, and wins over the file and the "
		      "environment:\n");
	for (size_t i = 0; i < t->count; i++)
		manual_setting(m, &t->options[i], out);
	manual_lines("FILES", m->files, out);
	manual_lines("EXIT STATUS", m->exits, out);
	manual_others(m->others, out);
}

static void manual_file_setting(
	const struct manual *m, const struct conf_option *o, struct buf *out)
{
	const char *kind = conf_parse_kind(o->type);
	struct buf bounds = {0};
	conf_parse_bounds(o, &bounds);
	manual_item(o->name, kind ? kind : "yes|no", o->help, out);
	buf_text(out, ".br\n");
	if (bounds.length) {
		manual_say(bounds.data, out);
		buf_text(out, "; ");
	}
	buf_text(out, "default: ");
	manual_say(o->fallback && *o->fallback ? o->fallback : "none", out);
	buf_printf(out, "; %s_", m->settings->env_prefix);
	for (const char *c = o->section; *c; c++)
		buf_byte(out, (char)toupper((unsigned char)*c));
	buf_byte(out, '_');
	for (const char *c = o->name; *c; c++)
		buf_byte(out, (char)toupper((unsigned char)*c));
	buf_byte(out, '\n');
	buf_finish(&bounds);
}

static bool manual_section_is_new(const struct conf_table *t, size_t index)
{
	for (size_t i = 0; i < index; i++)
		if (strcmp(t->options[i].section, t->options[index].section) == 0)
			return false;
	return true;
}

void manual_file(const struct manual *m, struct buf *out)
{
	const struct conf_table *t = m->settings;
	manual_head(m, ".conf", 5, out);
	buf_text(out, "settings of ");
	manual_say(t->program, out);
	buf_text(out, "\n.SH DESCRIPTION\n");
	manual_paragraphs(
		"Settings stand one a line as 'key = value' below the [section] that "
		"they "
		"belong to; '#' and ';' begin a comment. A key that does not exist, or "
		"a "
		"value that cannot be, is an error with file and line.\n\n"
		"A variable of the environment wins over the file, and the command "
		"line "
		"over both. A DURATION is written 500ms, 10s, 5m, 2h or 30d, a SIZE "
		"512, "
		"64k, 16M, 1G or 1T, in binary steps.",
		out);
	for (size_t i = 0; i < t->count; i++) {
		if (!manual_section_is_new(t, i))
			continue;
		buf_printf(out, ".SH [%s]\n", t->options[i].section);
		for (size_t k = i; k < t->count; k++)
			if (strcmp(t->options[k].section, t->options[i].section) == 0)
				manual_file_setting(m, &t->options[k], out);
	}
	if (m->sections) {
		struct buf text = {0};
		m->sections(&text);
		buf_text(out, ".SH OTHER SECTIONS\n.nf\n");
		manual_text(text.data + strspn(text.data, "\n"),
			text.length - strspn(text.data, "\n"), out);
		buf_text(out, ".fi\n");
		buf_finish(&text);
	}
	if (t->file) {
		struct buf files = {0};
		buf_printf(&files, "%s\tread when --config names no other", t->file);
		manual_lines("FILES", files.data, out);
		buf_finish(&files);
	}
	struct buf page = {0};
	buf_printf(&page, "%s(8)", t->program);
	manual_others(page.data, out);
	buf_finish(&page);
}

bool manual_print(const struct manual *m, const char *argument)
{
	static const char completion[] = "--completion=";
	struct buf text = {0};
	bool known = true;
	if (strcmp(argument, "--man=8") == 0)
		manual_program(m, &text);
	else if (strcmp(argument, "--man=5") == 0)
		manual_file(m, &text);
	else if (strncmp(argument, completion, sizeof completion - 1) == 0)
		known = manual_completion(m, argument + sizeof completion - 1, &text);
	else
		known = false;
	if (known)
		fputs(text.data, stdout);
	buf_finish(&text);
	return known;
}
