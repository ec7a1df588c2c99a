#include "server/cluster.h"

#include "common/buf.h"
#include "common/clock.h"
#include "common/room.h"
#include "common/scoped.h"
#include "server/cluster_programs.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>

enum {
	CLUSTER_READY_MS = 15 * 60 * 1000, /* recovery after a crash can take long */
	CLUSTER_STOP_MS = 60 * 1000,
	CLUSTER_LEAVE_MS = 3000, /* who leaves too has the lock for a moment only */
	CLUSTER_THAW_MS = 3000,  /* sessions end at once when they can */
	CLUSTER_POLL_MS = 20,
	CLUSTER_ATTEMPTS = 10, /* a killed postmaster's sessions take a moment to go */
	CLUSTER_ATTEMPT_MS = 500,
	CLUSTER_WAL_MB_MIN = 96,
	CLUSTER_WAL_MB_MAX = 2048,
};

struct cluster {
	char *data_dir; /* ours; below are PostgreSQL's parts of it */
	char *data, *socket_dir, *log;
	char programs[PATH_MAX];
	pid_t pid;
	bool is_child; /* else adopted */
	bool was_adopted;
	int users_fd; /* holds the shared lock */
	int lock_fd;  /* holds cluster.lock while it is being brought up, else -1 */
	int64_t deadline_ms;
	int failures; /* in a row, to bring it up */
};

static char *cluster_path(const char *folder, const char *name)
{
	char *path = NULL;
	BUG_ON(asprintf(&path, "%s/%s", folder, name) < 0);
	return path;
}

bool cluster_uri(const char *data_dir, struct arena *a, const char **uri, struct err *e)
{
	struct sockaddr_un address;
	const char *name = "/run/.s.PGSQL.5432";
	if (strlen(data_dir) + strlen(name) >= sizeof address.sun_path)
		return err_set(e, ERR_INPUT,
			"data_dir is too long for the embedded database: a unix "
			"socket's path "
			"has at most %zu characters",
			sizeof address.sun_path - 1);
	struct buf text = {0};
	buf_text(&text, "host='");
	for (const char *c = data_dir; *c; c++) {
		if (*c == '\'' || *c == '\\')
			buf_byte(&text, '\\');
		buf_byte(&text, *c);
	}
	buf_text(&text, "/run' port=5432 user=tidemark dbname=postgres");
	*uri = arena_strdup(a, text.data);
	buf_finish(&text);
	return true;
}

static void cluster_unlock(struct cluster *c)
{
	if (c->lock_fd >= 0)
		close(c->lock_fd);
	c->lock_fd = -1;
}

static void cluster_destroy(struct cluster *c)
{
	if (!c)
		return;
	cluster_unlock(c);
	if (c->users_fd >= 0)
		close(c->users_fd);
	free(c->data_dir);
	free(c->data);
	free(c->socket_dir);
	free(c->log);
	free(c);
}

static struct cluster *cluster_create(const char *data_dir)
{
	struct cluster *c = calloc(1, sizeof *c);
	BUG_ON(!c);
	c->data_dir = strdup(data_dir);
	BUG_ON(!c->data_dir);
	c->data = cluster_path(data_dir, "postgres");
	c->socket_dir = cluster_path(data_dir, "run");
	c->log = cluster_path(data_dir, "postgres.start.log");
	c->users_fd = c->lock_fd = -1;
	return c;
}

/* A locked file, or -1 (ERR_BUSY: LOCK_NB, and somebody has it).  Closing it unlocks.
 */
static int cluster_lock(
	const struct cluster *c, const char *name, int how, struct err *e)
{
	scoped_free char *path = cluster_path(c->data_dir, name);
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	while (fd >= 0 && flock(fd, how) != 0) {
		if (errno == EINTR)
			continue;
		bool busy = errno == EWOULDBLOCK;
		err_errno(e, "%s", path);
		if (busy)
			e->kind = ERR_BUSY;
		close(fd);
		return -1;
	}
	if (fd < 0)
		err_errno(e, "%s", path);
	return fd;
}

static void cluster_sleep(long ms)
{
	nanosleep(&(struct timespec){.tv_nsec = ms * 1000000L}, NULL);
}

