#include "agent/capture/folder.h"

#include "common/scoped.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

/* Root writes for the owner of the folder above. */
static bool folder_give(int above, int fd)
{
	struct stat info;
	if (geteuid() != 0)
		return true;
	return fstat(above, &info) == 0 && fchown(fd, info.st_uid, info.st_gid) == 0;
}

static int folder_open_below(int state, const char *name)
{
	bool is_new = mkdirat(state, name, 0700) == 0;
	int fd = openat(state, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd >= 0 && is_new && !folder_give(state, fd)) {
		close(fd);
		return -1;
	}
	return fd;
}

int folder_open(const char *state_dir, const char *name, struct err *e)
{
	int state = open(state_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (state < 0) {
		err_errno(e, "state directory %s", state_dir);
		return -1;
	}
	if (!*name)
		return state;
	int fd = folder_open_below(state, name);
	if (fd < 0)
		err_errno(e, "%s/%s", state_dir, name);
	close(state);
	return fd;
}

bool folder_put(int fd, const void *bytes, size_t length)
{
	const char *at = bytes;
	while (length) {
		ssize_t written = write(fd, at, length);
		if (written < 0 && errno == EINTR)
			continue;
		if (written < 0)
			return false;
		at += written;
		length -= (size_t)written;
	}
	return true;
}

int folder_create(int folder, const char *name, struct err *e)
{
	int fd = openat(folder, name,
		O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd >= 0 && fchmod(fd, 0600) == 0 && folder_give(folder, fd))
		return fd;
	err_errno(e, "cannot make %s", name);
	if (fd >= 0)
		close(fd);
	return -1;
}

bool folder_write(
	int folder, const char *name, const void *bytes, size_t length, struct err *e)
{
	char temporary[NAME_MAX + 1];
	int n = snprintf(temporary, sizeof temporary, ".%s.%d", name, (int)getpid());
	if (n < 0 || (size_t)n >= sizeof temporary)
		return err_set(e, ERR_INPUT, "the name %s is too long", name);
	scoped_fd int fd = folder_create(folder, temporary, e);
	if (fd < 0)
		return false;
	if (folder_put(fd, bytes, length) && fsync(fd) == 0 &&
		renameat(folder, temporary, folder, name) == 0 && fsync(folder) == 0)
		return true;
	err_errno(e, "cannot write %s", name);
	unlinkat(folder, temporary, 0);
	return false;
}

bool folder_read(int folder, const char *name, size_t most, struct buf *out)
{
	scoped_fd int fd = openat(folder, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return false;
	size_t had = out->length;
	for (;;) {
		char *room = buf_reserve(out, 4096);
		ssize_t got = read(fd, room, 4096);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return false;
		*(room + got) = '\0';
		if (got == 0)
			return true;
		out->length += (size_t)got;
		if (out->length - had > most) {
			errno = EFBIG;
			return false;
		}
	}
}
