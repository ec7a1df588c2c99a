/*
 * Every form of the format is read, and what is no whole snapshot is refused in words
 * that say where.
 */
#include "agent/heap/heap.h"

#include "agent/heap/source.h"
#include "common/buf.h"
#include "tests/unit/agent/heap/golden.h"

#include <stdlib.h>

#define TYPES                                                                          \
	"[\"hidden\",\"array\",\"string\",\"object\",\"code\",\"closure\",\"regexp\"," \
	"\"number\",\"native\",\"synthetic\"]"
#define EDGES                                                                          \
	"\"edge_fields\":[\"type\",\"name_or_index\",\"to_node\"],\"edge_types\":"     \
	"[[\"context\",\"element\",\"property\",\"internal\",\"hidden\",\"shortcut\"," \
	"\"weak\"],\"string_or_number\",\"node\"]"
#define SIX "\"type\",\"name\",\"id\",\"self_size\",\"edge_count\",\"detachedness\""
#define HEAD(fields, more, nodes, edges)                                               \
	"{\"snapshot\":{\"meta\":{\"node_fields\":[" fields "],\"node_types\":[" TYPES \
	"]," EDGES more "},\"node_count\":" nodes ",\"edge_count\":" edges "},"
#define NODES   "\"nodes\":[9,1,1,0,1,0,3,2,3,16,1,0,3,3,5,24,0,0],"
#define LINKS   "\"edges\":[1,1,6,2,3,12],"
#define STRINGS "\"strings\":[\"<dummy>\",\"\",\"Holder\",\"held\"]}"
#define WHOLE   HEAD(SIX, "", "3", "2") NODES LINKS STRINGS

static struct heap *feed(const char *text, size_t length, size_t step,
	enum heap_mode mode, struct err *e)
{
	struct heap *h = heap_create(&(struct heap_options){.mode = mode});
	bool ok = true;
	*e = (struct err){0};
	for (size_t at = 0; ok && at < length; at += step)
		ok = heap_feed(
			h, text + at, length - at < step ? length - at : step, e);
	if (ok && heap_end(h, e))
		return h;
	heap_destroy(h);
	return NULL;
}

static struct heap *read_text(const char *text)
{
	struct err e;
	struct heap *h = feed(text, strlen(text), strlen(text), HEAP_EXACT, &e);
	if (!h)
		fail_msg("%s", e.text);
	return h;
}

static void expect_failure(const char *text, const char *said)
{
	struct err e;
	struct heap *h = feed(text, strlen(text), strlen(text), HEAP_EXACT, &e);
	if (h)
		fail_msg("accepted: %s", text);
	assert_int_equal(e.kind, ERR_INPUT);
	if (!strstr(e.text, said))
		fail_msg("'%s' does not say '%s'", e.text, said);
}

static void test_any_size_of_pieces_gives_the_same(void **state)
{
	(void)state;
	for (size_t step = 1; step < 64; step++) {
		struct err e;
		struct heap *h = feed(WHOLE, strlen(WHOLE), step, HEAP_EXACT, &e);
		if (!h)
			fail_msg("in pieces of %zu: %s", step, e.text);
		assert_int_equal(heap_head(h)->total_bytes, 40);
		assert_int_equal(heap_head(h)->stream_bytes, strlen(WHOLE));
		assert_string_equal(graph_node_name(heap_graph(h), 1), "Holder");
		assert_string_equal(graph_edge_name(heap_graph(h), 1), "held");
		heap_destroy(h);
	}
}

static void test_a_snapshot_cut_anywhere_is_refused(void **state)
{
	(void)state;
	for (size_t length = 0; length < strlen(WHOLE); length++) {
		struct err e;
		assert_null(feed(WHOLE, length, length + 1, HEAP_EXACT, &e));
		assert_int_equal(e.kind, ERR_INPUT);
		assert_non_null(strstr(e.text, "at byte "));
		assert_non_null(strstr(e.text, "cut off"));
	}
}

static void test_space_is_allowed_between_everything(void **state)
{
	struct buf spaced = {0};
	bool in_string = false;
	(void)state;
	for (const char *at = WHOLE; *at; at++) {
		in_string ^= *at == '"';
		buf_byte(&spaced, *at);
		if (!in_string && strchr("{}[]:,\"", *at))
			buf_text(&spaced, " \r\n\t");
	}
	heap_destroy(read_text(spaced.data));
	buf_finish(&spaced);
}

