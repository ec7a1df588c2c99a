#include "agent/capture/job.h"

#include "agent/capture/brief.h"
#include "agent/capture/frames.h"
#include "agent/capture/helper.h"
#include "agent/capture/notice.h"
#include "common/arena.h"
#include "common/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
	JOB_QUOTE_MS = 2 * 60 * 1000,
	JOB_WORK_MS = 30 * 60 * 1000,
	/* The warden of a target that does not come back to answer. */
	JOB_WARDEN_MS = 11 * 60 * 1000,
	JOB_DESTROY_MS = 2000,
	JOB_STOP_MS = 1000, /* of these, to stop by itself */
	JOB_EXIT_MS = 300,  /* from its last word to its end */
};

struct job {
	pid_t child; /* 0: reaped */
	int status;
	int stdin_fd; /* open: go on */
	struct frames frames;
	struct arena arena;
	struct brief about; /* a copy of what the child was told */
	int64_t limit_ms, deadline_mono_ms;
	bool is_killed, has_last, has_ended;
	bool has_alarm;   /* the warden could not close */
	char why[400];    /* we ended it */
	char warden[400]; /* what the warden said, "" */
};

static bool job_set_up_pipes(int in[2], int out[2], struct err *e)
{
	if (pipe2(in, O_CLOEXEC) != 0)
		return err_errno(e, "pipe");
	if (pipe2(out, O_CLOEXEC) == 0)
		return true;
	err_errno(e, "pipe");
	close(in[0]);
	close(in[1]);
	return false;
}

/* With our own signals unblocked, in a group of its own that can be ended as one. */
static int job_spawn_with(posix_spawn_file_actions_t *actions,
	posix_spawnattr_t *attributes, int in, int out, pid_t *child)
{
	static char program[] = "tidemark-agent", command[] = "snapshot-job";
	char *arguments[] = {program, command, NULL};
	sigset_t none, all;
	sigemptyset(&none);
	sigfillset(&all);
	posix_spawn_file_actions_adddup2(actions, in, STDIN_FILENO);
	posix_spawn_file_actions_adddup2(actions, out, STDOUT_FILENO);
	posix_spawnattr_setsigmask(attributes, &none);
	posix_spawnattr_setsigdefault(attributes, &all);
	posix_spawnattr_setpgroup(attributes, 0);
	posix_spawnattr_setflags(attributes,
		POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
	return posix_spawn(
		child, "/proc/self/exe", actions, attributes, arguments, environ);
}

static bool job_spawn(int in, int out, pid_t *child, struct err *e)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	posix_spawn_file_actions_init(&actions);
	posix_spawnattr_init(&attributes);
	int reason = job_spawn_with(&actions, &attributes, in, out, child);
	posix_spawn_file_actions_destroy(&actions);
	posix_spawnattr_destroy(&attributes);
	if (reason == 0)
		return true;
	errno = reason;
	return err_errno(e, "cannot start the capture's helper");
}

static int64_t job_limit_ms(
	const struct job_settings *settings, const struct job_order *order)
{
	if (settings->limit_ms)
		return settings->limit_ms;
	bool is_quote = !order->file && order->order->kind == SNAPSHOT_ORDER_QUOTE;
	return is_quote ? JOB_QUOTE_MS : JOB_WORK_MS;
}

/* The brief is smaller than a pipe, so that it is taken at once. */
static bool job_begin(struct job *j, const struct buf *brief, struct err *e)
{
	int in[2], out[2];
	if (!job_set_up_pipes(in, out, e))
		return false;
	bool ok = job_spawn(in[0], out[1], &j->child, e);
	close(in[0]);
	close(out[1]);
	j->stdin_fd = in[1];
	j->frames.fd = out[0];
	if (!ok)
		return false;
	fcntl(out[0], F_SETFL, O_NONBLOCK);
	fcntl(in[1], F_SETFL, O_NONBLOCK);
	/* A child that is dead already is told of by its end. */
	return write(in[1], brief->data, brief->length) >= 0 || errno == EPIPE ||
	       err_errno(e, "cannot tell the capture's helper what to do");
}

