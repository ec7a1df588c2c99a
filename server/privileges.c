#include "server/privileges.h"

#include "common/scoped.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>

static const struct passwd *privileges_user(const char *user, struct err *e)
{
	const struct passwd *found;
	if (*user) {
		found = getpwnam(user);
		if (!found)
			err_set(e, ERR_INPUT, "user = '%s': there is no such user",
				user);
		return found;
	}
	found = getpwnam("tidemark");
	if (!found)
		found = getpwnam("nobody");
	if (!found)
		err_set(e, ERR_INPUT,
			"no user tidemark or nobody to run as; set `user`");
	return found;
}

static bool privileges_make_folders(const char *path, struct err *e)
{
	char part[4096];
	if ((size_t)snprintf(part, sizeof part, "%s", path) >= sizeof part)
		return err_set(e, ERR_INPUT, "data_dir is too long");
	for (char *c = part + 1;; c++) {
		if (*c != '/' && *c != 0)
			continue;
		bool last = *c == 0;
		*c = 0;
		/* Folders above it are ordinary ones, whatever the umask says; the last
		 * holds secrets. */
		bool made = mkdir(part, 0700) == 0;
		if ((!made && errno != EEXIST) ||
			(made && !last && chmod(part, 0755) != 0))
			return err_errno(e, "data_dir: %s", part);
		if (last)
			return true;
		*c = '/';
	}
}

static bool privileges_is_empty(const char *path)
{
	scoped_dir DIR *folder = opendir(path);
	if (!folder)
		return false;
	for (struct dirent *entry; (entry = readdir(folder));)
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			return false;
	return true;
}

static bool privileges_give(const char *path, const struct passwd *user, struct err *e)
{
	struct stat info;
	if (lstat(path, &info) != 0)
		return err_errno(e, "data_dir: %s", path);
	if (!S_ISDIR(info.st_mode))
		return err_set(e, ERR_INPUT, "data_dir: %s is not a folder", path);
	if (info.st_uid == user->pw_uid)
		return true;
	if (info.st_uid != 0 || !privileges_is_empty(path))
		return err_set(e, ERR_INPUT,
			"data_dir: %s belongs to uid %u, not to %s: set `user`, or "
			"chown it",
			path, (unsigned)info.st_uid, user->pw_name);
	if (chown(path, user->pw_uid, user->pw_gid) != 0 || chmod(path, 0700) != 0)
		return err_errno(e, "data_dir: %s", path);
	return true;
}

bool privileges_drop(const char *user, const char *data_dir, struct err *e)
{
	if (geteuid() != 0)
		return privileges_make_folders(data_dir, e) &&
		       (access(data_dir, R_OK | W_OK | X_OK) == 0 ||
			       err_errno(e, "data_dir: %s", data_dir));
	const struct passwd *to = privileges_user(user, e);
	if (!to)
		return false;
	if (to->pw_uid == 0)
		return err_set(
			e, ERR_INPUT, "user = '%s': must not be root", to->pw_name);
	if (!privileges_make_folders(data_dir, e) || !privileges_give(data_dir, to, e))
		return false;
	if (setgroups(0, NULL) != 0 ||
		setresgid(to->pw_gid, to->pw_gid, to->pw_gid) != 0 ||
		setresuid(to->pw_uid, to->pw_uid, to->pw_uid) != 0)
		return err_errno(e, "become user %s", to->pw_name);
	BUG_ON(setuid(0) == 0);
	/* The way up stays closed, for every child too. */
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		return err_errno(e, "no new privileges");
	if (access(data_dir, R_OK | W_OK | X_OK) != 0)
		return err_errno(e, "data_dir: %s, as user %s", data_dir, to->pw_name);
	return true;
}
