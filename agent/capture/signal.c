#include "agent/capture/channel.h"
#include "agent/capture/procfile.h"
#include "agent/capture/route.h"
#include "common/buf.h"
#include "common/clock.h"
#include "common/scoped.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

enum {
	SIGNAL_POLL_MS = 50,
	SIGNAL_STABLE_MS = 300, /* without growth, with its end: it is whole */
	SIGNAL_READ_BYTES = 256 << 10,
	SIGNAL_ENTRIES_MAX = 65536,
	SIGNAL_NAME_MAX = 256,
	/* A file has about 1.8 bytes per byte of live heap, at most all its memory. */
	SIGNAL_ROOM_FACTOR = 2,
	SIGNAL_ROOM_MORE = 64 << 20,
};

/* Up to version 18 Node.js writes to its working directory whatever it was told, so
 * both are looked at. */
struct signal_state {
	int folders[2];
	size_t folder_count;
	struct buf before; /* names of files that were there, each with its NUL */
};

/* A file of ours, in folders[folder]. */
struct signal_file {
	size_t folder;
	char name[SIGNAL_NAME_MAX];
};

/* Heap.20261122.120905.4711.0.001.heapsnapshot: date, time, process, thread, number. */
static bool signal_is_of(const char *name, int pid)
{
	int of;
	char rest[32];
	return sscanf(name, "Heap.%*8[0-9].%*6[0-9].%d.%*d.%*d.%31s", &of, rest) == 2 &&
	       of == pid && !strcmp(rest, "heapsnapshot");
}

static bool signal_was_there(const struct signal_state *s, const char *name)
{
	const char *end = s->before.data + s->before.length;
	for (const char *c = s->before.data; c && c < end; c += strlen(c) + 1) {
		if (!strcmp(c, name))
			return true;
	}
	return false;
}

