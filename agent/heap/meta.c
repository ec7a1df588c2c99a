#include "agent/heap/meta.h"

#include <string.h>

enum { META_DEPTH_MAX = 16 };

/* The name of each graph_type and graph_link in a snapshot. */
static const char *const meta_types[] = {"hidden", "array", "string", "object", "code",
	"closure", "regexp", "number", "native", "synthetic", "concatenated string",
	"sliced string", "symbol", "bigint", "object shape"};
static const char *const meta_links[] = {"context", "element", "property", "internal",
	"hidden", "shortcut", "weak", "invisible"};

static const char *const meta_node_names[] = {
	"type", "name", "id", "self_size", "edge_count", "detachedness"};
static const char *const meta_edge_names[] = {"type", "name_or_index", "to_node"};
static const char *const meta_location_names[] = {
	"object_index", "script_id", "line", "column"};

struct meta_names {
	char name[META_TYPES_MAX][META_NAME_BYTES];
	unsigned count;
};

struct meta_reading {
	const char *at, *end;
	bool failed;
	struct meta_names node_fields, node_types, edge_fields, edge_types;
	struct meta_names location_fields;
	uint64_t node_count, edge_count, extra_native_bytes;
};

static void meta_skip_space(struct meta_reading *r)
{
	while (r->at < r->end && strchr(" \t\r\n", *r->at) && *r->at)
		r->at++;
}

/* Takes `c` if it comes next. */
static bool meta_take(struct meta_reading *r, char c)
{
	meta_skip_space(r);
	if (r->failed || r->at == r->end || *r->at != c)
		return false;
	r->at++;
	return true;
}

static void meta_expect(struct meta_reading *r, char c)
{
	if (!meta_take(r, c))
		r->failed = true;
}

/* Longer texts are cut: none that we look for is.  Escapes stay as they are. */
static void meta_string(struct meta_reading *r, char out[META_NAME_BYTES])
{
	size_t length = 0;
	meta_expect(r, '"');
	while (!r->failed) {
		if (r->at == r->end) {
			r->failed = true;
			break;
		}
		char c = *r->at++;
		if (c == '"')
			break;
		if (c == '\\' && r->at < r->end)
			c = *r->at++;
		if (length + 1 < META_NAME_BYTES && c)
			out[length++] = c;
	}
	out[length] = '\0';
}

static uint64_t meta_number(struct meta_reading *r)
{
	uint64_t value = 0;
	meta_skip_space(r);
	const char *start = r->at;
	while (r->at < r->end && *r->at >= '0' && *r->at <= '9') {
		if (__builtin_mul_overflow(value, 10, &value) ||
			__builtin_add_overflow(value, *r->at - '0', &value))
			r->failed = true;
		r->at++;
	}
	if (r->at == start)
		r->failed = true;
	return value;
}

static void meta_skip(struct meta_reading *r, unsigned depth)
{
	char ignored[META_NAME_BYTES];
	meta_skip_space(r);
	if (r->at == r->end || depth > META_DEPTH_MAX) {
		r->failed = true;
	} else if (*r->at == '"') {
		meta_string(r, ignored);
	} else if (*r->at == '[' || *r->at == '{') {
		bool is_object = *r->at++ == '{';
		char close = is_object ? '}' : ']';
		if (meta_take(r, close))
			return;
		do {
			if (is_object) {
				meta_string(r, ignored);
				meta_expect(r, ':');
			}
			if (!r->failed)
				meta_skip(r, depth + 1);
		} while (meta_take(r, ','));
		meta_expect(r, close);
	} else {
		const char *start = r->at;
		while (r->at < r->end && *r->at && !strchr(",]} \t\r\n", *r->at))
			r->at++;
		r->failed |= r->at == start;
	}
}

static void meta_names(struct meta_reading *r, struct meta_names *out)
{
	out->count = 0;
	meta_expect(r, '[');
	if (meta_take(r, ']'))
		return;
	do {
		if (out->count == META_TYPES_MAX)
			r->failed = true;
		else
			meta_string(r, out->name[out->count++]);
	} while (meta_take(r, ','));
	meta_expect(r, ']');
}

/* [["hidden", "array", …], "string", "number", …]: the first holds the types. */
static void meta_types_of(struct meta_reading *r, struct meta_names *out)
{
	meta_expect(r, '[');
	meta_names(r, out);
	while (meta_take(r, ','))
		meta_skip(r, 0);
	meta_expect(r, ']');
}

