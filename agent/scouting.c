#include "agent/scouting.h"

#include "agent/beside.h"
#include "agent/capture/frames.h"
#include "common/arena.h"
#include "common/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <uthash.h>

enum {
	SCOUTING_AGAIN_MIN_MS = 1000,
	SCOUTING_AGAIN_MAX_MS = 5 * 60 * 1000,
	SCOUTING_STEADY_MS = 10 * 60 * 1000, /* one that lived so long begins anew */
	SCOUTING_CENSUS_MS = 3600 * 1000,
	SCOUTING_END_MS = 3000, /* its parts may take two seconds */
};

struct scouting_key {
	uint64_t start_ticks;
	int64_t pid;
};

struct scouting_joined {
	struct scouting_key key;
	uint64_t tick; /* the last one that had the process */
	char fingerprint[FINGERPRINT_HASH_DIGITS + 1];
	struct wire_values *values; /* NULL: none to be said; most never have any */
	int64_t census_ms;          /* when one was asked for last; 0: never */
	UT_hash_handle hh;
};

struct scouting {
	struct scouting_options options;
	char program[PATH_MAX];
	int epoll;
	pid_t child; /* 0: none */
	int to_fd;
	struct frames from;
	struct buf waiting; /* what the pipe has not taken yet */
	int64_t again_ms, pause_ms, started_ms;
	bool is_missing; /* there is no such program; said once */
	uint64_t crowd;  /* a sum over who was told; 0: nobody yet */
	uint64_t tick;
	struct scouting_joined *joined;
	uint64_t starts, stored, refused;
	struct arena own;    /* of the arguments */
	char **arguments;    /* NULL: those of the configuration */
	int64_t renew_by_ms; /* it is to end by itself before; 0: it is not to end */
	char last_end[160];
};

__attribute__((format(printf, 3, 4))) static void scouting_tell(
	struct scouting *s, enum log_level level, const char *format, ...)
{
	char text[600];
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(text, sizeof text, format, arguments);
	va_end(arguments);
	s->options.tell(s->options.context, level, text);
}

static bool scouting_find_program(struct scouting *s)
{
	if (s->options.program)
		return snprintf(s->program, sizeof s->program, "%s",
			       s->options.program) < (int)sizeof s->program;
	return beside_find("tidemark-scout", s->program);
}

struct scouting *scouting_create(const struct scouting_options *options)
{
	struct scouting *s = calloc(1, sizeof *s);
	BUG_ON(!s);
	s->options = *options;
	arena_init(&s->own);
	s->to_fd = s->from.fd = -1;
	s->pause_ms = SCOUTING_AGAIN_MIN_MS;
	s->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (s->epoll >= 0 && scouting_find_program(s))
		return s;
	scouting_destroy(s);
	return NULL;
}

static void scouting_forget_child(struct scouting *s)
{
	frames_finish(&s->from);
	s->from = (struct frames){.fd = -1};
	if (s->to_fd >= 0)
		close(s->to_fd);
	s->to_fd = -1;
	buf_reset(&s->waiting);
	s->crowd = 0;
	s->renew_by_ms = 0;
}

/* Its end is asked for by the end of its input. */
static void scouting_end(struct scouting *s)
{
	scouting_forget_child(s);
	int64_t until_ms = clock_mono_ms() + SCOUTING_END_MS;
	while (s->child) {
		pid_t got = waitpid(s->child, NULL, WNOHANG);
		if (got != 0 && !(got < 0 && errno == EINTR))
			s->child = 0;
		else if (clock_mono_ms() >= until_ms)
			kill(s->child, SIGKILL);
		if (s->child)
			usleep(10000);
	}
}

static void scouting_drop(struct scouting *s, struct scouting_joined *joined)
{
	HASH_DEL(s->joined, joined);
	free(joined->values);
	free(joined);
}

void scouting_destroy(struct scouting *s)
{
	if (!s)
		return;
	scouting_end(s);
	struct scouting_joined *joined, *next;
	HASH_ITER(hh, s->joined, joined, next)
	scouting_drop(s, joined);
	buf_finish(&s->waiting);
	arena_finish(&s->own);
	if (s->epoll >= 0)
		close(s->epoll);
	free(s);
}

