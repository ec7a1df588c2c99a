#include "agent/queue/backlogs.h"

#include "agent/capture/listeners.h"
#include "agent/capture/procfile.h"
#include "common/clock.h"
#include "common/log.h"
#include "common/scoped.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	BACKLOGS_SOCKETS = 64,    /* open ones of a process that are kept */
	BACKLOGS_FDS_MAX = 4096,  /* that are looked at */
	BACKLOGS_SOON_MS = 10000, /* a new process opens its sockets late */
	BACKLOGS_AGAIN_MS = 300000,
	BACKLOGS_NAMESPACES = 64,
};

/* What is known of a process's sockets. */
struct backlogs_process {
	uint32_t pid;
	uint64_t start_ticks;
	int64_t again_mono_ms;
	int looks, count;
	uint64_t inodes[BACKLOGS_SOCKETS];
	bool is_seen;
};

struct backlogs_namespace {
	char link[64];
	struct listeners *listeners;
};

struct backlogs {
	const struct part *part;
	struct arena arena;
	struct backlogs_process **known;
	size_t known_count, known_capacity;
	struct backlogs_namespace namespaces[BACKLOGS_NAMESPACES];
	size_t namespace_count;
};

int backlogs_sockets(const char *procfs, int pid, uint64_t *inodes, int size)
{
	char path[PROCFILE_PATH_MAX];
	procfile_path(path, procfs, pid, "fd");
	scoped_dir DIR *directory = opendir(path);
	if (!directory)
		return -1;
	int count = 0, seen = 0;
	for (struct dirent *entry;
		count < size && seen < BACKLOGS_FDS_MAX && (entry = readdir(directory));
		seen++) {
		char link[64];
		ssize_t length = readlinkat(
			dirfd(directory), entry->d_name, link, sizeof link - 1);
		if (length < 0)
			continue;
		link[length] = '\0';
		count += sscanf(link, "socket:[%" SCNu64 "]", &inodes[count]) == 1;
	}
	return count;
}

static struct backlogs_process *backlogs_know(
	struct backlogs *b, const struct wire_process *p)
{
	for (size_t i = 0; i < b->known_count; i++) {
		if (b->known[i]->pid == p->pid &&
			b->known[i]->start_ticks == p->start_ticks)
			return b->known[i];
	}
	if (b->known_count == b->known_capacity) {
		b->known_capacity = b->known_capacity ? b->known_capacity * 2 : 64;
		b->known = realloc(b->known,
			b->known_capacity * sizeof(struct backlogs_process *));
		BUG_ON(!b->known);
	}
	struct backlogs_process *made = calloc(1, sizeof *made);
	BUG_ON(!made);
	made->pid = p->pid;
	made->start_ticks = p->start_ticks;
	return b->known[b->known_count++] = made;
}

/* Only those that listen are kept: there are few. */
static void backlogs_keep_listening(
	struct backlogs_process *p, const struct listeners *all)
{
	int kept = 0;
	for (int i = 0; i < p->count; i++) {
		if (listeners_find(all, p->inodes[i]))
			p->inodes[kept++] = p->inodes[i];
	}
	p->count = kept;
}

static const struct listeners *backlogs_listeners(struct backlogs *b, int pid)
{
	char path[PROCFILE_PATH_MAX], link[64];
	struct err e;
	procfile_path(path, b->part->config->procfs, pid, "ns/net");
	ssize_t length = readlink(path, link, sizeof link - 1);
	if (length < 0)
		return NULL;
	link[length] = '\0';
	for (size_t i = 0; i < b->namespace_count; i++) {
		if (strcmp(b->namespaces[i].link, link) == 0)
			return b->namespaces[i].listeners;
	}
	if (b->namespace_count == BACKLOGS_NAMESPACES)
		return NULL;
	struct listeners *l = arena_alloc(&b->arena, sizeof *l);
	if (!listeners_read(l, b->part->config->procfs, pid, &e))
		return NULL;
	struct backlogs_namespace *n = &b->namespaces[b->namespace_count++];
	memcpy(n->link, link, sizeof link);
	n->listeners = l;
	return l;
}

/* The process's value, or -1: it listens nowhere, or we cannot tell. */
static int64_t backlogs_of(struct backlogs *b, struct backlogs_process *p)
{
	int64_t now_mono_ms = clock_mono_ms(), backlog = 0;
	int pid = (int)p->pid;
	bool looks = now_mono_ms >= p->again_mono_ms;
	if (!looks && p->count <= 0)
		return -1;
	if (looks) {
		p->count = backlogs_sockets(
			b->part->config->procfs, pid, p->inodes, BACKLOGS_SOCKETS);
		p->again_mono_ms = now_mono_ms + (p->looks++ < 2 ? BACKLOGS_SOON_MS
								 : BACKLOGS_AGAIN_MS);
	}
	const struct listeners *all = p->count > 0 ? backlogs_listeners(b, pid) : NULL;
	if (!all)
		return -1;
	if (looks)
		backlogs_keep_listening(p, all);
	for (int i = 0; i < p->count; i++) {
		const struct listener *l = listeners_find(all, p->inodes[i]);
		backlog += l ? l->backlog : 0;
	}
	return p->count > 0 ? backlog : -1;
}

static void backlogs_forget(struct backlogs *b)
{
	size_t kept = 0;
	for (size_t i = 0; i < b->known_count; i++) {
		if (b->known[i]->is_seen)
			b->known[kept++] = b->known[i];
		else
			free(b->known[i]);
	}
	b->known_count = kept;
	for (size_t i = 0; i < kept; i++)
		b->known[i]->is_seen = false;
}

static void backlogs_look(struct backlogs *b)
{
	size_t count, said = 0;
	arena_reset(&b->arena);
	b->namespace_count = 0;
	struct wire_process *all = crowd_copy(b->part->crowd, &b->arena, &count);
	struct wire_sample *samples = arena_array(
		&b->arena, count + 1, sizeof *samples);
	for (size_t i = 0; i < count; i++) {
		struct backlogs_process *p = backlogs_know(b, &all[i]);
		p->is_seen = true;
		int64_t backlog = backlogs_of(b, p);
		if (backlog < 0)
			continue;
		struct wire_sample *s = &samples[said];
		s->process = (uint32_t)said;
		s->values.present = UINT64_C(1) << PROCESS_backlog;
		s->values.value[PROCESS_backlog] = backlog;
		all[said++] = all[i];
	}
	backlogs_forget(b);
	if (!said)
		return;
	struct wire_tick tick = {
		.at_unix_ms = clock_unix_ms(),
		.samples = samples,
		.sample_count = said,
	};
	const struct wire_batch batch = {.processes = all,
		.process_count = said,
		.ticks = &tick,
		.tick_count = 1};
	struct err e;
	if (!post_join(b->part->post, &batch, &e))
		log_warn("backlogs: %s", e.text);
}

void backlogs_run(const struct part *p)
{
	struct backlogs b = {.part = p};
	uint64_t seen = 0;
	arena_init(&b.arena);
	/* The agent tells who is there at each of its own readings. */
	while (crowd_wait(p->crowd, &seen, clock_mono_ms() + p->config->interval_ms))
		backlogs_look(&b);
	backlogs_forget(&b);
	backlogs_forget(&b);
	free(b.known);
	arena_finish(&b.arena);
}
