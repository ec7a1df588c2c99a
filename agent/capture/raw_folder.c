#include "agent/capture/raw_folder.h"

#include "common/scoped.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

/* Its own descriptor, so that a walk within a walk does not move the outer one. */
static DIR *raw_folder_list(int above, const char *name)
{
	int fd = openat(above, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
	if (!dir && fd >= 0)
		close(fd);
	return dir;
}

static bool raw_folder_is_dots(const char *name)
{
	return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

/* The whole ones have a number as their name. */
static bool raw_folder_is_whole(const char *name)
{
	return *name && strspn(name, "0123456789") == strlen(name);
}

static uint64_t raw_folder_size(int raw, const char *name)
{
	uint64_t bytes = 0;
	scoped_dir DIR *dir = raw_folder_list(raw, name);
	const struct dirent *entry;
	struct stat info;
	while (dir && (entry = readdir(dir))) {
		if (fstatat(dirfd(dir), entry->d_name, &info, AT_SYMLINK_NOFOLLOW) ==
				0 &&
			S_ISREG(info.st_mode))
			bytes += (uint64_t)info.st_size;
	}
	return bytes;
}

uint64_t raw_folder_bytes(int raw)
{
	uint64_t bytes = 0;
	scoped_dir DIR *dir = raw_folder_list(raw, ".");
	const struct dirent *entry;
	while (dir && (entry = readdir(dir))) {
		if (raw_folder_is_whole(entry->d_name))
			bytes += raw_folder_size(raw, entry->d_name);
	}
	return bytes;
}

bool raw_folder_remove(int raw, const char *name)
{
	scoped_dir DIR *dir = raw_folder_list(raw, name);
	const struct dirent *entry;
	while (dir && (entry = readdir(dir))) {
		if (!raw_folder_is_dots(entry->d_name))
			unlinkat(dirfd(dir), entry->d_name, 0);
	}
	return unlinkat(raw, name, AT_REMOVEDIR) == 0 || errno == ENOENT;
}

bool raw_folder_remove_oldest(int raw)
{
	char oldest[NAME_MAX + 1] = "";
	struct timespec when = {0};
	scoped_dir DIR *dir = raw_folder_list(raw, ".");
	const struct dirent *entry;
	struct stat info;
	while (dir && (entry = readdir(dir))) {
		if (!raw_folder_is_whole(entry->d_name) ||
			fstatat(raw, entry->d_name, &info, AT_SYMLINK_NOFOLLOW) != 0)
			continue;
		const struct timespec *m = &info.st_mtim;
		if (*oldest && (m->tv_sec > when.tv_sec ||
				       (m->tv_sec == when.tv_sec &&
					       m->tv_nsec >= when.tv_nsec)))
			continue;
		snprintf(oldest, sizeof oldest, "%s", entry->d_name);
		when = *m;
	}
	return *oldest && raw_folder_remove(raw, oldest);
}

void raw_folder_clean(int raw)
{
	scoped_dir DIR *dir = raw_folder_list(raw, ".");
	const struct dirent *entry;
	while (dir && (entry = readdir(dir))) {
		if (entry->d_name[0] == '.' && !raw_folder_is_dots(entry->d_name))
			raw_folder_remove(raw, entry->d_name);
	}
}
