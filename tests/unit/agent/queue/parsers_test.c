/* What foreign servers say: expositions, paths into JSON, answers of Redis. */
#include "agent/queue/exposition.h"
#include "agent/queue/json_path.h"
#include "agent/queue/resp.h"

#include "tests/unit/cmocka_all.h"

#include <math.h>
#include <string.h>

static struct exposition walk(const char *text)
{
	return (struct exposition){text, text + strlen(text), 0};
}

static void reads_series(void **state)
{
	(void)state;
	struct exposition x = walk(
		"# HELP jobs Jobs\n"
		"# TYPE jobs gauge\n"
		"\n"
		"jobs{queue=\"mail\",state=\"a\\\"b\\\\\\n\",} 12 1700000000\r\n"
		"  up 1\n"
		"rate{le=\"+Inf\"} +Inf\n"
		"ns:total 1.5e3 # {trace=\"x\"} 1");
	struct exposition_series s;
	assert_true(exposition_next(&x, &s));
	assert_string_equal(s.metric, "jobs");
	assert_int_equal(s.label_count, 2);
	assert_string_equal(exposition_label(&s, "state"), "a\"b\\\n");
	assert_null(exposition_label(&s, "none"));
	assert_true(s.value == 12);
	assert_true(exposition_next(&x, &s));
	assert_string_equal(s.metric, "up");
	assert_true(exposition_next(&x, &s));
	assert_true(isinf(s.value));
	assert_true(exposition_next(&x, &s));
	assert_string_equal(s.metric, "ns:total");
	assert_true(s.value == 1500);
	assert_false(exposition_next(&x, &s));
	assert_int_equal(x.refused, 0);
}

static void skips_and_counts_what_is_none(void **state)
{
	(void)state;
	struct exposition x = walk("<html>\njobs{queue=\"mail} 1\njobs{queue} 1\n"
				   "1jobs 1\njobs\njobs x\njobs{a=\"b\"} 1x\nok 2\n");
	struct exposition_series s;
	assert_true(exposition_next(&x, &s));
	assert_string_equal(s.metric, "ok");
	assert_false(exposition_next(&x, &s));
	assert_int_equal(x.refused, 7);
}

static void refuses_what_is_too_long(void **state)
{
	(void)state;
	char line[4096];
	struct exposition_series s;
	memset(line, 'a', sizeof line);
	strcpy(line + sizeof line - 8, " 1\nb 2\n");
	struct exposition x = walk(line);
	assert_true(exposition_next(&x, &s));
	assert_string_equal(s.metric, "b");
	assert_int_equal(x.refused, 1);
}

static void selects_by_exact_labels(void **state)
{
	(void)state;
	struct exposition_series wanted, s;
	struct err e;
	struct exposition x = walk("jobs{queue=\"mail\",state=\"waiting\"} 1\n"
				   "jobs{queue=\"mailbox\",state=\"waiting\"} 1\n"
				   "jobs_total{queue=\"mail\"} 1\n");
	assert_true(exposition_select("jobs{ queue = \"mail\" }", &wanted, &e));
	assert_true(exposition_next(&x, &s));
	assert_true(exposition_matches(&wanted, &s));
	assert_true(exposition_next(&x, &s));
	assert_false(exposition_matches(&wanted, &s));
	assert_true(exposition_next(&x, &s));
	assert_false(exposition_matches(&wanted, &s));
	assert_false(exposition_select("jobs{queue=mail}", &wanted, &e));
	assert_false(exposition_select("jobs 1", &wanted, &e));
	assert_false(exposition_select("", &wanted, &e));
}

