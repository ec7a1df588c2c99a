/*
 * yarn lock: the packages of yarn.lock, of yarn 1 and of its successors ("berry").
 *
 * Both write a line without indentation for each package, which names it, and its
 * version two blanks in.  What belongs to the workspace itself is left out.  The file
 * says nothing of where or whether a package is installed: all of them are taken.
 */
#ifndef TIDEMARK_AGENT_FINGERPRINT_YARN_LOCK_H
#define TIDEMARK_AGENT_FINGERPRINT_YARN_LOCK_H

#include "agent/fingerprint/intake.h"
#include "agent/fingerprint/packages.h"
#include "common/err.h"

#include <stdbool.h>

/* ERR_INPUT: it is no such file.  What was found before an error stays in `out`. */
bool yarn_lock_read(struct intake *in, struct packages *out, struct err *e);

#endif