bool job_start(const struct job_settings *settings, const struct job_order *order,
	struct job **out, struct err *e)
{
	struct buf brief = {0};
	if (!brief_encode(settings, order, &brief, e))
		return false;
	struct job *j = calloc(1, sizeof *j);
	BUG_ON(!j);
	arena_init(&j->arena);
	j->stdin_fd = j->frames.fd = -1;
	j->limit_ms = job_limit_ms(settings, order);
	j->deadline_mono_ms = clock_mono_ms() + j->limit_ms;
	bool ok = brief_decode(brief.data + sizeof(uint32_t),
			  brief.length - sizeof(uint32_t), &j->arena, &j->about, e) &&
		  job_begin(j, &brief, e);
	buf_finish(&brief);
	if (ok)
		*out = j;
	else
		job_destroy(j);
	return ok;
}

int job_fd(const struct job *j)
{
	return j->frames.fd;
}

static void job_kill(struct job *j, const char *why)
{
	if (j->is_killed || !j->child)
		return;
	j->is_killed = true;
	snprintf(j->why, sizeof j->why, "%.399s", why);
	kill(-j->child, SIGKILL);
	kill(j->child, SIGKILL);
	j->deadline_mono_ms = clock_mono_ms() + JOB_WARDEN_MS;
}

static void job_reap(struct job *j, int flags)
{
	pid_t got;
	if (!j->child)
		return;
	do
		got = waitpid(j->child, &j->status, flags);
	while (got < 0 && errno == EINTR);
	if (got != 0)
		j->child = 0;
}

/* Why there was no last word. */
static void job_explain(const struct job *j, char *out, size_t size)
{
	int signal_number = WIFSIGNALED(j->status) ? WTERMSIG(j->status) : 0;
	const char *how = "ended before it was done";
	if (j->is_killed)
		how = j->why;
	else if (signal_number == SIGXCPU)
		how = "used more processor time than it may";
	else if (signal_number == SIGKILL)
		how = "was ended from outside; the machine may be short of memory";
	else if (signal_number == SIGABRT || signal_number == SIGSEGV)
		how = "ran out of its memory, or met a mistake of its own";
	snprintf(out, size, "the capture's helper %s%s%s", how,
		j->warden[0] ? "; " : "", j->warden);
}

static void job_say(
	struct job *j, const struct snapshot_event *event, struct buf *batch)
{
	struct err e;
	/* One event always fits. */
	BUG_ON(!notice_encode(&j->about.about, event, NULL, batch, &e));
}

static void job_say_failed(struct job *j, struct buf *batch)
{
	char words[900];
	job_explain(j, words, sizeof words);
	const struct snapshot_event event = {
		.capture = j->about.order.capture,
		.at_unix_ms = clock_unix_ms(),
		.state = SNAPSHOT_FAILED,
		.text = words,
		.actor = j->about.actor,
	};
	job_say(j, &event, batch);
}

/* The capture has its end already: what is wrong behind it is a word of its own. */
static void job_say_alarm(struct job *j, struct buf *batch)
{
	const struct snapshot_event event = {
		.at_unix_ms = clock_unix_ms(),
		.state = SNAPSHOT_FAILED,
		.text = j->warden[0] ? j->warden : "ITS INSPECTOR IS STILL OPEN",
		.actor = "the capture's warden",
	};
	job_say(j, &event, batch);
}

static void job_take_warden(struct job *j, const struct buf *words)
{
	j->has_alarm |= words->length > 0 && words->data[0] == 'n';
	if (words->length > 1)
		snprintf(j->warden, sizeof j->warden, "%s", words->data + 1);
}

