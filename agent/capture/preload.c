#include "agent/capture/preload.h"

#include "agent/capture/procfile.h"
#include "agent/capture/route.h"
#include "agent/capture/statistics.h"
#include "common/buf.h"
#include "common/clock.h"
#include "common/scoped.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/un.h>

/* The other side is deploy/preload/tidemark-preload.js. */
enum {
	PRELOAD_STATISTICS_MAX = 1 << 20,
	PRELOAD_READ_BYTES = 256 << 10,
	PRELOAD_ENTRIES_MAX = 4096,
};

/* Why the last folder that had a socket for us did not do. */
struct preload_search {
	bool is_found, is_forbidden, is_another;
};

/* That it is really our process at the other end is the kernel's word, so it matters
 * little who could write to the folder. */
static bool preload_is_target(const struct preload_way *w, int fd)
{
	struct ucred peer;
	socklen_t length = sizeof peer;
	return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &length) == 0 &&
	       peer.pid == w->facts->pid;
}

/* Through the descriptor of the folder: the path of a socket is short. */
static bool preload_connect(struct preload_way *w, int folder, const char *name,
	struct channel *c, struct err *e)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	snprintf(address.sun_path, sizeof address.sun_path, "/proc/self/fd/%d/%s",
		folder, name);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return err_errno(e, "cannot make a socket");
	*c = (struct channel){
		.fd = -1, .stop_fd = w->stop_fd, .deadline_ms = w->deadline_ms};
	if (channel_init(c, fd, (struct sockaddr *)&address, sizeof address, e))
		return true;
	int failure = errno;
	channel_finish(c);
	errno = failure;
	return false;
}

static bool preload_try_folder(struct preload_way *w, int folder,
	struct preload_search *s, struct channel *c, struct err *e)
{
	char prefix[24];
	int length = snprintf(prefix, sizeof prefix, "%d-", w->facts->inner_pid);
	int listing = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	scoped_dir DIR *directory = listing >= 0 ? fdopendir(listing) : NULL;
	if (!directory) {
		/* A folder of others, which this process could not use either, says
		 * nothing of it. */
		struct stat st;
		s->is_forbidden |= errno == EACCES && fstat(folder, &st) == 0 &&
				   st.st_uid == w->facts->uid;
		return false;
	}
	struct dirent *entry;
	for (int i = 0; i < PRELOAD_ENTRIES_MAX && (entry = readdir(directory)); i++) {
		size_t name = strlen(entry->d_name);
		if (strncmp(entry->d_name, prefix, (size_t)length) != 0 ||
			name < (size_t)length + 5 || name >= sizeof w->known_name ||
			strcmp(entry->d_name + name - 5, ".sock") != 0)
			continue;
		errno = 0;
		if (!preload_connect(w, folder, entry->d_name, c, e)) {
			s->is_forbidden |= errno == EACCES;
			continue;
		}
		if (preload_is_target(w, c->fd)) {
			strcpy(w->known_name, entry->d_name);
			return true;
		}
		s->is_another = true;
		channel_finish(c);
	}
	return false;
}

/* As the process sees it, then as we do, for a folder that both share. */
static bool preload_try_path(struct preload_way *w, const char *path,
	struct preload_search *s, struct channel *c, struct err *e)
{
	char root[PROCFILE_PATH_MAX], inside[sizeof w->known_folder];
	procfile_path(root, w->procfs, w->facts->pid, "root");
	snprintf(inside, sizeof inside, "%s%s", root, path);
	const char *const ways[] = {inside, path};
	for (size_t i = 0; i < 2; i++) {
		scoped_fd int folder = open(ways[i], O_PATH | O_DIRECTORY | O_CLOEXEC);
		if (folder < 0 || !preload_try_folder(w, folder, s, c, e))
			continue;
		snprintf(w->known_folder, sizeof w->known_folder, "%s", ways[i]);
		return true;
	}
	return false;
}

