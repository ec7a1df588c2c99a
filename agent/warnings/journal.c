#include "agent/warnings/journal.h"

#include "common/clock.h"
#include "common/err.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <inttypes.h>
#include <jansson.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
	JOURNAL_AGAIN_MIN_MS = 1000,
	JOURNAL_AGAIN_MAX_MS = 5 * 60 * 1000,
	JOURNAL_STEADY_MS = 10 * 60 * 1000,
	JOURNAL_LATE_MS = 30000,
	JOURNAL_LOOK_MS = 250,              /* of reading at a time */
	JOURNAL_CURSOR_MS = 10 * 60 * 1000, /* an older one is not gone back to */
};

struct journal {
	struct journal_options options;
	char cursor[256];
	pid_t child; /* 0: none */
	int fd;
	struct buf line, scratch;
	bool is_dropping;
	int64_t again_ms, pause_ms, started_ms;
	int64_t pipe_bytes;
	int64_t full_since_ms; /* 0: there was room in the pipe */
	uint64_t skips;
	char trouble[200];
};

/* A text, or a list of bytes where it is not UTF-8; null where it was too long. */
static bool journal_message(const json_t *value, struct buf *out)
{
	buf_reset(out);
	if (json_is_string(value))
		buf_append(out, json_string_value(value), json_string_length(value));
	else if (json_is_array(value)) {
		for (size_t i = 0; i < json_array_size(value); i++) {
			const json_t *byte = json_array_get(value, i);
			buf_byte(out, (char)json_integer_value(byte));
		}
	} else
		return false;
	if (!out->length)
		return false;
	size_t end = strcspn(out->data, "\n");
	out->length = end < JOURNAL_MESSAGE_MAX ? end : JOURNAL_MESSAGE_MAX;
	return out->length > 0;
}

/* A field that came several times is a list. */
static const char *journal_text(const json_t *entry, const char *name)
{
	const json_t *value = json_object_get(entry, name);
	const char *text = json_string_value(
		json_is_array(value) ? json_array_get(value, 0) : value);
	return text ? text : "";
}

bool journal_parse(const char *line, size_t length, struct buf *scratch,
	struct journal_entry *out, char cursor[256])
{
	static _Thread_local char unit[256];
	json_t *entry = json_loadb(line, length, JSON_ALLOW_NUL, NULL);
	bool ok = json_is_object(entry);
	if (ok) {
		const char *at = journal_text(entry, "__CURSOR");
		if (*at && strlen(at) < 256)
			snprintf(cursor, 256, "%s", at);
		ok = journal_message(json_object_get(entry, "MESSAGE"), scratch);
	}
	if (ok) {
		unsigned long pid = strtoul(journal_text(entry, "_PID"), NULL, 10);
		uint64_t at_us = strtoull(
			journal_text(entry, "__REALTIME_TIMESTAMP"), NULL, 10);
		snprintf(unit, sizeof unit, "%s", journal_text(entry, "_SYSTEMD_UNIT"));
		*out = (struct journal_entry){
			.pid = pid <= INT32_MAX ? (uint32_t)pid : 0,
			.is_kernel = strcmp(journal_text(entry, "_TRANSPORT"),
					     "kernel") == 0,
			.unit = unit,
			.message = scratch->data,
			.length = scratch->length,
			.at_unix_ms = (int64_t)(at_us / 1000 % (UINT64_C(1) << 52))};
	}
	json_decref(entry);
	return ok;
}

static void journal_load(struct journal *j, const char *saved, int64_t now_unix_ms)
{
	char cursor[256];
	int64_t at_ms;
	const char *line = strncmp(saved, "journal ", 8) == 0
				   ? saved
				   : strstr(saved, "\njournal ");
	if (line &&
		sscanf(line + (*line == '\n'), "journal %" SCNd64 " %255s", &at_ms,
			cursor) == 2 &&
		now_unix_ms >= at_ms && now_unix_ms - at_ms < JOURNAL_CURSOR_MS)
		snprintf(j->cursor, sizeof j->cursor, "%s", cursor);
}