/* True: there is a batch. */
static bool job_take_frame(
	struct job *j, struct buf *batch, struct err *e, bool *failed)
{
	for (;;) {
		enum frames_kind kind;
		bool found;
		struct buf words = {0};
		if (!frames_next(&j->frames, &kind, &words, &found, e)) {
			*failed = true;
			return false;
		}
		bool is_batch = found && kind != FRAMES_WARDEN && !j->has_last;
		if (is_batch)
			buf_append(batch, words.data, words.length);
		else if (found && kind == FRAMES_WARDEN)
			job_take_warden(j, &words);
		buf_finish(&words);
		if (is_batch)
			j->has_last = kind == FRAMES_LAST;
		if (is_batch || !found)
			return is_batch;
	}
}

/* Who closes its stdout is about to end; who does not is ended. */
static void job_see_off(struct job *j)
{
	for (int wait_ms = 0; wait_ms < JOB_EXIT_MS; wait_ms += 10) {
		job_reap(j, WNOHANG);
		if (!j->child)
			return;
		usleep(10 * 1000);
	}
	job_kill(j, "stopped talking and was ended");
	job_reap(j, 0);
}

static enum job_state job_end(struct job *j, struct buf *batch)
{
	j->has_ended = true;
	job_see_off(j);
	if (!j->has_last)
		job_say_failed(j, batch);
	else if (j->has_alarm)
		job_say_alarm(j, batch);
	else
		return JOB_ENDED;
	j->has_last = true;
	return JOB_BATCH;
}

static void job_check_deadline(struct job *j)
{
	char why[100];
	if (clock_mono_ms() < j->deadline_mono_ms)
		return;
	if (j->is_killed || !j->child) {
		j->frames.has_ended = true;
		snprintf(j->warden, sizeof j->warden,
			"whether its inspector is closed is not known");
		return;
	}
	snprintf(why, sizeof why, "took longer than %lld s and was ended",
		(long long)j->limit_ms / 1000);
	job_kill(j, why);
}

enum job_state job_read(struct job *j, struct buf *batch)
{
	struct err e;
	bool failed = false;
	if (j->has_ended)
		return JOB_ENDED;
	if (!frames_read(&j->frames, &e))
		failed = true;
	else if (job_take_frame(j, batch, &e, &failed))
		return JOB_BATCH;
	if (failed) {
		/* Nothing it says can be made out from here on, the warden's words
		 * neither. */
		job_kill(j, e.text);
		j->frames.has_ended = true;
	}
	job_check_deadline(j);
	job_reap(j, WNOHANG);
	return j->frames.has_ended ? job_end(j, batch) : JOB_WAITS;
}

/* Until the child and its warden have closed their end. */
static bool job_wait_end(struct job *j, int64_t until_mono_ms)
{
	char dropped[4096];
	while (j->frames.fd >= 0) {
		int64_t rest_ms = until_mono_ms - clock_mono_ms();
		struct pollfd poll_fd = {.fd = j->frames.fd, .events = POLLIN};
		if (rest_ms <= 0 || poll(&poll_fd, 1, (int)rest_ms) < 0)
			return false;
		if (poll_fd.revents && read(j->frames.fd, dropped, sizeof dropped) == 0)
			return true;
	}
	return true;
}

void job_destroy(struct job *j)
{
	if (!j)
		return;
	int64_t now_ms = clock_mono_ms();
	if (j->stdin_fd >= 0)
		close(j->stdin_fd); /* the word to stop */
	if (j->child && !j->has_ended && !job_wait_end(j, now_ms + JOB_STOP_MS)) {
		job_kill(j, "was stopped");
		job_wait_end(j, now_ms + JOB_DESTROY_MS);
	}
	if (j->child) {
		job_kill(j, "was stopped");
		job_reap(j, 0);
	}
	frames_finish(&j->frames);
	arena_finish(&j->arena);
	free(j);
}

int job_main(void)
{
	return helper_run();
}