static int scouting_spawn(struct scouting *s, int in, int out)
{
	static char name[] = "tidemark-scout";
	char *none[] = {name, NULL};
	char **arguments = s->arguments ? s->arguments : s->options.config->arguments;
	char *first = NULL;
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	sigset_t empty, all;
	sigemptyset(&empty);
	sigfillset(&all);
	posix_spawn_file_actions_init(&actions);
	posix_spawnattr_init(&attributes);
	posix_spawn_file_actions_adddup2(&actions, in, STDIN_FILENO);
	posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
	posix_spawnattr_setsigmask(&attributes, &empty);
	posix_spawnattr_setsigdefault(&attributes, &all);
	posix_spawnattr_setflags(
		&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
	if (arguments) {
		first = arguments[0];
		arguments[0] = name;
	}
	int reason = posix_spawn(&s->child, s->program, &actions, &attributes,
		arguments ? arguments : none, environ);
	if (arguments)
		arguments[0] = first;
	posix_spawn_file_actions_destroy(&actions);
	posix_spawnattr_destroy(&attributes);
	return reason;
}

static void scouting_later(struct scouting *s)
{
	int64_t now_ms = clock_mono_ms();
	if (now_ms - s->started_ms > SCOUTING_STEADY_MS)
		s->pause_ms = SCOUTING_AGAIN_MIN_MS;
	s->again_ms = now_ms + s->pause_ms;
	s->pause_ms = s->pause_ms * 2 > SCOUTING_AGAIN_MAX_MS ? SCOUTING_AGAIN_MAX_MS
							      : s->pause_ms * 2;
}

static void scouting_start(struct scouting *s)
{
	int in[2], out[2];
	s->started_ms = clock_mono_ms();
	if (pipe2(in, O_CLOEXEC) != 0)
		goto later;
	if (pipe2(out, O_CLOEXEC) != 0) {
		close(in[0]);
		close(in[1]);
		goto later;
	}
	int reason = scouting_spawn(s, in[0], out[1]);
	close(in[0]);
	close(out[1]);
	s->to_fd = in[1];
	s->from = (struct frames){.fd = out[0]};
	if (reason != 0) {
		s->child = 0;
		scouting_forget_child(s);
		if (!s->is_missing)
			scouting_tell(s, LOG_WARN,
				"cannot start %s: %s: only memory and CPU are read",
				s->program, strerror(reason));
		s->is_missing = true;
		goto later;
	}
	s->is_missing = false;
	s->starts++;
	fcntl(s->to_fd, F_SETFL, O_NONBLOCK);
	fcntl(s->from.fd, F_SETFL, O_NONBLOCK);
	struct epoll_event event = {.events = EPOLLIN};
	BUG_ON(epoll_ctl(s->epoll, EPOLL_CTL_ADD, s->from.fd, &event) != 0);
	return;
later:
	scouting_later(s);
}

static void scouting_ended(struct scouting *s, const char *why)
{
	snprintf(s->last_end, sizeof s->last_end, "%.159s", why);
	scouting_tell(s, LOG_WARN, "the scout is started again: %s", why);
	scouting_end(s);
	scouting_later(s);
}

/* False: the pipe is broken. */
static bool scouting_flush(struct scouting *s)
{
	while (s->waiting.length) {
		ssize_t put = write(s->to_fd, s->waiting.data, s->waiting.length);
		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0)
			return errno == EAGAIN;
		memmove(s->waiting.data, s->waiting.data + put,
			s->waiting.length - (size_t)put);
		s->waiting.length -= (size_t)put;
	}
	return true;
}

static struct scouting_joined *scouting_find(
	struct scouting *s, uint32_t pid, uint64_t start_ticks, bool make)
{
	const struct scouting_key key = {start_ticks, pid};
	struct scouting_joined *joined;
	HASH_FIND(hh, s->joined, &key, sizeof key, joined);
	if (joined || !make)
		return joined;
	joined = calloc(1, sizeof *joined);
	BUG_ON(!joined);
	joined->key = key;
	joined->tick = s->tick;
	HASH_ADD(hh, s->joined, key, sizeof joined->key, joined);
	return joined;
}

static void scouting_put(struct wire_values *to, const struct wire_values *from)
{
	for (unsigned m = 0; m < METRIC_PROCESS_COUNT; m++)
		if (from->present >> m & 1)
			to->value[m] = from->value[m];
	to->present |= from->present;
}

