/*
 * The case of an alert: what may be its cause, alerts inside others and split off, and
 * the answers that the console's tests use.
 */
#include "tests/support/api.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* After what it needs. */
#include <cmocka.h>

#include "tests/support/golden.h"

static char ada[256], bob[256], eve[256];

static int set_up(void **state)
{
	char cookie[128];
	api_set_up(state);
	api_run_script(TIDEMARK_SOURCE_DIR "/tests/support/api_cases.sql");
	api_log_in("ada", cookie);
	snprintf(ada, sizeof ada, "%s" API_JSON, cookie);
	api_log_in("bob", cookie);
	snprintf(bob, sizeof bob, "%s" API_JSON, cookie);
	api_log_in("eve", cookie);
	snprintf(eve, sizeof eve, "%s" API_JSON, cookie);
	return 0;
}

static void holds(const struct http_reply *r, int status, const char *text)
{
	if (r->status != status || !strstr(r->body.data, text))
		fail_msg("%d, not %d with '%s': %s", r->status, status, text,
			r->body.data);
}

static void lacks(const struct http_reply *r, const char *text)
{
	if (strstr(r->body.data, text))
		fail_msg("holds '%s': %s", text, r->body.data);
}

static void answers_are_the_golden_files(void **state)
{
	(void)state;
	static const struct {
		const char *name, *target;
	} gets[] = {
		{"hypotheses", "/api/v1/alerts/1/hypotheses"},
		{"silences", "/api/v1/silences?state=active,pending,expired"},
		{"silence_preview", "/api/v1/silences/preview?service=check*"},
		{"alert_silenced", "/api/v1/alerts/1"},
	};
	for (size_t i = 0; i < sizeof gets / sizeof *gets; i++) {
		scoped_reply struct http_reply r;
		api_ask("GET", gets[i].target, eve, NULL, &r);
		assert_int_equal(r.status, 200);
		golden_compare(gets[i].name, &r);
	}
}

static void ask(const char *method, const char *target, const char *who,
	const char *if_match, const char *body, struct http_reply *r)
{
	char all[384];
	snprintf(all, sizeof all, "%s%s%s%s", who, if_match ? "If-Match: " : "",
		if_match ? if_match : "", if_match ? "\r\n" : "");
	api_ask(method, target, all, body, r);
}

static int64_t id_of(const struct http_reply *r)
{
	const char *at = strstr(r->body.data, "\"id\":");
	assert_non_null(at);
	return atoll(at + 5);
}

static void people_keep_a_table_of_hypotheses(void **state)
{
	(void)state;
	scoped_reply struct http_reply a, b, c, d, e, f, g, h, i;
	char target[96];
	ask("POST", "/api/v1/alerts/1/hypotheses", bob, NULL,
		"{\"cause\":\"<b>the cart\",\"test\":\"read it\"}", &a);
	holds(&a, 201, "\"cause\":\"\\u003cb\\u003ethe cart\"");
	holds(&a, 201, "\"verdict\":\"open\",\"remark\":\"\",\"author\":\"bob\"");
	snprintf(target, sizeof target, "/api/v1/hypotheses/%" PRId64, id_of(&a));
	ask("PUT", target, bob, "\"1\"",
		"{\"cause\":\"the cart\",\"verdict\":\"refuted\"}", &b);
	holds(&b, 200, "\"verdict\":\"refuted\"");
	holds(&b, 200, "\"revision\":2");
	ask("PUT", target, bob, "\"1\"", "{\"cause\":\"late\"}", &c);
	holds(&c, 412, "read again");
	ask("PUT", target, eve, NULL, "{\"cause\":\"mine\"}", &d);
	holds(&d, 403, "needs the role operator");
	ask("PUT", "/api/v1/hypotheses/1", bob, NULL, "{\"cause\":\"mine\"}", &e);
	holds(&e, 403, "this is ada's");
	ask("PUT", target, ada, NULL, "{\"cause\":\"by an admin\"}", &f);
	holds(&f, 200, "by an admin");
	ask("DELETE", target, bob, NULL, NULL, &g);
	assert_int_equal(g.status, 204);
	ask("DELETE", target, bob, NULL, NULL, &h);
	holds(&h, 404, "no hypothesis");
	ask("GET", "/api/v1/alerts/1", eve, NULL, NULL, &i);
	holds(&i, 200, "\"kind\":\"hypothesis\",\"text\":\"Withdrawn: by an admin\"");
}

