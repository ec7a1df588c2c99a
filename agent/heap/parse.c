#include "agent/heap/parse.h"

#include "agent/heap/parse_byte.h"
#include "agent/heap/parse_string.h"
#include "agent/heap/parse_table.h"
#include "common/buf.h"

#include <stdlib.h>
#include <string.h>

enum {
	PARSE_HEAD_MAX = 1 << 20, /* bytes */
	PARSE_KEY_MAX = 64,
};

enum parse_state {
	PARSE_BEFORE,    /* the document's '{' */
	PARSE_KEY_START, /* '"' of a key, or '}' when the object is empty */
	PARSE_KEY,       /* inside a key */
	PARSE_COLON,
	PARSE_VALUE, /* the first byte of a section's value */
	PARSE_SKIP,  /* inside a value that nobody wants */
	PARSE_HEAD,  /* inside "snapshot", which is kept */
	PARSE_TABLE, /* inside an array of numbers */
	PARSE_COUNT, /* inside the edges, which are only counted */
	PARSE_STRING_FIRST,
	PARSE_STRING_NEXT,
	PARSE_STRING,
	PARSE_STRING_COMMA,
	PARSE_AFTER, /* ',' or '}' behind a section */
	PARSE_DONE,
	PARSE_STATES,
};

/* The sections in the order that V8 writes them; the others do not matter. */
enum parse_section {
	PARSE_SECTION_NONE,
	PARSE_SECTION_SNAPSHOT,
	PARSE_SECTION_NODES,
	PARSE_SECTION_EDGES,
	PARSE_SECTION_LOCATIONS,
	PARSE_SECTION_STRINGS,
	PARSE_SECTIONS,
};

static const char *const parse_names[PARSE_SECTIONS] = {
	"", "snapshot", "nodes", "edges", "locations", "strings"};

struct parse {
	struct parse_sink sink;
	void *context;
	struct err failure;
	uint64_t offset; /* of the bytes that are being fed */

	enum parse_state state;
	enum parse_section section; /* the last known one that began */
	char key[PARSE_KEY_MAX];
	size_t key_length;

	/* A value that is skipped or kept. */
	unsigned depth;
	bool in_string, in_escape;
	struct buf head;
	struct meta meta;

	bool skips_edges;
	uint64_t commas; /* between the numbers of edges that are skipped */
	bool has_edges;
	enum parse_table table;
	struct parse_table_reading rows;

	uint64_t strings;
	bool is_wanted;
	struct parse_string string;
};

/* What a byte of the input does: moves `at` on, at least by one. */
typedef const char *parse_step(
	struct parse *p, const char *at, const char *end, struct err *e);

struct parse *parse_create(const struct parse_sink *sink, void *context)
{
	struct parse *p = calloc(1, sizeof *p);
	BUG_ON(!p);
	p->sink = *sink;
	p->context = context;
	return p;
}

void parse_destroy(struct parse *p)
{
	if (!p)
		return;
	buf_finish(&p->head);
	free(p);
}

void parse_skip_edges(struct parse *p)
{
	p->skips_edges = true;
}

uint64_t parse_bytes(const struct parse *p)
{
	return p->offset;
}

static const char *parse_before(
	struct parse *p, const char *at, const char *end, struct err *e)
{
	(void)end;
	if (parse_byte_is_space(*at))
		return at + 1;
	if (*at != '{')
		return parse_byte_unexpected(at, "the '{' of a heap snapshot", e);
	p->state = PARSE_KEY_START;
	return at + 1;
}

static const char *parse_key_start(
	struct parse *p, const char *at, const char *end, struct err *e)
{
	(void)end;
	if (parse_byte_is_space(*at))
		return at + 1;
	if (*at != '"')
		return parse_byte_unexpected(at, "the name of a section", e);
	p->key_length = 0;
	p->state = PARSE_KEY;
	return at + 1;
}

