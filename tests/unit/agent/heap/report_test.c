/* Reports: the JSON that others read, and text that is safe to show. */
#include "agent/heap/report.h"

#include "agent/heap/verdict.h"
#include "tests/unit/agent/heap/maker.h"
#include "tests/unit/cmocka_all.h"

static struct maker m;

static void make(uint32_t count)
{
	maker_start(&m);
	uint32_t queue = maker_node(&m, MAKER_OBJECT, "Que\x1b[31mue", 100);
	maker_edge(&m, m.global, MAKER_PROPERTY, "queue\n", queue);
	for (uint32_t i = 0; i < count; i++) {
		m.next_id = 1001 + 10 * i;
		uint32_t f = maker_function(&m, "onError", "lib/app.js", 11, 42);
		uint32_t context = maker_node(
			&m, MAKER_OBJECT, "system / Context", 5000);
		maker_element(&m, queue, i, f);
		maker_edge(&m, f, MAKER_INTERNAL, "context", context);
	}
}

static void expect(const struct buf *b, const char *part)
{
	if (!strstr(b->data, part))
		fail_msg("%s\nis not in\n%s", part, b->data);
}

struct pair {
	struct digest *before;
	struct heap *after;
	struct diff *diff;
	struct arena arena;
};

static void compare(struct pair *p)
{
	*p = (struct pair){0};
	make(2);
	struct heap *h = maker_heap(&m);
	p->before = digest_create(h, LIKENESS_ID, "", 0);
	heap_destroy(h);
	maker_finish(&m);
	make(22);
	p->after = maker_heap(&m);
	maker_finish(&m);
	p->diff = diff_create(
		p->before, heap_graph(p->after), heap_classes(p->after), DIFF_SAME);
}

static void finish(struct pair *p)
{
	diff_destroy(p->diff);
	digest_destroy(p->before);
	heap_destroy(p->after);
	arena_finish(&p->arena);
}

static void growth_says_object_path_and_child(void **state)
{
	(void)state;
	struct pair p;
	struct buf b = {0};
	struct json j;
	compare(&p);
	const struct describe d = {
		heap_graph(p.after), heap_classes(p.after), NULL, &p.arena};
	const struct growth *w = growth_find(
		p.diff, p.before, d.graph, d.classes, &p.arena);
	struct snapshot_growth g = verdict_describe(w, p.diff, p.before, &d, 5);
	json_init(&j, &b);
	report_growth_json(&j, &d, w, &g);
	expect(&b, "{\"verdict\":\"accumulation\",\"words\":\"100 % of 98.9 KiB");
	expect(&b, "\"object\":{\"id\":5,\"name\":\"Que\\u001b[31mue\",");
	expect(&b, "\"path\":[{\"edge\":\"queue\\n\",\"edgeType\":\"property\","
		   "\"id\":3,\"name\":\"global\",\"location\":\"\"}]");
	expect(&b, "\"child\":{\"name\":\"onError()\",\"class\":\"Function\","
		   "\"location\":\"lib/app.js:11:42\",\"count\":20,"
		   "\"bytes\":101280}");
	expect(&b, "\"grownBytes\":101280,\"explainedBytes\":101280,\"share\":1}");
	buf_finish(&b);
	finish(&p);
}

static void rows_are_those_of_the_comparison(void **state)
{
	(void)state;
	struct pair p;
	struct buf b = {0};
	struct json j;
	compare(&p);
	json_init(&j, &b);
	report_diff_json(&j, p.diff, SIZE_MAX);
	assert_string_equal(b.data,
		"[{\"key\":\",system / Context\",\"name\":\"system / Context\","
		"\"addedCount\":20,\"removedCount\":0,\"countDelta\":20,"
		"\"addedSize\":100000,\"removedSize\":0,\"sizeDelta\":100000},"
		"{\"key\":\",Function\",\"name\":\"Function\",\"addedCount\":20,"
		"\"removedCount\":0,\"countDelta\":20,\"addedSize\":1280,"
		"\"removedSize\":0,\"sizeDelta\":1280}]");
	buf_reset(&b);
	json_init(&j, &b);
	report_diff_json(&j, p.diff, 1);
	assert_null(strstr(b.data, "Function"));
	buf_finish(&b);
	finish(&p);
}

static void holders_are_said(void **state)
{
	(void)state;
	struct pair p;
	struct buf b = {0};
	struct json j;
	compare(&p);
	json_init(&j, &b);
	json_object(&j);
	report_holders_json(&j, p.after, 10);
	json_end(&j);
	expect(&b, "{\"accumulators\":[{\"object\":{\"id\":5,");
	expect(&b, "\"retained\":111508,\"path\":[");
	expect(&b, "\"count\":22,\"bytes\":111408}}],\"fanout\":[");
	expect(&b, "\"references\":22,");
	buf_finish(&b);
	finish(&p);
}

/* A heap must not steer the terminal of who reads it. */
static void text_holds_nothing_that_a_terminal_obeys(void **state)
{
	(void)state;
	struct pair p;
	struct buf b = {0};
	compare(&p);
	report_holders_text(&b, p.after, 10);
	assert_non_null(strchr(b.data, '\x1b'));
	report_clean(&b);
	assert_null(strchr(b.data, '\x1b'));
	assert_non_null(strstr(b.data, "Que?[31mue"));
	assert_non_null(strstr(b.data, "22 × onError() (lib/app.js:11:42)"));
	buf_reset(&b);
	buf_text(&b, "é\xc2\x9b\x80 \x7f\r\n←");
	report_clean(&b);
	assert_string_equal(b.data, "é??? ??\n←");
	buf_finish(&b);
	finish(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(growth_says_object_path_and_child),
		cmocka_unit_test(rows_are_those_of_the_comparison),
		cmocka_unit_test(holders_are_said),
		cmocka_unit_test(text_holds_nothing_that_a_terminal_obeys),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
