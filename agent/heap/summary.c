#include "agent/heap/summary.h"

#include "agent/heap/describe.h"
#include "agent/heap/groups.h"
#include "agent/heap/growth.h"
#include "agent/heap/holders.h"
#include "agent/heap/verdict.h"
#include "schema/wire.h"

#include <stdlib.h>
#include <string.h>

enum {
	/* For route, runtime and whatever else the caller adds. */
	SUMMARY_ROOM_BYTES = SNAPSHOT_BYTES_MAX - 1024,
	SUMMARY_CLASSES_FEW = 200, /* fewer only when nothing else can be left out */
	SUMMARY_CANDIDATES = 2 * SNAPSHOT_CLASSES_MAX,
};

struct summary_maker {
	const struct heap *heap;
	struct describe describe;
	struct snapshot_class *classes; /* candidates, by retained size */
	size_t class_count;
	size_t *by_count; /* their indexes, highest count first */
	struct snapshot *out;
};

static void summary_head(const struct heap_head *head, struct arena *arena,
	const struct classes *classes, struct snapshot *out)
{
	const struct heap_statistics *s = &head->statistics;
	out->kind = head->is_exact ? SNAPSHOT_V8 : SNAPSHOT_V8_SHALLOW;
	out->route = "";
	out->process.runtime = "";
	out->rules = HEAP_RULES;
	out->why_shallow = arena_strdup(arena, head->why_shallow);
	out->stream_bytes = head->stream_bytes;
	out->node_count = head->node_count;
	out->edge_count = head->edge_count;
	out->total_bytes = head->total_bytes;
	out->class_count = classes_count(classes);
	out->growth.words = "";
	out->growth.holder = (struct snapshot_holder){
		.is = {"", ""}, .child = {"", ""}};
	out->statistics = (struct snapshot_statistics){
		.native_bytes = s->native_bytes,
		.typed_array_bytes = s->typed_array_bytes,
		.code_bytes = s->code_bytes,
		.js_array_bytes = s->js_array_bytes,
		.string_bytes = s->string_bytes,
		.system_bytes = s->system_bytes,
	};
}

/* Two classes may be called the same once their names were cut or hidden. */
static void summary_add_class(struct summary_maker *m, const struct snapshot_class *c)
{
	for (size_t i = 0; i < m->class_count; i++) {
		struct snapshot_class *same = &m->classes[i];
		if (strcmp(same->is.name, c->is.name) != 0 ||
			strcmp(same->is.location, c->is.location) != 0)
			continue;
		same->count += c->count;
		same->shallow_bytes += c->shallow_bytes;
		same->retained_bytes += c->retained_bytes;
		if (c->distance < same->distance)
			same->distance = c->distance;
		m->out->class_count--;
		return;
	}
	m->classes[m->class_count++] = *c;
}

static int summary_compare_count(const void *a, const void *b, void *classes)
{
	const struct snapshot_class *c = classes;
	size_t l = *(const size_t *)a, r = *(const size_t *)b;
	if (c[l].count != c[r].count)
		return c[l].count < c[r].count ? 1 : -1;
	return l < r ? -1 : l > r;
}

static int summary_compare_retained(const void *a, const void *b)
{
	const struct snapshot_class *l = a, *r = b;
	if (l->retained_bytes != r->retained_bytes)
		return l->retained_bytes < r->retained_bytes ? 1 : -1;
	if (l->shallow_bytes != r->shallow_bytes)
		return l->shallow_bytes < r->shallow_bytes ? 1 : -1;
	return strcmp(l->is.name, r->is.name);
}

/* Beyond the first SUMMARY_CANDIDATES by retained size, nobody looks at classes. */
static void summary_classes(struct summary_maker *m)
{
	const struct classes *classes = heap_classes(m->heap);
	size_t count = classes_count(classes);
	if (count > SUMMARY_CANDIDATES)
		count = SUMMARY_CANDIDATES;
	struct arena *arena = m->describe.arena;
	m->classes = arena_array(arena, count + 1, sizeof *m->classes);
	for (uint32_t i = 0; i < count; i++) {
		const struct classes_row *row = classes_row(classes, i);
		summary_add_class(m, &(struct snapshot_class){
					     .is = describe_class(&m->describe,
						     row->name, row->location),
					     .count = row->count,
					     .shallow_bytes = row->shallow_bytes,
					     .retained_bytes = row->retained_bytes,
					     .distance = row->distance,
				     });
	}
	qsort(m->classes, m->class_count, sizeof *m->classes, summary_compare_retained);
	m->by_count = arena_array(arena, m->class_count + 1, sizeof *m->by_count);
	for (size_t i = 0; i < m->class_count; i++)
		m->by_count[i] = i;
	qsort_r(m->by_count, m->class_count, sizeof *m->by_count, summary_compare_count,
		m->classes);
}

