/* The shells' side of manual.h. */
#include "common/conf_parse.h"
#include "common/manual.h"

#include <ctype.h>
#include <string.h>

/* What a word of a command's argument is to somebody who types. */
enum manual_completion_kind {
	MANUAL_NOTHING, /* a name for something: "ID" */
	MANUAL_WORD,    /* said literally */
	MANUAL_OPTION,
	MANUAL_FILE,
};

/* Takes the next word off `*text`; false at its end. */
static bool manual_completion_next(const char **text, const char **word, size_t *length,
	enum manual_completion_kind *kind)
{
	static const char gaps[] = " |[]";
	if (!*text)
		return false;
	*text += strspn(*text, gaps);
	*word = *text;
	*length = strcspn(*text, gaps);
	*text += *length;
	bool small = *length > 0 && islower((unsigned char)**word);
	for (size_t i = 0; i < *length; i++)
		small = small &&
			(islower((unsigned char)(*word)[i]) || (*word)[i] == '-');
	*kind = MANUAL_NOTHING;
	if (small)
		*kind = MANUAL_WORD;
	else if (*length > 2 && strncmp(*word, "--", 2) == 0)
		*kind = MANUAL_OPTION;
	else if ((*length == 4 && strncmp(*word, "FILE", 4) == 0) ||
		 (*length == 3 && strncmp(*word, "DIR", 3) == 0))
		*kind = MANUAL_FILE;
	return *length > 0;
}

/* Those of one kind, with a blank before each; how many. */
static size_t manual_completion_words(
	const char *argument, enum manual_completion_kind wanted, struct buf *out)
{
	const char *word;
	size_t length, count = 0;
	enum manual_completion_kind kind;
	while (manual_completion_next(&argument, &word, &length, &kind)) {
		if (kind != wanted)
			continue;
		count++;
		buf_byte(out, ' ');
		buf_append(out, word, length);
	}
	return count;
}

static void manual_completion_setting(
	const struct manual *m, const struct conf_option *o, struct buf *out)
{
	buf_text(out, "--");
	conf_flag(m->settings, o, out);
}

/* All settings of one kind of value; switches have none. */
enum manual_completion_value { MANUAL_SWITCHES, MANUAL_TEXTS, MANUAL_NUMBERS };

static enum manual_completion_value manual_completion_value_of(
	const struct conf_option *o)
{
	return o->type == CONF_BOOL   ? MANUAL_SWITCHES
	       : o->type == CONF_TEXT ? MANUAL_TEXTS
				      : MANUAL_NUMBERS;
}

static void manual_completion_case(
	const struct manual *m, enum manual_completion_value value, struct buf *out)
{
	for (size_t i = 0; i < m->settings->count; i++) {
		if (manual_completion_value_of(&m->settings->options[i]) != value)
			continue;
		buf_byte(out, '|');
		manual_completion_setting(m, &m->settings->options[i], out);
	}
}

static void manual_completion_bash_command(
	const struct manual_command *c, struct buf *out)
{
	struct buf words = {0}, options = {0}, files = {0};
	manual_completion_words(c->argument, MANUAL_WORD, &words);
	manual_completion_words(c->argument, MANUAL_OPTION, &options);
	size_t takes_files = manual_completion_words(c->argument, MANUAL_FILE, &files);
	if (words.length || options.length || takes_files)
		buf_printf(out, "\t%s) words+='%s' options+='%s' files=%s ;;\n",
			c->name, words.length ? words.data : "",
			options.length ? options.data : "", takes_files ? "yes" : "");
	buf_finish(&words);
	buf_finish(&options);
	buf_finish(&files);
}

static void manual_completion_function(const struct manual *m, struct buf *out)
{
	for (const char *c = m->settings->program; *c; c++)
		buf_byte(out, *c == '-' ? '_' : *c);
}

static void manual_completion_bash_values(const struct manual *m, struct buf *out)
{
	buf_text(out, "\tcase $before in\n\t--config");
	manual_completion_case(m, MANUAL_TEXTS, out);
	buf_text(out,
		")\n\t\tmapfile -t COMPREPLY < <(compgen -f -- \"$word\")\n\t\treturn\n"
		"\t\t;;\n\t--");
	manual_completion_case(m, MANUAL_NUMBERS, out);
	buf_text(out, ")\n\t\treturn\n\t\t;;\n\tesac\n");
}

