#include "agent/warnings/tail.h"

#include "common/clock.h"
#include "common/crc32c.h"
#include "common/scoped.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { TAIL_BLOCK_BYTES = 32 << 10 };

bool tail_open(struct tail *t, const char *path, struct err *e)
{
	struct stat info;
	char self[32];
	/* Looked at before it is opened: opening a device can have effects, and a link
	 * to one is quickly made by who may write into the folder. */
	scoped_fd int found = open(path, O_PATH | O_CLOEXEC);
	if (found < 0)
		return err_errno(e, "%s", path);
	if (fstat(found, &info) != 0 || !S_ISREG(info.st_mode))
		return err_set(e, ERR_INPUT, "%s is not a regular file", path);
	snprintf(self, sizeof self, "/proc/self/fd/%d", found);
	int fd = open(self, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd < 0)
		return err_errno(e, "%s", path);
	*t = (struct tail){
		.fd = fd, .mark = {.device = info.st_dev, .inode = info.st_ino}};
	return true;
}

void tail_close(struct tail *t)
{
	if (t->fd >= 0)
		close(t->fd);
	t->fd = -1;
	buf_finish(&t->line);
}

static size_t tail_pread(const struct tail *t, void *bytes, size_t size, int64_t at)
{
	ssize_t got;
	do
		got = pread(t->fd, bytes, size, at);
	while (got < 0 && errno == EINTR);
	return got < 0 ? 0 : (size_t)got;
}

/* Takes the sum of as many first bytes as were read, until there are enough. */
static void tail_learn_head(struct tail *t)
{
	char bytes[TAIL_HEAD_BYTES];
	if (t->mark.head_length == TAIL_HEAD_BYTES)
		return;
	size_t want = t->read_to < TAIL_HEAD_BYTES ? (size_t)t->read_to
						   : TAIL_HEAD_BYTES;
	size_t got = tail_pread(t, bytes, want, 0);
	t->mark.head_length = (uint32_t)got;
	t->mark.head_sum = crc32c(0, bytes, got);
}

bool tail_begins_as(const struct tail *t, const struct tail_mark *mark)
{
	char bytes[TAIL_HEAD_BYTES];
	if (mark->head_length > TAIL_HEAD_BYTES)
		return false;
	size_t got = tail_pread(t, bytes, mark->head_length, 0);
	return got == mark->head_length && crc32c(0, bytes, got) == mark->head_sum;
}

static void tail_move(struct tail *t, int64_t offset)
{
	char before = '\n';
	buf_reset(&t->line);
	if (offset > 0)
		tail_pread(t, &before, 1, offset - 1);
	t->is_dropping = before != '\n';
	t->read_to = t->mark.offset = offset;
	tail_learn_head(t);
}

void tail_to_end(struct tail *t)
{
	struct stat info;
	if (fstat(t->fd, &info) == 0)
		tail_move(t, info.st_size);
}

bool tail_resume(struct tail *t, const struct tail_mark *mark)
{
	struct stat info;
	if (mark->device != t->mark.device || mark->inode != t->mark.inode ||
		fstat(t->fd, &info) != 0 || mark->offset > info.st_size ||
		mark->offset < 0 || !tail_begins_as(t, mark))
		return false;
	tail_move(t, mark->offset);
	return true;
}

/* The file is another than it was. */
static void tail_restart(struct tail *t)
{
	buf_reset(&t->line);
	t->is_dropping = false;
	t->read_to = t->mark.offset = 0;
	t->mark.head_length = 0;
	t->restarts++;
}

static void tail_line_end(struct tail *t, const char *bytes, size_t length,
	void (*on_line)(void *, const char *, size_t), void *context)
{
	if (t->is_dropping)
		t->is_dropping = false;
	else if (t->line.length) {
		buf_append(&t->line, bytes, length);
		on_line(context, t->line.data, t->line.length);
	} else
		on_line(context, bytes, length);
	buf_reset(&t->line);
}

/* A line that is too long is given when that is known, and its rest dropped. */
static void tail_feed(struct tail *t, const char *bytes, size_t length,
	void (*on_line)(void *, const char *, size_t), void *context)
{
	const char *end = bytes + length;
	while (bytes < end) {
		const char *stop = memchr(bytes, '\n', (size_t)(end - bytes));
		size_t part = (size_t)((stop ? stop : end) - bytes);
		if (!t->is_dropping && t->line.length + part > TAIL_LINE_MAX) {
			t->cut_lines++;
			tail_line_end(t, bytes, TAIL_LINE_MAX - t->line.length, on_line,
				context);
			t->is_dropping = true;
		}
		if (stop)
			tail_line_end(t, bytes, part, on_line, context);
		else if (!t->is_dropping)
			buf_append(&t->line, bytes, part);
		bytes += part + (stop != NULL);
		if (stop)
			t->mark.offset = t->read_to + (int64_t)length - (end - bytes);
	}
	t->read_to += (int64_t)length;
	if (t->is_dropping)
		t->mark.offset = t->read_to;
}

int64_t tail_read(struct tail *t, int64_t until_mono_ms,
	void (*on_line)(void *, const char *, size_t), void *context, struct err *e)
{
	char block[TAIL_BLOCK_BYTES + 1];
	struct stat info;
	int64_t done = 0;
	if (fstat(t->fd, &info) != 0) {
		err_errno(e, "fstat");
		return -1;
	}
	if (info.st_size < t->read_to ||
		(info.st_size > t->read_to && !tail_begins_as(t, &t->mark)))
		tail_restart(t);
	if (info.st_size - t->read_to > TAIL_BEHIND_BYTES) {
		int64_t to = info.st_size - TAIL_LOOK_BYTES;
		t->skipped_bytes += (uint64_t)(to - t->read_to);
		tail_move(t, to);
	}
	while (done < TAIL_LOOK_BYTES && t->read_to < info.st_size) {
		ssize_t got = pread(t->fd, block, TAIL_BLOCK_BYTES, t->read_to);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0) {
			err_errno(e, "read");
			return -1;
		}
		if (got == 0)
			break;
		block[got] = '\0';
		tail_feed(t, block, (size_t)got, on_line, context);
		done += got;
		if (clock_mono_ms() >= until_mono_ms)
			break;
	}
	if (done > 0)
		tail_learn_head(t);
	return done;
}
