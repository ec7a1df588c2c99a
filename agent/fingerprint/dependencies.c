#include "agent/fingerprint/dependencies.h"

#include "agent/fingerprint/modules.h"
#include "agent/fingerprint/npm_lock.h"
#include "agent/fingerprint/pnpm_lock.h"
#include "agent/fingerprint/yarn_lock.h"
#include "common/clock.h"
#include "common/scoped.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	DEPENDENCIES_SLACK_MS = 2000, /* of file times */
	DEPENDENCIES_WALK_MS = 2000,
	DEPENDENCIES_WORKSPACE_MAX = 8,
};

/* Whose contents something kept is. */
struct dependencies_key {
	uint64_t device, inode, modules_inode;
	int64_t changed_ms, bytes, modules_changed_ms;
};

struct dependencies_kept {
	struct dependencies_key key;
	struct arena arena;
	const char **packages;
	size_t count;
	bool is_cut;
	struct remarks remarks;
	int64_t until_mono_ms;
	uint64_t used;
};

struct dependencies {
	struct dependencies_kept kept[DEPENDENCIES_KEPT_MAX];
	uint64_t uses;
	struct intake intake; /* large */
};

/* One reading: of what, for whom. */
struct dependencies_call {
	struct dependencies *d;
	const struct tree *tree;
	const char *folder;
	struct packages *out;
	struct remarks *remarks;
	int64_t began_unix_ms;
	bool has_modules;
	struct stat modules;
};

struct dependencies_lock {
	const char *file;
	const char *witness; /* counts only when this is there, or NULL */
	bool (*read)(struct dependencies_call *c, struct packages *out, struct err *e);
	bool is_note; /* of the installer: stale when node_modules is younger */
};

struct dependencies *dependencies_create(void)
{
	struct dependencies *d = calloc(1, sizeof *d);
	BUG_ON(!d);
	for (size_t i = 0; i < DEPENDENCIES_KEPT_MAX; i++)
		arena_init(&d->kept[i].arena);
	return d;
}

void dependencies_destroy(struct dependencies *d)
{
	if (!d)
		return;
	for (size_t i = 0; i < DEPENDENCIES_KEPT_MAX; i++)
		arena_finish(&d->kept[i].arena);
	free(d);
}

