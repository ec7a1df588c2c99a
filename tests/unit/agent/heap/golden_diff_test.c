/*
 * Pairs of snapshots of real processes: the comparison is DevTools', the verdict names
 * what the programs are known to leak, and retaining paths are as short as DevTools'.
 */
#include "tests/unit/agent/heap/golden.h"

#include "agent/heap/diff.h"
#include "agent/heap/growth.h"
#include "agent/heap/verdict.h"

#include <dirent.h>

/* What is known of each pair: the verdict, and what its words must say. */
struct truth {
	const char *pair;
	enum snapshot_verdict verdict;
	unsigned share_pct; /* of all growth, at least */
	const char *says[3];
};

static const struct truth truths[] = {
	{"a-koa-1__a-koa-2", SNAPSHOT_ACCUMULATION, 84,
		{"Array `error` of {error}, held by `_events` of MonitorQueue",
			"1,000 new Function onQueueError", "a_koa_listener.js:11:42"}},
	{"b-kue-n20-1__b-kue-n20-3", SNAPSHOT_CLASS_GROWTH, 50,
		{"these classes grow: +882 Job", "job.js:289:13", ""}},
	{"b2-memqueue-n22-1__b2-memqueue-n22-2", SNAPSHOT_ACCUMULATION, 65,
		{"Array `inactive` of Queue", "1,472 new Job", "b2_memqueue.js:5:14"}},
	{"c-timers-n12-1__c-timers-n12-2", SNAPSHOT_CLASS_GROWTH, 75,
		{"these classes grow: +6,000 Timeout", "+3,000 HttpMetrics", ""}},
	{"c-timers-n20-1__c-timers-n20-2", SNAPSHOT_CLASS_GROWTH, 75,
		{"these classes grow: +6,000 Timeout", "+3,000 HttpMetrics", ""}},
	{"ctl-http-n18-1__ctl-http-n18-2", SNAPSHOT_NO_LEAK, 0,
		{"No leak visible", "", ""}},
	{"d-mapcache-n16-1__d-mapcache-n16-2", SNAPSHOT_ACCUMULATION, 99,
		{"Map `__apiCache` of global", "4,000 new Array", ""}},
	{"e-closures-n20-1__e-closures-n20-2", SNAPSHOT_ACCUMULATION, 85,
		{"e_closures.js:11:28", "4,000 new Function someMethod", ""}},
};

enum { TRUTHS = sizeof truths / sizeof truths[0] };

static struct heap *load(const char *name)
{
	static const char *const ends[] = {"zst", "gz"};
	char path[512];
	for (size_t i = 0; i < 2; i++) {
		snprintf(path, sizeof path, "%s/%s.heapsnapshot.%s", golden_folder(),
			name, ends[i]);
		if (access(path, R_OK) == 0)
			return golden_heap(path);
	}
	fail_msg("%s is missing", name);
	return NULL;
}

static json_t *load_json(const char *name)
{
	char path[512];
	json_error_t e;
	snprintf(path, sizeof path, "%s/%s.json", golden_folder(), name);
	json_t *j = json_load_file(path, 0, &e);
	if (!j)
		fail_msg("%s: %s", path, e.text);
	return j;
}

static const struct diff_row *row_of_key(const struct diff *d, const char *key)
{
	for (size_t i = 0; i < d->row_count; i++)
		if (strcmp(d->rows[i].key, key) == 0)
			return &d->rows[i];
	return NULL;
}

static void expect_rows(const char *pair, const struct diff *d, const json_t *expected)
{
	size_t i;
	json_t *row;
	if (d->row_count != json_array_size(expected))
		fail_msg("%s: %zu rows, not %zu", pair, d->row_count,
			json_array_size(expected));
	json_array_foreach(expected, i, row)
	{
		const char *key = golden_text(row, "key");
		const struct diff_row *r = row_of_key(d, key);
		if (!r)
			fail_msg("%s: no row %s", pair, key);
		if (strcmp(r->name, golden_text(row, "name")) != 0 ||
			(int64_t)r->added != golden_int(row, "addedCount") ||
			(int64_t)r->removed != golden_int(row, "removedCount") ||
			(int64_t)r->added_bytes != golden_int(row, "addedSize") ||
			(int64_t)r->removed_bytes != golden_int(row, "removedSize"))
			fail_msg("%s: row %s differs", pair, key);
	}
}

static void expect_truth(const struct truth *t, const struct snapshot_growth *g)
{
	if (g->verdict != t->verdict || verdict_share(g) * 100 < t->share_pct)
		fail_msg("%s: %s", t->pair, g->words);
	for (size_t i = 0; i < 3; i++)
		if (!strstr(g->words, t->says[i]))
			fail_msg("%s: \"%s\" does not say \"%s\"", t->pair, g->words,
				t->says[i]);
}

