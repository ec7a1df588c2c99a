#include "agent/insides/states.h"

#include "common/clock.h"
#include "common/crc32c.h"

#include <stdlib.h>
#include <string.h>

enum { STATES_AGAIN_MS = 10 * 60 * 1000 };

void states_finish(struct states *t)
{
	for (size_t i = 0; i < t->count; i++)
		free(t->told[i].name);
	free(t->told);
	*t = (struct states){0};
}

/* The one of that name, added when there is none. */
static struct source_state *states_of(struct source_state *all, size_t *count,
	const char *what, const struct subject *s, struct arena *a)
{
	const char *name = arena_printf(a, "%s %s", what, s->service);
	for (size_t i = 0; i < *count; i++) {
		if (!strcmp(all[i].name, name))
			return &all[i];
	}
	struct source_state *new = &all[(*count)++];
	*new = (struct source_state){.name = name,
		.kind = subjects_route_name(s->in->route),
		.at_unix_ms = clock_unix_ms(),
		.works = true,
		.text = ""};
	return new;
}

/* One process that has a problem speaks for its service. */
static void states_add(struct source_state *of, bool works, const char *problem,
	int64_t took_us, struct arena *a)
{
	if (!of->text[0])
		of->text = arena_strdup(a, problem);
	of->works &= works;
	if (took_us > 0 && (uint64_t)took_us > of->took_us)
		of->took_us = (uint64_t)took_us;
}

static bool states_is_new(
	struct states *t, const struct source_state *state, int64_t now_ms)
{
	uint32_t sum = crc32c(0, state->text, strlen(state->text));
	uint64_t whole = (uint64_t)sum << 1 | state->works;
	size_t i = 0;
	while (i < t->count && strcmp(t->told[i].name, state->name) != 0)
		i++;
	if (i == t->count) {
		t->told = realloc(t->told, (t->count + 1) * sizeof *t->told);
		BUG_ON(!t->told);
		t->told[t->count++] = (struct states_told){.name = strdup(state->name)};
		BUG_ON(!t->told[i].name);
	} else if (t->told[i].sum == whole &&
		   now_ms < t->told[i].at_ms + STATES_AGAIN_MS) {
		t->told[i].is_there = true;
		return false;
	}
	t->told[i].sum = whole;
	t->told[i].at_ms = now_ms;
	t->told[i].is_there = true;
	return true;
}

static void states_forget(struct states *t)
{
	size_t kept = 0;
	for (size_t i = 0; i < t->count; i++) {
		if (t->told[i].is_there)
			t->told[kept++] = t->told[i];
		else
			free(t->told[i].name);
	}
	t->count = kept;
}

struct source_state *states_take(struct states *t, const struct subjects *s,
	int64_t now_ms, struct arena *a, size_t *count)
{
	struct source_state *all = arena_array(a, s->count * 2 + 1, sizeof *all);
	size_t n = 0, kept = 0;
	for (size_t i = 0; i < s->count; i++) {
		const struct subject *one = &s->all[i];
		if (!one->in || (one->in->route == SUBJECT_NOTHING && !one->in->never))
			continue;
		states_add(states_of(all, &n, "insides", one, a), one->in->works,
			one->in->problem, one->in->took_us, a);
		if (one->in->census_problem[0])
			states_add(states_of(all, &n, "census", one, a), false,
				one->in->census_problem, 0, a);
	}
	for (size_t i = 0; i < t->count; i++)
		t->told[i].is_there = false;
	for (size_t i = 0; i < n; i++) {
		if (states_is_new(t, &all[i], now_ms))
			all[kept++] = all[i];
	}
	states_forget(t);
	*count = kept;
	return all;
}