static int64_t dependencies_ms(struct timespec t)
{
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static struct dependencies_key dependencies_key(
	const struct dependencies_call *c, const struct stat *st)
{
	struct dependencies_key key = {
		.device = st->st_dev,
		.inode = st->st_ino,
		.changed_ms = dependencies_ms(st->st_mtim),
		.bytes = st->st_size,
	};
	if (c->has_modules) {
		key.modules_inode = c->modules.st_ino;
		key.modules_changed_ms = dependencies_ms(c->modules.st_mtim);
	}
	return key;
}

/* What is kept for the key, or NULL. */
static struct dependencies_kept *dependencies_find(
	struct dependencies *d, const struct dependencies_key *key)
{
	for (size_t i = 0; i < DEPENDENCIES_KEPT_MAX; i++) {
		struct dependencies_kept *k = &d->kept[i];
		if (k->used && memcmp(&k->key, key, sizeof *key) == 0 &&
			clock_mono_ms() < k->until_mono_ms) {
			k->used = ++d->uses;
			return k;
		}
	}
	return NULL;
}

/* Keeps a copy in the place of what was not used for longest. */
static void dependencies_keep(struct dependencies *d,
	const struct dependencies_key *key, const struct packages *packages,
	const struct remarks *remarks, int64_t for_ms)
{
	struct dependencies_kept *k = &d->kept[0];
	for (size_t i = 1; i < DEPENDENCIES_KEPT_MAX; i++)
		if (d->kept[i].used < k->used)
			k = &d->kept[i];
	/* Not reset: its memory may have been large. */
	arena_finish(&k->arena);
	arena_init(&k->arena);
	k->key = *key;
	k->used = ++d->uses;
	k->until_mono_ms = for_ms ? clock_mono_ms() + for_ms : INT64_MAX;
	k->packages = packages_sorted(packages, &k->arena, &k->count, &k->is_cut);
	k->remarks = (struct remarks){.arena = &k->arena};
	for (size_t i = 0; i < remarks->count; i++)
		remarks_add(&k->remarks, "%s", remarks->items[i]);
}

static void dependencies_give(
	struct dependencies_call *c, const struct dependencies_kept *k)
{
	packages_add_all(c->out, k->packages, k->count);
	c->out->is_cut |= k->is_cut;
	for (size_t i = 0; i < k->remarks.count; i++)
		remarks_add(c->remarks, "%s", k->remarks.items[i]);
}

static bool dependencies_is_there(void *context, const char *folder)
{
	const struct dependencies_call *c = context;
	char path[PATH_MAX];
	struct stat st;
	return !c->has_modules ||
	       snprintf(path, sizeof path, "%s/%s", c->folder, folder) >= PATH_MAX ||
	       tree_look(c->tree, path, &st);
}

static bool dependencies_npm(
	struct dependencies_call *c, struct packages *out, struct err *e)
{
	const struct npm_lock_options options = {dependencies_is_there, c};
	return npm_lock_read(&c->d->intake, &options, out, e);
}

static bool dependencies_yarn(
	struct dependencies_call *c, struct packages *out, struct err *e)
{
	return yarn_lock_read(&c->d->intake, out, e);
}

static bool dependencies_pnpm(
	struct dependencies_call *c, struct packages *out, struct err *e)
{
	return pnpm_lock_read(&c->d->intake, out, e);
}

static const struct dependencies_lock dependencies_locks[] = {
	{"node_modules/.package-lock.json", NULL, dependencies_npm, true},
	{"node_modules/.pnpm/lock.yaml", NULL, dependencies_pnpm, false},
	{"yarn.lock", "node_modules/.yarn-integrity", dependencies_yarn, false},
	{"yarn.lock", "node_modules/.yarn-state.yml", dependencies_yarn, false},
	{"npm-shrinkwrap.json", NULL, dependencies_npm, false},
	{"package-lock.json", NULL, dependencies_npm, false},
	{"yarn.lock", NULL, dependencies_yarn, false},
	{"pnpm-lock.yaml", NULL, dependencies_pnpm, false},
};

enum { DEPENDENCIES_LOCKS = sizeof dependencies_locks / sizeof dependencies_locks[0] };

static bool dependencies_has(
	const struct tree *t, const char *folder, const char *name, struct stat *st)
{
	char path[PATH_MAX];
	return snprintf(path, sizeof path, "%s/%s", folder, name) < PATH_MAX &&
	       tree_look(t, path, st);
}

static void dependencies_remark_age(
	struct dependencies_call *c, const char *file, const struct stat *st)
{
	if (c->began_unix_ms &&
		dependencies_ms(st->st_ctim) > c->began_unix_ms + DEPENDENCIES_SLACK_MS)
		remarks_add(c->remarks,
			"%s was written after the process began: what it has loaded "
			"may be older",
			file);
}

/* The descriptor of a lock file that is to be read, or -1 after a remark or none. */
static int dependencies_open(struct dependencies_call *c,
	const struct dependencies_lock *lock, struct stat *st)
{
	char path[PATH_MAX];
	if (snprintf(path, sizeof path, "%s/%s", c->folder, lock->file) >= PATH_MAX)
		return -1;
	int fd = tree_open(c->tree, path, st);
	if (fd < 0) {
		if (errno != ENOENT)
			remarks_add(c->remarks, "%s: %s", lock->file, strerror(errno));
		return -1;
	}
	const char *why = NULL;
	char large[96];
	if (st->st_size > DEPENDENCIES_LOCK_BYTES_MAX) {
		snprintf(large, sizeof large,
			"it has %lld MB, more than %d are not read",
			(long long)st->st_size >> 20,
			DEPENDENCIES_LOCK_BYTES_MAX >> 20);
		why = large;
	} else if (lock->is_note && c->has_modules &&
		   dependencies_ms(c->modules.st_mtim) >
			   dependencies_ms(st->st_mtim) + DEPENDENCIES_SLACK_MS) {
		why = "node_modules was changed after it was written";
	}
	if (!why)
		return fd;
	remarks_add(c->remarks, "%s: %s", lock->file, why);
	close(fd);
	return -1;
}

static bool dependencies_lock_read(
	struct dependencies_call *c, const struct dependencies_lock *lock)
{
	struct stat st;
	if (lock->witness && !dependencies_has(c->tree, c->folder, lock->witness, &st))
		return false;
	scoped_fd int fd = dependencies_open(c, lock, &st);
	if (fd < 0)
		return false;
	dependencies_remark_age(c, lock->file, &st);
	const struct dependencies_key key = dependencies_key(c, &st);
	struct dependencies_kept *kept = dependencies_find(c->d, &key);
	if (kept) {
		dependencies_give(c, kept);
		return true;
	}
	struct packages found = {0};
	struct arena arena;
	struct err e;
	arena_init(&arena);
	struct remarks remarks = {.arena = &arena};
	intake_init_file(
		&c->d->intake, fd, DEPENDENCIES_LOCK_BYTES_MAX, c->tree->until_mono_ms);
	bool ok = lock->read(c, &found, &e);
	if (ok && found.unusable)
		remarks_add(&remarks, "%s: %zu names are none that can be sent",
			lock->file, found.unusable);
	if (ok) {
		dependencies_keep(c->d, &key, &found, &remarks, 0);
		dependencies_give(c, dependencies_find(c->d, &key));
	} else {
		remarks_add(c->remarks, "%s: %s", lock->file, e.text);
	}
	packages_finish(&found);
	arena_finish(&arena);
	return ok;
}

static void dependencies_report(
	struct remarks *r, const struct packages *found, const struct modules_report *w)
{
	if (w->unreadable)
		remarks_add(r, "node_modules: %zu files cannot be read, the first: %s",
			w->unreadable, w->first);
	if (w->is_cut)
		remarks_add(
			r, "node_modules: more than %d folders", MODULES_FOLDERS_MAX);
	if (found->unusable)
		remarks_add(r, "node_modules: %zu names are none that can be sent",
			found->unusable);
}

/* Half of the packages would be another half the next time, and so another version. */
static bool dependencies_walk_all(struct dependencies_call *c, const char *path,
	struct packages *found, struct modules_report *report)
{
	/* A lock file that took all the time leaves as much for this. */
	struct tree tree = *c->tree;
	tree.until_mono_ms = clock_mono_ms() + DEPENDENCIES_WALK_MS;
	bool ok = modules_walk(&tree, path, found, report);
	if (!ok)
		remarks_add(c->remarks, "node_modules: %s", strerror(errno));
	else if (report->is_late)
		remarks_add(c->remarks, "node_modules: walking it takes too long");
	return ok && !report->is_late;
}

static bool dependencies_walk_call(struct dependencies_call *c)
{
	char path[PATH_MAX];
	if (!c->has_modules ||
		snprintf(path, sizeof path, "%s/node_modules", c->folder) >= PATH_MAX)
		return false;
	struct dependencies_key key = dependencies_key(c, &c->modules);
	struct dependencies_kept *kept = dependencies_find(c->d, &key);
	if (kept) {
		dependencies_give(c, kept);
		return true;
	}
	struct packages found = {0};
	struct modules_report report;
	struct arena arena;
	arena_init(&arena);
	struct remarks remarks = {.arena = &arena};
	bool ok = dependencies_walk_all(c, path, &found, &report);
	if (ok) {
		dependencies_report(&remarks, &found, &report);
		found.is_cut |= report.is_cut;
		dependencies_keep(
			c->d, &key, &found, &remarks, DEPENDENCIES_WALK_KEPT_MS);
		dependencies_give(c, dependencies_find(c->d, &key));
	}
	packages_finish(&found);
	arena_finish(&arena);
	return ok;
}

static void dependencies_set_folder(struct dependencies_call *c, const char *folder)
{
	c->folder = folder;
	c->has_modules = dependencies_has(
				 c->tree, folder, "node_modules", &c->modules) &&
			 S_ISDIR(c->modules.st_mode);
}

static const char *dependencies_read_locks(struct dependencies_call *c)
{
	for (size_t i = 0; i < DEPENDENCIES_LOCKS; i++)
		if (dependencies_lock_read(c, &dependencies_locks[i]))
			return dependencies_locks[i].file;
	return NULL;
}

/* Whether the folder is the top of a workspace. */
static bool dependencies_is_workspace(const struct tree *t, const char *folder)
{
	char path[PATH_MAX];
	struct stat st;
	struct buf text = {0};
	if (dependencies_has(t, folder, "pnpm-workspace.yaml", &st))
		return true;
	bool is = snprintf(path, sizeof path, "%s/package.json", folder) < PATH_MAX &&
		  tree_read(t, path, PACKAGE_FILE_BYTES_MAX, &text) && text.data &&
		  strstr(text.data, "\"workspaces\"");
	buf_finish(&text);
	return is;
}

/* The folders above, as Node.js looks for modules there: one counts that is the top of
 * a workspace, or has node_modules while the application has none of its own. */
static const char *dependencies_read_above(
	struct dependencies_call *c, const char *folder)
{
	char above[PATH_MAX];
	const char *source = NULL;
	bool is_bare = !c->has_modules;
	snprintf(above, sizeof above, "%s", folder);
	for (int i = 0; !source && i < DEPENDENCIES_WORKSPACE_MAX; i++) {
		char *slash = strrchr(above, '/');
		if (!slash)
			break;
		*slash = '\0';
		dependencies_set_folder(c, above);
		bool is_found_by_node = is_bare && c->has_modules;
		if (!is_found_by_node && !dependencies_is_workspace(c->tree, above))
			continue;
		source = dependencies_read_locks(c);
		if (!source && is_found_by_node && dependencies_walk_call(c))
			source = "node_modules";
	}
	return source;
}

void dependencies_read(struct dependencies *d, const struct tree *t, const char *folder,
	int64_t began_unix_ms, struct packages *out, const char **source,
	struct remarks *remarks)
{
	struct dependencies_call c = {.d = d,
		.tree = t,
		.out = out,
		.remarks = remarks,
		.began_unix_ms = began_unix_ms};
	dependencies_set_folder(&c, folder);
	*source = dependencies_read_locks(&c);
	if (!*source)
		*source = dependencies_read_above(&c, folder);
	if (*source)
		return;
	dependencies_set_folder(&c, folder);
	*source = dependencies_walk_call(&c) ? "node_modules" : "";
}

void dependencies_walk(struct dependencies *d, const struct tree *t, const char *folder,
	struct packages *out, struct remarks *remarks)
{
	struct dependencies_call c = {
		.d = d, .tree = t, .out = out, .remarks = remarks};
	dependencies_set_folder(&c, folder);
	dependencies_walk_call(&c);
}

/* `says_so`: by a file of its own; node_modules may be there for anybody. */
static bool dependencies_is_root(const struct tree *t, const char *folder, bool says_so)
{
	struct stat st;
	struct package package;
	if (modules_read_one(t, folder, &package) ||
		(!says_so && dependencies_has(t, folder, "node_modules", &st)))
		return true;
	for (size_t i = 0; i < DEPENDENCIES_LOCKS; i++)
		if (dependencies_has(t, folder, dependencies_locks[i].file, &st))
			return true;
	return false;
}

bool dependencies_root(const struct tree *t, const char *script, char out[PATH_MAX])
{
	snprintf(out, PATH_MAX, "%s", script);
	char *modules = strstr(out, "/node_modules/");
	if (modules) {
		*modules = '\0';
		if (dependencies_is_root(t, out, true))
			return true;
		*modules = '/'; /* installed for the whole machine: it is its own */
	}
	for (int depth = 0; depth < PACKAGE_DEPTH_MAX; depth++) {
		if (dependencies_is_root(t, out, false))
			return true;
		char *slash = strrchr(out, '/');
		if (!slash)
			return false;
		*slash = '\0';
	}
	return false;
}