static const char *parse_key(
	struct parse *p, const char *at, const char *end, struct err *e)
{
	(void)end;
	if (*at == '"') {
		p->key[p->key_length] = '\0';
		p->state = PARSE_COLON;
		return at + 1;
	}
	if (*at == '\\' || (unsigned char)*at < ' ' ||
		p->key_length + 1 == PARSE_KEY_MAX)
		return parse_byte_unexpected(at, "the name of a section", e);
	p->key[p->key_length++] = *at;
	return at + 1;
}

static const char *parse_colon(
	struct parse *p, const char *at, const char *end, struct err *e)
{
	(void)end;
	if (parse_byte_is_space(*at))
		return at + 1;
	if (*at != ':')
		return parse_byte_unexpected(at, "':'", e);
	p->state = PARSE_VALUE;
	return at + 1;
}

/* Sections come in their order, each once; only locations may be missing. */
static bool parse_open_section(
	struct parse *p, enum parse_section section, struct err *e)
{
	enum parse_section last = p->section;
	if (section <= last)
		return err_set(e, ERR_INPUT, "\"%s\" comes after \"%s\"",
			parse_names[section], parse_names[last]);
	bool skipped_one = last == PARSE_SECTION_EDGES &&
			   section == PARSE_SECTION_STRINGS;
	if (section > last + 1 && !skipped_one)
		return err_set(e, ERR_INPUT, "\"%s\" comes before \"%s\"",
			parse_names[section], parse_names[last + 1]);
	if (skipped_one && !p->sink.table_end(p->context, PARSE_LOCATIONS, e))
		return false;
	p->section = section;
	return true;
}

static const char *parse_open_table(
	struct parse *p, enum parse_table table, const char *at, struct err *e)
{
	if (*at != '[')
		return parse_byte_unexpected(at, "'['", e);
	unsigned fields = table == PARSE_NODES   ? p->meta.node_fields
			  : table == PARSE_EDGES ? p->meta.edge_fields
						 : p->meta.location_fields;
	const struct parse_table_sink sink = {p->sink.rows[table], p->context};
	parse_table_open(&p->rows, fields, &sink);
	p->table = table;
	p->state = table == PARSE_EDGES && p->skips_edges ? PARSE_COUNT : PARSE_TABLE;
	return at + 1;
}

static const char *parse_value(
	struct parse *p, const char *at, const char *end, struct err *e)
{
	(void)end;
	if (parse_byte_is_space(*at))
		return at + 1;
	enum parse_section section = PARSE_SECTIONS;
	while (--section > PARSE_SECTION_NONE) {
		if (strcmp(p->key, parse_names[section]) == 0)
			break;
	}
	if (section != PARSE_SECTION_NONE && !parse_open_section(p, section, e))
		return NULL;
	p->depth = 0;
	p->in_string = p->in_escape = false;
	p->state = PARSE_SKIP;
	switch (section) {
	case PARSE_SECTION_SNAPSHOT:
		if (*at != '{')
			return parse_byte_unexpected(at, "'{'", e);
		p->state = PARSE_HEAD;
		return at;
	case PARSE_SECTION_NODES:
		return parse_open_table(p, PARSE_NODES, at, e);
	case PARSE_SECTION_EDGES:
		return parse_open_table(p, PARSE_EDGES, at, e);
	case PARSE_SECTION_LOCATIONS:
		if (p->meta.location_fields == 0)
			return at;
		return parse_open_table(p, PARSE_LOCATIONS, at, e);
	case PARSE_SECTION_STRINGS:
		if (*at != '[')
			return parse_byte_unexpected(at, "'['", e);
		p->state = PARSE_STRING_FIRST;
		return p->sink.strings_start(p->context, e) ? at + 1 : NULL;
	default:
		return at;
	}
}

/* Passes one byte of a nested value; true when the value is complete, with `*takes`
 * telling whether the byte still belongs to it. */
static bool parse_nested(struct parse *p, char c, bool *takes)
{
	*takes = true;
	if (p->in_escape) {
		p->in_escape = false;
	} else if (p->in_string) {
		p->in_escape = c == '\\';
		p->in_string = c != '"';
		return !p->in_string && p->depth == 0;
	} else if (c == '"') {
		p->in_string = true;
	} else if (c == '[' || c == '{') {
		p->depth++;
	} else if (c == ']' || c == '}') {
		*takes = p->depth > 0;
		return p->depth == 0 || --p->depth == 0;
	} else if (c == ',' && p->depth == 0) {
		*takes = false;
		return true;
	}
	return false;
}

