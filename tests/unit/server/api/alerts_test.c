/*
 * People work on an alert: each step once, with its trace, and never over somebody
 * else's.
 */
#include "tests/support/api.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* After what it needs. */
#include <cmocka.h>

static char headers[256];

static int set_up(void **state)
{
	char cookie[128];
	api_set_up(state);
	api_log_in("bob", cookie);
	snprintf(headers, sizeof headers, "%s" API_JSON, cookie);
	return 0;
}

static void step(const char *action, const char *if_match, const char *body,
	struct http_reply *r)
{
	char target[96], all[384];
	snprintf(target, sizeof target, "/api/v1/alerts/1/%s", action);
	snprintf(all, sizeof all, "%s%s%s%s", headers, if_match ? "If-Match: " : "",
		if_match ? if_match : "", if_match ? "\r\n" : "");
	api_ask("POST", target, all, body, r);
}

static void holds(const struct http_reply *r, int status, const char *text)
{
	if (r->status != status || !strstr(r->body.data, text))
		fail_msg("%d, not %d with '%s': %s", r->status, status, text,
			r->body.data);
}

static void an_alert_goes_its_way(void **state)
{
	(void)state;
	scoped_reply struct http_reply a, b, c, d, e, f, g;
	step("acknowledge", "\"2\"", "{\"note\":\"mine\"}", &a);
	holds(&a, 200, "\"state\":\"acknowledged\"");
	holds(&a, 200, "\"acknowledged_by\":\"bob\"");
	holds(&a, 200, "\"acknowledged_at_ms\":1795341600000");
	holds(&a, 200, "\"revision\":3");
	holds(&a, 200, "\"user\":\"bob\",\"kind\":\"acknowledged\",\"text\":\"mine\"");
	step("acknowledge", NULL, "", &b);
	holds(&b, 409, "the alert is acknowledged");
	step("notes", NULL, "{\"text\":\"<b>saw it & more\"}", &c);
	holds(&c, 200, "\\u003cb\\u003esaw it \\u0026 more");
	step("resolve", NULL, "{}", &d);
	holds(&d, 200, "\"resolved_by\":\"bob\"");
	holds(&d, 200, "\"state\":\"resolved\"");
	step("acknowledge", NULL, "", &e);
	holds(&e, 409, "the alert is resolved");
	step("reopen", NULL, "", &f);
	holds(&f, 200, "\"state\":\"open\"");
	holds(&f, 200, "\"acknowledged_by\":null");
	holds(&f, 200, "\"reopened\":0");
	step("reopen", NULL, "", &g);
	holds(&g, 409, "the alert is open");
}

/* One that was quiet for days would else be resolved again by the watch's next turn. */
static void one_opened_again_is_quiet_from_then_on(void **state)
{
	(void)state;
	scoped_reply struct http_reply a, b;
	step("resolve", NULL, "{}", &a);
	holds(&a, 200, "\"state\":\"resolved\"");
	api_sql("UPDATE alert SET quiet_at = '2026-10-01', silent_at = '2026-10-02' "
		"WHERE id = 1");
	step("reopen", NULL, "", &b);
	holds(&b, 200, "\"state\":\"open\"");
	api_sql("DO $$ BEGIN ASSERT (SELECT quiet_at IS NULL AND silent_at IS NULL "
		"FROM alert WHERE id = 1), 'counted from before'; END $$");
}

static void a_step_on_an_old_revision_is_refused(void **state)
{
	(void)state;
	scoped_reply struct http_reply a, b, c, d;
	step("notes", "\"1\"", "{\"text\":\"late\"}", &a);
	holds(&a, 412, "moved on to revision");
	step("resolve", "\"1\"", "", &b);
	holds(&b, 412, "moved on to revision");
	step("notes", "1", "{\"text\":\"late\"}", &c);
	holds(&c, 400, "If-Match");
	step("notes", "*", "{\"text\":\"any\"}", &d);
	holds(&d, 200, "\"any\"");
}