struct journal *journal_create(
	const struct journal_options *options, const char *saved, int64_t now_unix_ms)
{
	struct journal *j = calloc(1, sizeof *j);
	BUG_ON(!j);
	j->options = *options;
	j->fd = -1;
	j->pause_ms = JOURNAL_AGAIN_MIN_MS;
	journal_load(j, saved, now_unix_ms);
	return j;
}

static void journal_end(struct journal *j)
{
	if (j->fd >= 0)
		close(j->fd);
	j->fd = -1;
	buf_reset(&j->line);
	j->is_dropping = false;
	if (!j->child)
		return;
	kill(j->child, SIGKILL);
	while (waitpid(j->child, NULL, 0) < 0 && errno == EINTR)
		;
	j->child = 0;
}

void journal_destroy(struct journal *j)
{
	if (!j)
		return;
	journal_end(j);
	buf_finish(&j->line);
	buf_finish(&j->scratch);
	free(j);
}

bool journal_works(const struct journal *j)
{
	return j->fd >= 0;
}

const char *journal_trouble(const struct journal *j)
{
	return j->trouble;
}

static bool journal_can_read(struct journal *j)
{
	static const char *const usual[] = {
		"/var/log/journal", "/run/log/journal", NULL};
	const char *const *folder = j->options.folders ? j->options.folders : usual;
	bool exists = false, can = false;
	for (; *folder && !can; folder++) {
		char pattern[512];
		glob_t found;
		/* A folder that cannot be listed shows nothing of what is in it. */
		exists |= access(*folder, F_OK) == 0;
		snprintf(pattern, sizeof pattern, "%s/*/*.journal", *folder);
		if (glob(pattern, GLOB_NOSORT, NULL, &found) == 0)
			for (size_t i = 0; i < found.gl_pathc && !can; i++)
				can = strstr(found.gl_pathv[i], "/system") &&
				      access(found.gl_pathv[i], R_OK) == 0;
		globfree(&found);
	}
	if (!can)
		snprintf(j->trouble, sizeof j->trouble, "%s",
			exists ? "no file of the journal can be read; add the agent's "
				 "user to the group systemd-journal"
			       : "there is no journal on this host");
	return can;
}

static void journal_later(struct journal *j, int64_t now_ms)
{
	if (now_ms - j->started_ms > JOURNAL_STEADY_MS)
		j->pause_ms = JOURNAL_AGAIN_MIN_MS;
	j->again_ms = now_ms + j->pause_ms;
	j->pause_ms = j->pause_ms * 2 > JOURNAL_AGAIN_MAX_MS ? JOURNAL_AGAIN_MAX_MS
							     : j->pause_ms * 2;
}

