/*
 * Entry: which of a package's, or a folder's, programs a script is.
 *
 * A package with a server and a worker is two services: they have nothing in common but
 * their code.  The one that the package is for has the package's name, and others carry
 * their own behind it:
 *
 *     shop                 the script is the package's "main" or in its "start" script,
 *                          or nothing in its path says more: dist/src/server.js,
 * bin/www shop/worker          worker.js, dist/worker/main.js shop/jobs/mail
 * src/jobs/mail.js shop/vitest          node_modules/.bin/vitest
 *
 * That depends on files only and never on who else runs, so that every host gives the
 * same name.  A script without a package, but with a name that says nothing (app.py),
 * gets that of its folder: checkout/app.py.  Pure.
 */
#ifndef TIDEMARK_AGENT_ENTRY_H
#define TIDEMARK_AGENT_ENTRY_H

#include "agent/package.h"

#include <stdbool.h>
#include <stddef.h>

/* The package's name, and the script's where it says more; cut at `size`. */
void entry_name(const struct package *package, char *out, size_t size);

/* Puts the name of the innermost folder of an absolute `path` that says anything before
 * `name`, when `name` says nothing itself.  Otherwise just `name`. */
void entry_name_alone(const char *path, const char *name, char *out, size_t size);

#endif
