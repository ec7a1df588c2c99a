/*
 * What a user sees who is limited to services: theirs, and of no other even the name,
 * in whatever he asks.  What is beyond is answered as what does not exist.
 */
#include "server/api/routes.h"
#include "tests/support/api.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* After what it needs. */
#include <cmocka.h>

enum { IDS_MAX = 34 };

/* Of api_seed.sql, api_snapshots.sql and api_insight.sql: eve sees one service alone.
 */
static const char *const others[] = {
	"checkout", "mailer", "ledger", "orders", "postgresql", "@pm2/io"};
enum { ORDERS = 3, POSTGRESQL = 4, PACKAGE = 5, OTHERS = 6 };

static char eve[128], bob[128], bob_json[256];
static size_t seen[OTHERS]; /* by who sees all */
static bool is_hers[OTHERS];

/* What routes want to be asked with, beside the bare path. */
static const struct {
	const char *path, *query;
} queries[] = {
	{"/api/v1/series", "service=1&metric=rss_anon_kb"},
	{"/api/v1/series", "service=2&metric=rss_anon_kb"},
	{"/api/v1/services/{id}/bands", "metric=rss_anon_kb"},
	{"/api/v1/hosts/{id}/series", "metric=mem_available_kb"},
	{"/api/v1/groups", "by=service"},
	{"/api/v1/groups", "by=host"},
	{"/api/v1/groups", "by=version"},
	{"/api/v1/groups", "by=label&label=zone"},
	{"/api/v1/search", "q=check"},
	{"/api/v1/search", "q=led"},
	{"/api/v1/search", "q=ord"},
	{"/api/v1/search", "q=o"},
	{"/api/v1/search", "q=pm2"},
	{"/api/v1/packages", "name=%40pm2%2Fio"},
	{"/api/v1/packages", "name=ms"},
	{"/api/v1/warnings", "host=1"},
	{"/api/v1/warnings", "host=2"},
	{"/api/v1/fingerprints/diff", "from=25&to=26"},
	{"/api/v1/compare",
		"a=service:1,version:1&b=service:1,version:2&metric=rss_kb"},
	{"/api/v1/compare", "a=service:2&b=service:3&metric=rss_kb"},
	{"/api/v1/snapshots/{id}/compare", "with=1"},
	{"/api/v1/silences/preview", "service=*"},
	{"/api/v1/silences/preview", "host=*"},
	{"/api/v1/alerts/{id}/report", "format=markdown"},
	{"/api/v1/alerts/{id}/report", "format=html"},
};

static void ask_as(const char *who, const char *target, bool is_limited)
{
	scoped_reply struct http_reply r;
	api_ask("GET", target, who, NULL, &r);
	if (r.status != 200 && r.status != 404 && r.status != 400 && r.status != 403 &&
		r.status != 409)
		fail_msg("%s: %d %s", target, r.status, r.body.data);
	for (size_t i = 0; i < OTHERS; i++) {
		/* A problem names the path, and a search what is looked for. */
		if (r.status != 200 || !strstr(r.body.data, others[i]))
			continue;
		if (is_limited && !is_hers[i])
			fail_msg("%s tells of %s: %s", target, others[i], r.body.data);
		seen[i]++;
	}
}

static void ask_path(const char *who, const char *path, bool is_limited)
{
	ask_as(who, path, is_limited);
	for (size_t i = 0; i < sizeof queries / sizeof *queries; i++) {
		char target[300];
		const char *hole = strstr(queries[i].path, "{id}");
		size_t before = hole ? (size_t)(hole - queries[i].path) : 0;
		bool same = hole ? strncmp(path, queries[i].path, before) == 0 &&
					    strcmp(path + before +
							    strcspn(path + before, "/"),
						    hole + 4) == 0
				 : strcmp(path, queries[i].path) == 0;
		snprintf(target, sizeof target, "%s?%s", path, queries[i].query);
		if (same)
			ask_as(who, target, is_limited);
	}
}