static void test_what_is_wrong_is_said_with_its_section(void **state)
{
	(void)state;
	expect_failure("[]", "document at byte 0: '['");
	expect_failure("{\"nodes\":[]}", "\"nodes\" comes before \"snapshot\"");
	expect_failure(HEAD(SIX, "", "3", "2") LINKS NODES STRINGS,
		"section edges at byte 405: \"edges\" comes before \"nodes\"");
	expect_failure(HEAD(SIX, "", "3", "2") NODES STRINGS,
		"\"strings\" comes before \"edges\"");
	expect_failure(HEAD(SIX, "", "3", "2") NODES NODES LINKS STRINGS,
		"\"nodes\" comes after \"nodes\"");
	expect_failure(HEAD(SIX, "", "4", "2") NODES LINKS STRINGS,
		"3 nodes, but node_count is 4");
	expect_failure(HEAD(SIX, "", "2", "2") NODES LINKS STRINGS, "more nodes than");
	expect_failure(HEAD(SIX, "", "3", "3") NODES LINKS STRINGS,
		"the nodes have 2 edges, but edge_count is 3");
	expect_failure(HEAD(SIX, "", "3", "1") NODES LINKS STRINGS, "node 1 has more");
	expect_failure(HEAD(SIX, "", "3", "2") NODES "\"edges\":[1,1,6]," STRINGS,
		"section edges");
	expect_failure(HEAD(SIX, "", "3", "2") NODES
		"\"edges\":[1,1,6,2,3,12,1]," STRINGS,
		"ends within a row");
	expect_failure(HEAD(SIX, "", "3", "2") NODES
		"\"edges\":[1,1,6,2,3,13]," STRINGS,
		"edge 1 leads to 13, where no node is");
	expect_failure(HEAD(SIX, "", "3", "2") NODES
		"\"edges\":[1,1,6,2,3,-6]," STRINGS,
		"'-' where a number is expected");
	expect_failure(HEAD(SIX, "", "3", "2") NODES
		"\"edges\":[1,1,6,2,9,12]," STRINGS,
		"string 9 is somebody's name");
	expect_failure(HEAD(SIX, "", "3", "2") NODES
		"\"edges\":[1,1,6,2,3,123456789012345678901],",
		"a number of more than 19 digits");
	expect_failure(HEAD("\"type\",\"name\"", "", "3", "2"), "no field 'id'");
	expect_failure(WHOLE "x", "'x' where the end is expected");
	expect_failure(HEAD(SIX, "", "400000000", "2") NODES LINKS STRINGS,
		"node_count is 400000000");
	expect_failure(HEAD(SIX, "", "3000000000", "2"), "more than the");
	expect_failure(HEAD(SIX, "", "3", "2") NODES LINKS
		"\"strings\":[\"\\x\",\"\\x\",\"\\x\",\"\\x\"]}",
		"unknown escape");
}

/* The names of sections may stand in strings. */
static void test_names_may_look_like_anything(void **state)
{
	(void)state;
	struct heap *h = read_text(HEAD(SIX, "", "3", "2") NODES LINKS
		"\"strings\":[\"\",\"\",\"],\\\"nodes\\\":[1]}\","
		"\"\\ud83d\\ude00 \\u00e9\\\\ \\ud800 \\u0000\"]}");
	assert_string_equal(graph_node_name(heap_graph(h), 1), "],\"nodes\":[1]}");
	assert_string_equal(graph_edge_name(heap_graph(h), 1), "😀 é\\ \ufffd \ufffd");
	heap_destroy(h);
}

static void test_fields_are_found_by_name(void **state)
{
	(void)state;
	struct heap *h = read_text(HEAD(
		"\"edge_count\",\"trace_node_id\",\"self_size\",\"id\",\"name\","
		"\"type\",\"detachedness\"",
		"", "2", "1") "\"nodes\":[1,0,0,1,1,9,0,0,0,6442450944,3,2,3,0],"
			      "\"edges\":[2,3,7]," STRINGS);
	assert_int_equal(graph_node_raw_bytes(heap_graph(h), 1), 6442450944);
	assert_int_equal(graph_node_retained_bytes(heap_graph(h), 0), 6442450944);
	assert_string_equal(classes_row(heap_classes(h), 0)->key, ",Holder");
	assert_int_equal(heap_head(h)->max_js_id, 3);
	heap_destroy(h);
}

