#include "agent/fingerprint/tree.h"

#include "common/clock.h"
#include "common/scoped.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Looked at before it is opened: opening a device can have effects. */
static int tree_locate(const struct tree *t, const char *path)
{
	struct open_how how = {
		.flags = O_PATH | O_CLOEXEC,
		.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS,
	};
	int fd = (int)syscall(SYS_openat2, t->root, path, &how, sizeof how);
	if (fd < 0 && (errno == ENOTDIR || errno == ENAMETOOLONG))
		errno = ENOENT;
	return fd;
}

static bool tree_may_read(const struct tree *t, const struct stat *st)
{
	const struct package_user *user = &t->user;
	return user->uid == 0 || st->st_uid == user->uid ||
	       (st->st_gid == user->gid && (st->st_mode & S_IRGRP)) ||
	       (st->st_mode & S_IROTH);
}

static int tree_reopen(const struct tree *t, int found, mode_t kind, struct stat *st)
{
	struct stat own;
	st = st ? st : &own;
	if (fstat(found, st) < 0)
		return -1;
	if ((st->st_mode & S_IFMT) != kind) {
		errno = kind == S_IFDIR        ? ENOTDIR
			: S_ISDIR(st->st_mode) ? EISDIR
					       : EINVAL;
		return -1;
	}
	if (!tree_may_read(t, st)) {
		errno = EACCES;
		return -1;
	}
	char self[32];
	snprintf(self, sizeof self, "/proc/self/fd/%d", found);
	return open(self, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
}

int tree_open(const struct tree *t, const char *path, struct stat *st)
{
	scoped_fd int found = tree_locate(t, path);
	return found < 0 ? -1 : tree_reopen(t, found, S_IFREG, st);
}

DIR *tree_open_folder(const struct tree *t, const char *path, struct stat *st)
{
	scoped_fd int found = tree_locate(t, path);
	int fd = found < 0 ? -1 : tree_reopen(t, found, S_IFDIR, st);
	DIR *folder = fd < 0 ? NULL : fdopendir(fd);
	if (fd >= 0 && !folder)
		close(fd);
	return folder;
}

bool tree_read(const struct tree *t, const char *path, size_t most, struct buf *out)
{
	struct stat st;
	scoped_fd int fd = tree_open(t, path, &st);
	if (fd < 0)
		return false;
	size_t start = out->length;
	for (;;) {
		size_t have = out->length - start;
		size_t room = most + 1 - have > 65536 ? 65536 : most + 1 - have;
		ssize_t got = read(fd, buf_reserve(out, room), room);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return false;
		out->length += (size_t)got;
		if (out->length - start > most) {
			out->length = start;
			errno = EFBIG;
			return false;
		}
		if (got == 0)
			break;
	}
	buf_reserve(out, 1)[0] = '\0';
	return true;
}

bool tree_look(const struct tree *t, const char *path, struct stat *st)
{
	scoped_fd int found = tree_locate(t, path);
	return found >= 0 && fstat(found, st) == 0;
}

static bool tree_path_of(int fd, char out[PATH_MAX])
{
	char self[32];
	snprintf(self, sizeof self, "/proc/self/fd/%d", fd);
	ssize_t length = readlink(self, out, PATH_MAX - 1);
	if (length <= 0 || length >= PATH_MAX - 1)
		return false;
	out[length] = '\0';
	return true;
}

bool tree_resolve(const struct tree *t, const char *path, char *out, size_t size)
{
	char top[PATH_MAX], whole[PATH_MAX];
	scoped_fd int fd = tree_locate(t, path);
	if (fd < 0 || !tree_path_of(fd, whole) || !tree_path_of(t->root, top))
		return false;
	size_t skip = strcmp(top, "/") == 0 ? 0 : strlen(top);
	size_t length = strlen(whole);
	if (length <= skip || strncmp(whole, top, skip) != 0 || whole[skip] != '/' ||
		length - skip >= size) {
		errno = ENOENT;
		return false;
	}
	memcpy(out, whole + skip, length - skip + 1);
	return true;
}

bool tree_is_late(const struct tree *t)
{
	return clock_mono_ms() >= t->until_mono_ms;
}
