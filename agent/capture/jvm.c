#include "agent/capture/jvm.h"

#include "agent/capture/handle.h"
#include "agent/capture/histogram.h"
#include "common/buf.h"
#include "common/clock.h"
#include "common/scoped.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

struct jvm {
	const char *procfs;
	const struct facts *facts;
	int stop_fd;
	char socket_path[sizeof((struct sockaddr_un *)0)->sun_path];
	char attach_path[PATH_MAX];
};

bool jvm_applies(const char *procfs, const struct facts *facts)
{
	(void)procfs;
	return strcmp(facts->program, "java") == 0 && facts_catches(facts, SIGQUIT);
}

/* Waits for `fd` (-1: only for the time), for the word to stop, or for the deadline. */
static bool jvm_wait(
	const struct jvm *j, int fd, short events, int64_t until_ms, struct err *e)
{
	struct pollfd polled[] = {{fd, events, 0}, {j->stop_fd, POLLIN, 0}};
	for (;;) {
		int64_t left_ms = until_ms - clock_mono_ms();
		int ready = poll(polled, 2, left_ms > 0 ? (int)left_ms : 0);
		if (ready < 0 && errno != EINTR)
			return err_errno(e, "poll");
		if (ready > 0 && polled[1].revents)
			return err_set(e, ERR_IO, "stopped");
		if (ready > 0)
			return true;
		if (ready == 0)
			return fd < 0 ||
			       err_set(e, ERR_IO,
				       "the Java process does not answer in time");
	}
}

static bool jvm_paths(struct jvm *j, struct err *e)
{
	const struct facts *f = j->facts;
	int length = snprintf(j->socket_path, sizeof j->socket_path,
		"%s/%d/root/tmp/.java_pid%d", j->procfs, f->pid, f->inner_pid);
	return (length > 0 && (size_t)length < sizeof j->socket_path) ||
	       err_set(e, ERR_INPUT, "the path of procfs is too long");
}

static bool jvm_is_listening(const struct jvm *j)
{
	struct stat found;
	return stat(j->socket_path, &found) == 0 && S_ISSOCK(found.st_mode);
}

/* The file that tells SIGQUIT from a plain wish for a thread dump.  HotSpot looks for
 * it in its working directory and in its temporary one, and wants it to belong to its
 * own user or root. */
static bool jvm_make_attach_file(struct jvm *j, struct err *e)
{
	const char *folders[] = {"cwd", "root/tmp"};
	for (size_t i = 0; i < 2; i++) {
		snprintf(j->attach_path, sizeof j->attach_path,
			"%s/%d/%s/.attach_pid%d", j->procfs, j->facts->pid, folders[i],
			j->facts->inner_pid);
		int fd = open(j->attach_path,
			O_CREAT | O_EXCL | O_WRONLY | O_NOFOLLOW | O_CLOEXEC, 0600);
		if (fd < 0 && errno == EEXIST) {
			unlink(j->attach_path);
			fd = open(j->attach_path,
				O_CREAT | O_EXCL | O_WRONLY | O_NOFOLLOW | O_CLOEXEC,
				0600);
		}
		if (fd >= 0) {
			close(fd);
			return true;
		}
	}
	return err_errno(e, "%s (attaching needs the process's own user or root)",
		j->attach_path);
}

static bool jvm_wake(struct jvm *j, struct err *e)
{
	struct handle handle;
	if (!handle_init(&handle, j->procfs, j->facts, e))
		return false;
	bool ok = handle_signal(&handle, j->procfs, j->facts, SIGQUIT, e);
	int64_t until_ms = clock_mono_ms() + JVM_ATTACH_MS;
	while (ok && !jvm_is_listening(j)) {
		if (handle_has_ended(&handle))
			ok = err_set(e, ERR_IO, "the process has ended");
		else if (clock_mono_ms() >= until_ms)
			ok = err_set(e, ERR_IO,
				"no attach socket after %d s: attaching may be "
				"disabled (-XX:+DisableAttachMechanism), or this "
				"user is neither the process's own nor root",
				JVM_ATTACH_MS / 1000);
		else
			ok = jvm_wait(j, -1, 0, clock_mono_ms() + 20, e);
	}
	handle_finish(&handle);
	return ok;
}