static void manual_completion_bash(const struct manual *m, struct buf *out)
{
	struct manual_command c;
	buf_text(out, "# shellcheck shell=bash\n_");
	manual_completion_function(m, out);
	buf_text(out, "()\n{\n"
		      "\tlocal word=${COMP_WORDS[COMP_CWORD]} "
		      "before=${COMP_WORDS[COMP_CWORD-1]}\n"
		      "\tlocal command='' words='' options='' files='' i\n"
		      "\tCOMPREPLY=()\n");
	manual_completion_bash_values(m, out);
	buf_text(out, "\tfor ((i = 1; i < COMP_CWORD; i++)); do\n"
		      "\t\tcase ${COMP_WORDS[i]} in\n\t\t--");
	for (size_t i = 0; m->command(i, &c); i++)
		buf_printf(out, "|%s", c.name);
	buf_text(out, ") command=${COMP_WORDS[i]}; break ;;\n\t\tesac\n\tdone\n"
		      "\toptions='");
	for (const struct manual_command *f = manual_flags; f->name; f++)
		buf_printf(out, "--%s ", f->name);
	for (size_t i = 0; i < m->settings->count; i++) {
		manual_completion_setting(m, &m->settings->options[i], out);
		buf_byte(out, ' ');
	}
	buf_text(out, "'\n\tcase $command in\n\t'') words='");
	for (size_t i = 0; m->command(i, &c); i++)
		buf_printf(out, " %s", c.name);
	buf_text(out, "' ;;\n");
	for (size_t i = 0; m->command(i, &c); i++)
		manual_completion_bash_command(&c, out);
	buf_text(out, "\tesac\n\t[[ $word != -* ]] || words=$options\n"
		      "\tmapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$word\")\n"
		      "\t[[ -z $files || $word = -* ]] ||\n"
		      "\t\tmapfile -t -O ${#COMPREPLY[@]} COMPREPLY < <(compgen -f -- "
		      "\"$word\")\n}\n"
		      "complete -F _");
	manual_completion_function(m, out);
	buf_printf(out, " %s\n", m->settings->program);
}

/* Inside single quotes; `special` get a backslash, as zsh's functions want it. */
static void manual_completion_quoted(
	const char *text, const char *special, struct buf *out)
{
	for (; *text; text++) {
		if (*text == '\'') {
			buf_text(out, "'\\''");
			continue;
		}
		if (strchr(special, *text))
			buf_byte(out, '\\');
		buf_byte(out, *text);
	}
}

static void manual_completion_zsh_option(
	const char *help, const char *kind, bool file, struct buf *out)
{
	buf_byte(out, '[');
	manual_completion_quoted(help, "[]:\\", out);
	buf_byte(out, ']');
	if (kind)
		buf_printf(out, ":%s:%s", kind, file ? "_files" : " ");
	buf_text(out, "'\n");
}

static void manual_completion_zsh_options(const struct manual *m, struct buf *out)
{
	buf_text(out, "options=(\n");
	for (const struct manual_command *f = manual_flags; f->name; f++) {
		buf_printf(out, "\t'--%s", f->name);
		manual_completion_zsh_option(f->help, f->argument, true, out);
	}
	for (size_t i = 0; i < m->settings->count; i++) {
		const struct conf_option *o = &m->settings->options[i];
		buf_text(out, "\t'");
		manual_completion_setting(m, o, out);
		manual_completion_zsh_option(
			o->help, conf_parse_kind(o->type), o->type == CONF_TEXT, out);
	}
	buf_text(out, ")\n");
}

static void manual_completion_zsh_command(
	const struct manual_command *c, struct buf *out)
{
	struct buf words = {0};
	manual_completion_words(c->argument, MANUAL_WORD, &words);
	manual_completion_words(c->argument, MANUAL_OPTION, &words);
	size_t said = words.length;
	if (manual_completion_words(c->argument, MANUAL_FILE, &words) || said) {
		bool files = words.length > said;
		buf_printf(out, "\t%s) ", c->name);
		if (said)
			buf_printf(out, "compadd --%.*s; ", (int)said, words.data);
		buf_printf(out, "%s;;\n", files ? "_files " : "");
	}
	buf_finish(&words);
}

static void manual_completion_zsh(const struct manual *m, struct buf *out)
{
	struct manual_command c;
	buf_printf(out,
		"#compdef %s\n\nlocal -a commands options\nlocal state line\n"
		"typeset -A opt_args\ncommands=(\n",
		m->settings->program);
	for (size_t i = 0; m->command(i, &c); i++) {
		buf_printf(out, "\t'%s:", c.name);
		manual_completion_quoted(c.help, "", out);
		buf_text(out, "'\n");
	}
	buf_text(out, ")\n");
	manual_completion_zsh_options(m, out);
	buf_text(out,
		"_arguments -C \"$options[@]\" '1:command:->command' "
		"'*:argument:->argument'\n"
		"case $state in\ncommand) _describe command commands ;;\nargument)\n"
		"\tcase $line[1] in\n");
	for (size_t i = 0; m->command(i, &c); i++)
		manual_completion_zsh_command(&c, out);
	buf_text(out, "\tesac\n\t;;\nesac\n");
}

bool manual_completion(const struct manual *m, const char *shell, struct buf *out)
{
	if (strcmp(shell, "bash") == 0)
		manual_completion_bash(m, out);
	else if (strcmp(shell, "zsh") == 0)
		manual_completion_zsh(m, out);
	else
		return false;
	return true;
}
