#include "agent/target.h"

#include "agent/entry.h"
#include "agent/list.h"
#include "agent/pm2.h"
#include "agent/probe/process_stat.h"
#include "common/scoped.h"
#include "common/utf8.h"

#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { TARGET_LAUNCHERS_MAX = 4 };

bool target_look(struct probes *p, int pid, const char *comm, struct target_facts *out)
{
	*out = (struct target_facts){.pid = pid};
	char folder[16];
	snprintf(folder, sizeof folder, "%d", pid);
	struct stat st;
	size_t length;
	const char *cmdline = probes_text(p, pid, "cmdline", NULL, &length);
	if (!cmdline || fstatat(probes_directory(p), folder, &st, 0) < 0)
		return false;
	out->user = (struct package_user){st.st_uid, st.st_gid};
	command_parse(cmdline, length, comm, &out->command);
	const char *cgroup = probes_text(p, pid, "cgroup", NULL, NULL);
	if (cgroup)
		cgroups_parse(cgroup, &out->place);
	unit_parse(out->place.name, &out->unit);
	return true;
}

static void target_command(const struct command *c, char *out, size_t size)
{
	snprintf(out, size, "%s%s%s", c->program, c->script[0] ? " " : "", c->script);
}

static bool target_matches_command(const char *pattern, const struct command *c)
{
	char whole[COMMAND_PROGRAM_MAX + COMMAND_SCRIPT_MAX];
	target_command(c, whole, sizeof whole);
	return fnmatch(pattern, whole, 0) == 0 || fnmatch(pattern, c->program, 0) == 0;
}

static bool target_matches_unit(const char *pattern, const struct unit *unit)
{
	if (!unit->name[0])
		return false;
	char whole[UNIT_NAME_MAX + sizeof ".service"];
	snprintf(whole, sizeof whole, "%s.service", unit->name);
	return fnmatch(pattern, unit->name, 0) == 0 || fnmatch(pattern, whole, 0) == 0;
}

static bool target_matches(const struct target_rule *r,
	const struct target_facts *facts, const char *found)
{
	const struct command *command = &facts->command;
	const struct cgroups_place *place = &facts->place;
	if (!r->command && !r->unit && !r->cgroup && !r->has_user && !r->found)
		return false;
	return (!r->command || target_matches_command(r->command, command)) &&
	       (!r->unit || target_matches_unit(r->unit, &facts->unit)) &&
	       (!r->cgroup || fnmatch(r->cgroup, place->name, 0) == 0 ||
		       fnmatch(r->cgroup, place->memory, 0) == 0) &&
	       (!r->has_user || r->user == facts->user.uid) &&
	       (!r->found || (found && list_matches(r->found, found)));
}

const struct target_rule *target_match(const struct target_rule *rules, size_t count,
	const struct target_facts *facts, const char *found)
{
	for (size_t i = 0; i < count; i++)
		if (target_matches(&rules[i], facts, found))
			return &rules[i];
	return NULL;
}

/* Appends a path's parts to an absolute one, resolving "." and "..".  False when it
 * does not fit. */
static bool target_append_path(char out[PATH_MAX], const char *path)
{
	size_t n = strlen(out);
	while (*path) {
		size_t length = strcspn(path, "/");
		if (length == 2 && memcmp(path, "..", 2) == 0) {
			while (n > 0 && out[--n] != '/')
				;
		} else if (length > 0 && !(length == 1 && path[0] == '.')) {
			if (n + 1 + length >= PATH_MAX)
				return false;
			out[n++] = '/';
			memcpy(out + n, path, length);
			n += length;
		}
		out[n] = '\0';
		path += length;
		path += *path == '/';
	}
	return true;
}

static bool target_script_path(
	struct probes *p, const struct target_facts *facts, char out[PATH_MAX])
{
	out[0] = '\0';
	if (facts->command.script[0] != '/') {
		char link[32], cwd[PATH_MAX];
		snprintf(link, sizeof link, "%d/cwd", facts->pid);
		ssize_t n = readlinkat(probes_directory(p), link, cwd, sizeof cwd - 1);
		if (n <= 0 || (size_t)n >= sizeof cwd - 1 || cwd[0] != '/')
			return false;
		cwd[n] = '\0';
		if (!target_append_path(out, cwd))
			return false;
	}
	return target_append_path(out, facts->command.script) && out[0];
}