static bool jvm_attach(struct jvm *j, struct err *e)
{
	if (jvm_is_listening(j))
		return true;
	if (!jvm_make_attach_file(j, e))
		return false;
	bool ok = jvm_wake(j, e);
	unlink(j->attach_path);
	return ok;
}

static int jvm_connect(const struct jvm *j, struct err *e)
{
	struct sockaddr_un to = {.sun_family = AF_UNIX};
	memcpy(to.sun_path, j->socket_path, sizeof to.sun_path);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0 || connect(fd, (const struct sockaddr *)&to, sizeof to) != 0) {
		err_errno(e, "%s", j->socket_path);
		if (fd >= 0)
			close(fd);
		return -1;
	}
	return fd;
}

/* A socket file is only a name: whoever listens must be the process itself. */
static bool jvm_is_peer(const struct jvm *j, int fd, struct err *e)
{
	struct ucred peer;
	socklen_t size = sizeof peer;
	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0)
		return err_errno(e, "%s", j->socket_path);
	return peer.pid == j->facts->pid ||
	       err_set(e, ERR_INPUT, "%s belongs to process %d, not to %d",
		       j->socket_path, (int)peer.pid, j->facts->pid);
}

static bool jvm_ask(const struct jvm *j, int fd, struct buf *answer, struct err *e)
{
	/* Version of the protocol, command, and three arguments, each ending in NUL. */
	static const char command[] = "1\0inspectheap\0-live\0\0";
	int64_t until_ms = clock_mono_ms() + JVM_ANSWER_MS;
	ssize_t sent = send(fd, command, sizeof command, MSG_NOSIGNAL);
	if (sent != (ssize_t)sizeof command)
		return err_errno(e, "%s", j->socket_path);
	for (;;) {
		if (!jvm_wait(j, fd, POLLIN, until_ms, e))
			return false;
		ssize_t got = recv(fd, buf_reserve(answer, 65536), 65536, 0);
		if (got == 0)
			return true;
		if (got < 0 && (errno == EAGAIN || errno == EINTR))
			continue;
		if (got < 0)
			return err_errno(e, "%s", j->socket_path);
		answer->length += (size_t)got;
		if (answer->length > JVM_ANSWER_BYTES_MAX)
			return err_set(e, ERR_INPUT,
				"the histogram is longer than %d MiB",
				JVM_ANSWER_BYTES_MAX >> 20);
	}
}

/* The answer begins with a line of its own: 0, or the number of an error. */
static bool jvm_read(
	const struct buf *answer, struct arena *a, struct snapshot *out, struct err *e)
{
	if (answer->length < 2 || memcmp(answer->data, "0\n", 2) != 0)
		return err_set(
			e, ERR_INPUT, "the Java process refuses a class histogram");
	return histogram_parse(answer->data + 2, answer->length - 2, a, out, e) ||
	       err_wrap(e, "class histogram");
}

bool jvm_take(const char *procfs, const struct facts *facts, int stop_fd,
	struct arena *a, struct snapshot *out, struct err *e)
{
	struct jvm j = {.procfs = procfs, .facts = facts, .stop_fd = stop_fd};
	if (!jvm_applies(procfs, facts))
		return err_set(e, ERR_INPUT,
			"process %d (%s) is not a Java machine that can be attached to",
			facts->pid, facts->program);
	if (!jvm_paths(&j, e) || !jvm_attach(&j, e))
		return false;
	scoped_fd int fd = jvm_connect(&j, e);
	if (fd < 0 || !jvm_is_peer(&j, fd, e))
		return false;
	int64_t begun_ms = clock_mono_ms();
	struct buf answer = {0};
	bool ok = jvm_ask(&j, fd, &answer, e) && jvm_read(&answer, a, out, e);
	buf_finish(&answer);
	if (!ok)
		return false;
	out->taken_unix_ms = clock_unix_ms();
	out->route = "jvm";
	out->process.pause_ms = clock_mono_ms() - begun_ms;
	out->process.peak_rss_bytes = facts->rss_bytes;
	return true;
}