/* Every route that reads, with every number that the seeds have. */
static void ask_all(const char *who, bool is_limited)
{
	for (size_t i = 0; i < routes_count; i++) {
		const char *path = routes[i].path;
		const char *hole = strstr(path, "{id}");
		if (strcmp(routes[i].method, "GET") != 0 || strstr(path, "{key}") ||
			strstr(path, "/events") || strstr(path, "openapi"))
			continue;
		if (!hole)
			ask_path(who, path, is_limited);
		for (int id = 1; hole && id < IDS_MAX; id++) {
			char target[200];
			snprintf(target, sizeof target, "%.*s%d%s", (int)(hole - path),
				path, id, hole + 4);
			ask_path(who, target, is_limited);
		}
	}
}

static void no_answer_tells_of_another_service(void **state)
{
	(void)state;
	is_hers[POSTGRESQL] = true;
	ask_all(eve, true);
	/* orders works on queues that checkout fills. */
	api_sql("UPDATE app_user SET services = '{orders}' WHERE name = 'eve'");
	is_hers[POSTGRESQL] = false;
	is_hers[ORDERS] = is_hers[PACKAGE] = true;
	ask_all(eve, true);
	api_sql("UPDATE app_user SET services = '{postgresql}' WHERE name = 'eve'");
	/* Each would have been seen. */
	ask_all(bob, false);
	for (size_t i = 0; i < OTHERS; i++)
		if (seen[i] < 3)
			fail_msg("%s was seen %zu times", others[i], seen[i]);
}

static void expect(const char *who, const char *method, const char *path,
	const char *body, int status, const char *text)
{
	scoped_reply struct http_reply r;
	api_ask(method, path, who, body, &r);
	if (r.status != status || (text && !strstr(r.body.data, text)))
		fail_msg("%s %s: %d %s", method, path, r.status, r.body.data);
}

static void what_is_theirs_is_seen(void **state)
{
	(void)state;
	expect(eve, "GET", "/api/v1/services", NULL, 200, "\"postgresql\"");
	expect(eve, "GET", "/api/v1/services/2", NULL, 200, "\"postgresql\"");
	expect(eve, "GET", "/api/v1/alerts/2", NULL, 200, "\"postgresql\"");
	expect(eve, "GET", "/api/v1/hosts", NULL, 200, "\"web-1\"");
	expect(eve, "GET", "/api/v1/hosts/1/instances", NULL, 200, "\"postgresql\"");
	expect(eve, "GET", "/api/v1/series?service=2&metric=rss_anon_kb", NULL, 200,
		"\"web-1\"");
}

static void what_is_beyond_does_not_exist(void **state)
{
	(void)state;
	static const char *const gone[] = {"services/1", "services/99", "alerts/1",
		"alerts/99", "instances/3", "hosts/2", "snapshots/2", "captures/2",
		"replays/1", "alerts/1/report", "services/1/instances"};
	for (size_t i = 0; i < sizeof gone / sizeof *gone; i++) {
		char path[100];
		snprintf(path, sizeof path, "/api/v1/%s", gone[i]);
		expect(eve, "GET", path, NULL, 404, "\"detail\":\"no ");
	}
	expect(eve, "GET", "/api/v1/config/groups", NULL, 403, "limited");
}

