#include "agent/capture/opened.h"

#include "agent/capture/folder.h"
#include "agent/capture/inspector.h"
#include "agent/capture/turn.h"
#include "common/clock.h"
#include "common/scoped.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define OPENED_FILE "opened"

enum {
	OPENED_BOOT_MAX = 63,
	OPENED_FILE_MAX = OPENED_MAX * 128,
	OPENED_TURN_MS = 40 * 60 * 1000, /* longer than any capture may take */
	OPENED_TURN_POLL_MS = 500,
	OPENED_PATIENT_MS = 10 * 60 * 1000,
};

struct opened_line {
	int pid;
	uint64_t start_ticks;
	char boot[OPENED_BOOT_MAX + 1];
};

struct opened_table {
	struct opened_line lines[OPENED_MAX];
	size_t count;
};

static void opened_read_boot(const char *procfs, char out[OPENED_BOOT_MAX + 1])
{
	char path[512];
	snprintf(path, sizeof path, "%s/sys/kernel/random/boot_id", procfs);
	scoped_file FILE *file = fopen(path, "re");
	if (!file || fscanf(file, "%63s", out) != 1)
		strcpy(out, "unknown");
}

static void opened_load(int folder, struct opened_table *t)
{
	struct buf text = {0};
	t->count = 0;
	bool found = folder_read(folder, OPENED_FILE, OPENED_FILE_MAX, &text);
	const char *line = found && text.data ? text.data : "";
	while (*line && t->count < OPENED_MAX) {
		struct opened_line *l = &t->lines[t->count];
		t->count += sscanf(line, "%d %" SCNu64 " %63s", &l->pid,
				    &l->start_ticks, l->boot) == 3;
		line += strcspn(line, "\n");
		line += *line == '\n';
	}
	buf_finish(&text);
}

static bool opened_save(int folder, const struct opened_table *t, struct err *e)
{
	struct buf text = {0};
	for (size_t i = 0; i < t->count; i++)
		buf_printf(&text, "%d %" PRIu64 " %s\n", t->lines[i].pid,
			t->lines[i].start_ticks, t->lines[i].boot);
	bool ok = folder_write(
		folder, OPENED_FILE, text.data ? text.data : "", text.length, e);
	buf_finish(&text);
	return ok;
}

static bool opened_is(const struct opened_line *l, int pid, uint64_t start_ticks)
{
	return l->pid == pid && l->start_ticks == start_ticks;
}

static void opened_drop(struct opened_table *t, int pid, uint64_t start_ticks)
{
	size_t kept = 0;
	for (size_t i = 0; i < t->count; i++) {
		if (!opened_is(&t->lines[i], pid, start_ticks))
			t->lines[kept++] = t->lines[i];
	}
	t->count = kept;
}

/* The state directory, locked until it is closed. */
static int opened_lock(const struct opened *o, struct err *e)
{
	int folder = folder_open(o->state_dir, "", e);
	if (folder < 0 || flock(folder, LOCK_EX) == 0)
		return folder;
	err_errno(e, "cannot lock %s", o->state_dir);
	close(folder);
	return -1;
}

bool opened_note(const struct opened *o, const struct facts *facts, struct err *e)
{
	struct opened_table t;
	scoped_fd int folder = opened_lock(o, e);
	if (folder < 0)
		return err_wrap(e, "cannot note whose inspector is opened");
	opened_load(folder, &t);
	opened_drop(&t, facts->pid, facts->start_ticks);
	if (t.count == OPENED_MAX)
		return err_set(e, ERR_BUSY,
			"%s/" OPENED_FILE " names %d inspectors that do not close",
			o->state_dir, OPENED_MAX);
	struct opened_line *l = &t.lines[t.count++];
	*l = (struct opened_line){.pid = facts->pid, .start_ticks = facts->start_ticks};
	opened_read_boot(o->procfs, l->boot);
	return opened_save(folder, &t, e) ||
	       err_wrap(e, "cannot note whose inspector is opened");
}

