#include "agent/capture/feed.h"

#include "agent/capture/channel.h"
#include "agent/heap/source.h"
#include "common/clock.h"
#include "common/scoped.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

enum { FEED_STEP_BYTES = 256 << 10 };

struct feed {
	int fd, stop_fd;
	const char *path;
	const struct door_sink *sink;
	uint64_t read_bytes, file_bytes;
	struct source *source;
};

static bool feed_step(struct feed *f, char *bytes, bool *at_end, struct err *e)
{
	if (channel_is_stopped(f->stop_fd))
		return err_set(e, ERR_IO, "stopped");
	ssize_t got;
	do
		got = read(f->fd, bytes, FEED_STEP_BYTES);
	while (got < 0 && errno == EINTR);
	if (got < 0)
		return err_errno(e, "cannot read %s", f->path);
	*at_end = got == 0;
	if (got && !source_feed(f->source, bytes, (size_t)got, e))
		return false;
	f->read_bytes += (uint64_t)got;
	if (f->sink->progress)
		f->sink->progress(f->sink->context, f->read_bytes, f->file_bytes);
	return true;
}

static bool feed_all(struct feed *f, struct err *e)
{
	bool at_end = false, ok = true;
	scoped_free char *bytes = malloc(FEED_STEP_BYTES);
	BUG_ON(!bytes);
	while (ok && !at_end)
		ok = feed_step(f, bytes, &at_end, e);
	return ok && source_end(f->source, e);
}

bool feed_file(
	const char *path, int stop_fd, const struct door_sink *sink, struct err *e)
{
	struct stat info;
	/* Not to wait for the other end of what is no file, and not to follow a link
	 * that was put in its place: the directory may be anybody's. */
	scoped_fd int fd = open(
		path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY | O_NOFOLLOW);
	if (fd < 0)
		return err_errno(e, "cannot open %s", path);
	if (fstat(fd, &info) != 0 || !S_ISREG(info.st_mode))
		return err_set(e, ERR_INPUT, "%s is not a file", path);
	const struct source_sink into = {sink->bytes, sink->context};
	struct feed f = {
		.fd = fd,
		.stop_fd = stop_fd,
		.path = path,
		.sink = sink,
		.file_bytes = (uint64_t)info.st_size,
		.source = source_create(&into),
	};
	bool ok = feed_all(&f, e);
	source_destroy(f.source);
	return ok;
}

int64_t feed_time_ms(const char *path)
{
	struct stat info;
	if (stat(path, &info) != 0)
		return clock_unix_ms();
	return (int64_t)info.st_mtim.tv_sec * 1000 + info.st_mtim.tv_nsec / 1000000;
}
