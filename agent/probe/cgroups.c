#include "agent/probe/cgroups.h"

#include "agent/probe/probe.h"
#include "common/err.h"
#include "common/scoped.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <uthash.h>

struct cgroup {
	char *key; /* the group's folder below the root */
	bool version1;
	size_t top_length; /* of the hierarchy's own folder at the start of the key */
	unsigned users;
	int usage_fd;
	uint64_t usage_tick, minute_tick;      /* when these were last read */
	int64_t usage_kb, limit_kb, oom_kills; /* -1: unknown */
	UT_hash_handle hh;
};

struct cgroups {
	int root;            /* -1: none */
	const char *unified; /* folder of the version 2 hierarchy below the root */
	struct cgroup *groups;
};

/* The files of both versions. */
static const struct cgroups_files {
	const char *usage, *limit, *events;
} cgroups_files[] = {
	{"memory.current", "memory.max", "memory.events"},
	{"memory.usage_in_bytes", "memory.limit_in_bytes", "memory.oom_control"},
};

/* No limit in version 1 is LONG_MAX rounded down to a page. */
#define CGROUPS_UNLIMITED_BYTES (INT64_C(1) << 60)

/* One line of /proc/PID/cgroup: "ID:controllers:path". */
struct cgroups_line {
	const char *controllers, *path;
	size_t controllers_length, path_length;
};

static bool cgroups_line_read(const char *line, struct cgroups_line *out)
{
	size_t length = strcspn(line, "\n");
	const char *first = memchr(line, ':', length);
	if (!first)
		return false;
	out->controllers = first + 1;
	const char *second = memchr(
		first + 1, ':', length - (size_t)(first + 1 - line));
	if (!second || second[1] != '/')
		return false;
	out->controllers_length = (size_t)(second - out->controllers);
	out->path = second + 1;
	out->path_length = (size_t)(line + length - out->path);
	return true;
}

static bool cgroups_line_has(const struct cgroups_line *line, const char *controller)
{
	size_t want = strlen(controller);
	const char *c = line->controllers;
	const char *end = c + line->controllers_length;
	while (c < end) {
		const char *comma = memchr(c, ',', (size_t)(end - c));
		size_t length = (size_t)((comma ? comma : end) - c);
		if (length == want && memcmp(c, controller, want) == 0)
			return true;
		c += length + 1;
	}
	return false;
}

/* A path outside our namespace starts with "/..": it names nothing that we can open. */
static void cgroups_copy_path(const struct cgroups_line *line, char *out)
{
	out[0] = '\0';
	if (line->path_length >= CGROUPS_PATH_MAX)
		return;
	memcpy(out, line->path, line->path_length);
	out[line->path_length] = '\0';
	if (strstr(out, "/../") || strcmp(out, "/..") == 0)
		out[0] = '\0';
}

void cgroups_parse(const char *text, struct cgroups_place *out)
{
	*out = (struct cgroups_place){0};
	char unified[CGROUPS_PATH_MAX] = "", systemd[CGROUPS_PATH_MAX] = "";
	while (*text) {
		struct cgroups_line line;
		if (cgroups_line_read(text, &line)) {
			if (line.controllers_length == 0)
				cgroups_copy_path(&line, unified);
			else if (cgroups_line_has(&line, "name=systemd"))
				cgroups_copy_path(&line, systemd);
			else if (cgroups_line_has(&line, "memory")) {
				cgroups_copy_path(&line, out->memory);
				out->version1 = true;
			}
		}
		text += strcspn(text, "\n");
		text += *text == '\n';
	}
	if (!out->version1)
		strcpy(out->memory, unified);
	const char *name = systemd[0] && systemd[1] ? systemd : unified;
	strcpy(out->name, name[0] && name[1] ? name : out->memory);
}

struct cgroups *cgroups_open(const char *cgroupfs)
{
	struct cgroups *cs = calloc(1, sizeof *cs);
	BUG_ON(!cs);
	cs->root = open(cgroupfs, O_PATH | O_DIRECTORY | O_CLOEXEC);
	/* Pure version 2 has the hierarchy at the root, a hybrid in a folder. */
	bool pure = cs->root >= 0 &&
		    faccessat(cs->root, "cgroup.controllers", F_OK, 0) == 0;
	cs->unified = pure ? "" : "unified";
	return cs;
}

static void cgroups_destroy(struct cgroups *cs, struct cgroup *g)
{
	HASH_DEL(cs->groups, g);
	if (g->usage_fd >= 0)
		close(g->usage_fd);
	free(g->key);
	free(g);
}

void cgroups_close(struct cgroups *cs)
{
	if (!cs)
		return;
	struct cgroup *g, *next;
	HASH_ITER(hh, cs->groups, g, next)
	cgroups_destroy(cs, g);
	if (cs->root >= 0)
		close(cs->root);
	free(cs);
}

