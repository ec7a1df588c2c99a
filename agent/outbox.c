#include "agent/outbox.h"

#include "agent/capture/folder.h"
#include "common/clock.h"
#include "common/scoped.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define OUTBOX_FOLDER  "outbox"
#define OUTBOX_LEFT    ".batch"
#define OUTBOX_DAMAGED ".damaged"

enum {
	OUTBOX_NAME_MAX = 128,
	OUTBOX_BYTES_MAX = WIRE_FRAME_BYTES_MAX - WIRE_UPLOAD_OVERHEAD_BYTES,
	OUTBOX_LOOKED_AT_MAX = 4096,
};

struct outbox_copy {
	uint64_t epoch, sequence;
	size_t bytes;
};

struct outbox {
	struct outbox_options options;
	int folder;
	struct outbox_copy held[OUTBOX_HELD_MAX]; /* oldest first */
	size_t held_count;
	uint64_t held_bytes;
};

static void outbox_copy_name(const struct outbox_copy *c, char out[OUTBOX_NAME_MAX])
{
	snprintf(out, OUTBOX_NAME_MAX, "held-%016" PRIx64 "-%020" PRIu64, c->epoch,
		c->sequence);
}

static bool outbox_parse_copy(const char *name, struct outbox_copy *out)
{
	char again[OUTBOX_NAME_MAX];
	*out = (struct outbox_copy){0};
	if (sscanf(name, "held-%16" SCNx64 "-%20" SCNu64, &out->epoch,
		    &out->sequence) != 2)
		return false;
	outbox_copy_name(out, again);
	return strcmp(name, again) == 0;
}

static bool outbox_ends(const char *name, const char *suffix)
{
	size_t length = strlen(name), tail = strlen(suffix);
	return length > tail && strcmp(name + length - tail, suffix) == 0;
}

static uint64_t outbox_epoch(const struct outbox *o)
{
	struct spool_stats stats;
	spool_get_stats(o->options.spool, &stats);
	return stats.epoch;
}

static void outbox_forget(struct outbox *o, size_t at)
{
	char name[OUTBOX_NAME_MAX];
	outbox_copy_name(&o->held[at], name);
	unlinkat(o->folder, name, 0);
	o->held_bytes -= o->held[at].bytes;
	o->held_count--;
	memmove(&o->held[at], &o->held[at + 1], (o->held_count - at) * sizeof *o->held);
}

static void outbox_remember(struct outbox *o, const struct outbox_copy *c)
{
	uint64_t most = (uint64_t)o->options.spool_max_bytes / 4;
	while (o->held_count > 0 &&
		(o->held_count == OUTBOX_HELD_MAX || o->held_bytes + c->bytes > most))
		outbox_forget(o, 0);
	o->held[o->held_count++] = *c;
	o->held_bytes += c->bytes;
}

static int outbox_compare(const void *a, const void *b)
{
	return strcmp(a, b);
}

