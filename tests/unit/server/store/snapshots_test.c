/* Snapshots: compared, and forgotten in time. */
#include "server/store/snapshots.h"
#include "server/store/summaries.h"
#include "tests/unit/schema/snapshot_fixture.h"
#include "tests/unit/server/store/heaps_fixture.h"

/* Stores what the fixture says of process `generation`, taken `age_ms` ago. */
static int64_t put(struct snapshot_fixture *f, int32_t generation, int64_t taken_ms)
{
	struct snapshot *s = &f->snapshot.is;
	struct summaries_word word = {1, generation, s, now_ms()};
	enum summaries_outcome outcome;
	struct err e;
	s->capture = 0;
	s->taken_unix_ms = taken_ms;
	s->raw_bytes = 0;
	must(summaries_put(db, &word, &arena, &outcome, &e), &e);
	assert_int_equal(outcome, SUMMARIES_STORED);
	return ask("SELECT max(id) FROM snapshot");
}

static struct snapshots_comparison compare(int64_t before, int64_t after, int limit)
{
	struct snapshots_comparison out;
	struct err e;
	must(snapshots_compare(db, before, after, limit, &arena, &out, &e), &e);
	return out;
}

static void two_snapshots_side_by_side(void **state)
{
	(void)state;
	struct snapshot_fixture f;
	int64_t at_ms = now_ms() - 600000;
	snapshot_fixture_init(&f);
	int64_t before = put(&f, 1, at_ms);
	/* Server grows, Function goes, "{a, b}" stays, Timeout comes; the same name at
	 * another place is another class. */
	f.classes[0].count = 4;
	f.classes[0].shallow_bytes += 600;
	f.classes[0].retained_bytes += 5000;
	f.classes[1] = (struct snapshot_class){{"Timeout", ""}, 10, 880, 1200, 4};
	struct snapshot_class more[4];
	memcpy(more, f.classes, sizeof f.classes);
	more[3] = (struct snapshot_class){{"Server", "lib/other.js:1:1"}, 1, 50, 60, 2};
	f.snapshot.is.classes = more;
	f.snapshot.is.classes_length = 4;
	f.snapshot.is.growth.before_unix_ms = at_ms;
	int64_t after = put(&f, 1, at_ms + 60000);

	struct snapshots_comparison c = compare(before, after, 100);
	assert_int_equal(c.total_rows, 5);
	assert_int_equal(c.count, 5);
	const struct snapshots_difference *row = c.rows;
	assert_string_equal(row[0].name, "Server");
	assert_string_equal(row[0].location, "lib/server.js:522:16");
	assert_int_equal(row[0].count_delta, 3);
	assert_int_equal(row[0].shallow_delta_bytes, 600);
	assert_true(row[0].has_retained);
	assert_int_equal(row[0].retained_delta_bytes, 5000);
	assert_int_equal(row[0].before.count, 1);
	assert_int_equal(row[0].after.retained_bytes, 14000);
	assert_string_equal(row[1].name, "Timeout");
	assert_false(row[1].before.there);
	assert_true(row[1].after.there);
	assert_int_equal(row[1].retained_delta_bytes, 1200);
	assert_string_equal(row[2].location, "lib/other.js:1:1");
	assert_int_equal(row[2].count_delta, 1);
	assert_string_equal(row[3].name, "Function");
	assert_false(row[3].after.there);
	assert_int_equal(row[3].count_delta, -30000);
	assert_int_equal(row[3].retained_delta_bytes, -1);
	assert_int_equal(row[4].count_delta, 0);
	assert_non_null(c.growth);

	c = compare(before, after, 2);
	assert_int_equal(c.count, 2);
	assert_int_equal(c.total_rows, 5);
	/* The other way round it is another question. */
	assert_null(compare(after, before, 2).growth);

	/* The growth names the snapshot that it speaks of. */
	struct snapshots_one *one;
	struct err e;
	char named[40];
	snprintf(named, sizeof named, "\"before\": %lld", (long long)before);
	must(snapshots_one(db, after, &arena, &one, &e), &e);
	assert_non_null(strstr(one->growth, named));
}

static void kinds_that_know_less_are_compared_by_what_they_know(void **state)
{
	(void)state;
	struct snapshot_fixture f;
	snapshot_fixture_init(&f);
	int64_t exact = put(&f, 1, now_ms() - 9000);
	f.snapshot.is.kind = SNAPSHOT_V8_SHALLOW;
	f.snapshot.is.growth = (struct snapshot_growth){.words = ""};
	f.classes[1].shallow_bytes *= 2;
	f.classes[1].retained_bytes = 0;
	int64_t shallow = put(&f, 4, now_ms() - 5000);
	struct snapshots_comparison c = compare(exact, shallow, 100);
	assert_string_equal(c.rows[0].name, "Function");
	assert_false(c.rows[0].has_retained);
	assert_int_equal(c.rows[0].shallow_delta_bytes, 2000000);
	assert_int_equal(c.rows[0].before.retained_bytes, 1);
	assert_int_equal(c.rows[0].after.retained_bytes, -1);
	assert_null(c.growth);
	struct snapshots_one *one;
	struct err e;
	must(snapshots_one(db, shallow, &arena, &one, &e), &e);
	assert_string_equal(one->row.kind, "v8-shallow");
	assert_int_equal(one->classes[0].retained_bytes, -1);
	assert_int_equal(one->classes[0].distance, -1);
	assert_null(one->growth);
	assert_null(one->row.verdict);
}

