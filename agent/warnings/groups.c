#include "agent/warnings/groups.h"

#include "agent/capture/procfile.h"
#include "agent/probe/cgroups.h"
#include "common/err.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <uthash.h>

enum {
	GROUPS_READ_MS = 30000,         /* without inotify */
	GROUPS_READ_SELDOM_MS = 300000, /* with it: nothing is perfect */
	GROUPS_SETTLE_MS = 2000,
};

struct groups_group {
	struct cgroup *of; /* the key */
	int watch;         /* -1: none */
	int64_t kills, read_ms;
	uint64_t waiting, known; /* kills to be told; told by the kernel meanwhile */
	int64_t rose_ms, rose_unix_ms, known_ms;
	UT_hash_handle hh;
};

struct groups_key {
	uint64_t start_ticks;
	int64_t pid;
};

struct groups_member {
	struct groups_key key;
	struct groups_group *group;
	struct wire_process is; /* without texts: only for the answer's key */
	bool is_followed;
	int64_t gone_ms; /* since when it is not followed */
	UT_hash_handle hh;
};

struct groups {
	const char *procfs, *cgroupfs;
	void (*killed)(void *, const struct wire_process *, uint64_t, int64_t);
	void *context;
	struct cgroups *cgroups;
	int inotify;
	struct groups_group *groups;
	struct groups_member *members;
};

struct groups *groups_create(const char *procfs, const char *cgroupfs,
	void (*killed)(void *context, const struct wire_process *process,
		uint64_t times, int64_t at_unix_ms),
	void *context)
{
	struct groups *g = calloc(1, sizeof *g);
	BUG_ON(!g);
	*g = (struct groups){.procfs = procfs,
		.cgroupfs = cgroupfs,
		.killed = killed,
		.context = context,
		.cgroups = cgroups_open(cgroupfs),
		.inotify = inotify_init1(IN_NONBLOCK | IN_CLOEXEC)};
	return g;
}

/* A member goes, and its group with the last one. */
static void groups_leave(struct groups *g, struct groups_member *m)
{
	struct groups_group *group = m->group;
	bool is_last = true;
	HASH_DEL(g->members, m);
	for (struct groups_member *o = g->members; o && group; o = o->hh.next)
		is_last &= o->group != group;
	if (group && is_last) {
		if (group->watch >= 0)
			inotify_rm_watch(g->inotify, group->watch);
		HASH_DEL(g->groups, group);
		cgroups_give(g->cgroups, group->of);
		free(group);
	}
	free(m);
}

void groups_destroy(struct groups *g)
{
	if (!g)
		return;
	while (g->members)
		groups_leave(g, g->members);
	cgroups_close(g->cgroups);
	if (g->inotify >= 0)
		close(g->inotify);
	free(g);
}

static void groups_watch(struct groups *g, struct groups_group *group)
{
	char file[CGROUPS_PATH_MAX + 64], path[CGROUPS_PATH_MAX + 320];
	cgroups_kills_file(group->of, file);
	group->watch = -1;
	/* Version 1 changes without a word. */
	bool speaks = strstr(file, "/memory.events") != NULL;
	if (g->inotify >= 0 && speaks &&
		snprintf(path, sizeof path, "%s/%s", g->cgroupfs, file) <
			(int)sizeof path)
		group->watch = inotify_add_watch(g->inotify, path, IN_MODIFY);
}

static struct groups_group *groups_of(struct groups *g, uint32_t pid)
{
	struct buf text = {0};
	struct cgroups_place place = {0};
	struct groups_group *group;
	if (procfile_read(g->procfs, (int)pid, "cgroup", &text))
		cgroups_parse(text.data, &place);
	buf_finish(&text);
	struct cgroup *of = cgroups_take(g->cgroups, &place);
	if (!of)
		return NULL;
	HASH_FIND_PTR(g->groups, &of, group);
	if (group) {
		cgroups_give(g->cgroups, of);
		return group;
	}
	group = calloc(1, sizeof *group);
	BUG_ON(!group);
	group->of = of;
	group->kills = -1;
	groups_watch(g, group);
	HASH_ADD_PTR(g->groups, of, group);
	return group;
}

