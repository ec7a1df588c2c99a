#include "agent/fingerprint/look.h"

#include "agent/capture/procfile.h"
#include "agent/probe/cgroups.h"
#include "common/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { LOOK_BUDGET_MS = 2000 };

bool look_parse_stat(const char *text, int *parent, uint64_t *start_ticks)
{
	const char *c = strrchr(text, ')');
	char state;
	if (!c || sscanf(c + 1, " %c %d", &state, parent) != 2)
		return false;
	/* The start is field 22; the state is the third. */
	c++;
	for (int field = 3; field < 22; field++) {
		c += strspn(c, " ");
		c += strcspn(c, " ");
	}
	char *end;
	*start_ticks = strtoull(c, &end, 10);
	return end != c && state != 'Z' && state != 'X';
}

static bool look_stat(const char *procfs, int pid, int *parent, uint64_t *start_ticks)
{
	struct buf text = {0};
	bool ok = procfile_read(procfs, pid, "stat", &text) &&
		  look_parse_stat(text.data, parent, start_ticks);
	buf_finish(&text);
	return ok;
}

bool look_is_same(const struct look *l)
{
	int parent;
	uint64_t start_ticks;
	return look_stat(l->procfs, l->pid, &parent, &start_ticks) &&
	       start_ticks == l->start_ticks;
}

bool look_join(char out[PATH_MAX], const char *base, const char *path)
{
	size_t n = 0;
	const char *parts[] = {path[0] == '/' ? "" : base, path};
	for (size_t i = 0; i < 2; i++) {
		for (const char *c = parts[i]; *c;) {
			size_t length = strcspn(c, "/");
			if (length == 2 && c[0] == '.' && c[1] == '.') {
				while (n > 0 && out[--n] != '/')
					;
			} else if (length > 0 && !(length == 1 && c[0] == '.')) {
				if (n + 1 + length >= PATH_MAX)
					return false;
				out[n++] = '/';
				memcpy(out + n, c, length);
				n += length;
			}
			c += length;
			c += *c == '/';
		}
	}
	out[n] = '\0';
	return n > 0;
}

/* Effective user and group: the folder's owner is root for processes that may not be
 * dumped. */
static bool look_user(struct look *l)
{
	struct buf text = {0};
	unsigned uid, gid;
	bool ok = procfile_read(l->procfs, l->pid, "status", &text);
	const char *uids = ok ? strstr(text.data, "\nUid:") : NULL;
	const char *gids = ok ? strstr(text.data, "\nGid:") : NULL;
	ok = uids && gids && sscanf(uids + 5, "%*u %u", &uid) == 1 &&
	     sscanf(gids + 5, "%*u %u", &gid) == 1;
	if (ok)
		l->tree.user = (struct package_user){uid, gid};
	buf_finish(&text);
	return ok;
}

static bool look_link(const struct look *l, const char *name, char out[PATH_MAX])
{
	char path[PROCFILE_PATH_MAX];
	procfile_path(path, l->procfs, l->pid, name);
	ssize_t n = readlink(path, out, PATH_MAX - 1);
	n = n > 0 && n < PATH_MAX - 1 && out[0] == '/' ? n : 0;
	out[n] = '\0';
	return n > 0;
}

/* The longest row of 64 digits: "docker-ID.scope", "cri-containerd-ID", "/docker/ID".
 */
static void look_container(struct look *l, const char *group)
{
	for (const char *c = group; *c; c++) {
		size_t n = strspn(c, "0123456789abcdef");
		if (n == 64)
			snprintf(l->container, sizeof l->container, "%.64s", c);
		if (n > 1)
			c += n - 1;
	}
}

static void look_group(struct look *l)
{
	struct buf text = {0};
	struct cgroups_place place;
	if (procfile_read(l->procfs, l->pid, "cgroup", &text)) {
		cgroups_parse(text.data, &place);
		unit_parse(place.name, &l->unit);
		if (l->unit.container[0])
			look_container(l, place.name);
	}
	buf_finish(&text);
}

/* Without the right to enter its root, ours is also that of a process outside of
 * containers. */
static void look_root(struct look *l)
{
	char path[PROCFILE_PATH_MAX];
	struct stat own, its;
	int flags = O_PATH | O_DIRECTORY | O_CLOEXEC;
	procfile_path(path, l->procfs, l->pid, "root");
	l->tree.root = open(path, flags);
	if (l->tree.root < 0 && (errno == EACCES || errno == EPERM) &&
		!l->unit.container[0])
		l->tree.root = open("/", flags);
	l->is_root_ours = l->tree.root >= 0 && stat("/", &own) == 0 &&
			  fstat(l->tree.root, &its) == 0 && own.st_dev == its.st_dev &&
			  own.st_ino == its.st_ino;
}

static void look_paths(struct look *l)
{
	static const char gone[] = " (deleted)";
	if (look_link(l, "exe", l->program)) {
		size_t n = strlen(l->program), cut = sizeof gone - 1;
		l->is_program_gone = n > cut && strcmp(l->program + n - cut, gone) == 0;
		if (l->is_program_gone)
			l->program[n - cut] = '\0';
	}
	look_link(l, "cwd", l->folder);
	const char *script = l->command.script;
	char path[PATH_MAX];
	if (!script[0] || (script[0] != '/' && !l->folder[0]) ||
		!look_join(path, l->folder, script) || l->tree.root < 0)
		return;
	/* As Node.js does: what a script belongs to is where it really stands. */
	if (!tree_resolve(&l->tree, path, l->script, sizeof l->script))
		snprintf(l->script, sizeof l->script, "%s", path);
}

/* A title that was written over the command line hides the script, not the program. */
static void look_runtime(struct look *l)
{
	const char *slash = strrchr(l->program, '/');
	if (!slash || strcmp(l->command.runtime, "native") != 0)
		return;
	struct command own;
	const char *name = slash + 1;
	command_parse(name, strlen(name) + 1, name, &own);
	l->command.runtime = own.runtime;
}

bool look_open(struct look *l, const char *procfs, int pid, uint64_t start_ticks,
	struct err *e)
{
	struct buf comm = {0};
	*l = (struct look){.procfs = procfs, .pid = pid};
	l->tree.root = -1;
	l->tree.until_mono_ms = clock_mono_ms() + LOOK_BUDGET_MS;
	if (!look_stat(procfs, pid, &l->parent, &l->start_ticks) ||
		(start_ticks && l->start_ticks != start_ticks) || !look_user(l) ||
		!procfile_read(procfs, pid, "cmdline", &l->cmdline)) {
		look_close(l);
		return err_set(e, ERR_INPUT, "there is no process %d any more", pid);
	}
	if (!procfile_read(procfs, pid, "comm", &comm))
		buf_text(&comm, "");
	if (comm.length && comm.data[comm.length - 1] == '\n')
		comm.data[--comm.length] = '\0';
	command_parse(l->cmdline.data, l->cmdline.length, comm.data, &l->command);
	buf_finish(&comm);
	look_group(l);
	look_root(l);
	look_paths(l);
	look_runtime(l);
	return true;
}

void look_close(struct look *l)
{
	if (l->tree.root >= 0)
		close(l->tree.root);
	l->tree.root = -1;
	buf_finish(&l->cmdline);
}
