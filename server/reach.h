/*
 * Reach: where hosts can enrol with the running server, noted in its data folder.
 *
 * `tidemark-server token create` is another process, with perhaps fewer options than
 * the server was started with; the join token that it prints must name the address of
 * the server that runs, or of all that stand for it.  Written at start, read by
 * commands: a line of endpoints, the enrol sockets.
 */
#ifndef TIDEMARK_SERVER_REACH_H
#define TIDEMARK_SERVER_REACH_H

#include "common/err.h"
#include "schema/endpoints.h"

#include <stdbool.h>

/* Replaces the note; ERR_IO when the folder cannot be written. */
bool reach_save(const char *data_dir, const struct endpoints *places, struct err *e);

/* False without an error text when no server has run on this folder yet; `out` is
 * unchanged then. */
bool reach_load(const char *data_dir, struct endpoints *out);

#endif
