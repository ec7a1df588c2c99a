/*
 * Runs a fuzz target over every file of its corpus, with any compiler: the part of
 * fuzzing that belongs in every test run.  Fails when the corpus is missing.
 */
#include "common/scoped.h"

#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static void replay_file(const char *path)
{
	scoped_file FILE *file = fopen(path, "rb");
	struct stat info;
	if (!file || fstat(fileno(file), &info) != 0) {
		perror(path);
		exit(1);
	}
	/* Exactly sized, so that the sanitizer sees a read past the end. */
	size_t length = (size_t)info.st_size;
	scoped_free uint8_t *bytes = malloc(length ? length : 1);
	if (!bytes || fread(bytes, 1, length, file) != length) {
		perror(path);
		exit(1);
	}
	LLVMFuzzerTestOneInput(bytes, length);
}

int main(int argc, char **argv)
{
	scoped_dir DIR *folder = argc == 2 ? opendir(argv[1]) : NULL;
	if (!folder) {
		fprintf(stderr, "usage: %s CORPUS-FOLDER\n", argv[0]);
		return 2;
	}
	size_t count = 0;
	for (struct dirent *entry; (entry = readdir(folder));) {
		if (entry->d_name[0] == '.')
			continue;
		char path[4096];
		snprintf(path, sizeof path, "%s/%s", argv[1], entry->d_name);
		replay_file(path);
		count++;
	}
	printf("%s: %zu inputs replayed\n", argv[0], count);
	return count ? 0 : 1;
}
