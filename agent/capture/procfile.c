#include "agent/capture/procfile.h"

#include "common/scoped.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

void procfile_path(
	char path[PROCFILE_PATH_MAX], const char *procfs, int pid, const char *name)
{
	snprintf(path, PROCFILE_PATH_MAX, "%s/%d/%s", procfs, pid, name);
}

bool procfile_read(const char *procfs, int pid, const char *name, struct buf *out)
{
	char path[PROCFILE_PATH_MAX];
	procfile_path(path, procfs, pid, name);
	scoped_fd int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	size_t start = out->length;
	while (out->length - start < PROCFILE_BYTES_MAX) {
		size_t room = PROCFILE_BYTES_MAX - (out->length - start);
		if (room > 16384)
			room = 16384;
		ssize_t got = read(fd, buf_reserve(out, room), room);
		if (got < 0)
			return false;
		if (got == 0)
			break;
		out->length += (size_t)got;
	}
	buf_reserve(out, 1)[0] = '\0';
	return true;
}