static void steps_reach_no_further(void **state)
{
	(void)state;
	api_sql("UPDATE app_user SET services = '{postgres*}' WHERE name = 'bob'");
	static const struct {
		const char *method, *path, *body;
		int status;
	} steps[] = {
		{"POST", "alerts/1/acknowledge", "{}", 404},
		{"POST", "alerts/1/notes", "{\"text\":\"mine\"}", 404},
		{"POST", "alerts/2/notes", "{\"text\":\"mine\"}", 200},
		{"POST", "alerts/2/reopen", "{}", 200},
		{"POST", "alerts/2/resolve", "{}", 200},
		{"POST", "alerts/2/undo", "{}", 200},
		{"POST", "alerts/2/merge", "{\"alerts\":[1]}", 400},
		{"POST", "instances/3/captures", "{}", 404},
		{"POST", "captures/1/confirm", "{}", 404},
		{"PUT", "services/1/sensitivity", "{\"sensitivity\":\"calm\"}", 404},
		{"PUT", "services/2/sensitivity", "{\"sensitivity\":\"calm\"}", 200},
		{"POST", "services/1/replays",
			"{\"sensitivity\":\"calm\",\"from_ms\":1795300000000}", 404},
		{"POST", "services/2/replays",
			"{\"sensitivity\":\"calm\",\"from_ms\":1795300000000}", 202},
		{"POST", "experiments", "{\"service\":\"checkout\",\"name\":\"a\"}",
			400},
		{"POST", "deploys", "{\"service\":\"checkout\",\"version\":\"1\"}",
			400},
		{"POST", "deploys", "{\"service\":\"postgresql\",\"version\":\"1\"}",
			201},
		{"PUT", "hosts/1/labels", "{\"labels\":{}}", 403},
		{"POST", "silences",
			"{\"service\":\"*\",\"reason\":\"r\","
			"\"ends_at_ms\":1795345200000}",
			403},
		{"POST", "silences",
			"{\"host\":\"web-1\",\"reason\":\"r\","
			"\"ends_at_ms\":1795345200000}",
			403},
		{"POST", "silences",
			"{\"service\":\"postgres*\",\"reason\":\"r\","
			"\"ends_at_ms\":1795345200000}",
			201},
	};
	for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
		char path[100];
		snprintf(path, sizeof path, "/api/v1/%s", steps[i].path);
		expect(bob_json, steps[i].method, path, steps[i].body, steps[i].status,
			NULL);
	}
	/* Steps on an alert are also steps on those that it is merged with. */
	static const char *const merges[] = {
		"UPDATE alert SET merged_into = 2 WHERE id = 1",
		"UPDATE alert SET merged_into = 1 WHERE id = 2"};
	for (size_t i = 0; i < sizeof merges / sizeof *merges; i++) {
		api_sql(merges[i]);
		expect(bob_json, "POST", "/api/v1/alerts/2/resolve", "{}", 409,
			"beyond your limit");
		expect(bob_json, "POST", "/api/v1/alerts/2/reopen", "{}", 409,
			"beyond your limit");
		expect(bob_json, "POST", "/api/v1/alerts/2/notes",
			"{\"text\":\"mine\"}", 200, NULL);
		api_sql("UPDATE alert SET merged_into = NULL");
	}
	api_sql("UPDATE app_user SET services = NULL WHERE name = 'bob'");
	expect(bob, "GET", "/api/v1/alerts/1", NULL, 200, "\"state\":\"open\"");
}

/* Nothing is left of one user's limit for the next on the same connection. */
static void limits_follow_their_users(void **state)
{
	(void)state;
	for (int i = 0; i < 20; i++) {
		api_sql("UPDATE app_user SET services = '{checkout}' WHERE name = "
			"'bob'");
		expect(bob, "GET", "/api/v1/services/1", NULL, 200, "checkout");
		expect(eve, "GET", "/api/v1/services/1", NULL, 404, NULL);
		expect(bob, "GET", "/api/v1/services/2", NULL, 404, NULL);
		expect(eve, "GET", "/api/v1/services/2", NULL, 200, NULL);
		api_sql("UPDATE app_user SET services = '{}' WHERE name = 'bob'");
		expect(bob, "GET", "/api/v1/services", NULL, 200, "\"items\":[]");
	}
	api_sql("UPDATE app_user SET services = NULL WHERE name = 'bob'");
}

static int set_up(void **state)
{
	api_set_up(state);
	api_run_script(TIDEMARK_SOURCE_DIR "/tests/support/api_insight.sql");
	api_sql("UPDATE app_user SET services = '{postgresql}' WHERE name = 'eve'");
	api_log_in("eve", eve);
	api_log_in("bob", bob);
	snprintf(bob_json, sizeof bob_json, "%s%s", bob, API_JSON);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_answer_tells_of_another_service),
		cmocka_unit_test(what_is_theirs_is_seen),
		cmocka_unit_test(what_is_beyond_does_not_exist),
		cmocka_unit_test(steps_reach_no_further),
		cmocka_unit_test(limits_follow_their_users),
	};
	return cmocka_run_group_tests(tests, set_up, api_tear_down);
}
