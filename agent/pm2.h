/*
 * Pm2: what pm2, the process manager of Node.js, calls a process.
 *
 * Its daemon writes "PM2 v7.0.4: God Daemon (/home/shop/.pm2)" over its command line;
 * the folder in it holds pids/NAME-NUMBER.pid for each process, whose text is the pid.
 * So the names of `pm2 ls` are had without asking pm2 and without reading an
 * environment.  pm2 writes '-' for what is neither letter, digit nor dash in a name,
 * and leaves out the "-2" of "api-2"; where a pid_file is configured, it is elsewhere,
 * and the process is named like any other.
 *
 * The title is what the daemon says of itself, so it is not trusted with more than a
 * name: the folder must belong to the daemon's user, only small regular files in it are
 * read, and no link out of its root is followed.
 */
#ifndef TIDEMARK_AGENT_PM2_H
#define TIDEMARK_AGENT_PM2_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

enum { PM2_HOME_MAX = 512, PM2_NAME_MAX = 201, PM2_PROCESSES_MAX = 1000 };

struct pm2 {
	char version[32];
	char home[PM2_HOME_MAX]; /* "" when the title was cut */
};

/* `title` is a command line of `length` bytes.  False when it is not pm2's daemon.
 * Pure. */
bool pm2_read_title(const char *title, size_t length, struct pm2 *out);

/* A process of `pm2 ls`. */
struct pm2_process {
	char name[PM2_NAME_MAX];
	int number; /* stays when the process is restarted or reloaded */
};

/* What the daemon of `user`, whose root is the directory `root`, calls its child `pid`
 * (as that root's processes number it).  False when it does not say, or we may not see
 * it. */
bool pm2_find(int root, const struct pm2 *daemon, uid_t user, int pid,
	struct pm2_process *out);

#endif
