#include "agent/fingerprint/intake.h"

#include "common/clock.h"

#include <errno.h>
#include <unistd.h>

void intake_init_file(
	struct intake *in, int fd, uint64_t most_bytes, int64_t until_mono_ms)
{
	in->fd = fd;
	in->left = most_bytes;
	in->until_mono_ms = until_mono_ms;
	in->next = in->end = in->block;
	in->trouble = NULL;
}

void intake_init_memory(struct intake *in, const void *bytes, size_t length)
{
	in->fd = -1;
	in->left = 0;
	in->until_mono_ms = INT64_MAX;
	in->next = bytes;
	in->end = in->next + length;
	in->trouble = NULL;
}

bool intake_fill(struct intake *in)
{
	if (in->fd < 0 || in->trouble)
		return false;
	if (in->until_mono_ms != INT64_MAX && clock_mono_ms() >= in->until_mono_ms) {
		in->trouble = "reading it takes too long";
		return false;
	}
	ssize_t got;
	do
		got = read(in->fd, in->block, sizeof in->block);
	while (got < 0 && errno == EINTR);
	if (got < 0)
		in->trouble = "it cannot be read";
	else if ((uint64_t)got > in->left)
		in->trouble = "it is too large";
	if (got <= 0 || in->trouble)
		return false;
	in->left -= (uint64_t)got;
	in->next = in->block;
	in->end = in->block + got;
	return true;
}

bool intake_line(struct intake *in, struct buf *line, size_t most)
{
	int c = intake_next(in);
	buf_reset(line);
	if (c == INTAKE_END)
		return false;
	while (c != INTAKE_END && c != '\n') {
		if (line->length < most)
			buf_byte(line, (char)c);
		c = intake_next(in);
	}
	if (line->length && line->data[line->length - 1] == '\r')
		line->length--;
	buf_reserve(line, 1)[0] = '\0';
	return true;
}

bool intake_failed(const struct intake *in, struct err *e)
{
	if (!in->trouble)
		return false;
	err_set(e, ERR_IO, "%s", in->trouble);
	return true;
}
