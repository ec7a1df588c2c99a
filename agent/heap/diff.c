#include "agent/heap/diff.h"

#include "agent/heap/map.h"
#include "agent/heap/moved.h"
#include "agent/heap/names.h"

#include <stdlib.h>
#include <string.h>

/* Of objects with one id in both, how many may have changed their class.  Within a
 * process hardly any do; another process gives its ids to other objects. */
enum { DIFF_STRANGERS_PCT = 5, DIFF_MANY = 50 };

/* An interface of the newer snapshot, as hashes ascending. */
struct diff_interface {
	const char *name;
	uint64_t *properties;
	size_t count;
	uint32_t next; /* of those with the same smallest hash */
};

struct diff_maker {
	struct diff *diff;
	const struct digest *before;
	const struct graph *graph;
	const struct classes *classes;
	struct likeness likeness; /* of the newer nodes */
	uint32_t *row_of;         /* per class of the digest */
	struct map by_key;        /* hash of a key: first row */
	uint32_t *next_row;       /* per row: next with that hash */
	size_t capacity;
	struct moved moved; /* of what paths do not join */
	struct arena scratch;
};

static uint64_t diff_hash(const char *text)
{
	return names_hash_text(text, strlen(text));
}

/* Of classes that bear the same name wherever they run. */
static const char *diff_key(
	struct diff_maker *m, const char *key, const char *name, const char *location)
{
	if (m->diff->is_same_process)
		return key;
	if (location[0])
		return arena_printf(&m->diff->arena, "%s,%s", location, name);
	/* Script numbers belong to one process; their lines may be the same. */
	return key[0] == ',' ? key : key + strcspn(key, ",");
}

/* The row of a key, which is made when there is none. */
static uint32_t diff_row_of(
	struct diff_maker *m, const char *key, const char *name, const char *location)
{
	struct diff *d = m->diff;
	struct err e;
	key = diff_key(m, key, name, location);
	uint64_t *first = map_put(&m->by_key, diff_hash(key), UINT32_MAX, &e);
	BUG_ON(!first);
	uint32_t i = (uint32_t)*first;
	while (i != UINT32_MAX && strcmp(d->rows[i].key, key) != 0)
		i = m->next_row[i];
	if (i != UINT32_MAX)
		return i;
	if (d->row_count == m->capacity) {
		m->capacity = m->capacity ? 2 * m->capacity : 256;
		d->rows = reallocarray(d->rows, m->capacity, sizeof *d->rows);
		m->next_row = reallocarray(
			m->next_row, m->capacity, sizeof *m->next_row);
		BUG_ON(!d->rows || !m->next_row);
	}
	i = (uint32_t)d->row_count++;
	d->rows[i] = (struct diff_row){.key = key, .name = name, .location = location};
	m->next_row[i] = (uint32_t)*first;
	*first = i;
	return i;
}

static int diff_compare_hashes(const void *a, const void *b)
{
	uint64_t l = *(const uint64_t *)a, r = *(const uint64_t *)b;
	return l < r ? -1 : l > r;
}

/* The interfaces by their smallest hash, each list with the lowest index first. */
static struct diff_interface *diff_interfaces(
	struct diff_maker *m, struct map *by_first)
{
	size_t count = classes_interface_count(m->classes);
	struct diff_interface *all = arena_array(&m->scratch, count + 1, sizeof *all);
	for (size_t i = count; i-- > 0;) {
		const struct classes_interface *c = classes_interface(m->classes, i);
		struct diff_interface *f = &all[i];
		struct err e;
		if (c->property_count == 0)
			continue;
		f->name = c->name;
		f->count = c->property_count;
		f->properties = arena_array(
			&m->scratch, f->count + 1, sizeof *f->properties);
		for (size_t k = 0; k < f->count; k++)
			f->properties[k] = digest_hash(c->properties[k]);
		qsort(f->properties, f->count, sizeof *f->properties,
			diff_compare_hashes);
		uint64_t *first = map_put(
			by_first, f->properties[0] >> 1, UINT32_MAX, &e);
		BUG_ON(!first);
		f->next = (uint32_t)*first;
		*first = i;
	}
	return all;
}

/* Whether the object has each property, as often as the interface names it. */
static bool diff_satisfies(
	const struct digest_class *object, const struct diff_interface *f)
{
	size_t at = 0;
	for (size_t k = 0; k < f->count; k++, at++) {
		while (at < object->property_count &&
			object->properties[at] < f->properties[k])
			at++;
		if (at == object->property_count ||
			object->properties[at] != f->properties[k])
			return false;
	}
	return true;
}