/* Whether `pid` is a postmaster of our data: it works in that folder. */
static bool cluster_is_ours(const struct cluster *c, pid_t pid)
{
	char link[64], cwd[PATH_MAX], real[PATH_MAX];
	snprintf(link, sizeof link, "/proc/%ld/cwd", (long)pid);
	ssize_t n = readlink(link, cwd, sizeof cwd - 1);
	if (n <= 0 || !realpath(c->data, real))
		return false;
	cwd[n] = 0;
	return strcmp(cwd, real) == 0;
}

/* What postmaster.pid says: the pid in its first line, the state in its eighth. */
static pid_t cluster_read_pid(const struct cluster *c, bool *ready)
{
	scoped_free char *path = cluster_path(c->data, "postmaster.pid");
	scoped_file FILE *file = fopen(path, "re");
	char line[PATH_MAX];
	pid_t pid = 0;
	*ready = false;
	for (int i = 1; file && fgets(line, sizeof line, file); i++) {
		if (i == 1)
			pid = (pid_t)strtol(line, NULL, 10);
		if (i == 8)
			*ready = strncmp(line, "ready", 5) == 0;
	}
	return pid;
}

/* Takes over one that somebody else has started on our data meanwhile. */
static bool cluster_adopt(struct cluster *c)
{
	bool ready;
	pid_t pid = cluster_read_pid(c, &ready);
	if (pid <= 0 || !cluster_is_ours(c, pid))
		return false;
	c->pid = pid;
	c->is_child = false;
	return true;
}

static bool cluster_is_running(struct cluster *c)
{
	if (c->pid <= 0)
		return false;
	if (c->is_child)
		return waitpid(c->pid, NULL, WNOHANG) == 0;
	return cluster_is_ours(c, c->pid);
}

enum cluster_progress { CLUSTER_WAITING, CLUSTER_READY, CLUSTER_FAILED };

/* One look at one that is starting. */
static enum cluster_progress cluster_look(struct cluster *c, struct err *e)
{
	bool ready;
	if (cluster_read_pid(c, &ready) == c->pid && ready)
		return CLUSTER_READY;
	if (!cluster_is_running(c))
		cluster_programs_failed("postgres", c->log, e);
	else if (clock_mono_ms() < c->deadline_ms)
		return CLUSTER_WAITING;
	else
		err_set(e, ERR_IO, "postgres is not ready after %d minutes",
			CLUSTER_READY_MS / 60000);
	return CLUSTER_FAILED;
}

/* Why each is what it is: docs/operations.md. */
static const char cluster_settings[] =
	"# Written at every start; own settings belong into local.conf beside it.\n"
	"listen_addresses = ''\n"
	"port = 5432\n"
	"unix_socket_permissions = 0700\n"
	"max_connections = 100\n"
	"shared_buffers = %lldMB\n"
	"max_wal_size = %lldMB\n"
	"wal_compression = on\n"
	"checkpoint_timeout = 15min\n"
	"checkpoint_completion_target = 0.9\n"
	"synchronous_commit = on\n"
	"jit = off\n"
	"autovacuum_vacuum_insert_threshold = -1\n"
	"temp_file_limit = 2GB\n"
	"log_timezone = 'UTC'\n"
	"logging_collector = on\n"
	"log_directory = 'log'\n"
	"log_filename = 'postgres-%%a.log'\n"
	"log_truncate_on_rotation = on\n"
	"log_rotation_age = 1d\n"
	"log_min_error_statement = panic\n"
	"log_checkpoints = off\n"
	"log_line_prefix = '%%m [%%p] %%a '\n"
	"include_if_exists = 'local.conf'\n";

/* Sizes for a machine that does other work too. */
static int64_t cluster_shared_buffers_mb(void)
{
	int64_t total_mb = (int64_t)sysconf(_SC_PHYS_PAGES) * sysconf(_SC_PAGESIZE) /
			   (1 << 20);
	int64_t mb = total_mb / 8;
	return mb < 32 ? 32 : mb > 512 ? 512 : mb;
}

/* PostgreSQL's log may grow to this between two checkpoints.  On a small disk less, so
 * that what is left is for readings. */