/* The names of the folder in order, at most OUTBOX_LOOKED_AT_MAX. */
static char (*outbox_list(const struct outbox *o, size_t *count))[OUTBOX_NAME_MAX]
{
	char(*names)[OUTBOX_NAME_MAX] = NULL;
	size_t room = 0;
	*count = 0;
	int fd = openat(o->folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	scoped_dir DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	if (fd >= 0 && !dir)
		close(fd);
	for (struct dirent *entry;
		dir && *count < OUTBOX_LOOKED_AT_MAX && (entry = readdir(dir));) {
		if (entry->d_name[0] == '.' || strlen(entry->d_name) >= OUTBOX_NAME_MAX)
			continue;
		if (*count == room) {
			room = room ? 2 * room : 16;
			names = reallocarray(names, room, sizeof *names);
			BUG_ON(!names);
		}
		strcpy(names[(*count)++], entry->d_name);
	}
	if (names)
		qsort(names, *count, sizeof *names, outbox_compare);
	return names;
}

/* Copies of an agent that has ended. */
static void outbox_recover(struct outbox *o)
{
	size_t count;
	scoped_free char(*names)[OUTBOX_NAME_MAX] = outbox_list(o, &count);
	for (size_t i = 0; i < count; i++) {
		struct outbox_copy c;
		struct stat info;
		if (!outbox_parse_copy(names[i], &c) ||
			fstatat(o->folder, names[i], &info, AT_SYMLINK_NOFOLLOW) != 0)
			continue;
		c.bytes = (size_t)info.st_size;
		outbox_remember(o, &c);
	}
}

bool outbox_open(
	const struct outbox_options *options, struct outbox **out, struct err *e)
{
	int folder = folder_open(options->state_dir, OUTBOX_FOLDER, e);
	if (folder < 0)
		return false;
	struct outbox *o = calloc(1, sizeof *o);
	BUG_ON(!o);
	o->options = *options;
	o->folder = folder;
	outbox_recover(o);
	*out = o;
	return true;
}

void outbox_close(struct outbox *o)
{
	if (!o)
		return;
	close(o->folder);
	free(o);
}

bool outbox_send(struct outbox *o, const void *bytes, size_t length,
	int64_t now_unix_ms, struct err *e)
{
	struct outbox_copy c = {.epoch = outbox_epoch(o), .bytes = length};
	char name[OUTBOX_NAME_MAX];
	struct err ignored;
	if (!spool_append(o->options.spool, bytes, length, now_unix_ms, &c.sequence, e))
		return false;
	outbox_copy_name(&c, name);
	if (folder_write(o->folder, name, bytes, length, &ignored))
		outbox_remember(o, &c);
	return true;
}

void outbox_settle(struct outbox *o, uint64_t sequence)
{
	for (size_t i = 0; i < o->held_count; i++) {
		if (o->held[i].sequence != sequence)
			continue;
		if (o->held[i].epoch == outbox_epoch(o))
			outbox_forget(o, i);
		return;
	}
}

static bool outbox_is_in_spool(const struct outbox *o, const struct outbox_copy *c)
{
	uint64_t found;
	return c->epoch == outbox_epoch(o) &&
	       spool_next(o->options.spool, c->sequence - 1, &found) &&
	       found == c->sequence;
}

/* Reads a file that must be a batch about snapshots and nothing else. */
static bool outbox_read(struct outbox *o, const char *name, struct buf *bytes,
	struct arena *a, struct wire_batch *out, struct err *e)
{
	struct stat info;
	if (fstatat(o->folder, name, &info, AT_SYMLINK_NOFOLLOW) != 0)
		return err_errno(e, "%s", name);
	if (!S_ISREG(info.st_mode))
		return err_set(e, ERR_INPUT, "%s is no file", name);
	if (info.st_size == 0 || info.st_size > OUTBOX_BYTES_MAX)
		return err_set(e, ERR_INPUT, "%s has %lld bytes", name,
			(long long)info.st_size);
	buf_reset(bytes);
	if (!folder_read(o->folder, name, OUTBOX_BYTES_MAX, bytes))
		return err_errno(e, "%s", name);
	if (!wire_batch_decode(bytes->data, bytes->length, clock_unix_ms(), a, out, e))
		return err_wrap(e, "%s", name);
	if (out->tick_count || !(out->snapshot_count || out->event_count))
		return err_set(e, ERR_INPUT, "%s is not about a snapshot", name);
	return true;
}

/* Sends a file's batch, and removes the file.  False: the spool fails. */
static bool outbox_send_file(
	struct outbox *o, const char *name, struct outbox_copy *old, struct err *e)
{
	struct wire_batch batch;
	struct buf bytes = {0};
	struct arena a;
	struct err damage = {0};
	char aside[OUTBOX_NAME_MAX + sizeof OUTBOX_DAMAGED];
	bool ok = true;
	arena_init(&a);
	if (outbox_read(o, name, &bytes, &a, &batch, &damage)) {
		ok = outbox_send(o, bytes.data, bytes.length, clock_unix_ms(), e);
		if (ok && !old)
			o->options.found(o->options.context, name, &batch, NULL);
		if (ok)
			unlinkat(o->folder, name, 0);
	} else if (damage.kind == ERR_INPUT) {
		snprintf(aside, sizeof aside, "%s%s", name, OUTBOX_DAMAGED);
		if (renameat(o->folder, name, o->folder, aside) != 0)
			unlinkat(o->folder, name, 0);
		o->options.found(o->options.context, name, NULL, &damage);
	} else {
		*e = damage;
		ok = false;
	}
	arena_finish(&a);
	buf_finish(&bytes);
	return ok;
}

/* What the spool gave up.  The new copies join at the end. */
static bool outbox_send_again(struct outbox *o, struct err *e)
{
	for (size_t i = 0, left = o->held_count; left > 0 && i < o->held_count;
		left--) {
		struct outbox_copy c = o->held[i];
		char name[OUTBOX_NAME_MAX];
		if (outbox_is_in_spool(o, &c)) {
			i++;
			continue;
		}
		outbox_copy_name(&c, name);
		o->held_bytes -= c.bytes;
		o->held_count--;
		memmove(&o->held[i], &o->held[i + 1],
			(o->held_count - i) * sizeof *o->held);
		if (!outbox_send_file(o, name, &c, e)) {
			outbox_remember(o, &c);
			return false;
		}
	}
	return true;
}

bool outbox_tend(struct outbox *o, struct err *e)
{
	if (!outbox_send_again(o, e))
		return false;
	size_t count, damaged = 0, sent = 0;
	scoped_free char(*names)[OUTBOX_NAME_MAX] = outbox_list(o, &count);
	for (size_t i = 0; i < count; i++) {
		if (outbox_ends(names[i], OUTBOX_DAMAGED) &&
			++damaged > OUTBOX_DAMAGED_MAX)
			unlinkat(o->folder, names[i], 0);
		if (!outbox_ends(names[i], OUTBOX_LEFT) || sent == OUTBOX_AT_ONCE_MAX)
			continue;
		sent++;
		if (!outbox_send_file(o, names[i], NULL, e))
			return false;
	}
	return true;
}

size_t outbox_held(const struct outbox *o)
{
	return o->held_count;
}

bool outbox_leave(
	const char *state_dir, const void *bytes, size_t length, struct err *e)
{
	static unsigned turn;
	char name[OUTBOX_NAME_MAX];
	if (length == 0 || length > OUTBOX_BYTES_MAX)
		return err_set(e, ERR_INPUT, "a batch of %zu bytes", length);
	scoped_fd int folder = folder_open(state_dir, OUTBOX_FOLDER, e);
	if (folder < 0)
		return false;
	snprintf(name, sizeof name, "%015" PRId64 "-%06u-%d%s", clock_unix_ms(), turn++,
		(int)getpid(), OUTBOX_LEFT);
	return folder_write(folder, name, bytes, length, e) ||
	       err_wrap(e, "%s/%s", state_dir, OUTBOX_FOLDER);
}
