/*
 * Groups of agents and what they are told, as people set them: refusals, revisions, the
 * steps of a rollout, who may, and what stands in the audit.
 */
#include "tests/support/api.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
/* After what it needs. */
#include <cmocka.h>

static char ada[128], bob[128], eve[128];

static int begin(void **state)
{
	api_set_up(state);
	api_log_in("ada", ada);
	api_log_in("bob", bob);
	api_log_in("eve", eve);
	return 0;
}

static void expect_with(const char *method, const char *target, const char *who,
	const char *also, const char *body, int status, const char *says)
{
	scoped_reply struct http_reply r;
	char headers[512];
	snprintf(headers, sizeof headers, "%s%s%s", API_JSON, who, also);
	api_ask(method, target, headers, body, &r);
	if (r.status != status)
		fail_msg("%s %s: %d %s", method, target, r.status, r.body.data);
	if (!strstr(r.body.data, says))
		fail_msg("%s %s does not say '%s': %s", method, target, says,
			r.body.data);
}

static void expect(const char *method, const char *target, const char *who,
	const char *body, int status, const char *says)
{
	expect_with(method, target, who, "", body, status, says);
}

#define GROUPS "/api/v1/config/groups"

static void groups_keep_the_rules(void **state)
{
	(void)state;
	expect("POST", GROUPS, eve, "{\"name\":\"x\"}", 403, "");
	expect("POST", GROUPS, bob, "{\"name\":\"\"}", 400, "/name");
	expect("POST", GROUPS, bob, "{\"name\":\"rest\"}", 409, "already");
	expect("POST", GROUPS, bob, "{\"name\":\"x\",\"labels\":{\"A b\":\"c\"}}", 400,
		"/labels");
	expect("POST", GROUPS, bob, "{\"name\":\"x\",\"labels\":{\"env\":\"\"}}", 400,
		"/labels");
	expect("POST", GROUPS, bob, "{\"name\":\"x\",\"cpu_pct\":0}", 400, "/cpu_pct");
	expect("POST", GROUPS, bob, "{\"name\":\"x\",\"rss_bytes\":1}", 400,
		"/rss_bytes");
	expect("POST", GROUPS, bob, "{\"name\":\"x\",\"run\":\"rm\"}", 400, "/run");
	expect("POST", GROUPS, bob,
		"{\"name\":\"web\",\"host\":\"web-*\",\"position\":5,\"cpu_pct\":0.5}",
		201,
		"\"position\":5,\"host\":\"web-*\",\"labels\":{},\"canary_hosts\":1");
	expect("GET", GROUPS, eve, "", 200, "\"cpu_pct\":0.5");
	/* It took the hosts of the others, which now run their own files. */
	expect("GET", "/api/v1/config/agents?group=1", eve, "", 200, "{\"items\":[]");
	expect_with("PUT", GROUPS "/4", bob, "If-Match: \"7\"\r\n",
		"{\"name\":\"web\"}", 412, "");
	expect_with("PUT", GROUPS "/4", bob, "If-Match: \"1\"\r\n",
		"{\"name\":\"web\",\"host\":\"nothing\",\"position\":5}", 200,
		"\"hosts\":0");
	expect("GET", "/api/v1/config/agents?group=1", eve, "", 200, "web-1");
	expect("DELETE", GROUPS "/4", bob, "{}", 200, "\"name\":\"web\"");
	expect("GET", GROUPS "/4", bob, "", 404, "");
	expect("GET", "/api/v1/audit", ada, "", 200, "config.group.drop");
}

static void a_preview_says_whom_a_rule_fits(void **state)
{
	(void)state;
	expect("GET", "/api/v1/config/preview?host=web-2&position=50", eve, "", 200,
		"{\"hosts\":1,\"taken\":0,\"items\":[{\"id\":2,\"name\":\"web-2\","
		"\"group\":{\"id\":2,\"name\":\"rest\"},\"fits\":true}]}");
	/* Behind `production`, which has web-1. */
	expect("GET", "/api/v1/config/preview?position=50", eve, "", 200,
		"{\"hosts\":2,\"taken\":1,");
	expect("GET", "/api/v1/config/preview?labels=env%3Dstag*", eve, "", 200,
		"{\"hosts\":1,");
	expect("GET", "/api/v1/config/preview?labels=env", eve, "", 400, "labels");
	expect("GET", "/api/v1/config/preview?group=2&position=1000", eve, "", 200,
		"{\"hosts\":2,\"taken\":1,");
}