/* Calls `each` until it says true. */
static bool signal_list_folder(struct door *d, size_t folder,
	bool (*each)(struct signal_state *s, const char *name, void *context),
	struct signal_file *out)
{
	struct signal_state *s = d->state;
	int listing = openat(
		s->folders[folder], ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	scoped_dir DIR *directory = listing >= 0 ? fdopendir(listing) : NULL;
	struct dirent *entry;
	for (int i = 0; directory && i < SIGNAL_ENTRIES_MAX; i++) {
		if (!(entry = readdir(directory)))
			return false;
		if (strlen(entry->d_name) < SIGNAL_NAME_MAX &&
			signal_is_of(entry->d_name, d->facts.inner_pid) &&
			each(s, entry->d_name, out->name)) {
			out->folder = folder;
			return true;
		}
	}
	return false;
}

static bool signal_list(struct door *d,
	bool (*each)(struct signal_state *s, const char *name, void *context),
	struct signal_file *out)
{
	struct signal_state *s = d->state;
	for (size_t i = 0; i < s->folder_count; i++) {
		if (signal_list_folder(d, i, each, out))
			return true;
	}
	return false;
}

static bool signal_remember(struct signal_state *s, const char *name, void *context)
{
	(void)context;
	buf_append(&s->before, name, strlen(name) + 1);
	return false;
}

static bool signal_is_new(struct signal_state *s, const char *name, void *context)
{
	if (signal_was_there(s, name))
		return false;
	strcpy(context, name);
	return true;
}

/* In the process's own root or working directory, as it sees them. */
static int signal_open_folder(const struct door *d, const char *given)
{
	char base[PROCFILE_PATH_MAX], path[PROCFILE_PATH_MAX + FACTS_PATH_MAX + 1];
	procfile_path(base, d->options.procfs, d->facts.pid,
		given[0] == '/' ? "root" : "cwd");
	snprintf(path, sizeof path, "%s/%s", base, given);
	return open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
}

static bool signal_has_room(const struct door *d, int folder, struct err *e)
{
	struct statvfs disk;
	if (fstatvfs(folder, &disk) != 0)
		return err_errno(e, "cannot tell the room for a snapshot");
	uint64_t there = (uint64_t)disk.f_bavail * disk.f_frsize;
	uint64_t need = d->facts.anonymous_bytes * SIGNAL_ROOM_FACTOR +
			SIGNAL_ROOM_MORE;
	return there >= need ||
	       err_set(e, ERR_BUSY,
		       "the snapshot of process %d may need %llu MiB of disk, %llu are "
		       "there",
		       d->facts.pid, (unsigned long long)need >> 20,
		       (unsigned long long)there >> 20);
}

/* The file will have mode 0600. */
static bool signal_may_read(const struct door *d)
{
	struct buf text = {0};
	uint64_t capabilities = 0;
	if (procfile_read("/proc", getpid(), "status", &text)) {
		const char *effective = strstr(text.data, "\nCapEff:");
		capabilities = effective ? strtoull(effective + 8, NULL, 16) : 0;
	}
	buf_finish(&text);
	uint64_t wanted = UINT64_C(1) << CAP_DAC_OVERRIDE |
			  UINT64_C(1) << CAP_DAC_READ_SEARCH;
	return geteuid() == d->facts.uid || (capabilities & wanted);
}

static bool signal_may_remove(int folder)
{
	return faccessat(folder, ".", W_OK | X_OK, AT_EACCESS) == 0;
}

/* Takes every folder that a file can be fetched from. */
static bool signal_open_folders(struct door *d, struct signal_state *s, struct err *e)
{
	const char *const given[] = {d->facts.flags.diagnostic_dir, ""};
	for (size_t i = given[0][0] ? 0 : 1; i < 2; i++) {
		int folder = signal_open_folder(d, given[i]);
		if (folder >= 0 && signal_may_remove(folder))
			s->folders[s->folder_count++] = folder;
		else if (folder >= 0)
			close(folder);
	}
	if (s->folder_count == 0 || !signal_may_read(d)) {
		err_set(e, ERR_INPUT,
			"may not read and remove what process %d of user %u would "
			"write",
			d->facts.pid, d->facts.uid);
		return route_refuse(d, DOOR_FORBIDDEN);
	}
	for (size_t i = 0; i < s->folder_count; i++) {
		if (!signal_has_room(d, s->folders[i], e))
			return false;
	}
	return true;
}

static void signal_destroy(struct signal_state *s)
{
	for (size_t i = 0; i < s->folder_count; i++)
		close(s->folders[i]);
	buf_finish(&s->before);
	free(s);
}

static bool signal_open(struct door *d, struct err *e)
{
	int number = d->facts.flags.heap_signal;
	if (!number) {
		err_set(e, ERR_INPUT,
			"process %d was not started with --heapsnapshot-signal%s",
			d->facts.pid,
			d->facts.flags.is_command_known ? ""
							: ", as far as can be seen");
		return route_refuse(d, DOOR_NO_ROUTE);
	}
	if (!facts_catches(&d->facts, number)) {
		err_set(e, ERR_INPUT, "process %d has no handler for SIG%s",
			d->facts.pid, sigabbrev_np(number));
		return route_refuse(d, DOOR_NO_ROUTE);
	}
	struct signal_state *s = calloc(1, sizeof *s);
	BUG_ON(!s);
	if (!signal_open_folders(d, s, e)) {
		signal_destroy(s);
		return false;
	}
	d->state = s;
	return true;
}

static bool signal_statistics(
	struct door *d, struct door_statistics *out, struct err *e)
{
	(void)out;
	err_set(e, ERR_INPUT, "no statistics of process %d by signal", d->facts.pid);
	return route_refuse(d, DOOR_NO_ROUTE);
}

static bool signal_wait_name(
	struct door *d, int64_t deadline_ms, struct signal_file *out, struct err *e)
{
	while (clock_mono_ms() < deadline_ms) {
		if (signal_list(d, signal_is_new, out))
			return true;
		if (handle_has_ended(&d->handle))
			return err_set(e, ERR_IO, "no snapshot");
		if (!channel_sleep(d->options.stop_fd, SIGNAL_POLL_MS))
			return err_set(e, ERR_BUSY, "stopped");
	}
	return err_set(e, ERR_IO, "process %d wrote no snapshot in time", d->facts.pid);
}

static bool signal_has_end(int fd, off_t size)
{
	char end[2];
	return size >= 2 && pread(fd, end, 2, size - 2) == 2 && end[0] == ']' &&
	       end[1] == '}';
}

static bool signal_wait_whole(
	struct door *d, int fd, int64_t deadline_ms, struct err *e)
{
	off_t size = -1;
	int64_t since_ms = clock_mono_ms();
	while (clock_mono_ms() < deadline_ms) {
		struct stat st;
		if (fstat(fd, &st) != 0)
			return err_errno(e, "cannot look at the snapshot");
		if (st.st_size != size)
			since_ms = clock_mono_ms();
		size = st.st_size;
		if (clock_mono_ms() - since_ms >= SIGNAL_STABLE_MS &&
			signal_has_end(fd, size))
			return true;
		if (handle_has_ended(&d->handle) && !signal_has_end(fd, size))
			return err_set(e, ERR_IO, "the snapshot is not whole");
		if (!channel_sleep(d->options.stop_fd, SIGNAL_POLL_MS))
			return err_set(e, ERR_BUSY, "stopped");
	}
	return err_set(e, ERR_IO, "the snapshot did not become whole in time");
}

static bool signal_stream(
	struct door *d, int fd, const struct door_sink *sink, struct err *e)
{
	struct stat st;
	if (fstat(fd, &st) != 0)
		return err_errno(e, "cannot look at the snapshot");
	scoped_free char *bytes = malloc(SIGNAL_READ_BYTES);
	BUG_ON(!bytes);
	uint64_t done = 0, total = (uint64_t)st.st_size;
	while (done < total) {
		if (channel_is_stopped(d->options.stop_fd))
			return err_set(e, ERR_BUSY, "stopped");
		ssize_t got = read(fd, bytes, SIGNAL_READ_BYTES);
		if (got < 0)
			return err_errno(e, "cannot read the snapshot");
		if (got == 0)
			return err_set(e, ERR_IO, "the snapshot became shorter");
		if (!sink->bytes(sink->context, bytes, (size_t)got, e))
			return false;
		done += (uint64_t)got;
		if (sink->progress)
			sink->progress(sink->context, done, total);
	}
	return true;
}

/* A link or a pipe in its place would be somebody's trick. */
static int signal_open_file(
	struct door *d, const struct signal_file *file, struct err *e)
{
	struct signal_state *s = d->state;
	struct stat st;
	int fd = openat(s->folders[file->folder], file->name,
		O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0) {
		err_errno(e, "cannot read the snapshot %.200s", file->name);
		return -1;
	}
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_uid == d->facts.uid)
		return fd;
	err_set(e, ERR_INPUT, "%.200s is no file of process %d", file->name,
		d->facts.pid);
	close(fd);
	return -1;
}

