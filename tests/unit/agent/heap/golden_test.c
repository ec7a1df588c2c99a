/*
 * The numbers are DevTools': class by class on snapshots of real processes, node by
 * node on random graphs.
 */
#include "tests/unit/agent/heap/golden.h"

#include "common/arena.h"

#include <dirent.h>
#include <stdlib.h>

static void expect(const char *where, const char *what, int64_t is, int64_t expected)
{
	if (is != expected)
		fail_msg("%s: %s is %lld, not %lld", where, what, (long long)is,
			(long long)expected);
}

static void expect_head(
	const char *where, const struct heap_head *head, const json_t *j)
{
	const struct heap_statistics *s = &head->statistics;
	const json_t *all = json_object_get(j, "statistics");
	const json_t *native = json_object_get(all, "native");
	const json_t *v8 = json_object_get(all, "v8heap");
	expect(where, "nodeCount", head->node_count, golden_int(j, "nodeCount"));
	expect(where, "edgeCount", (int64_t)head->edge_count,
		golden_int(j, "edgeCount"));
	expect(where, "totalSize", (int64_t)head->total_bytes,
		golden_int(j, "totalSize"));
	expect(where, "maxJSObjectId", head->max_js_id, golden_int(j, "maxJSObjectId"));
	expect(where, "total", (int64_t)s->total_bytes, golden_int(all, "total"));
	expect(where, "native", (int64_t)s->native_bytes, golden_int(native, "total"));
	expect(where, "typedArrays", (int64_t)s->typed_array_bytes,
		golden_int(native, "typedArrays"));
	expect(where, "v8heap", (int64_t)s->v8heap_bytes, golden_int(v8, "total"));
	expect(where, "code", (int64_t)s->code_bytes, golden_int(v8, "code"));
	expect(where, "jsArrays", (int64_t)s->js_array_bytes,
		golden_int(v8, "jsArrays"));
	expect(where, "strings", (int64_t)s->string_bytes, golden_int(v8, "strings"));
	expect(where, "system", (int64_t)s->system_bytes, golden_int(v8, "system"));
}

static const struct classes_row *row_of_key(const struct classes *c, const char *key)
{
	for (uint32_t i = 0; i < classes_count(c); i++) {
		if (strcmp(classes_row(c, i)->key, key) == 0)
			return classes_row(c, i);
	}
	return NULL;
}

static void expect_classes(const char *where, const struct classes *c, const json_t *j)
{
	const json_t *rows = json_object_get(j, "classes"), *row;
	size_t i;
	expect(where, "number of classes", (int64_t)classes_count(c),
		(int64_t)json_array_size(rows));
	json_array_foreach(rows, i, row)
	{
		const char *key = golden_text(row, "key");
		const struct classes_row *r = row_of_key(c, key);
		char here[512];
		snprintf(here, sizeof here, "%s %s", where, key);
		if (!r)
			fail_msg("%s: no such class", here);
		assert_string_equal(r->name, golden_text(row, "name"));
		expect(here, "count", (int64_t)r->count, golden_int(row, "count"));
		expect(here, "distance", r->distance, golden_int(row, "distance"));
		expect(here, "shallow", (int64_t)r->shallow_bytes,
			golden_int(row, "shallow"));
		expect(here, "retained", (int64_t)r->retained_bytes,
			golden_int(row, "retained"));
	}
}

static void expect_interfaces(
	const char *where, const struct classes *c, const json_t *j)
{
	const json_t *all = json_object_get(j, "interface_definitions"), *one;
	size_t i;
	expect(where, "number of interfaces", (int64_t)classes_interface_count(c),
		(int64_t)json_array_size(all));
	json_array_foreach(all, i, one)
	{
		const struct classes_interface *interface = classes_interface(c, i);
		assert_string_equal(interface->name, golden_text(one, "name"));
		expect(where, interface->name, interface->candidates,
			golden_int(one, "count"));
	}
}

static int64_t item(const json_t *row, size_t index)
{
	return json_integer_value(json_array_get(row, index));
}

struct columns {
	size_t self, retained, distance, dominator;
};

static void expect_node(const char *where, const struct graph *g, uint32_t node,
	const json_t *row, const struct columns *at)
{
	char here[512];
	uint32_t dominator = graph_node_dominator(g, node);
	snprintf(here, sizeof here, "%s node @%lld", where, (long long)item(row, 0));
	expect(here, "id", graph_node_id(g, node), item(row, 0));
	expect(here, "self", (int64_t)graph_node_self_bytes(g, node),
		item(row, at->self));
	expect(here, "retained", (int64_t)graph_node_retained_bytes(g, node),
		item(row, at->retained));
	expect(here, "distance", graph_node_distance(g, node), item(row, at->distance));
	expect(here, "dominator", graph_node_id(g, dominator),
		item(row, at->dominator));
}

