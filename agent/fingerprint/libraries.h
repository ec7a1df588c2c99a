/*
 * Libraries: what a process has mapped or on its class path, as packages.
 *
 *     native  "libssl.so.3@3f1c..." each shared library that the program asks for when
 *             it starts, and each that those ask for, with its build id; without one
 *             with the version of its file name, without that "unknown".  What it loads
 *             later (plug-ins, name services) differs between processes of one service,
 *             so it would make versions of them; it is left out
 *     Java    "spring-core@5.3.1" each jar of the class path, and those inside of an
 *             executable jar (BOOT-INF/lib, WEB-INF/lib)
 *     Python  "requests@2.31.0" each NAME-VERSION.dist-info of its site-packages
 *
 * A library that was replaced on disk while it is in use is not read: what is mapped is
 * no longer there; it counts as "replaced".
 */
#ifndef TIDEMARK_AGENT_FINGERPRINT_LIBRARIES_H
#define TIDEMARK_AGENT_FINGERPRINT_LIBRARIES_H

#include "agent/fingerprint/look.h"
#include "agent/fingerprint/mapped.h"
#include "agent/fingerprint/packages.h"
#include "agent/fingerprint/remarks.h"

#include <stdbool.h>

/* NULL when /proc/PID/maps may not be read, with a remark. */
const struct mapped *libraries_map(
	const struct look *l, struct arena *a, struct remarks *remarks);

void libraries_native(
	const struct look *l, const struct mapped *m, struct packages *out);

/* From the command line; false: no class path stands there. */
bool libraries_java(
	const struct look *l, struct packages *out, struct remarks *remarks);

/* False: no site-packages were found. */
bool libraries_python(
	const struct look *l, const struct mapped *m, struct packages *out);

#endif
