/*
 * Beside: the programs that lie in the same folder as our own.
 *
 * The agent is installed as two files: itself, and the scout that it starts.
 */
#ifndef TIDEMARK_AGENT_BESIDE_H
#define TIDEMARK_AGENT_BESIDE_H

#include <limits.h>
#include <stdbool.h>

/* Path of the program `name` beside our own, whether or not it exists.  False when our
 * own cannot be told (no /proc), or the path does not fit. */
bool beside_find(const char *name, char out[PATH_MAX]);

#endif
