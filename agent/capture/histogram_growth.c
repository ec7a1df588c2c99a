#include "agent/capture/histogram_growth.h"

#include "agent/capture/room.h"
#include "common/buf.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum {
	HISTOGRAM_GROWTH_SMALL_BYTES = 256 << 10, /* what any process may grow by */
	HISTOGRAM_GROWTH_SMALL_PCT = 1,           /* of the heap before */
	HISTOGRAM_GROWTH_FEW = 100,
	HISTOGRAM_GROWTH_MORE_PCT = 10, /* instances, than the class had */
	HISTOGRAM_GROWTH_PART_PCT = 3,  /* of all growth */
	HISTOGRAM_GROWTH_CLASSES = 4,   /* in the sentence */
};

struct histogram_growth {
	struct arena *arena;
	const struct snapshot *before, *now;
	struct snapshot_change *changes;
	size_t count;
	int64_t grown_bytes;
};

static int histogram_growth_by_name(const void *a, const void *b)
{
	const struct snapshot_class *const *x = a, *const *y = b;
	return strcmp((*x)->is.name, (*y)->is.name);
}

static const struct snapshot_class **histogram_growth_sorted(
	const struct snapshot *s, struct arena *a)
{
	const struct snapshot_class **out = arena_array(
		a, s->classes_length + 1, sizeof *out);
	for (size_t i = 0; i < s->classes_length; i++)
		out[i] = &s->classes[i];
	qsort(out, s->classes_length, sizeof *out, histogram_growth_by_name);
	return out;
}

static uint64_t histogram_growth_over(uint64_t a, uint64_t b)
{
	return a > b ? a - b : 0;
}

/* Either side may be missing. */
static void histogram_growth_add(struct histogram_growth *g,
	const struct snapshot_class *before, const struct snapshot_class *now)
{
	static const struct snapshot_class none;
	const struct snapshot_class *b = before ? before : &none;
	const struct snapshot_class *n = now ? now : &none;
	if (b->count == n->count && b->shallow_bytes == n->shallow_bytes)
		return;
	g->changes[g->count++] = (struct snapshot_change){
		.is = now ? now->is : before->is,
		.added = histogram_growth_over(n->count, b->count),
		.removed = histogram_growth_over(b->count, n->count),
		.added_bytes = histogram_growth_over(
			n->shallow_bytes, b->shallow_bytes),
		.removed_bytes = histogram_growth_over(
			b->shallow_bytes, n->shallow_bytes),
	};
}

static void histogram_growth_compare(struct histogram_growth *g)
{
	size_t before_count = g->before->classes_length;
	size_t now_count = g->now->classes_length;
	const struct snapshot_class **before = histogram_growth_sorted(
		g->before, g->arena);
	const struct snapshot_class **now = histogram_growth_sorted(g->now, g->arena);
	g->changes = arena_array(
		g->arena, before_count + now_count + 1, sizeof *g->changes);
	for (size_t b = 0, n = 0; b < before_count || n < now_count;) {
		int order = b == before_count ? 1
			    : n == now_count
				    ? -1
				    : histogram_growth_by_name(&before[b], &now[n]);
		histogram_growth_add(
			g, order <= 0 ? before[b] : NULL, order >= 0 ? now[n] : NULL);
		b += order <= 0;
		n += order >= 0;
	}
}

/* Of which everything consists. */
static bool histogram_growth_is_matter(const char *name)
{
	size_t length = strlen(name);
	return (length > 2 && strcmp(name + length - 2, "[]") == 0) ||
	       strcmp(name, "java.lang.String") == 0 || strcmp(name, "(other)") == 0;
}

static bool histogram_growth_is_clear(
	const struct snapshot_change *c, int64_t grown_bytes, uint64_t now_count)
{
	uint64_t before_count = now_count - c->added;
	return c->added >= HISTOGRAM_GROWTH_FEW &&
	       c->added >= before_count / 100 * HISTOGRAM_GROWTH_MORE_PCT &&
	       c->added_bytes >=
		       (uint64_t)grown_bytes / 100 * HISTOGRAM_GROWTH_PART_PCT &&
	       !histogram_growth_is_matter(c->is.name);
}

