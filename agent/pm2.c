#include "agent/pm2.h"

#include "agent/rooted.h"
#include "common/scoped.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Copies up to one of `stops`.  False when none comes, or nothing stands before it. */
static bool pm2_copy(const char **c, const char *end, char stop, char *out, size_t size)
{
	const char *found = memchr(*c, stop, (size_t)(end - *c));
	if (!found || found == *c || (size_t)(found - *c) >= size)
		return false;
	memcpy(out, *c, (size_t)(found - *c));
	out[found - *c] = '\0';
	*c = found + 1;
	return true;
}

bool pm2_read_title(const char *title, size_t length, struct pm2 *out)
{
	static const char head[] = "PM2 v", god[] = " God Daemon";
	const char *c = title, *end = title + strnlen(title, length);
	*out = (struct pm2){0};
	if ((size_t)(end - c) < sizeof head - 1 ||
		memcmp(c, head, sizeof head - 1) != 0)
		return false;
	c += sizeof head - 1;
	if (!pm2_copy(&c, end, ':', out->version, sizeof out->version))
		return false;
	if ((size_t)(end - c) < sizeof god - 1 || memcmp(c, god, sizeof god - 1) != 0)
		return false;
	c += sizeof god - 1;
	/* The folder may hold blanks and brackets: it ends where the title does. */
	if (end - c > 4 && c[0] == ' ' && c[1] == '(' && c[2] == '/' &&
		end[-1] == ')' && end - c - 3 < PM2_HOME_MAX)
		memcpy(out->home, c + 2, (size_t)(end - c - 3));
	return true;
}

/* Whether the file in the folder says this pid. */
static bool pm2_says(int folder, const char *file, int pid)
{
	int flags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
	char text[16];
	struct stat st;
	if (fstatat(folder, file, &st, AT_SYMLINK_NOFOLLOW) < 0 ||
		!S_ISREG(st.st_mode) || st.st_size <= 0 ||
		st.st_size >= (off_t)sizeof text)
		return false;
	scoped_fd int fd = openat(folder, file, flags);
	ssize_t length = fd < 0 ? -1 : read(fd, text, sizeof text - 1);
	if (length <= 0)
		return false;
	text[length] = '\0';
	char *end;
	long said = strtol(text, &end, 10);
	return end != text && (!*end || *end == '\n') && said == pid;
}

/* "web" and 12 of "web-12.pid". */
static bool pm2_name_of(const char *file, struct pm2_process *out)
{
	const char *dash = strrchr(file, '-');
	if (!dash || dash == file || dash - file >= PM2_NAME_MAX || dash[1] < '0' ||
		dash[1] > '9')
		return false;
	char *end;
	unsigned long number = strtoul(dash + 1, &end, 10);
	if (number > INT_MAX || strcmp(end, ".pid") != 0)
		return false;
	memcpy(out->name, file, (size_t)(dash - file));
	out->name[dash - file] = '\0';
	out->number = (int)number;
	return true;
}

static DIR *pm2_open_pids(int root, const struct pm2 *daemon, uid_t user)
{
	char path[PM2_HOME_MAX + 8];
	struct stat st;
	snprintf(path, sizeof path, "%s/pids", daemon->home);
	scoped_fd int found = rooted_locate(root, path);
	if (found < 0 || fstat(found, &st) < 0 || !S_ISDIR(st.st_mode) ||
		st.st_uid != user)
		return NULL;
	int folder = rooted_open(found, O_DIRECTORY);
	DIR *pids = folder < 0 ? NULL : fdopendir(folder);
	if (!pids && folder >= 0)
		close(folder);
	return pids;
}

bool pm2_find(int root, const struct pm2 *daemon, uid_t user, int pid,
	struct pm2_process *out)
{
	DIR *pids = daemon->home[0] ? pm2_open_pids(root, daemon, user) : NULL;
	bool found = false;
	const struct dirent *entry;
	for (int i = 0; pids && !found && i < PM2_PROCESSES_MAX; i++) {
		if (!(entry = readdir(pids)))
			break;
		found = pm2_name_of(entry->d_name, out) &&
			pm2_says(dirfd(pids), entry->d_name, pid);
	}
	if (pids)
		closedir(pids);
	return found;
}
