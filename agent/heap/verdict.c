#include "agent/heap/verdict.h"

#include "common/buf.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { VERDICT_CLASSES = 4 };

/* "3.1 MiB". */
static void verdict_bytes(struct buf *b, uint64_t bytes)
{
	static const char *const units[] = {"B", "KiB", "MiB", "GiB", "TiB"};
	double value = (double)bytes;
	size_t unit = 0;
	for (; value >= 1024 && unit + 1 < sizeof units / sizeof units[0]; unit++)
		value /= 1024;
	buf_printf(
		b, unit > 0 && value < 100 ? "%.1f %s" : "%.0f %s", value, units[unit]);
}

/* "2,040". */
static void verdict_count(struct buf *b, uint64_t count)
{
	char digits[24];
	size_t length = (size_t)snprintf(digits, sizeof digits, "%" PRIu64, count);
	for (size_t i = 0; i < length; i++) {
		if (i > 0 && (length - i) % 3 == 0)
			buf_byte(b, ',');
		buf_byte(b, digits[i]);
	}
}

/* "Function onQueueError (lib/app.js:11:42)": "onQueueError()" reads like a call. */
static void verdict_named(struct buf *b, const struct snapshot_name *n)
{
	size_t length = strlen(n->name);
	if (length > 2 && strcmp(n->name + length - 2, "()") == 0)
		buf_printf(b, "Function %.*s", (int)length - 2, n->name);
	else
		buf_text(b, n->name);
	if (n->location[0])
		buf_printf(b, " (%s)", n->location);
}

double verdict_share(const struct snapshot_growth *g)
{
	if (g->grown_bytes <= 0)
		return 0;
	double share = (double)g->explained_bytes / (double)g->grown_bytes;
	return share > 1 ? 1 : share;
}

const char *verdict_name(enum snapshot_verdict verdict)
{
	switch (verdict) {
	case SNAPSHOT_NO_LEAK:
		return "no leak";
	case SNAPSHOT_ACCUMULATION:
		return "accumulation";
	case SNAPSHOT_CLASS_GROWTH:
		return "class growth";
	case SNAPSHOT_NOT_COMPARED:
		break;
	}
	return "not compared";
}

static bool verdict_is_internal(const struct snapshot_step *s)
{
	return strncmp(s->edge, "[[", 2) == 0;
}

/* "Array `error` of {error}, held by `_events` of MonitorQueue"; of the variables of a
 * function, the function.  Internal slots on the way say little in a sentence. */
static void verdict_where(struct buf *b, const struct snapshot_growth *g)
{
	const struct snapshot_path *path = &g->holder.path;
	size_t i = 0, said = 0;
	bool is_context = strcmp(g->holder.is.name, "system / Context") == 0 &&
			  path->count > 0 && verdict_is_internal(&path->steps[0]);
	if (is_context) {
		buf_text(b, "closure variables of ");
		verdict_named(b, &path->steps[i++].holder);
		said++;
	} else {
		buf_text(b, g->holder.is.name);
	}
	for (; i < path->count && said < 2; i++) {
		const struct snapshot_step *s = &path->steps[i];
		if (verdict_is_internal(s))
			continue;
		buf_printf(b, said ? ", held by `%s` of %s" : " `%s` of %s", s->edge,
			s->holder.name);
		said++;
	}
}

static void verdict_accumulation(struct buf *b, const struct snapshot_growth *g)
{
	const struct snapshot_holder *h = &g->holder;
	buf_printf(b, "%.0f %% of ", verdict_share(g) * 100);
	verdict_bytes(b, (uint64_t)g->grown_bytes);
	buf_text(b, " growth is in the ");
	verdict_where(b, g);
	if (h->child_count > 0) {
		buf_text(b, ": ");
		verdict_count(b, h->child_count);
		buf_text(b, " new ");
		verdict_named(b, &h->child);
	}
	buf_byte(b, '.');
}

