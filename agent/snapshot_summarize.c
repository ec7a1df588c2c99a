#include "agent/snapshot_summarize.h"

#include "agent/heap/report.h"
#include "agent/snapshot.h"
#include "common/json.h"
#include "common/utf8.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { SNAPSHOT_ROWS = 30, SNAPSHOT_NAME_WIDTH = 44 };

struct snapshot_options {
	bool json, exact, shallow;
	int64_t top;
	int64_t memory_max_bytes;
};

#define SNAPSHOT_AT(field) offsetof(struct snapshot_options, field)

static const struct conf_option snapshot_options[] = {
	{"snapshot", "json", CONF_BOOL, SNAPSHOT_AT(json), 0, 0, "no",
		"Everything, as JSON"},
	{"snapshot", "top", CONF_INT, SNAPSHOT_AT(top), 1, INT32_MAX, NULL,
		"Show so many classes; all in JSON, 30 in the table"},
	{"snapshot", "exact", CONF_BOOL, SNAPSHOT_AT(exact), 0, 0, "no",
		"Fail rather than give less when memory is short"},
	{"snapshot", "shallow", CONF_BOOL, SNAPSHOT_AT(shallow), 0, 0, "no",
		"Only counts and sizes, in a few MiB of memory"},
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
	"Reads a .heapsnapshot of Node.js 8 or newer, also one that gzip or zstd\n"
	"has packed; '-' reads standard input. Shows the classes that retain\n"
	"most, and the objects that hold many others. When memory is short it\n"
	"only counts, and says so.\n";

static void snapshot_json_classes(struct json *j, const struct heap_head *head,
	const struct classes *c, size_t top)
{
	json_key(j, "classes");
	json_array(j);
	for (uint32_t i = 0; i < top && i < classes_count(c); i++) {
		const struct classes_row *row = classes_row(c, i);
		json_object(j);
		json_put_string(j, "key", row->key);
		json_put_string(j, "name", row->name);
		json_put_int(j, "count", (int64_t)row->count);
		if (head->is_exact)
			json_put_int(j, "distance", row->distance);
		json_put_int(j, "shallow", (int64_t)row->shallow_bytes);
		if (head->is_exact)
			json_put_int(j, "retained", (int64_t)row->retained_bytes);
		if (*row->location)
			json_put_string(j, "location", row->location);
		json_end(j);
	}
	json_end(j);
}

static void snapshot_json_interfaces(struct json *j, const struct classes *c)
{
	json_key(j, "interfaces");
	json_array(j);
	for (size_t i = 0; i < classes_interface_count(c); i++) {
		const struct classes_interface *interface = classes_interface(c, i);
		json_object(j);
		json_put_string(j, "name", interface->name);
		json_put_int(j, "count", interface->candidates);
		json_end(j);
	}
	json_end(j);
}

void snapshot_summarize_json(struct json *j, const struct heap *h, size_t top)
{
	json_key(j, "head");
	report_head_json(j, heap_head(h));
	snapshot_json_classes(j, heap_head(h), heap_classes(h), top);
	snapshot_json_interfaces(j, heap_classes(h));
	report_holders_json(j, h, top);
}

static void snapshot_json(const struct heap *h, size_t top, struct buf *out)
{
	struct json j;
	json_init(&j, out);
	json_object(&j);
	snapshot_summarize_json(&j, h, top);
	json_end(&j);
	buf_byte(out, '\n');
}

static void snapshot_size(struct buf *out, uint64_t bytes, int width)
{
	static const char *const units[] = {"B", "KiB", "MiB", "GiB", "TiB", "PiB"};
	double value = (double)bytes;
	size_t unit = 0;
	while (value >= 1024 && unit + 1 < sizeof units / sizeof *units) {
		value /= 1024;
		unit++;
	}
	buf_printf(out, "%*.*f %-3s", width - 4, unit ? 1 : 0, value, units[unit]);
}

/* What a terminal would obey becomes '?'; long names are cut. */
static void snapshot_text(struct buf *out, const char *text, int width)
{
	int shown = 0;
	while (*text && shown < width) {
		size_t length = utf8_character(text);
		bool is_c1 = length == 2 && (unsigned char)text[0] == 0xc2 &&
			     (unsigned char)text[1] < 0xa0;
		bool is_plain = length && (unsigned char)*text >= ' ' &&
				*text != 0x7f && !is_c1;
		if (shown == width - 1 && text[length ? length : 1])
			buf_text(out, "…");
		else if (is_plain)
			buf_append(out, text, length);
		else
			buf_byte(out, '?');
		text += length ? length : 1;
		shown++;
	}
	buf_printf(out, "%*s", width - shown, "");
}

static void snapshot_head_line(struct buf *out, const char *what, uint64_t bytes)
{
	buf_printf(out, "%-14s", what);
	snapshot_size(out, bytes, 12);
	buf_byte(out, '\n');
}

static void snapshot_table_head(struct buf *out, const struct heap_head *head)
{
	const struct heap_statistics *s = &head->statistics;
	buf_printf(out, "%" PRIu32 " objects, %" PRIu64 " references", head->node_count,
		head->edge_count);
	if (head->is_exact)
		buf_printf(out, "; sizes as %s\n\n", HEAP_RULES);
	else
		buf_printf(out, "\nShallow, without retained sizes: %s\n\n",
			head->why_shallow);
	snapshot_head_line(out, "Total", s->total_bytes);
	snapshot_head_line(out, "  strings", s->string_bytes);
	snapshot_head_line(out, "  code", s->code_bytes);
	snapshot_head_line(out, "  arrays", s->js_array_bytes);
	snapshot_head_line(out, "  system", s->system_bytes);
	snapshot_head_line(out, "  native", s->native_bytes);
	snapshot_head_line(out, "  typed arrays", s->typed_array_bytes);
	buf_byte(out, '\n');
}

static void snapshot_table_row(
	struct buf *out, const struct heap_head *head, const struct classes_row *row)
{
	snapshot_text(out, row->name, SNAPSHOT_NAME_WIDTH);
	buf_printf(out, " %10" PRIu64 " ", row->count);
	snapshot_size(out, row->shallow_bytes, 12);
	if (head->is_exact) {
		buf_byte(out, ' ');
		snapshot_size(out, row->retained_bytes, 12);
		if (row->distance < 0)
			buf_text(out, "        -");
		else if (row->distance >= GRAPH_DISTANCE_SYSTEM)
			buf_text(out, "   system");
		else
			buf_printf(out, " %8" PRId32, row->distance);
	}
	if (*row->location) {
		buf_text(out, "  ");
		snapshot_text(out, row->location, (int)strlen(row->location));
	}
	while (out->data[out->length - 1] == ' ')
		out->length--;
	buf_byte(out, '\n');
}

void snapshot_summarize_text(struct buf *out, const struct heap *h, size_t top)
{
	const struct heap_head *head = heap_head(h);
	const struct classes *c = heap_classes(h);
	snapshot_table_head(out, head);
	buf_printf(out, "%-*s %10s %12s", SNAPSHOT_NAME_WIDTH, "CLASS", "COUNT",
		"SHALLOW");
	if (head->is_exact)
		buf_printf(out, " %12s DISTANCE  WRITTEN AT", "RETAINED");
	buf_byte(out, '\n');
	for (uint32_t i = 0; i < top && i < classes_count(c); i++)
		snapshot_table_row(out, head, classes_row(c, i));
	if (top < classes_count(c))
		buf_printf(
			out, "and %zu more classes (--top)\n", classes_count(c) - top);
	report_holders_text(out, h, top / 3 + 1);
	report_clean(out);
}

static bool snapshot_mode(
	const struct snapshot_options *o, struct heap_options *out, struct err *e)
{
	if (o->exact && o->shallow)
		return err_set(
			e, ERR_INPUT, "--exact and --shallow exclude each other");
	out->mode = o->exact ? HEAP_EXACT : o->shallow ? HEAP_SHALLOW : HEAP_AUTO;
	out->memory_max_bytes = o->memory_max_bytes ? (uint64_t)o->memory_max_bytes
						    : snapshot_memory_bytes();
	return true;
}

static int snapshot_print(const struct heap *h, const struct snapshot_options *o)
{
	struct buf out = {0};
	struct err e;
	size_t top = o->top ? (size_t)o->top : o->json ? SIZE_MAX : SNAPSHOT_ROWS;
	if (o->json)
		snapshot_json(h, top, &out);
	else
		snapshot_summarize_text(&out, h, top);
	bool ok = fwrite(out.data, 1, out.length, stdout) == out.length &&
		  fflush(stdout) == 0;
	buf_finish(&out);
	if (ok)
		return SNAPSHOT_EXIT_OK;
	err_errno(&e, "cannot write to standard output");
	return snapshot_fail(&e);
}

int snapshot_summarize(int argc, char **argv)
{
	struct arena arena = {0};
	struct snapshot_options options = {0};
	struct snapshot_line line = {
		.table = &snapshot_table,
		.target = &options,
		.arena = &arena,
		.usage = "summarize FILE|-",
		.about = snapshot_about,
		.wanted = 1,
	};
	struct heap_options heap_options;
	struct heap *h = NULL;
	struct err e;
	int status = SNAPSHOT_EXIT_OK;
	if (snapshot_helped(&line, argc, argv))
		return SNAPSHOT_EXIT_OK;
	if (!snapshot_read_line(&line, argc, argv, &e) ||
		!snapshot_mode(&options, &heap_options, &e) ||
		!snapshot_load(line.arguments[0], &heap_options, &h, &e))
		status = snapshot_fail(&e);
	else
		status = snapshot_print(h, &options);
	heap_destroy(h);
	arena_finish(&arena);
	return status;
}
