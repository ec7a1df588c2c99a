#include "agent/capture/frames.h"

#include "agent/capture/folder.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

enum { FRAMES_HEAD_BYTES = 5, FRAMES_STEP_BYTES = 64 << 10 };

/* Reads no further than one frame ahead, so that nobody can fill our memory. */
bool frames_read(struct frames *f, struct err *e)
{
	while (!f->has_ended &&
		f->bytes.length < FRAMES_BYTES_MAX + FRAMES_HEAD_BYTES) {
		char *room = buf_reserve(&f->bytes, FRAMES_STEP_BYTES);
		ssize_t got = read(f->fd, room, FRAMES_STEP_BYTES);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0 && errno == EAGAIN)
			return true;
		if (got < 0)
			return err_errno(e, "reading from the capture's helper");
		f->has_ended = got == 0;
		f->bytes.length += (size_t)got;
	}
	return true;
}

static bool frames_check(struct frames *f, uint32_t length, char kind, struct err *e)
{
	if (length == 0 || length > FRAMES_BYTES_MAX)
		return err_set(e, ERR_INPUT,
			"the capture's helper announces a frame of %u bytes",
			(unsigned)length);
	if (!strchr((char[]){FRAMES_BATCH, FRAMES_LAST, FRAMES_WARDEN, FRAMES_JOIN,
			    FRAMES_CENSUS, FRAMES_CROWD, 0},
		    kind))
		return err_set(e, ERR_INPUT,
			"the capture's helper sends a frame of no known kind");
	if (f->count >= FRAMES_MAX)
		return err_set(e, ERR_INPUT,
			"the capture's helper says more than %d things", FRAMES_MAX);
	return true;
}

bool frames_next(struct frames *f, enum frames_kind *kind, struct buf *out, bool *found,
	struct err *e)
{
	uint32_t length;
	*found = false;
	if (f->bytes.length < FRAMES_HEAD_BYTES)
		return true;
	memcpy(&length, f->bytes.data, sizeof length);
	char letter = f->bytes.data[sizeof length];
	if (!frames_check(f, length, letter, e))
		return false;
	if (f->bytes.length < FRAMES_HEAD_BYTES + (size_t)length)
		return true;
	size_t whole = FRAMES_HEAD_BYTES + (size_t)length;
	buf_append(out, f->bytes.data + FRAMES_HEAD_BYTES, length);
	memmove(f->bytes.data, f->bytes.data + whole, f->bytes.length - whole);
	f->bytes.length -= whole;
	f->count++;
	*kind = (enum frames_kind)letter;
	*found = true;
	return true;
}

void frames_finish(struct frames *f)
{
	buf_finish(&f->bytes);
	if (f->fd >= 0)
		close(f->fd);
	f->fd = -1;
}

bool frames_write(int fd, enum frames_kind kind, const void *bytes, size_t length)
{
	char head[FRAMES_HEAD_BYTES];
	uint32_t length32 = (uint32_t)length;
	BUG_ON(length == 0 || length > FRAMES_BYTES_MAX);
	memcpy(head, &length32, sizeof length32);
	head[sizeof length32] = (char)kind;
	return folder_put(fd, head, sizeof head) && folder_put(fd, bytes, length);
}
