/*
 * People tell the detector what they know: how easily it may alert, what is not a leak,
 * and what it would have raised.
 */
#include "tests/support/api.h"

#include <jansson.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>
/* After what it needs. */
#include <cmocka.h>

static char ada[256], bob[256], eve[256];

static int set_up(void **state)
{
	static const struct {
		const char *name;
		char *headers;
	} users[] = {{"ada", ada}, {"bob", bob}, {"eve", eve}};
	api_set_up(state);
	for (size_t i = 0; i < 3; i++) {
		char cookie[128];
		api_log_in(users[i].name, cookie);
		snprintf(users[i].headers, 256, "%s" API_JSON, cookie);
	}
	return 0;
}

static void holds(const struct http_reply *r, int status, const char *text)
{
	if (r->status != status || !strstr(r->body.data, text))
		fail_msg("%d, not %d with '%s': %s", r->status, status, text,
			r->body.data);
}

/* Asks as `who` and expects a status and a part of the answer. */
static void ask(const char *who, const char *method, const char *target,
	const char *body, int status, const char *text)
{
	scoped_reply struct http_reply r;
	char path[160];
	snprintf(path, sizeof path, "/api/v1/%s", target);
	api_ask(method, path, who, body, &r);
	holds(&r, status, text);
}

static void lacks(const char *target, const char *text)
{
	scoped_reply struct http_reply r;
	char path[160];
	snprintf(path, sizeof path, "/api/v1/%s", target);
	api_ask("GET", path, bob, NULL, &r);
	assert_int_equal(r.status, 200);
	if (strstr(r.body.data, text))
		fail_msg("%s says '%s': %s", target, text, r.body.data);
}

/* With If-Match. */
static void ask_if(const char *method, const char *target, const char *revision,
	const char *body, int status, const char *text)
{
	scoped_reply struct http_reply r;
	char path[160], all[512];
	snprintf(path, sizeof path, "/api/v1/%s", target);
	snprintf(all, sizeof all, "%sIf-Match: %s\r\n", bob, revision);
	api_ask(method, path, all, body, &r);
	holds(&r, status, text);
}

static void a_service_alerts_as_easily_as_people_say(void **state)
{
	(void)state;
	static const char *const path = "services/1/sensitivity";
	ask(eve, "GET", path, NULL, 200,
		"{\"sensitivity\":\"normal\",\"is_default\":true,\"changed_by\":null,"
		"\"changed_at_ms\":null,\"revision\":1}");
	ask(eve, "PUT", path, "{\"sensitivity\":\"eager\"}", 403, "operator");
	ask(bob, "PUT", path, "{\"sensitivity\":\"eager\"}", 200,
		"{\"sensitivity\":\"eager\",\"is_default\":false,\"changed_by\":"
		"\"bob\","
		"\"changed_at_ms\":1795341600000,\"revision\":2}");
	ask(eve, "GET", path, NULL, 200, "\"sensitivity\":\"eager\"");
	ask(ada, "GET", "audit?service=1", NULL, 200,
		"\"actor\":\"bob\",\"action\":\"sensitivity.set\"");
	ask(ada, "GET", "audit?service=1", NULL, 200, "from normal to eager");
	/* What somebody set is no default, also when it is the same word. */
	ask(bob, "PUT", path, "{\"sensitivity\":\"normal\"}", 200,
		"\"is_default\":false");
	ask(bob, "GET", "services/2/sensitivity", NULL, 200, "\"is_default\":true");
}

static void nobody_overrules_what_he_has_not_seen(void **state)
{
	(void)state;
	static const char *const path = "services/3/sensitivity";
	static const char *const calm = "{\"sensitivity\":\"calm\"}";
	scoped_reply struct http_reply r;
	char etag[64];
	ask_if("PUT", path, "\"2\"", calm, 412, "it is normal by now");
	ask_if("PUT", path, "\"1\"", calm, 200, "\"revision\":2");
	ask_if("PUT", path, "\"1\"", "{\"sensitivity\":\"eager\"}", 412,
		"it is calm by now");
	api_ask("GET", "/api/v1/services/3/sensitivity", bob, NULL, &r);
	assert_true(http_field(&r, "ETag", etag, sizeof etag));
	ask_if("PUT", path, etag, "{\"sensitivity\":\"eager\"}", 200, "\"revision\":3");
	ask_if("PUT", path, "*", calm, 200, "\"revision\":4");
	ask_if("PUT", path, "3", calm, 400, "If-Match");
	ask_if("DELETE", "feedback/1", "\"2\"", NULL, 412, "it stands by now");
}

