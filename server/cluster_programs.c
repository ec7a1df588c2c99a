#include "server/cluster_programs.h"

#include "common/scoped.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <glob.h>
#include <limits.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

/* The major version that made the cluster, or 0 when there is none yet. */
static int cluster_programs_version_of(const char *data)
{
	char path[PATH_MAX];
	int version = 0;
	snprintf(path, sizeof path, "%s/PG_VERSION", data);
	scoped_file FILE *file = fopen(path, "re");
	if (file && fscanf(file, "%d", &version) != 1)
		version = 0;
	return version;
}

static int cluster_programs_highest(void)
{
	int highest = 0;
	glob_t found;
	if (glob("/usr/lib/postgresql/*/bin/postgres", 0, NULL, &found) != 0)
		return 0;
	for (size_t i = 0; i < found.gl_pathc; i++) {
		int version = 0;
		if (sscanf(found.gl_pathv[i], "/usr/lib/postgresql/%d/", &version) ==
				1 &&
			version > highest)
			highest = version;
	}
	globfree(&found);
	return highest;
}

static bool cluster_programs_on_path(char *folder, size_t size)
{
	const char *at = getenv("PATH");
	while (at && *at) {
		int n = (int)strcspn(at, ":");
		char program[PATH_MAX];
		snprintf(program, sizeof program, "%.*s/initdb", n, at);
		if (n > 0 && access(program, X_OK) == 0) {
			snprintf(folder, size, "%.*s", n, at);
			return true;
		}
		at += n + (at[n] == ':');
	}
	return false;
}

bool cluster_programs_find(const char *data, char *folder, size_t size, struct err *e)
{
	int made_by = cluster_programs_version_of(data);
	int version = made_by ? made_by : cluster_programs_highest();
	char program[PATH_MAX];
	snprintf(program, sizeof program, "/usr/lib/postgresql/%d/bin/postgres",
		version);
	if (version && access(program, X_OK) == 0) {
		snprintf(folder, size, "/usr/lib/postgresql/%d/bin", version);
		return true;
	}
	if (cluster_programs_on_path(folder, size))
		return true;
	if (made_by)
		return err_set(e, ERR_INPUT,
			"%s was made by PostgreSQL %d, which is not installed (package "
			"postgresql-%d)",
			data, made_by, made_by);
	return err_set(e, ERR_INPUT,
		"no PostgreSQL server programs found: install the package postgresql, "
		"or set "
		"`database`");
}

/* Ours, without NOTIFY_SOCKET: what systemd hears of this service is said by us.  Its
 * strings are environ's; the caller frees the list. */
static char **cluster_programs_environment(void)
{
	extern char **environ;
	static const char notify[] = "NOTIFY_SOCKET=";
	size_t count = 0, kept = 0;
	while (environ[count])
		count++;
	char **list = calloc(count + 1, sizeof *list);
	BUG_ON(!list);
	for (size_t i = 0; i < count; i++)
		if (strncmp(environ[i], notify, sizeof notify - 1) != 0)
			list[kept++] = environ[i];
	return list;
}

pid_t cluster_programs_spawn(
	const char *folder, char *argv[], const char *log, struct err *e)
{
	char program[PATH_MAX];
	snprintf(program, sizeof program, "%s/%s", folder, argv[0]);
	posix_spawn_file_actions_t files;
	posix_spawn_file_actions_init(&files);
	posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_addopen(
		&files, 1, log, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	posix_spawn_file_actions_adddup2(&files, 1, 2);
	/* Our threads block signals; a child must not inherit that. */
	sigset_t none, all;
	sigemptyset(&none);
	sigfillset(&all);
	posix_spawnattr_t attributes;
	posix_spawnattr_init(&attributes);
	posix_spawnattr_setsigmask(&attributes, &none);
	posix_spawnattr_setsigdefault(&attributes, &all);
	posix_spawnattr_setflags(&attributes,
		POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
	pid_t pid;
	char *name = argv[0];
	scoped_free char **environment = cluster_programs_environment();
	argv[0] = program;
	errno = posix_spawn(&pid, program, &files, &attributes, argv, environment);
	argv[0] = name;
	if (errno) {
		err_errno(e, "%s", program);
		pid = -1;
	}
	posix_spawn_file_actions_destroy(&files);
	posix_spawnattr_destroy(&attributes);
	return pid;
}

bool cluster_programs_failed(const char *program, const char *log, struct err *e)
{
	char line[400], last[400] = "it said nothing";
	scoped_file FILE *file = fopen(log, "re");
	while (file && fgets(line, sizeof line, file)) {
		line[strcspn(line, "\n")] = 0;
		if (*line)
			memcpy(last, line, sizeof last);
	}
	return err_set(e, ERR_IO, "%s failed: %s", program, last);
}

static int cluster_programs_remove_one(
	const char *path, const struct stat *info, int kind, struct FTW *where)
{
	(void)info;
	(void)kind;
	(void)where;
	return remove(path);
}

bool cluster_programs_initdb(
	const char *folder, const char *data, const char *log, struct err *e)
{
	char part[PATH_MAX];
	snprintf(part, sizeof part, "%s.new", data);
	/* What an interrupted attempt has left. */
	nftw(part, cluster_programs_remove_one, 16, FTW_DEPTH | FTW_PHYS);
	char *argv[] = {"initdb", "--pgdata", part, "--username", "tidemark", "--auth",
		"trust", "--encoding", "UTF8", "--locale", "C", "--data-checksums",
		"--no-instructions", NULL};
	pid_t pid = cluster_programs_spawn(folder, argv, log, e);
	if (pid < 0)
		return false;
	int status = -1;
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (status != 0)
		return cluster_programs_failed("initdb", log, e);
	if (rename(part, data) != 0)
		return err_errno(e, "%s", data);
	return true;
}
