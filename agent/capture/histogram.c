#include "agent/capture/histogram.h"

#include "schema/wire.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	HISTOGRAM_LINES_MAX = 1 << 20,
	/* Room for what the capture adds. */
	HISTOGRAM_BYTES_MAX = SNAPSHOT_BYTES_MAX - 1024,
	HISTOGRAM_CLASSES_FEW = 200,
};

struct histogram {
	struct arena *arena;
	struct snapshot_class *rows;
	size_t count, room;
	const char *runtime;
	uint64_t total_count, total_bytes;
	bool has_total;
};

/* What the letter behind the brackets of an array's name stands for. */
static const char *histogram_primitive(char letter)
{
	static const struct {
		char letter;
		const char *name;
	} primitives[] = {
		{'B', "byte"},
		{'C', "char"},
		{'D', "double"},
		{'F', "float"},
		{'I', "int"},
		{'J', "long"},
		{'S', "short"},
		{'Z', "boolean"},
	};
	for (size_t i = 0; i < sizeof primitives / sizeof primitives[0]; i++) {
		if (primitives[i].letter == letter)
			return primitives[i].name;
	}
	return NULL;
}

/* A class is called by its code; what else stands there is not passed on. */
static bool histogram_is_name(const char *name)
{
	static const char others[] = "_$.-/<>[];+";
	for (; *name; name++) {
		char c = *name;
		bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
			     (c >= '0' && c <= '9');
		if (!plain && !strchr(others, c))
			return false;
	}
	return true;
}

/* "[[Lshop.Cart;" as "shop.Cart[][]"; "shop.A$$Lambda$14/0x00000008" without the
 * address. */
static const char *histogram_name(struct histogram *h, char *raw)
{
	if (!*raw || strlen(raw) >= SNAPSHOT_TEXT_BYTES_MAX - 64 ||
		!histogram_is_name(raw))
		return "(other)";
	char *address = strstr(raw, "/0x");
	if (address)
		*address = '\0';
	size_t depth = strspn(raw, "[");
	char *base = raw + depth;
	const char *name = base;
	size_t length = strlen(base);
	if (depth && *base == 'L' && length > 2 && base[length - 1] == ';') {
		base[length - 1] = '\0';
		name = base + 1;
	} else if (depth && length == 1 && histogram_primitive(*base)) {
		name = histogram_primitive(*base);
	}
	if (depth > 16)
		depth = 16;
	return arena_printf(h->arena, "%s%.*s", name, (int)depth * 2,
		"[][][][][][][][][][][][][][][][]");
}

static void histogram_add(
	struct histogram *h, const char *name, uint64_t count, uint64_t bytes)
{
	if (h->count == h->room) {
		size_t room = h->room ? 2 * h->room : 1024;
		struct snapshot_class *rows = arena_array(h->arena, room, sizeof *rows);
		if (h->count)
			memcpy(rows, h->rows, h->count * sizeof *rows);
		h->rows = rows;
		h->room = room;
	}
	h->rows[h->count++] = (struct snapshot_class){
		.is = {.name = name, .location = ""},
		.count = count,
		.shallow_bytes = bytes,
		.distance = -5,
	};
}

/* "java 17.0.15" from the module "(java.base@17.0.15)". */
static void histogram_note_runtime(struct histogram *h, const char *module)
{
	static const char base[] = "(java.base@";
	if (h->runtime || strncmp(module, base, sizeof base - 1) != 0)
		return;
	const char *version = module + sizeof base - 1;
	size_t length = strspn(version, "0123456789.+-_abcdefghijklmnopqrstuvwxyz");
	if (length && length < 40 && version[length] == ')')
		h->runtime = arena_printf(h->arena, "java %.*s", (int)length, version);
}

/* Whether the line says something that a histogram says. */
static bool histogram_line(struct histogram *h, const char *line)
{
	uint64_t count, bytes;
	int at = 0;
	if (sscanf(line, " Total %" SCNu64 " %" SCNu64, &count, &bytes) == 2) {
		h->total_count = count;
		h->total_bytes = bytes;
		h->has_total = true;
		return true;
	}
	if (sscanf(line, " %*d: %" SCNu64 " %" SCNu64 " %n", &count, &bytes, &at) < 2 ||
		!at)
		return line[strspn(line, " -")] == '\0' ||
		       strncmp(line + strspn(line, " "), "num ", 4) == 0;
	size_t length = strcspn(line + at, " ");
	char *raw = arena_strndup(h->arena, line + at, length);
	const char *module = line + at + length;
	histogram_note_runtime(h, module + strspn(module, " "));
	histogram_add(h, histogram_name(h, raw), count, bytes);
	return true;
}