static void scouting_join(struct scouting *s, const struct wire_batch *batch)
{
	for (size_t i = 0; i < batch->process_count; i++) {
		const struct wire_process *p = &batch->processes[i];
		if (!p->fingerprint || !p->fingerprint[0])
			continue;
		struct scouting_joined *joined = scouting_find(
			s, p->pid, p->start_ticks, true);
		snprintf(joined->fingerprint, sizeof joined->fingerprint, "%s",
			p->fingerprint);
	}
	for (size_t t = 0; t < batch->tick_count; t++) {
		const struct wire_tick *tick = &batch->ticks[t];
		for (size_t i = 0; i < tick->sample_count; i++) {
			const struct wire_process *p =
				&batch->processes[tick->samples[i].process];
			struct scouting_joined *joined = scouting_find(
				s, p->pid, p->start_ticks, true);
			const struct wire_values *said = &tick->samples[i].values;
			if (!joined->values)
				joined->values = calloc(1, sizeof *joined->values);
			BUG_ON(!joined->values);
			scouting_put(joined->values, said);
		}
	}
}

/* Decoded in any case: nothing goes into the spool that the server would refuse. */
static bool scouting_hear(struct scouting *s, enum frames_kind kind,
	const struct buf *bytes, struct err *e)
{
	struct arena arena;
	struct wire_batch batch;
	uint64_t sequence;
	int64_t now_ms = clock_unix_ms();
	arena_init(&arena);
	bool ok = wire_batch_decode(
		bytes->data, bytes->length, now_ms, &arena, &batch, e);
	if (ok && kind == FRAMES_JOIN)
		scouting_join(s, &batch);
	else if (ok && kind == FRAMES_BATCH) {
		struct err trouble;
		if (spool_append(s->options.spool, bytes->data, bytes->length, now_ms,
			    &sequence, &trouble))
			s->stored++;
		else
			s->refused++;
	} else if (ok)
		ok = err_set(e, ERR_INPUT, "a frame that is not for the agent");
	arena_finish(&arena);
	return ok;
}

static bool scouting_read(struct scouting *s, struct err *e)
{
	struct buf bytes = {0};
	bool found = true;
	bool ok = frames_read(&s->from, e);
	while (ok && found) {
		enum frames_kind kind;
		buf_reset(&bytes);
		/* It speaks for as long as the agent runs, and at first of every
		 * process twice: the limit is that of a helper, which has little to
		 * say. */
		s->from.count = 0;
		ok = frames_next(&s->from, &kind, &bytes, &found, e) &&
		     (!found || scouting_hear(s, kind, &bytes, e));
	}
	buf_finish(&bytes);
	/* What it said at its start is many times what it says later. */
	if (!s->from.bytes.length)
		buf_finish(&s->from.bytes);
	if (ok && s->from.has_ended)
		ok = err_set(e, ERR_IO, "it ended");
	return ok;
}

/* One that is to end has ended, or does not. */
static void scouting_renew(struct scouting *s, bool reads)
{
	if (reads && clock_mono_ms() < s->renew_by_ms)
		return;
	if (reads)
		kill(s->child, SIGKILL);
	scouting_end(s);
	scouting_start(s);
}

void scouting_run(struct scouting *s)
{
	struct err e;
	if (!s)
		return;
	if (!s->child) {
		if (clock_mono_ms() >= s->again_ms)
			scouting_start(s);
		return;
	}
	bool reads = scouting_read(s, &e);
	if (s->renew_by_ms)
		scouting_renew(s, reads);
	else if (!reads)
		scouting_ended(s, e.text);
	else if (!scouting_flush(s))
		scouting_ended(s, "it does not listen");
}

void scouting_tune(struct scouting *s, char *const *arguments)
{
	size_t count = 0;
	if (!s)
		return;
	while (arguments && arguments[count])
		count++;
	arena_reset(&s->own);
	s->arguments = count ? arena_array(&s->own, count + 1, sizeof *s->arguments)
			     : NULL;
	for (size_t i = 0; i < count; i++)
		s->arguments[i] = arena_strdup(&s->own, arguments[i]);
	if (!s->child || s->renew_by_ms)
		return;
	/* Its end is asked for by the end of its input; what it says until then is
	 * heard. */
	close(s->to_fd);
	s->to_fd = -1;
	s->renew_by_ms = clock_mono_ms() + SCOUTING_END_MS;
}

pid_t scouting_child(const struct scouting *s)
{
	return s ? s->child : 0;
}