/* The interface with most properties that the object satisfies, the earlier one of
 * equals; "Object" without. */
static const char *diff_interface_of(const struct digest_class *object,
	const struct diff_interface *all, const struct map *by_first)
{
	uint32_t best = UINT32_MAX;
	for (size_t p = 0; p < object->property_count; p++) {
		const uint64_t *first = map_find(by_first, object->properties[p] >> 1);
		uint32_t i = first ? (uint32_t)*first : UINT32_MAX;
		for (; i != UINT32_MAX; i = all[i].next) {
			bool wins = best == UINT32_MAX ||
				    all[i].count > all[best].count ||
				    (all[i].count == all[best].count && i < best);
			if (wins && diff_satisfies(object, &all[i]))
				best = i;
		}
	}
	return best == UINT32_MAX ? "Object" : all[best].name;
}

/* Rows of the newer classes first, under their own index. */
static void diff_make_rows(struct diff_maker *m)
{
	struct diff *d = m->diff;
	struct map by_first = {0};
	d->row_count = 0;
	map_finish(&m->by_key);
	m->by_key = (struct map){0};
	size_t count = digest_class_count(m->before);
	const struct diff_interface *interfaces = diff_interfaces(m, &by_first);
	for (size_t i = 0; i < count; i++) {
		struct digest_class c;
		digest_class(m->before, i, &c);
		if (c.place) {
			c.name = diff_interface_of(&c, interfaces, &by_first);
			c.key = arena_printf(&d->arena, "%s%s", c.place, c.name);
		}
		m->row_of[i] = diff_row_of(m, c.key, c.name, c.location);
	}
	map_finish(&by_first);
}

static uint32_t diff_row_of_node(struct diff_maker *m, uint32_t node, uint32_t *cache)
{
	uint32_t class = graph_node_class(m->graph, node);
	if (class == CLASSES_NONE)
		return UINT32_MAX;
	if (cache[class] == UINT32_MAX) {
		const struct classes_row *c = classes_row(m->classes, class);
		cache[class] = diff_row_of(m, c->key, c->name, c->location);
	}
	return cache[class];
}

static uint32_t *diff_cache(struct diff_maker *m)
{
	size_t bytes = (classes_count(m->classes) + 1) * sizeof(uint32_t);
	uint32_t *cache = arena_alloc(&m->scratch, bytes);
	memset(cache, 0xff, bytes);
	return cache;
}

struct diff_counts {
	uint64_t older, newer, common, strangers; /* nodes that have a class */
};

/* Whether equal ids are not of equal objects, or hardly any are equal: another process,
 * or one whose ids were given anew. */
static bool diff_are_strange(const struct diff_counts *c)
{
	uint64_t fewer = c->older < c->newer ? c->older : c->newer;
	return c->strangers * 100 >= c->common * DIFF_STRANGERS_PCT ||
	       (fewer >= DIFF_MANY && c->common * 2 < fewer);
}

static bool diff_is_by_path(const struct diff_maker *m)
{
	return m->diff->is_same_process &&
	       digest_facts(m->before)->likeness == LIKENESS_PATH;
}

static void diff_add_new(struct diff_maker *m, uint32_t row, uint32_t node)
{
	struct diff_row *r = &m->diff->rows[row];
	uint64_t bytes = graph_node_self_bytes(m->graph, node);
	r->added++;
	r->added_bytes += bytes;
	if (diff_is_by_path(m))
		moved_add(&m->moved.newer,
			&(struct moved_item){row, node, bytes,
				graph_node_retained_bytes(m->graph, node)});
}

static void diff_add_old(
	struct diff_maker *m, uint32_t row, const struct digest_node *old)
{
	struct diff_row *r = &m->diff->rows[row];
	r->removed++;
	r->removed_bytes += old->self_bytes;
	if (diff_is_by_path(m))
		moved_add(&m->moved.older, &(struct moved_item){row, 0, old->self_bytes,
						   old->retained_bytes});
}

/* One that is reached on another way than before has neither come nor gone. */
static void diff_join(
	void *context, const struct moved_item *older, const struct moved_item *newer)
{
	struct diff_maker *m = context;
	struct diff_row *r = &m->diff->rows[newer->row];
	m->diff->before_bytes[newer->node] = older->retained_bytes;
	r->added--;
	r->added_bytes -= newer->self_bytes;
	r->removed--;
	r->removed_bytes -= older->self_bytes;
}