static int histogram_by_name(const void *a, const void *b)
{
	const struct snapshot_class *x = a, *y = b;
	return strcmp(x->is.name, y->is.name);
}

static int histogram_by_bytes(const void *a, const void *b)
{
	const struct snapshot_class *x = a, *y = b;
	if (x->shallow_bytes != y->shallow_bytes)
		return x->shallow_bytes < y->shallow_bytes ? 1 : -1;
	return strcmp(x->is.name, y->is.name);
}

static void histogram_merge(struct histogram *h)
{
	if (!h->count)
		return;
	qsort(h->rows, h->count, sizeof *h->rows, histogram_by_name);
	size_t kept = 0;
	for (size_t i = 1; i < h->count; i++) {
		struct snapshot_class *last = &h->rows[kept];
		if (strcmp(last->is.name, h->rows[i].is.name) == 0) {
			last->count += h->rows[i].count;
			last->shallow_bytes += h->rows[i].shallow_bytes;
		} else {
			h->rows[++kept] = h->rows[i];
		}
	}
	h->count = kept + 1;
	qsort(h->rows, h->count, sizeof *h->rows, histogram_by_bytes);
}

static bool histogram_lines(
	struct histogram *h, const char *text, size_t length, struct err *e)
{
	char line[1024];
	size_t number = 0;
	for (const char *at = text, *end = text + length; at < end && !h->has_total;) {
		const char *stop = memchr(at, '\n', (size_t)(end - at));
		size_t size = (size_t)((stop ? stop : end) - at);
		if (++number > HISTOGRAM_LINES_MAX)
			return err_set(e, ERR_INPUT, "more than %d lines",
				HISTOGRAM_LINES_MAX);
		if (size >= sizeof line)
			return err_set(e, ERR_INPUT, "line %zu is too long", number);
		memcpy(line, at, size);
		line[size] = '\0';
		if (!histogram_line(h, line))
			return err_set(e, ERR_INPUT,
				"line %zu is not of a class histogram", number);
		at = stop ? stop + 1 : end;
	}
	return h->has_total ||
	       err_set(e, ERR_INPUT,
		       "the histogram ends after line %zu, before its total", number);
}

bool histogram_parse(const char *text, size_t length, struct arena *a,
	struct snapshot *out, struct err *e)
{
	struct histogram h = {.arena = a};
	if (!histogram_lines(&h, text, length, e))
		return false;
	histogram_merge(&h);
	out->kind = SNAPSHOT_JVM;
	out->rules = "HotSpot class histogram";
	out->why_shallow = "";
	out->process.runtime = h.runtime ? h.runtime : "java";
	out->process.heap_used_bytes = h.total_bytes;
	out->stream_bytes = length;
	out->node_count = h.total_count;
	out->total_bytes = h.total_bytes;
	out->class_count = h.count;
	out->classes = h.rows;
	out->classes_length = h.count;
	out->growth.holder = (struct snapshot_holder){
		.is = {"", ""}, .child = {"", ""}};
	out->growth.words = "";
	return true;
}

void histogram_format(const struct snapshot *s, struct buf *out)
{
	for (size_t i = 0; i < s->classes_length; i++) {
		const struct snapshot_class *c = &s->classes[i];
		buf_printf(out, "%zu: %" PRIu64 " %" PRIu64 " %s\n", i + 1, c->count,
			c->shallow_bytes, c->is.name);
	}
	buf_printf(
		out, "Total %" PRIu64 " %" PRIu64 "\n", s->node_count, s->total_bytes);
}

void histogram_fit(struct snapshot *s)
{
	if (s->classes_length > SNAPSHOT_CLASSES_MAX)
		s->classes_length = SNAPSHOT_CLASSES_MAX;
	while (wire_snapshot_bytes(s) > HISTOGRAM_BYTES_MAX) {
		if (s->classes_length > HISTOGRAM_CLASSES_FEW)
			s->classes_length = s->classes_length * 15 / 16;
		else if (s->growth.change_count > 0)
			s->growth.change_count = s->growth.change_count * 3 / 4;
		else
			s->classes_length = s->classes_length * 3 / 4;
	}
}