static void bad_hypotheses_are_refused(void **state)
{
	(void)state;
	static const struct {
		const char *target, *body, *pointer;
		int status;
	} bad[] = {
		{"/api/v1/alerts/1/hypotheses", "{}", "/cause", 400},
		{"/api/v1/alerts/1/hypotheses", "{\"cause\":\" \"}", "/cause", 400},
		{"/api/v1/alerts/1/hypotheses",
			"{\"cause\":\"x\",\"verdict\":\"maybe\"}", "/verdict", 400},
		{"/api/v1/alerts/1/hypotheses", "{\"cause\":\"x\",\"why\":\"y\"}",
			"not known", 400},
		{"/api/v1/alerts/77/hypotheses", "{\"cause\":\"x\"}", "no alert", 404},
	};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		scoped_reply struct http_reply r;
		ask("POST", bad[i].target, bob, NULL, bad[i].body, &r);
		holds(&r, bad[i].status, bad[i].pointer);
	}
	scoped_reply struct http_reply r;
	ask("GET", "/api/v1/alerts/77/hypotheses", eve, NULL, NULL, &r);
	holds(&r, 404, "no alert");
}

static void remarks_are_put_on_tidemarks_own(void **state)
{
	(void)state;
	scoped_reply struct http_reply a, b, c, d, e;
	ask("PUT", "/api/v1/alerts/1/hypotheses/load", bob, "\"1\"",
		"{\"remark\":\"so it is\"}", &a);
	holds(&a, 200, "\"key\":\"load\"");
	holds(&a, 200, "\"remark\":\"so it is\",\"author\":\"bob\"");
	holds(&a, 200, "\"revision\":2");
	ask("PUT", "/api/v1/alerts/1/hypotheses/load", ada, "\"1\"",
		"{\"remark\":\"late\"}", &b);
	holds(&b, 412, "read again");
	ask("PUT", "/api/v1/alerts/1/hypotheses/%6Coad", ada, "\"2\"",
		"{\"remark\":\"\"}", &c);
	holds(&c, 200, "\"revision\":3");
	ask("PUT", "/api/v1/alerts/1/hypotheses/package:%40none%2Fsuch", ada, NULL,
		"{\"remark\":\"x\"}", &d);
	holds(&d, 404, "no such hypothesis");
	ask("PUT", "/api/v1/alerts/1/hypotheses/", ada, NULL, "{\"remark\":\"x\"}", &e);
	assert_int_equal(e.status, 404);
}

