/*
 * Privileges: a server started as root becomes an unprivileged user.
 *
 * Called before anything else is opened.  PostgreSQL refuses to run as root, and
 * nothing in the server needs it.
 */
#ifndef TIDEMARK_SERVER_PRIVILEGES_H
#define TIDEMARK_SERVER_PRIVILEGES_H

#include "common/err.h"

#include <stdbool.h>

/* Makes data_dir (mode 0700) if missing.  As root: gives a data_dir that is new or
 * empty to `user` ("": tidemark, else nobody) and becomes that user for good.  A
 * data_dir that belongs to anyone else is ERR_INPUT: it is never taken away. */
bool privileges_drop(const char *user, const char *data_dir, struct err *e);

#endif
