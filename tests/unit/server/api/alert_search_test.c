/* What people type to find alerts. */
#include "server/api/alert_search.h"

#include "common/buf.h"
#include "tests/unit/cmocka_all.h"

#include <string.h>

static struct arena arena;

static int set_up(void **state)
{
	(void)state;
	arena_init(&arena);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	arena_finish(&arena);
	return 0;
}

static const char *joined(struct alerts_texts list)
{
	struct buf b = {0};
	buf_text(&b, "");
	for (size_t i = 0; i < list.count; i++)
		buf_printf(&b, "%s[%s]", i ? " " : "", list.texts[i]);
	const char *text = arena_strndup(&arena, b.data ? b.data : "", b.length);
	buf_finish(&b);
	return text;
}

static struct alerts_filter parsed(const char *text)
{
	struct alerts_filter filter = {0};
	struct err e;
	if (!alert_search_parse(text, "bob", &arena, &filter, &e))
		fail_msg("%s: %s", text, e.text);
	return filter;
}

static void refused(const char *text, const char *why)
{
	struct alerts_filter filter = {0};
	struct err e;
	assert_false(alert_search_parse(text, "bob", &arena, &filter, &e));
	assert_int_equal(e.kind, ERR_INPUT);
	if (!strstr(e.text, why))
		fail_msg("'%s' does not say '%s'", e.text, why);
}

static void terms_and_words_are_told_apart(void **state)
{
	(void)state;
	struct alerts_filter f = parsed(
		"  is:new service:checkout kind:leak host:web-* version:1.1.0 "
		"cause:\"@pm2/io\"  listener  server.js:12:5 ");
	assert_string_equal(joined(f.inboxes), "[new]");
	assert_string_equal(joined(f.services), "[checkout]");
	assert_string_equal(joined(f.kinds), "[leak]");
	assert_string_equal(joined(f.hosts), "[web-*]");
	assert_string_equal(joined(f.versions), "[1.1.0]");
	assert_string_equal(joined(f.causes), "[@pm2/io]");
	assert_string_equal(joined(f.words), "[listener] [server.js:12:5]");
	assert_string_equal(joined(f.owners), "");
	assert_string_equal(joined(parsed(" \t ").words), "");
}

static void terms_of_one_name_are_alternatives(void **state)
{
	(void)state;
	struct alerts_filter f = parsed(
		"is:open is:archived owner:me owner:none owner:ada");
	assert_string_equal(
		joined(f.inboxes), "[new] [escalating] [regressed] [archived]");
	assert_string_equal(joined(f.owners), "[bob] [] [ada]");
}

static void quotes_keep_spaces_and_colons(void **state)
{
	(void)state;
	struct alerts_filter f = parsed("service:\"my shop\" \"http://x y\" is\"x\"");
	assert_string_equal(joined(f.services), "[my shop]");
	assert_string_equal(joined(f.words), "[http://x y] [isx]");
	/* Still typing. */
	assert_string_equal(joined(parsed("service:\"my sh").services), "[my sh]");
	assert_string_equal(joined(parsed("\"").words), "");
	assert_string_equal(joined(parsed("<img> \u202eabc 泄漏:x").words),
		"[<img>] [\u202eabc] [泄漏:x]");
}

static void what_is_not_known_is_named(void **state)
{
	(void)state;
	refused("sevrice:checkout", "'sevrice:'");
	refused("Service:checkout", "'Service:'");
	refused("http://x", "'http:'");
	refused("is:broken", "is:broken");
	refused("kind:memory", "kind:memory");
	refused("is:", "is: has no value");
	refused("owner:\"\"", "owner: has no value");
}

static void terms_have_a_limit(void **state)
{
	(void)state;
	struct buf b = {0};
	for (int i = 0; i < ALERT_SEARCH_TERMS_MAX; i++)
		buf_text(&b, "is:open ");
	assert_int_equal(parsed(b.data).inboxes.count, 3 * ALERT_SEARCH_TERMS_MAX);
	buf_text(&b, "x");
	refused(b.data, "more than 32 terms");
	buf_finish(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(terms_and_words_are_told_apart),
		cmocka_unit_test(terms_of_one_name_are_alternatives),
		cmocka_unit_test(quotes_keep_spaces_and_colons),
		cmocka_unit_test(what_is_not_known_is_named),
		cmocka_unit_test(terms_have_a_limit),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