static void alerts_go_into_one_another_and_come_out(void **state)
{
	(void)state;
	scoped_reply struct http_reply a, b, c, d, e, f, g, h, i, j, k;
	ask("POST", "/api/v1/alerts/1/merge", eve, NULL, "{\"alerts\":[4]}", &a);
	assert_int_equal(a.status, 403);
	ask("POST", "/api/v1/alerts/1/merge", bob, "\"2\"", "{\"alerts\":[3,4]}", &b);
	holds(&b, 200, "\"merged\":[3,4]");
	golden_compare("alert_merged", &b);
	ask("POST", "/api/v1/alerts/1/undo", bob, NULL, "{}", &i);
	holds(&i, 200, "\"merged\":[]");
	ask("POST", "/api/v1/alerts/1/merge", bob, NULL, "{\"alerts\":[3,4]}", &j);
	holds(&j, 200, "\"merged\":[3,4]");
	ask("GET", "/api/v1/alerts", eve, NULL, NULL, &c);
	lacks(&c, "\"id\":4,\"state\"");
	scoped_reply struct http_reply fleet;
	ask("GET", "/api/v1/services", eve, NULL, NULL, &fleet);
	holds(&fleet, 200, "\"open_alerts\":1");
	lacks(&fleet, "\"open_alerts\":2");
	ask("POST", "/api/v1/alerts/1/merge", bob, "\"2\"", "{\"alerts\":[2]}", &d);
	holds(&d, 412, "moved on to revision");
	ask("POST", "/api/v1/alerts/4/merge", bob, NULL, "{\"alerts\":[2]}", &e);
	holds(&e, 409, "the alert is inside alert 1");
	ask("POST", "/api/v1/alerts/1/unmerge", bob, NULL, "{\"alerts\":[2]}", &f);
	holds(&f, 400, "alert 2 is not inside this one");
	ask("POST", "/api/v1/alerts/1/unmerge", bob, NULL, "{\"alerts\":[3,4]}", &g);
	holds(&g, 200, "\"merged\":[]");
	ask("POST", "/api/v1/alerts/1/undo", bob, NULL, "{}", &k);
	holds(&k, 200, "\"merged\":[3,4]");
	scoped_reply struct http_reply l;
	ask("POST", "/api/v1/alerts/1/unmerge", bob, NULL, "{\"alerts\":[3,4]}", &l);
	ask("GET", "/api/v1/alerts", eve, NULL, NULL, &h);
	holds(&h, 200, "\"id\":4,\"state\":\"open\"");
}

static void bad_merges_are_refused(void **state)
{
	(void)state;
	static const struct {
		const char *target, *body, *text;
		int status;
	} bad[] = {
		{"/api/v1/alerts/1/merge", "{\"alerts\":[1]}", "inside itself", 400},
		{"/api/v1/alerts/1/merge", "{\"alerts\":[77]}",
			"no alert has the id 77", 400},
		{"/api/v1/alerts/1/merge", "{\"alerts\":[]}", "1 to 50 ids", 400},
		{"/api/v1/alerts/1/merge", "{\"alerts\":[4,4]}", "twice", 400},
		{"/api/v1/alerts/1/merge", "{\"alerts\":[\"4\"]}", "must hold ids",
			400},
		{"/api/v1/alerts/1/merge", "{}", "1 to 50 ids", 400},
		{"/api/v1/alerts/77/merge", "{\"alerts\":[1]}", "no alert", 404},
		{"/api/v1/alerts/3/merge", "{\"alerts\":[1]}", "alert 1 is not", 409},
		{"/api/v1/alerts/1/split", "{\"instances\":[3,4]}", "must stay", 400},
		{"/api/v1/alerts/1/split", "{\"instances\":[1]}", "not inside", 400},
		{"/api/v1/alerts/3/split", "{\"instances\":[1]}", "resolved", 409},
	};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		scoped_reply struct http_reply r;
		ask("POST", bad[i].target, bob, NULL, bad[i].body, &r);
		holds(&r, bad[i].status, bad[i].text);
	}
}

static void instances_get_an_alert_of_their_own(void **state)
{
	(void)state;
	scoped_reply struct http_reply a, b, c;
	ask("POST", "/api/v1/alerts/1/split", bob, NULL,
		"{\"instances\":[4],\"note\":\"another cache\"}", &a);
	holds(&a, 201, "\"split_from\":1");
	golden_compare("alert_split", &a);
	ask("GET", "/api/v1/alerts/1", eve, NULL, NULL, &b);
	holds(&b, 200, "\"instances_leaking\":1");
	holds(&b, 200, "1 instance to alert 1001: another cache");
	ask("POST", "/api/v1/alerts/1/merge", bob, NULL, "{\"alerts\":[1001]}", &c);
	holds(&c, 200, "\"merged\":[1001]");
}