/* Who is told: a number that changes with them (FNV-1a). */
static uint64_t scouting_sum(const struct processes_tick *tick)
{
	uint64_t sum = UINT64_C(14695981039346656037);
	for (size_t i = 0; i < tick->count; i++) {
		const struct wire_process *p = &tick->processes[i];
		const uint64_t parts[] = {p->pid, p->start_ticks, p->slot};
		for (size_t k = 0; k < 3; k++)
			sum = (sum ^ parts[k]) * UINT64_C(1099511628211);
		for (const char *c = p->service; *c; c++)
			sum = (sum ^ (unsigned char)*c) * UINT64_C(1099511628211);
	}
	return sum ? sum : 1;
}

/* False: what is said breaks a limit of the wire. */
static bool scouting_say(struct scouting *s, enum frames_kind kind,
	struct wire_process *processes, size_t count)
{
	struct wire_batch batch = batch_about(s->options.host, NULL);
	batch.processes = processes;
	batch.process_count = count;
	struct buf bytes = {0};
	struct err e;
	bool ok = wire_batch_encode(&batch, &bytes, &e);
	if (ok) {
		uint32_t length = (uint32_t)bytes.length;
		char letter = (char)kind;
		buf_append(&s->waiting, &length, sizeof length);
		buf_append(&s->waiting, &letter, 1);
		buf_append(&s->waiting, bytes.data, bytes.length);
	} else {
		scouting_tell(s, LOG_WARN, "the scout is not told: %s", e.text);
	}
	buf_finish(&bytes);
	scouting_flush(s);
	return ok;
}

void scouting_ask_census(struct scouting *s, uint32_t pid, uint64_t start_ticks)
{
	if (!s || s->to_fd < 0 || s->waiting.length)
		return; /* the server asks again */
	struct scouting_joined *joined = scouting_find(s, pid, start_ticks, true);
	int64_t now_ms = clock_mono_ms();
	if (joined->census_ms && now_ms - joined->census_ms < SCOUTING_CENSUS_MS)
		return;
	joined->census_ms = now_ms;
	struct wire_process process = {.service = "?",
		.version = "",
		.runtime = "",
		.rule = "",
		.command = "",
		.pid = pid,
		.start_ticks = start_ticks,
		.started_unix_ms = WIRE_TIME_MIN_MS};
	if (scouting_say(s, FRAMES_CENSUS, &process, 1))
		scouting_tell(s, LOG_INFO, "the server asks for a census of process %u",
			(unsigned)pid);
}

static void scouting_tell_crowd(struct scouting *s, const struct processes_tick *tick)
{
	uint64_t sum = scouting_sum(tick);
	if (s->to_fd < 0 || sum == s->crowd || s->waiting.length)
		return;
	if (scouting_say(s, FRAMES_CROWD, tick->processes, tick->count))
		s->crowd = sum;
}

static void scouting_tidy(struct scouting *s)
{
	struct scouting_joined *joined, *next;
	HASH_ITER(hh, s->joined, joined, next)
	{
		if (joined->tick + 1 >= s->tick)
			continue;
		scouting_drop(s, joined);
	}
}

void scouting_tick(struct scouting *s, struct processes_tick *tick, struct arena *a)
{
	if (!s)
		return;
	s->tick++;
	scouting_run(s);
	for (size_t i = 0; i < tick->count; i++) {
		struct wire_process *p = &tick->processes[i];
		struct scouting_joined *joined = scouting_find(
			s, p->pid, p->start_ticks, false);
		if (!joined)
			continue;
		joined->tick = s->tick;
		p->fingerprint = arena_strdup(a, joined->fingerprint);
		if (!joined->values)
			continue;
		scouting_put(&tick->samples[i].values, joined->values);
		free(joined->values);
		joined->values = NULL;
	}
	scouting_tidy(s);
	scouting_tell_crowd(s, tick);
}

int scouting_fd(const struct scouting *s)
{
	return s->epoll;
}

int64_t scouting_due_ms(const struct scouting *s)
{
	if (!s)
		return INT64_MAX;
	if (s->child)
		return s->renew_by_ms ? s->renew_by_ms : INT64_MAX;
	return s->again_ms;
}

void scouting_format(const struct scouting *s, struct buf *out)
{
	if (!s)
		return;
	buf_printf(out, "scout            %s, started %llu times, %llu findings%s%s\n",
		s->child ? "runs" : "does not run", (unsigned long long)s->starts,
		(unsigned long long)s->stored, s->last_end[0] ? "; ended last: " : "",
		s->last_end);
}