static void meta_meta(struct meta_reading *r)
{
	char key[META_NAME_BYTES];
	meta_expect(r, '{');
	do {
		meta_string(r, key);
		meta_expect(r, ':');
		if (r->failed)
			return;
		if (strcmp(key, "node_fields") == 0)
			meta_names(r, &r->node_fields);
		else if (strcmp(key, "node_types") == 0)
			meta_types_of(r, &r->node_types);
		else if (strcmp(key, "edge_fields") == 0)
			meta_names(r, &r->edge_fields);
		else if (strcmp(key, "edge_types") == 0)
			meta_types_of(r, &r->edge_types);
		else if (strcmp(key, "location_fields") == 0)
			meta_names(r, &r->location_fields);
		else
			meta_skip(r, 0);
	} while (meta_take(r, ','));
	meta_expect(r, '}');
}

static void meta_snapshot(struct meta_reading *r)
{
	char key[META_NAME_BYTES];
	meta_expect(r, '{');
	do {
		meta_string(r, key);
		meta_expect(r, ':');
		if (r->failed)
			return;
		if (strcmp(key, "meta") == 0)
			meta_meta(r);
		else if (strcmp(key, "node_count") == 0)
			r->node_count = meta_number(r);
		else if (strcmp(key, "edge_count") == 0)
			r->edge_count = meta_number(r);
		else if (strcmp(key, "extra_native_bytes") == 0)
			r->extra_native_bytes = meta_number(r);
		else
			meta_skip(r, 0);
	} while (meta_take(r, ','));
	meta_expect(r, '}');
}

static int meta_index(const struct meta_names *names, const char *name)
{
	for (unsigned i = 0; i < names->count; i++) {
		if (strcmp(names->name[i], name) == 0)
			return (int)i;
	}
	return META_ABSENT;
}

static bool meta_place(const struct meta_names *names, const char *const *wanted,
	size_t count, int *at, struct err *e)
{
	if (names->count > META_FIELDS_MAX)
		return err_set(e, ERR_INPUT, "%u fields in a row", names->count);
	for (size_t i = 0; i < count; i++) {
		at[i] = meta_index(names, wanted[i]);
		if (at[i] == META_ABSENT && strcmp(wanted[i], "detachedness") != 0)
			return err_set(e, ERR_INPUT, "no field '%s'", wanted[i]);
	}
	return true;
}

static bool meta_place_fields(
	const struct meta_reading *r, struct meta *m, struct err *e)
{
	if (!meta_place(
		    &r->node_fields, meta_node_names, META_NODE_FIELDS, m->node_at, e))
		return err_wrap(e, "node_fields");
	if (!meta_place(
		    &r->edge_fields, meta_edge_names, META_EDGE_FIELDS, m->edge_at, e))
		return err_wrap(e, "edge_fields");
	m->node_fields = r->node_fields.count;
	m->edge_fields = r->edge_fields.count;
	if (r->location_fields.count == 0)
		return true;
	if (!meta_place(&r->location_fields, meta_location_names, META_LOCATION_FIELDS,
		    m->location_at, e))
		return err_wrap(e, "location_fields");
	m->location_fields = r->location_fields.count;
	return true;
}

static int meta_known(const char *const *known, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++) {
		if (strcmp(known[i], name) == 0)
			return (int)i;
	}
	return META_ABSENT;
}

static void meta_place_types(const struct meta_reading *r, struct meta *m)
{
	strcpy(m->others[0], "undefined");
	m->other_count = 1;
	m->node_types = r->node_types.count;
	for (unsigned i = 0; i < m->node_types; i++) {
		const char *name = r->node_types.name[i];
		int type = meta_known(meta_types, GRAPH_OTHER, name);
		m->node_type[i] = (uint8_t)(type == META_ABSENT ? GRAPH_OTHER : type);
		if (type != META_ABSENT || m->other_count == META_OTHERS_MAX)
			continue;
		m->node_type[i] = (uint8_t)(GRAPH_OTHER + m->other_count);
		strcpy(m->others[m->other_count++], name);
	}
	m->edge_types = r->edge_types.count;
	for (unsigned i = 0; i < m->edge_types; i++) {
		int link = meta_known(
			meta_links, GRAPH_LINK_OTHER, r->edge_types.name[i]);
		m->edge_type[i] = (uint8_t)(link == META_ABSENT ? GRAPH_LINK_OTHER
								: link);
	}
}

bool meta_parse(const char *text, size_t length, struct meta *out, size_t *offset,
	struct err *e)
{
	struct meta_reading r = {.at = text, .end = text + length};
	struct meta m = {0};
	meta_snapshot(&r);
	*offset = (size_t)(r.at - text);
	if (r.failed)
		return err_set(e, ERR_INPUT, "not the JSON that was expected");
	*offset = length;
	if (!meta_place_fields(&r, &m, e))
		return false;
	meta_place_types(&r, &m);
	m.node_count = r.node_count;
	m.edge_count = r.edge_count;
	m.extra_native_bytes = r.extra_native_bytes;
	if (m.node_count == 0)
		return err_set(e, ERR_INPUT, "node_count is 0 or missing");
	*out = m;
	return true;
}
