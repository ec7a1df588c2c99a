#include "agent/fingerprint/modules.h"

#include "common/arena.h"
#include "common/err.h"
#include "common/scoped.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <uthash.h>

struct modules_key {
	uint64_t device, inode;
};

struct modules_seen {
	struct modules_key key;
	UT_hash_handle hh;
};

struct modules_folder {
	struct modules_folder *next;
	char path[]; /* of a node_modules */
};

struct modules {
	const struct tree *tree;
	struct packages *out;
	struct modules_report *report;
	struct arena arena;
	struct modules_seen *seen;
	size_t seen_count;
	struct modules_folder *first, **last; /* still to be read */
};

/* True once. */
static bool modules_enter(struct modules *m, const struct stat *st)
{
	const struct modules_key key = {st->st_dev, st->st_ino};
	struct modules_seen *seen;
	HASH_FIND(hh, m->seen, &key, sizeof key, seen);
	if (seen)
		return false;
	if (m->seen_count == MODULES_FOLDERS_MAX) {
		m->report->is_cut = true;
		return false;
	}
	seen = arena_alloc(&m->arena, sizeof *seen);
	seen->key = key;
	HASH_ADD(hh, m->seen, key, sizeof seen->key, seen);
	m->seen_count++;
	return true;
}

static void modules_later(struct modules *m, const char *path)
{
	size_t length = strlen(path);
	struct modules_folder *folder = arena_alloc(
		&m->arena, sizeof *folder + length + 1);
	memcpy(folder->path, path, length + 1);
	*m->last = folder;
	m->last = &folder->next;
}

static void modules_complain(struct modules *m, const char *path, int reason)
{
	if (m->report->unreadable++ == 0)
		snprintf(m->report->first, sizeof m->report->first,
			"%.400s/package.json: %s", path,
			reason == EINVAL ? "not a package's file" : strerror(reason));
}

bool modules_read_one(const struct tree *t, const char *folder, struct package *out)
{
	char path[PATH_MAX];
	struct buf text = {0};
	if (snprintf(path, sizeof path, "%s/package.json", folder) >= PATH_MAX) {
		errno = ENOENT;
		return false;
	}
	bool ok = tree_read(t, path, PACKAGE_FILE_BYTES_MAX, &text);
	if (ok && !package_scan(text.data, text.length, out)) {
		ok = false;
		errno = EINVAL;
	}
	buf_finish(&text);
	return ok;
}

static void modules_package(struct modules *m, const char *path)
{
	struct package package;
	char inner[PATH_MAX];
	struct stat st;
	if (modules_read_one(m->tree, path, &package))
		packages_add(m->out, package.name, package.version);
	else if (errno != ENOENT)
		modules_complain(m, path, errno);
	if (snprintf(inner, sizeof inner, "%s/node_modules", path) < PATH_MAX &&
		tree_look(m->tree, inner, &st) && S_ISDIR(st.st_mode))
		modules_later(m, inner);
}

/* Calls `each` for the entries whose names begin with no dot. */
static bool modules_each(struct modules *m, const char *path,
	void (*each)(struct modules *, const char *))
{
	char child[PATH_MAX];
	struct stat st;
	scoped_dir DIR *folder = tree_open_folder(m->tree, path, &st);
	if (!folder)
		return false;
	if (!modules_enter(m, &st))
		return true;
	for (struct dirent *entry; (entry = readdir(folder));) {
		if (tree_is_late(m->tree)) {
			m->report->is_late = true;
			break;
		}
		if (entry->d_name[0] == '.' || entry->d_type == DT_REG)
			continue;
		if (snprintf(child, sizeof child, "%s/%s", path, entry->d_name) <
			PATH_MAX)
			each(m, child);
	}
	return true;
}

static void modules_entry(struct modules *m, const char *path)
{
	if (strrchr(path, '/')[1] == '@')
		modules_each(m, path, modules_package);
	else
		modules_package(m, path);
}

/* An entry of pnpm's store: NAME@VERSION/node_modules. */
static void modules_stored(struct modules *m, const char *path)
{
	char inner[PATH_MAX];
	struct stat st;
	if (snprintf(inner, sizeof inner, "%s/node_modules", path) < PATH_MAX &&
		tree_look(m->tree, inner, &st) && S_ISDIR(st.st_mode))
		modules_later(m, inner);
}

bool modules_walk(const struct tree *t, const char *folder, struct packages *out,
	struct modules_report *report)
{
	struct modules m = {.tree = t, .out = out, .report = report};
	char store[PATH_MAX];
	*report = (struct modules_report){0};
	arena_init(&m.arena);
	m.last = &m.first;
	errno = 0;
	bool ok = modules_each(&m, folder, modules_entry);
	int reason = errno;
	if (ok && snprintf(store, sizeof store, "%s/.pnpm", folder) < PATH_MAX)
		modules_each(&m, store, modules_stored);
	for (struct modules_folder *f = m.first; f && !report->is_late; f = f->next)
		modules_each(&m, f->path, modules_entry);
	HASH_CLEAR(hh, m.seen);
	arena_finish(&m.arena);
	errno = reason;
	return ok;
}
