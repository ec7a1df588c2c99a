/*
 * Steps on alerts: who works on them, until when they rest, undo, many at once, and how
 * they are found.
 */
#include "tests/support/api.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* After what it needs. */
#include <cmocka.h>

#define IN_AN_HOUR "1795345200000"

static char ada[256], bob[256];

static int set_up(void **state)
{
	char cookie[128];
	api_set_up(state);
	api_log_in("bob", cookie);
	snprintf(bob, sizeof bob, "%s" API_JSON, cookie);
	api_log_in("ada", cookie);
	snprintf(ada, sizeof ada, "%s" API_JSON, cookie);
	return 0;
}

/* Alert 1 is new, and nothing happened to it but its opening. */
static int renew(void **state)
{
	(void)state;
	atomic_store(&api_now, API_NOW_MS);
	api_sql("UPDATE alert SET state = 'open', owner_id = NULL, acknowledged_at = "
		"NULL, "
		"acknowledged_by = NULL, acknowledged_until = NULL, archived_at = "
		"NULL, "
		"archived_by = NULL, archive_until = NULL, archive_above_kb_h = NULL, "
		"archive_above_hosts = NULL, escalated_at = NULL, regressed_at = NULL, "
		"resolved_at = NULL, resolved_by = NULL, resolution = '', resolved_in "
		"= NULL, "
		"verify_state = NULL WHERE id = 1; DELETE FROM feedback WHERE id <> 1; "
		"DELETE FROM alert_event WHERE alert_id = 1 AND kind <> 'opened'");
	return 0;
}

static void ask(const char *who, const char *method, const char *path, const char *body,
	int status, const char *text)
{
	char target[512];
	scoped_reply struct http_reply r;
	snprintf(target, sizeof target, "/api/v1/%s", path);
	api_ask(method, target, who, body, &r);
	if (r.status != status || !strstr(r.body.data, text))
		fail_msg("%s %s %s: %d, not %d with '%s': %s", method, path, body,
			r.status, status, text, r.body.data);
}

static void step(const char *who, const char *name, const char *body, int status,
	const char *text)
{
	char path[64];
	snprintf(path, sizeof path, "alerts/1/%s", name);
	ask(who, "POST", path, body, status, text);
}

static void who_acknowledges_owns(void **state)
{
	(void)state;
	step(bob, "acknowledge", "{\"note\":\"mine\",\"until_ms\":" IN_AN_HOUR "}", 200,
		"\"inbox\":\"acknowledged\",\"owner\":\"bob\","
		"\"acknowledged_until_ms\":" IN_AN_HOUR);
	ask(bob, "GET", "alerts/1", NULL, 200,
		"\"kind\":\"acknowledged\",\"text\":\"until 2026-11-22 11:00 UTC: "
		"mine\"");
	/* What is, takes new terms, and no more than that. */
	step(ada, "acknowledge", "{}", 409, "the alert is acknowledged");
	step(ada, "acknowledge", "{\"owner\":\"eve\"}", 200, "\"owner\":\"eve\"");
	step(ada, "assign", "{\"owner\":\"ada\"}", 200, "\"owner\":\"ada\"");
	step(ada, "assign", "{\"owner\":null}", 200, "\"owner\":null");
	step(ada, "assign", "{\"owner\":\"mallory\"}", 400, "\"pointer\":\"/owner\"");
	step(ada, "acknowledge", "{\"until_ms\":1795341600000}", 400, "must lie ahead");
	ask(ada, "GET", "audit", NULL, 200,
		"\"actor\":\"ada\",\"action\":\"alert.assign\",\"service\":{\"id\":1,"
		"\"name\":\"checkout\"},\"host\":null,\"subject\":\"alert 1, checkout "
		"1.1.0\",\"detail\":\"nobody\"");
}

