#include "agent/lives.h"

#include "common/err.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

struct lives {
	struct lives_options options;
	struct life **all;
	size_t count, room;
	size_t next; /* where the next one is likely to be: ticks keep their order */
};

/* A life and its strings in one piece. */
struct lives_entry {
	struct life life;
	char text[];
};

struct lives *lives_create(const struct lives_options *options)
{
	struct lives *l = calloc(1, sizeof *l);
	BUG_ON(!l);
	l->options = *options;
	return l;
}

void lives_destroy(struct lives *l)
{
	if (!l)
		return;
	for (size_t i = 0; i < l->count; i++)
		free(l->all[i]);
	free(l->all);
	free(l);
}

static uid_t lives_owner(const struct lives *l, uint32_t pid)
{
	char path[512];
	struct stat info;
	snprintf(path, sizeof path, "%s/%u", l->options.procfs, (unsigned)pid);
	return stat(path, &info) == 0 ? info.st_uid : LIVES_NOBODY;
}

static const char *lives_copy(char **at, const char *text)
{
	size_t size = strlen(text) + 1;
	char *copy = memcpy(*at, text, size);
	*at += size;
	return copy;
}

static struct life *lives_create_life(const struct wire_process *p)
{
	size_t size = strlen(p->service) + strlen(p->version) + strlen(p->runtime) +
		      strlen(p->rule) + strlen(p->command) + 5;
	struct lives_entry *entry = calloc(1, sizeof *entry + size);
	BUG_ON(!entry);
	char *at = entry->text;
	entry->life.is = *p;
	entry->life.is.service = lives_copy(&at, p->service);
	entry->life.is.version = lives_copy(&at, p->version);
	entry->life.is.runtime = lives_copy(&at, p->runtime);
	entry->life.is.rule = lives_copy(&at, p->rule);
	entry->life.is.command = lives_copy(&at, p->command);
	entry->life.is.fingerprint = NULL; /* it is the tick's, and may come later */
	return &entry->life;
}

static bool lives_is(const struct life *life, const struct wire_process *p)
{
	return life->is.pid == p->pid && life->is.start_ticks == p->start_ticks &&
	       strcmp(life->is.service, p->service) == 0 &&
	       strcmp(life->is.version, p->version) == 0;
}

static struct life *lives_know(struct lives *l, const struct wire_process *p)
{
	for (size_t i = 0; i < l->count; i++) {
		size_t at = (l->next + i) % l->count;
		if (!lives_is(l->all[at], p))
			continue;
		l->next = at + 1;
		return l->all[at];
	}
	if (l->count == LIVES_MAX)
		return NULL;
	if (l->count == l->room) {
		l->room = l->room ? 2 * l->room : 16;
		l->all = reallocarray(l->all, l->room, sizeof *l->all);
		BUG_ON(!l->all);
	}
	struct life *life = lives_create_life(p);
	life->owner = lives_owner(l, p->pid);
	l->all[l->count++] = life;
	return life;
}

void lives_tick(struct lives *l, const struct processes_tick *tick, int64_t now_unix_ms)
{
	for (size_t i = 0; i < l->count; i++)
		l->all[i]->runs = false;
	for (size_t i = 0; i < tick->count; i++) {
		const struct wire_process *p = &tick->processes[i];
		if (!l->options.wants(l->options.context, p->service))
			continue;
		struct life *life = lives_know(l, p);
		if (!life)
			continue;
		life->runs = true;
		life->seen_unix_ms = now_unix_ms;
		life->is.slot = p->slot;
		life->is.started_unix_ms = p->started_unix_ms;
	}
	size_t kept = 0;
	for (size_t i = 0; i < l->count; i++) {
		struct life *life = l->all[i];
		int64_t gone_ms = now_unix_ms - life->seen_unix_ms;
		if (life->runs || (gone_ms >= 0 && gone_ms < LIVES_ENDED_MS))
			l->all[kept++] = life;
		else
			free(life);
	}
	l->count = kept;
}

const struct life *const *lives_all(const struct lives *l, size_t *count)
{
	*count = l->count;
	return (const struct life *const *)l->all;
}

const struct life *lives_find(const struct lives *l, uint32_t pid)
{
	const struct life *found = NULL;
	for (size_t i = 0; i < l->count; i++) {
		const struct life *life = l->all[i];
		if (life->is.pid == pid &&
			(!found || life->is.start_ticks >= found->is.start_ticks))
			found = life;
	}
	return found;
}
