#include "agent/command.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

/*
 * What is known of an interpreter's options.  Lists are blank-separated; an option
 * that is in none of them is skipped alone.
 */
struct command_interpreter {
	const char *program; /* alone or followed by digits, dots and dashes */
	const char *runtime;
	const char *script_options; /* the next argument is what runs */
	const char *inline_options; /* the program is in the arguments: no script */
	const char *value_options;  /* the next argument belongs to the option */
	const char *words;          /* in the script's place, but no script */
};

static const struct command_interpreter command_interpreters[] = {
	{"node", "node", "", "-e --eval -p --print",
		"-r --require --import --loader --experimental-loader -C --conditions "
		"--env-file --title --max-http-header-size --icu-data-dir "
		"--inspect-port "
		"--diagnostic-dir --redirect-warnings --input-type --tls-cipher-list",
		"inspect"},
	{"nodejs", "node", "", "-e --eval -p --print",
		"-r --require --import --loader --experimental-loader -C --conditions",
		"inspect"},
	{"bun", "bun", "", "-e --eval", "-r --preload --cwd --config", "run"},
	{"deno", "deno", "", "-e --eval", "--config --import-map", "run serve"},
	{"java", "java", "-jar -m --module", "",
		"-cp -classpath --class-path -p --module-path --add-modules "
		"--add-opens "
		"--add-exports --add-reads --upgrade-module-path",
		""},
	{"python", "python", "-m", "-c", "-W -X --check-hash-based-pycs", ""},
	{"pypy", "python", "-m", "-c", "-W -X", ""},
	{"ruby", "ruby", "", "-e", "-I -r -C -E", ""},
	{"php", "php", "-f", "-r", "-d -c -z -S -t", ""},
	{"perl", "perl", "", "-e -E", "-I", ""},
	{"sh", "shell", "", "-c", "-o", ""},
	{"bash", "shell", "", "-c", "-o -O --rcfile --init-file", ""},
	{"dash", "shell", "", "-c", "-o", ""},
};

/* The arguments, one after the other. */
struct command_words {
	const char *next, *end;
	char separator;
};

/* False at the end.  The word is not terminated: it has a length. */
static bool command_words_next(
	struct command_words *w, const char **word, size_t *length)
{
	if (w->next >= w->end)
		return false;
	size_t left = (size_t)(w->end - w->next);
	const char *stop = memchr(w->next, w->separator, left);
	*word = w->next;
	*length = stop ? (size_t)(stop - w->next) : left;
	w->next += *length + 1;
	return true;
}

static bool command_list_has(const char *list, const char *word, size_t length)
{
	while (*list) {
		size_t item = strcspn(list, " ");
		if (item == length && memcmp(list, word, length) == 0)
			return true;
		list += item;
		list += *list == ' ';
	}
	return false;
}

static void command_copy(char *out, size_t size, const char *text, size_t length)
{
	if (length >= size)
		length = size - 1;
	memcpy(out, text, length);
	out[length] = '\0';
}

/* The part behind the last slash. */
static void command_base(char *out, size_t size, const char *path, size_t length)
{
	const char *slash = memrchr(path, '/', length);
	const char *base = slash ? slash + 1 : path;
	command_copy(out, size, base, (size_t)(path + length - base));
}

static const struct command_interpreter *command_interpreter_of(const char *program)
{
	size_t count = sizeof command_interpreters / sizeof command_interpreters[0];
	for (size_t i = 0; i < count; i++) {
		const char *name = command_interpreters[i].program;
		size_t length = strlen(name);
		if (strncmp(program, name, length) == 0 &&
			strspn(program + length, "0123456789.-") ==
				strlen(program + length))
			return &command_interpreters[i];
	}
	return NULL;
}

/* Titles as their programs write them; the rest of them is about the moment. */
static const struct command_title {
	const char *head, *program, *runtime;
} command_titles[] = {
	{"PM2 v", "pm2", "node"},
	{"npm ", "npm", "node"},
	{"next-server ", "next-server", "node"},
};

/* Python programs that serve an application which is named behind them. */
static const char command_servers[] = "gunicorn uvicorn hypercorn daphne celery";

/* Main classes that say nothing without their package. */
static const char command_classes[] =
	"App Application Boot Bootstrap Launcher Main Server "
	"Starter";