static void opened_forget(const struct opened *o, int pid, uint64_t start_ticks)
{
	struct opened_table t;
	struct err ignored;
	scoped_fd int folder = opened_lock(o, &ignored);
	if (folder < 0)
		return;
	opened_load(folder, &t);
	size_t had = t.count;
	opened_drop(&t, pid, start_ticks);
	/* What stays noted is looked at once more, which does no harm. */
	if (t.count < had)
		opened_save(folder, &t, &ignored);
}

void opened_settle(const struct opened *o, const struct facts *facts)
{
	opened_forget(o, facts->pid, facts->start_ticks);
}

static bool opened_close_process(const struct opened *o, const struct facts *facts)
{
	struct err e;
	char words[600];
	bool was_open = false;
	const struct door_options door = {
		.route = DOOR_INSPECTOR,
		.procfs = o->procfs,
		.facts = facts,
		.stop_fd = -1,
		.close_ms = o->close_ms,
	};
	bool closed = inspector_close_leftover(&door, &was_open, &e);
	if (!closed)
		snprintf(words, sizeof words,
			"the inspector of process %d, of a capture that was killed, "
			"may be open: %.400s",
			facts->pid, e.text);
	else if (was_open)
		snprintf(words, sizeof words,
			"the inspector of process %d, of a capture that was killed, "
			"was closed",
			facts->pid);
	if (o->report && (was_open || !closed))
		o->report(o->context, closed, words);
	return closed;
}

/* Of this boot, and not another's number by now. */
static bool opened_lives(
	const struct opened *o, const struct opened_line *l, struct facts *facts)
{
	char boot[OPENED_BOOT_MAX + 1];
	struct err ignored;
	opened_read_boot(o->procfs, boot);
	return strcmp(boot, l->boot) == 0 &&
	       facts_read(o->procfs, l->pid, facts, &ignored) &&
	       facts->start_ticks == l->start_ticks;
}

static void opened_look(const struct opened *o, struct opened_table *t)
{
	struct err ignored;
	t->count = 0;
	scoped_fd int folder = folder_open(o->state_dir, "", &ignored);
	if (folder >= 0)
		opened_load(folder, t);
}

void opened_close(const struct opened *o)
{
	struct opened_table t;
	opened_look(o, &t);
	for (size_t i = 0; i < t.count; i++) {
		const struct opened_line *l = &t.lines[i];
		struct facts facts;
		if (!opened_lives(o, l, &facts) || opened_close_process(o, &facts))
			opened_forget(o, l->pid, l->start_ticks);
	}
}

/* Who has the turn may have opened what stands there, and closes it himself. */
static void opened_work_apart(const struct opened *o)
{
	struct opened patient = *o;
	struct turn turn;
	struct err ignored;
	int64_t end_ms = clock_mono_ms() + OPENED_TURN_MS;
	patient.close_ms = OPENED_PATIENT_MS;
	prctl(PR_SET_NAME, "tidemark-warden");
	setsid();
	/* The locks of who made us are not ours. */
	close_range(STDERR_FILENO + 1, ~0U, 0);
	signal(SIGPIPE, SIG_IGN);
	while (!turn_take(&turn, &ignored)) {
		if (clock_mono_ms() >= end_ms)
			return;
		usleep(OPENED_TURN_POLL_MS * 1000);
	}
	opened_close(&patient);
	turn_give(&turn);
}

void opened_close_apart(const struct opened *o)
{
	struct opened_table t;
	opened_look(o, &t);
	if (!t.count)
		return;
	/* Nobody's child, so that nobody has to wait for it. */
	pid_t pid = fork();
	if (pid == 0) {
		pid = fork();
		if (pid == 0)
			opened_work_apart(o);
		_exit(0);
	}
	while (pid > 0 && waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
}
