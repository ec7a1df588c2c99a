#include "agent/fingerprint/portrait.h"

#include "agent/capture/procfile.h"
#include "agent/fingerprint/elf_notes.h"
#include "agent/fingerprint/environment.h"
#include "agent/fingerprint/git_head.h"
#include "agent/fingerprint/image.h"
#include "agent/fingerprint/libraries.h"
#include "agent/fingerprint/look.h"
#include "agent/fingerprint/manager.h"
#include "agent/fingerprint/modules.h"
#include "agent/fingerprint/runtime_version.h"
#include "common/scoped.h"
#include "schema/fingerprint.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct portrait {
	const struct portrait_options *options;
	const struct portrait_process *process;
	struct look look;
	struct arena *arena;
	struct fingerprint *out;
	struct remarks remarks;
	struct packages packages;
	struct environment environment;
	struct manager daemon; /* the process is pm2 itself */
	char root[PATH_MAX];   /* the folder of the application, "" */
};

static bool portrait_is(const struct portrait *r, const char *runtime)
{
	return strcmp(r->look.command.runtime, runtime) == 0;
}

/* Where a Node.js application stands: by its script, else by its working directory. */
static void portrait_find_root(struct portrait *r)
{
	const struct look *l = &r->look;
	r->root[0] = '\0';
	if (l->tree.root < 0)
		return;
	if (l->script[0]) {
		if (!dependencies_root(&l->tree, l->script, r->root))
			r->root[0] = '\0';
		return;
	}
	/* Its title was written over: the script can no more be seen. */
	if (l->folder[0] && strcmp(l->folder, "/") != 0 &&
		dependencies_root(&l->tree, l->folder, r->root))
		remarks_add(&r->remarks, "its command line does not say which script "
					 "runs; the working directory's package is "
					 "taken");
	else
		r->root[0] = '\0';
}

static void portrait_application(struct portrait *r)
{
	const struct look *l = &r->look;
	struct package package = {0};
	const char *version = environment_get(&r->environment, "APP_VERSION");
	const char *from = l->script[0] ? l->script : r->root;
	if (r->daemon.version[0]) {
		r->out->app = "pm2";
		r->out->app_version = arena_strdup(r->arena, r->daemon.version);
		return;
	}
	if (from[0] && l->tree.root >= 0 && portrait_is(r, "node") &&
		package_find(l->tree.root, from, &l->tree.user, &package)) {
		r->out->app = arena_strdup(r->arena, package.name);
		r->out->app_version = arena_strdup(r->arena, package.version);
	} else if (portrait_is(r, "java") && l->command.script[0]) {
		struct command_name name;
		command_name_script(&l->command, &name);
		r->out->app = arena_strdup(r->arena, name.name);
		r->out->app_version = arena_strdup(r->arena, name.version);
	}
	if (!r->out->app_version || !r->out->app_version[0])
		r->out->app_version = version[0] ? version
						 : environment_get(
							   &r->environment, "VERSION");
}

static bool portrait_is_system(const char *path)
{
	static const char *const folders[] = {
		"/usr/", "/bin/", "/sbin/", "/lib/", "/lib64/", "/snap/"};
	for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++)
		if (strncmp(path, folders[i], strlen(folders[i])) == 0)
			return true;
	return false;
}

/* Of the script's folder; of a program's own, unless it is of the system. */
static void portrait_commit(struct portrait *r)
{
	const struct look *l = &r->look;
	char folder[PATH_MAX], commit[GIT_HEAD_SIZE];
	struct err e;
	/* Where an interpreter stands says nothing of what it runs. */
	const char *own = portrait_is(r, "native") ? l->program : "";
	const char *from = r->root[0] ? r->root : l->script[0] ? l->script : own;
	if (l->tree.root < 0 || !from[0] || portrait_is_system(from))
		return;
	snprintf(folder, sizeof folder, "%s", from);
	if (!r->root[0])
		*strrchr(folder, '/') = '\0';
	if (!git_head_find(&l->tree, folder, commit, &e))
		remarks_add(&r->remarks, "%s", e.text);
	r->out->git_head = arena_strdup(r->arena, commit);
}

/* The program itself, not what stands at its path by now. */
static void portrait_build(struct portrait *r)
{
	char path[PROCFILE_PATH_MAX], id[ELF_NOTES_ID_SIZE] = "";
	const struct look *l = &r->look;
	procfile_path(path, l->procfs, l->pid, "exe");
	scoped_fd int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0)
		elf_notes_build_id(fd, id);
	else
		remarks_add(&r->remarks, "its program: %s", strerror(errno));
	r->out->build_id = arena_strdup(r->arena, id);
}

static void portrait_runtime(struct portrait *r)
{
	const struct look *l = &r->look;
	char version[RUNTIME_VERSION_SIZE] = "";
	r->out->runtime = l->command.runtime;
	if (l->is_program_gone)
		remarks_add(&r->remarks, "its program was replaced on disk while it "
					 "runs: the runtime's version is not known");
	else if (l->program[0] && l->tree.root >= 0)
		runtime_version_find(&l->tree, l->command.runtime, l->program, version);
	r->out->runtime_version = arena_strdup(r->arena, version);
}

/* Whether what pm2 needs is inside of its own folder, as when it is installed for the
 * whole machine; else it is beside it. */
static bool portrait_is_nested(const struct tree *t, const char *folder)
{
	static const char *const own[] = {"@pm2/io", "@pm2/js-api", "pmx"};
	char path[PATH_MAX];
	struct stat st;
	for (size_t i = 0; i < sizeof own / sizeof own[0]; i++)
		if (snprintf(path, sizeof path, "%s/node_modules/%s", folder, own[i]) <
				PATH_MAX &&
			tree_look(t, path, &st))
			return true;
	return false;
}

