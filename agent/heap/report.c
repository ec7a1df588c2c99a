#include "agent/heap/report.h"

#include "agent/heap/groups.h"
#include "agent/heap/holders.h"
#include "agent/heap/verdict.h"
#include "common/utf8.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { REPORT_STEPS = 4 }; /* of a path in a table */

struct report_lists {
	struct arena arena;
	struct holders_list accumulators, fanout;
};

static void report_find(
	struct report_lists *lists, const struct heap *h, struct describe *d)
{
	*lists = (struct report_lists){0};
	arena_init(&lists->arena);
	*d = (struct describe){heap_graph(h), heap_classes(h), NULL, &lists->arena};
	if (!d->graph)
		return;
	struct groups *groups = groups_create(d->graph, d->classes);
	lists->accumulators = holders_accumulators(d->graph, groups, &lists->arena);
	lists->fanout = holders_fanout(d->graph, groups, &lists->arena);
	groups_destroy(groups);
}

static const char *report_class(const struct describe *d, uint32_t node)
{
	uint32_t row = graph_node_class(d->graph, node);
	return row == CLASSES_NONE ? "" : classes_row(d->classes, row)->name;
}

static void report_object(struct json *j, const struct describe *d, uint32_t node)
{
	struct snapshot_name name = describe_node(d, node);
	json_object(j);
	json_put_int(j, "id", graph_node_id(d->graph, node));
	json_put_string(j, "name", name.name);
	json_put_string(j, "class", report_class(d, node));
	json_put_string(j, "location", name.location);
	json_end(j);
}

static void report_path(
	struct json *j, const struct describe *d, const struct paths_path *path)
{
	json_array(j);
	for (size_t i = 0; i < path->count; i++) {
		const struct paths_step *s = &path->steps[i];
		struct snapshot_name name = describe_node(d, s->holder);
		json_object(j);
		json_put_string(j, "edge", describe_edge(d, s->edge, s->holder));
		json_put_string(j, "edgeType",
			describe_link(graph_edge_link(d->graph, s->edge)));
		json_put_int(j, "id", graph_node_id(d->graph, s->holder));
		json_put_string(j, "name", name.name);
		json_put_string(j, "location", name.location);
		json_end(j);
	}
	json_end(j);
}

/* `node`: one of the children, which says their class. */
static void report_child(struct json *j, const struct describe *d, uint32_t node,
	uint64_t count, uint64_t bytes)
{
	struct snapshot_name name = describe_kind(d, node);
	json_object(j);
	json_put_string(j, "name", name.name);
	json_put_string(j, "class", report_class(d, node));
	json_put_string(j, "location", name.location);
	json_put_int(j, "count", (int64_t)count);
	json_put_int(j, "bytes", (int64_t)bytes);
	json_end(j);
}

static void report_list(struct json *j, const struct describe *d,
	const struct holders_list *list, size_t top)
{
	json_array(j);
	for (size_t i = 0; i < list->count && i < top; i++) {
		const struct holders_holder *h = &list->holders[i];
		struct paths_path path;
		paths_find(d->graph, h->node, &path);
		json_object(j);
		json_key(j, "object");
		report_object(j, d, h->node);
		json_put_int(j, "retained",
			(int64_t)graph_node_retained_bytes(d->graph, h->node));
		if (h->references > 0)
			json_put_int(j, "references", (int64_t)h->references);
		json_key(j, "path");
		report_path(j, d, &path);
		json_put_bool(j, "pathIsCut", path.is_cut);
		json_key(j, "child");
		report_child(j, d, h->sample, h->count, h->bytes);
		json_end(j);
	}
	json_end(j);
}

