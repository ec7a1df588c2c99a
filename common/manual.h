/*
 * Manual: a program's manual pages and shell completion, from the tables that it works
 * with: its settings (conf.h) and its commands.  There is no second list of either, so
 * that none can be forgotten.
 *
 * Pages are in the man(7) language.  Options whose value is one of a few words, or a
 * file, complete as such where the table says so.  Pure: everything goes into a buf.
 */
#ifndef TIDEMARK_COMMON_MANUAL_H
#define TIDEMARK_COMMON_MANUAL_H

#include "common/buf.h"
#include "common/conf.h"

#include <stdbool.h>
#include <stddef.h>

/*
 * One command.  `argument` is as --help shows it, NULL for none: alternatives stand
 * between '|', and words in small letters and options are said literally, so that they
 * can be completed: "create | list | revoke ID", "[--status | --dry-run]".
 */
struct manual_command {
	const char *name, *argument, *help;
};

struct manual {
	const struct conf_table *settings;
	const char *title; /* "watches the memory of this host" */
	const char *about; /* paragraphs of the program's page, blank lines between */
	/* Fills `out` with the command of that index; false behind the last one. */
	bool (*command)(size_t index, struct manual_command *out);
	/* As conf_example prints it, and the sections that are no settings; NULL: none.
	 */
	void (*sections)(struct buf *out);
	const char *files;  /* lines "PATH\tWHAT" */
	const char *exits;  /* lines "STATUS\tMEANING" */
	const char *others; /* pages: "tidemark-server(8), journalctl(1)" */
};

/* The options that every program has beside its settings; the last has no name. */
extern const struct manual_command manual_flags[];

/* They, as lines of --help. */
void manual_help(const struct manual *m, struct buf *out);

/* PROGRAM(8): what it is, its commands, its options. */
void manual_program(const struct manual *m, struct buf *out);

/* PROGRAM.conf(5): each setting with bounds, default and name in the environment. */
void manual_file(const struct manual *m, struct buf *out);

/* A file of completions for "bash" or "zsh"; false for another shell. */
bool manual_completion(const struct manual *m, const char *shell, struct buf *out);

/* Prints what `argument` asks for: --man=8, --man=5, --completion=bash or =zsh, which
 * packaging uses.  False: it is none of these. */
bool manual_print(const struct manual *m, const char *argument);

#endif