/* Short options may be written together: "bash -lc TEXT", "perl -ne TEXT". */
static bool command_is_inline(
	const struct command_interpreter *interpreter, const char *word, size_t length)
{
	const char *list = interpreter->inline_options;
	if (command_list_has(list, word, length))
		return true;
	if (length < 2 || word[0] != '-' || word[1] == '-')
		return false;
	for (size_t i = 1; i < length; i++) {
		const char option[] = {'-', word[i]};
		if (!isalpha((unsigned char)word[i]))
			return false;
		if (command_list_has(list, option, sizeof option))
			return true;
	}
	return false;
}

static size_t command_identifier(const char *text, size_t length)
{
	size_t n = 0;
	while (n < length && (isalnum((unsigned char)text[n]) || text[n] == '_'))
		n++;
	return n;
}

/* "shop" of "shop.wsgi:app" and "shop". */
static bool command_take_app(
	const char *word, size_t length, bool colon, struct command *out)
{
	size_t n = command_identifier(word, length);
	bool ends = n == length || word[n] == '.' || word[n] == ':';
	if (n == 0 || !ends || n >= sizeof out->app ||
		(colon && !memchr(word, ':', length)))
		return false;
	command_copy(out->app, sizeof out->app, word, n);
	return true;
}

/* Behind a server's name: its application stands alone, that of celery behind -A. */
static void command_find_app(struct command_words words, struct command *out)
{
	static const char long_option[] = "--app=";
	const char *word;
	size_t length;
	bool behind_option = false, behind_app = false;
	while (command_words_next(&words, &word, &length)) {
		if (behind_app && command_take_app(word, length, false, out))
			return;
		behind_app = (length == 2 && memcmp(word, "-A", 2) == 0) ||
			     (length == 5 && memcmp(word, "--app", 5) == 0);
		if (length > 6 && memcmp(word, long_option, 6) == 0 &&
			command_take_app(word + 6, length - 6, false, out))
			return;
		bool is_option = length > 0 && word[0] == '-';
		if (!is_option && !behind_option &&
			command_take_app(word, length, true, out))
			return;
		behind_option = is_option && !memchr(word, '=', length);
	}
}

static void command_find_script(const struct command_interpreter *interpreter,
	struct command_words words, struct command *out)
{
	const char *word;
	size_t length;
	while (command_words_next(&words, &word, &length)) {
		if (length == 0 || command_list_has(interpreter->words, word, length))
			continue;
		if (command_is_inline(interpreter, word, length))
			return;
		bool takes_script = command_list_has(
			interpreter->script_options, word, length);
		if (takes_script || (length == 2 && memcmp(word, "--", 2) == 0)) {
			if (!command_words_next(&words, &word, &length))
				return;
		} else if (command_list_has(interpreter->value_options, word, length)) {
			command_words_next(&words, &word, &length);
			continue;
		} else if (word[0] == '-') {
			continue;
		}
		/* A script that does not fit is none: half a path names another file.
		 * Nor is one that came over a descriptor: its number says nothing. */
		static const char fd[] = "/dev/fd/";
		bool is_fd = length >= sizeof fd &&
			     memcmp(word, fd, sizeof fd - 1) == 0;
		if (length < sizeof out->script && !is_fd)
			command_copy(out->script, sizeof out->script, word, length);
		char base[COMMAND_PROGRAM_MAX];
		command_base(base, sizeof base, word, length);
		if (strcmp(out->runtime, "python") == 0 &&
			command_list_has(command_servers, base, strlen(base)))
			command_find_app(words, out);
		return;
	}
}

/* "tmux: server" → "tmux".  The kernel cuts names at 15 bytes. */
static void command_use_comm(const char *comm, struct command *out)
{
	size_t length = strcspn(comm, ":");
	while (length > 0 && comm[length - 1] == ' ')
		length--;
	command_copy(out->program, sizeof out->program, comm, length);
	if (!out->program[0])
		command_copy(out->program, sizeof out->program, comm, strlen(comm));
}

/* pm2 and others write the whole command as one text: "node /srv/app.js".  True when it
 * leaves no room: there may have been more of it. */