static int64_t cluster_wal_mb(const struct cluster *c)
{
	struct room room;
	struct err e;
	int64_t mb = room_read(c->data_dir, &room, &e)
			     ? room.total_bytes / (1 << 20) / 20
			     : CLUSTER_WAL_MB_MAX;
	return mb < CLUSTER_WAL_MB_MIN   ? CLUSTER_WAL_MB_MIN
	       : mb > CLUSTER_WAL_MB_MAX ? CLUSTER_WAL_MB_MAX
					 : mb;
}

static bool cluster_write_settings(const struct cluster *c, struct err *e)
{
	scoped_free char *path = cluster_path(c->data, "postgresql.conf");
	scoped_free char *part = cluster_path(c->data, "postgresql.conf.new");
	FILE *file = fopen(part, "we");
	if (!file)
		return err_errno(e, "%s", part);
	fprintf(file, cluster_settings, (long long)cluster_shared_buffers_mb(),
		(long long)cluster_wal_mb(c));
	if (fclose(file) != 0 || rename(part, path) != 0)
		return err_errno(e, "%s", path);
	return true;
}

/* Starts PostgreSQL, or finds that it runs already, and does not wait.  Called with
 * cluster.lock. */
static bool cluster_bring_up(struct cluster *c, struct err *e)
{
	c->deadline_ms = clock_mono_ms() + CLUSTER_READY_MS;
	if (cluster_adopt(c))
		return true;
	/* Left by a crash of the machine, if there is one; PostgreSQL itself would
	 * hesitate when the number in it belongs to another program by now. */
	scoped_free char *stale = cluster_path(c->data, "postmaster.pid");
	unlink(stale);
	if (!cluster_write_settings(c, e))
		return false;
	char *argv[] = {"postgres", "-D", c->data, "-k", c->socket_dir, NULL};
	c->pid = cluster_programs_spawn(c->programs, argv, c->log, e);
	c->is_child = c->pid > 0;
	return c->is_child;
}

static bool cluster_prepare(struct cluster *c, struct err *e)
{
	if (mkdir(c->socket_dir, 0700) != 0 && errno != EEXIST)
		return err_errno(e, "%s", c->socket_dir);
	if (!cluster_programs_find(c->data, c->programs, sizeof c->programs, e))
		return false;
	return access(c->data, F_OK) == 0 ||
	       cluster_programs_initdb(c->programs, c->data, c->log, e);
}

/* False: the caller has no more patience. */
static bool cluster_pause(bool (*patient)(void), long ms, struct err *e)
{
	cluster_sleep(ms);
	return !patient || patient() ||
	       err_set(e, ERR_BUSY, "stopped while it was starting");
}

static bool cluster_try(struct cluster *c, bool (*patient)(void), struct err *e)
{
	if (!cluster_bring_up(c, e))
		return false;
	enum cluster_progress progress;
	while ((progress = cluster_look(c, e)) == CLUSTER_WAITING)
		if (!cluster_pause(patient, CLUSTER_POLL_MS, e))
			return false;
	return progress == CLUSTER_READY;
}

static bool cluster_open(struct cluster *c, bool (*patient)(void), struct err *e)
{
	while ((c->lock_fd = cluster_lock(c, "cluster.lock", LOCK_EX | LOCK_NB, e)) < 0)
		if (e->kind != ERR_BUSY || !cluster_pause(patient, CLUSTER_POLL_MS, e))
			return false;
	if (!cluster_prepare(c, e))
		return false;
	c->users_fd = cluster_lock(c, "cluster.users", LOCK_SH, e);
	if (c->users_fd < 0)
		return false;
	while (!cluster_try(c, patient, e)) {
		if (e->kind == ERR_BUSY || ++c->failures == CLUSTER_ATTEMPTS)
			return false;
		if (!cluster_pause(patient, CLUSTER_ATTEMPT_MS, e))
			return false;
	}
	cluster_unlock(c);
	c->failures = 0;
	c->was_adopted = !c->is_child;
	return true;
}

struct cluster *cluster_start(
	const char *data_dir, bool (*patient)(void), struct err *e)
{
	struct cluster *c = cluster_create(data_dir);
	if (cluster_open(c, patient, e))
		return c;
	cluster_stop(c);
	err_wrap(e, "embedded database");
	return NULL;
}

