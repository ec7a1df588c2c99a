/*
 * Runtime version: which Node.js, Java or Python a program is, from files beside it.
 *
 * Without running it and without reading it through.  In this order: what stands
 * beside it (node_version.h, a package.json, Java's "release", patchlevel.h), a version
 * in its path ("versions/node/v20.1.0/bin/node"), what dpkg notes for /usr/bin, and for
 * Python and others the digits of its name ("python3.11").  "" when none of them says.
 */
#ifndef TIDEMARK_AGENT_FINGERPRINT_RUNTIME_VERSION_H
#define TIDEMARK_AGENT_FINGERPRINT_RUNTIME_VERSION_H

#include "agent/fingerprint/tree.h"

#include <stdbool.h>
#include <stddef.h>

enum { RUNTIME_VERSION_SIZE = 64 };

/* `program` is the path of the executable in the tree, `runtime` as command.h has it.
 */
void runtime_version_find(const struct tree *t, const char *runtime,
	const char *program, char out[RUNTIME_VERSION_SIZE]);

/* Pure: the last "1.2.3" that begins a part of the path, or follows '-', '@' or 'v'. */
bool runtime_version_in_path(const char *path, char out[RUNTIME_VERSION_SIZE]);

#endif