static bool signal_take(struct door *d, const struct door_sink *sink, struct err *e)
{
	struct signal_state *s = d->state;
	struct signal_file file;
	int64_t deadline_ms = clock_mono_ms() + d->options.take_ms;
	buf_reset(&s->before);
	signal_list(d, signal_remember, &file);
	if (!handle_signal(&d->handle, d->options.procfs, &d->facts,
		    d->facts.flags.heap_signal, e) ||
		!signal_wait_name(d, deadline_ms, &file, e))
		return false;
	scoped_fd int fd = signal_open_file(d, &file, e);
	if (fd < 0)
		return false;
	bool ok = signal_wait_whole(d, fd, deadline_ms, e) &&
		  signal_stream(d, fd, sink, e);
	/* Made for us, so removed by us, whole or not. */
	if (unlinkat(s->folders[file.folder], file.name, 0) != 0 && ok)
		snprintf(d->remark, sizeof d->remark, "%.100s could not be removed",
			file.name);
	return ok || err_wrap(e, "%.200s", file.name);
}

static bool signal_close(struct door *d, struct err *e)
{
	(void)e;
	signal_destroy(d->state);
	d->state = NULL;
	return true;
}

const struct route signal_route = {
	.open = signal_open,
	.statistics = signal_statistics,
	.take = signal_take,
	.close = signal_close,
};