void report_head_json(struct json *j, const struct heap_head *head)
{
	const struct heap_statistics *s = &head->statistics;
	json_object(j);
	json_put_int(j, "nodeCount", head->node_count);
	json_put_int(j, "edgeCount", (int64_t)head->edge_count);
	json_put_int(j, "totalSize", (int64_t)head->total_bytes);
	json_put_int(j, "maxJSObjectId", head->max_js_id);
	json_put_int(j, "extraNativeBytes", (int64_t)head->extra_native_bytes);
	json_put_int(j, "bytes", (int64_t)head->stream_bytes);
	json_put_string(j, "mode", head->is_exact ? "exact" : "shallow");
	json_put_string(j, "whyShallow", head->why_shallow);
	json_put_string(j, "rules", HEAP_RULES);
	json_key(j, "statistics");
	json_object(j);
	json_put_int(j, "total", (int64_t)s->total_bytes);
	json_key(j, "native");
	json_object(j);
	json_put_int(j, "total", (int64_t)s->native_bytes);
	json_put_int(j, "typedArrays", (int64_t)s->typed_array_bytes);
	json_end(j);
	json_key(j, "v8heap");
	json_object(j);
	json_put_int(j, "total", (int64_t)s->v8heap_bytes);
	json_put_int(j, "code", (int64_t)s->code_bytes);
	json_put_int(j, "jsArrays", (int64_t)s->js_array_bytes);
	json_put_int(j, "strings", (int64_t)s->string_bytes);
	json_put_int(j, "system", (int64_t)s->system_bytes);
	json_end(j);
	json_end(j);
	json_end(j);
}

void report_holders_json(struct json *j, const struct heap *h, size_t top)
{
	struct report_lists lists;
	struct describe d;
	report_find(&lists, h, &d);
	json_key(j, "accumulators");
	report_list(j, &d, &lists.accumulators, top);
	json_key(j, "fanout");
	report_list(j, &d, &lists.fanout, top);
	arena_finish(&lists.arena);
}

/* "   3.1 MiB", eleven characters wide. */
static void report_bytes(struct buf *b, int64_t bytes)
{
	static const char *const units[] = {"B  ", "KiB", "MiB", "GiB", "TiB"};
	double value = (double)bytes;
	size_t unit = 0;
	for (; value >= 1024 || value <= -1024; value /= 1024)
		unit++;
	buf_printf(b, unit ? "%7.1f %s" : "%7.0f %s", value, units[unit]);
}

static void report_where(struct buf *b, const struct snapshot_name *name)
{
	if (name->location[0])
		buf_printf(b, " (%s)", name->location);
}

static void report_rows(struct buf *b, const struct describe *d,
	const struct holders_list *list, size_t top)
{
	for (size_t i = 0; i < list->count && i < top; i++) {
		struct snapshot_holder h = holders_describe(d, &list->holders[i]);
		report_bytes(b, (int64_t)h.child_bytes);
		buf_printf(b, " %9" PRIu64 " × %s", h.child_count, h.child.name);
		report_where(b, &h.child);
		buf_printf(b, "\n%22s in %s", "", h.is.name);
		if (h.path.count > 0)
			buf_printf(b, ": %s",
				describe_chain(&h.path, REPORT_STEPS, d->arena));
		buf_byte(b, '\n');
	}
}

void report_holders_text(struct buf *b, const struct heap *h, size_t top)
{
	struct report_lists lists;
	struct describe d;
	report_find(&lists, h, &d);
	if (lists.accumulators.count > 0)
		buf_text(b, "\nObjects that hold many of one kind, which nothing else "
			    "holds\n");
	report_rows(b, &d, &lists.accumulators, top);
	if (lists.fanout.count > 0)
		buf_text(b, "\nObjects with the most references\n");
	report_rows(b, &d, &lists.fanout, top);
	arena_finish(&lists.arena);
}

