#include "agent/insides/java.h"

#include "agent/capture/procfile.h"
#include "common/scoped.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define JAVA_PREFIX "hsperfdata_"

enum { JAVA_ENTRIES_MAX = 4096 };

static int java_open(const struct java_way *w, const char *path)
{
	struct stat st;
	char self[32];
	/* Looked at before it is opened: who is root in a container can make devices,
	 * and opening one can have effects. */
	scoped_fd int found = open(path, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	if (found < 0)
		return -1;
	if (fstat(found, &st) != 0 || !S_ISREG(st.st_mode) ||
		st.st_uid != w->facts->uid || st.st_size <= 0 ||
		st.st_size > HSPERF_BYTES_MAX) {
		errno = EINVAL;
		return -1;
	}
	snprintf(self, sizeof self, "/proc/self/fd/%d", found);
	return open(self, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
}

/* Users have other names inside: every folder of the kind is tried. */
static int java_search(struct java_way *w, const char *folder)
{
	scoped_dir DIR *directory = opendir(folder);
	if (!directory)
		return -1;
	struct dirent *entry;
	for (int i = 0; i < JAVA_ENTRIES_MAX && (entry = readdir(directory)); i++) {
		if (strncmp(entry->d_name, JAVA_PREFIX, sizeof JAVA_PREFIX - 1) != 0)
			continue;
		int length = snprintf(w->known, sizeof w->known, "%s/%s/%d", folder,
			entry->d_name, w->facts->inner_pid);
		int fd = length > 0 && (size_t)length < sizeof w->known
				 ? java_open(w, w->known)
				 : -1;
		if (fd >= 0)
			return fd;
	}
	w->known[0] = '\0';
	return -1;
}

static int java_find(struct java_way *w)
{
	char folder[PROCFILE_PATH_MAX];
	int fd = w->known[0] ? java_open(w, w->known) : -1;
	if (fd >= 0)
		return fd;
	procfile_path(folder, w->procfs, w->facts->pid, "root/tmp");
	fd = java_search(w, folder);
	/* Numbers of another namespace mean another process there. */
	if (fd < 0 && w->facts->inner_pid == w->facts->pid)
		fd = java_search(w, "/tmp");
	return fd;
}

bool java_read(struct java_way *w, struct hsperf *out, int64_t *bytes, struct err *e)
{
	scoped_fd int fd = java_find(w);
	struct stat st;
	if (fd < 0 || fstat(fd, &st) != 0)
		return err_set(e, ERR_INPUT,
			"process %d has no hsperfdata that we may read: it belongs "
			"to user %u, or was switched off (-XX:-UsePerfData)",
			w->facts->pid, w->facts->uid);
	size_t size = (size_t)st.st_size, length = 0;
	scoped_free char *text = malloc(size);
	BUG_ON(!text);
	while (length < size) {
		ssize_t got = read(fd, text + length, size - length);
		if (got < 0)
			return err_errno(e, "%s", w->known);
		if (got == 0)
			break;
		length += (size_t)got;
	}
	if (bytes)
		*bytes = (int64_t)length;
	return hsperf_parse(text, length, out, e) || err_wrap(e, "%s", w->known);
}