static void verdict_class_growth(struct buf *b, const struct snapshot_growth *g)
{
	buf_text(b, "No single object holds the growth of ");
	verdict_bytes(b, (uint64_t)g->grown_bytes);
	buf_text(b, "; these classes grow: ");
	for (size_t i = 0; i < g->change_count && i < VERDICT_CLASSES; i++) {
		const struct snapshot_change *c = &g->changes[i];
		buf_text(b, i > 0 ? ", +" : "+");
		verdict_count(b, c->added - c->removed);
		buf_byte(b, ' ');
		verdict_named(b, &c->is);
		buf_text(b, " of ");
		verdict_bytes(b, c->added_bytes - c->removed_bytes);
	}
	buf_byte(b, '.');
}

static void verdict_no_leak(struct buf *b, const struct snapshot_growth *g)
{
	bool shrank = g->grown_bytes < 0;
	buf_printf(b, "No leak visible: the heap %s by ", shrank ? "shrank" : "grew");
	verdict_bytes(b, (uint64_t)(shrank ? -g->grown_bytes : g->grown_bytes));
	buf_text(b, shrank ? "." : ", and nothing accumulates.");
}

const char *verdict_words(const struct snapshot_growth *g, struct arena *arena)
{
	struct buf b = {0};
	switch (g->verdict) {
	case SNAPSHOT_ACCUMULATION:
		verdict_accumulation(&b, g);
		break;
	case SNAPSHOT_CLASS_GROWTH:
		verdict_class_growth(&b, g);
		break;
	case SNAPSHOT_NO_LEAK:
		verdict_no_leak(&b, g);
		break;
	case SNAPSHOT_NOT_COMPARED:
		buf_text(&b, "Not compared: there is no earlier snapshot of this "
			     "process.");
		break;
	}
	const char *text = arena_strdup(arena, b.data);
	buf_finish(&b);
	return text;
}

static struct snapshot_change verdict_change(
	const struct describe *d, const struct diff_row *row)
{
	return (struct snapshot_change){
		.is = describe_class(d, row->name, row->location),
		.added = row->added,
		.removed = row->removed,
		.added_bytes = row->added_bytes,
		.removed_bytes = row->removed_bytes,
	};
}

/* Those that the verdict names, then the rest of the diff. */
static void verdict_changes(struct snapshot_growth *g, const struct growth *w,
	const struct diff *diff, const struct describe *d, size_t most)
{
	size_t room = diff->row_count < most ? diff->row_count : most;
	g->changes = arena_array(d->arena, room + 1, sizeof *g->changes);
	for (size_t i = 0; i < w->class_count && g->change_count < room; i++)
		g->changes[g->change_count++] = verdict_change(d, w->classes[i]);
	for (size_t i = 0; i < diff->row_count && g->change_count < room; i++) {
		bool is_named = false;
		for (size_t k = 0; k < w->class_count && !is_named; k++)
			is_named = w->classes[k] == &diff->rows[i];
		if (!is_named)
			g->changes[g->change_count++] = verdict_change(
				d, &diff->rows[i]);
	}
}

struct snapshot_growth verdict_describe(const struct growth *w, const struct diff *diff,
	const struct digest *before, const struct describe *d, size_t changes)
{
	const struct digest_facts *facts = digest_facts(before);
	struct snapshot_growth g = {
		.verdict = w->verdict,
		.before_unix_ms = facts->taken_unix_ms,
		.before_total_bytes = facts->total_bytes,
		.grown_bytes = w->grown_bytes,
		.explained_bytes = w->explained_bytes,
		.holder = {.is = {"", ""}, .child = {"", ""}},
	};
	verdict_changes(&g, w, diff, d, changes);
	if (w->verdict == SNAPSHOT_ACCUMULATION) {
		g.holder = (struct snapshot_holder){
			.is = describe_node(d, w->object),
			.path = describe_path(d, &w->path),
			.child = {"", ""},
			.child_count = w->child_count,
			.child_bytes = w->child_bytes,
			.retained_bytes = graph_node_retained_bytes(
				d->graph, w->object),
		};
		if (w->child_count > 0)
			g.holder.child = describe_kind(d, w->child);
	}
	g.words = verdict_words(&g, d->arena);
	return g;
}