static void expect_sample(const char *where, const struct heap *h, const json_t *j)
{
	static const struct columns columns = {3, 4, 5, 6};
	const struct graph *g = heap_graph(h);
	const json_t *rows = json_object_get(j, "sample"), *row;
	size_t i;
	json_array_foreach(rows, i, row)
	{
		uint32_t node = 0;
		while (node < graph_node_count(g) &&
			graph_node_id(g, node) != item(row, 0))
			node++;
		if (node == graph_node_count(g))
			fail_msg("%s: no node @%lld", where, (long long)item(row, 0));
		expect_node(where, g, node, row, &columns);
		uint32_t class = graph_node_class(g, node);
		if (class != CLASSES_NONE)
			assert_string_equal(classes_row(heap_classes(h), class)->name,
				json_string_value(json_array_get(row, 2)));
	}
}

static json_t *read_json(const char *where, const char *text, size_t length)
{
	json_error_t error;
	json_t *j = json_loadb(text, length, 0, &error);
	if (!j)
		fail_msg("%s: line %d: %s", where, error.line, error.text);
	return j;
}

static void check_snapshot(const char *expected_path, const char *path)
{
	struct buf text = {0};
	golden_bytes(expected_path, &text);
	json_t *j = read_json(expected_path, text.data, text.length);
	struct heap *h = golden_heap(path);
	expect_head(path, heap_head(h), j);
	expect_classes(path, heap_classes(h), j);
	expect_interfaces(path, heap_classes(h), j);
	expect_sample(path, h, j);
	heap_destroy(h);
	json_decref(j);
	buf_finish(&text);
}

/* Of each NAME.expected.json the snapshot NAME.heapsnapshot.zst or .gz. */
static void test_snapshots_of_real_processes(void **state)
{
	(void)state;
	scoped_dir DIR *folder = opendir(golden_folder());
	size_t count = 0;
	assert_non_null(folder);
	for (struct dirent *entry; (entry = readdir(folder));) {
		const char *end = strstr(entry->d_name, ".expected.json");
		char path[4096], expected_path[4096];
		if (!end)
			continue;
		int length = (int)(end - entry->d_name);
		snprintf(expected_path, sizeof expected_path, "%s/%s", golden_folder(),
			entry->d_name);
		snprintf(path, sizeof path, "%s/%.*s.heapsnapshot.zst", golden_folder(),
			length, entry->d_name);
		if (access(path, R_OK) != 0)
			snprintf(path, sizeof path, "%s/%.*s.heapsnapshot.gz",
				golden_folder(), length, entry->d_name);
		check_snapshot(expected_path, path);
		count++;
	}
	assert_true(count >= 10);
}

static void check_random(const char *name, const char *bytes, size_t length,
	const char *expected, size_t expected_length)
{
	static const struct columns columns = {1, 2, 3, 4};
	static const char all[] = "nodes_id_self_retained_distance_idom";
	const struct heap_options options = {0};
	struct heap *h = heap_create(&options);
	struct err e;
	json_t *j = read_json(name, expected, expected_length);
	if (!heap_feed(h, bytes, length, &e) || !heap_end(h, &e))
		fail_msg("%s: %s", name, e.text);
	expect_head(name, heap_head(h), j);
	expect_classes(name, heap_classes(h), j);
	const json_t *rows = json_object_get(j, all), *row;
	size_t i;
	expect(name, "number of nodes", graph_node_count(heap_graph(h)),
		(int64_t)json_array_size(rows));
	json_array_foreach(rows, i, row)
		expect_node(name, heap_graph(h), (uint32_t)i, row, &columns);
	json_decref(j);
	heap_destroy(h);
}

struct tar_file {
	const char *name, *bytes;
	size_t length;
};

/* The next file of a tar archive; its blocks have 512 bytes. */
static bool tar_next(const struct buf *tar, size_t *at, struct tar_file *out)
{
	while (*at + 512 <= tar->length && tar->data[*at]) {
		const char *head = tar->data + *at;
		out->name = head;
		out->bytes = head + 512;
		out->length = strtoul(head + 124, NULL, 8);
		*at += 512 + (out->length + 511) / 512 * 512;
		if (head[156] == '0')
			return true;
	}
	return false;
}

/* Each graph stands behind what is expected of it. */
static void test_random_graphs(void **state)
{
	(void)state;
	struct buf tar = {0};
	struct tar_file expected, graph;
	size_t at = 0, count = 0;
	golden_bytes(GOLDEN_FOLDER "/fuzz.tar.zst", &tar);
	while (tar_next(&tar, &at, &expected) && tar_next(&tar, &at, &graph)) {
		assert_non_null(strstr(expected.name, ".expected.json"));
		check_random(graph.name, graph.bytes, graph.length, expected.bytes,
			expected.length);
		count++;
	}
	assert_int_equal(count, 250);
	buf_finish(&tar);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_random_graphs),
		cmocka_unit_test(test_snapshots_of_real_processes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