/* Absent, with four fields, with five; of a node that stands there twice the later. */
static void test_locations_of_every_form(void **state)
{
#define FOUR "\"object_index\",\"script_id\",\"line\",\"column\""
#define LOCATED(fields, rows)                                                          \
	HEAD(SIX, ",\"location_fields\":[" fields "]", "3", "2")                       \
	NODES LINKS "\"locations\":[" rows "]," STRINGS
	struct graph_location location;
	(void)state;
	struct heap *h = read_text(LOCATED(FOUR, "12,7,4,2,6,7,1,0,12,8,9,1"));
	assert_true(graph_node_location(heap_graph(h), 2, &location));
	assert_int_equal(location.script_id, 8);
	assert_int_equal(location.line, 10);
	assert_int_equal(location.column, 2);
	heap_destroy(h);
	h = read_text(LOCATED(FOUR ",\"script_object_index\"", "6,7,1,0,12"));
	assert_true(graph_node_location(heap_graph(h), 1, &location));
	assert_int_equal(location.script_id, 7);
	heap_destroy(h);
	expect_failure(LOCATED(FOUR, "5,7,1,0"), "location 0 is of 5");
}

static void test_numbers_too_large_for_their_place_are_kept(void **state)
{
	(void)state;
	struct heap *h = read_text(HEAD(SIX, "", "3", "2") NODES
		"\"edges\":[1,4294967290,6,1,134217727,12]," STRINGS);
	assert_int_equal(graph_edge_number(heap_graph(h), 0), 4294967290);
	assert_int_equal(graph_edge_number(heap_graph(h), 1), 134217727);
	heap_destroy(h);
}

static void test_types_that_are_not_known_keep_their_name(void **state)
{
	static const char text[] =
		"{\"snapshot\":{\"meta\":{\"node_fields\":[" SIX "],\"node_types\":"
		"[[\"synthetic\",\"wasm object\"]]," EDGES "},\"node_count\":3,"
		"\"edge_count\":2},\"nodes\":[0,1,1,0,2,0,1,2,3,8,0,0,7,2,5,16,0,0],"
		"\"edges\":[1,1,6,1,2,12]," STRINGS;
	(void)state;
	struct heap *h = read_text(text);
	assert_string_equal(classes_row(heap_classes(h), 0)->key, ",(undefined)");
	assert_string_equal(classes_row(heap_classes(h), 1)->key, ",(wasm object)");
	heap_destroy(h);
}

/* Attached beats detached, and only native children follow their parent. */
static void test_detached_nodes_are_called_so(void **state)
{
	(void)state;
	struct heap *h = read_text(HEAD(SIX, "", "4",
		"3") "\"nodes\":[9,1,1,0,1,0,8,2,3,8,2,2,8,3,5,8,0,0,3,3,7,8,0,0],"
		     "\"edges\":[1,1,6,2,3,12,2,3,18]," STRINGS);
	assert_string_equal(graph_node_name(heap_graph(h), 1), "Detached Holder");
	assert_string_equal(graph_node_name(heap_graph(h), 2), "Detached held");
	assert_string_equal(graph_node_name(heap_graph(h), 3), "held");
	heap_destroy(h);
}

static void test_shallow_counts_without_a_graph(void **state)
{
	struct err e;
	(void)state;
	struct heap *h = feed(WHOLE, strlen(WHOLE), 7, HEAP_SHALLOW, &e);
	assert_non_null(h);
	assert_null(heap_graph(h));
	assert_false(heap_head(h)->is_exact);
	assert_int_equal(heap_head(h)->total_bytes, 40);
	assert_int_equal(classes_count(heap_classes(h)), 2);
	assert_string_equal(classes_row(heap_classes(h), 0)->key, ",held");
	assert_int_equal(classes_row(heap_classes(h), 0)->shallow_bytes, 24);
	heap_destroy(h);
}