void report_growth_json(struct json *j, const struct describe *d,
	const struct growth *w, const struct snapshot_growth *g)
{
	bool has_object = w->verdict == SNAPSHOT_ACCUMULATION;
	json_object(j);
	json_put_string(j, "verdict", verdict_name(w->verdict));
	json_put_string(j, "words", g->words);
	json_key(j, "object");
	if (has_object)
		report_object(j, d, w->object);
	else
		json_null(j);
	json_key(j, "path");
	report_path(j, d, has_object ? &w->path : &(struct paths_path){.count = 0});
	json_key(j, "child");
	if (has_object && w->child_count > 0)
		report_child(j, d, w->child, w->child_count, w->child_bytes);
	else
		json_null(j);
	json_key(j, "classes");
	json_array(j);
	for (size_t i = 0; i < w->class_count; i++) {
		const struct diff_row *row = w->classes[i];
		json_object(j);
		json_put_string(j, "name", row->name);
		json_put_string(j, "location", row->location);
		json_put_int(j, "count", (int64_t)(row->added - row->removed));
		json_put_int(
			j, "bytes", (int64_t)(row->added_bytes - row->removed_bytes));
		json_end(j);
	}
	json_end(j);
	json_put_int(j, "grownBytes", g->grown_bytes);
	json_put_int(j, "explainedBytes", (int64_t)g->explained_bytes);
	json_put_double(j, "share", verdict_share(g));
	json_end(j);
}

void report_growth_text(struct buf *b, const struct snapshot_growth *g)
{
	buf_printf(b, "%s\n", g->words);
	if (g->verdict != SNAPSHOT_ACCUMULATION)
		return;
	const struct snapshot_path *path = &g->holder.path;
	buf_printf(b, "\n%s", g->holder.is.name);
	report_where(b, &g->holder.is);
	buf_byte(b, '\n');
	for (size_t i = 0; i < path->count; i++) {
		const struct snapshot_step *s = &path->steps[i];
		int indent = (int)(i < 12 ? 2 * (i + 1) : 24);
		buf_printf(b, "%*s← %s in %s", indent, "", s->edge, s->holder.name);
		report_where(b, &s->holder);
		buf_byte(b, '\n');
	}
	if (path->is_cut)
		buf_text(b, "  and on\n");
}

void report_diff_json(struct json *j, const struct diff *diff, size_t top)
{
	json_array(j);
	for (size_t i = 0; i < diff->row_count && i < top; i++) {
		const struct diff_row *row = &diff->rows[i];
		json_object(j);
		json_put_string(j, "key", row->key);
		json_put_string(j, "name", row->name);
		if (row->location[0])
			json_put_string(j, "location", row->location);
		json_put_int(j, "addedCount", (int64_t)row->added);
		json_put_int(j, "removedCount", (int64_t)row->removed);
		json_put_int(j, "countDelta", (int64_t)(row->added - row->removed));
		json_put_int(j, "addedSize", (int64_t)row->added_bytes);
		json_put_int(j, "removedSize", (int64_t)row->removed_bytes);
		json_put_int(j, "sizeDelta",
			(int64_t)(row->added_bytes - row->removed_bytes));
		json_end(j);
	}
	json_end(j);
}

void report_diff_text(struct buf *b, const struct diff *diff, size_t top)
{
	buf_printf(b, "%10s %10s %10s %11s  %s\n", "ADDED", "REMOVED", "DELTA", "SIZE",
		"CLASS");
	for (size_t i = 0; i < diff->row_count && i < top; i++) {
		const struct diff_row *row = &diff->rows[i];
		buf_printf(b, "%10" PRIu64 " %10" PRIu64 " %+10" PRId64 " ", row->added,
			row->removed, (int64_t)(row->added - row->removed));
		report_bytes(b, (int64_t)(row->added_bytes - row->removed_bytes));
		buf_printf(b, "  %s", row->name);
		if (row->location[0])
			buf_printf(b, " (%s)", row->location);
		buf_byte(b, '\n');
	}
	if (top < diff->row_count)
		buf_printf(b, "and %zu more classes (--top)\n", diff->row_count - top);
}

void report_clean(struct buf *b)
{
	for (size_t i = 0; i < b->length; i++) {
		unsigned char c = (unsigned char)b->data[i];
		size_t length = utf8_character(b->data + i);
		bool is_c1 = length == 2 && c == 0xc2 &&
			     (unsigned char)b->data[i + 1] < 0xa0;
		if (length == 0 || (c < ' ' && c != '\n') || c == 0x7f)
			b->data[i] = '?';
		else if (is_c1)
			memset(b->data + i, '?', 2);
		else
			i += length - 1;
	}
}