static void silences_come_and_go(void **state)
{
	(void)state;
	scoped_reply struct http_reply a, b, c, d, e, f, g, h;
	char target[96];
	ask("POST", "/api/v1/silences", bob, NULL,
		"{\"service\":\"post*\",\"ends_at_ms\":1795345200000,\"reason\":"
		"\"dump\"}",
		&a);
	holds(&a, 201, "\"starts_at_ms\":1795341600000");
	holds(&a, 201, "\"state\":\"active\",\"created_by\":\"bob\"");
	snprintf(target, sizeof target, "/api/v1/silences/%" PRId64, id_of(&a));
	ask("PUT", target, ada, "\"1\"",
		"{\"service\":\"post*\",\"starts_at_ms\":1795345200000,\"ends_at_ms\":"
		"1795348800000,\"weekly\":true}",
		&b);
	holds(&b, 200, "\"state\":\"pending\"");
	ask("PUT", target, ada, "\"1\"",
		"{\"service\":\"post*\",\"ends_at_ms\":1795348800000}", &c);
	holds(&c, 412, "moved on to revision 2");
	ask("DELETE", target, bob, NULL, NULL, &d);
	holds(&d, 200, "\"state\":\"expired\"");
	ask("DELETE", target, bob, NULL, NULL, &e);
	holds(&e, 409, "the silence is over");
	ask("GET", "/api/v1/silences?state=pending", eve, NULL, NULL, &f);
	lacks(&f, "\"post*\"");
	ask("DELETE", "/api/v1/silences/77", bob, NULL, NULL, &g);
	assert_int_equal(g.status, 404);
	ask("POST", "/api/v1/silences", eve, NULL, "{}", &h);
	assert_int_equal(h.status, 403);
	api_sql("DO $$ BEGIN ASSERT (SELECT string_agg(actor || ' ' || action || ' ' "
		"|| "
		"subject, ', ' ORDER BY id) FROM audit WHERE action LIKE 'silence.%') "
		"= "
		"'bob silence.add service post*, ada silence.change service post*, "
		"bob silence.end service post*', 'audit'; END $$");
}

static void bad_silences_name_what_is_wrong(void **state)
{
	(void)state;
	static const struct {
		const char *body, *pointer;
	} bad[] = {
		{"{\"ends_at_ms\":1795345200000}", "/service"},
		{"{\"service\":\"a\"}", "/ends_at_ms"},
		{"{\"service\":\"a\",\"ends_at_ms\":1795300000000}", "/ends_at_ms"},
		{"{\"service\":\"a\",\"ends_at_ms\":\"soon\"}", "/ends_at_ms"},
		{"{\"service\":\"a\",\"starts_at_ms\":1795341600000,\"ends_at_ms\":"
		 "1795341600000}",
			"/ends_at_ms"},
		{"{\"service\":\"a\",\"starts_at_ms\":1795341600000,\"ends_at_ms\":"
		 "1796000000000,\"weekly\":true}",
			"/ends_at_ms"},
		{"{\"service\":\"a**b\",\"ends_at_ms\":1795345200000}", "/service"},
		{"{\"host\":\"*a*b*c*d*e*f*g*h*i\",\"ends_at_ms\":1795345200000}",
			"/host"},
		{"{\"version\":\"a\\u0007\",\"ends_at_ms\":1795345200000}", "/version"},
		{"{\"version\":7,\"ends_at_ms\":1795345200000}", "/version"},
		{"{\"kind\":\"cold\",\"ends_at_ms\":1795345200000}", "/kind"},
	};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		scoped_reply struct http_reply r;
		char pointer[64];
		snprintf(pointer, sizeof pointer, "\"pointer\":\"%s\"", bad[i].pointer);
		ask("POST", "/api/v1/silences", bob, NULL, bad[i].body, &r);
		holds(&r, 400, pointer);
	}
	scoped_reply struct http_reply r;
	ask("GET", "/api/v1/silences/preview", eve, NULL, NULL, &r);
	holds(&r, 400, "must be given");
}