static const char *parse_skip(
	struct parse *p, const char *at, const char *end, struct err *e)
{
	(void)e;
	bool takes;
	while (at < end) {
		if (parse_nested(p, *at, &takes)) {
			p->state = PARSE_AFTER;
			return takes ? at + 1 : at;
		}
		at++;
	}
	return at;
}

/* Nothing but numbers stands there; how many they are is known from the head. */
static const char *parse_count(
	struct parse *p, const char *at, const char *end, struct err *e)
{
	const char *close = memchr(at, ']', (size_t)(end - at));
	const char *stop = close ? close : end;
	uint64_t commas = 0;
	bool has_edges = false;
	for (; at < stop; at++) {
		commas += *at == ',';
		has_edges |= *at >= '0';
	}
	p->commas += commas;
	p->has_edges |= has_edges;
	if (!close)
		return end;
	uint64_t numbers = p->commas + p->has_edges;
	uint64_t edges = numbers / p->meta.edge_fields;
	if (edges != p->meta.edge_count || numbers % p->meta.edge_fields) {
		err_set(e, ERR_INPUT,
			"%llu numbers are %llu edges, not the %llu of edge_count",
			(unsigned long long)numbers, (unsigned long long)edges,
			(unsigned long long)p->meta.edge_count);
		return NULL;
	}
	p->state = PARSE_AFTER;
	return p->sink.table_end(p->context, PARSE_EDGES, e) ? close + 1 : NULL;
}

static const char *parse_head(
	struct parse *p, const char *at, const char *end, struct err *e)
{
	const char *start = at;
	bool takes, is_whole = false;
	while (at < end && !is_whole)
		is_whole = parse_nested(p, *at++, &takes);
	if (p->head.length + (size_t)(at - start) > PARSE_HEAD_MAX) {
		err_set(e, ERR_INPUT, "longer than %d bytes", PARSE_HEAD_MAX);
		return NULL;
	}
	buf_append(&p->head, start, (size_t)(at - start));
	if (!is_whole)
		return at;
	size_t offset;
	if (!meta_parse(p->head.data, p->head.length, &p->meta, &offset, e) ||
		!p->sink.head(p->context, &p->meta, e))
		return NULL;
	buf_finish(&p->head);
	p->state = PARSE_AFTER;
	return at;
}

static const char *parse_table(
	struct parse *p, const char *at, const char *end, struct err *e)
{
	bool is_whole;
	at = parse_table_read(&p->rows, at, end, &is_whole, e);
	if (!at || !is_whole)
		return at;
	p->state = PARSE_AFTER;
	return p->sink.table_end(p->context, p->table, e) ? at : NULL;
}

static const char *parse_string_next(
	struct parse *p, const char *at, const char *end, struct err *e)
{
	(void)end;
	if (parse_byte_is_space(*at))
		return at + 1;
	if (*at == ']' && p->state == PARSE_STRING_FIRST) {
		p->state = PARSE_AFTER;
		return p->sink.strings_end(p->context, 0, e) ? at + 1 : NULL;
	}
	if (*at != '"')
		return parse_byte_unexpected(at, "a string", e);
	p->is_wanted = p->sink.string_wanted(p->context, p->strings++);
	p->string = (struct parse_string){0};
	p->state = PARSE_STRING;
	return at + 1;
}

static const char *parse_string_rest(
	struct parse *p, const char *at, const char *end, struct err *e)
{
	bool is_whole;
	if (p->is_wanted) {
		const struct parse_string_sink sink = {
			p->sink.string_bytes, p->context};
		at = parse_string_read(&p->string, at, end, &is_whole, &sink, e);
	} else {
		at = parse_string_skip(&p->string, at, end, &is_whole);
	}
	if (!at || !is_whole)
		return at;
	if (p->is_wanted && !p->sink.string_end(p->context, e))
		return NULL;
	p->state = PARSE_STRING_COMMA;
	return at;
}

