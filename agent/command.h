/*
 * Command: which program a process runs, and which script or jar it interprets.
 *
 * From the text of /proc/PID/cmdline and the kernel's name.  Arguments are looked at
 * to find the script and then forgotten: they may hold passwords and never leave
 * the host.  Only the application that a known server of Python applications is started
 * with ("gunicorn shop.wsgi:app", "celery -A shop worker") is kept: its module's name.
 *
 * Titles that programs write over their command line ("postgres: alice shop 10.0.0.1
 * SELECT") are no command either; the kernel's name is taken then, but for a few titles
 * that are known ("npm start", "PM2 v7.0.4: God Daemon (/root/.pm2)").
 *
 * Pure.
 */
#ifndef TIDEMARK_AGENT_COMMAND_H
#define TIDEMARK_AGENT_COMMAND_H

#include <stdbool.h>
#include <stddef.h>

enum { COMMAND_PROGRAM_MAX = 128, COMMAND_SCRIPT_MAX = 1024, COMMAND_APP_MAX = 64 };

struct command {
	char program[COMMAND_PROGRAM_MAX]; /* without folder: "node" */
	char script[COMMAND_SCRIPT_MAX]; /* as given: "app.js", "/srv/x.jar", a module;
					    "" */
	/* The script is from a title that fills all the room it had: its end may be
	 * missing.  It then still says where the package is, but nothing is named by
	 * it. */
	bool is_cut;
	char app[COMMAND_APP_MAX]; /* module that the script serves; "" */
	const char *runtime;       /* "node", "java", "python", ...; "native" */
};

/* `cmdline` has arguments that end in NUL, `length` bytes in all; may be empty. */
void command_parse(
	const char *cmdline, size_t length, const char *comm, struct command *out);

/* "app" and "1.4.2" of "/srv/app-1.4.2.jar", "app.py" of "/srv/app.py",
 * "gunicorn/shop": what a script is called without its folder.  A main class whose name
 * says nothing keeps its package: "shop.Main".  "" when the script may be cut.
 * `version` is "" but for jars that carry one. */
struct command_name {
	char name[COMMAND_PROGRAM_MAX + COMMAND_APP_MAX], version[64];
};
void command_name_script(const struct command *c, struct command_name *out);

#endif