static void equal_rows_of_one_snapshot_become_one(void **state)
{
	(void)state;
	struct snapshot_fixture f;
	snapshot_fixture_init(&f);
	f.classes[1] = f.classes[0];
	f.classes[1].distance = 1;
	int64_t id = put(&f, 1, now_ms());
	struct snapshots_one *one;
	struct err e;
	must(snapshots_one(db, id, &arena, &one, &e), &e);
	assert_int_equal(one->class_rows, 2);
	assert_int_equal(one->classes[0].count, 2);
	assert_int_equal(one->classes[0].retained_bytes, 18000);
	assert_int_equal(one->classes[0].distance, 1);
}

static void what_is_not_known_reads_as_such(void **state)
{
	(void)state;
	struct snapshot_fixture f;
	snapshot_fixture_init(&f);
	f.snapshot.is.process = (struct snapshot_process){.runtime = ""};
	int64_t id = put(&f, 1, now_ms());
	struct snapshots_one *one;
	struct err e;
	must(snapshots_one(db, id, &arena, &one, &e), &e);
	assert_int_equal(one->row.pause_ms, -1);
	assert_int_equal(one->row.uptime_ms, -1);
	assert_int_equal(one->row.requests, -1);
	assert_int_equal(one->peak_rss_bytes, -1);
	assert_int_equal(one->heap_used_bytes, -1);
	assert_int_equal(one->external_bytes, -1);
	assert_int_equal(one->heap_limit_bytes, -1);
	assert_int_equal(one->row.capture, 0);
	assert_null(one->row.cause);
	must(snapshots_one(db, id + 1, &arena, &one, &e), &e);
	assert_null(one);
}

/* Neither unreadable nor impossible to delete, whatever was stored. */
static void a_number_that_is_no_time_spoils_nothing(void **state)
{
	(void)state;
	struct snapshot_fixture f;
	snapshot_fixture_init(&f);
	f.snapshot.is.growth.before_unix_ms = INT64_MAX;
	int64_t id = put(&f, 1, now_ms());
	struct snapshots_one *one;
	struct snapshots_row *row;
	struct err e;
	must(snapshots_one(db, id, &arena, &one, &e), &e);
	assert_non_null(strstr(one->growth, "\"before\": null"));
	must(snapshots_row(db, id, &arena, &row, &e), &e);
	assert_non_null(row);
	assert_null(compare(id, id, 2).growth);
}

static void the_newest_come_first(void **state)
{
	(void)state;
	struct snapshot_fixture f;
	struct snapshots_row *rows;
	size_t count;
	struct err e;
	int64_t at_ms = now_ms(), ids[5];
	snapshot_fixture_init(&f);
	for (int i = 0; i < 5; i++)
		ids[i] = put(&f, 1 + i % 2, at_ms + 1000 * (i / 2));
	put(&f, 3, at_ms); /* of another service */
	struct snapshots_filter filter = {.service_id = 1, .limit = 3};
	must(snapshots_page(db, &filter, &arena, &rows, &count, &e), &e);
	assert_int_equal(count, 3);
	for (int i = 0; i < 3; i++)
		assert_int_equal(rows[i].id, ids[4 - i]);
	filter.after_ms = rows[2].taken_ms;
	filter.after_id = rows[2].id;
	must(snapshots_page(db, &filter, &arena, &rows, &count, &e), &e);
	assert_int_equal(count, 2);
	assert_int_equal(rows[0].id, ids[1]);
	assert_int_equal(rows[1].id, ids[0]);
}

static void old_ones_are_forgotten(void **state)
{
	(void)state;
	struct snapshot_fixture f;
	struct err e;
	snapshot_fixture_init(&f);
	put(&f, 1, now_ms() - SNAPSHOTS_KEEP_MS - 1000);
	int64_t id = put(&f, 1, now_ms() - SNAPSHOTS_KEEP_MS + 60000);
	must(snapshots_expire(db, now_ms(), &e), &e);
	assert_int_equal(ask("SELECT count(*) FROM snapshot"), 1);
	assert_int_equal(ask("SELECT min(id) FROM snapshot"), id);
	assert_int_equal(ask("SELECT count(*) FROM snapshot_class"), 3);
}

