#include "agent/insides/subjects.h"

#include "agent/capture/facts.h"
#include "agent/list.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

/* A program is what it is soon after its start; sockets come a little later. */
enum {
	SUBJECTS_SOON_MS = 15 * 1000,
	SUBJECTS_SOON_LOOKS = 4,
	SUBJECTS_LATER_MS = 10 * 60 * 1000,
	SUBJECTS_INSPECT_MIN_MS = 60 * 1000,
	SUBJECTS_CENSUS_FIRST_MS = 60 * 1000,
	SUBJECTS_CENSUS_AGE_MS = 10 * 60 * 1000, /* its start is over by then */
};

const char *subjects_route_name(enum subject_route route)
{
	static const char *const names[] = {"none", "preload", "inspector", "hsperf"};
	return names[route];
}

int64_t subjects_period_ms(const struct config *c, enum subject_route route)
{
	int64_t ms = c->insides_interval_ms > 0 ? c->insides_interval_ms
						: c->interval_ms;
	return route == SUBJECT_INSPECTOR && ms < SUBJECTS_INSPECT_MIN_MS
		       ? SUBJECTS_INSPECT_MIN_MS
		       : ms;
}

static void subjects_drop(struct subject *s)
{
	free(s->in);
	s->in = NULL;
}

void subjects_finish(struct subjects *s)
{
	for (size_t i = 0; i < s->count; i++)
		subjects_drop(&s->all[i]);
	free(s->all);
	*s = (struct subjects){0};
}

static int subjects_compare(const void *a, const void *b)
{
	const struct subject *left = a, *right = b;
	if (left->pid != right->pid)
		return left->pid < right->pid ? -1 : 1;
	if (left->start_ticks != right->start_ticks)
		return left->start_ticks < right->start_ticks ? -1 : 1;
	return 0;
}

static struct subject_inside *subjects_make(
	const struct config *c, const struct facts *facts, int64_t now_ms)
{
	struct subject_inside *in = calloc(1, sizeof *in);
	BUG_ON(!in);
	in->facts = *facts;
	in->preload = (struct preload_way){.procfs = c->procfs,
		.facts = &in->facts,
		.directory = c->preload_dir[0] ? c->preload_dir : NULL};
	in->java = (struct java_way){.procfs = c->procfs, .facts = &in->facts};
	in->heap_used_bytes = -1;
	int64_t left_ms = SUBJECTS_CENSUS_AGE_MS - facts_age_ms(c->procfs, facts);
	in->census_due_ms = now_ms + (left_ms > SUBJECTS_CENSUS_FIRST_MS
						     ? left_ms
						     : SUBJECTS_CENSUS_FIRST_MS);
	in->counted_ms = now_ms;
	return in;
}

static void subjects_choose(const struct config *c, struct subject *s, int64_t now_ms)
{
	struct subject_inside *in = s->in;
	bool may_read = list_matches(c->insides, s->service);
	if (in->never || in->route != SUBJECT_NOTHING)
		return;
	if (s->kind == SUBJECT_JAVA && may_read)
		in->route = SUBJECT_HSPERF;
	else if (s->kind == SUBJECT_NODE && may_read)
		in->route = SUBJECT_PRELOAD; /* until it shows that there is none */
	else if (s->kind == SUBJECT_NODE && list_matches(c->inspect, s->service))
		in->route = SUBJECT_INSPECTOR;
	in->due_ms = now_ms;
	in->period_ms = subjects_period_ms(c, in->route);
}

static enum subject_kind subjects_kind(const struct facts *facts)
{
	if (facts->is_node)
		return SUBJECT_NODE;
	return strcmp(facts->program, "java") == 0 ? SUBJECT_JAVA : SUBJECT_OTHER;
}

static void subjects_look(const struct config *c, struct subject *s, int64_t now_ms)
{
	struct facts facts;
	struct err ignored;
	s->looks++;
	s->look_ms = now_ms + (s->looks < SUBJECTS_SOON_LOOKS ? SUBJECTS_SOON_MS
							      : SUBJECTS_LATER_MS);
	if (s->in) {
		subjects_choose(c, s, now_ms);
		return;
	}
	if (!list_matches(c->insides, s->service) &&
		!list_matches(c->inspect, s->service))
		return;
	/* Most are something else, which is seen at little cost. */
	if (facts_read_kind(c->procfs, s->pid, &facts) &&
		subjects_kind(&facts) == SUBJECT_OTHER)
		return;
	if (!facts_read(c->procfs, s->pid, &facts, &ignored) ||
		facts.start_ticks != s->start_ticks)
		return;
	s->kind = subjects_kind(&facts);
	if (s->kind == SUBJECT_OTHER)
		return;
	s->in = subjects_make(c, &facts, now_ms);
	subjects_choose(c, s, now_ms);
}

static struct subject *subjects_find(
	const struct subjects *s, const struct wire_process *p)
{
	struct subject key = {.pid = (int)p->pid, .start_ticks = p->start_ticks};
	return s->count > 0
		       ? bsearch(&key, s->all, s->count, sizeof key, subjects_compare)
		       : NULL;
}

void subjects_set(struct subjects *s, const struct config *c,
	const struct wire_process *processes, size_t count, int64_t now_ms)
{
	struct subject *all = calloc(count > 0 ? count : 1, sizeof *all);
	BUG_ON(!all);
	for (size_t i = 0; i < count; i++) {
		struct subject *old = subjects_find(s, &processes[i]);
		if (old) {
			all[i] = *old;
			old->in = NULL;
		} else {
			all[i] = (struct subject){.pid = (int)processes[i].pid,
				.start_ticks = processes[i].start_ticks};
		}
		all[i].at = (uint32_t)i;
		all[i].service = processes[i].service;
	}
	subjects_finish(s);
	*s = (struct subjects){all, count};
	for (size_t i = 0; i < count; i++) {
		if (now_ms >= all[i].look_ms)
			subjects_look(c, &all[i], now_ms);
	}
	qsort(all, count, sizeof *all, subjects_compare);
}