static struct snapshot_holder *summary_holders(
	struct summary_maker *m, const struct holders_list *list, size_t *count)
{
	*count = list->count < SNAPSHOT_HOLDERS_MAX ? list->count
						    : SNAPSHOT_HOLDERS_MAX;
	struct snapshot_holder *out = arena_array(
		m->describe.arena, *count + 1, sizeof *out);
	for (size_t i = 0; i < *count; i++)
		out[i] = holders_describe(&m->describe, &list->holders[i]);
	return out;
}

static void summary_find_holders(struct summary_maker *m)
{
	const struct describe *d = &m->describe;
	struct groups *groups = groups_create(d->graph, d->classes);
	struct holders_list list = holders_accumulators(d->graph, groups, d->arena);
	m->out->accumulators = summary_holders(m, &list, &m->out->accumulator_count);
	list = holders_fanout(d->graph, groups, d->arena);
	m->out->fanout = summary_holders(m, &list, &m->out->fanout_count);
	groups_destroy(groups);
}

static void summary_growth(
	struct summary_maker *m, const struct summary_options *options)
{
	const struct describe *d = &m->describe;
	struct diff *diff = diff_create(
		options->before, d->graph, d->classes, options->process);
	struct growth *growth = growth_find(
		diff, options->before, d->graph, d->classes, d->arena);
	m->out->growth = verdict_describe(
		growth, diff, options->before, d, SNAPSHOT_CHANGES_MAX);
	diff_destroy(diff);
}

/* `count` classes: three in four by retained size, the others by count. */
static void summary_choose(
	const struct summary_maker *m, size_t count, struct snapshot_class *out)
{
	bool *chosen = calloc(m->class_count + 1, sizeof *chosen);
	BUG_ON(!chosen);
	size_t left = count;
	for (; left > count / 4; left--)
		chosen[count - left] = true;
	for (size_t i = 0; i < m->class_count && left > 0; i++) {
		left -= !chosen[m->by_count[i]];
		chosen[m->by_count[i]] = true;
	}
	size_t at = 0;
	for (size_t i = 0; i < m->class_count; i++)
		if (chosen[i])
			out[at++] = m->classes[i];
	m->out->classes = out;
	m->out->classes_length = at;
	free(chosen);
}

static bool summary_fits(
	const struct summary_maker *m, size_t count, struct snapshot_class *out)
{
	summary_choose(m, count, out);
	return wire_snapshot_bytes(m->out) <= SUMMARY_ROOM_BYTES &&
	       wire_snapshot_spelled(m->out) <= SNAPSHOT_SPELLED_BYTES_MAX;
}

/* The most classes with which the rest fits, at least `few`; false: not even those. */
static bool summary_fit_classes(struct summary_maker *m, size_t few)
{
	size_t most = m->class_count < SNAPSHOT_CLASSES_MAX ? m->class_count
							    : SNAPSHOT_CLASSES_MAX;
	struct snapshot_class *out = arena_array(
		m->describe.arena, most + 1, sizeof *out);
	if (few > most)
		few = most;
	if (summary_fits(m, most, out))
		return true;
	if (!summary_fits(m, few, out))
		return false;
	while (most - few > 1) {
		size_t middle = few + (most - few) / 2;
		if (summary_fits(m, middle, out))
			few = middle;
		else
			most = middle;
	}
	summary_choose(m, few, out);
	return true;
}

/* Rows are in order of weight, so a shorter list keeps what matters. */
static void summary_fit(struct summary_maker *m)
{
	struct snapshot *s = m->out;
	size_t few = SUMMARY_CLASSES_FEW;
	while (!summary_fit_classes(m, few)) {
		s->growth.change_count = s->growth.change_count * 3 / 4;
		s->fanout_count = s->fanout_count * 3 / 4;
		s->accumulator_count = s->accumulator_count * 7 / 8;
		few = few * 7 / 8;
	}
}

void summary_make(const struct heap *h, const struct summary_options *options,
	struct arena *arena, struct snapshot *out)
{
	struct privacy privacy = options->privacy;
	struct known *known = heap_graph(h) ? known_create(heap_graph(h)) : NULL;
	privacy.known = known;
	struct summary_maker m = {
		.heap = h,
		.describe = {heap_graph(h), heap_classes(h), &privacy, arena},
		.out = out,
	};
	*out = (struct snapshot){.taken_unix_ms = options->taken_unix_ms};
	summary_head(heap_head(h), arena, heap_classes(h), out);
	summary_classes(&m);
	if (m.describe.graph) {
		summary_find_holders(&m);
		if (options->before)
			summary_growth(&m, options);
	}
	summary_fit(&m);
	known_destroy(known);
}