/* Many of service 1 on a host, a second apart, each of a capture or unasked for. */
static void put_many(int host, bool asked)
{
	char sql[1200];
	snprintf(sql, sizeof sql,
		"WITH many AS (SELECT g.*, s.service_id AS service, now() - n * "
		"interval '1 s' AS at FROM generate_series(1, 600) n, generation g "
		"JOIN slot s ON s.id = g.slot_id WHERE g.id = %d), asked AS (INSERT "
		"INTO capture (service_id, slot_id, generation_id, fingerprint_id, "
		"host_id, cause, asked_at, state, deadline_at) SELECT service, "
		"slot_id, "
		"id, fingerprint_id, host_id, 'console', at, 'done', at FROM many "
		"RETURNING id, asked_at) INSERT INTO snapshot (capture_id, service_id, "
		"slot_id, generation_id, fingerprint_id, host_id, taken_at, kind, "
		"route, rules, why_shallow, runtime, stream_bytes, node_count, "
		"edge_count, total_bytes, class_count, native_bytes, "
		"typed_array_bytes, code_bytes, js_array_bytes, string_bytes, "
		"system_bytes, accumulators, fanout) SELECT CASE WHEN %s THEN "
		"asked.id END, service, slot_id, many.id, fingerprint_id, host_id, at, "
		"'v8', '', '', '', '', 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, '[]', '[]' "
		"FROM many JOIN asked ON asked.asked_at = many.at",
		host == 1 ? 1 : 4, asked ? "true" : "false");
	ask(sql);
}

static void what_one_host_sends_costs_no_other_a_snapshot(void **state)
{
	(void)state;
	struct snapshot_fixture f;
	struct err e;
	snapshot_fixture_init(&f);
	int64_t honest = put(&f, 1, now_ms() - 7200 * 1000);
	put(&f, 2, now_ms() - 7200 * 1000);
	put(&f, 3, now_ms());
	put_many(2, false);
	must(snapshots_expire(db, now_ms(), &e), &e);
	assert_int_equal(ask("SELECT count(*) FROM snapshot WHERE host_id = 2"),
		SNAPSHOTS_KEEP_UNASKED_MAX);
	assert_int_equal(ask("SELECT count(*) FROM snapshot WHERE host_id = 1"), 3);
	assert_int_equal(ask("SELECT min(id) FROM snapshot"), honest);
	assert_int_equal(ask("SELECT count(*) FROM snapshot WHERE taken_at < now() - "
			     "interval '200 s' AND host_id = 2"),
		0);
}

static void one_with_a_raw_file_is_never_one_of_many(void **state)
{
	(void)state;
	struct err e;
	put_many(1, true);
	ask("INSERT INTO snapshot_raw (snapshot_id, state, parts) SELECT id, "
	    "(ARRAY['kept', 'pulling', 'complete', 'lost', 'dropped'])[row_number() "
	    "OVER (ORDER BY taken_at)], 1 FROM snapshot ORDER BY taken_at LIMIT 5");
	must(snapshots_expire(db, now_ms(), &e), &e);
	/* The lost one waits until its host was told to drop what it may have. */
	assert_int_equal(ask("SELECT count(*) FROM snapshot"), SNAPSHOTS_KEEP_MAX + 4);
	ask("UPDATE snapshot_raw SET drop_until = now() - interval '1 s' WHERE state = "
	    "'dropped'");
	must(snapshots_expire(db, now_ms(), &e), &e);
	assert_int_equal(ask("SELECT count(*) FROM snapshot"), SNAPSHOTS_KEEP_MAX + 3);
	assert_int_equal(ask("SELECT count(*) FROM snapshot_raw"), 3);
}

static void an_old_raw_file_goes_from_its_host_too(void **state)
{
	(void)state;
	struct snapshot_fixture f;
	struct err e;
	snapshot_fixture_init(&f);
	put(&f, 1, now_ms() - SNAPSHOTS_KEEP_MS - 1000);
	ask("INSERT INTO snapshot_raw (snapshot_id, state, parts) SELECT id, "
	    "'complete', "
	    "1 FROM snapshot");
	ask("INSERT INTO snapshot_raw_part SELECT id, 0, 'x' FROM snapshot");
	for (int i = 0; i < 2; i++)
		must(snapshots_expire(db, now_ms(), &e), &e);
	assert_int_equal(
		ask("SELECT count(*) FROM snapshot_raw WHERE state = 'dropped' "
		    "AND drop_until > now() + interval '23 hours'"),
		1);
	assert_int_equal(ask("SELECT count(*) FROM snapshot_raw_part"), 0);
	/* It was told, or the day is over. */
	ask("UPDATE snapshot_raw SET drop_until = NULL");
	must(snapshots_expire(db, now_ms(), &e), &e);
	assert_int_equal(ask("SELECT count(*) FROM snapshot"), 0);
}

#define TEST(name) cmocka_unit_test_setup(name, fresh)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(two_snapshots_side_by_side),
		TEST(kinds_that_know_less_are_compared_by_what_they_know),
		TEST(equal_rows_of_one_snapshot_become_one),
		TEST(what_is_not_known_reads_as_such),
		TEST(a_number_that_is_no_time_spoils_nothing),
		TEST(the_newest_come_first),
		TEST(old_ones_are_forgotten),
		TEST(what_one_host_sends_costs_no_other_a_snapshot),
		TEST(one_with_a_raw_file_is_never_one_of_many),
		TEST(an_old_raw_file_goes_from_its_host_too),
	};
	return cmocka_run_group_tests(tests, start, stop);
}