static void portrait_pm2_packages(
	struct portrait *r, const struct look *daemon, const struct manager *pm2)
{
	char folder[PATH_MAX];
	packages_add(&r->packages, "pm2", pm2->version);
	if (!pm2->folder[0])
		return;
	snprintf(folder, sizeof folder, "%s", pm2->folder);
	dependencies_walk(r->options->dependencies, &daemon->tree, folder, &r->packages,
		&r->remarks);
	char *modules = memrchr(folder, '/', strlen(folder));
	static const char name[] = "/node_modules";
	if (portrait_is_nested(&daemon->tree, folder) || !modules)
		return;
	*modules = '\0';
	size_t length = strlen(folder);
	if (length < sizeof name ||
		strcmp(folder + length - (sizeof name - 1), name) != 0)
		return;
	folder[length - (sizeof name - 1)] = '\0';
	dependencies_walk(r->options->dependencies, &daemon->tree, folder, &r->packages,
		&r->remarks);
}

/* Whether its parent is pm2's daemon, which runs inside of its children. */
static void portrait_pm2(struct portrait *r)
{
	struct look parent;
	struct manager pm2;
	struct err e;
	const struct look *l = &r->look;
	if (l->parent <= 1 || !look_open(&parent, l->procfs, l->parent, 0, &e))
		return;
	if (manager_parse_title(parent.cmdline.data, parent.cmdline.length, &pm2)) {
		const struct manager_hints hints = {r->options->pm2, r->root,
			manager_is_container(l->script) ? l->script : ""};
		manager_find(&parent, &hints, &pm2, &r->remarks);
		portrait_pm2_packages(r, &parent, &pm2);
	}
	look_close(&parent);
}

static void portrait_node(struct portrait *r)
{
	const struct look *l = &r->look;
	if (r->daemon.version[0]) {
		const struct manager_hints hints = {r->options->pm2, "", ""};
		manager_find(l, &hints, &r->daemon, &r->remarks);
		portrait_pm2_packages(r, l, &r->daemon);
		r->out->source = r->daemon.folder[0] ? "node_modules" : "";
		return;
	}
	if (r->root[0])
		dependencies_read(r->options->dependencies, &l->tree, r->root,
			r->process->started_unix_ms, &r->packages, &r->out->source,
			&r->remarks);
	else if (l->tree.root >= 0)
		remarks_add(&r->remarks, "it belongs to no package");
	portrait_pm2(r);
}

static void portrait_packages(struct portrait *r)
{
	const struct look *l = &r->look;
	if (l->tree.root < 0) {
		remarks_add(&r->remarks, "its files may not be looked at");
		return;
	}
	if (portrait_is(r, "node")) {
		portrait_node(r);
		return;
	}
	if (portrait_is(r, "java")) {
		if (libraries_java(l, &r->packages, &r->remarks))
			r->out->source = "class path";
		return;
	}
	const struct mapped *m = libraries_map(l, r->arena, &r->remarks);
	if (portrait_is(r, "python")) {
		if (libraries_python(l, m, &r->packages))
			r->out->source = "site-packages";
	} else if (m) {
		libraries_native(l, m, &r->packages);
		r->out->source = "mapped libraries";
	}
}

static void portrait_finish(struct portrait *r)
{
	struct fingerprint *out = r->out;
	out->environment = arena_array(
		r->arena, r->environment.count + 1, sizeof *out->environment);
	for (size_t i = 0; i < r->environment.count; i++)
		out->environment[i] = r->environment.items[i];
	out->environment_count = r->environment.count;
	out->packages = packages_sorted(
		&r->packages, r->arena, &out->package_count, &out->is_cut);
	out->remarks = arena_array(
		r->arena, FINGERPRINT_REMARKS_MAX, sizeof *out->remarks);
	for (size_t i = 0; i < r->remarks.count; i++)
		out->remarks[i] = r->remarks.items[i];
	out->remark_count = r->remarks.count;
	fingerprint_tidy(out, r->arena);
}

static bool portrait_all(struct portrait *r, struct err *e)
{
	const struct look *l = &r->look;
	char image[IMAGE_SIZE];
	manager_parse_title(l->cmdline.data, l->cmdline.length, &r->daemon);
	/* pm2 has started it and not yet told it what it is. */
	if (manager_is_container(l->script))
		return err_set(
			e, ERR_BUSY, "process %d is just being started by pm2", l->pid);
	environment_read(
		l->procfs, l->pid, r->options->environment, r->arena, &r->environment);
	if (portrait_is(r, "node") && !r->daemon.version[0])
		portrait_find_root(r);
	portrait_application(r);
	portrait_commit(r);
	portrait_build(r);
	portrait_runtime(r);
	image_find(l, image);
	r->out->image = arena_strdup(r->arena, image);
	portrait_packages(r);
	/* What was read after its end may be of whom its number was given to. */
	return look_is_same(l) ||
	       err_set(e, ERR_INPUT, "process %d ended meanwhile", l->pid);
}

bool portrait_take(const struct portrait_options *options,
	const struct portrait_process *process, struct arena *a,
	struct fingerprint *out, struct err *e)
{
	struct fingerprint found = {.source = ""};
	struct portrait *r = calloc(1, sizeof *r);
	BUG_ON(!r);
	r->options = options;
	r->process = process;
	r->arena = a;
	r->out = &found;
	r->remarks.arena = a;
	bool ok = look_open(
		&r->look, options->procfs, process->pid, process->start_ticks, e);
	if (ok) {
		ok = portrait_all(r, e);
		if (ok)
			portrait_finish(r);
		look_close(&r->look);
	}
	packages_finish(&r->packages);
	free(r);
	if (ok)
		*out = found;
	return ok;
}