/* What mutes whom, as the database says it. */
static void mutes(const char *globs, const char *window, bool expected)
{
	char sql[800];
	snprintf(sql, sizeof sql,
		"DELETE FROM silence; INSERT INTO silence (service, host, version, "
		"kind, "
		"starts_at, ends_at, weekly, reason, created_by, created_at) VALUES "
		"(%s, "
		"%s, '', 1, now()); DO $$ BEGIN ASSERT (finding_silenced_until(1, "
		"'2026-11-22 10:00+00') IS NOT NULL) = %s, 'muted'; END $$",
		globs, window, expected ? "true" : "false");
	api_sql(sql);
}

static void a_silence_mutes_what_it_fits_all_of(void **state)
{
	(void)state;
	static const char once[] =
		"'2026-11-22 09:00+00', '2026-11-22 11:00+00', false";
	mutes("'checkout', '', '', ''", once, true);
	mutes("'check*', 'web-?', '1.1.*', 'leak'", once, true);
	mutes("'', '', '', 'native'", once, false);
	mutes("'', 'web-2', '', ''", once, false);
	mutes("'checkout_', '', '', ''", once, false);
	mutes("'%', '', '', ''", once, false);
	mutes("'', '', '1.0.0', ''", once, false);
	/* A second version inside, a second host: more than it is about. */
	api_sql("INSERT INTO finding_version VALUES (1, 1)");
	mutes("'', '', '1.1.0', ''", once, false);
	mutes("'', '', '1.*', ''", once, true);
	api_sql("DELETE FROM finding_version WHERE finding_id = 1 AND fingerprint_id = "
		"1; "
		"INSERT INTO slot (id, service_id, host_id, ordinal) OVERRIDING SYSTEM "
		"VALUE VALUES (77, 1, 2, 0); INSERT INTO finding_slot VALUES (1, 77, "
		"'2026-11-22 09:00+00', '2026-11-22 09:59:30+00', 1)");
	mutes("'', 'web-1', '', ''", once, false);
	mutes("'', 'web-*', '', ''", once, true);
	api_sql("DELETE FROM finding_slot WHERE slot_id = 77; DELETE FROM slot WHERE "
		"id = "
		"77");
}

static void windows_come_again_each_week(void **state)
{
	(void)state;
	static const char all[] = "'checkout', '', '', ''";
	/* It is Sunday, 10:00. */
	mutes(all, "'2026-11-22 10:00+00', '2026-11-22 10:01+00', false", true);
	mutes(all, "'2026-11-22 09:00+00', '2026-11-22 10:00+00', false", false);
	mutes(all, "'2026-11-22 10:01+00', '2026-11-22 11:00+00', false", false);
	mutes(all, "'2026-11-08 09:00+00', '2026-11-08 10:30+00', true", true);
	mutes(all, "'2026-11-08 09:00+00', '2026-11-08 10:00+00', true", false);
	mutes(all, "'2026-11-09 09:00+00', '2026-11-09 10:30+00', true", false);
	mutes(all, "'2026-11-16 08:00+00', '2026-11-23 08:00+00', true", true);
	mutes(all, "'2026-11-29 09:00+00', '2026-11-29 10:30+00', true", false);
	api_sql("UPDATE silence SET starts_at = '2026-11-08 09:00+00', ends_at = "
		"'2026-11-08 11:00+00', ended_at = '2026-11-22 09:59+00'; DO $$ BEGIN "
		"ASSERT finding_silenced_until(1, '2026-11-22 10:00+00') IS NULL, "
		"'ended'; "
		"END $$");
}

static void keep(const char *name, const struct http_reply *r)
{
	const char *folder = getenv("TIDEMARK_KEEP");
	char path[512];
	if (!folder)
		return;
	snprintf(path, sizeof path, "%s/%s", folder, name);
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	fputs(r->body.data, file);
	fclose(file);
}

