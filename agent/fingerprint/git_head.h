/*
 * git head: which commit a folder is checked out at, from its files alone.
 *
 * Walks up to ".git" (a folder, or a file that names one, as of worktrees and
 * submodules), follows HEAD through branches as files and in packed-refs.  No git
 * program is run, nothing of its configuration is obeyed.
 *
 * Format: gitrepository-layout(5).
 */
#ifndef TIDEMARK_AGENT_FINGERPRINT_GIT_HEAD_H
#define TIDEMARK_AGENT_FINGERPRINT_GIT_HEAD_H

#include "agent/fingerprint/tree.h"
#include "common/err.h"

#include <stdbool.h>

enum { GIT_HEAD_SIZE = 65 }; /* 40 or 64 digits */

/* `out` is "" when there is no repository, or no commit in it yet.  False when there is
 * one that cannot be read. */
bool git_head_find(const struct tree *t, const char *folder, char out[GIT_HEAD_SIZE],
	struct err *e);

/* Pure.  Of the text of HEAD or a ref: the commit, or the name it refers to; false when
 * it is neither.  The one that it is not becomes "". */
bool git_head_parse(
	const char *text, char commit[GIT_HEAD_SIZE], char *name, size_t size);

/* Pure.  The commit of a name in the text of packed-refs; false: not there. */
bool git_head_packed(const char *text, const char *name, char commit[GIT_HEAD_SIZE]);

#endif