static uint64_t histogram_growth_count_of(const struct snapshot *s, const char *name)
{
	for (size_t i = 0; i < s->classes_length; i++) {
		if (strcmp(s->classes[i].is.name, name) == 0)
			return s->classes[i].count;
	}
	return 0;
}

static bool histogram_growth_is_small(const struct histogram_growth *g)
{
	uint64_t part = g->before->total_bytes / 100 * HISTOGRAM_GROWTH_SMALL_PCT;
	return g->grown_bytes < HISTOGRAM_GROWTH_SMALL_BYTES ||
	       (uint64_t)g->grown_bytes < part;
}

static int histogram_growth_by_weight(const void *a, const void *b)
{
	const struct snapshot_change *x = a, *y = b;
	uint64_t left = x->added_bytes + x->removed_bytes;
	uint64_t right = y->added_bytes + y->removed_bytes;
	if (left != right)
		return left < right ? 1 : -1;
	return strcmp(x->is.name, y->is.name);
}

/* Those that grow clearly come first, in the same order; how many they are. */
static size_t histogram_growth_name(struct histogram_growth *g)
{
	size_t named = 0;
	if (histogram_growth_is_small(g))
		return 0;
	for (size_t i = 0; i < g->count; i++) {
		struct snapshot_change c = g->changes[i];
		if (!histogram_growth_is_clear(&c, g->grown_bytes,
			    histogram_growth_count_of(g->now, c.is.name)))
			continue;
		memmove(&g->changes[named + 1], &g->changes[named],
			(i - named) * sizeof c);
		g->changes[named++] = c;
	}
	return named;
}

static void histogram_growth_list(
	const struct histogram_growth *g, size_t count, struct buf *out)
{
	char size[32];
	for (size_t i = 0; i < count; i++) {
		const struct snapshot_change *c = &g->changes[i];
		room_format(c->added_bytes, size);
		buf_printf(out, "%s+%" PRIu64 " %s of %s", i ? ", " : "", c->added,
			c->is.name, size);
	}
}

static const char *histogram_growth_words(
	const struct histogram_growth *g, size_t named)
{
	struct buf b = {0};
	char size[32];
	bool shrank = g->grown_bytes < 0;
	room_format((uint64_t)(shrank ? -g->grown_bytes : g->grown_bytes), size);
	if (named) {
		buf_printf(
			&b, "The live objects grew by %s; these classes grow: ", size);
		histogram_growth_list(g,
			named < HISTOGRAM_GROWTH_CLASSES ? named
							 : HISTOGRAM_GROWTH_CLASSES,
			&b);
	} else {
		buf_printf(&b, "No leak visible: the live objects %s by %s",
			shrank ? "shrank" : "grew", size);
	}
	if (!named && !histogram_growth_is_small(g)) {
		buf_text(&b, ", the most by ");
		histogram_growth_list(g, 1, &b);
	}
	if (!named && !shrank)
		buf_text(&b, ", and no class of objects grows clearly");
	buf_byte(&b, '.');
	const char *text = arena_strdup(g->arena, b.data);
	buf_finish(&b);
	return text;
}

void histogram_growth_find(const struct snapshot *before, int64_t before_unix_ms,
	struct arena *a, struct snapshot *now)
{
	struct histogram_growth g = {
		.arena = a,
		.before = before,
		.now = now,
		.grown_bytes = (int64_t)(now->total_bytes - before->total_bytes),
	};
	histogram_growth_compare(&g);
	qsort(g.changes, g.count, sizeof *g.changes, histogram_growth_by_weight);
	size_t named = histogram_growth_name(&g);
	now->growth = (struct snapshot_growth){
		.verdict = named ? SNAPSHOT_CLASS_GROWTH : SNAPSHOT_NO_LEAK,
		.before_unix_ms = before_unix_ms,
		.before_total_bytes = before->total_bytes,
		.grown_bytes = g.grown_bytes,
		.holder = {.is = {"", ""}, .child = {"", ""}},
		.changes = g.changes,
		.change_count = g.count < SNAPSHOT_CHANGES_MAX ? g.count
							       : SNAPSHOT_CHANGES_MAX,
		.words = histogram_growth_words(&g, named),
	};
}