void groups_follow(struct groups *g, const struct wire_process *processes, size_t count)
{
	struct groups_member *m, *next;
	for (m = g->members; m; m = m->hh.next)
		m->is_followed = false;
	for (size_t i = 0; i < count; i++) {
		const struct groups_key key = {
			processes[i].start_ticks, processes[i].pid};
		HASH_FIND(hh, g->members, &key, sizeof key, m);
		if (!m) {
			m = calloc(1, sizeof *m);
			BUG_ON(!m);
			m->key = key;
			m->is = (struct wire_process){.pid = processes[i].pid,
				.start_ticks = processes[i].start_ticks};
			m->group = groups_of(g, processes[i].pid);
			HASH_ADD(hh, g->members, key, sizeof m->key, m);
		}
		m->is_followed = true;
		m->gone_ms = 0;
	}
	/* Who is gone is kept until the kill that took him has been told. */
	HASH_ITER(hh, g->members, m, next)
	if (!m->is_followed && !(m->group && m->group->waiting))
		groups_leave(g, m);
}

int groups_fd(const struct groups *g)
{
	return g->inotify;
}

static void groups_read(
	struct groups *g, struct groups_group *group, int64_t mono_ms, int64_t unix_ms)
{
	int64_t kills = cgroups_kills(g->cgroups, group->of);
	group->read_ms = mono_ms;
	if (kills < 0)
		return;
	if (group->kills >= 0 && kills > group->kills) {
		if (!group->waiting) {
			group->rose_ms = mono_ms;
			group->rose_unix_ms = unix_ms;
		}
		group->waiting += (uint64_t)(kills - group->kills);
	}
	group->kills = kills;
}

static void groups_hear(struct groups *g, int64_t mono_ms, int64_t unix_ms)
{
	_Alignas(struct inotify_event) char bytes[4096];
	ssize_t got;
	while (g->inotify >= 0 && (got = read(g->inotify, bytes, sizeof bytes)) > 0) {
		for (char *at = bytes; at < bytes + got;) {
			const struct inotify_event *event = (const void *)at;
			struct groups_group *group = g->groups;
			for (; group; group = group->hh.next)
				if (group->watch == event->wd)
					break;
			if (group && event->mask & IN_MODIFY)
				groups_read(g, group, mono_ms, unix_ms);
			if (group && event->mask & IN_IGNORED)
				group->watch = -1;
			at += sizeof *event + event->len;
		}
	}
}

/* The start of the process that has the pid now; 0: nobody has it. */
static bool groups_lives(const struct groups *g, const struct groups_member *m)
{
	char path[PROCFILE_PATH_MAX];
	procfile_path(path, g->procfs, (int)m->key.pid, "stat");
	return m->is_followed && access(path, F_OK) == 0;
}

static const struct groups_member *groups_victim(
	const struct groups *g, const struct groups_group *group)
{
	const struct groups_member *found = NULL;
	bool found_lives = true;
	for (const struct groups_member *m = g->members; m; m = m->hh.next) {
		if (m->group != group)
			continue;
		bool lives = groups_lives(g, m);
		if (!found || (found_lives && !lives) ||
			(found_lives == lives &&
				m->key.start_ticks < found->key.start_ticks)) {
			found = m;
			found_lives = lives;
		}
	}
	return found;
}

static void groups_tell(struct groups *g, struct groups_group *group)
{
	const struct groups_member *victim = groups_victim(g, group);
	uint64_t times = group->waiting > group->known ? group->waiting - group->known
						       : 0;
	if (victim && times)
		g->killed(g->context, &victim->is, times, group->rose_unix_ms);
	group->waiting = group->known = 0;
	/* The group goes with its last member. */
	struct groups_member *m, *next;
	HASH_ITER(hh, g->members, m, next)
	if (m->group == group && !m->is_followed)
		groups_leave(g, m);
}

void groups_run(struct groups *g, int64_t now_mono_ms, int64_t now_unix_ms)
{
	struct groups_group *group, *next;
	groups_hear(g, now_mono_ms, now_unix_ms);
	HASH_ITER(hh, g->groups, group, next)
	{
		int64_t every_ms = group->watch >= 0 ? GROUPS_READ_SELDOM_MS
						     : GROUPS_READ_MS;
		if (!group->read_ms || now_mono_ms - group->read_ms >= every_ms)
			groups_read(g, group, now_mono_ms, now_unix_ms);
		if (group->waiting && now_mono_ms - group->rose_ms >= GROUPS_SETTLE_MS)
			groups_tell(g, group);
		else if (!group->waiting &&
			 now_mono_ms - group->known_ms > 2 * GROUPS_READ_MS)
			group->known = 0;
	}
}

void groups_known(struct groups *g, uint32_t pid, int64_t now_mono_ms)
{
	for (struct groups_member *m = g->members; m; m = m->hh.next)
		if (m->key.pid == pid && m->group) {
			m->group->known++;
			m->group->known_ms = now_mono_ms;
		}
}
