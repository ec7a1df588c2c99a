/*
 * Package: name and version of the npm package that a script belongs to.
 *
 * package_scan reads a few strings out of a package.json without being a JSON library:
 * it follows nesting and strings, and takes nothing from text that it cannot follow.
 * package_find looks for the file as Node.js does, from the script's folder upwards.
 *
 * The files belong to whoever runs the script, so they are not trusted: regular
 * files only, at most 256 KiB, never a device or a pipe, and none that the
 * process's user could not read himself (a link to another's secrets).
 */
#ifndef TIDEMARK_AGENT_PACKAGE_H
#define TIDEMARK_AGENT_PACKAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

enum { PACKAGE_FILE_BYTES_MAX = 256 * 1024, PACKAGE_DEPTH_MAX = 32 };

struct package {
	char name[215];   /* npm's own limit is 214 */
	char version[65]; /* "" when unknown */
	/* What the package is for, "" when it does not say or the text is longer. */
	char main[256];  /* path of its main module */
	char start[512]; /* the command behind "start" in its "scripts" */
	/* Of package_find: path of the script below the package's folder; "" when that
	 * is the folder itself, or the path is longer. */
	char script[512];
};

/* False when there is no usable "name".  Pure. */
bool package_scan(const char *text, size_t length, struct package *out);

/* Who runs the script. */
struct package_user {
	uid_t uid;
	gid_t gid;
};

/* `root` is a directory descriptor of the process's own root, `script` an absolute
 * path in it (a folder is fine: `node .`).  A script inside node_modules belongs to the
 * package that node_modules serves; when that has no name, to its own. */
bool package_find(int root, const char *script, const struct package_user *user,
	struct package *out);

#endif
