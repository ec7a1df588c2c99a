/*
 * Each GET route answers the seeded fleet exactly as its golden file says; the
 * console's tests use the same files.  With TIDEMARK_GOLDEN=write the files are written
 * anew.  What a fleet is not in at once is brought about by SQL before.
 */
#include "tests/support/api.h"

#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* After what it needs. */
#include <cmocka.h>

static char golden_cookie[128];

#define CARD "capture SET card = (SELECT card FROM capture WHERE id = "

static const struct {
	const char *name, *target, *before;
} golden_files[] = {
	{"about", "/api/v1/about"},
	{"agents", "/api/v1/agents"},
	{"alert", "/api/v1/alerts/1"},
	{"alerts", "/api/v1/alerts"},
	{"findings", "/api/v1/findings?active=true"},
	{"fleet", "/api/v1/fleet"},
	{"groups_host", "/api/v1/groups?by=host"},
	{"groups_version", "/api/v1/groups?by=version&limit=3"},
	{"groups_label", "/api/v1/groups?by=label&label=zone"},
	{"hosts", "/api/v1/hosts"},
	{"hosts_service", "/api/v1/hosts?service=1"},
	{"host", "/api/v1/hosts/1"},
	{"host_instances", "/api/v1/hosts/1/instances?limit=2"},
	{"search", "/api/v1/search?q=check"},
	{"host_series", "/api/v1/hosts/1/series?metric=mem_available_kb&points=12"},
	{"instance", "/api/v1/instances/3"},
	{"metrics", "/api/v1/metrics"},
	{"bands", "/api/v1/services/1/bands?metric=rss_anon_kb&points=12"},
	{"series", "/api/v1/series?service=1&metric=rss_anon_kb&points=12"},
	{"series_age",
		"/api/v1/series?service=1&metric=rss_anon_kb&points=12&align=start&"
		"delta=true"},
	{"service", "/api/v1/services/1"},
	{"service_instances", "/api/v1/services/1/instances"},
	{"services", "/api/v1/services?limit=2"},
	{"session", "/api/v1/session"},
	{"sessions", "/api/v1/sessions"},
	{"tokens", "/api/v1/tokens"},
	{"snapshots", "/api/v1/services/1/snapshots"},
	{"snapshot", "/api/v1/snapshots/2"},
	{"snapshot_jvm", "/api/v1/snapshots/5"},
	{"snapshot_shallow", "/api/v1/snapshots/6"},
	{"compare", "/api/v1/compare?a=service:1,version:1&b=service:1,version:2&"
		    "metric=rss_anon_kb&points=20"},
	{"compare_start",
		"/api/v1/"
		"compare?a=service:1,version:2,instance:3&b=service:1,version:2,"
		"instance:4&c=service:3&d=service:1,version:2,offset:1800000&"
		"metric=rss_anon_kb&points=20&align=start"},
	{"compare_little", "/api/v1/compare?a=service:1,version:2&b=service:3&"
			   "c=service:2,host:2&metric=cpu_ratio&points=20"},
	{"comparison", "/api/v1/snapshots/2/compare?with=1"},
	{"comparison_versions", "/api/v1/snapshots/2/compare?with=3&limit=5"},
	{"captures", "/api/v1/services/1/captures"},
	{"alert_dismissed", "/api/v1/alerts/2"},
	{"sensitivities", "/api/v1/sensitivities"},
	{"sensitivity", "/api/v1/services/1/sensitivity"},
	{"feedback", "/api/v1/services/2/feedback"},
	{"replays", "/api/v1/services/1/replays"},
	{"replay", "/api/v1/replays/2"},
	{"replay_failed", "/api/v1/replays/1"},
	{"snapshot_policy", "/api/v1/services/1/snapshot-policy"},
	{"audit", "/api/v1/audit?to=1795341600000"},
	{"users", "/api/v1/users"},
	{"targets", "/api/v1/targets"},
	{"messages", "/api/v1/targets/1/messages"},
	{"messages_dead", "/api/v1/messages?state=failed"},
	{"config_settings", "/api/v1/config/settings"},
	{"config_groups", "/api/v1/config/groups"},
	{"config_group", "/api/v1/config/groups/1"},
	{"config_revisions", "/api/v1/config/groups/1/revisions"},
	{"config_preview",
		"/api/v1/config/preview?host=web-*&labels=env%3D*&position=1"},
	{"config_agents", "/api/v1/config/agents"},
	{"config_versions", "/api/v1/config/versions"},
	{"experiments", "/api/v1/experiments"},
	{"experiment", "/api/v1/experiments/1"},
	{"capture_done", "/api/v1/captures/2"},
	{"capture_denied", "/api/v1/captures/4"},
	{"capture_failed", "/api/v1/captures/5"},
	{"capture_expired", "/api/v1/captures/6"},
	{"capture_cancelled", "/api/v1/captures/7"},
	{"capture_asks", "/api/v1/captures/8"},
	{"capture_refused", "/api/v1/captures/8", "UPDATE " CARD "4) WHERE id = 8"},
	{"capture_quoted", "/api/v1/captures/8", "UPDATE " CARD "1) WHERE id = 8"},
	{"capture_ordered", "/api/v1/captures/8",
		"UPDATE capture SET state = 'ordered', confirmed_by = 2 WHERE id = 8"},
	{"capture_running", "/api/v1/captures/8",
		"UPDATE capture SET state = 'running', progress_permille = 430, "
		"route = 'inspector', text = 'reading the heap' WHERE id = 8"},
	{"capture_quoting", "/api/v1/captures/8",
		"UPDATE capture SET state = 'quoting', confirmed_by = NULL, card = "
		"NULL, "
		"route = '', text = '', progress_permille = 0 WHERE id = 8"},
	{"sensitivity_set", "/api/v1/services/1/sensitivity",
		"INSERT INTO service_setting VALUES (1, 'eager', 2, "
		"'2026-11-22 09:45+00')"},
	{"replay_waiting", "/api/v1/replays/1",
		"UPDATE replay SET state = 'waiting', ended_at = NULL, text = '' "
		"WHERE id = 1"},
	{"instance_silent", "/api/v1/instances/3",
		"UPDATE slot_verdict SET silent = true, at = '2026-11-22 09:59:55+00' "
		"WHERE fingerprint_id = 2; UPDATE agent SET last_seen_at = "
		"'2026-11-22 08:00+00' WHERE id = 1"},
	{"findings_silent", "/api/v1/findings?level=confirmed&kind=leak"},
	{"fleet_silent", "/api/v1/fleet"},
	{"alert_acknowledged", "/api/v1/alerts/1",
		"UPDATE alert SET state = 'acknowledged', owner_id = 2, "
		"acknowledged_by = 2, "
		"acknowledged_at = '2026-11-22 09:50+00', acknowledged_until = "
		"'2026-11-23 09:00+00' WHERE id = 1"},
	{"alert_archived", "/api/v1/alerts/1",
		"UPDATE alert SET state = 'archived', acknowledged_by = NULL, "
		"acknowledged_at = NULL, acknowledged_until = NULL, archived_by = 1, "
		"archived_at = '2026-11-22 09:55+00', archive_until = "
		"'2026-11-29 09:00+00', archive_above_kb_h = 102400, "
		"archive_above_hosts = 3 WHERE id = 1"},
	{"alert_verifying", "/api/v1/alerts/1",
		"UPDATE alert SET state = 'resolved', resolution = 'fixed', "
		"archived_by = "
		"NULL, archived_at = NULL, archive_until = NULL, archive_above_kb_h = "
		"NULL, "
		"archive_above_hosts = NULL, resolved_by = 2, resolved_at = "
		"'2026-11-22 09:30+00', resolved_in = '1.1.1', verify_state = "
		"'running', "
		"verify_ms = 111600000, verify_needed_h = 72, verify_hosts = 4, "
		"verify_since "
		"= '2026-11-22 09:40+00' WHERE id = 1"},
	{"alert_regressed", "/api/v1/alerts/1",
		"UPDATE alert SET state = 'open', resolution = '', resolved_by = NULL, "
		"resolved_at = NULL, regressed_at = '2026-11-22 09:58+00', reopened = "
		"1, "
		"verify_state = NULL WHERE id = 1"},
};

