#include "agent/host.h"

#include "common/scoped.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/utsname.h>
#include <unistd.h>

enum {
	HOST_DESCRIPTORS_MAX = 65536, /* more would only cost memory */
	HOST_DESCRIPTORS_OWN = 64,    /* sockets, spool, what is open for a moment */
	HOST_KEPT_MAX = 4096,         /* 16 MiB of kernel memory */
};

bool host_read(const char *procfs, struct host *out, struct err *e)
{
	struct utsname name;
	if (uname(&name) != 0)
		return err_errno(e, "uname");
	char path[PATH_MAX];
	snprintf(path, sizeof path, "%s/sys/kernel/random/boot_id", procfs);
	scoped_fd int fd = open(path, O_RDONLY | O_CLOEXEC);
	char boot_id[sizeof out->boot_id] = "";
	if (fd < 0 || read(fd, boot_id, sizeof boot_id - 1) <= 0)
		return err_errno(e, "cannot read %s", path);
	boot_id[strcspn(boot_id, "\n")] = '\0';

	long cpus = sysconf(_SC_NPROCESSORS_ONLN);
	*out = (struct host){.cpus = cpus > 0 ? (uint32_t)cpus : 1};
	memcpy(out->boot_id, boot_id, sizeof boot_id);
	snprintf(out->kernel, sizeof out->kernel, "%s", name.release);
	return true;
}

size_t host_raise_descriptors(void)
{
	struct rlimit limit;
	if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
		return 0;
	rlim_t most = limit.rlim_max < HOST_DESCRIPTORS_MAX ? limit.rlim_max
							    : HOST_DESCRIPTORS_MAX;
	if (limit.rlim_cur < most) {
		struct rlimit raised = {most, limit.rlim_max};
		if (setrlimit(RLIMIT_NOFILE, &raised) == 0)
			limit.rlim_cur = most;
	}
	/* Half of what there is: one control group each, and the rest of the agent. */
	rlim_t spare = limit.rlim_cur > HOST_DESCRIPTORS_OWN
			       ? (limit.rlim_cur - HOST_DESCRIPTORS_OWN) / 2
			       : 0;
	return spare < HOST_KEPT_MAX ? spare : HOST_KEPT_MAX;
}