static void a_revision_has_values_that_agents_take(void **state)
{
	(void)state;
	static const char *const wrong[][2] = {
		{"{\"settings\":{\"interval\":\"0s\"}}", "/settings/interval"},
		{"{\"settings\":{\"server\":\"evil:1\"}}", "/settings/server"},
		{"{\"settings\":{\"allow_commands\":\"yes\"}}", "none that the centre"},
		{"{\"settings\":{\"journal\":true}}", "/settings"},
		{"{\"settings\":{\"insides\":\"a\\u0000b\"}}", ""},
		{"{\"settings\":{\"insides\":\"a\\nb\"}}", "control"},
		{"{}", "/settings"},
	};
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
		expect("POST", GROUPS "/1/revisions", bob, wrong[i][0], 400,
			wrong[i][1]);
	expect("POST", GROUPS "/1/revisions", eve, "{\"settings\":{}}", 403, "");
	expect("POST", GROUPS "/404/revisions", bob, "{\"settings\":{}}", 404, "");
	expect("POST", GROUPS "/2/revisions", bob,
		"{\"settings\":{\"min_rss\":\"2048k\",\"interval\":\"60s\"},\"note\":"
		"\"<b>\"}",
		201, "\"settings\":{\"min_rss\": \"2M\", \"interval\": \"1m\"}");
	expect("POST", GROUPS "/2/revisions", bob, "{\"settings\":{}}", 201,
		"\"state\":\"waiting\"");
	/* One waits at most. */
	expect("GET", GROUPS "/2/revisions", eve, "", 200, "\"state\":\"dropped\"");
}

static void a_rollout_takes_its_steps(void **state)
{
	(void)state;
	expect("POST", GROUPS "/1/rollout", bob, "{\"revision\":4}", 409, "");
	expect("POST", GROUPS "/1/pause", eve, "{}", 403, "");
	expect("POST", GROUPS "/1/pause", bob, "{}", 200, "\"state\":\"paused\"");
	expect("POST", GROUPS "/1/pause", bob, "{}", 409, "");
	expect("POST", GROUPS "/1/promote", bob, "{}", 200, "\"stage\":\"part\"");
	expect("POST", GROUPS "/1/promote", bob, "{}", 200, "\"stage\":\"all\"");
	expect("POST", GROUPS "/1/promote", bob, "{}", 200, "\"good\":{\"id\":3,");
	expect("GET", GROUPS "/1/revisions", eve, "", 200, "\"state\":\"replaced\"");
	expect("POST", GROUPS "/1/promote", bob, "{}", 409, "");
	/* What is good can be taken back to what was good before, and that to none. */
	expect("POST", GROUPS "/1/rollback", bob, "{\"note\":\"too chatty\"}", 200,
		"\"good\":{\"id\":1,");
	expect("GET", GROUPS "/1/revisions", eve, "", 200, "\"reason\":\"too chatty\"");
	expect("GET", "/api/v1/config/agents?group=1", eve, "", 200, "\"desired\":1,");
	expect("POST", GROUPS "/1/rollback", bob, "{}", 200, "\"good\":null");
	expect("POST", GROUPS "/1/rollback", bob, "{}", 409, "");
	expect("GET", "/api/v1/config/agents?group=1", eve, "", 200,
		"\"desired\":null");
	/* A rollout that is under way goes back, too. */
	expect("POST", GROUPS "/1/rollout", bob, "{\"revision\":1}", 409, "");
	expect("POST", GROUPS "/1/rollout", bob, "{\"revision\":4}", 200,
		"\"stage\":\"canary\"");
	expect("POST", GROUPS "/1/rollback", bob, "{}", 200, "\"rollout\":null");
	expect("POST", GROUPS "/404/rollback", bob, "{}", 404, "");
	expect("GET", "/api/v1/audit", ada, "", 200, "config.rollback");
	expect("GET", "/api/v1/audit", ada, "", 200, "production, revision 3");
}

static void agents_are_filtered(void **state)
{
	(void)state;
	expect("GET", "/api/v1/config/agents?state=drift,wrong", eve, "", 400, "state");
	expect("GET", "/api/v1/config/agents?state=silent&limit=1", eve, "", 200,
		"web-2");
	expect("GET", "/api/v1/config/agents?limit=1", eve, "", 200, "\"next\":\"");
	expect("GET", "/api/v1/config/agents?after=x", eve, "", 400, "after");
}

static void old_agents_have_a_command(void **state)
{
	(void)state;
	api_sql("UPDATE agent SET version = CASE id WHEN 2 THEN '0.0.9' ELSE "
		"'" TIDEMARK_VERSION "' END");
	expect("GET", "/api/v1/config/versions", eve, "", 200,
		"install --only-upgrade tidemark-agent");
	expect("GET", GROUPS "/1", eve, "", 200, "\"upgrade\":null");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_preview_says_whom_a_rule_fits),
		cmocka_unit_test(agents_are_filtered),
		cmocka_unit_test(groups_keep_the_rules),
		cmocka_unit_test(a_revision_has_values_that_agents_take),
		cmocka_unit_test(a_rollout_takes_its_steps),
		cmocka_unit_test(old_agents_have_a_command),
	};
	return cmocka_run_group_tests(tests, begin, api_tear_down);
}
