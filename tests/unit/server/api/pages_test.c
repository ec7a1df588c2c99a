/*
 * The pages of a list together are the list, in its order, also while rows are added.
 */
#include "server/api/query.h"
#include "tests/support/api.h"

#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* After what it needs. */
#include <cmocka.h>

static char cookie[128];

static void run(const char *script)
{
	struct err e = {0};
	api_require(db_script(api_db, script, "rows", &e), "rows", &e);
}

static int set_up(void **state)
{
	api_set_up(state);
	api_log_in("ada", cookie);
	/* 40 of each kind, with equal sort keys here and there. */
	run("INSERT INTO host (machine_id, name, interval_ms) SELECT 'm' || n, "
	    "'h\xc3\xa9 ' || n / 2, "
	    "10000 FROM generate_series(1, 40) n;"
	    "INSERT INTO agent (public_key, host_id, last_seen_at, last_sample_at) "
	    "SELECT "
	    "decode(lpad(to_hex(id), 64, '0'), 'hex'), id, '2026-11-22 09:59:50+00', "
	    "'2026-11-22 09:59:50+00' FROM host WHERE id > 1000;"
	    "INSERT INTO service (name) SELECT 'svc ' || n FROM generate_series(1, 40) "
	    "n;"
	    "INSERT INTO fingerprint (service_id, version, runtime) SELECT id, '1', '' "
	    "FROM service "
	    "WHERE id > 1000;"
	    "INSERT INTO slot (service_id, host_id, ordinal) SELECT s.id, h.id, 0 FROM "
	    "service s "
	    "JOIN host h ON h.id = s.id OR s.id = 1001 WHERE s.id > 1000 AND h.id > "
	    "1000;"
	    "INSERT INTO generation (slot_id, fingerprint_id, host_id, boot_id, pid, "
	    "start_ticks, "
	    "started_at, last_sample_at, command, rule) SELECT l.id, f.id, l.host_id, "
	    "'b', l.id, 1, "
	    "'2026-11-22 09:00+00', '2026-11-22 09:59:50+00', '', '' FROM slot l JOIN "
	    "fingerprint f "
	    "ON f.service_id = l.service_id WHERE l.service_id > 1000;"
	    "INSERT INTO version_verdict (fingerprint_id, service_id, at, verdict, "
	    "rate_kb_h, "
	    "rate_low_kb_h, rate_high_kb_h, slots, slots_leaking, hosts, "
	    "hosts_leaking, summary, "
	    "reasons) SELECT id, service_id, '2026-11-22 09:59:30+00', (ARRAY['leak', "
	    "'steady', "
	    "'watch'])[id % 3 + 1], (id % 5) / 3.0, 0, 9, 1, 0, 1, 0, '', '[]' FROM "
	    "fingerprint WHERE "
	    "id > 1000 AND id % 7 > 0;"
	    "INSERT INTO finding (service_id, fingerprint_id, kind, first_at, last_at, "
	    "slots, "
	    "slots_leaking, hosts, hosts_leaking, summary, reasons) SELECT service_id, "
	    "id, 'leak', "
	    "'2026-11-22 09:00+00', '2026-11-22 09:59+00', 1, 1, 1, 1, '', '[]' FROM "
	    "fingerprint "
	    "WHERE id > 1000;"
	    "INSERT INTO alert (finding_id, opened_at) SELECT id, '2026-11-22 "
	    "09:00:00.123456+00'::timestamptz "
	    "+ id / 3 * interval '1 second' FROM finding WHERE id > 1000;"
	    "INSERT INTO token (id, kind, secret_hash, created_at, expires_at) SELECT "
	    "lpad(to_hex(n), 16, '0'), 'join', '\\x00', '2026-11-22 "
	    "09:00:00.123456+00'::timestamptz "
	    "+ n / 3 * interval '1 second', '2026-11-23' FROM generate_series(1, 40) "
	    "n;");
	return 0;
}

static json_t *ask(const char *target)
{
	scoped_reply struct http_reply r;
	json_error_t why;
	api_ask("GET", target, cookie, NULL, &r);
	if (r.status != 200)
		fail_msg("%s: %d %s", target, r.status, r.body.data);
	json_t *answer = json_loads(r.body.data, 0, &why);
	assert_non_null(answer);
	return answer;
}

/* All ids of a list, page by page. */
static json_t *walk(const char *list, int limit, size_t *pages)
{
	/* Not json_array(), whose name common/json.h has. */
	json_t *ids = json_loads("[]", 0, NULL);
	char target[1400];
	const char *mark = strchr(list, '?') ? "&" : "?";
	snprintf(target, sizeof target, "%s%slimit=%d", list, mark, limit);
	for (*pages = 1;; ++*pages) {
		json_t *page = ask(target), *item;
		json_t *items = json_object_get(page, "items");
		size_t i;
		json_array_foreach(items, i, item)
			json_array_append(ids, json_object_get(item, "id"));
		const char *next = json_string_value(json_object_get(page, "next"));
		assert_true(json_array_size(items) <= (size_t)limit);
		if (next)
			assert_int_equal(json_array_size(items), limit);
		if (next)
			snprintf(target, sizeof target, "%s%slimit=%d&after=%s", list,
				mark, limit, next);
		json_decref(page);
		if (!next)
			return ids;
		assert_true(*pages < 200);
	}
}