/* Steps, after all that; each answer is a golden file too. */
static const struct {
	const char *name, *target, *body;
} golden_posts[] = {
	{"alert_steps", "/api/v1/alerts/steps",
		"{\"step\":\"acknowledge\",\"until_ms\":1795345200000,\"alerts\":[{"
		"\"id\":1,"
		"\"revision\":2},{\"id\":2,\"revision\":2},{\"id\":404}]}"},
};

/* The same, over api_insight.sql. */
static const struct {
	const char *name, *target;
} golden_insight[] = {
	{"service_contents", "/api/v1/services/21"},
	{"fingerprints", "/api/v1/services/21/fingerprints"},
	{"fingerprint", "/api/v1/fingerprints/26?limit=4"},
	{"fingerprint_diff", "/api/v1/fingerprints/diff?from=25&to=26"},
	{"packages", "/api/v1/packages?name=%40pm2%2Fio"},
	{"deploys", "/api/v1/services/21/deploys"},
	{"insides", "/api/v1/instances/28/insides"},
	{"insides_none", "/api/v1/instances/27/insides"},
	{"memory", "/api/v1/services/21/memory?points=12"},
	{"census", "/api/v1/services/21/census?hours=24"},
	{"warnings", "/api/v1/services/21/warnings"},
	{"stray_warnings", "/api/v1/warnings?host=1"},
	{"queues", "/api/v1/queues"},
	{"queue", "/api/v1/queues/1"},
	{"queue_series", "/api/v1/queues/1/series?points=12"},
	{"services_queues", "/api/v1/services?q=checkout"},
	{"service_queues", "/api/v1/services/1/queues"},
	{"sources", "/api/v1/sources"},
};

