/*
 * Manager: whether pm2 runs inside of a process, and where its files are.
 *
 * pm2 starts an application through its own ProcessContainer, which loads @pm2/io and
 * what that needs into the application's process.  Nothing of it stands in the
 * application's lock file, and pm2 writes the application's name over the command line.
 * What shows it is the parent: "PM2 v3.5.1: God Daemon (/home/shop/.pm2)".
 *
 * That title says which pm2 runs, but not where it stands.  Looked at are the settings
 * (`fingerprint_pm2`), the unit that started the daemon, PATH of the daemon's
 * environment where that may be read, and the usual places; only a package that says it
 * is pm2 of that version is taken.
 */
#ifndef TIDEMARK_AGENT_FINGERPRINT_MANAGER_H
#define TIDEMARK_AGENT_FINGERPRINT_MANAGER_H

#include "agent/fingerprint/look.h"
#include "agent/fingerprint/remarks.h"

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

enum { MANAGER_VERSION_SIZE = 65 };

struct manager {
	char version[MANAGER_VERSION_SIZE];
	char home[PATH_MAX];
	char folder[PATH_MAX]; /* of the package, in the daemon's tree; "" not found */
};

/* Pure.  Whether a title is the daemon's; version and home of it. */
bool manager_parse_title(const char *cmdline, size_t length, struct manager *out);

/* Pure.  Whether a script is what pm2 starts others through. */
bool manager_is_container(const char *script);

/* `daemon` is its process.  `folders` is the setting, `application` "" or where the
 * application stands, `container` "" or a script for which manager_is_container holds.
 */
struct manager_hints {
	const char *folders, *application, *container;
};
void manager_find(const struct look *daemon, const struct manager_hints *hints,
	struct manager *p, struct remarks *remarks);

#endif