static void an_archive_has_a_condition(void **state)
{
	(void)state;
	step(bob, "archive", "{}", 400, "until_ms, above_kb_h or above_hosts");
	step(bob, "archive", "{\"above_kb_h\":-1}", 400, "\"pointer\":\"/above_kb_h\"");
	step(bob, "archive", "{\"above_kb_h\":\"x\"}", 400,
		"\"pointer\":\"/above_kb_h\"");
	step(bob, "archive", "{\"above_hosts\":1.5}", 400,
		"\"pointer\":\"/above_hosts\"");
	step(bob, "acknowledge", "{}", 200, "acknowledged");
	step(bob, "archive",
		"{\"above_kb_h\":102400.5,\"above_hosts\":1,\"until_ms\":" IN_AN_HOUR
		",\"note\":\"known\"}",
		200,
		"\"archive\":{\"by\":\"bob\",\"at_ms\":1795341600000,\"until_"
		"ms\":" IN_AN_HOUR ",\"above_kb_h\":102400.5,\"above_hosts\":1}");
	ask(bob, "GET", "alerts/1", NULL, 200,
		"\"text\":\"until 2026-11-22 11:00 UTC or it grows by more than 100 "
		"MiB per "
		"hour or more than 1 host leak: known\"");
	ask(bob, "GET", "alerts", NULL, 200, "{\"items\":[]}");
	ask(bob, "GET", "alerts?state=archived", NULL, 200, "\"id\":1");
	ask(bob, "GET", "fleet", NULL, 200, "\"archived\":1");
	step(bob, "reopen", "{}", 200, "\"archive\":null");
}

static void a_version_that_nobody_runs_fixes_it(void **state)
{
	(void)state;
	step(bob, "resolve", "{\"version\":\"1.1.1\",\"note\":\"listeners\"}", 200,
		"\"resolved_in\":\"1.1.1\",\"verification\":{\"state\":\"waiting\","
		"\"seen_h\":"
		"0,\"needed_h\":72,\"hosts\":0,\"since_ms\":null,\"verified_at_ms\":"
		"null}");
	ask(bob, "GET", "alerts/1", NULL, 200, "\"text\":\"in 1.1.1: listeners\"");
	step(bob, "resolve", "{\"version\":\"1.1.1\"}", 409, "the alert is resolved");
	step(bob, "resolve", "{\"version\":\" \"}", 409, "the alert is resolved");
	step(bob, "resolve", "{\"version\":\"1.1.2\"}", 200,
		"\"resolved_in\":\"1.1.2\"");
	step(bob, "reopen", "{}", 200, "\"resolved_in\":null,\"verification\":null");
	step(bob, "resolve", "{}", 200, "\"resolved_in\":null,\"verification\":null");
}

static void a_step_is_undone_by_who_took_it(void **state)
{
	(void)state;
	step(bob, "undo", "{}", 409, "no step of yours");
	step(ada, "archive", "{\"above_hosts\":7}", 200, "\"inbox\":\"archived\"");
	step(ada, "resolve", "{\"version\":\"9\"}", 200, "\"inbox\":\"resolved\"");
	step(bob, "undo", "{}", 409, "no step of yours");
	step(ada, "undo", "{}", 200, "\"inbox\":\"archived\"");
	ask(ada, "GET", "alerts/1", NULL, 200, "\"above_hosts\":7}");
	ask(ada, "GET", "alerts/1", NULL, 200, "\"resolved_in\":null");
	ask(ada, "GET", "alerts/1", NULL, 200,
		"\"user\":\"ada\",\"kind\":\"undone\",\"text\":\"resolved\"");
	step(ada, "undo", "{}", 409, "cannot be undone");
	/* Too late; and what was said was said. */
	step(ada, "acknowledge", "", 200, "acknowledged");
	atomic_store(&api_now, API_NOW_MS + 61000);
	step(ada, "undo", "{}", 409, "for a minute");
	step(ada, "notes", "{\"text\":\"x\"}", 200, "\"x\"");
	step(ada, "undo", "{}", 409, "cannot be undone");
	/* Something else has happened since. */
	step(ada, "assign", "{\"owner\":\"bob\"}", 200, "\"owner\":\"bob\"");
	api_sql("INSERT INTO alert_event (alert_id, at, kind) VALUES (1, now(), "
		"'quiet')");
	step(ada, "undo", "{}", 409, "no step of yours");
	step(ada, "assign", "{}", 200, "\"owner\":null");
	api_sql("UPDATE alert SET revision = revision + 1 WHERE id = 1");
	step(ada, "undo", "{}", 409, "cannot be undone");
}

