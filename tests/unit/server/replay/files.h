/*
 * A throw-away folder with the files of one test.
 */
#ifndef TIDEMARK_TESTS_UNIT_SERVER_REPLAY_FILES_H
#define TIDEMARK_TESTS_UNIT_SERVER_REPLAY_FILES_H

#include "tests/unit/cmocka_all.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

static char files_folder[64];

static int files_setup(void **state)
{
	(void)state;
	snprintf(files_folder, sizeof files_folder, "/tmp/tidemark-replay-XXXXXX");
	return mkdtemp(files_folder) ? 0 : -1;
}

static int files_teardown(void **state)
{
	(void)state;
	char command[96];
	snprintf(command, sizeof command, "rm -rf %s", files_folder);
	return system(command);
}

static const char *files_path(const char *name)
{
	static char path[128];
	snprintf(path, sizeof path, "%s/%s", files_folder, name);
	return path;
}

static const char *files_write(const char *name, const char *text)
{
	const char *path = files_path(name);
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	fputs(text, file);
	assert_int_equal(fclose(file), 0);
	return path;
}

__attribute__((unused)) static const char *files_write_gzip(
	const char *name, const char *text)
{
	const char *path = files_path(name);
	gzFile file = gzopen(path, "wb");
	assert_non_null(file);
	gzputs(file, text);
	assert_int_equal(gzclose(file), Z_OK);
	return path;
}

#endif
