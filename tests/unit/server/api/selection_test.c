#include "server/api/selection.h"
#include "tests/unit/cmocka_all.h"

#include <string.h>

static void parts_are_read_in_any_order(void **state)
{
	(void)state;
	struct selection s;
	struct err e = {0};
	assert_true(selection_parse("a", "service:7", &s, &e));
	assert_int_equal(s.service, 7);
	assert_int_equal(s.version + s.host + s.instance + s.offset_ms, 0);
	assert_true(selection_parse("b",
		"offset:604800000,instance:9,host:3,version:12,service:2147483647", &s,
		&e));
	assert_int_equal(s.service, 2147483647);
	assert_int_equal(s.version, 12);
	assert_int_equal(s.host, 3);
	assert_int_equal(s.instance, 9);
	assert_int_equal(s.offset_ms, 604800000);
	struct arena a;
	arena_init(&a);
	assert_string_equal(selection_text(&s, &a),
		"service:2147483647,version:12,host:3,instance:9,offset:604800000");
	arena_finish(&a);
}

static void what_is_wrong_is_named(void **state)
{
	(void)state;
	static const struct {
		const char *text, *says;
	} cases[] = {
		{"version:3", "c: service is missing"},
		{"service:7,colour:3", "c: 'colour:3' is no part of a selection"},
		{"service:7,", "c: '' is no part"},
		{",service:7", "c: '' is no part"},
		{"service", "c: 'service': service must be a whole number"},
		{"service:", "c: 'service:': service must be a whole number"},
		{"service:0", "c: 'service:0': service must"},
		{"service:-1", "c: 'service:-1': service must"},
		{"service:1x", "c: 'service:1x': service must"},
		{"service: 1", "c: 'service: 1': service must"},
		{"service:2147483648", "from 1 to 2147483647"},
		{"service:99999999999999999999999999",
			"service must be a whole number"},
		{"service:7,host:web-1", "c: 'host:web-1': host must"},
		{"service:7,offset:34560000001", "from 1 to 34560000000"},
		{"service:7,service:8", "c: service is given twice"},
		{"servic:7", "c: 'servic:7' is no part"},
		{"services:7", "c: 'services:7' is no part"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct selection s = {.service = 77};
		struct err e = {0};
		assert_false(selection_parse("c", cases[i].text, &s, &e));
		assert_int_equal(e.kind, ERR_INPUT);
		assert_int_equal(s.service, 77);
		if (!strstr(e.text, cases[i].says))
			fail_msg("%s: \"%s\" lacks \"%s\"", cases[i].text, e.text,
				cases[i].says);
	}
}

static void offsets_are_said_in_whole_units(void **state)
{
	(void)state;
	struct arena a;
	arena_init(&a);
	assert_null(selection_offset_words(0, &a));
	assert_string_equal(selection_offset_words(86400000, &a), "1 day before");
	assert_string_equal(selection_offset_words(604800000, &a), "7 days before");
	assert_string_equal(selection_offset_words(7200000, &a), "2 h before");
	assert_string_equal(selection_offset_words(5400000, &a), "90 min before");
	arena_finish(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parts_are_read_in_any_order),
		cmocka_unit_test(what_is_wrong_is_named),
		cmocka_unit_test(offsets_are_said_in_whole_units),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