static void only_three_words_are_known(void **state)
{
	(void)state;
	static const char *const path = "services/1/sensitivity";
	ask(bob, "PUT", path, "{\"sensitivity\":\"paranoid\"}", 400,
		"\"pointer\":\"/sensitivity\"");
	ask(bob, "PUT", path, "{\"sensitivity\":\"\"}", 400, "calm, normal or eager");
	ask(bob, "PUT", path, "{}", 400, "\"pointer\":\"/sensitivity\"");
	ask(bob, "PUT", path, "{\"sensitivity\":7}", 400,
		"\"pointer\":\"/sensitivity\"");
	ask(bob, "PUT", path, "{\"sensitivity\":\"calm\",\"knob\":1}", 400,
		"not known here");
	ask(bob, "PUT", "services/99/sensitivity", "{\"sensitivity\":\"calm\"}", 404,
		"no service has the id 99");
	ask(bob, "GET", "services/99/sensitivity", NULL, 404, "no service");
}

static void a_dismissal_is_remembered_with_its_reason(void **state)
{
	(void)state;
	ask(eve, "POST", "alerts/1/dismiss", "{\"reason\":\"warm\"}", 403, "operator");
	ask(bob, "POST", "alerts/1/dismiss", "{}", 400, "\"pointer\":\"/reason\"");
	ask(bob, "POST", "alerts/1/dismiss", "{\"reason\":\" \\n\"}", 400,
		"reason: must not be empty");
	ask(bob, "POST", "alerts/1/dismiss", "{\"note\":\"x\",\"reason\":\"y\"}", 400,
		"not known here");
	ask(bob, "POST", "alerts/1/dismiss",
		"{\"reason\":\"It is the cache of <prices>\"}", 200,
		"\"state\":\"resolved\",\"resolution\":\"not-a-leak\"");
	ask(bob, "GET", "alerts/1", NULL, 200,
		"\"user\":\"bob\",\"kind\":\"dismissed\",\"text\":\"It is the cache of "
		"\\u003cprices\\u003e\"");
	ask(bob, "POST", "alerts/1/dismiss", "{\"reason\":\"again\"}", 409,
		"the alert is resolved");
	ask(eve, "GET", "services/1/feedback", NULL, 200,
		"\"alert\":1,\"kind\":\"leak\"");
	ask(eve, "GET", "services/1/feedback", NULL, 200, "\"rate_kb_h\":61200");
	lacks("services/2/feedback", "prices");
}

static void a_reason_has_a_length(void **state)
{
	(void)state;
	char body[600];
	memset(body, 'x', sizeof body);
	memcpy(body, "{\"reason\":\"", 11);
	memcpy(body + 11 + 501, "\"}", 3);
	ask(bob, "POST", "alerts/1/dismiss", body, 400,
		"reason: longer than 500 bytes");
}

static void what_was_said_can_be_withdrawn(void **state)
{
	(void)state;
	ask(eve, "DELETE", "feedback/1", NULL, 403, "operator");
	ask(ada, "DELETE", "feedback/1", NULL, 200,
		"\"withdrawn_at_ms\":1795341600000");
	lacks("services/2/feedback", "shared buffers");
	ask(bob, "GET", "alerts/2", NULL, 200,
		"\"user\":\"ada\",\"kind\":\"withdrawn\"");
	ask(bob, "GET", "alerts/2", NULL, 200, "\"revision\":3");
	/* Twice is once. */
	ask(bob, "DELETE", "feedback/1", NULL, 200,
		"\"withdrawn_at_ms\":1795341600000");
	ask(bob, "GET", "alerts/2", NULL, 200, "\"revision\":3");
	ask_if("DELETE", "feedback/1", "\"1\"", NULL, 412, "it is withdrawn by now");
	ask(bob, "DELETE", "feedback/99", NULL, 404, "no feedback has the id 99");
}

static void opening_it_again_withdraws_what_was_said(void **state)
{
	(void)state;
	ask(bob, "POST", "alerts/1/reopen", "{}", 200,
		"\"state\":\"open\",\"resolution\":null");
	lacks("services/1/feedback", "prices");
	ask(bob, "POST", "alerts/1/resolve", "{}", 200,
		"\"state\":\"resolved\",\"resolution\":\"fixed\"");
	lacks("services/1/feedback", "\"id\"");
}

