#include "agent/capture/netns.h"

#include "agent/capture/procfile.h"
#include "common/scoped.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stddef.h>
#include <string.h>
#include <sys/un.h>
#include <unistd.h>

static const char netns_name[] = "tidemark-inspector";

bool netns_init(
	struct netns *n, const char *procfs, const struct facts *f, struct err *e)
{
	n->fd = -1;
	if (f->is_net_ours)
		return true;
	char path[PROCFILE_PATH_MAX];
	procfile_path(path, procfs, f->pid, "ns/net");
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return err_set(e, ERR_INPUT,
			"may not see the network namespace of process %d: the agent "
			"needs CAP_SYS_PTRACE for this",
			f->pid);
	n->fd = fd;
	/* Tried before anything is done to the process. */
	int probe = netns_socket(n, AF_UNIX, e);
	if (probe < 0) {
		netns_finish(n);
		return false;
	}
	close(probe);
	return true;
}

void netns_finish(struct netns *n)
{
	if (n->fd > 0)
		close(n->fd);
	n->fd = -1;
}

int netns_socket(const struct netns *n, int domain, struct err *e)
{
	int kind = SOCK_STREAM | SOCK_CLOEXEC;
	scoped_fd int home = -1;
	if (n->fd >= 0) {
		home = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
		if (home < 0) {
			err_errno(e, "cannot hold our network namespace");
			return -1;
		}
		if (setns(n->fd, CLONE_NEWNET) != 0) {
			err_set(e, ERR_INPUT,
				"may not enter the network namespace of the process "
				"(%s): the agent needs CAP_SYS_ADMIN for this",
				strerrorname_np(errno));
			return -1;
		}
	}
	int made = socket(domain, kind, 0);
	int failure = errno;
	if (home >= 0)
		BUG_ON(setns(home, CLONE_NEWNET) != 0);
	errno = failure;
	if (made < 0)
		err_errno(e, "cannot make a socket");
	return made;
}

int netns_lock(const struct netns *n, struct err *e)
{
	int fd = netns_socket(n, AF_UNIX, e);
	if (fd < 0)
		return -1;
	/* Abstract: no file, and one name space per network namespace. */
	struct sockaddr_un name = {.sun_family = AF_UNIX};
	memcpy(name.sun_path + 1, netns_name, sizeof netns_name - 1);
	socklen_t length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) +
				       sizeof netns_name);
	if (bind(fd, (struct sockaddr *)&name, length) == 0)
		return fd;
	int failure = errno;
	err_errno(e, "cannot lock the network namespace");
	close(fd);
	errno = failure;
	return -1;
}
