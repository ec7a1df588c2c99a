/* Lists of servers: what is read is written again, and every agent's order is its own,
 * fair, and hardly moved by one that comes or goes. */
#include "schema/endpoints.h"
#include "tests/unit/cmocka_all.h"

#include <string.h>

static void a_list_survives_the_trip(void **state)
{
	(void)state;
	struct endpoints list, back;
	struct buf text = {0};
	struct err e;
	assert_true(endpoints_parse(
		" a.example:8471 ,[fd00::1]:9,\t192.0.2.7:65535\n", &list, &e));
	assert_int_equal(list.count, 3);
	assert_string_equal(list.at[1].host, "fd00::1");
	assert_int_equal(list.at[1].port, 9);
	endpoints_format(&list, &text);
	assert_string_equal(text.data, "a.example:8471,[fd00::1]:9,192.0.2.7:65535");
	assert_true(endpoints_parse(text.data, &back, &e));
	assert_true(endpoints_equal(&list, &back));
	back.at[2].port--;
	assert_false(endpoints_equal(&list, &back));
	assert_true(endpoints_parse("  ", &list, &e));
	assert_int_equal(list.count, 0);
	buf_finish(&text);
}

static void wrong_lists_are_refused(void **state)
{
	(void)state;
	static char endless[2000];
	memset(endless, 'a', sizeof endless - 1);
	const struct {
		const char *text, *says;
	} cases[] = {
		{"a", "HOST:PORT"},
		{"a:1,", "HOST:PORT"},
		{",a:1", "HOST:PORT"},
		{"a:1,,b:2", "HOST:PORT"},
		{"a:1 b:2", "port"},
		{"a:0", "port"},
		{"a:1,a:1", "twice"},
		{"a:1,a:2,a:3,a:4,a:5,a:6,a:7,a:8,a:9", "more than 8"},
		{endless, "HOST:PORT"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct endpoints list;
		struct err e;
		assert_false(endpoints_parse(cases[i].text, &list, &e));
		assert_int_equal(e.kind, ERR_INPUT);
		assert_non_null(strstr(e.text, cases[i].says));
	}
}

static void agents_spread_evenly_and_stay(void **state)
{
	(void)state;
	enum { AGENTS = 3000 };
	struct endpoints three, two;
	struct err e;
	int first[3] = {0}, moved = 0;
	assert_true(endpoints_parse("a:1,b:1,c:1", &three, &e));
	assert_true(endpoints_parse("b:1,a:1", &two, &e));
	for (uint32_t id = 1; id <= AGENTS; id++) {
		struct endpoints x = three, y = two, again = three;
		endpoints_rank(&x, id);
		endpoints_rank(&again, id);
		endpoints_rank(&y, id);
		assert_true(endpoints_equal(&x, &again));
		assert_true(endpoints_has(&x, &three.at[0]) &&
			    endpoints_has(&x, &three.at[1]) &&
			    endpoints_has(&x, &three.at[2]));
		first[x.at[0].host[0] - 'a']++;
		moved += x.at[0].host[0] != 'c' && x.at[0].host[0] != y.at[0].host[0];
	}
	for (int i = 0; i < 3; i++)
		assert_true(first[i] > AGENTS / 3 - 150 && first[i] < AGENTS / 3 + 150);
	assert_int_equal(moved, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_list_survives_the_trip),
		cmocka_unit_test(wrong_lists_are_refused),
		cmocka_unit_test(agents_spread_evenly_and_stay),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
