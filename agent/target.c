#include "agent/target.h"

#include "common/scoped.h"
#include "common/utf8.h"

#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

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

const struct target_rule *target_match(
	const struct target_rule *rules, size_t count, const struct target_facts *facts)
{
	for (size_t i = 0; i < count; i++) {
		const struct target_rule *r = &rules[i];
		if (!r->command && !r->unit && !r->cgroup && !r->has_user)
			continue;
		if (r->command && !target_matches_command(r->command, &facts->command))
			continue;
		if (r->unit && !target_matches_unit(r->unit, &facts->unit))
			continue;
		if (r->cgroup && fnmatch(r->cgroup, facts->place.name, 0) != 0 &&
			fnmatch(r->cgroup, facts->place.memory, 0) != 0)
			continue;
		if (r->has_user && r->user != facts->user.uid)
			continue;
		return r;
	}
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

static void target_name_itself(const struct target_facts *facts, struct target *out)
{
	bool container = facts->unit.container[0];
	struct command_name script;
	command_name_script(&facts->command, &script);
	if (script.name[0]) {
		target_clean(out->service, sizeof out->service, script.name);
		target_clean(out->version, sizeof out->version, script.version);
		out->rule = container ? "script in container" : "script";
		return;
	}
	target_clean(out->service, sizeof out->service, facts->command.program);
	out->rule = container ? "program in container" : "program";
}

void target_name(struct probes *p, const struct target_facts *facts,
	const struct target_rule *rule, struct target *out)
{
	*out = (struct target){.runtime = facts->command.runtime};
	char command[COMMAND_PROGRAM_MAX + COMMAND_SCRIPT_MAX];
	target_command(&facts->command, command, sizeof command);
	target_clean(out->command, sizeof out->command, command);
	struct command_name script;
	command_name_script(&facts->command, &script);
	snprintf(command, sizeof command, "%s %s", facts->command.program, script.name);
	target_clean(out->role, sizeof out->role, command);

	struct package package;
	bool packaged = target_package(p, facts, &package);
	if (packaged)
		target_clean(out->version, sizeof out->version, package.version);

	if (rule) {
		target_clean(out->service, sizeof out->service, rule->service);
		out->rule = "configured";
	} else if (packaged) {
		target_clean(out->service, sizeof out->service, package.name);
		out->rule = "package.json";
	} else if (facts->unit.name[0] && !facts->unit.launcher &&
		   !facts->unit.container[0]) {
		target_name_unit(&facts->unit, out);
	} else {
		target_name_itself(facts, out);
	}
	if (!out->service[0])
		strcpy(out->service, "unknown");
}
