/*
 * Fail: one call of libc in turn is let fail.
 *
 * The functions that memory and files come from stand here before libc's, for the
 * program and for the libraries that it is linked with.  While armed they count, each
 * kind for itself, and call number `from` to `to` of a kind fails: allocation with
 * NULL, the others with an errno.  What was allocated and not freed is counted, too.
 *
 * Included by one source file.  Not for builds with sanitizers, which have allocators
 * of their own.
 */
#ifndef TIDEMARK_TESTS_FAULTS_FAIL_H
#define TIDEMARK_TESTS_FAULTS_FAIL_H

#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum fail_kind {
	FAIL_MALLOC,
	FAIL_OPEN,
	FAIL_READ,
	FAIL_WRITE,
	FAIL_FSYNC,
	FAIL_FILE,
	FAIL_KINDS
};

static const char *const fail_names[FAIL_KINDS] = {
	"malloc", "open", "read", "write", "fsync", "file"};

static struct {
	bool armed;
	enum fail_kind kind;
	long from, to, calls[FAIL_KINDS];
	int error;
	long live; /* pieces of memory */
} fail;

static bool fail_strikes(enum fail_kind kind)
{
	if (!fail.armed)
		return false;
	long call = fail.calls[kind]++;
	if (kind != fail.kind || call < fail.from || call > fail.to)
		return false;
	errno = kind == FAIL_MALLOC ? ENOMEM : fail.error;
	return true;
}

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *old, size_t size);
void __libc_free(void *pointer);

void *malloc(size_t size)
{
	void *made = fail_strikes(FAIL_MALLOC) ? NULL : __libc_malloc(size);
	fail.live += made != NULL;
	return made;
}

void *calloc(size_t count, size_t size)
{
	void *made = fail_strikes(FAIL_MALLOC) ? NULL : __libc_calloc(count, size);
	fail.live += made != NULL;
	return made;
}

void *realloc(void *old, size_t size)
{
	void *made = fail_strikes(FAIL_MALLOC) ? NULL : __libc_realloc(old, size);
	fail.live += made && !old;
	return made;
}

void free(void *pointer)
{
	fail.live -= pointer != NULL;
	__libc_free(pointer);
}

static int fail_open(int folder, const char *path, int flags, mode_t mode)
{
	if (fail_strikes(FAIL_OPEN))
		return -1;
	return (int)syscall(SYS_openat, folder, path, flags, mode);
}

int open(const char *path, int flags, ...)
{
	va_list arguments;
	va_start(arguments, flags);
	mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(arguments, mode_t) : 0;
	va_end(arguments);
	return fail_open(AT_FDCWD, path, flags, mode);
}

int openat(int folder, const char *path, int flags, ...)
{
	va_list arguments;
	va_start(arguments, flags);
	mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(arguments, mode_t) : 0;
	va_end(arguments);
	return fail_open(folder, path, flags, mode);
}

ssize_t read(int fd, void *bytes, size_t length)
{
	return fail_strikes(FAIL_READ) ? -1 : syscall(SYS_read, fd, bytes, length);
}

ssize_t pread(int fd, void *bytes, size_t length, off_t offset)
{
	return fail_strikes(FAIL_READ)
		       ? -1
		       : syscall(SYS_pread64, fd, bytes, length, offset);
}

ssize_t write(int fd, const void *bytes, size_t length)
{
	return fail_strikes(FAIL_WRITE) ? -1 : syscall(SYS_write, fd, bytes, length);
}

/* Half of it arrives, as may happen. */
ssize_t pwrite(int fd, const void *bytes, size_t length, off_t offset)
{
	if (!fail_strikes(FAIL_WRITE))
		return syscall(SYS_pwrite64, fd, bytes, length, offset);
	syscall(SYS_pwrite64, fd, bytes, length / 2, offset);
	errno = fail.error;
	return -1;
}

int fsync(int fd)
{
	return fail_strikes(FAIL_FSYNC) ? -1 : (int)syscall(SYS_fsync, fd);
}

int fdatasync(int fd)
{
	return fail_strikes(FAIL_FSYNC) ? -1 : (int)syscall(SYS_fdatasync, fd);
}

int fallocate(int fd, int mode, off_t offset, off_t length)
{
	return fail_strikes(FAIL_FILE)
		       ? -1
		       : (int)syscall(SYS_fallocate, fd, mode, offset, length);
}

int ftruncate(int fd, off_t length)
{
	return fail_strikes(FAIL_FILE) ? -1 : (int)syscall(SYS_ftruncate, fd, length);
}

int renameat(int from, const char *old, int to, const char *made)
{
	return fail_strikes(FAIL_FILE)
		       ? -1
		       : (int)syscall(SYS_renameat2, from, old, to, made, 0);
}

int unlinkat(int folder, const char *path, int flags)
{
	return fail_strikes(FAIL_FILE)
		       ? -1
		       : (int)syscall(SYS_unlinkat, folder, path, flags);
}

#endif
