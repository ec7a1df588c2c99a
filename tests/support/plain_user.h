/*
 * Plain user: for tests of what must not run as root.
 *
 * As root, becomes postgres, or nobody, for the rest of the program; else nothing.
 */
#ifndef TIDEMARK_TESTS_SUPPORT_PLAIN_USER_H
#define TIDEMARK_TESTS_SUPPORT_PLAIN_USER_H

#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static inline void plain_user_become(void)
{
	if (geteuid() != 0)
		return;
	struct passwd *user = getpwnam("postgres");
	if (!user)
		user = getpwnam("nobody");
	if (!user || setgroups(0, NULL) ||
		setresgid(user->pw_gid, user->pw_gid, user->pw_gid) ||
		setresuid(user->pw_uid, user->pw_uid, user->pw_uid) || chdir("/")) {
		perror("plain user");
		exit(99);
	}
}

#endif
