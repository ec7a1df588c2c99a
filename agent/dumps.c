#include "agent/dumps.h"

#include "common/scoped.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>

enum {
	DUMPS_TAIL_BYTES = 64,
	DUMPS_CHECK_MIN_MS = 500,
	DUMPS_CHECK_MAX_MS = 30 * 1000,
	DUMPS_LISTED_MAX = 16384, /* entries of a directory */
	DUMPS_HOUR_MS = 3600 * 1000,
	DUMPS_WATCHED = IN_CLOSE_WRITE | IN_MOVED_TO | IN_CREATE | IN_ONLYDIR,
};

struct dumps_place {
	const struct dumps_directory *is;
	int watch; /* -1: none */
	bool changed, troubled;
	struct err trouble; /* to be told */
};

enum dumps_stage { DUMPS_WRITTEN, DUMPS_READY, DUMPS_GIVEN };

struct dumps_pending {
	struct dumps_place *place;
	char name[DUMPS_NAME_MAX];
	enum dumps_stage stage;
	struct dumps_key key;
	uid_t owner;
	int64_t ctime_ms;
	int64_t changed_ms, check_ms; /* monotonic: seen to change, next look */
	char trouble[128];
};

struct dumps_memory {
	struct dumps_key key;
	int64_t ctime_ms;
};

struct dumps {
	struct dumps_place *places;
	size_t place_count;
	int inotify;
	int64_t look_ms;  /* the next one at everything */
	int64_t since_ms; /* of the wall clock: what changed before is left alone */
	int64_t seen_ms;  /* the last look */
	int64_t hour_ms;  /* monotonic: when the hour ends in which were given out */
	int given;        /* so many */
	struct err flood; /* to be told */
	struct dumps_pending *pending; /* room for DUMPS_PENDING_MAX; NULL: no places */
	size_t pending_count;
	struct dumps_memory *remembered; /* a ring of DUMPS_REMEMBERED_MAX */
	size_t remembered_count, remembered_next;
};

struct dumps *dumps_create(
	const struct dumps_directory *directories, size_t count, int64_t now_unix_ms)
{
	struct dumps *d = calloc(1, sizeof *d);
	BUG_ON(!d);
	d->places = calloc(count ? count : 1, sizeof *d->places);
	BUG_ON(!d->places);
	d->place_count = count;
	if (count > 0) {
		d->pending = calloc(DUMPS_PENDING_MAX, sizeof *d->pending);
		d->remembered = calloc(DUMPS_REMEMBERED_MAX, sizeof *d->remembered);
		BUG_ON(!d->pending || !d->remembered);
	}
	for (size_t i = 0; i < count; i++)
		d->places[i] = (struct dumps_place){.is = &directories[i], .watch = -1};
	d->inotify = count ? inotify_init1(IN_NONBLOCK | IN_CLOEXEC) : -1;
	d->since_ms = d->seen_ms = now_unix_ms;
	return d;
}

void dumps_destroy(struct dumps *d)
{
	if (!d)
		return;
	if (d->inotify >= 0)
		close(d->inotify);
	free(d->places);
	free(d->pending);
	free(d->remembered);
	free(d);
}

int dumps_fd(const struct dumps *d)
{
	return d->inotify;
}

uint32_t dumps_pid_of(const char *name)
{
	unsigned date, time, thread, sequence;
	uint32_t pid;
	int end = 0;
	if (sscanf(name, "Heap.%8u.%6u.%" SCNu32 ".%u.%u.heapsnapshot%n", &date, &time,
		    &pid, &thread, &sequence, &end) != 5 ||
		!end)
		return 0;
	return pid;
}

static bool dumps_ends(const char *name, const char *suffix)
{
	size_t length = strlen(name), tail = strlen(suffix);
	return length > tail && strcmp(name + length - tail, suffix) == 0;
}

static bool dumps_is_plain(const char *name)
{
	return dumps_ends(name, ".heapsnapshot");
}

static bool dumps_is_name(const char *name)
{
	return strlen(name) < DUMPS_NAME_MAX && name[0] != '.' &&
	       (dumps_is_plain(name) || dumps_ends(name, ".heapsnapshot.gz") ||
		       dumps_ends(name, ".heapsnapshot.zst"));
}

static struct dumps_key dumps_key_of(const struct stat *info)
{
	return (struct dumps_key){.device = info->st_dev,
		.inode = info->st_ino,
		.bytes = info->st_size,
		.mtime_ns = (int64_t)info->st_mtim.tv_sec * 1000000000 +
			    info->st_mtim.tv_nsec};
}

