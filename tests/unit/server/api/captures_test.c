/*
 * A heap snapshot is asked for, priced, confirmed: by whom it may, once, and with its
 * trace.  What the agent says is written into the database here.
 */
#include "tests/support/api.h"
#include "tests/unit/cmocka_all.h"

static char ada[256], bob[256], eve[256];
static int capture; /* the newest one */

static void log_in(const char *name, char headers[256])
{
	char cookie[128];
	api_log_in(name, cookie);
	snprintf(headers, 256, "%s" API_JSON, cookie);
}

static int set_up(void **state)
{
	api_set_up(state);
	log_in("ada", ada);
	log_in("bob", bob);
	log_in("eve", eve);
	return 0;
}

static void holds(const struct http_reply *r, int status, const char *text)
{
	if (r->status != status || !strstr(r->body.data, text))
		fail_msg("%d, not %d with '%s': %s", r->status, status, text,
			r->body.data);
}

static void post(const char *who, const char *target, const char *body, int status,
	const char *text)
{
	scoped_reply struct http_reply r;
	api_ask("POST", target, who, body, &r);
	holds(&r, status, text);
}

/* A step on the newest capture. */
static void step(const char *who, const char *action, const char *body, int status,
	const char *text)
{
	char target[96];
	snprintf(target, sizeof target, "/api/v1/captures/%d/%s", capture, action);
	post(who, target, body, status, text);
}

/* No capture is under way, and the last one was long ago. */
static void rest(void)
{
	api_sql("UPDATE capture SET state = 'cancelled' WHERE state IN ('quoting', "
		"'quoted', 'ordered', 'running'); UPDATE capture SET asked_at = "
		"asked_at - interval '2 days', changed_at = changed_at - interval '2 "
		"days', ordered_at = ordered_at - interval '2 days'");
}

/* bob asks about instance 3. */
static void ask(void)
{
	scoped_reply struct http_reply r;
	char where[64];
	rest();
	api_ask("POST", "/api/v1/instances/3/captures", bob, "{}", &r);
	holds(&r, 201, "\"state\":\"quoting\"");
	assert_true(http_field(&r, "Location", where, sizeof where));
	assert_int_equal(sscanf(where, "/api/v1/captures/%d", &capture), 1);
}

/* The agent's card comes. */
static void quote(const char *gate, const char *reason)
{
	char sql[1024];
	snprintf(sql, sizeof sql,
		"UPDATE capture SET state = 'quoted', changed_at = '2026-11-22 "
		"10:00+00', deadline_at = '2026-11-22 10:10+00', card = (SELECT card "
		"|| "
		"'{\"gate\": \"%s\", \"reasons\": [%s%s%s]}' FROM capture "
		"WHERE id = 2) WHERE id = %d",
		gate, *reason ? "\"" : "", reason, *reason ? "\"" : "", capture);
	api_sql(sql);
}

static void a_capture_goes_its_way(void **state)
{
	(void)state;
	ask();
	step(bob, "confirm", "{}", 409, "only a capture whose cost card is here");
	quote("allowed", "");
	step(eve, "confirm", "{}", 403, "this needs the role operator");
	step(bob, "confirm", "{}", 200, "\"state\":\"ordered\"");
	scoped_reply struct http_reply r;
	char target[64];
	snprintf(target, sizeof target, "/api/v1/captures/%d", capture);
	api_ask("GET", target, eve, NULL, &r);
	holds(&r, 200, "\"confirmed_by\":\"bob\"");
	holds(&r, 200, "\"asked_by\":\"bob\"");
	holds(&r, 200, "\"cause\":\"console\"");
	holds(&r, 200, "\"generation\":7");
	holds(&r, 200, "\"asked_at_ms\":1795341600000");
	holds(&r, 200, "\"overrules\":false,\"keep_raw\":false");
	step(bob, "confirm", "{}", 409, "only a capture whose cost card is here");
}

static void a_question_can_be_withdrawn_once(void **state)
{
	(void)state;
	ask();
	step(eve, "cancel", "{}", 403, "this needs the role operator");
	step(bob, "cancel", "", 200, "\"state\":\"cancelled\"");
	step(bob, "cancel", "", 409, "\"status\":409");
	step(bob, "confirm", "{}", 409, "only a capture whose cost card is here");
}

static void one_at_a_time(void **state)
{
	(void)state;
	ask();
	post(bob, "/api/v1/instances/3/captures", "{}", 409, "\"status\":409");
	/* Another service, but the same host. */
	post(ada, "/api/v1/instances/6/captures", "{}", 409, "\"status\":409");
	quote("allowed", "");
	post(ada, "/api/v1/instances/4/captures", "{}", 409, "\"status\":409");
}

static void only_an_admin_overrules(void **state)
{
	(void)state;
	ask();
	quote("asks", "the pause of about 4.5 s is over the limit");
	step(bob, "confirm", "{}", 409, "4.5 s is over the limit");
	step(bob, "confirm", "{\"overrule\":true}", 403, "\"pointer\":\"/overrule\"");
	step(bob, "confirm", "{\"overrule\":true}", 403, "4.5 s is over the limit");
	step(ada, "confirm", "{}", 409, "4.5 s is over the limit");
	step(ada, "confirm", "{\"overrule\":true}", 200, "\"overrules\":true");
}