/* Without the right to look through procfs/PID/root, our own root is also that of a
 * process outside containers. */
static int target_root(struct probes *p, const struct target_facts *facts)
{
	char link[32];
	snprintf(link, sizeof link, "%d/root", facts->pid);
	int flags = O_PATH | O_DIRECTORY | O_CLOEXEC;
	int root = openat(probes_directory(p), link, flags);
	if (root < 0 && (errno == EACCES || errno == EPERM) &&
		!facts->unit.container[0])
		root = open("/", flags);
	return root;
}

static bool target_package(
	struct probes *p, const struct target_facts *facts, struct package *out)
{
	if (strcmp(facts->command.runtime, "node") != 0 || !facts->command.script[0])
		return false;
	char script[PATH_MAX];
	if (!target_script_path(p, facts, script))
		return false;
	scoped_fd int root = target_root(p, facts);
	return root >= 0 && package_find(root, script, &facts->user, out);
}

/* Copies what is valid, with '?' for other bytes, cut between two characters. */
static void target_clean(char *out, size_t size, const char *text)
{
	size_t n = 0;
	while (*text) {
		size_t length = utf8_character(text);
		bool bad = length == 0 || (unsigned char)*text < 0x20 || *text == 0x7f;
		length = length ? length : 1;
		if (n + length >= size)
			break;
		memcpy(out + n, bad ? "?" : text, length);
		n += length;
		text += length;
	}
	out[n] = '\0';
}

static void target_name_unit(const struct unit *unit, struct target *out)
{
	char name[UNIT_NAME_MAX];
	snprintf(name, sizeof name, "%s", unit->name);
	char *instance = strchr(name, '@');
	if (instance && instance != name)
		*instance = '\0';
	target_clean(out->service, sizeof out->service, name);
	out->rule = "unit";
}

/* What a script is called that has no package: where its own name says nothing, with
 * its folder's. */
static void target_name_itself(
	struct probes *p, const struct target_facts *facts, struct target *out)
{
	bool container = facts->unit.container[0];
	struct command_name script;
	command_name_script(&facts->command, &script);
	if (script.name[0]) {
		char name[sizeof out->service], path[PATH_MAX];
		if (!target_script_path(p, facts, path))
			path[0] = '\0';
		entry_name_alone(path, script.name, name, sizeof name);
		target_clean(out->service, sizeof out->service, name);
		target_clean(out->version, sizeof out->version, script.version);
		out->rule = container ? "script in container" : "script";
		return;
	}
	target_clean(out->service, sizeof out->service, facts->command.program);
	out->rule = container ? "program in container" : "program";
}

/* The number that the process has in its own namespace, which pm2 in a container wrote
 * down. */
static int target_own_pid(struct probes *p, int pid)
{
	const char *status = probes_text(p, pid, "status", NULL, NULL);
	const char *line = status ? strstr(status, "\nNSpid:") : NULL;
	if (!line)
		return pid;
	line += sizeof "\nNSpid:" - 1;
	int own = pid;
	for (char *end; *line && *line != '\n'; line = end) {
		long number = strtol(line, &end, 10);
		if (end == line)
			break;
		if (number > 0 && number <= INT_MAX)
			own = (int)number;
	}
	return own;
}

static bool target_is_launcher(const struct command *command)
{
	return strcmp(command->program, "npm") == 0 ||
	       (strcmp(command->runtime, "shell") == 0 && !command->script[0]);
}

static int target_parent(struct probes *p, int pid)
{
	struct process_stat stat;
	const char *text = probes_text(p, pid, "stat", NULL, NULL);
	return text && process_stat_parse(text, &stat) ? stat.parent : 0;
}

/* The daemon and its child among the ancestors: itself, or what started it for pm2 (npm
 * and shells, "pm2 start npm -- start"). */
struct target_ancestors {
	struct pm2 daemon;
	int daemon_pid, child_pid;
};