static const char *parse_string_comma(
	struct parse *p, const char *at, const char *end, struct err *e)
{
	(void)end;
	if (parse_byte_is_space(*at))
		return at + 1;
	if (*at == ',') {
		p->state = PARSE_STRING_NEXT;
		return at + 1;
	}
	if (*at != ']')
		return parse_byte_unexpected(at, "',' or ']'", e);
	p->state = PARSE_AFTER;
	return p->sink.strings_end(p->context, p->strings, e) ? at + 1 : NULL;
}

static const char *parse_after(
	struct parse *p, const char *at, const char *end, struct err *e)
{
	(void)end;
	if (parse_byte_is_space(*at))
		return at + 1;
	if (*at == ',') {
		p->state = PARSE_KEY_START;
		return at + 1;
	}
	if (*at != '}')
		return parse_byte_unexpected(at, "',' or '}'", e);
	if (p->section != PARSE_SECTION_STRINGS) {
		err_set(e, ERR_INPUT, "the document ends without section %s",
			parse_names[p->section == PARSE_SECTION_EDGES
					    ? PARSE_SECTION_STRINGS
					    : p->section + 1]);
		return NULL;
	}
	p->state = PARSE_DONE;
	return at + 1;
}

static const char *parse_done(
	struct parse *p, const char *at, const char *end, struct err *e)
{
	(void)p;
	(void)end;
	if (parse_byte_is_space(*at))
		return at + 1;
	return parse_byte_unexpected(at, "the end", e);
}

static parse_step *const parse_steps[PARSE_STATES] = {
	[PARSE_BEFORE] = parse_before,
	[PARSE_KEY_START] = parse_key_start,
	[PARSE_KEY] = parse_key,
	[PARSE_COLON] = parse_colon,
	[PARSE_VALUE] = parse_value,
	[PARSE_SKIP] = parse_skip,
	[PARSE_HEAD] = parse_head,
	[PARSE_TABLE] = parse_table,
	[PARSE_COUNT] = parse_count,
	[PARSE_STRING_FIRST] = parse_string_next,
	[PARSE_STRING_NEXT] = parse_string_next,
	[PARSE_STRING] = parse_string_rest,
	[PARSE_STRING_COMMA] = parse_string_comma,
	[PARSE_AFTER] = parse_after,
	[PARSE_DONE] = parse_done,
};

/* The section in which the parser is, for messages. */
static const char *parse_where(const struct parse *p)
{
	if (p->state == PARSE_BEFORE || p->state == PARSE_DONE)
		return "document";
	bool in_other = (p->state == PARSE_SKIP || p->state == PARSE_VALUE ||
				p->state == PARSE_COLON) &&
			p->key[0];
	return in_other || p->section == PARSE_SECTION_NONE
		       ? (p->key[0] ? p->key : "document")
		       : parse_names[p->section];
}

static bool parse_fail(struct parse *p, uint64_t offset, struct err *e)
{
	if (e->kind == ERR_INPUT)
		err_wrap(e, "section %s at byte %llu", parse_where(p),
			(unsigned long long)offset);
	p->failure = *e;
	return false;
}

bool parse_feed(struct parse *p, const void *bytes, size_t length, struct err *e)
{
	const char *at = bytes, *end = at + length;
	if (p->failure.kind) {
		*e = p->failure;
		return false;
	}
	while (at < end) {
		const char *next = parse_steps[p->state](p, at, end, e);
		if (!next)
			return parse_fail(
				p, p->offset + (uint64_t)(at - (const char *)bytes), e);
		at = next;
	}
	p->offset += length;
	return true;
}

bool parse_end(struct parse *p, struct err *e)
{
	if (p->failure.kind) {
		*e = p->failure;
		return false;
	}
	if (p->state == PARSE_DONE)
		return true;
	err_set(e, ERR_INPUT, "the snapshot is cut off");
	return parse_fail(p, p->offset, e);
}