static void pages_are_the_list(void **state)
{
	(void)state;
	static const char *const lists[] = {"/api/v1/services",
		"/api/v1/services?q=SVC", "/api/v1/services?verdict=watch",
		"/api/v1/services/1001/instances", "/api/v1/agents", "/api/v1/findings",
		"/api/v1/alerts", "/api/v1/tokens", "/api/v1/groups?by=host",
		"/api/v1/groups?by=version", "/api/v1/groups?by=version&verdict=leak"};
	static const int limits[] = {1, 3, 7, 13};
	for (size_t l = 0; l < sizeof lists / sizeof *lists; l++) {
		size_t pages;
		json_t *whole = walk(lists[l], 1000, &pages);
		assert_int_equal(pages, 1);
		size_t count = json_array_size(whole);
		if (count < 10)
			fail_msg("%s has %zu rows: nothing to page", lists[l], count);
		for (size_t i = 0; i < sizeof limits / sizeof *limits; i++) {
			json_t *ids = walk(lists[l], limits[i], &pages);
			if (!json_equal(whole, ids))
				fail_msg("%s by %d differs", lists[l], limits[i]);
			/* The last page is not followed by an empty one. */
			assert_int_equal(pages,
				(count + (size_t)limits[i] - 1) / (size_t)limits[i]);
			json_decref(ids);
		}
		json_decref(whole);
	}
}

static void services_come_worst_first(void **state)
{
	(void)state;
	static const char *const order = "leak watch step warmup learning steady";
	json_t *answer = ask("/api/v1/services?limit=1000"), *item;
	const char *last = order;
	double last_rate = 1e300;
	size_t i;
	json_array_foreach(json_object_get(answer, "items"), i, item)
	{
		const char *verdict = json_string_value(
			json_object_get(item, "verdict"));
		const char *place = strstr(order, verdict);
		json_t *rate = json_object_get(json_object_get(item, "rate"), "kb_h");
		assert_true(place >= last);
		if (place > last)
			last_rate = 1e300;
		assert_true(json_number_value(rate) <= last_rate);
		last_rate = json_number_value(rate);
		last = place;
	}
	json_decref(answer);
}

static void rows_that_come_do_not_disturb(void **state)
{
	(void)state;
	json_t *first = ask("/api/v1/alerts?limit=20");
	char target[256];
	snprintf(target, sizeof target, "/api/v1/alerts?limit=1000&after=%s",
		json_string_value(json_object_get(first, "next")));
	json_t *before = ask(target);
	/* A new alert belongs to the top, which was shown already. */
	run("INSERT INTO finding (service_id, fingerprint_id, kind, first_at, last_at, "
	    "slots, "
	    "slots_leaking, hosts, hosts_leaking, summary, reasons) VALUES (1, 1, "
	    "'leak', "
	    "'2026-11-22 09:00+00', '2026-11-22 09:59+00', 1, 1, 1, 1, '', '[]');"
	    "INSERT INTO alert (finding_id, opened_at) SELECT max(id), '2026-11-22 "
	    "09:59:59+00' FROM "
	    "finding;");
	json_t *after = ask(target);
	assert_true(json_equal(before, after));
	json_decref(first);
	json_decref(before);
	json_decref(after);
}

static void odd_cursors_are_refused(void **state)
{
	(void)state;
	static const struct {
		const char *list, *plain;
	} cursors[] = {
		{"/api/v1/services", "1 nan 1"},
		{"/api/v1/services", "1 inf 1"},
		{"/api/v1/services", "1 1 4294967296"},
		{"/api/v1/services", "99999999999 1 1"},
		{"/api/v1/services", "1 1 1 1"},
		{"/api/v1/services/1001/instances", "0 99999999999 h"},
		{"/api/v1/services/1001/instances", "99999999999 1 h"},
		{"/api/v1/services/1001/instances", "0 1 \xff"},
		{"/api/v1/agents", "99999999999 h"},
		{"/api/v1/agents", "1 \xc3"},
		{"/api/v1/alerts", "99999999999999999 1"},
		{"/api/v1/alerts", "1 99999999999"},
		{"/api/v1/findings", "99999999999"},
		{"/api/v1/groups?by=host", "1 nan 1 h"},
		{"/api/v1/groups?by=host", "1 1 -1 h"},
		{"/api/v1/groups?by=version", "99999999999 1 1 h"},
		{"/api/v1/groups?by=label&label=env", "1 1 0 \xc3"},
		{"/api/v1/hosts/1/instances", "0 99999999999 h"},
		{"/api/v1/tokens", "99999999999999999 0000000000000001"},
		{"/api/v1/tokens", "1 \xff\xff"},
	};
	struct arena a;
	arena_init(&a);
	for (size_t i = 0; i < sizeof cursors / sizeof *cursors; i++) {
		scoped_reply struct http_reply r;
		char target[256];
		snprintf(target, sizeof target, "%s%cafter=%s", cursors[i].list,
			strchr(cursors[i].list, '?') ? '&' : '?',
			query_cursor(&a, cursors[i].plain));
		api_ask("GET", target, cookie, NULL, &r);
		if (r.status != 400 || !strstr(r.body.data, "after: not a cursor"))
			fail_msg("%s after '%s': %d %s", cursors[i].list,
				cursors[i].plain, r.status, r.body.data);
	}
	arena_finish(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pages_are_the_list),
		cmocka_unit_test(services_come_worst_first),
		cmocka_unit_test(odd_cursors_are_refused),
		cmocka_unit_test(rows_that_come_do_not_disturb),
	};
	return cmocka_run_group_tests(tests, set_up, api_tear_down);
}
