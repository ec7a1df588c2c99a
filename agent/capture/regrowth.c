#include "agent/capture/regrowth.h"

#include "agent/heap/verdict.h"

#include <stdlib.h>
#include <string.h>

enum {
	REGROWTH_CHANGES = 20,
	REGROWTH_FEW = 10,        /* new children that mean something */
	REGROWTH_HOLDER_PCT = 50, /* of the growth, that one holder must explain */
	REGROWTH_CLASSES_PCT = 25,
	REGROWTH_SMALL_BYTES = 32 << 10,
	REGROWTH_SMALL_PERMILLE = 1,
};

static bool regrowth_same_name(
	const struct snapshot_name *a, const struct snapshot_name *b)
{
	return strcmp(a->name, b->name) == 0 && strcmp(a->location, b->location) == 0;
}

static bool regrowth_same_path(
	const struct snapshot_path *a, const struct snapshot_path *b)
{
	if (a->count != b->count)
		return false;
	for (size_t i = 0; i < a->count; i++) {
		if (strcmp(a->steps[i].edge, b->steps[i].edge) != 0 ||
			!regrowth_same_name(&a->steps[i].holder, &b->steps[i].holder))
			return false;
	}
	return true;
}

/* The `nth` of those that are called alike: lists are in order of size. */
static const struct snapshot_holder *regrowth_holder(
	const struct snapshot *s, const struct snapshot_holder *like, size_t nth)
{
	for (size_t i = 0; i < s->accumulator_count; i++) {
		const struct snapshot_holder *h = &s->accumulators[i];
		if (regrowth_same_name(&h->is, &like->is) &&
			regrowth_same_name(&h->child, &like->child) &&
			regrowth_same_path(&h->path, &like->path) && nth-- == 0)
			return h;
	}
	return NULL;
}

static size_t regrowth_rank(const struct snapshot *s, size_t index)
{
	size_t rank = 0;
	const struct snapshot_holder *like = &s->accumulators[index];
	while (regrowth_holder(s, like, rank) != like)
		rank++;
	return rank;
}

static void regrowth_find_holder(const struct snapshot *before,
	const struct snapshot *after, struct snapshot_growth *g)
{
	for (size_t i = 0; i < after->accumulator_count; i++) {
		const struct snapshot_holder *now = &after->accumulators[i];
		const struct snapshot_holder none = {0};
		const struct snapshot_holder *then = regrowth_holder(
			before, now, regrowth_rank(after, i));
		if (!then)
			then = &none;
		if (now->retained_bytes <= then->retained_bytes ||
			now->child_count < then->child_count + REGROWTH_FEW)
			continue;
		uint64_t grown = now->retained_bytes - then->retained_bytes;
		uint64_t children = now->child_bytes > then->child_bytes
					    ? now->child_bytes - then->child_bytes
					    : 0;
		/* One object has a row for each class of its children: the row with
		 * most bytes says what it collects. */
		if (grown < g->explained_bytes ||
			(grown == g->explained_bytes &&
				children <= g->holder.child_bytes))
			continue;
		g->explained_bytes = grown;
		g->holder = *now;
		g->holder.child_count = now->child_count - then->child_count;
		g->holder.child_bytes = children;
	}
}

static const struct snapshot_class *regrowth_class(
	const struct snapshot *s, const struct snapshot_name *name)
{
	for (size_t i = 0; i < s->classes_length; i++) {
		if (regrowth_same_name(&s->classes[i].is, name))
			return &s->classes[i];
	}
	return NULL;
}

static int64_t regrowth_bytes(const struct snapshot_change *c)
{
	return (int64_t)(c->added_bytes - c->removed_bytes);
}

static int regrowth_compare(const void *a, const void *b)
{
	int64_t l = regrowth_bytes(a), r = regrowth_bytes(b);
	return (l < r) - (l > r);
}

static bool regrowth_change(const struct snapshot *before,
	const struct snapshot_class *now, struct snapshot_change *out)
{
	const struct snapshot_class none = {0};
	const struct snapshot_class *then = regrowth_class(before, &now->is);
	/* Of a row that did not fit into the earlier summary nothing is known. */
	if (!then && before->class_count > before->classes_length)
		return false;
	if (!then)
		then = &none;
	*out = (struct snapshot_change){.is = now->is};
	if (now->count >= then->count)
		out->added = now->count - then->count;
	else
		out->removed = then->count - now->count;
	if (now->shallow_bytes >= then->shallow_bytes)
		out->added_bytes = now->shallow_bytes - then->shallow_bytes;
	else
		out->removed_bytes = then->shallow_bytes - now->shallow_bytes;
	return out->added || out->removed;
}

static void regrowth_find_changes(const struct snapshot *before,
	const struct snapshot *after, struct snapshot_growth *g, struct arena *a)
{
	g->changes = arena_array(a, after->classes_length + 1, sizeof *g->changes);
	for (size_t i = 0; i < after->classes_length; i++)
		g->change_count += regrowth_change(
			before, &after->classes[i], &g->changes[g->change_count]);
	if (g->change_count > 1)
		qsort(g->changes, g->change_count, sizeof *g->changes,
			regrowth_compare);
	if (g->change_count > REGROWTH_CHANGES)
		g->change_count = REGROWTH_CHANGES;
}

/* "(compiled code)" and its like grow in every process that warms up. */
static uint64_t regrowth_by_classes(const struct snapshot_growth *g)
{
	uint64_t bytes = 0;
	for (size_t i = 0; i < g->change_count; i++) {
		const struct snapshot_change *c = &g->changes[i];
		if (c->is.name[0] != '(' && c->added >= REGROWTH_FEW &&
			regrowth_bytes(c) > 0)
			bytes += (uint64_t)regrowth_bytes(c);
	}
	return bytes;
}

static void regrowth_judge(struct snapshot_growth *g)
{
	uint64_t small = g->before_total_bytes / 1000 * REGROWTH_SMALL_PERMILLE;
	uint64_t grown = g->grown_bytes > 0 ? (uint64_t)g->grown_bytes : 0;
	uint64_t by_classes = regrowth_by_classes(g);
	if (small < REGROWTH_SMALL_BYTES)
		small = REGROWTH_SMALL_BYTES;
	g->verdict = SNAPSHOT_NO_LEAK;
	if (g->explained_bytes >= small &&
		g->explained_bytes * 100 >= grown * REGROWTH_HOLDER_PCT && grown) {
		g->verdict = SNAPSHOT_ACCUMULATION;
		return;
	}
	g->holder = (struct snapshot_holder){
		.is = {"", ""}, .child = {"", ""}, .path = {0}};
	g->explained_bytes = 0;
	if (grown && by_classes >= small &&
		by_classes * 100 >= grown * REGROWTH_CLASSES_PCT) {
		g->verdict = SNAPSHOT_CLASS_GROWTH;
		g->explained_bytes = by_classes;
	}
}

void regrowth_find(
	const struct snapshot *before, struct snapshot *after, struct arena *a)
{
	struct snapshot_growth g = {
		.before_unix_ms = before->taken_unix_ms,
		.before_total_bytes = before->total_bytes,
		.grown_bytes = (int64_t)(after->total_bytes - before->total_bytes),
		.holder = {.is = {"", ""}, .child = {"", ""}},
	};
	regrowth_find_holder(before, after, &g);
	regrowth_find_changes(before, after, &g, a);
	regrowth_judge(&g);
	g.words = arena_printf(a,
		"%s Compared by path and name, as the inspector numbers objects anew.",
		verdict_words(&g, a));
	after->growth = g;
}