static void findings_are_filtered(void **state)
{
	(void)state;
	api_sql("UPDATE finding SET level = 'watch', kind = 'backlog' WHERE id = 2");
	ask(bob, "GET", "findings?level=confirmed", NULL, 200, "\"id\":1,");
	lacks("findings?level=confirmed", "\"level\":\"watch\"");
	lacks("findings?level=watch", "\"level\":\"confirmed\"");
	ask(bob, "GET", "findings?kind=native,backlog", NULL, 200, "\"id\":2,");
	lacks("findings?kind=native", "\"id\"");
	ask(bob, "GET", "findings?kind=flood", NULL, 400, "kind");
	ask(bob, "GET", "findings?level=confirmed,watch&limit=1", NULL, 200,
		"\"next\"");
	ask(bob, "GET", "services?verdict=native", NULL, 200, "\"items\":[]");
}

/* All versions inside one cause stand in its finding, and none of them in contrast. */
static void a_finding_names_all_its_versions(void **state)
{
	(void)state;
	api_sql("INSERT INTO finding_version VALUES (1, 1)");
	ask(bob, "GET", "alerts/1", NULL, 200, "\"others\":[]");
	ask(bob, "GET", "findings?active=true", NULL, 200,
		"\"versions\":[{\"id\": 1, \"version\": \"1.0.0\"}, {\"id\": 2");
	api_sql("DELETE FROM finding_version WHERE fingerprint_id = 1");
	lacks("alerts/1", "\"others\":[]");
}

/* Its agent went on without it. */
static void what_has_ended_is_not_without_data(void **state)
{
	(void)state;
	lacks("instances/3", "\"silent_since_ms\":1");
	api_sql("UPDATE slot_verdict SET silent = true WHERE slot_id = 3");
	ask(bob, "GET", "instances/3", NULL, 200, "\"silent_since_ms\":1");
	ask(bob, "GET", "fleet", NULL, 200, "\"instances_silent\":1");
	api_sql("UPDATE generation SET last_sample_at = last_sample_at - interval "
		"'1 hour' WHERE slot_id = 3");
	ask(bob, "GET", "instances/3", NULL, 200, "\"silent_since_ms\":null");
	ask(bob, "GET", "fleet", NULL, 200, "\"instances_silent\":0");
	api_sql("UPDATE generation SET last_sample_at = last_sample_at + interval "
		"'1 hour' WHERE slot_id = 3");
	api_sql("UPDATE slot_verdict SET silent = false WHERE slot_id = 3");
}

static void a_replay_is_asked_for_once(void **state)
{
	(void)state;
	static const char *const path = "services/2/replays";
	static const char *const body =
		"{\"sensitivity\":\"calm\",\"from_ms\":1795255200000,"
		"\"to_ms\":1795341600000}";
	scoped_reply struct http_reply made;
	char place[64], wanted[64];
	ask(eve, "POST", path, body, 403, "operator");
	api_ask("POST", "/api/v1/services/2/replays", bob, body, &made);
	holds(&made, 202, "\"state\":\"waiting\",\"asked_by\":\"bob\"");
	assert_true(http_field(&made, "Location", place, sizeof place));
	snprintf(wanted, sizeof wanted, "/api/v1/replays/%d",
		atoi(strstr(made.body.data, "\"id\":") + 5));
	assert_string_equal(place, wanted);
	snprintf(wanted, sizeof wanted, "replay %s of this service is still waiting",
		strrchr(place, '/') + 1);
	ask(ada, "POST", path, body, 409, wanted);
	ask(eve, "GET", place + strlen("/api/v1/"), NULL, 200, "\"alarms\":[]");
	ask(eve, "GET", path, NULL, 200, "\"state\":\"waiting\"");
	api_sql("UPDATE replay SET state = 'done' WHERE service_id = 2");
	ask(ada, "POST", path, body, 202, "\"asked_by\":\"ada\"");
	ask(ada, "POST", "services/99/replays", body, 404, "no service has the id 99");
	ask(ada, "GET", "replays/99999", NULL, 404, "no replay");
}

static void a_replay_has_limits(void **state)
{
	(void)state;
	static const struct {
		const char *body, *says;
	} wrong[] = {
		{"{\"from_ms\":1795255200000}", "/sensitivity"},
		{"{\"sensitivity\":\"loud\",\"from_ms\":1795255200000}",
			"/sensitivity"},
		{"{\"sensitivity\":\"calm\"}", "from_ms: must be given"},
		{"{\"sensitivity\":\"calm\",\"from_ms\":1795341600000}",
			"must lie before"},
		{"{\"sensitivity\":\"calm\",\"from_ms\":1795341500000,\"to_ms\":"
		 "1795341400000}",
			"must lie before"},
		{"{\"sensitivity\":\"calm\",\"from_ms\":1794131999000}",
			"14 days at most"},
		{"{\"sensitivity\":\"calm\",\"from_ms\":-5}", "from_ms"},
		{"{\"sensitivity\":\"calm\",\"from_ms\":\"now\"}", "from_ms"},
	};
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
		ask(bob, "POST", "services/3/replays", wrong[i].body, 400,
			wrong[i].says);
	/* Fourteen days to the millisecond, and nobody can ask for what is to come. */
	ask(bob, "POST", "services/3/replays",
		"{\"sensitivity\":\"eager\",\"from_ms\":1794132000000,\"to_ms\":"
		"1799999999000}",
		202, "\"to_ms\":1795341600000");
}

