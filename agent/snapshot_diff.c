#include "agent/snapshot_diff.h"

#include "agent/heap/report.h"
#include "agent/heap/verdict.h"
#include "agent/snapshot.h"
#include "common/json.h"

#include <stdio.h>
#include <string.h>

enum { SNAPSHOT_ROWS = 30 };

struct snapshot_options {
	bool json;
	int64_t top;
	int64_t memory_max_bytes;
};

#define SNAPSHOT_AT(field) offsetof(struct snapshot_options, field)

static const struct conf_option snapshot_options[] = {
	{"snapshot", "json", CONF_BOOL, SNAPSHOT_AT(json), 0, 0, "no",
		"Everything, as JSON"},
	{"snapshot", "top", CONF_INT, SNAPSHOT_AT(top), 1, INT32_MAX, NULL,
		"Show so many classes; all in JSON, 30 in the table"},
	{"snapshot", "memory_max", CONF_BYTES, SNAPSHOT_AT(memory_max_bytes), 1 << 20,
		INT64_MAX, NULL,
		"Memory that it may take (four fifths of what is free)"},
};

static const struct conf_table snapshot_table = {
	.program = "tidemark-agent snapshot",
	.own_section = "snapshot",
	.env_prefix = "TIDEMARK_AGENT",
	.options = snapshot_options,
	.count = sizeof snapshot_options / sizeof *snapshot_options,
};

static const char snapshot_about[] =
	"Of two snapshots of one process, the older first: what grew, which\n"
	"object holds it, how that is reached, and the classes that came and\n"
	"went. Of two processes: their classes side by side. Each may be packed,\n"
	"and one may be '-' for standard input.\n";

/* Two snapshots side by side; of the earlier one only its digest. */
struct snapshot_pair {
	struct heap_head before_head;
	struct digest *before;
	struct heap *after;
	struct diff *diff;
	struct arena arena;
};

static void snapshot_finish(struct snapshot_pair *p)
{
	diff_destroy(p->diff);
	digest_destroy(p->before);
	heap_destroy(p->after);
	arena_finish(&p->arena);
}

static bool snapshot_load_pair(struct snapshot_pair *p, const char *const *paths,
	const struct heap_options *options, struct err *e)
{
	struct heap *before;
	if (strcmp(paths[0], "-") == 0 && strcmp(paths[1], "-") == 0)
		return err_set(e, ERR_INPUT, "standard input is but one snapshot");
	if (!snapshot_load(paths[0], options, &before, e))
		return false;
	p->before_head = *heap_head(before);
	p->before = digest_create(before, LIKENESS_ID, "", 0);
	heap_destroy(before);
	if (!snapshot_load(paths[1], options, &p->after, e))
		return false;
	p->diff = diff_create(
		p->before, heap_graph(p->after), heap_classes(p->after), DIFF_FIND_OUT);
	return true;
}

static void snapshot_json(const struct snapshot_pair *p, const struct describe *d,
	const struct growth *w, size_t top, struct buf *out)
{
	struct snapshot_growth g = verdict_describe(
		w, p->diff, p->before, d, SNAPSHOT_CHANGES_MAX);
	struct json j;
	json_init(&j, out);
	json_object(&j);
	json_key(&j, "before");
	report_head_json(&j, &p->before_head);
	json_key(&j, "after");
	report_head_json(&j, heap_head(p->after));
	json_put_bool(&j, "sameProcess", p->diff->is_same_process);
	json_key(&j, "rows");
	report_diff_json(&j, p->diff, top);
	json_key(&j, "growth");
	report_growth_json(&j, d, w, &g);
	json_end(&j);
	buf_byte(out, '\n');
}

static void snapshot_show(const struct snapshot_pair *p, const struct describe *d,
	const struct growth *w, size_t top, struct buf *out)
{
	struct snapshot_growth g = verdict_describe(
		w, p->diff, p->before, d, SNAPSHOT_CHANGES_MAX);
	if (p->diff->is_same_process)
		report_growth_text(out, &g);
	else
		buf_text(out, "These are snapshots of two processes: their objects "
			      "cannot be told apart one by one.\nClasses are compared "
			      "by name and by where they are written; REMOVED is all "
			      "of the first, ADDED all of the second.\n");
	buf_byte(out, '\n');
	report_diff_text(out, p->diff, top);
	report_clean(out);
}

static int snapshot_print(struct snapshot_pair *p, const struct snapshot_options *o)
{
	struct buf out = {0};
	struct err e;
	size_t top = o->top ? (size_t)o->top : o->json ? SIZE_MAX : SNAPSHOT_ROWS;
	const struct describe d = {
		heap_graph(p->after), heap_classes(p->after), NULL, &p->arena};
	const struct growth *w = growth_find(
		p->diff, p->before, d.graph, d.classes, &p->arena);
	if (o->json)
		snapshot_json(p, &d, w, top, &out);
	else
		snapshot_show(p, &d, w, top, &out);
	bool ok = fwrite(out.data, 1, out.length, stdout) == out.length &&
		  fflush(stdout) == 0;
	buf_finish(&out);
	if (ok)
		return SNAPSHOT_EXIT_OK;
	err_errno(&e, "cannot write to standard output");
	return snapshot_fail(&e);
}

int snapshot_diff(int argc, char **argv)
{
	struct snapshot_pair pair = {0};
	struct snapshot_options options = {0};
	struct snapshot_line line = {
		.table = &snapshot_table,
		.target = &options,
		.arena = &pair.arena,
		.usage = "diff BEFORE AFTER",
		.about = snapshot_about,
		.wanted = 2,
	};
	struct heap_options heap_options = {.mode = HEAP_EXACT};
	struct err e;
	int status;
	if (snapshot_helped(&line, argc, argv))
		return SNAPSHOT_EXIT_OK;
	if (!snapshot_read_line(&line, argc, argv, &e)) {
		status = snapshot_fail(&e);
	} else {
		heap_options.memory_max_bytes =
			options.memory_max_bytes ? (uint64_t)options.memory_max_bytes
						 : snapshot_memory_bytes();
		status = snapshot_load_pair(&pair, line.arguments, &heap_options, &e)
				 ? snapshot_print(&pair, &options)
				 : snapshot_fail(&e);
	}
	snapshot_finish(&pair);
	return status;
}