static char *golden_text(json_t *value)
{
	char *text = json_dumps(value, JSON_INDENT(2) | JSON_REAL_PRECISION(15));
	assert_non_null(text);
	return text;
}

static void golden_check(const char *name, const char *target, const char *body)
{
	scoped_reply struct http_reply r;
	char path[512], headers[256];
	snprintf(headers, sizeof headers, "%s%s", golden_cookie, body ? API_JSON : "");
	snprintf(path, sizeof path, TIDEMARK_SOURCE_DIR "/schema/api/%s.json", name);
	api_ask(body ? "POST" : "GET", target, headers, body, &r);
	if (r.status != 200)
		fail_msg("%s: %d %s", target, r.status, r.body.data);
	json_error_t why;
	json_t *answer = json_loads(r.body.data, JSON_REJECT_DUPLICATES, &why);
	if (!answer)
		fail_msg("%s: no JSON: %s", target, why.text);
	char *text = golden_text(answer);
	const char *mode = getenv("TIDEMARK_GOLDEN");
	if (mode && strcmp(mode, "write") == 0) {
		FILE *file = fopen(path, "w");
		assert_non_null(file);
		fprintf(file, "%s\n", text);
		fclose(file);
	}
	json_t *golden = json_load_file(path, 0, &why);
	if (!golden)
		fail_msg("%s: %s", path, why.text);
	char *expected = golden_text(golden);
	assert_string_equal(text, expected);
	free(text);
	free(expected);
	json_decref(answer);
	json_decref(golden);
}

static void golden_files_are_answers(void **state)
{
	(void)state;
	api_log_in("ada", golden_cookie);
	for (size_t i = 0; i < sizeof golden_files / sizeof *golden_files; i++) {
		if (golden_files[i].before)
			api_sql(golden_files[i].before);
		golden_check(golden_files[i].name, golden_files[i].target, NULL);
	}
	api_run_script(TIDEMARK_SOURCE_DIR "/tests/support/api_insight.sql");
	for (size_t i = 0; i < sizeof golden_insight / sizeof *golden_insight; i++)
		golden_check(golden_insight[i].name, golden_insight[i].target, NULL);
	for (size_t i = 0; i < sizeof golden_posts / sizeof *golden_posts; i++)
		golden_check(golden_posts[i].name, golden_posts[i].target,
			golden_posts[i].body);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(golden_files_are_answers),
	};
	return cmocka_run_group_tests(tests, api_set_up, api_tear_down);
}