static void only_an_admin_keeps_the_raw_file(void **state)
{
	(void)state;
	ask();
	quote("allowed", "");
	step(bob, "confirm", "{\"keep_raw\":true}", 403, "\"pointer\":\"/keep_raw\"");
	step(ada, "confirm", "{\"keep_raw\":true}", 200, "\"keep_raw\":true");
}

static void nobody_overrules_a_refusal(void **state)
{
	(void)state;
	ask();
	quote("refused", "300 MiB are free");
	step(ada, "confirm", "{\"overrule\":true}", 409, "300 MiB are free");
	step(bob, "cancel", "", 200, "\"state\":\"cancelled\"");
}

static void what_does_not_run_is_refused(void **state)
{
	(void)state;
	rest();
	post(bob, "/api/v1/instances/7/captures", "{}", 409, "\"status\":409");
}

static void wrong_wishes_are_named(void **state)
{
	(void)state;
	rest();
	post(eve, "/api/v1/instances/3/captures", "{}", 403, "role operator");
	post(bob, "/api/v1/instances/4711/captures", "{}", 404,
		"no instance has the id 4711");
	post(bob, "/api/v1/instances/x/captures", "{}", 404,
		"no instance has the id x");
	post(bob, "/api/v1/instances/3/captures", "{\"route\":\"file\"}", 400,
		"\"pointer\":\"/route\"");
	post(bob, "/api/v1/instances/3/captures", "{\"route\":7}", 400,
		"\"pointer\":\"/route\"");
	post(bob, "/api/v1/instances/3/captures", "{\"rout\":\"jvm\"}", 400,
		"not known here");
	post(bob, "/api/v1/instances/3/captures?x=1", "{}", 400, "x: no such");
	post(bob, "/api/v1/captures/4711/confirm", "{}", 404,
		"no capture has the id 4711");
	post(bob, "/api/v1/captures/4711/cancel", "{}", 404,
		"no capture has the id 4711");
	post(bob, "/api/v1/captures/8/confirm", "{\"overrule\":1}", 400,
		"\"pointer\":\"/overrule\"");
	post(bob, "/api/v1/captures/8/confirm", "[]", 400, "JSON object");
}

static void the_route_is_the_callers_choice(void **state)
{
	(void)state;
	rest();
	post(bob, "/api/v1/instances/3/captures", "{\"route\":\"preload\"}", 201,
		"\"route\":\"preload\"");
}

static void every_step_is_in_the_audit(void **state)
{
	(void)state;
	scoped_reply struct http_reply before, r, none, wrong, forbidden;
	ask();
	quote("asks", "the pause is too long");
	step(ada, "confirm", "{\"overrule\":true,\"keep_raw\":true}", 200, "ordered");
	step(bob, "cancel", "", 200, "cancelled");
	api_ask("GET", "/api/v1/audit?service=1&limit=3", ada, NULL, &r);
	holds(&r, 200, "\"actor\":\"bob\",\"action\":\"snapshot.cancel\"");
	holds(&r, 200, "\"actor\":\"ada\",\"action\":\"snapshot.confirm\"");
	holds(&r, 200, "\"actor\":\"bob\",\"action\":\"snapshot.ask\"");
	holds(&r, 200, "checkout on web-1, pid 4303");
	api_ask("GET", "/api/v1/audit?service=2", ada, NULL, &none);
	assert_string_equal(none.body.data, "{\"items\":[]}");
	api_ask("GET", "/api/v1/audit?after=eA", ada, NULL, &wrong);
	holds(&wrong, 400, "after: not a cursor");
	api_ask("GET", "/api/v1/audit", bob, NULL, &forbidden);
	holds(&forbidden, 403, "this needs the role admin");
	api_ask("GET", "/api/v1/audit?service=x", ada, NULL, &before);
	holds(&before, 400, "service:");
}

static void pages_hear_of_it(void **state)
{
	(void)state;
	struct buf out = {0}, in = {0};
	rest();
	buf_printf(
		&out, "GET /api/v1/events HTTP/1.1\r\nHost: 127.0.0.1\r\n%s\r\n", eve);
	int fd = http_connect(api_port(api_under_test));
	http_send(fd, out.data, out.length);
	while (!in.data || !strstr(in.data, "\r\n\r\n"))
		assert_true(http_more(fd, &in));
	ask();
	while (!strstr(in.data, "\"snapshots\""))
		assert_true(http_more(fd, &in));
	close(fd);
	buf_finish(&out);
	buf_finish(&in);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_capture_goes_its_way),
		cmocka_unit_test(a_question_can_be_withdrawn_once),
		cmocka_unit_test(one_at_a_time),
		cmocka_unit_test(only_an_admin_overrules),
		cmocka_unit_test(only_an_admin_keeps_the_raw_file),
		cmocka_unit_test(nobody_overrules_a_refusal),
		cmocka_unit_test(what_does_not_run_is_refused),
		cmocka_unit_test(wrong_wishes_are_named),
		cmocka_unit_test(the_route_is_the_callers_choice),
		cmocka_unit_test(every_step_is_in_the_audit),
		cmocka_unit_test(pages_hear_of_it),
	};
	return cmocka_run_group_tests(tests, set_up, api_tear_down);
}