static bool dumps_same(const struct dumps_key *a, const struct dumps_key *b)
{
	return a->device == b->device && a->inode == b->inode && a->bytes == b->bytes &&
	       a->mtime_ns == b->mtime_ns;
}

static bool dumps_remembers(const struct dumps *d, const struct dumps_key *key)
{
	for (size_t i = 0; i < d->remembered_count; i++)
		if (dumps_same(&d->remembered[i].key, key))
			return true;
	return false;
}

/* In the place of the oldest, which is then known by its age. */
static void dumps_remember(struct dumps *d, const struct dumps_memory *memory)
{
	struct dumps_memory *place = &d->remembered[d->remembered_next];
	if (d->remembered_count == DUMPS_REMEMBERED_MAX &&
		place->ctime_ms >= d->since_ms)
		d->since_ms = place->ctime_ms + 1;
	*place = *memory;
	d->remembered_next = (d->remembered_next + 1) % DUMPS_REMEMBERED_MAX;
	if (d->remembered_count < DUMPS_REMEMBERED_MAX)
		d->remembered_count++;
}

static struct dumps_pending *dumps_find(struct dumps *d, const struct dumps_key *key)
{
	for (size_t i = 0; i < d->pending_count; i++)
		if (d->pending[i].key.device == key->device &&
			d->pending[i].key.inode == key->inode)
			return &d->pending[i];
	return NULL;
}

static void dumps_remove(struct dumps *d, struct dumps_pending *p)
{
	d->pending_count--;
	memmove(p, p + 1, (size_t)(d->pending + d->pending_count - p) * sizeof *p);
}

/* A name that was listed. */
static void dumps_meet(struct dumps *d, struct dumps_place *place, int folder,
	const char *name, int64_t now_mono_ms)
{
	struct stat info;
	if (!dumps_is_name(name) ||
		fstatat(folder, name, &info, AT_SYMLINK_NOFOLLOW) != 0 ||
		!S_ISREG(info.st_mode))
		return;
	struct dumps_key key = dumps_key_of(&info);
	int64_t ctime_ms = (int64_t)info.st_ctim.tv_sec * 1000 +
			   info.st_ctim.tv_nsec / 1000000;
	if (ctime_ms < d->since_ms || dumps_remembers(d, &key))
		return;
	struct dumps_pending *p = dumps_find(d, &key);
	if (p && p->place == place) {
		strcpy(p->name, name); /* it may have been renamed */
		return;
	}
	if (p || d->pending_count == DUMPS_PENDING_MAX)
		return;
	p = &d->pending[d->pending_count++];
	*p = (struct dumps_pending){.place = place,
		.key = key,
		.ctime_ms = ctime_ms,
		.changed_ms = now_mono_ms,
		.check_ms = now_mono_ms + DUMPS_CHECK_MIN_MS};
	strcpy(p->name, name);
}