static bool preload_try_known(struct preload_way *w, struct channel *c)
{
	struct err ignored;
	if (!w->known_name[0])
		return false;
	scoped_fd int folder = open(w->known_folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (folder >= 0 && preload_connect(w, folder, w->known_name, c, &ignored)) {
		if (preload_is_target(w, c->fd))
			return true;
		channel_finish(c);
	}
	w->known_name[0] = '\0';
	return false;
}

static bool preload_refuse(
	struct preload_way *w, const struct preload_search *s, struct err *e)
{
	if (s->is_forbidden) {
		w->refusal = DOOR_FORBIDDEN;
		return err_set(e, ERR_INPUT,
			"may not use the preload socket of process %d: it "
			"belongs to user %u",
			w->facts->pid, w->facts->uid);
	}
	if (s->is_another) {
		w->refusal = DOOR_WRONG_PROCESS;
		return err_set(e, ERR_INPUT,
			"the preload socket for process %d is another "
			"process's",
			w->facts->pid);
	}
	w->refusal = DOOR_NO_ROUTE;
	return err_set(e, ERR_INPUT,
		"process %d has no preload socket: it was not started with "
		"tidemark-preload.js, or listens in another folder",
		w->facts->pid);
}

bool preload_dial(struct preload_way *w, struct channel *c, struct err *e)
{
	const struct facts_flags *flags = &w->facts->flags;
	char runtime[FACTS_PATH_MAX + 16] = "", user[64], temporary[64];
	if (flags->runtime_dir[0])
		snprintf(runtime, sizeof runtime, "%s/tidemark", flags->runtime_dir);
	snprintf(user, sizeof user, "/run/user/%u/tidemark", w->facts->uid);
	snprintf(temporary, sizeof temporary, "/tmp/tidemark-%u", w->facts->uid);
	const char *const paths[] = {w->directory ? w->directory : "",
		flags->preload_dir, runtime, "/run/tidemark", user, temporary};
	struct preload_search s = {0};
	w->refusal = DOOR_NO_REFUSAL;
	if (preload_try_known(w, c))
		return true;
	for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
		if (paths[i][0] && preload_try_path(w, paths[i], &s, c, e))
			return true;
	}
	return preload_refuse(w, &s, e);
}

static bool preload_connect_any(struct door *d, struct channel *c, struct err *e)
{
	struct preload_way w = {.procfs = d->options.procfs,
		.facts = &d->facts,
		.directory = d->options.preload_directory,
		.stop_fd = d->options.stop_fd,
		.deadline_ms = clock_mono_ms() + d->options.statistics_ms};
	return preload_dial(&w, c, e) || route_refuse(d, w.refusal);
}

/* One request is one connection, which ends with the answer. */
static bool preload_ask(struct door *d, const char *command, int64_t deadline_ms,
	struct channel *c, struct err *e)
{
	if (!preload_connect_any(d, c, e))
		return false;
	c->deadline_ms = deadline_ms;
	if (channel_write(c, command, strlen(command), e))
		return true;
	channel_finish(c);
	return false;
}

static bool preload_open(struct door *d, struct err *e)
{
	struct channel c;
	if (!preload_connect_any(d, &c, e))
		return false;
	channel_finish(&c);
	return true;
}

static bool preload_read_all(struct channel *c, struct buf *out, struct err *e)
{
	enum { PART = 16 << 10 };
	while (out->length <= PRELOAD_STATISTICS_MAX) {
		ssize_t got = channel_read(c, buf_reserve(out, PART), PART, e);
		if (got <= 0)
			return got == 0;
		out->length += (size_t)got;
	}
	return err_set(e, ERR_INPUT, "too much for statistics");
}

static bool preload_statistics(
	struct door *d, struct door_statistics *out, struct err *e)
{
	struct channel c;
	int64_t deadline_ms = clock_mono_ms() + d->options.statistics_ms;
	if (!preload_ask(d, "stats\n", deadline_ms, &c, e))
		return false;
	struct buf answer = {0};
	json_error_t failure;
	bool ok = preload_read_all(&c, &answer, e);
	if (ok) {
		json_t *document = json_loadb(
			answer.data ? answer.data : "", answer.length, 0, &failure);
		ok = statistics_parse(document, out, e);
		json_decref(document);
	}
	buf_finish(&answer);
	channel_finish(&c);
	return ok || err_wrap(e, "preload of process %d", d->facts.pid);
}

static bool preload_stream(
	struct channel *c, const struct door_sink *sink, struct err *e)
{
	scoped_free char *bytes = malloc(PRELOAD_READ_BYTES);
	BUG_ON(!bytes);
	char last[2] = {0};
	uint64_t done = 0;
	for (;;) {
		ssize_t got = channel_read(c, bytes, PRELOAD_READ_BYTES, e);
		if (got < 0)
			return false;
		if (got == 0)
			break;
		if (!sink->bytes(sink->context, bytes, (size_t)got, e))
			return false;
		last[0] = got > 1 ? bytes[got - 2] : last[1];
		last[1] = bytes[got - 1];
		done += (uint64_t)got;
		if (sink->progress)
			sink->progress(sink->context, done, 0);
	}
	return (last[0] == ']' && last[1] == '}') ||
	       err_set(e, ERR_IO, "the snapshot broke off after %llu bytes",
		       (unsigned long long)done);
}

static bool preload_take(struct door *d, const struct door_sink *sink, struct err *e)
{
	struct channel c;
	int64_t deadline_ms = clock_mono_ms() + d->options.take_ms;
	if (!preload_ask(d, "snapshot\n", deadline_ms, &c, e))
		return false;
	bool ok = preload_stream(&c, sink, e);
	channel_finish(&c);
	return ok;
}

static bool preload_close(struct door *d, struct err *e)
{
	(void)d;
	(void)e;
	return true;
}

const struct route preload_route = {
	.open = preload_open,
	.statistics = preload_statistics,
	.take = preload_take,
	.close = preload_close,
};