static void *race(void *context)
{
	scoped_reply struct http_reply r;
	api_ask("POST", "/api/v1/services/1/replays", context,
		"{\"sensitivity\":\"calm\",\"from_ms\":1795255200000}", &r);
	return (void *)(intptr_t)r.status;
}

/* All have looked whether one is open before the first can write. */
static void of_many_who_ask_at_once_one_is_served(void **state)
{
	(void)state;
	enum { RACERS = 4, LOOKED_US = 400000 };
	pthread_t threads[RACERS];
	int done = 0, refused = 0;
	api_sql("BEGIN; LOCK TABLE replay IN SHARE MODE");
	for (int i = 0; i < RACERS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, race, bob), 0);
	usleep(LOOKED_US);
	api_sql("COMMIT");
	for (int i = 0; i < RACERS; i++) {
		void *status;
		pthread_join(threads[i], &status);
		done += (intptr_t)status == 202;
		refused += (intptr_t)status == 409;
	}
	assert_int_equal(done, 1);
	assert_int_equal(refused, RACERS - 1);
}

static void old_replays_make_room(void **state)
{
	(void)state;
	scoped_reply struct http_reply r;
	json_error_t why;
	api_sql("UPDATE replay SET state = 'done' WHERE service_id = 1;"
		"INSERT INTO replay (service_id, sensitivity, from_at, to_at, state) "
		"SELECT 1, 'calm', now(), now(), 'done' FROM generate_series(1, 40)");
	ask(bob, "POST", "services/1/replays",
		"{\"sensitivity\":\"calm\",\"from_ms\":1795255200000}", 202, "waiting");
	api_ask("GET", "/api/v1/services/1/replays", bob, NULL, &r);
	json_t *answer = json_loads(r.body.data, 0, &why);
	assert_int_equal(json_array_size(json_object_get(answer, "items")), 20);
	json_decref(answer);
	ask(bob, "GET", "services/1/replays?limit=3", NULL, 200, "\"next\"");
}

/* What was raised in fact stands beside what would have been, while it was. */
static void a_replay_is_compared_with_what_happened(void **state)
{
	(void)state;
	api_sql("INSERT INTO replay (id, service_id, sensitivity, from_at, to_at, "
		"state) "
		"OVERRIDING SYSTEM VALUE VALUES "
		"(501, 1, 'calm', '2026-11-22 09:00+00', '2026-11-22 09:30+00', "
		"'done'),"
		"(502, 1, 'calm', '2026-11-22 09:00+00', '2026-11-22 09:22+00', "
		"'done'),"
		"(503, 1, 'calm', '2026-11-22 08:00+00', '2026-11-22 09:00+00', "
		"'done')");
	ask(bob, "GET", "replays/501", NULL, 200, "\"ordinal\": 3");
	ask(bob, "GET", "replays/501", NULL, 200, "\"to_ms\": null");
	ask(bob, "GET", "replays/502", NULL, 200, "\"ordinal\": 2");
	lacks("replays/502", "\"ordinal\": 3");
	ask(bob, "GET", "replays/503", NULL, 200, "\"raised\":[]");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_service_alerts_as_easily_as_people_say),
		cmocka_unit_test(nobody_overrules_what_he_has_not_seen),
		cmocka_unit_test(only_three_words_are_known),
		cmocka_unit_test(findings_are_filtered),
		cmocka_unit_test(a_finding_names_all_its_versions),
		cmocka_unit_test(a_reason_has_a_length),
		cmocka_unit_test(a_dismissal_is_remembered_with_its_reason),
		cmocka_unit_test(what_was_said_can_be_withdrawn),
		cmocka_unit_test(opening_it_again_withdraws_what_was_said),
		cmocka_unit_test(what_has_ended_is_not_without_data),
		cmocka_unit_test(a_replay_is_asked_for_once),
		cmocka_unit_test(a_replay_has_limits),
		cmocka_unit_test(of_many_who_ask_at_once_one_is_served),
		cmocka_unit_test(old_replays_make_room),
		cmocka_unit_test(a_replay_is_compared_with_what_happened),
	};
	return cmocka_run_group_tests(tests, set_up, api_tear_down);
}
