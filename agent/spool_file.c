#include "agent/spool_file.h"

#include "common/scoped.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>

enum {
	SPOOL_NAME_DIGITS = 16,
	SPOOL_NAME_BYTES = SPOOL_NAME_DIGITS + 5,
	SPOOL_CHUNK_BYTES = 65536,
};

#define SPOOL_SUFFIX ".seg"

static void spool_file_name(uint64_t name, char text[SPOOL_NAME_BYTES])
{
	snprintf(text, SPOOL_NAME_BYTES, "%016" PRIx64 SPOOL_SUFFIX, name);
}

static bool spool_file_parse(const char *text, uint64_t *name)
{
	char again[SPOOL_NAME_BYTES];
	if (strlen(text) != SPOOL_NAME_BYTES - 1)
		return false;
	uint64_t value = strtoull(text, NULL, 16);
	if (value == 0 || value > INT64_MAX)
		return false;
	spool_file_name(value, again);
	if (strcmp(text, again) != 0)
		return false;
	*name = value;
	return true;
}

static int spool_file_compare(const void *left, const void *right)
{
	uint64_t l = *(const uint64_t *)left, r = *(const uint64_t *)right;
	return (l > r) - (l < r);
}

bool spool_file_list(int folder, uint64_t **names, size_t *count, struct err *e)
{
	int again = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	scoped_dir DIR *dir = again < 0 ? NULL : fdopendir(again);
	if (!dir)
		return err_errno(e, "cannot list the spool");
	struct buf found = {0};
	for (struct dirent *entry; (entry = readdir(dir));) {
		uint64_t name;
		if (spool_file_parse(entry->d_name, &name))
			buf_append(&found, &name, sizeof name);
	}
	*count = found.length / sizeof(uint64_t);
	*names = (uint64_t *)(void *)found.data;
	if (*count)
		qsort(*names, *count, sizeof **names, spool_file_compare);
	return true;
}

static bool spool_put_all(int fd, size_t offset, const uint8_t *bytes, size_t length)
{
	while (length) {
		ssize_t put = pwrite(fd, bytes, length, (off_t)offset);
		if (put < 0 && errno == EINTR)
			continue;
		if (put <= 0) {
			errno = put < 0 ? errno : ENOSPC;
			return false;
		}
		bytes += put;
		offset += (size_t)put;
		length -= (size_t)put;
	}
	return true;
}

bool spool_file_write(
	int fd, size_t offset, const void *bytes, size_t length, struct err *e)
{
	if (!spool_put_all(fd, offset, bytes, length))
		return err_errno(e, "cannot write to the spool");
	if (fdatasync(fd) != 0)
		return err_errno(e, "cannot sync the spool");
	return true;
}

/* Room now, so that a later write cannot find the disk full. */
static bool spool_preallocate(int fd, size_t size)
{
	while (fallocate(fd, 0, 0, (off_t)size) != 0) {
		if (errno == EINTR)
			continue;
		/* Some file systems cannot; the size at least says how long the file
		 * should be. */
		return (errno == EOPNOTSUPP || errno == ENOSYS) &&
		       ftruncate(fd, (off_t)size) == 0;
	}
	return true;
}

static bool spool_failed(struct err *e, const char *text)
{
	bool full = errno == ENOSPC || errno == EDQUOT;
	err_errno(e, "%s", text);
	if (full)
		e->kind = ERR_BUSY;
	return false;
}

static bool spool_write_header(int fd, const struct spool_header *h)
{
	uint8_t bytes[SPOOL_FORMAT_HEADER_BYTES];
	spool_format_put_header(h, bytes);
	return spool_put_all(fd, 0, bytes, sizeof bytes) && fsync(fd) == 0;
}

bool spool_file_create(int folder, const struct spool_header *h, int *fd, struct err *e)
{
	char name[SPOOL_NAME_BYTES];
	spool_file_name(h->first, name);
	/* A file of that name can only be what a crash has left between here
	 * and the first record. */
	unlinkat(folder, name, 0);
	int made = openat(
		folder, name, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (made >= 0 && spool_preallocate(made, h->size) &&
		spool_write_header(made, h) && fsync(folder) == 0) {
		*fd = made;
		return true;
	}
	spool_failed(e, "cannot make a spool segment");
	if (made >= 0) {
		close(made);
		unlinkat(folder, name, 0);
	}
	return false;
}

static bool spool_clear(int fd, size_t size)
{
	static const uint8_t zeros[SPOOL_CHUNK_BYTES];
	for (size_t at = 0; at < size; at += sizeof zeros) {
		size_t length = size - at < sizeof zeros ? size - at : sizeof zeros;
		if (!spool_put_all(fd, at, zeros, length))
			return false;
	}
	return true;
}

bool spool_file_reuse(
	int folder, uint64_t old, const struct spool_header *h, int *fd, struct err *e)
{
	char old_name[SPOOL_NAME_BYTES], new_name[SPOOL_NAME_BYTES];
	struct stat info;
	spool_file_name(old, old_name);
	spool_file_name(h->first, new_name);
	/* It takes its new name last: until then recovery sees a header that
	 * does not fit the name, and knows that the file holds nothing. */
	int made = openat(folder, old_name, O_RDWR | O_NOFOLLOW | O_CLOEXEC);
	if (made >= 0 && fstat(made, &info) == 0 &&
		spool_clear(made, (size_t)info.st_size) &&
		spool_preallocate(made, h->size) && spool_write_header(made, h) &&
		renameat(folder, old_name, folder, new_name) == 0 &&
		fsync(folder) == 0) {
		*fd = made;
		return true;
	}
	spool_failed(e, "cannot reuse a spool segment");
	if (made >= 0)
		close(made);
	unlinkat(folder, old_name, 0);
	unlinkat(folder, new_name, 0);
	return false;
}

bool spool_file_read(int folder, uint64_t name, size_t offset, size_t limit,
	struct buf *out, struct err *e)
{
	char text[SPOOL_NAME_BYTES];
	spool_file_name(name, text);
	scoped_fd int fd = openat(folder, text, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOENT || err_errno(e, "cannot open %s", text);
	while (limit) {
		size_t want = limit < SPOOL_CHUNK_BYTES ? limit : SPOOL_CHUNK_BYTES;
		char *room = buf_reserve(out, want);
		ssize_t got = pread(fd, room, want, (off_t)offset);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			break; /* the end, or a part of the disk that is gone */
		out->length += (size_t)got;
		offset += (size_t)got;
		limit -= (size_t)got;
	}
	return true;
}

void spool_file_trim(int folder, uint64_t name, size_t size)
{
	char text[SPOOL_NAME_BYTES];
	spool_file_name(name, text);
	scoped_fd int fd = openat(folder, text, O_RDWR | O_NOFOLLOW | O_CLOEXEC);
	if (fd >= 0 && ftruncate(fd, (off_t)size) != 0)
		return; /* keeps its room; nothing is lost */
}

void spool_file_remove(int folder, uint64_t name)
{
	char text[SPOOL_NAME_BYTES];
	spool_file_name(name, text);
	unlinkat(folder, text, 0);
	fsync(folder);
}