static const struct truth *truth_of(const char *pair)
{
	for (size_t i = 0; i < TRUTHS; i++)
		if (strcmp(truths[i].pair, pair) == 0)
			return &truths[i];
	return NULL;
}

static void check_pair(const char *pair)
{
	char file[256];
	struct arena arena = {0};
	snprintf(file, sizeof file, "%s.diff", pair);
	json_t *expected = load_json(file);
	struct heap *h = load(golden_text(expected, "base"));
	struct digest *before = digest_create(h, LIKENESS_ID, "", 0);
	heap_destroy(h);
	h = load(golden_text(expected, "current"));
	const struct graph *g = heap_graph(h);
	const struct classes *c = heap_classes(h);
	struct diff *d = diff_create(before, g, c, DIFF_FIND_OUT);
	assert_true(d->is_same_process);
	expect_rows(pair, d, json_object_get(expected, "diff"));

	const struct growth *w = growth_find(d, before, g, c, &arena);
	struct describe describe = {g, c, NULL, &arena};
	struct snapshot_growth said = verdict_describe(w, d, before, &describe, 10);
	if (truth_of(pair))
		expect_truth(truth_of(pair), &said);
	/* What leaves the host says it as well. */
	struct known *known = known_create(g);
	const struct privacy privacy = {.key = "a site", .known = known};
	describe.privacy = &privacy;
	said = verdict_describe(w, d, before, &describe, 10);
	if (truth_of(pair))
		expect_truth(truth_of(pair), &said);
	known_destroy(known);
	diff_destroy(d);
	digest_destroy(before);
	heap_destroy(h);
	json_decref(expected);
	arena_finish(&arena);
}

/* Calls `check` for each file that ends so, without its end. */
static size_t for_each(const char *end, void (*check)(const char *name))
{
	size_t count = 0;
	scoped_dir DIR *folder = opendir(golden_folder());
	assert_non_null(folder);
	for (struct dirent *entry; (entry = readdir(folder));) {
		size_t length = strlen(entry->d_name), of_end = strlen(end);
		if (length <= of_end ||
			strcmp(entry->d_name + length - of_end, end) != 0)
			continue;
		entry->d_name[length - of_end] = '\0';
		check(entry->d_name);
		count++;
	}
	return count;
}

static void test_pairs(void **state)
{
	(void)state;
	assert_true(for_each(".diff.json", check_pair) >= TRUTHS);
}

static uint32_t node_of_id(const struct graph *g, int64_t id)
{
	for (uint32_t n = 0; n < graph_node_count(g); n++)
		if (graph_node_id(g, n) == id)
			return n;
	fail_msg("no node %lld", (long long)id);
	return 0;
}

/* Each step is an edge that holds what came before, and comes nearer. */
static void expect_chain(
	const struct graph *g, uint32_t node, const struct paths_path *path)
{
	for (size_t i = 0; i < path->count; i++) {
		const struct paths_step *s = &path->steps[i];
		enum graph_link link = graph_edge_link(g, s->edge);
		assert_int_equal(graph_edge_target(g, s->edge), node);
		assert_true(s->edge >= graph_edges(g, s->holder) &&
			    s->edge < graph_edges(g, s->holder + 1));
		assert_true(link != GRAPH_LINK_WEAK && s->holder != 0);
		assert_true(graph_node_distance(g, s->holder) <
			    graph_node_distance(g, node));
		node = s->holder;
	}
}

static void check_paths(const char *name)
{
	char file[256];
	snprintf(file, sizeof file, "%s.expected", name);
	json_t *expected = load_json(file), *entry;
	struct heap *h = load(name);
	const struct graph *g = heap_graph(h);
	size_t i;
	json_array_foreach(json_object_get(expected, "retainer_paths"), i, entry)
	{
		const json_t *chain = json_object_get(entry, "chain");
		size_t length = json_array_size(chain);
		uint32_t node = node_of_id(g, golden_int(entry, "id"));
		struct paths_path path;
		if (graph_node_distance(g, node) == 1)
			continue; /* a root itself: there is nothing to say */
		paths_find(g, node, &path);
		expect_chain(g, node, &path);
		/* DevTools opens twenty levels; ties may be taken otherwise. */
		if (length < 20 && path.count != length)
			fail_msg("%s: the path of @%lld has %zu steps, not %zu", name,
				(long long)golden_int(entry, "id"), path.count, length);
	}
	heap_destroy(h);
	json_decref(expected);
}

static void test_paths(void **state)
{
	(void)state;
	assert_true(for_each(".expected.json", check_paths) > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pairs),
		cmocka_unit_test(test_paths),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
