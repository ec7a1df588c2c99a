#include "agent/queue/program.h"

#include "agent/queue/figures.h"
#include "common/buf.h"
#include "common/clock.h"
#include "common/scoped.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

struct program {
	int stop_fd;
	struct buf text;
	struct known known;
};

struct program *program_create(const struct queue_spec *spec, int stop_fd)
{
	(void)spec;
	struct program *p = calloc(1, sizeof *p);
	BUG_ON(!p);
	p->stop_fd = stop_fd;
	return p;
}

void program_destroy(struct program *p)
{
	if (!p)
		return;
	buf_finish(&p->text);
	known_finish(&p->known);
	free(p);
}

static bool program_spawn(char **words, int out, pid_t *pid, struct err *e)
{
	static char *environment[] = {
		"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LANG=C.UTF-8", NULL};
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	sigset_t none, usual;
	sigemptyset(&none);
	sigfillset(&usual);
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_adddup2(&actions, out, 1);
	posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
	posix_spawn_file_actions_addclosefrom_np(&actions, 3);
	posix_spawnattr_init(&attributes);
	posix_spawnattr_setpgroup(&attributes, 0);
	posix_spawnattr_setsigmask(&attributes, &none);
	posix_spawnattr_setsigdefault(&attributes, &usual);
	posix_spawnattr_setflags(&attributes,
		POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
	errno = posix_spawn(pid, words[0], &actions, &attributes, words, environment);
	posix_spawnattr_destroy(&attributes);
	posix_spawn_file_actions_destroy(&actions);
	return errno == 0 || err_errno(e, "cannot run %s", words[0]);
}

/* Until the program closes its output. */
static bool program_listen(
	struct program *p, int fd, int64_t deadline_mono_ms, struct err *e)
{
	for (;;) {
		struct pollfd fds[] = {{.fd = fd, .events = POLLIN},
			{.fd = p->stop_fd, .events = POLLIN}};
		int64_t left_ms = deadline_mono_ms - clock_mono_ms();
		if (left_ms <= 0)
			return err_set(e, ERR_IO, "the command took too long");
		if (poll(fds, 2, (int)left_ms) <= 0)
			continue;
		if (fds[1].revents)
			return err_set(e, ERR_BUSY, "stopping");
		ssize_t length = read(fd, buf_reserve(&p->text, 4096), 4096);
		if (length < 0 && errno != EINTR)
			return err_errno(e, "the command's output");
		if (length == 0)
			return true;
		p->text.length += length > 0 ? (size_t)length : 0;
		if (p->text.length > PROGRAM_BYTES_MAX)
			return err_set(e, ERR_IO,
				"the command printed more than %d KiB",
				PROGRAM_BYTES_MAX >> 10);
	}
}

/* Its output is closed: it ends soon, or is ended with its whole group. */
static int program_wait(
	const struct program *p, pid_t pid, bool is_patient, int64_t deadline_mono_ms)
{
	struct pollfd stop = {.fd = p->stop_fd, .events = POLLIN};
	int status = 0;
	while (is_patient && clock_mono_ms() < deadline_mono_ms) {
		if (waitpid(pid, &status, WNOHANG) == pid)
			return status;
		is_patient = poll(&stop, 1, 10) <= 0;
	}
	kill(-pid, SIGKILL);
	kill(pid, SIGKILL); /* it may have left its group */
	waitpid(pid, &status, 0);
	return status;
}

static bool program_run(struct program *p, struct reading *r, struct err *e)
{
	int ends[2];
	pid_t pid;
	if (pipe2(ends, O_CLOEXEC) != 0)
		return err_errno(e, "pipe");
	scoped_fd int in = ends[0];
	bool ok = program_spawn(r->spec->words, ends[1], &pid, e);
	close(ends[1]);
	if (!ok)
		return false;
	ok = program_listen(p, in, r->deadline_mono_ms, e);
	int status = program_wait(p, pid, ok, r->deadline_mono_ms);
	if (!ok)
		return false;
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return true;
	if (WIFEXITED(status))
		return err_set(e, ERR_IO, "the command ended with status %d",
			WEXITSTATUS(status));
	return err_set(
		e, ERR_IO, "the command was ended by signal %d", WTERMSIG(status));
}

static int program_figure(const char *name)
{
	int i = 0;
	while (i < QUEUE_SPEC_FIGURES && strcmp(name, queue_spec_figure_name(i)) != 0)
		i++;
	return i;
}

static bool program_take(struct reading *r, char *line, int number, struct err *e)
{
	char *words[4] = {0}, *rest = NULL, *end;
	int count = 0;
	for (char *word = strtok_r(line, " \t\r", &rest); word && count < 4;
		word = strtok_r(NULL, " \t\r", &rest))
		words[count++] = word;
	if (count == 0)
		return true;
	int figure = count > 1 && count < 4 ? program_figure(words[count - 2])
					    : QUEUE_FIGURE_DEPTH;
	double value = strtod(words[count - 1], &end);
	if (count == 4 || figure == QUEUE_SPEC_FIGURES || *end)
		return err_set(e, ERR_IO,
			"line %d of what the command printed is no [QUEUE] [FIGURE] "
			"NUMBER",
			number);
	struct wire_values *v = reading_queue(r, count == 3 ? words[0] : r->spec->name);
	if (v)
		figures_set(v, figure, value, r->at_unix_ms);
	return true;
}

bool program_read(struct program *p, struct reading *r, struct err *e)
{
	char *rest = NULL;
	int number = 0;
	buf_reset(&p->text);
	if (!program_run(p, r, e))
		return false;
	char *text = arena_strndup(
		r->arena, p->text.data ? p->text.data : "", p->text.length);
	for (char *line = strtok_r(text, "\n", &rest); line;
		line = strtok_r(NULL, "\n", &rest)) {
		if (!program_take(r, line, ++number, e))
			return false;
	}
	if (r->count == 0)
		return err_set(e, ERR_IO, "the command printed nothing");
	for (size_t i = 0; i < r->count; i++)
		figures_derive(&r->queues[i].values,
			known_get(&p->known, r->queues[i].of.name));
	return true;
}