/* What a dismissal remembered, and what a reopening withdrew. */
static void an_undone_step_takes_back_what_it_said(void **state)
{
	(void)state;
	static const char *const list = "services/1/feedback";
	step(bob, "dismiss", "{\"reason\":\"a cache\"}", 200, "\"not-a-leak\"");
	ask(bob, "GET", list, NULL, 200, "a cache");
	step(bob, "undo", "{}", 200, "\"inbox\":\"new\"");
	ask(bob, "GET", list, NULL, 200, "{\"items\":[]}");
	atomic_fetch_add(&api_now, 1000);
	step(bob, "dismiss", "{\"reason\":\"a cache\"}", 200, "\"not-a-leak\"");
	atomic_fetch_add(&api_now, 1000);
	step(bob, "reopen", "{}", 200, "\"inbox\":\"new\"");
	ask(bob, "GET", list, NULL, 200, "{\"items\":[]}");
	step(bob, "undo", "{}", 200, "\"resolution\":\"not-a-leak\"");
	ask(bob, "GET", list, NULL, 200, "a cache");
}

static void a_merge_is_undone_too(void **state)
{
	(void)state;
	api_sql("INSERT INTO finding (id, service_id, fingerprint_id, kind, first_at, "
		"last_at, "
		"slots, slots_leaking, hosts, hosts_leaking, summary, reasons) "
		"OVERRIDING SYSTEM "
		"VALUE VALUES (9, 1, 1, 'leak', now(), now(), 1, 1, 1, 1, '', '[]'); "
		"INSERT INTO alert (id, finding_id, opened_at) OVERRIDING SYSTEM VALUE "
		"VALUES "
		"(9, 9, now())");
	step(bob, "merge", "{\"alerts\":[9]}", 200, "\"merged\":[9]");
	step(ada, "undo", "{}", 409, "no step of yours");
	step(bob, "undo", "{}", 200, "\"merged\":[]");
	ask(bob, "GET", "alerts/9", NULL, 200, "\"merged_into\":null");
	ask(bob, "GET", "alerts/9", NULL, 200,
		"\"kind\":\"undone\",\"text\":\"merged\"");
	step(bob, "undo", "{}", 409, "cannot be undone");
	atomic_fetch_add(&api_now, 1000);
	step(bob, "merge", "{\"alerts\":[9]}", 200, "\"merged\":[9]");
	atomic_fetch_add(&api_now, 1000);
	step(bob, "unmerge", "{\"alerts\":[9]}", 200, "\"merged\":[]");
	step(bob, "undo", "{}", 200, "\"merged\":[9]");
	ask(bob, "GET", "alerts/9", NULL, 200, "\"merged_into\":1");
	api_sql("DELETE FROM alert WHERE id = 9; DELETE FROM finding WHERE id = 9");
}