static void follows_paths(void **state)
{
	(void)state;
	json_t *d = json_loads("{\"a\":{\"b\":[{\"c\":7},{\"c\":\"8.5\"}],"
			       "\"d.e\":true},\"n\":null,\"x\":\"y\"}",
		0, NULL);
	double out;
	struct err e;
	static const struct {
		const char *path;
		double value; /* below 0: refused */
	} cases[] = {
		{"a.b[0].c", 7},
		{"a.b[1].c", 8.5},
		{"a.b", 2},
		{"a.\"d.e\"", 1},
		{"a.b[2].c", -1},
		{"a.b[0", -1},
		{"a.b[x]", -1},
		{"a..b", -1},
		{"a.", -1},
		{".a", -1},
		{"a[0]", -1},
		{"n", -1},
		{"x", -1},
		{"a.\"d", -1},
		{"a.b[99999999999999999999]", -1},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		bool ok = json_path_number(d, cases[i].path, &out, &e);
		if (ok != (cases[i].value >= 0) || (ok && out != cases[i].value))
			fail_msg("%s", cases[i].path);
	}
	json_decref(d);
}

static void reads_answers_cut_anywhere(void **state)
{
	(void)state;
	static const char bytes[] = "+OK\r\n:12\r\n$-1\r\n*-1\r\n$3\r\na\0b\r\n"
				    "*2\r\n*1\r\n$1\r\nx\r\n:5\r\n-ERR no\r\n*0\r\n";
	for (size_t step = 1; step < sizeof bytes; step++) {
		struct resp *r = resp_create();
		struct arena a;
		const struct resp_value *got[8];
		size_t count = 0;
		struct err e;
		arena_init(&a);
		resp_begin(r, &a);
		for (size_t i = 0; i < sizeof bytes - 1; i += step) {
			size_t left = sizeof bytes - 1 - i;
			assert_true(
				resp_feed(r, bytes + i, left < step ? left : step, &e));
			while (count < 8) {
				assert_true(resp_next(r, &got[count], &e));
				if (!got[count])
					break;
				count++;
			}
		}
		assert_int_equal(count, 8);
		int64_t number;
		assert_true(resp_number(got[1], &number));
		assert_int_equal(number, 12);
		assert_int_equal(got[2]->type, RESP_NIL);
		assert_int_equal(got[4]->length, 3);
		assert_string_equal(got[5]->items[0]->items[0]->text, "x");
		assert_int_equal(got[5]->items[1]->number, 5);
		assert_int_equal(got[6]->type, RESP_REFUSAL);
		assert_int_equal(got[7]->count, 0);
		arena_finish(&a);
		resp_destroy(r);
	}
}

static void refuses_answers_without_bounds(void **state)
{
	(void)state;
	static const char *const wrong[] = {"*100000\r\n", "*2147483647\r\n",
		"*99999999999\r\n", "$-5\r\n", "HTTP/1.1 400 Bad Request\r\n",
		"*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n:1\r\n",
		":abc\r\n", "*60000\r\n:1\r\n*60000\r\n"};
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		struct resp *r = resp_create();
		struct arena a;
		const struct resp_value *v;
		struct err e;
		arena_init(&a);
		resp_begin(r, &a);
		assert_true(resp_feed(r, wrong[i], strlen(wrong[i]), &e));
		if (resp_next(r, &v, &e))
			fail_msg("'%s' was taken", wrong[i]);
		arena_finish(&a);
		resp_destroy(r);
	}
}

static void stops_at_too_many_bytes(void **state)
{
	(void)state;
	struct resp *r = resp_create();
	struct arena a;
	static char chunk[1 << 16];
	struct err e;
	arena_init(&a);
	resp_begin(r, &a);
	memset(chunk, 'x', sizeof chunk);
	chunk[0] = '+';
	int fed = 0;
	while (fed < 1000 && resp_feed(r, chunk, sizeof chunk, &e))
		fed++;
	assert_int_equal(fed, RESP_BYTES_MAX / (int)sizeof chunk);
	arena_finish(&a);
	resp_destroy(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_series),
		cmocka_unit_test(skips_and_counts_what_is_none),
		cmocka_unit_test(refuses_what_is_too_long),
		cmocka_unit_test(selects_by_exact_labels),
		cmocka_unit_test(follows_paths),
		cmocka_unit_test(reads_answers_cut_anywhere),
		cmocka_unit_test(refuses_answers_without_bounds),
		cmocka_unit_test(stops_at_too_many_bytes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
