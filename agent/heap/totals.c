#include "agent/heap/totals.h"

#include "agent/heap/statistics.h"

struct totals_sum {
	uint32_t name; /* index of a string, then slot; 0 for kinds of one name */
	unsigned kind;
	uint64_t count, bytes;
};

enum { TOTALS_SPARE_STRINGS = 1 << 20 };

void totals_start(struct totals *t, const struct meta *meta)
{
	*t = (struct totals){.meta = *meta};
}

void totals_finish(struct totals *t)
{
	map_finish(&t->by_class);
	pages_finish(&t->sums);
	names_finish(&t->names);
}

static bool totals_has_names(unsigned kind)
{
	return kind == GRAPH_OBJECT || kind == GRAPH_NATIVE;
}

static bool totals_sum_of(struct totals *t, unsigned kind, uint32_t name,
	struct totals_sum **out, struct err *e)
{
	uint64_t *index = map_put(
		&t->by_class, (uint64_t)kind << 32 | name, t->sum_count, e);
	if (!index)
		return false;
	if (*index == t->sum_count) {
		if (!pages_reserve(&t->sums, (uint64_t)t->sum_count + 1, UINT32_MAX,
			    sizeof **out, e))
			return false;
		((struct totals_sum *)t->sums.data)[t->sum_count++] =
			(struct totals_sum){name, kind, 0, 0};
	}
	*out = (struct totals_sum *)t->sums.data + *index;
	return true;
}

static bool totals_node(struct totals *t, const uint64_t *row, struct err *e)
{
	const struct meta *m = &t->meta;
	uint64_t type = row[m->node_at[META_NODE_TYPE]];
	uint64_t name = row[m->node_at[META_NODE_NAME]];
	uint64_t id = row[m->node_at[META_NODE_ID]];
	uint64_t bytes = row[m->node_at[META_NODE_SELF_SIZE]];
	unsigned kind = type < m->node_types ? m->node_type[type] : GRAPH_OTHER;
	struct totals_sum *sum;
	if (name >= UINT32_MAX || id > UINT32_MAX)
		return err_set(e, ERR_INPUT,
			"node %llu has %s %llu, which is too large",
			(unsigned long long)t->nodes, id > UINT32_MAX ? "id" : "name",
			(unsigned long long)(id > UINT32_MAX ? id : name));
	t->nodes++;
	if (name > t->most_name)
		t->most_name = name;
	if (id % 2 == 1 && id > t->max_js_id)
		t->max_js_id = (uint32_t)id;
	if (bytes == 0)
		return true;
	if (!totals_sum_of(
		    t, kind, totals_has_names(kind) ? (uint32_t)name : 0, &sum, e))
		return false;
	sum->count++;
	sum->bytes += bytes;
	t->total_bytes += bytes;
	statistics_add(&t->statistics, kind, bytes);
	return true;
}

bool totals_nodes(struct totals *t, const uint64_t *values, size_t count, struct err *e)
{
	unsigned fields = t->meta.node_fields;
	if (t->nodes + count / fields > t->meta.node_count)
		return err_set(e, ERR_INPUT, "more nodes than the %llu of node_count",
			(unsigned long long)t->meta.node_count);
	for (size_t i = 0; i < count; i += fields) {
		if (!totals_node(t, values + i, e))
			return false;
	}
	return true;
}

bool totals_nodes_end(struct totals *t, struct err *e)
{
	if (t->nodes != t->meta.node_count)
		return err_set(e, ERR_INPUT, "%llu nodes, but node_count is %llu",
			(unsigned long long)t->nodes,
			(unsigned long long)t->meta.node_count);
	return true;
}

bool totals_want_names(struct totals *t, struct err *e)
{
	struct totals_sum *sums = t->sums.data;
	uint64_t most = 2 * (t->nodes + t->meta.edge_count) + TOTALS_SPARE_STRINGS;
	if (t->most_name > most)
		return err_set(e, ERR_INPUT,
			"string %llu is a name, but there can be "
			"no more than %llu",
			(unsigned long long)t->most_name, (unsigned long long)most);
	for (uint32_t i = 0; i < t->sum_count; i++) {
		if (totals_has_names(sums[i].kind) &&
			!names_want(&t->names, sums[i].name, e))
			return false;
	}
	struct pages slots = {0};
	bool ok = names_settle(&t->names, &slots, e);
	for (uint32_t i = 0; ok && i < t->sum_count; i++) {
		if (totals_has_names(sums[i].kind))
			sums[i].name = ((const uint32_t *)slots.data)[sums[i].name];
	}
	pages_finish(&slots);
	return ok;
}

bool totals_strings_end(struct totals *t, uint64_t count, struct err *e)
{
	if (t->most_name >= count)
		return err_set(e, ERR_INPUT,
			"%llu strings, but string %llu is somebody's name",
			(unsigned long long)count, (unsigned long long)t->most_name);
	return true;
}

static bool totals_row(struct totals *t, const struct totals_sum *sum,
	struct classes *c, struct err *e)
{
	char buffer[64];
	uint32_t name, row;
	bool ok;
	if (totals_has_names(sum->kind))
		ok = classes_put_element_name(
			c, names_text(&t->names, sum->name), &name, e);
	else
		ok = classes_put_name(c,
			classes_kind_name(t->meta.others, sum->kind, buffer), &name, e);
	if (!ok || !classes_put_row(c, name, NULL, NULL, &row, e))
		return false;
	struct classes_row *r = (struct classes_row *)c->rows.data + row;
	r->count += sum->count;
	r->shallow_bytes += sum->bytes;
	r->distance = GRAPH_DISTANCE_NONE;
	if (sum->kind == GRAPH_NATIVE &&
		names_code(&t->names, sum->name) == NAMES_ARRAY_BUFFER_DATA)
		t->statistics.typed_array_bytes += sum->bytes;
	if (sum->kind == GRAPH_OBJECT &&
		names_code(&t->names, sum->name) == NAMES_ARRAY)
		t->statistics.js_array_bytes += sum->bytes;
	return true;
}

bool totals_classes(struct totals *t, struct classes **out, struct err *e)
{
	const struct totals_sum *sums = t->sums.data;
	struct classes *c = classes_create();
	for (uint32_t i = 0; i < t->sum_count; i++) {
		if (!totals_row(t, &sums[i], c, e)) {
			classes_destroy(c);
			return false;
		}
	}
	classes_sort(c, NULL);
	t->total_bytes += t->meta.extra_native_bytes;
	t->statistics.native_bytes += t->meta.extra_native_bytes;
	t->statistics.total_bytes = t->total_bytes;
	t->statistics.v8heap_bytes = t->total_bytes - t->statistics.native_bytes;
	*out = c;
	return true;
}