static int cgroups_open_file(
	const struct cgroups *cs, const char *folder, const char *file)
{
	char path[CGROUPS_PATH_MAX + 64];
	int length = snprintf(path, sizeof path, "%s/%s", folder, file);
	if (length < 0 || (size_t)length >= sizeof path)
		return -1;
	return openat(cs->root, path, O_RDONLY | O_CLOEXEC);
}

struct cgroup *cgroups_take(struct cgroups *cs, const struct cgroups_place *place)
{
	if (cs->root < 0 || !place->memory[0] || !place->memory[1])
		return NULL;
	const char *top = place->version1 ? "memory" : cs->unified;
	char key[CGROUPS_PATH_MAX + 16];
	snprintf(key, sizeof key, "%s%s", top[0] ? top : ".", place->memory);
	struct cgroup *g;
	HASH_FIND_STR(cs->groups, key, g);
	if (!g) {
		g = calloc(1, sizeof *g);
		BUG_ON(!g);
		g->key = strdup(key);
		BUG_ON(!g->key);
		g->version1 = place->version1;
		g->top_length = strlen(key) - strlen(place->memory);
		g->usage_fd = cgroups_open_file(
			cs, key, cgroups_files[g->version1].usage);
		g->usage_kb = g->limit_kb = g->oom_kills = -1;
		HASH_ADD_KEYPTR(hh, cs->groups, g->key, strlen(g->key), g);
	}
	g->users++;
	return g;
}

void cgroups_give(struct cgroups *cs, struct cgroup *g)
{
	if (g && --g->users == 0)
		cgroups_destroy(cs, g);
}

static bool cgroups_pread(int fd, char *text, size_t size)
{
	ssize_t n = pread(fd, text, size - 1, 0);
	if (n <= 0)
		return false;
	text[n] = '\0';
	return true;
}

static bool cgroups_read_file(
	const struct cgroups *cs, const char *folder, const char *file, char text[512])
{
	scoped_fd int fd = cgroups_open_file(cs, folder, file);
	return fd >= 0 && cgroups_pread(fd, text, 512);
}

/* INT64_MAX: no limit on the way up. */
static int64_t cgroups_limit_bytes(const struct cgroups *cs, const struct cgroup *g)
{
	char folder[CGROUPS_PATH_MAX + 16];
	snprintf(folder, sizeof folder, "%s", g->key);
	int64_t tightest = INT64_MAX;
	while (strlen(folder) > g->top_length) {
		char text[512];
		const char *c = text;
		int64_t limit; /* "max" is no number */
		if (cgroups_read_file(
			    cs, folder, cgroups_files[g->version1].limit, text) &&
			probe_number(&c, &limit) && limit < tightest)
			tightest = limit;
		char *slash = strrchr(folder, '/');
		if (!slash)
			break;
		*slash = '\0';
	}
	return tightest < CGROUPS_UNLIMITED_BYTES ? tightest : INT64_MAX;
}

int64_t cgroups_kills(const struct cgroups *cs, const struct cgroup *g)
{
	char text[512];
	if (!cgroups_read_file(cs, g->key, cgroups_files[g->version1].events, text))
		return -1;
	struct wire_values values = {0};
	const struct probe_field field = {"oom_kill", PROCESS_cgroup_oom_kills};
	probe_emit_fields(text, &field, 1, &values);
	return values.present ? values.value[PROCESS_cgroup_oom_kills] : -1;
}

void cgroups_kills_file(const struct cgroup *g, char path[CGROUPS_PATH_MAX + 64])
{
	snprintf(path, CGROUPS_PATH_MAX + 64, "%s/%s", g->key,
		cgroups_files[g->version1].events);
}

static int64_t cgroups_usage_kb(const struct cgroup *g)
{
	char text[512];
	const char *c = text;
	int64_t usage;
	if (g->usage_fd < 0 || !cgroups_pread(g->usage_fd, text, sizeof text) ||
		!probe_number(&c, &usage))
		return -1;
	return usage / 1024;
}

void cgroups_read(struct cgroups *cs, struct cgroup *g, uint64_t tick, bool minutely,
	struct wire_values *out)
{
	if (!g)
		return;
	if (g->usage_tick != tick) {
		g->usage_tick = tick;
		g->usage_kb = cgroups_usage_kb(g);
	}
	if (g->minute_tick == 0 || (minutely && g->minute_tick != tick)) {
		g->minute_tick = tick;
		int64_t limit = cgroups_limit_bytes(cs, g);
		g->limit_kb = limit == INT64_MAX ? -1 : limit / 1024;
		g->oom_kills = cgroups_kills(cs, g);
	}
	probe_put(out, PROCESS_cgroup_usage_kb, g->usage_kb);
	probe_put(out, PROCESS_cgroup_limit_kb, g->limit_kb);
	probe_put(out, PROCESS_cgroup_oom_kills, g->oom_kills);
}