static int dumps_open(const struct dumps_place *place)
{
	return open(place->is->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static void dumps_list(struct dumps *d, struct dumps_place *place, int64_t now_mono_ms)
{
	int folder = dumps_open(place);
	scoped_dir DIR *dir = folder < 0 ? NULL : fdopendir(folder);
	place->changed = false;
	if (!dir) {
		if (!place->troubled)
			err_errno(&place->trouble,
				"cannot look for heap snapshots in %s",
				place->is->path);
		place->troubled = true;
		if (folder >= 0)
			close(folder);
		return;
	}
	place->troubled = false;
	int listed = 0;
	for (struct dirent *entry; listed < DUMPS_LISTED_MAX && (entry = readdir(dir));
		listed++)
		dumps_meet(d, place, folder, entry->d_name, now_mono_ms);
}

static void dumps_drain(struct dumps *d)
{
	_Alignas(struct inotify_event) char bytes[4096];
	ssize_t got;
	while (d->inotify >= 0 && (got = read(d->inotify, bytes, sizeof bytes)) > 0) {
		for (ssize_t at = 0; at < got;) {
			const struct inotify_event *event = (const void *)(bytes + at);
			for (size_t i = 0; i < d->place_count; i++) {
				struct dumps_place *place = &d->places[i];
				bool is_its = event->wd == place->watch;
				if (is_its || event->mask & IN_Q_OVERFLOW)
					place->changed = true;
				if (is_its && event->mask & IN_IGNORED)
					place->watch = -1;
			}
			at += (ssize_t)(sizeof *event + event->len);
		}
	}
}

/* Whether a file that nobody writes to ends as a snapshot does. */
static bool dumps_is_whole(int fd, const struct dumps_pending *p)
{
	char tail[DUMPS_TAIL_BYTES];
	int64_t from = p->key.bytes - DUMPS_TAIL_BYTES;
	if (!dumps_is_plain(p->name))
		return p->key.bytes > 0;
	ssize_t n = pread(fd, tail, sizeof tail, from > 0 ? from : 0);
	static const char *const ends = "}]";
	for (const char *end = ends; *end; end++) {
		while (n > 0 && strchr(" \t\r\n", tail[n - 1]))
			n--;
		if (n <= 0 || tail[--n] != *end)
			return false;
	}
	return true;
}

static void dumps_judge(
	struct dumps_pending *p, int fd, const struct stat *info, int64_t now_mono_ms)
{
	struct dumps_key key = dumps_key_of(info);
	if (!dumps_same(&key, &p->key))
		p->changed_ms = now_mono_ms;
	p->key = key;
	p->owner = info->st_uid;
	int64_t still_ms = now_mono_ms - p->changed_ms;
	if (key.bytes > DUMPS_BYTES_MAX)
		snprintf(p->trouble, sizeof p->trouble, "it has more than %lld GiB",
			(long long)(DUMPS_BYTES_MAX >> 30));
	else if (still_ms >= DUMPS_UNFINISHED_MS && !dumps_is_whole(fd, p))
		snprintf(p->trouble, sizeof p->trouble,
			"it is not whole, and nobody has written to it for %d minutes",
			DUMPS_UNFINISHED_MS / 60000);
	if (p->trouble[0] || (still_ms >= DUMPS_STILL_MS && dumps_is_whole(fd, p)))
		p->stage = DUMPS_READY;
	int64_t wait_ms = still_ms / 2;
	if (wait_ms < DUMPS_CHECK_MIN_MS)
		wait_ms = DUMPS_CHECK_MIN_MS;
	if (wait_ms > DUMPS_CHECK_MAX_MS)
		wait_ms = DUMPS_CHECK_MAX_MS;
	p->check_ms = now_mono_ms + wait_ms;
}

/* False: it is gone, or not what it was. */
static bool dumps_check(struct dumps_pending *p, int64_t now_mono_ms)
{
	scoped_fd int folder = dumps_open(p->place);
	scoped_fd int fd = folder < 0 ? -1
				      : openat(folder, p->name,
						O_RDONLY | O_NOFOLLOW | O_NONBLOCK |
							O_CLOEXEC);
	struct stat info;
	if (fd < 0 && folder >= 0 && errno == EACCES &&
		fstatat(folder, p->name, &info, AT_SYMLINK_NOFOLLOW) == 0) {
		snprintf(p->trouble, sizeof p->trouble,
			"the agent may not read it: it belongs to user %u; touch it "
			"when it may",
			(unsigned)info.st_uid);
		p->owner = info.st_uid;
		p->stage = DUMPS_READY;
		return true;
	}
	if (fd < 0 || fstat(fd, &info) != 0 || !S_ISREG(info.st_mode))
		return false;
	dumps_judge(p, fd, &info, now_mono_ms);
	return true;
}

static void dumps_look(struct dumps *d, int64_t now_mono_ms)
{
	for (size_t i = 0; i < d->place_count; i++) {
		struct dumps_place *place = &d->places[i];
		if (place->watch < 0 && d->inotify >= 0)
			place->watch = inotify_add_watch(
				d->inotify, place->is->path, DUMPS_WATCHED);
		place->changed = true;
	}
	d->look_ms = now_mono_ms + DUMPS_LOOK_MS;
}

void dumps_run(struct dumps *d, int64_t now_unix_ms, int64_t now_mono_ms)
{
	dumps_drain(d);
	if (now_mono_ms >= d->look_ms)
		dumps_look(d, now_mono_ms);
	for (size_t i = 0; i < d->place_count; i++)
		if (d->places[i].changed)
			dumps_list(d, &d->places[i], now_mono_ms);
	for (size_t i = 0; i < d->pending_count;) {
		struct dumps_pending *p = &d->pending[i];
		if (p->stage == DUMPS_WRITTEN && now_mono_ms >= p->check_ms &&
			!dumps_check(p, now_mono_ms))
			dumps_remove(d, p);
		else
			i++;
	}
	d->seen_ms = now_unix_ms;
	if (now_mono_ms >= d->hour_ms) {
		d->hour_ms = now_mono_ms + DUMPS_HOUR_MS;
		d->given = 0;
	}
}

static bool dumps_may_give(struct dumps *d)
{
	if (d->given < DUMPS_HOURLY_MAX)
		return true;
	if (d->given == DUMPS_HOURLY_MAX) {
		d->given++; /* told */
		err_set(&d->flood, ERR_BUSY,
			"more than %d heap snapshots have appeared within an hour: the "
			"others wait",
			DUMPS_HOURLY_MAX);
	}
	return false;
}

int64_t dumps_due_ms(const struct dumps *d)
{
	int64_t due = d->place_count ? d->look_ms : INT64_MAX;
	for (size_t i = 0; i < d->pending_count; i++)
		if (d->pending[i].stage == DUMPS_WRITTEN &&
			d->pending[i].check_ms < due)
			due = d->pending[i].check_ms;
	return due;
}

bool dumps_next(struct dumps *d, struct dumps_file *out)
{
	for (size_t i = 0; i < d->pending_count; i++) {
		struct dumps_pending *p = &d->pending[i];
		if (p->stage != DUMPS_READY)
			continue;
		if (!dumps_may_give(d))
			return false;
		d->given++;
		p->stage = DUMPS_GIVEN;
		*out = (struct dumps_file){.directory = p->place->is,
			.key = p->key,
			.owner = p->owner,
			.pid = dumps_pid_of(p->name),
			.made_unix_ms = p->key.mtime_ns / 1000000};
		snprintf(out->path, sizeof out->path, "%s/%s", p->place->is->path,
			p->name);
		strcpy(out->trouble, p->trouble);
		return true;
	}
	return false;
}

void dumps_settle(struct dumps *d, const struct dumps_key *key)
{
	struct dumps_pending *p = dumps_find(d, key);
	const struct dumps_memory memory = {*key, p ? p->ctime_ms : 0};
	dumps_remember(d, &memory);
	if (p && p->stage == DUMPS_GIVEN)
		dumps_remove(d, p);
}

bool dumps_trouble(struct dumps *d, struct err *out)
{
	if (d->flood.kind != ERR_NONE) {
		*out = d->flood;
		d->flood = (struct err){0};
		return true;
	}
	for (size_t i = 0; i < d->place_count; i++) {
		struct dumps_place *place = &d->places[i];
		if (place->trouble.kind == ERR_NONE)
			continue;
		*out = place->trouble;
		place->trouble = (struct err){0};
		return true;
	}
	return false;
}

/* What comes before is known: files that are still waited for are not. */
void dumps_format(const struct dumps *d, struct buf *out)
{
	int64_t since_ms = d->seen_ms;
	for (size_t i = 0; i < d->pending_count; i++)
		if (d->pending[i].ctime_ms < since_ms)
			since_ms = d->pending[i].ctime_ms;
	/* The kernel's file times are some milliseconds behind the clock. */
	buf_printf(out, "seen %" PRId64 "\n", since_ms - 1000);
	size_t first = d->remembered_count < DUMPS_REMEMBERED_MAX ? 0
								  : d->remembered_next;
	for (size_t i = 0; i < d->remembered_count; i++) {
		const struct dumps_memory *m =
			&d->remembered[(first + i) % DUMPS_REMEMBERED_MAX];
		buf_printf(out,
			"%" PRIu64 " %" PRIu64 " %" PRId64 " %" PRId64 " %" PRId64 "\n",
			m->key.device, m->key.inode, m->key.bytes, m->key.mtime_ns,
			m->ctime_ms);
	}
}

bool dumps_parse(struct dumps *d, const char *text, struct err *e)
{
	int64_t since_ms;
	if (d->place_count == 0)
		return true; /* of directories that are no longer configured */
	if (sscanf(text, "seen %" SCNd64 "\n", &since_ms) != 1)
		return err_set(e, ERR_INPUT, "line 1 is damaged");
	if (since_ms < d->since_ms)
		d->since_ms = since_ms;
	for (int line = 2; *(text += strcspn(text, "\n")); line++) {
		struct dumps_memory m;
		if (!*++text)
			break;
		if (sscanf(text,
			    "%" SCNu64 " %" SCNu64 " %" SCNd64 " %" SCNd64 " %" SCNd64,
			    &m.key.device, &m.key.inode, &m.key.bytes, &m.key.mtime_ns,
			    &m.ctime_ms) != 5)
			return err_set(e, ERR_INPUT, "line %d is damaged", line);
		dumps_remember(d, &m);
	}
	return true;
}
