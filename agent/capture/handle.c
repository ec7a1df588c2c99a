#include "agent/capture/handle.h"

#include "agent/capture/procfile.h"
#include "agent/probe/process_stat.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static bool handle_is_same(const char *procfs, const struct facts *f)
{
	struct buf text = {0};
	struct process_stat stat;
	bool same = procfile_read(procfs, f->pid, "stat", &text) &&
		    process_stat_parse(text.data, &stat) && !stat.ended &&
		    stat.start_ticks == f->start_ticks;
	buf_finish(&text);
	return same;
}

bool handle_init(
	struct handle *h, const char *procfs, const struct facts *f, struct err *e)
{
	int fd = (int)syscall(SYS_pidfd_open, f->pid, 0);
	if (fd < 0 && errno != ESRCH)
		return err_errno(e, "cannot hold process %d", f->pid);
	/* What the number means is read after the descriptor was taken: from here on it
	 * is this process or none. */
	if (fd < 0 || !handle_is_same(procfs, f)) {
		if (fd >= 0)
			close(fd);
		return err_set(e, ERR_INPUT, "process %d has ended", f->pid);
	}
	h->fd = fd;
	return true;
}

void handle_finish(struct handle *h)
{
	if (h->fd > 0)
		close(h->fd);
	h->fd = -1;
}

bool handle_ends(const struct handle *h, int ms)
{
	struct pollfd p = {.fd = h->fd, .events = POLLIN};
	return poll(&p, 1, ms) == 1 && (p.revents & POLLIN);
}

bool handle_has_ended(const struct handle *h)
{
	return handle_ends(h, 0);
}

bool handle_signal(struct handle *h, const char *procfs, const struct facts *f,
	int signal, struct err *e)
{
	struct facts now;
	if (!facts_read(procfs, f->pid, &now, e))
		return err_set(e, ERR_INPUT, "process %d has ended", f->pid);
	/* Another program keeps number, descriptor and start. */
	if (now.is_node != f->is_node ||
		(!f->is_node && strcmp(now.program, f->program) != 0))
		return err_set(e, ERR_INPUT,
			"process %d is '%s' by now, not '%s': %s is not sent", f->pid,
			now.program, f->program, sigabbrev_np(signal));
	if (!facts_catches(&now, signal))
		return err_set(e, ERR_INPUT,
			"process %d has no handler for %s: it is not sent", f->pid,
			sigabbrev_np(signal));
	if (syscall(SYS_pidfd_send_signal, h->fd, signal, NULL, 0) == 0)
		return true;
	if (errno == ESRCH)
		return err_set(e, ERR_INPUT, "process %d has ended", f->pid);
	return err_errno(e, "cannot signal process %d", f->pid);
}