static void a_report_tells_the_case(void **state)
{
	(void)state;
	scoped_reply struct http_reply html, md, bad, none;
	char policy[256];
	ask("GET", "/api/v1/alerts/1/report", eve, NULL, NULL, &html);
	assert_int_equal(html.status, 200);
	keep("report.html", &html);
	holds(&html, 200, "<h1>checkout 1.1.0 leaks: 2 of 2 instances");
	holds(&html, 200, "<svg viewBox");
	holds(&html, 200, "class=\"leak\"");
	holds(&html, 200, "class=\"calm\"");
	holds(&html, 200, "Only one host runs this version");
	holds(&html, 200, "Looks like the listeners of the queue");
	holds(&html, 200, "Listeners of the queue are never removed");
	lacks(&html, "<script");
	lacks(&html, "http://");
	lacks(&html, "https://");
	assert_true(
		http_field(&html, "Content-Security-Policy", policy, sizeof policy));
	assert_non_null(strstr(policy, "default-src 'none'"));
	ask("GET", "/api/v1/alerts/1/report?format=md", eve, NULL, NULL, &md);
	keep("report.md", &md);
	holds(&md, 200, "# checkout 1.1.0 leaks: 2 of 2 instances");
	holds(&md, 200, "| The code of version 1.1.0 |");
	lacks(&md, "<svg");
	ask("GET", "/api/v1/alerts/1/report?format=pdf", eve, NULL, NULL, &bad);
	holds(&bad, 400, "format");
	ask("GET", "/api/v1/alerts/77/report", eve, NULL, NULL, &none);
	holds(&none, 404, "no alert");
}

#define HOSTILE                                                                        \
	"<img src=x onerror=alert(1)>|`\"''*_[x](javascript:1)\n\u202e\u200f😀</title>"

static void hostile_names_are_text(void **state)
{
	(void)state;
	scoped_reply struct http_reply html, md;
	api_sql("UPDATE service SET name = E'" HOSTILE
		"' WHERE id = 1; UPDATE host SET "
		"name = E'" HOSTILE
		"' WHERE id = 1; UPDATE fingerprint SET version = E'" HOSTILE
		"' || repeat('ü', 10000) WHERE id = 2; UPDATE finding SET summary = "
		"E'" HOSTILE "', cause = E'" HOSTILE
		"' WHERE id = 1; UPDATE alert_event "
		"SET text = E'" HOSTILE "'; UPDATE hypothesis SET cause = E'" HOSTILE
		"', "
		"remark = E'" HOSTILE "'");
	ask("GET", "/api/v1/alerts/1/report", eve, NULL, NULL, &html);
	assert_int_equal(html.status, 200);
	keep("hostile.html", &html);
	lacks(&html, "<img");
	lacks(&html, "\u202e");
	holds(&html, 200, "&lt;img src=x onerror=alert(1)&gt;|`&quot;&#39;*_[x]");
	const char *title = strstr(html.body.data, "<title>");
	assert_non_null(title);
	assert_ptr_equal(strchr(title + 1, '<'), strstr(title, "</title>"));
	ask("GET", "/api/v1/alerts/1/report?format=md", eve, NULL, NULL, &md);
	keep("hostile.md", &md);
	lacks(&md, "<img");
	holds(&md, 200,
		"&lt;img src=x "
		"onerror=alert(1)&gt;\\|\\`\"'\\*\\_\\[x\\](javascript:1) ");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(answers_are_the_golden_files),
		cmocka_unit_test(a_report_tells_the_case),
		cmocka_unit_test(people_keep_a_table_of_hypotheses),
		cmocka_unit_test(bad_hypotheses_are_refused),
		cmocka_unit_test(remarks_are_put_on_tidemarks_own),
		cmocka_unit_test(bad_merges_are_refused),
		cmocka_unit_test(silences_come_and_go),
		cmocka_unit_test(bad_silences_name_what_is_wrong),
		cmocka_unit_test(alerts_go_into_one_another_and_come_out),
		cmocka_unit_test(a_silence_mutes_what_it_fits_all_of),
		cmocka_unit_test(windows_come_again_each_week),
		cmocka_unit_test(instances_get_an_alert_of_their_own),
		cmocka_unit_test(hostile_names_are_text),
	};
	return cmocka_run_group_tests(tests, set_up, api_tear_down);
}