static void the_etag_of_an_alert_is_its_revision(void **state)
{
	(void)state;
	scoped_reply struct http_reply read, plain, small, done, late, same;
	char etag[64], gzip[64], all[512];
	api_ask("GET", "/api/v1/alerts/1", headers, NULL, &read);
	assert_true(http_field(&read, "ETag", etag, sizeof etag));
	assert_int_equal(
		atoi(etag + 1), atoi(strstr(read.body.data, "\"revision\":") + 11));
	snprintf(all, sizeof all, "%sIf-None-Match: %s\r\n", headers, etag);
	api_ask("GET", "/api/v1/alerts/1", all, NULL, &same);
	assert_int_equal(same.status, 304);
	snprintf(all, sizeof all, "%sAccept-Encoding: gzip\r\n", headers);
	api_ask("GET", "/api/v1/alerts/1", all, NULL, &small);
	assert_true(http_field(&small, "ETag", gzip, sizeof gzip));
	step("notes", etag, "{\"text\":\"with the ETag\"}", &done);
	holds(&done, 200, "with the ETag");
	step("notes", gzip, "{\"text\":\"too late\"}", &late);
	holds(&late, 412, "moved on to revision");
	step("notes", "\"-x\"", "{\"text\":\"x\"}", &plain);
	holds(&plain, 400, "If-Match");
}

static void empty_and_endless_notes_are_refused(void **state)
{
	(void)state;
	scoped_reply struct http_reply a, b, c, d, spaces;
	struct buf body = {0};
	step("notes", NULL, "{\"text\":\" \\n\\t \\u00a0\u3000\"}", &spaces);
	holds(&spaces, 400, "\"pointer\":\"/text\"");
	step("notes", NULL, "{}", &a);
	holds(&a, 400, "\"pointer\":\"/text\"");
	step("notes", NULL, "{\"text\":\"\"}", &b);
	holds(&b, 400, "\"pointer\":\"/text\"");
	buf_text(&body, "{\"note\":\"");
	for (int i = 0; i < 4001; i++)
		buf_byte(&body, 'x');
	buf_text(&body, "\"}");
	step("acknowledge", NULL, body.data, &c);
	holds(&c, 400, "note: longer than 4000 bytes");
	step("acknowledge", NULL, "{\"text\":\"x\"}", &d);
	holds(&d, 400, "not known here");
	buf_finish(&body);
}

/* Many at once with the same revision: one wins, the others learn that they lost. */
static void *race(void *context)
{
	scoped_reply struct http_reply r;
	step("notes", context, "{\"text\":\"race\"}", &r);
	return (void *)(intptr_t)r.status;
}

static void of_many_steps_on_one_revision_one_is_taken(void **state)
{
	(void)state;
	enum { RACERS = 8 };
	scoped_reply struct http_reply r;
	pthread_t threads[RACERS];
	char revision[32];
	int done = 0, lost = 0;
	api_ask("GET", "/api/v1/alerts/1", headers, NULL, &r);
	snprintf(revision, sizeof revision, "\"%d\"",
		atoi(strstr(r.body.data, "\"revision\":") + 11));
	for (int i = 0; i < RACERS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, race, revision), 0);
	for (int i = 0; i < RACERS; i++) {
		void *status;
		pthread_join(threads[i], &status);
		done += (intptr_t)status == 200;
		lost += (intptr_t)status == 412;
	}
	assert_int_equal(done, 1);
	assert_int_equal(lost, RACERS - 1);
}

static void lists_are_filtered(void **state)
{
	(void)state;
	scoped_reply struct http_reply a, b, c, d, r;
	step("resolve", NULL, "", &r);
	holds(&r, 200, "resolved");
	api_ask("GET", "/api/v1/alerts", headers, NULL, &a);
	assert_string_equal(a.body.data, "{\"items\":[]}");
	api_ask("GET", "/api/v1/alerts?state=resolved", headers, NULL, &b);
	holds(&b, 200, "\"id\":1,\"state\":\"resolved\"");
	api_ask("GET", "/api/v1/alerts?state=resolved&service=3", headers, NULL, &c);
	assert_string_equal(c.body.data, "{\"items\":[]}");
	api_ask("GET", "/api/v1/findings?service=1&active=false", headers, NULL, &d);
	assert_string_equal(d.body.data, "{\"items\":[]}");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_alert_goes_its_way),
		cmocka_unit_test(one_opened_again_is_quiet_from_then_on),
		cmocka_unit_test(a_step_on_an_old_revision_is_refused),
		cmocka_unit_test(the_etag_of_an_alert_is_its_revision),
		cmocka_unit_test(empty_and_endless_notes_are_refused),
		cmocka_unit_test(of_many_steps_on_one_revision_one_is_taken),
		cmocka_unit_test(lists_are_filtered),
	};
	return cmocka_run_group_tests(tests, set_up, api_tear_down);
}