static void many_alerts_take_a_step_each(void **state)
{
	(void)state;
	ask(bob, "POST", "alerts/steps",
		"{\"step\":\"acknowledge\",\"note\":\"all\",\"alerts\":[{\"id\":1},{"
		"\"id\":2},"
		"{\"id\":77}]}",
		200,
		"{\"items\":[{\"id\":1,\"status\":200,\"detail\":null,\"alert\":{"
		"\"id\":1,");
	ask(bob, "POST", "alerts/steps",
		"{\"step\":\"assign\",\"owner\":\"eve\",\"alerts\":[{\"id\":77},"
		"{\"id\":1,\"revision\":1}]}",
		200,
		"{\"items\":[{\"id\":77,\"status\":404,\"detail\":\"there is no such "
		"alert\","
		"\"alert\":null},{\"id\":1,\"status\":412,\"detail\":\"the alert has "
		"moved");
	ask(bob, "POST", "alerts/steps", "{\"step\":\"undo\",\"alerts\":[{\"id\":1}]}",
		200, "\"inbox\":\"new\"");
	ask(bob, "POST", "alerts/steps",
		"{\"step\":\"explode\",\"alerts\":[{\"id\":1}]}", 400,
		"\"pointer\":\"/step\"");
	ask(bob, "POST", "alerts/steps", "{\"step\":\"undo\",\"alerts\":[]}", 400,
		"\"pointer\":\"/alerts\"");
	ask(bob, "POST", "alerts/steps",
		"{\"step\":\"undo\",\"alerts\":[{\"id\":1},{\"id\":1}]}", 400,
		"each id once");
	ask(bob, "POST", "alerts/steps", "{\"step\":\"undo\",\"alerts\":[1]}", 400,
		"item 0");
	ask(bob, "POST", "alerts/steps",
		"{\"step\":\"dismiss\",\"alerts\":[{\"id\":1}]}", 400,
		"reason: is missing");
	ask(bob, "POST", "alerts/steps",
		"{\"step\":\"undo\",\"until_ms\":7,\"alerts\":[{\"id\":1}]}", 400,
		"not known");
}

static void found(const char *q, bool is_found)
{
	char path[256];
	snprintf(path, sizeof path, "alerts?%s", q);
	ask(bob, "GET", path, NULL, 200,
		is_found ? "{\"items\":[{\"id\":1," : "{\"items\":[]}");
}

static void alerts_are_found(void **state)
{
	(void)state;
	static const char *const yes[] = {"q=is:new", "q=is:open+kind:leak",
		"q=service:check*", "q=service:CHECKOUT", "q=host:web-?",
		"q=version:1.1.*", "q=cause:1.1", "q=owner:none", "q=leaks+checkout",
		"q=%22of+2+instances%22", "inbox=new",
		"inbox=new,escalating&q=checkout", "q=service:x+service:checkout"};
	static const char *const no[] = {"q=is:archived", "q=kind:backlog",
		"q=service:check", "q=host:web", "q=version:1.0.0", "q=cause:pm2",
		"q=owner:me", "q=leaks+mailer", "inbox=regressed",
		"inbox=regressed&q=is:new", "q=service:%25", "q=host:web__",
		"state=acknowledged&q=is:new"};
	for (size_t i = 0; i < sizeof yes / sizeof *yes; i++)
		found(yes[i], true);
	for (size_t i = 0; i < sizeof no / sizeof *no; i++)
		found(no[i], false);
	step(bob, "acknowledge", "", 200, "acknowledged");
	found("q=owner:me+is:acknowledged", true);
	found("q=owner:bob", true);
	ask(bob, "GET", "alerts?q=is:resolved", NULL, 200, "{\"items\":[{\"id\":2,");
	ask(bob, "GET", "alerts?q=sevrice:x", NULL, 400, "'sevrice:'");
	ask(bob, "GET", "alerts?inbox=tray", NULL, 400, "inbox");
	ask(ada, "GET", "alerts?q=owner:me", NULL, 200, "{\"items\":[]}");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(who_acknowledges_owns, renew),
		cmocka_unit_test_setup(an_archive_has_a_condition, renew),
		cmocka_unit_test_setup(a_version_that_nobody_runs_fixes_it, renew),
		cmocka_unit_test_setup(a_step_is_undone_by_who_took_it, renew),
		cmocka_unit_test_setup(an_undone_step_takes_back_what_it_said, renew),
		cmocka_unit_test_setup(a_merge_is_undone_too, renew),
		cmocka_unit_test_setup(many_alerts_take_a_step_each, renew),
		cmocka_unit_test_setup(alerts_are_found, renew),
	};
	return cmocka_run_group_tests(tests, set_up, api_tear_down);
}
