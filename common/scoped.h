/*
 * Scoped: foreign handles that close when their name goes out of scope.
 *
 *     scoped_fd int fd = open(...);
 *     scoped_free char *line = NULL;
 *
 * Only for things of libc; a module's own objects have a destructor.
 */
#ifndef TIDEMARK_COMMON_SCOPED_H
#define TIDEMARK_COMMON_SCOPED_H

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define scoped_fd   __attribute__((cleanup(scoped_close_fd)))
#define scoped_file __attribute__((cleanup(scoped_close_file)))
#define scoped_dir  __attribute__((cleanup(scoped_close_dir)))
#define scoped_free __attribute__((cleanup(scoped_free_pointer)))

static inline void scoped_close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

static inline void scoped_close_file(FILE **file)
{
	if (*file)
		fclose(*file);
}

static inline void scoped_close_dir(DIR **dir)
{
	if (*dir)
		closedir(*dir);
}

static inline void scoped_free_pointer(void *pointer)
{
	free(*(void **)pointer);
}

#endif
