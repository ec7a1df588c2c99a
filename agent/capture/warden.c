#include "agent/capture/warden.h"

#include "agent/capture/inspector.h"
#include "agent/capture/limits.h"
#include "common/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

/* What is written to a warden. */
enum { WARDEN_DISMISSED = 'd' };

/* A process that is busy with its snapshot takes the request when it is done with it.
 */
enum { WARDEN_CLOSE_MS = 10 * 60 * 1000 };

static void warden_detach(int fd, int report_fd)
{
	setsid();
	limits_be_spared();
	prctl(PR_SET_NAME, "tidemark-warden");
	signal(SIGTERM, SIG_IGN);
	signal(SIGINT, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
	for (int other = 0; other <= 2; other++) {
		if (other != report_fd && other != fd && other != STDERR_FILENO)
			close(other);
	}
}

static bool warden_is_dismissed(int fd)
{
	char word;
	ssize_t got;
	do
		got = read(fd, &word, 1);
	while (got < 0 && errno == EINTR);
	return got == 1 && word == WARDEN_DISMISSED;
}

/* Who tried to close it may have said so already. */
static void warden_alarm(char *out, size_t size, int pid, const struct err *e)
{
	if (strstr(e->text, "STILL OPEN"))
		snprintf(out, size, "%s", e->text);
	else
		snprintf(out, size, "THE INSPECTOR OF PROCESS %d IS STILL OPEN: %s",
			pid, e->text);
}

static int warden_work(int fd, const struct warden_options *options)
{
	warden_detach(fd, options->report_fd);
	if (warden_is_dismissed(fd))
		return 0;
	struct door_options door = options->door;
	door.stop_fd = -1;
	door.close_ms = WARDEN_CLOSE_MS;
	struct err e;
	char words[600];
	bool was_open = false;
	int64_t begun_ms = clock_mono_ms();
	bool closed = inspector_close_leftover(&door, &was_open, &e);
	if (!closed)
		warden_alarm(words, sizeof words, door.facts->pid, &e);
	else if (was_open)
		snprintf(words, sizeof words, "its inspector was closed after %lld ms",
			(long long)(clock_mono_ms() - begun_ms));
	else
		snprintf(words, sizeof words, "its inspector was not open");
	if (options->report)
		options->report(options->context, closed, words);
	return closed ? 0 : 1;
}

bool warden_start(struct warden *w, const struct warden_options *options, struct err *e)
{
	int ends[2];
	if (pipe2(ends, O_CLOEXEC) != 0)
		return err_errno(e, "pipe");
	w->pid = fork();
	if (w->pid < 0) {
		err_errno(e, "fork");
		close(ends[0]);
		close(ends[1]);
		w->fd = -1;
		return false;
	}
	if (w->pid == 0) {
		close(ends[1]);
		_exit(warden_work(ends[0], options));
	}
	close(ends[0]);
	w->fd = ends[1];
	return true;
}

static int warden_wait(struct warden *w)
{
	int status = -1;
	close(w->fd);
	w->fd = -1;
	while (waitpid(w->pid, &status, 0) < 0 && errno == EINTR)
		;
	return status;
}

void warden_dismiss(struct warden *w)
{
	static const char word = WARDEN_DISMISSED;
	if (w->fd < 0)
		return;
	/* A warden that is gone cannot be told. */
	ssize_t ignored = write(w->fd, &word, 1);
	(void)ignored;
	warden_wait(w);
}

bool warden_call(struct warden *w)
{
	return w->fd < 0 || warden_wait(w) == 0;
}