static int journal_spawn(struct journal *j, int out)
{
	char from[300];
	if (j->cursor[0])
		snprintf(from, sizeof from, "--after-cursor=%s", j->cursor);
	else
		snprintf(from, sizeof from, "--since=now");
	static char words[][72] = {"journalctl", "--follow", "--no-tail", "--quiet",
		"--output=json",
		"--output-fields=MESSAGE,_PID,_SYSTEMD_UNIT,_TRANSPORT"};
	char *const arguments[] = {
		words[0], words[1], words[2], words[3], words[4], words[5], from, NULL};
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	sigset_t empty, all;
	sigemptyset(&empty);
	sigfillset(&all);
	posix_spawn_file_actions_init(&actions);
	posix_spawnattr_init(&attributes);
	posix_spawn_file_actions_addopen(
		&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
	posix_spawn_file_actions_addopen(
		&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
	/* Other parts have connections, and libraries that do not mark all of theirs.
	 */
	posix_spawn_file_actions_addclosefrom_np(&actions, STDERR_FILENO + 1);
	posix_spawnattr_setsigmask(&attributes, &empty);
	posix_spawnattr_setsigdefault(&attributes, &all);
	posix_spawnattr_setflags(
		&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
	int reason = posix_spawnp(&j->child, j->options.program, &actions, &attributes,
		arguments, environ);
	posix_spawn_file_actions_destroy(&actions);
	posix_spawnattr_destroy(&attributes);
	return reason;
}

static void journal_start(struct journal *j, int64_t now_ms)
{
	int ends[2];
	j->started_ms = now_ms;
	if (!journal_can_read(j) || pipe2(ends, O_CLOEXEC) != 0) {
		journal_later(j, now_ms);
		return;
	}
	int reason = journal_spawn(j, ends[1]);
	close(ends[1]);
	if (reason != 0) {
		snprintf(j->trouble, sizeof j->trouble, "%s: %s", j->options.program,
			strerror(reason));
		close(ends[0]);
		j->child = 0;
		journal_later(j, now_ms);
		return;
	}
	j->fd = ends[0];
	fcntl(j->fd, F_SETFL, O_NONBLOCK);
	fcntl(j->fd, F_SETPIPE_SZ, JOURNAL_PIPE_BYTES);
	j->pipe_bytes = fcntl(j->fd, F_GETPIPE_SZ);
	j->full_since_ms = 0;
	j->trouble[0] = '\0';
	if (j->skips)
		snprintf(j->trouble, sizeof j->trouble,
			"more was written than is read; %" PRIu64
			" times what came between was skipped",
			j->skips);
}

static void journal_line(struct journal *j, const char *line, size_t length)
{
	struct journal_entry entry;
	if (journal_parse(line, length, &j->scratch, &entry, j->cursor))
		j->options.on_entry(j->options.context, &entry);
}

static void journal_feed(struct journal *j, const char *bytes, size_t length)
{
	while (length > 0) {
		const char *stop = memchr(bytes, '\n', length);
		size_t part = stop ? (size_t)(stop - bytes) : length;
		if (!j->is_dropping && j->line.length + part > JOURNAL_ENTRY_MAX) {
			j->is_dropping = true;
			buf_reset(&j->line);
		}
		if (!j->is_dropping)
			buf_append(&j->line, bytes, part);
		if (stop) {
			if (!j->is_dropping)
				journal_line(j, j->line.data, j->line.length);
			j->is_dropping = false;
			buf_reset(&j->line);
		}
		part += stop != NULL;
		bytes += part;
		length -= part;
	}
}

/* False: the child has ended. */
static bool journal_read(struct journal *j, int64_t now_ms)
{
	char block[16 << 10];
	int64_t done = 0, until_ms = clock_mono_ms() + JOURNAL_LOOK_MS;
	bool is_late = false;
	while (done < j->pipe_bytes && !is_late) {
		ssize_t got = read(j->fd, block, sizeof block);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0 && errno == EAGAIN)
			break;
		if (got <= 0)
			return false;
		done += got;
		journal_feed(j, block, (size_t)got);
		is_late = clock_mono_ms() >= until_ms;
	}
	if (done < j->pipe_bytes && !is_late)
		j->full_since_ms = 0;
	else if (!j->full_since_ms)
		j->full_since_ms = now_ms;
	return true;
}

void journal_run(struct journal *j, int64_t now_ms)
{
	if (j->fd < 0) {
		if (now_ms < j->again_ms)
			return;
		journal_start(j, now_ms);
	}
	if (j->fd < 0)
		return;
	if (j->full_since_ms && now_ms - j->full_since_ms > JOURNAL_LATE_MS) {
		journal_end(j);
		j->cursor[0] = '\0';
		j->skips++;
		journal_start(j, now_ms);
	} else if (!journal_read(j, now_ms)) {
		journal_end(j);
		snprintf(j->trouble, sizeof j->trouble, "journalctl ended");
		journal_later(j, now_ms);
	}
}

void journal_save(const struct journal *j, int64_t now_unix_ms, struct buf *out)
{
	if (j->cursor[0])
		buf_printf(out, "journal %" PRId64 " %s\n", now_unix_ms, j->cursor);
}