/* What is skipped is counted all the same: the head must not lie about it. */
static void test_shallow_refuses_a_wrong_edge_count(void **state)
{
	static const char *const lies[] = {
		HEAD(SIX, "", "3", "900000000000") NODES LINKS STRINGS,
		HEAD(SIX, "", "3", "1") NODES LINKS STRINGS,
		HEAD(SIX, "", "3", "2") NODES "\"edges\":[]," STRINGS,
		HEAD(SIX, "", "3", "2") NODES "\"edges\":[1,1,6,2,3]," STRINGS,
		HEAD(SIX, "", "3", "2") NODES "\"edges\":[1,1,6,2,3,12,1]," STRINGS,
	};
	(void)state;
	for (size_t i = 0; i < sizeof lies / sizeof lies[0]; i++) {
		for (size_t step = 1; step < strlen(lies[i]); step += 6) {
			struct err e;
			struct heap *h = feed(
				lies[i], strlen(lies[i]), step, HEAP_SHALLOW, &e);
			if (h)
				fail_msg("lie %zu is believed", i);
			assert_int_equal(e.kind, ERR_INPUT);
			assert_non_null(strstr(e.text, "section edges at byte "));
			assert_non_null(strstr(e.text, "of edge_count"));
		}
	}
}

static void test_too_little_memory_is_told_before_it_is_taken(void **state)
{
	struct err e;
	(void)state;
	const char *head = HEAD(SIX, "", "90000000", "250000000");
	struct heap *h = heap_create(&(struct heap_options){HEAP_AUTO, 1 << 30});
	assert_true(heap_feed(h, head, strlen(head), &e));
	assert_false(heap_head(h)->is_exact);
	assert_non_null(strstr(heap_head(h)->why_shallow, "GiB, 1.0 GiB are allowed"));
	heap_destroy(h);
	h = heap_create(&(struct heap_options){HEAP_EXACT, 1 << 30});
	assert_false(heap_feed(h, head, strlen(head), &e));
	assert_int_equal(e.kind, ERR_BUSY);
	assert_false(heap_feed(h, head, strlen(head), &e));
	assert_int_equal(e.kind, ERR_BUSY);
	heap_destroy(h);
}

/* Real ones, damaged: an answer or a clear refusal, never anything else. */
static void test_damage_of_a_real_one_does_no_harm(void **state)
{
	struct buf whole = {0};
	unsigned seed = 12345;
	(void)state;
	golden_bytes(GOLDEN_FOLDER "/c-timers-n12-1.heapsnapshot.zst", &whole);
	for (int i = 0; i < 12; i++) {
		struct err e;
		size_t cut = (size_t)rand_r(&seed) % whole.length;
		struct heap *h = feed(whole.data, cut, 1 << 16, HEAP_EXACT, &e);
		assert_null(h);
		assert_int_equal(e.kind, ERR_INPUT);
		assert_non_null(strstr(e.text, "section "));
	}
	for (int i = 0; i < 12; i++) {
		struct err e;
		size_t at = (size_t)rand_r(&seed) % whole.length;
		char bit = (char)(1 << rand_r(&seed) % 8);
		whole.data[at] ^= bit;
		struct heap *h = feed(
			whole.data, whole.length, 1 << 16, HEAP_EXACT, &e);
		assert_true(h || e.kind == ERR_INPUT || e.kind == ERR_BUSY);
		heap_destroy(h);
		whole.data[at] ^= bit;
	}
	buf_finish(&whole);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_any_size_of_pieces_gives_the_same),
		cmocka_unit_test(test_a_snapshot_cut_anywhere_is_refused),
		cmocka_unit_test(test_space_is_allowed_between_everything),
		cmocka_unit_test(test_what_is_wrong_is_said_with_its_section),
		cmocka_unit_test(test_names_may_look_like_anything),
		cmocka_unit_test(test_fields_are_found_by_name),
		cmocka_unit_test(test_locations_of_every_form),
		cmocka_unit_test(test_numbers_too_large_for_their_place_are_kept),
		cmocka_unit_test(test_types_that_are_not_known_keep_their_name),
		cmocka_unit_test(test_detached_nodes_are_called_so),
		cmocka_unit_test(test_shallow_counts_without_a_graph),
		cmocka_unit_test(test_shallow_refuses_a_wrong_edge_count),
		cmocka_unit_test(test_too_little_memory_is_told_before_it_is_taken),
		cmocka_unit_test(test_damage_of_a_real_one_does_no_harm),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