static bool command_open_title(struct command_words *words)
{
	size_t length = strnlen(words->next, (size_t)(words->end - words->next));
	bool alone = true;
	for (const char *c = words->next + length; c < words->end; c++)
		alone = alone && *c == '\0';
	const char *blank = memchr(words->next, ' ', length);
	if (!alone || !blank)
		return false;
	char program[COMMAND_PROGRAM_MAX];
	command_base(
		program, sizeof program, words->next, (size_t)(blank - words->next));
	if (!command_interpreter_of(program))
		return false;
	words->separator = ' ';
	bool is_full = words->next + length + 1 >= words->end;
	words->end = words->next + length;
	return is_full;
}

static bool command_is_title(const char *cmdline, size_t length, struct command *out)
{
	for (size_t i = 0; i < sizeof command_titles / sizeof command_titles[0]; i++) {
		const struct command_title *t = &command_titles[i];
		size_t head = strlen(t->head);
		if (length <= head || memcmp(cmdline, t->head, head) != 0)
			continue;
		strcpy(out->program, t->program);
		out->runtime = t->runtime;
		return true;
	}
	return false;
}

void command_parse(
	const char *cmdline, size_t length, const char *comm, struct command *out)
{
	*out = (struct command){.runtime = "native"};
	struct command_words words = {cmdline, cmdline + length, '\0'};
	if (command_is_title(cmdline, length, out))
		return;
	bool is_full = length > 0 && command_open_title(&words);
	const char *word;
	size_t word_length;
	if (!command_words_next(&words, &word, &word_length)) {
		command_use_comm(comm, out);
		return;
	}
	if (word_length > 0 && word[0] == '-') { /* a login shell */
		word++;
		word_length--;
	}
	bool title = memchr(word, ' ', word_length) || memchr(word, ':', word_length);
	command_base(out->program, sizeof out->program, word, word_length);
	if (title || !out->program[0]) {
		command_use_comm(comm, out);
		return;
	}
	const struct command_interpreter *interpreter = command_interpreter_of(
		out->program);
	if (interpreter) {
		out->runtime = interpreter->runtime;
		command_find_script(interpreter, words, out);
		size_t script = strlen(out->script);
		out->is_cut = is_full && script > 0 &&
			      memcmp(words.end - script, out->script, script) == 0;
	}
}

/* Where "-1.4.2" begins in "app-1.4.2"; the length when it has none. */
static size_t command_version_start(const char *name, size_t length)
{
	for (size_t i = 1; i + 1 < length; i++) {
		if (name[i] == '-' && isdigit((unsigned char)name[i + 1]))
			return i;
	}
	return length;
}

static void command_name_jar(char *base, struct command_name *out)
{
	size_t length = strlen(base) - strlen(".jar");
	size_t start = command_version_start(base, length);
	command_copy(out->name, sizeof out->name, base, start);
	if (start < length)
		command_copy(out->version, sizeof out->version, base + start + 1,
			length - start - 1);
}

void command_name_script(const struct command *c, struct command_name *out)
{
	*out = (struct command_name){0};
	if (c->is_cut)
		return;
	size_t length = strlen(c->script);
	while (length > 1 && c->script[length - 1] == '/')
		length--;
	char base[COMMAND_PROGRAM_MAX];
	command_base(base, sizeof base, c->script, length);
	if (strcmp(c->runtime, "java") != 0) {
		snprintf(out->name, sizeof out->name, "%s%s%s", base,
			c->app[0] ? "/" : "", c->app);
		return;
	}
	size_t base_length = strlen(base);
	if (base_length > 4 && strcmp(base + base_length - 4, ".jar") == 0) {
		command_name_jar(base, out);
		return;
	}
	if (base_length > 5 && strcmp(base + base_length - 5, ".java") == 0) {
		command_copy(out->name, sizeof out->name, base, base_length);
		return; /* a source file, which java runs by itself */
	}
	/* A main class: its own name, without package (and without module). */
	const char *dot = strrchr(base, '.');
	const char *name = dot && dot[1] ? dot + 1 : base;
	if (strcmp(base, "org.apache.catalina.startup.Bootstrap") == 0)
		name = "tomcat";
	else if (name > base && command_list_has(command_classes, name, strlen(name)))
		for (name--; name > base && name[-1] != '.';)
			name--;
	command_copy(out->name, sizeof out->name, name, strlen(name));
}
