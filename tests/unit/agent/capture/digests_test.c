/* The newest digest of each process is kept, and only its own is found. */
#include "agent/capture/digests.h"

#include "tests/unit/agent/folder.h"
#include "tests/unit/cmocka_all.h"

/* The smallest heap: a root and one object. */
static struct heap *small_heap(void)
{
	static const char text[] =
		"{\"snapshot\":{\"meta\":{\"node_fields\":[\"type\",\"name\",\"id\","
		"\"self_size\",\"edge_count\",\"trace_node_id\",\"detachedness\"],"
		"\"node_types\":[[\"hidden\",\"array\",\"string\",\"object\",\"code\","
		"\"closure\",\"regexp\",\"number\",\"native\",\"synthetic\"],"
		"\"string\","
		"\"number\",\"number\",\"number\",\"number\",\"number\"],"
		"\"edge_fields\":[\"type\",\"name_or_index\",\"to_node\"],"
		"\"edge_types\":[[\"context\",\"element\",\"property\",\"internal\","
		"\"hidden\",\"shortcut\",\"weak\"],\"string_or_number\",\"node\"],"
		"\"trace_function_info_fields\":[],\"trace_node_fields\":[],"
		"\"sample_fields\":[],\"location_fields\":[\"object_index\","
		"\"script_id\",\"line\",\"column\"]},\"node_count\":2,\"edge_count\":1,"
		"\"trace_function_count\":0},\"nodes\":[9,1,1,0,1,0,0,3,2,3,16,0,0,0],"
		"\"edges\":[1,1,7],\"trace_function_infos\":[],\"trace_tree\":[],"
		"\"samples\":[],\"locations\":[],\"strings\":[\"<dummy>\",\"\","
		"\"Thing\"]}";
	const struct heap_options options = {.mode = HEAP_EXACT};
	struct heap *h = heap_create(&options);
	struct err e;
	if (!heap_feed(h, text, sizeof text - 1, &e) || !heap_end(h, &e))
		fail_msg("%s", e.text);
	return h;
}

static void keep(const struct folder *f, const struct digests_owner *o, int64_t at_ms)
{
	struct err e;
	struct heap *h = small_heap();
	struct digest *d = digest_create(h, LIKENESS_ID, "x", at_ms);
	if (!digests_keep(f->path, o, d, &e))
		fail_msg("%s", e.text);
	digest_destroy(d);
	heap_destroy(h);
}

/* When the newest was taken; 0: there is none. */
static int64_t newest(const struct folder *f, const struct digests_owner *o)
{
	struct err e;
	struct digest *d = NULL;
	if (!digests_find(f->path, o, 1 << 20, &d, &e))
		fail_msg("%s", e.text);
	int64_t at_ms = d ? digest_facts(d)->taken_unix_ms : 0;
	digest_destroy(d);
	return at_ms;
}

static size_t count(const struct folder *f)
{
	struct folder digests;
	char names[80][64];
	snprintf(digests.path, sizeof digests.path, "%.50s/digests", f->path);
	return folder_names(&digests, "0", names, 80);
}

static void the_newest_of_each_stays(void **state)
{
	struct folder f;
	const struct digests_owner one = {"5d1dd9d5-3f4e", 7, 100},
				   reused = {"5d1dd9d5-3f4e", 7, 200},
				   rebooted = {"aaaaaaaa-3f4e", 7, 100};
	(void)state;
	folder_make(&f);
	assert_int_equal(newest(&f, &one), 0);
	for (int64_t i = 1; i <= 5; i++)
		keep(&f, &one, INT64_C(1700000000000) + i * 10);
	assert_int_equal(newest(&f, &one), INT64_C(1700000000050));
	assert_int_equal(newest(&f, &reused), 0);
	assert_int_equal(newest(&f, &rebooted), 0);
	assert_int_equal(count(&f), 1);
	keep(&f, &reused, INT64_C(1700000000000));
	assert_int_equal(newest(&f, &reused), INT64_C(1700000000000));
	assert_int_equal(count(&f), 2);
	folder_remove(&f);
}

static void those_of_processes_long_gone_leave(void **state)
{
	struct folder f;
	struct digests_owner o = {"5d1dd9d5-3f4e", 1, 100};
	(void)state;
	folder_make(&f);
	for (uint32_t i = 0; i < DIGESTS_ALL + 4; i++) {
		o.pid = 1 + i;
		keep(&f, &o, INT64_C(1700000000000) + i * 10);
	}
	assert_int_equal(count(&f), DIGESTS_ALL);
	o.pid = 4;
	assert_int_equal(newest(&f, &o), 0);
	o.pid = 5;
	assert_int_equal(newest(&f, &o), INT64_C(1700000000040));
	folder_remove(&f);
}

/* Files without blocks on the disk count with the size that they say they have. */
static void the_oldest_leave_when_all_are_too_large(void **state)
{
	struct folder f;
	struct digests_owner o = {"5d1dd9d5-3f4e", 1, 100};
	(void)state;
	folder_make(&f);
	for (uint32_t i = 0; i < 4; i++) {
		char name[64];
		o.pid = 1 + i;
		keep(&f, &o, INT64_C(1700000000000) + i * 10);
		snprintf(name, sizeof name, "digests/5d1dd9d5-%u-100-%lld", o.pid,
			1700000000000LL + i * 10);
		assert_int_equal(
			truncate(folder_file(&f, name), DIGESTS_BYTES_MAX / 2 + 1000),
			0);
		assert_int_equal(count(&f), i < 2 ? i + 1 : 2);
	}
	o.pid = 9;
	keep(&f, &o, INT64_C(1700000000090));
	assert_int_equal(count(&f), 2);
	assert_int_equal(newest(&f, &o), INT64_C(1700000000090));
	const struct buf huge = {.length = (size_t)DIGESTS_BYTES_MAX + 1};
	struct err e;
	assert_false(digests_store(f.path, &o, INT64_C(1700000000100), &huge, &e));
	assert_non_null(strstr(e.text, "the digest of process 9 is larger than"));
	assert_int_equal(count(&f), 2);
	folder_remove(&f);
}

static void a_damaged_one_is_told(void **state)
{
	struct folder f;
	struct err e;
	struct digest *d = NULL;
	const struct digests_owner o = {"5d1dd9d5-3f4e", 7, 100};
	(void)state;
	folder_make(&f);
	keep(&f, &o, INT64_C(1700000000000));
	folder_store(
		folder_file(&f, "digests/5d1dd9d5-7-100-1700000000000"), "rubbish", 7);
	assert_false(digests_find(f.path, &o, 1 << 20, &d, &e));
	assert_non_null(strstr(e.text, "the last digest of process 7"));
	folder_remove(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_newest_of_each_stays),
		cmocka_unit_test(those_of_processes_long_gone_leave),
		cmocka_unit_test(the_oldest_leave_when_all_are_too_large),
		cmocka_unit_test(a_damaged_one_is_told),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