bool cluster_was_adopted(const struct cluster *c)
{
	return c->was_adopted;
}

/* A full disk is no failure of ours: it works again by itself once there is room. */
static bool cluster_has_room(const struct cluster *c)
{
	struct room room;
	struct err e;
	return !room_read(c->data_dir, &room, &e) || !room.none;
}

static bool cluster_count_failure(struct cluster *c, struct err *e)
{
	cluster_unlock(c);
	if (!cluster_has_room(c))
		return true;
	c->failures++;
	return c->failures < CLUSTER_ATTEMPTS || err_wrap(e, "embedded database");
}

/* Begins to bring it up again, unless another process is at it or there is no room. */
static bool cluster_revive(struct cluster *c, struct err *e)
{
	if (!cluster_has_room(c))
		return true;
	c->lock_fd = cluster_lock(c, "cluster.lock", LOCK_EX | LOCK_NB, e);
	if (c->lock_fd < 0)
		return e->kind == ERR_BUSY || err_wrap(e, "embedded database");
	return cluster_bring_up(c, e) || cluster_count_failure(c, e);
}

bool cluster_keep(struct cluster *c, bool *restarted, struct err *e)
{
	*restarted = false;
	if (c->lock_fd < 0)
		return cluster_is_running(c) || cluster_revive(c, e);
	switch (cluster_look(c, e)) {
	case CLUSTER_WAITING:
		return true;
	case CLUSTER_FAILED:
		return cluster_count_failure(c, e);
	case CLUSTER_READY:
		break;
	}
	cluster_unlock(c);
	c->failures = 0;
	*restarted = true;
	return true;
}

static bool cluster_wait_end(struct cluster *c, int64_t timeout_ms)
{
	int64_t deadline_ms = clock_mono_ms() + timeout_ms;
	while (cluster_is_running(c)) {
		if (clock_mono_ms() >= deadline_ms)
			return false;
		cluster_sleep(CLUSTER_POLL_MS);
	}
	return true;
}

/* A session that somebody has stopped (SIGSTOP, a debugger) would never hear that it
 * should end.  It is ours, so it is woken. */
static void cluster_thaw(const struct cluster *c)
{
	scoped_dir DIR *processes = opendir("/proc");
	struct dirent *entry;
	while (processes && (entry = readdir(processes))) {
		char path[64];
		long pid = strtol(entry->d_name, NULL, 10), parent = 0;
		snprintf(path, sizeof path, "/proc/%ld/stat", pid);
		scoped_file FILE *file = pid > 0 ? fopen(path, "re") : NULL;
		if (file && fscanf(file, "%*d (%*[^)]) %*c %ld", &parent) == 1 &&
			parent == (long)c->pid)
			kill((pid_t)pid, SIGCONT);
	}
	kill(c->pid, SIGCONT);
}

/* -1: somebody else is bringing it up, and will be there when we are gone. */
static int cluster_lock_to_leave(const struct cluster *c)
{
	int64_t deadline_ms = clock_mono_ms() + CLUSTER_LEAVE_MS;
	struct err e;
	int lock;
	while ((lock = cluster_lock(c, "cluster.lock", LOCK_EX | LOCK_NB, &e)) < 0) {
		if (e.kind != ERR_BUSY || clock_mono_ms() >= deadline_ms)
			break;
		cluster_sleep(CLUSTER_POLL_MS);
	}
	return lock;
}

void cluster_stop(struct cluster *c)
{
	if (!c)
		return;
	cluster_unlock(c);
	scoped_fd int lock = c->users_fd >= 0 ? cluster_lock_to_leave(c) : -1;
	bool last = lock >= 0 && flock(c->users_fd, LOCK_EX | LOCK_NB) == 0;
	if (last && (cluster_is_running(c) || cluster_adopt(c))) {
		kill(c->pid, SIGINT);
		if (!cluster_wait_end(c, CLUSTER_THAW_MS))
			cluster_thaw(c);
		if (!cluster_wait_end(c, CLUSTER_STOP_MS)) {
			kill(c->pid, SIGQUIT);
			cluster_wait_end(c, CLUSTER_STOP_MS);
		}
	}
	cluster_destroy(c);
}
