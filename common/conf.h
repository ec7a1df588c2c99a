/*
 * Conf: settings from one table.
 *
 * Each setting is one line of a table: where it lives in the program's config
 * struct, its type, bounds, default and help.  The same table reads the INI file,
 * the environment (PREFIX_SECTION_NAME), and the command line (--section-name,
 * or --name where `section` is the program's own), and prints --help and an
 * annotated example file.  Later sources win: default, file, environment,
 * command line.
 *
 * Unknown keys, bad values and values out of bounds are ERR_INPUT and name file
 * and line ("agent.conf:12: unknown key 'intervall' in [agent]").  Strings are
 * copied into the caller's arena.  Configuration is constant after start: load it
 * before there are threads.  After a failure the target is half filled.
 *
 * In a file, '#' and ';' begin a comment line, and " ;" one behind a value.  On the
 * command line a switch needs no value: --name is --name=yes.
 */
#ifndef TIDEMARK_COMMON_CONF_H
#define TIDEMARK_COMMON_CONF_H

#include "common/arena.h"
#include "common/buf.h"
#include "common/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum conf_type {
	CONF_TEXT,     /* const char * */
	CONF_INT,      /* int64_t */
	CONF_BOOL,     /* bool: yes/no, true/false, on/off, 1/0 */
	CONF_DURATION, /* int64_t milliseconds: "500ms" "10s" "5m" "2h" "30d" */
	CONF_BYTES,    /* int64_t bytes: "512" "64k" "16M" "1G" "1T", binary steps */
};

struct conf_option {
	const char *section;
	const char *name; /* words joined by '_'; on the command line by '-' */
	enum conf_type type;
	size_t offset;
	int64_t minimum, maximum; /* of numbers, in the field's unit; 0, 0: any */
	const char *fallback;     /* as it would stand in the file; NULL: stays zero */
	const char *help;         /* one line */
};

/* Where a value comes from. */
enum conf_source {
	CONF_FROM_DEFAULT,
	CONF_FROM_FILE,
	CONF_FROM_ENVIRONMENT,
	CONF_FROM_ARGUMENT,
};

struct conf_table {
	const char *program;     /* "tidemark-agent": its section has bare --names */
	const char *own_section; /* "agent" */
	const char *env_prefix;  /* "TIDEMARK" */
	const struct conf_option *options;
	size_t count;
	unsigned char *sources; /* enum conf_source per option, kept here; or NULL */
	const char *file; /* read when no other is named and it can be; NULL: none */
	/* Free sections such as "[service checkout]": called per key, may be NULL.
	 * Returns false with ERR_INPUT for what it does not know; file and line are
	 * added by the caller. */
	bool (*free_key)(void *context, const char *section, const char *key,
		const char *value, struct err *e);
	void *context;
};

/* Fills `target` from defaults, then `path` (NULL: none), then the environment. */
bool conf_load(const struct conf_table *t, void *target, const char *path,
	struct arena *a, struct err *e);

struct conf_line {
	int argc;
	char **argv;
	int next; /* the argument to look at */
};

/* Applies the command line from argv[next] on, after conf_load.  "--config F" is
 * skipped (see conf_find_config).  Stops at the first argument that is no option,
 * or behind "--", and leaves `next` there (argc when none). */
bool conf_arguments(const struct conf_table *t, void *target, struct conf_line *line,
	struct arena *a, struct err *e);

/* The value of --config in argv, or NULL. */
const char *conf_find_config(int argc, char **argv);

/* The same; without one the table's own file, where that can be read. */
const char *conf_find_file(const struct conf_table *t, int argc, char **argv);

/* An option's name on the command line, without the dashes before it. */
void conf_flag(
	const struct conf_table *t, const struct conf_option *o, struct buf *out);

/* The option lines of --help. */
void conf_help(const struct conf_table *t, struct buf *out);

/* A complete, commented example file with every default. */
void conf_example(const struct conf_table *t, struct buf *out);

/* Parsers on their own, for fields of other files. */
bool conf_parse_duration(const char *text, int64_t *ms, struct err *e);
bool conf_parse_bytes(const char *text, int64_t *bytes, struct err *e);

#endif
