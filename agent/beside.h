/*
 * Beside: the programs that belong to our own.
 *
 * The agent is two files: itself, and the scout that it starts.  They lie in one
 * folder, or, installed, the scout in ../libexec/tidemark from there: nobody calls it
 * by name.
 */
#ifndef TIDEMARK_AGENT_BESIDE_H
#define TIDEMARK_AGENT_BESIDE_H

#include <limits.h>
#include <stdbool.h>

/* Path of the program `name`; that beside our own when there is neither.  False when
 * our own cannot be told (no /proc), or the path does not fit. */
bool beside_find(const char *name, char out[PATH_MAX]);

#endif