static bool target_find_daemon(struct probes *p, const struct target_facts *facts,
	struct target_ancestors *out)
{
	out->child_pid = facts->pid;
	for (int i = 0; i < TARGET_LAUNCHERS_MAX; i++) {
		struct command command;
		size_t length;
		out->daemon_pid = target_parent(p, out->child_pid);
		const char *title = out->daemon_pid ? probes_text(p, out->daemon_pid,
							      "cmdline", NULL, &length)
						    : NULL;
		if (!title)
			return false;
		if (pm2_read_title(title, length, &out->daemon))
			return true;
		command_parse(title, length, "", &command);
		if (!target_is_launcher(&command))
			return false;
		out->child_pid = out->daemon_pid;
	}
	return false;
}

/* What npm or a shell starts is the service, and not npm. */
static bool target_name_by_pm2(
	struct probes *p, const struct target_facts *facts, struct target *out)
{
	char folder[16];
	struct target_ancestors found;
	struct pm2_process process;
	struct stat st;
	if (target_is_launcher(&facts->command) ||
		!target_find_daemon(p, facts, &found))
		return false;
	const struct target_facts daemon = {.pid = found.daemon_pid};
	snprintf(folder, sizeof folder, "%d", daemon.pid);
	if (fstatat(probes_directory(p), folder, &st, 0) < 0)
		return false;
	scoped_fd int root = target_root(p, &daemon);
	int pid = target_own_pid(p, found.child_pid);
	if (root < 0)
		return false;
	out->is_early = !pm2_find(root, &found.daemon, st.st_uid, pid, &process);
	if (out->is_early)
		return false;
	target_clean(out->service, sizeof out->service, process.name);
	out->rule = "pm2";
	if (found.child_pid == facts->pid)
		out->place = (struct target_place){found.daemon_pid, process.number};
	return true;
}

static bool target_name_pm2(
	struct probes *p, const struct target_facts *facts, struct target *out)
{
	struct pm2 daemon;
	size_t length;
	if (strcmp(facts->command.program, "pm2") != 0)
		return false;
	const char *title = probes_text(p, facts->pid, "cmdline", NULL, &length);
	if (!title || !pm2_read_title(title, length, &daemon))
		return false;
	strcpy(out->service, "pm2");
	target_clean(out->version, sizeof out->version, daemon.version);
	out->rule = "pm2";
	return true;
}

static void target_find_name(
	struct probes *p, const struct target_facts *facts, struct target *out)
{
	struct package package;
	char name[sizeof out->service];
	bool packaged = target_package(p, facts, &package);
	if (packaged)
		target_clean(out->version, sizeof out->version, package.version);
	if (target_name_pm2(p, facts, out) || target_name_by_pm2(p, facts, out))
		return;
	if (packaged) {
		if (facts->command.is_cut)
			package.script[0] = '\0';
		entry_name(&package, name, sizeof name);
		target_clean(out->service, sizeof out->service, name);
		out->rule = "package.json";
	} else if (facts->unit.name[0] && !facts->unit.launcher &&
		   (!facts->unit.container[0] || facts->unit.is_its_own)) {
		target_name_unit(&facts->unit, out);
		if (strcmp(out->service, "tidemark-server") == 0 &&
			strcmp(facts->command.program, "postgres") == 0)
			strcpy(out->service, "tidemark-postgres");
	} else {
		target_name_itself(p, facts, out);
	}
}

void target_name(struct probes *p, const struct target_facts *facts,
	const struct target_rule *rules, size_t count, struct target *out)
{
	*out = (struct target){.runtime = facts->command.runtime};
	char command[COMMAND_PROGRAM_MAX + COMMAND_SCRIPT_MAX];
	target_command(&facts->command, command, sizeof command);
	target_clean(out->command, sizeof out->command, command);
	struct command_name script;
	command_name_script(&facts->command, &script);
	snprintf(command, sizeof command, "%s %s", facts->command.program, script.name);
	target_clean(out->role, sizeof out->role, command);

	target_find_name(p, facts, out);
	if (!out->service[0])
		strcpy(out->service, "unknown");
	const struct target_rule *rule = target_match(
		rules, count, facts, out->service);
	if (!rule)
		return;
	out->is_ignored = rule->ignore;
	target_clean(out->service, sizeof out->service, rule->service);
	out->rule = "configured";
}
