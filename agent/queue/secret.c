#include "agent/queue/secret.h"

#include "common/scoped.h"

#include <fcntl.h>
#include <string.h>

bool secret_read(const char *path, char out[SECRET_BYTES_MAX + 1], struct err *e)
{
	scoped_fd int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (fd < 0)
		return err_errno(e, "password_file %s", path);
	ssize_t length = read(fd, out, SECRET_BYTES_MAX + 1);
	if (length < 0)
		return err_errno(e, "password_file %s", path);
	if (length > SECRET_BYTES_MAX) {
		secret_forget(out);
		return err_set(e, ERR_INPUT, "password_file %s is longer than %d bytes",
			path, SECRET_BYTES_MAX);
	}
	out[length] = '\0';
	out[strcspn(out, "\r\n")] = '\0';
	return *out || err_set(e, ERR_INPUT, "password_file %s is empty", path);
}

void secret_forget(char out[SECRET_BYTES_MAX + 1])
{
	explicit_bzero(out, SECRET_BYTES_MAX + 1);
}
