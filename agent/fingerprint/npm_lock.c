#include "agent/fingerprint/npm_lock.h"

#include "agent/fingerprint/json_events.h"

#include <stdlib.h>
#include <string.h>

enum { NPM_LOCK_NEST_MAX = 64, NPM_LOCK_PATH_MAX = 2048 };

/* A package that is being read. */
struct npm_lock_entry {
	char name[JSON_EVENTS_TEXT_MAX + 1];
	char version[JSON_EVENTS_TEXT_MAX + 1];
	size_t folder; /* length of the path before it (lockfileVersion 1) */
	bool may_miss, is_link;
	bool is_inside; /* of its own "dependencies" */
};

struct npm_lock {
	const struct npm_lock_options *options;
	struct packages *out;
	enum { NPM_LOCK_ELSEWHERE, NPM_LOCK_PACKAGES, NPM_LOCK_DEPENDENCIES } part;
	bool has_packages; /* lockfileVersion 2 has both, the same */
	unsigned nest;     /* entries open */
	unsigned depth[NPM_LOCK_NEST_MAX];
	struct npm_lock_entry *entries; /* NPM_LOCK_NEST_MAX */
	char path[NPM_LOCK_PATH_MAX];   /* of the innermost */
};

static void npm_lock_copy(char out[JSON_EVENTS_TEXT_MAX + 1], const char *text)
{
	strcpy(out, text); /* json_events cuts there */
}

/* What stands behind the last "node_modules/"; "" for folders of the workspace. */
static const char *npm_lock_name_of(const char *path)
{
	static const char folder[] = "node_modules/";
	const char *found = "";
	for (const char *c = path; (c = strstr(c, folder));) {
		c += sizeof folder - 1;
		found = c;
	}
	return found;
}

static void npm_lock_begin(struct npm_lock *l, unsigned depth, const char *key)
{
	if (l->nest == NPM_LOCK_NEST_MAX)
		return;
	struct npm_lock_entry *entry = &l->entries[l->nest];
	*entry = (struct npm_lock_entry){0};
	l->depth[l->nest++] = depth;
	if (l->part == NPM_LOCK_PACKAGES) {
		npm_lock_copy(entry->name, npm_lock_name_of(key));
		memcpy(l->path, key, strlen(key) + 1);
		return;
	}
	npm_lock_copy(entry->name, key);
	size_t length = strlen(l->path);
	entry->folder = length;
	if (length + strlen(key) + sizeof "/node_modules/" < sizeof l->path) {
		strcat(l->path, length ? "/node_modules/" : "node_modules/");
		strcat(l->path, key);
	}
}

static void npm_lock_say(struct npm_lock *l, const struct npm_lock_entry *entry)
{
	const struct npm_lock_options *o = l->options;
	if (entry->is_link || !entry->name[0])
		return;
	if (entry->may_miss && o->is_there && !o->is_there(o->context, l->path))
		return;
	packages_add(l->out, entry->name, entry->version);
}

static void npm_lock_open(
	void *context, unsigned depth, const char *key, bool is_object)
{
	struct npm_lock *l = context;
	if (!is_object)
		return;
	if (depth == 1) {
		l->part = NPM_LOCK_ELSEWHERE;
		if (strcmp(key, "packages") == 0)
			l->part = NPM_LOCK_PACKAGES;
		else if (strcmp(key, "dependencies") == 0 && !l->has_packages)
			l->part = NPM_LOCK_DEPENDENCIES;
		l->has_packages |= l->part == NPM_LOCK_PACKAGES;
		return;
	}
	if (l->part == NPM_LOCK_PACKAGES && depth == 2)
		npm_lock_begin(l, depth, key);
	if (l->part != NPM_LOCK_DEPENDENCIES)
		return;
	/* { "a": { "dependencies": { "b": */
	unsigned within = l->nest ? l->depth[l->nest - 1] : 0;
	if (l->nest == 0 && depth == 2)
		npm_lock_begin(l, depth, key);
	else if (l->nest && depth == within + 1)
		l->entries[l->nest - 1].is_inside = strcmp(key, "dependencies") == 0;
	else if (l->nest && depth == within + 2 && l->entries[l->nest - 1].is_inside)
		npm_lock_begin(l, depth, key);
}

static void npm_lock_close(void *context, unsigned depth)
{
	struct npm_lock *l = context;
	if (l->nest == 0 || l->depth[l->nest - 1] != depth)
		return;
	struct npm_lock_entry *entry = &l->entries[--l->nest];
	npm_lock_say(l, entry);
	l->path[entry->folder] = '\0';
}

static void npm_lock_value(void *context, unsigned depth, const char *key,
	const char *text, bool is_string)
{
	struct npm_lock *l = context;
	if (l->nest == 0 || depth != l->depth[l->nest - 1] + 1)
		return;
	struct npm_lock_entry *entry = &l->entries[l->nest - 1];
	bool yes = !is_string && strcmp(text, "true") == 0;
	if (strcmp(key, "version") == 0 && is_string)
		npm_lock_copy(entry->version, text);
	else if (strcmp(key, "name") == 0 && is_string && entry->name[0])
		npm_lock_copy(entry->name, text); /* an alias: what it really is */
	else if (strcmp(key, "link") == 0 && yes)
		entry->is_link = true;
	else if (yes &&
		 (strcmp(key, "dev") == 0 || strcmp(key, "optional") == 0 ||
			 strcmp(key, "devOptional") == 0 || strcmp(key, "peer") == 0))
		entry->may_miss = true;
}

bool npm_lock_read(struct intake *in, const struct npm_lock_options *options,
	struct packages *out, struct err *e)
{
	struct npm_lock *l = calloc(1, sizeof *l);
	BUG_ON(!l);
	l->options = options;
	l->out = out;
	l->entries = calloc(NPM_LOCK_NEST_MAX, sizeof *l->entries);
	BUG_ON(!l->entries);
	const struct json_events events = {
		npm_lock_open, npm_lock_close, npm_lock_value, l};
	bool ok = json_events_read(in, &events, e);
	free(l->entries);
	free(l);
	return ok;
}
