#include "agent/warnings/kernel.h"

#include "agent/warnings/killed.h"
#include "common/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { KERNEL_RECORD_MAX = 8192, KERNEL_RECORDS_MAX = 4096 }; /* of one reading */

static bool kernel_load(const char *saved, const char *boot_id, uint64_t *seen)
{
	char boot[40];
	const char *line = strncmp(saved, "kernel ", 7) == 0
				   ? saved
				   : strstr(saved, "\nkernel ");
	return line &&
	       sscanf(line + (*line == '\n'), "kernel %" SCNu64 " %39s", seen, boot) ==
		       2 &&
	       strcmp(boot, boot_id) == 0;
}

bool kernel_open(struct kernel *k, const char *path, const char *boot_id,
	const char *saved, struct err *e)
{
	char byte[KERNEL_RECORD_MAX];
	*k = (struct kernel){.fd = -1};
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd < 0)
		return err_errno(e, "%s", path);
	snprintf(k->boot_id, sizeof k->boot_id, "%s", boot_id);
	k->has_seen = kernel_load(saved, boot_id, &k->seen);
	/* Opening may be allowed and reading not. */
	if (read(fd, byte, sizeof byte) < 0 && errno != EAGAIN && errno != EPIPE) {
		err_errno(e, "%s", path);
		close(fd);
		return false;
	}
	lseek(fd, 0, k->has_seen ? SEEK_SET : SEEK_END);
	k->fd = fd;
	return true;
}

void kernel_close(struct kernel *k)
{
	if (k->fd >= 0)
		close(k->fd);
	k->fd = -1;
}

void kernel_read(struct kernel *k,
	void (*found)(void *context, const struct sign *sign, int64_t at_unix_ms),
	void *context)
{
	char bytes[KERNEL_RECORD_MAX];
	for (int i = 0; k->fd >= 0 && i < KERNEL_RECORDS_MAX; i++) {
		struct killed_record record;
		struct sign sign;
		ssize_t got = read(k->fd, bytes, sizeof bytes);
		/* Some were overwritten before they were read. */
		if (got < 0 && (errno == EPIPE || errno == EINTR))
			continue;
		if (got <= 0)
			return;
		if (!killed_record_parse(bytes, (size_t)got, &record) ||
			(k->has_seen && record.sequence <= k->seen))
			continue;
		k->has_seen = true;
		k->seen = record.sequence;
		/* Facility 0 is the kernel's own; nobody else can write with it. */
		if (record.priority >= 8 ||
			!killed_parse(record.text, record.length, &sign))
			continue;
		int64_t ago_ms = clock_mono_ms() - (int64_t)(record.boot_us / 1000);
		found(context, &sign, clock_unix_ms() - (ago_ms > 0 ? ago_ms : 0));
	}
}

void kernel_save(const struct kernel *k, struct buf *out)
{
	if (k->has_seen)
		buf_printf(out, "kernel %" PRIu64 " %s\n", k->seen, k->boot_id);
}
