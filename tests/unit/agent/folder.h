/*
 * Folder: a directory of its own for a test, and what tests do to files in it.
 * In memory where the system has /dev/shm, since tests open spools many times.
 */
#ifndef TIDEMARK_TESTS_UNIT_AGENT_FOLDER_H
#define TIDEMARK_TESTS_UNIT_AGENT_FOLDER_H

#include "tests/unit/cmocka_all.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct folder {
	char path[64];
};

static inline void folder_make(struct folder *f)
{
	const char *base = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
	snprintf(f->path, sizeof f->path, "%s/tidemark-test-XXXXXX", base);
	assert_non_null(mkdtemp(f->path));
}

/* Removes the files in it, or with it. */
static inline void folder_clear(const char *path)
{
	DIR *dir = opendir(path);
	if (!dir)
		return;
	for (struct dirent *entry; (entry = readdir(dir));) {
		char child[512];
		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		snprintf(child, sizeof child, "%s/%s", path, entry->d_name);
		if (unlink(child) != 0) {
			folder_clear(child);
			rmdir(child);
		}
	}
	closedir(dir);
}

static inline void folder_remove(const struct folder *f)
{
	folder_clear(f->path);
	rmdir(f->path);
}

static inline char *folder_file(const struct folder *f, const char *name)
{
	static char path[4][512];
	static int turn;
	turn = (turn + 1) % 4;
	snprintf(path[turn], sizeof path[turn], "%s/%s", f->path, name);
	return path[turn];
}

/* The whole file, to be freed; *length 0 and NULL when there is none. */
static inline uint8_t *folder_load(const char *path, size_t *length)
{
	struct stat info;
	*length = 0;
	int fd = open(path, O_RDONLY);
	if (fd < 0)
		return NULL;
	assert_int_equal(fstat(fd, &info), 0);
	*length = (size_t)info.st_size;
	uint8_t *bytes = malloc(*length + 1);
	assert_non_null(bytes);
	assert_int_equal(read(fd, bytes, *length), *length);
	close(fd);
	return bytes;
}

static inline void folder_store(const char *path, const void *bytes, size_t length)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, bytes, length), length);
	close(fd);
}

/* Names in the directory that end in `suffix`, in ascending order. */
static inline size_t folder_names(
	const struct folder *f, const char *suffix, char names[][64], size_t most)
{
	struct dirent **entries;
	size_t count = 0;
	int all = scandir(f->path, &entries, NULL, alphasort);
	assert_true(all >= 0);
	for (int i = 0; i < all; i++) {
		size_t length = strlen(entries[i]->d_name), tail = strlen(suffix);
		if (length > tail && length < 64 && count < most &&
			strcmp(entries[i]->d_name + length - tail, suffix) == 0)
			strcpy(names[count++], entries[i]->d_name);
		free(entries[i]);
	}
	free(entries);
	return count;
}

#endif