/* Goes through both in order of ids: what is in one, in the other, in both. */
static struct diff_counts diff_merge(struct diff_maker *m, uint32_t *cache)
{
	struct diff_counts counts = {0};
	struct digest_cursor cursor = {0};
	struct digest_node old;
	bool has_old = digest_next(m->before, &cursor, &old);
	uint32_t i = 0, count = graph_node_count(m->graph);
	while (has_old || i < count) {
		uint32_t node = i < count ? m->likeness.order[i] : 0;
		uint32_t id = i < count ? m->likeness.of[node] : 0;
		bool take_old = has_old && (i == count || old.id <= id);
		bool take_new = i < count && (!has_old || id <= old.id);
		uint32_t row_new = UINT32_MAX, row_old = UINT32_MAX;
		if (take_new)
			row_new = diff_row_of_node(m, node, cache);
		if (take_old && old.class != DIGEST_NONE)
			row_old = m->row_of[old.class];
		counts.newer += row_new != UINT32_MAX;
		counts.older += row_old != UINT32_MAX;
		if (take_new && take_old) {
			m->diff->before_bytes[node] = old.retained_bytes;
			bool both = row_new != UINT32_MAX && row_old != UINT32_MAX;
			counts.common += both;
			counts.strangers += both && row_new != row_old;
		}
		if (row_new != row_old || !m->diff->is_same_process) {
			if (row_new != UINT32_MAX)
				diff_add_new(m, row_new, node);
			if (row_old != UINT32_MAX)
				diff_add_old(m, row_old, &old);
		}
		i += take_new;
		if (take_old)
			has_old = digest_next(m->before, &cursor, &old);
	}
	return counts;
}

static int diff_compare_rows(const void *a, const void *b)
{
	const struct diff_row *l = a, *r = b;
	int64_t left = (int64_t)(l->added_bytes - l->removed_bytes);
	int64_t right = (int64_t)(r->added_bytes - r->removed_bytes);
	if (left != right)
		return left < right ? 1 : -1;
	if (l->added_bytes != r->added_bytes)
		return l->added_bytes < r->added_bytes ? 1 : -1;
	return strcmp(l->key, r->key);
}

static void diff_settle_rows(struct diff *d)
{
	size_t kept = 0;
	for (size_t i = 0; i < d->row_count; i++)
		if (d->rows[i].added || d->rows[i].removed)
			d->rows[kept++] = d->rows[i];
	d->row_count = kept;
	if (kept > 1)
		qsort(d->rows, kept, sizeof *d->rows, diff_compare_rows);
	for (size_t i = 0; i < kept; i++) {
		struct diff_row *row = &d->rows[i];
		row->key = arena_strdup(&d->arena, row->key);
		row->name = arena_strdup(&d->arena, row->name);
		row->location = arena_strdup(&d->arena, row->location);
	}
}

static void diff_compute(struct diff_maker *m, enum diff_process process)
{
	struct diff *d = m->diff;
	d->is_same_process = process != DIFF_OTHER;
	diff_make_rows(m);
	struct diff_counts counts = diff_merge(m, diff_cache(m));
	moved_pair(&m->moved, m, diff_join);
	if (process == DIFF_OTHER || !diff_are_strange(&counts) ||
		digest_facts(m->before)->likeness == LIKENESS_PATH)
		return;
	d->is_same_process = false;
	diff_make_rows(m);
	diff_merge(m, diff_cache(m));
}

struct diff *diff_create(const struct digest *before, const struct graph *after,
	const struct classes *classes, enum diff_process process)
{
	struct diff *d = calloc(1, sizeof *d);
	BUG_ON(!d);
	arena_init(&d->arena);
	size_t nodes = graph_node_count(after);
	d->before_bytes = malloc((nodes + 1) * sizeof *d->before_bytes);
	struct diff_maker m = {
		.diff = d,
		.before = before,
		.graph = after,
		.classes = classes,
		.row_of = calloc(digest_class_count(before) + 1, sizeof *m.row_of),
	};
	BUG_ON(!d->before_bytes || !m.row_of);
	memset(d->before_bytes, 0xff, nodes * sizeof *d->before_bytes);
	arena_init(&m.scratch);
	likeness_init(&m.likeness, after, digest_facts(before)->likeness);
	diff_compute(&m, process);
	diff_settle_rows(d);
	arena_finish(&m.scratch);
	moved_finish(&m.moved);
	map_finish(&m.by_key);
	likeness_finish(&m.likeness);
	free(m.row_of);
	free(m.next_row);
	return d;
}

void diff_destroy(struct diff *d)
{
	if (!d)
		return;
	free(d->rows);
	free(d->before_bytes);
	arena_finish(&d->arena);
	free(d);
}
