#include "agent/queue/finder.h"

#include "schema/wire_limits.h"

#include <stdlib.h>
#include <string.h>

/* A thousand keys each. */
enum { FINDER_ROUNDS_FIRST = 100, FINDER_ROUNDS = 10 };

struct finder_scan {
	struct finder *finder;
	const struct reading *reading;
	size_t before, after; /* lengths around the name */
};

static void finder_add(struct finder *f, const char *name, size_t length)
{
	for (size_t i = 0; i < f->count; i++) {
		if (strncmp(f->names[i], name, length) == 0 && !f->names[i][length])
			return;
	}
	f->is_cut = f->count == READING_QUEUES_MAX;
	if (f->is_cut)
		return;
	f->names[f->count] = strndup(name, length);
	BUG_ON(!f->names[f->count]);
	f->count++;
}

static bool finder_each(void *context, const char *key)
{
	struct finder_scan *s = context;
	size_t length = strlen(key);
	char name[WIRE_NAME_BYTES_MAX + 1];
	if (length <= s->before + s->after)
		return true;
	length -= s->before + s->after;
	if (length >= sizeof name)
		return true;
	memcpy(name, key + s->before, length);
	name[length] = '\0';
	/* Names of repeated jobs have the shape of a queue's. */
	if (!strstr(name, ":repeat:") && reading_wants(s->reading, name))
		finder_add(s->finder, name, length);
	return !s->finder->is_cut;
}

static bool finder_scan(struct finder *f, struct redis *redis, const struct reading *r,
	const char *pattern, size_t which, struct finder_scan *context, struct err *e)
{
	struct redis_scan scan = {
		.pattern = pattern,
		.rounds = f->has_begun ? FINDER_ROUNDS : FINDER_ROUNDS_FIRST,
		.cursor = f->cursors[which],
		.each = finder_each,
		.context = context,
	};
	if (!redis_scan(redis, &scan, r->arena, r->deadline_mono_ms, e))
		return false;
	f->cursors[which] = scan.cursor;
	return true;
}

bool finder_look(struct finder *f, struct redis *redis, const struct reading *r,
	const char *before, const char *after, struct err *e)
{
	static const char *const every[] = {"*"};
	const struct queue_list *list = &r->spec->queues;
	const char *const *names = list->count ? (const char *const *)list->names
					       : every;
	struct finder_scan context = {f, r, strlen(before), strlen(after)};
	for (size_t i = 0; i < (list->count ? list->count : 1); i++) {
		if (!queue_spec_is_glob(names[i])) {
			finder_add(f, names[i], strlen(names[i]));
			continue;
		}
		const char *pattern = arena_printf(r->arena, "%s%s%s",
			redis_quote(r->arena, before), names[i],
			redis_quote(r->arena, after));
		if (!finder_scan(f, redis, r, pattern, i, &context, e))
			return false;
	}
	f->has_begun = true;
	return true;
}

void finder_drop(struct finder *f, size_t i)
{
	free(f->names[i]);
	f->names[i] = f->names[--f->count];
}

bool finder_is_given(const struct reading *r, const char *name)
{
	const struct queue_list *list = &r->spec->queues;
	for (size_t i = 0; i < list->count; i++) {
		if (strcmp(list->names[i], name) == 0)
			return true;
	}
	return false;
}

void finder_finish(struct finder *f)
{
	while (f->count)
		finder_drop(f, f->count - 1);
}
