/*
 * Pg: a throw-away PostgreSQL for one test program.
 *
 * pg_start makes a cluster in a temporary folder (unix socket only, no fsync) and
 * runs it as a child; as root it runs as the user postgres, or nobody.  pg_stop ends
 * it and removes the folder; if the test dies first, the cluster dies with it.
 * Anything that fails here prints why and exits: there is nothing to test then.
 *
 *     static struct pg pg;
 *     pg_start(&pg);
 *     migrate_run(pg.uri, NULL, &e);
 */
#ifndef TIDEMARK_TESTS_SUPPORT_PG_H
#define TIDEMARK_TESTS_SUPPORT_PG_H

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

struct pg {
	char folder[64];
	char uri[160];
	char programs[128]; /* where initdb and postgres are */
	uid_t uid;
	gid_t gid;
	pid_t pid;
};

static inline void pg_die(const char *what)
{
	fprintf(stderr, "pg: %s: %s\n", what, strerror(errno));
	exit(99);
}

static inline void pg_find(struct pg *pg)
{
	glob_t found;
	if (glob("/usr/lib/postgresql/*/bin/initdb", 0, NULL, &found) != 0)
		pg_die("no PostgreSQL server programs in /usr/lib/postgresql");
	/* Sorted: the last is the newest, for two-digit versions. */
	snprintf(pg->programs, sizeof pg->programs, "%s",
		found.gl_pathv[found.gl_pathc - 1]);
	*strrchr(pg->programs, '/') = 0;
	globfree(&found);

	pg->uid = geteuid();
	pg->gid = getegid();
	if (pg->uid != 0)
		return;
	struct passwd *user = getpwnam("postgres");
	if (!user)
		user = getpwnam("nobody");
	if (!user)
		pg_die("no unprivileged user to run PostgreSQL as");
	pg->uid = user->pw_uid;
	pg->gid = user->pw_gid;
}

/* In the child: becomes the unprivileged user and the program, whose whole path stands
 * in argv[0], where it looks for its siblings.  Its output goes to the folder's log. */
static inline void pg_exec(const struct pg *pg, char *argv[])
{
	char path[192], log[96];
	snprintf(path, sizeof path, "%s/%s", pg->programs, argv[0]);
	argv[0] = path;
	snprintf(log, sizeof log, "%s/log", pg->folder);
	if (geteuid() == 0 &&
		(setgroups(0, NULL) || setresgid(pg->gid, pg->gid, pg->gid) ||
			setresuid(pg->uid, pg->uid, pg->uid)))
		pg_die("change user");
	/* Changing the user clears it, so it comes after. */
	prctl(PR_SET_PDEATHSIG, SIGQUIT);
	int fd = open(log, O_WRONLY | O_CREAT | O_APPEND, 0600);
	if (fd < 0 || dup2(fd, 1) < 0 || dup2(fd, 2) < 0 || chdir("/") != 0)
		pg_die(log);
	sigset_t none;
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	execv(path, argv);
	pg_die(path);
}

static inline bool pg_accepts(const struct pg *pg)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	snprintf(address.sun_path, sizeof address.sun_path, "%s/.s.PGSQL.5432",
		pg->folder);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	/* An SSLRequest: answered with one byte as soon as sessions can start. */
	static const unsigned char hello[8] = {0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f};
	char answer = 0;
	bool ok = fd >= 0 &&
		  connect(fd, (struct sockaddr *)&address, sizeof address) == 0 &&
		  write(fd, hello, sizeof hello) == (ssize_t)sizeof hello &&
		  read(fd, &answer, 1) == 1;
	if (fd >= 0)
		close(fd);
	return ok;
}

/* Whether the postmaster says so itself: the last line of postmaster.pid. */
static inline bool pg_is_ready(const struct pg *pg)
{
	char path[96], text[1024] = "";
	snprintf(path, sizeof path, "%s/data/postmaster.pid", pg->folder);
	FILE *file = fopen(path, "r");
	if (!file)
		return false;
	size_t n = fread(text, 1, sizeof text - 1, file);
	text[n] = 0;
	fclose(file);
	return strstr(text, "\nready") && pg_accepts(pg);
}

static inline void pg_run(struct pg *pg)
{
	char data[96];
	snprintf(data, sizeof data, "%s/data", pg->folder);
	pg->pid = fork();
	if (pg->pid < 0)
		pg_die("fork");
	if (pg->pid == 0)
		pg_exec(pg, (char *[]){"postgres", "-D", data, "-k", pg->folder, "-c",
				    "listen_addresses=", "-c", "fsync=off", "-c",
				    "shared_buffers=32MB", "-c", "max_connections=40",
				    NULL});
	for (int i = 0; i < 3000 && !pg_is_ready(pg); i++) {
		usleep(10000);
		if (waitpid(pg->pid, NULL, WNOHANG) == pg->pid)
			pg_die("postgres ended; see the log in its folder");
	}
	if (!pg_is_ready(pg))
		pg_die("postgres did not become ready");
}

static inline void pg_start(struct pg *pg)
{
	memset(pg, 0, sizeof *pg);
	pg_find(pg);
	snprintf(pg->folder, sizeof pg->folder, "/tmp/tidemark-pg-XXXXXX");
	if (!mkdtemp(pg->folder) || chown(pg->folder, pg->uid, pg->gid) != 0)
		pg_die(pg->folder);
	snprintf(pg->uri, sizeof pg->uri,
		"host=%s user=tidemark dbname=postgres connect_timeout=5", pg->folder);
	pid_t child = fork();
	if (child < 0)
		pg_die("fork");
	if (child == 0) {
		char data[96];
		snprintf(data, sizeof data, "%s/data", pg->folder);
		pg_exec(pg, (char *[]){"initdb", "-D", data, "-U", "tidemark", "-A",
				    "trust", "-E", "UTF8", "--locale=C", "--no-sync",
				    "--no-instructions", NULL});
	}
	int status;
	if (waitpid(child, &status, 0) != child || status != 0)
		pg_die("initdb failed; see the log in its folder");
	pg_run(pg);
}

/* Ends PostgreSQL at once, as a crash would. */
static inline void pg_kill(struct pg *pg)
{
	kill(pg->pid, SIGQUIT);
	waitpid(pg->pid, NULL, 0);
	pg->pid = 0;
}

static inline void pg_stop(struct pg *pg)
{
	if (pg->pid)
		pg_kill(pg);
	pid_t child = fork();
	if (child == 0) {
		execlp("rm", "rm", "-rf", "--", pg->folder, (char *)NULL);
		_exit(127);
	}
	waitpid(child, NULL, 0);
}

#endif
