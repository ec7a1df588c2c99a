/* What scouts find out, on its way into the tables. */
#include "common/clock.h"
#include "schema/fingerprint.h"
#include "server/ingest/counters.h"
#include "server/ingest/insights.h"
#include "server/store/insight.h"
#include "server/store/upkeep.h"
#include "tests/unit/server/ingest/fixture.h"

struct scout {
	struct peer peer;
	int64_t agent;
	uint64_t sequence;
	struct wire_process *process;
};

static void scout_start(struct scout *s, const char *service)
{
	*s = (struct scout){0};
	s->agent = enrolled(&s->peer);
	struct wire_batch batch = peer_batch(&s->peer,
		&(struct peer_shape){.service = service,
			.processes = 1,
			.ticks = 1,
			.at_unix_ms = clock_unix_ms(),
			.first_pid = 100},
		&arena);
	s->process = &batch.processes[0];
	assert_int_equal(
		upload_batch(&s->peer, &batch, 7, ++s->sequence).fate, WIRE_STORED);
}

/* A batch of the process, without ticks. */
static struct wire_batch scout_batch(struct scout *s)
{
	struct wire_batch batch = peer_batch(
		&s->peer, &(struct peer_shape){.at_unix_ms = clock_unix_ms()}, &arena);
	batch.processes = s->process;
	batch.process_count = 1;
	return batch;
}

static void scout_send(struct scout *s, const struct wire_batch *batch)
{
	struct wire_receipt receipt = upload_batch(&s->peer, batch, 7, ++s->sequence);
	if (receipt.fate != WIRE_STORED)
		fail_msg("%s", receipt.reason);
}

static struct fingerprint content(const char *app, size_t packages)
{
	struct fingerprint f = {.app = app,
		.app_version = "1.4.0",
		.runtime = "node",
		.runtime_version = "18.19.0",
		.source = "package-lock.json",
		.package_count = packages};
	f.packages = arena_array(&arena, packages + 1, sizeof *f.packages);
	for (size_t i = 0; i < packages; i++)
		f.packages[i] = arena_printf(&arena, "@pm2/p%zu@4.2.%zu", i, i % 7);
	fingerprint_tidy(&f, &arena);
	return f;
}

static int64_t ask_text(const char *format, const char *text)
{
	char sql[600];
	snprintf(sql, sizeof sql, format, text);
	return ask(sql);
}

static void a_content_is_stored_once(void **state)
{
	(void)state;
	struct scout one, two;
	scout_start(&one, "content");
	scout_start(&two, "content");
	struct fingerprint f = content("shop", 3);
	static const char *remarks[] = {"package.json: permission denied"};
	f.remarks = remarks;
	f.remark_count = 1;
	for (int i = 0; i < 3; i++) {
		struct scout *s = i == 1 ? &two : &one;
		struct wire_batch batch = scout_batch(s);
		batch.fingerprints = &f;
		batch.fingerprint_count = 1;
		scout_send(s, &batch);
	}
	assert_int_equal(
		ask_text("SELECT count(*) FROM content WHERE hash = '%s'", f.hash), 1);
	assert_int_equal(ask_text("SELECT count(*) FROM content_package p JOIN content "
				  "c ON c.id = p.content_id JOIN package k ON k.id = "
				  "p.package_id WHERE c.hash = '%s' AND k.name LIKE "
				  "'@pm2/p%%' AND k.version LIKE '4.2.%%'",
				 f.hash),
		3);
	assert_int_equal(ask_text("SELECT count(*) FROM content WHERE hash = '%s' AND "
				  "remarks = '{package.json: permission denied}' AND "
				  "app = 'shop' AND runtime_version = '18.19.0' AND "
				  "NOT is_cut",
				 f.hash),
		1);
	/* Another content shares the packages. */
	struct fingerprint other = content("shop-2", 4);
	struct wire_batch batch = scout_batch(&one);
	batch.fingerprints = &other;
	batch.fingerprint_count = 1;
	scout_send(&one, &batch);
	assert_int_equal(
		ask("SELECT count(*) FROM package WHERE name LIKE '@pm2/p%'"), 4);
	/* The process is of it from then on. */
	one.process->fingerprint = f.hash;
	batch = scout_batch(&one);
	scout_send(&one, &batch);
	assert_int_equal(
		ask_text("SELECT count(*) FROM generation g JOIN fingerprint f "
			 "ON f.id = g.fingerprint_id WHERE f.hash = '%s'",
			f.hash),
		1);
	peer_finish(&one.peer);
	peer_finish(&two.peer);
}

static void as_many_packages_as_there_may_be(void **state)
{
	(void)state;
	struct scout s;
	scout_start(&s, "many");
	struct fingerprint f = content("many", FINGERPRINT_PACKAGES_MAX);
	struct wire_batch batch = scout_batch(&s);
	batch.fingerprints = &f;
	batch.fingerprint_count = 1;
	int64_t start_ms = clock_mono_ms();
	scout_send(&s, &batch);
	print_message("%d packages took %lld ms\n", FINGERPRINT_PACKAGES_MAX,
		(long long)(clock_mono_ms() - start_ms));
	assert_int_equal(ask_text("SELECT count(*) FROM content_package p JOIN content "
				  "c ON c.id = p.content_id WHERE c.hash = '%s'",
				 f.hash),
		FINGERPRINT_PACKAGES_MAX);
	peer_finish(&s.peer);
}

static void a_census_is_by_names_that_live_once(void **state)
{
	(void)state;
	struct scout s;
	scout_start(&s, "census");
	struct census_item items[] = {
		{CENSUS_TIMERS, "Interval", "/srv/app.js:12:3", 20000},
		{CENSUS_LISTENERS, "Socket drain", "/srv/app.js:9:1", 7},
		/* Of two functions of which the name is all that is known. */
		{CENSUS_LISTENERS, "Socket drain", "/srv/app.js:9:1", 5}};
	struct wire_census census = {0, {.route = "preload",
						.at_unix_ms = clock_unix_ms() - 3600000,
						.took_us = 300,
						.items = items,
						.item_count = 3}};
	for (int i = 0; i < 3; i++) {
		struct wire_batch batch = scout_batch(&s);
		if (i == 2) /* the first two are of one moment */
			census.is.at_unix_ms += 3600000;
		batch.censuses = &census;
		batch.census_count = 1;
		scout_send(&s, &batch);
	}
	static const char ours[] = "FROM census c JOIN generation g ON g.id = "
				   "c.generation_id JOIN agent a USING (host_id)";
	char sql[400];
	snprintf(sql, sizeof sql, "SELECT count(*) %s WHERE a.id = %lld", ours,
		(long long)s.agent);
	assert_int_equal(ask(sql), 2);
	snprintf(sql, sizeof sql,
		"SELECT count(*) %s WHERE a.id = %lld AND counts = '{20000,12}'", ours,
		(long long)s.agent);
	assert_int_equal(ask(sql), 2);
	assert_int_equal(ask("SELECT count(*) FROM census_name n JOIN service s ON "
			     "s.id = n.service_id WHERE s.name = 'census'"),
		2);
	/* One that found nothing is one, too. */
	struct wire_batch batch = scout_batch(&s);
	census.is.item_count = 0;
	census.is.at_unix_ms += 1000;
	batch.censuses = &census;
	batch.census_count = 1;
	scout_send(&s, &batch);
	snprintf(sql, sizeof sql,
		"SELECT count(*) %s WHERE a.id = %lld AND counts = '{}'", ours,
		(long long)s.agent);
	assert_int_equal(ask(sql), 1);
	peer_finish(&s.peer);
}

/* Whether a topic was told since the listener was asked last. */
static bool heard(struct db *listener, const char *topic)
{
	struct err e;
	char *payload = "";
	bool found = false;
	while (payload) {
		must(db_wait(listener, 300, &arena, &payload, &e), &e);
		found |= payload && strcmp(payload, topic) == 0;
	}
	return found;
}

static void who_looks_hears_of_it(void **state)
{
	(void)state;
	struct scout s;
	struct err e;
	scout_start(&s, "listened");
	struct db *listener = db_create(
		&(struct db_options){.uri = pg.uri, .application_name = "listener"});
	must(db_listen(listener, "tidemark", &e), &e);
	struct wire_batch batch = scout_batch(&s);
	scout_send(&s, &batch);
	assert_false(heard(listener, "warnings"));
	struct wire_warning warning = {
		false, 0, {WARNING_OOM_KILL, "kernel", clock_unix_ms(), 1, NULL, 0}};
	batch = scout_batch(&s);
	batch.warnings = &warning;
	batch.warning_count = 1;
	scout_send(&s, &batch);
	assert_true(heard(listener, "warnings"));
	struct source_state source = {"jobs", "bullmq", clock_unix_ms(), true, 7, ""};
	batch = scout_batch(&s);
	batch.sources = &source;
	batch.source_count = 1;
	scout_send(&s, &batch);
	assert_true(heard(listener, "queues"));
	db_destroy(listener);
	peer_finish(&s.peer);
}

static void the_same_warning_is_counted(void **state)
{
	(void)state;
	struct scout s;
	scout_start(&s, "warnings");
	int64_t now_ms = clock_unix_ms();
	const char *fields[] = {
		"emitter", "Socket \"x\"", "event", "drain", "count", "11"};
	struct wire_warning warnings[] = {
		{true, 0, {WARNING_MAX_LISTENERS, "preload", now_ms, 1, fields, 6}},
		{false, 0, {WARNING_OOM_KILL, "kernel", now_ms, 1, NULL, 0}},
	};
	for (int i = 0; i < 3; i++) {
		struct wire_batch batch = scout_batch(&s);
		batch.warnings = warnings;
		batch.warning_count = 2;
		fields[5] = i == 1 ? "9" : "12";
		warnings[0].is.at_unix_ms = now_ms + (i == 1 ? -5000 : i);
		warnings[0].is.count = i == 2 ? INT64_MAX : 2;
		scout_send(&s, &batch);
	}
	static const char ours[] = "FROM warning w JOIN agent a USING (host_id)";
	char sql[500];
	snprintf(sql, sizeof sql,
		"SELECT count(*) %s WHERE a.id = %lld AND kind = 'max_listeners' AND "
		"generation_id IS NOT NULL AND count = %lld AND last_at - first_at = "
		"interval '5002 ms' AND fields = '{\"emitter\": \"Socket \\\"x\\\"\", "
		"\"event\": \"drain\", \"count\": \"12\"}'",
		ours, (long long)s.agent, (long long)INT64_MAX);
	assert_int_equal(ask(sql), 1);
	snprintf(sql, sizeof sql,
		"SELECT count(*) %s WHERE a.id = %lld AND kind = 'oom_kill' AND "
		"generation_id IS NULL AND count = 3 AND fields = '{}'",
		ours, (long long)s.agent);
	assert_int_equal(ask(sql), 1);
	/* Other words are another warning. */
	struct wire_batch batch = scout_batch(&s);
	fields[3] = "close";
	batch.warnings = warnings;
	batch.warning_count = 1;
	scout_send(&s, &batch);
	snprintf(sql, sizeof sql, "SELECT count(*) %s WHERE a.id = %lld", ours,
		(long long)s.agent);
	assert_int_equal(ask(sql), 3);
	assert_true(insight_is_figure("anon_kb") && insight_is_figure("count") &&
		    !insight_is_figure("_kb") && !insight_is_figure("event"));
	peer_finish(&s.peer);
}

static struct wire_queue reading(const char *name, int64_t at_ms, int64_t depth)
{
	static const char *workers[] = {"mail-*", "a,b\"c{}"};
	struct wire_queue q = {.of = {"jobs", "bullmq", name, NULL, workers, 0, 2},
		.at_unix_ms = at_ms};
	q.values.present = 1 << QUEUE_depth | 1 << QUEUE_entered | 1 << QUEUE_workers;
	q.values.value[QUEUE_depth] = depth;
	q.values.value[QUEUE_entered] = 1000 + depth;
	q.values.value[QUEUE_workers] = 4;
	return q;
}

static int64_t ask_queues(const struct scout *s, const char *what, const char *where)
{
	char sql[600];
	snprintf(sql, sizeof sql,
		"SELECT %s FROM queue q JOIN source s ON s.id = q.source_id JOIN agent "
		"a USING (host_id) LEFT JOIN queue_sample r ON r.queue_id = q.id WHERE "
		"a.id = %lld AND %s",
		what, (long long)s->agent, where);
	return ask(sql);
}

static void queues_are_known_by_their_place(void **state)
{
	(void)state;
	struct scout s;
	scout_start(&s, "queues");
	int64_t now_ms = clock_unix_ms();
	/* One of another day, of which there is no partition yet. */
	struct wire_queue queues[] = {reading("mail", now_ms, 12),
		reading("sms", now_ms, 3), reading("mail", now_ms - 9 * DAY_MS, 1)};
	struct wire_batch batch = scout_batch(&s);
	batch.process_count = 0;
	batch.queues = queues;
	batch.queue_count = 3;
	scout_send(&s, &batch);
	assert_int_equal(ask_queues(&s, "count(DISTINCT q.id)", "true"), 2);
	assert_int_equal(ask_queues(&s, "count(*)", "q.name = 'mail'"), 2);
	assert_int_equal(
		ask_queues(&s, "count(*)",
			"r.depth = 12 AND r.entered = 1012 AND r.workers = 4 AND "
			"r.waiting IS NULL AND q.kind = 'bullmq' AND q.producers = "
			"'{}' AND q.workers = ARRAY['mail-*', 'a,b\"c{}'] AND "
			"q.last_at = r.at"),
		1);
	/* Known again, with what is said of it now. */
	queues[0] = reading("mail", now_ms + 1000, 13);
	queues[0].of.worker_count = 1;
	batch.queue_count = 1;
	scout_send(&s, &batch);
	assert_int_equal(ask_queues(&s, "count(*)", "q.name = 'mail'"), 3);
	assert_int_equal(
		ask_queues(&s, "count(*)",
			"r.depth = 13 AND q.workers = '{mail-*}' AND q.last_at = r.at"),
		1);
	/* A reading that is older than what is kept is no reading. */
	queues[1] = reading("mail", now_ms - 40 * DAY_MS, 5);
	queues[0] = reading("mail", now_ms + 2000, 6);
	batch.queue_count = 2;
	scout_send(&s, &batch);
	assert_int_equal(ask_queues(&s, "count(*)", "q.name = 'mail'"), 4);
	peer_finish(&s.peer);
}

static void a_source_tells_since_when(void **state)
{
	(void)state;
	struct scout s;
	scout_start(&s, "sources");
	int64_t now_ms = clock_unix_ms();
	static const struct {
		bool works;
		const char *text;
		int at, changed; /* seconds */
	} said[] = {{true, "", 0, 0}, {true, "", 1, 0}, {false, "refused", 2, 2},
		{false, "refused", 3, 2}, {true, "", 1, 2}, {true, "", 4, 4}};
	for (size_t i = 0; i < sizeof said / sizeof *said; i++) {
		struct source_state states[] = {
			{"jobs", "bullmq", now_ms + 1000 * said[i].at, said[i].works,
				1234, said[i].text},
			{"jobs", "bullmq", now_ms - 60000, false, 1, "older"}};
		struct wire_batch batch = scout_batch(&s);
		batch.process_count = 0;
		batch.sources = states;
		batch.source_count = 2;
		scout_send(&s, &batch);
		char sql[300];
		snprintf(sql, sizeof sql,
			"SELECT (extract(epoch FROM changed_at) * 1000)::int8 FROM "
			"source JOIN agent a USING (host_id) WHERE a.id = %lld",
			(long long)s.agent);
		assert_int_equal(ask(sql), now_ms + 1000 * said[i].changed);
	}
	peer_finish(&s.peer);
}

/* Each metric in its own column, whatever scope and width. */
static void insides_are_in_their_columns(void **state)
{
	(void)state;
	struct scout s;
	scout_start(&s, "insides");
	int64_t now_ms = clock_unix_ms();
	struct wire_sample sample = {0};
	for (int m = 0; m < METRIC_PROCESS_COUNT; m++) {
		sample.values.present |= UINT64_C(1) << m;
		sample.values.value[m] = 1000 + m;
	}
	struct wire_tick tick = {
		.at_unix_ms = now_ms, .samples = &sample, .sample_count = 1};
	struct wire_queue queue = reading("columns", now_ms, 0);
	queue.values.present = (UINT64_C(1) << METRIC_QUEUE_COUNT) - 1;
	for (int m = 0; m < METRIC_QUEUE_COUNT; m++)
		queue.values.value[m] = 2000 + m;
	struct wire_batch batch = scout_batch(&s);
	batch.ticks = &tick;
	batch.tick_count = 1;
	batch.queues = &queue;
	batch.queue_count = 1;
	scout_send(&s, &batch);
	for (int m = 0; m < METRIC_PROCESS_COUNT; m++) {
		char sql[300];
		snprintf(sql, sizeof sql,
			"SELECT count(*) FROM sample s JOIN generation g ON g.id = "
			"s.generation_id JOIN agent a USING (host_id) WHERE a.id = "
			"%lld AND s.rss_kb = 1000 AND s.%s = %d",
			(long long)s.agent, metric_process[m].name, 1000 + m);
		assert_int_equal(ask(sql), 1);
	}
	for (int m = 0; m < METRIC_QUEUE_COUNT; m++) {
		char where[100];
		snprintf(where, sizeof where, "r.%s = %d", metric_queue[m].name,
			2000 + m);
		assert_int_equal(ask_queues(&s, "count(*)", where), 1);
	}
	peer_finish(&s.peer);
}

static void what_is_redelivered_is_counted_once(void **state)
{
	(void)state;
	struct scout s;
	scout_start(&s, "redelivered");
	int64_t now_ms = clock_unix_ms();
	struct wire_warning warning = {
		true, 0, {WARNING_PATTERN, "log app", now_ms, 5, NULL, 0}};
	struct wire_queue queue = reading("again", now_ms, 1);
	struct wire_batch batch = scout_batch(&s);
	batch.warnings = &warning;
	batch.warning_count = 1;
	batch.queues = &queue;
	batch.queue_count = 1;
	scout_send(&s, &batch);
	assert_int_equal(
		upload_batch(&s.peer, &batch, 7, s.sequence).fate, WIRE_REPEATED);
	assert_int_equal(
		ask_of("SELECT count FROM warning JOIN agent a USING (host_id) "
		       "WHERE a.id = %lld",
			s.agent),
		5);
	assert_int_equal(ask_queues(&s, "count(*)", "true"), 1);
	peer_finish(&s.peer);
}

/* A broken agent's findings are left out, and its samples are stored. */
static void what_one_agent_brings_has_a_limit(void **state)
{
	(void)state;
	struct scout s, other;
	scout_start(&s, "limit");
	scout_start(&other, "limit");
	uint64_t left_out = counters_get(COUNTERS_INSIGHTS_LEFT_OUT);
	uint64_t brought = counters_get(COUNTERS_WARNINGS);
	struct wire_warning warnings[WIRE_WARNINGS_MAX];
	const char *fields[WIRE_WARNINGS_MAX][2];
	int sent = 0;
	while (sent < INSIGHTS_WARNINGS_PER_HOUR + WIRE_WARNINGS_MAX) {
		for (int i = 0; i < WIRE_WARNINGS_MAX; i++) {
			fields[i][0] = "error";
			fields[i][1] = arena_printf(&arena, "e%d", sent++);
			warnings[i] = (struct wire_warning){true, 0,
				{WARNING_PATTERN, "log app", clock_unix_ms(), 1,
					fields[i], 2}};
		}
		struct wire_batch batch = scout_batch(&s);
		batch.warnings = warnings;
		batch.warning_count = WIRE_WARNINGS_MAX;
		scout_send(&s, &batch);
	}
	int64_t stored = ask_of("SELECT count(*) FROM warning JOIN agent a USING "
				"(host_id) WHERE a.id = %lld",
		s.agent);
	assert_in_range(stored, INSIGHTS_WARNINGS_PER_HOUR,
		INSIGHTS_WARNINGS_PER_HOUR + WIRE_WARNINGS_MAX - 1);
	assert_int_equal(ask_of("SELECT count(*) FROM agent WHERE id = %lld AND "
				"last_refusal LIKE 'more findings%%'",
				 s.agent),
		1);
	assert_int_equal(
		counters_get(COUNTERS_INSIGHTS_LEFT_OUT) - left_out, sent - stored);
	assert_int_equal(counters_get(COUNTERS_WARNINGS) - brought, sent);
	struct wire_batch batch = scout_batch(&other);
	batch.warnings = warnings;
	batch.warning_count = 1;
	scout_send(&other, &batch);
	assert_int_equal(ask_of("SELECT count(*) FROM warning JOIN agent a USING "
				"(host_id) WHERE a.id = %lld",
				 other.agent),
		1);
	peer_finish(&s.peer);
	peer_finish(&other.peer);
}

static void what_is_old_is_forgotten(void **state)
{
	(void)state;
	struct err e;
	ask("UPDATE warning SET last_at = now() - interval '91 days' WHERE id = "
	    "(SELECT min(id) FROM warning)");
	ask("UPDATE census SET at = now() - interval '31 days' WHERE id = (SELECT "
	    "min(id) FROM census)");
	int64_t warnings = ask("SELECT count(*) FROM warning");
	int64_t censuses = ask("SELECT count(*) FROM census");
	must(upkeep_run(db, clock_unix_ms(), &e), &e);
	assert_int_equal(ask("SELECT count(*) FROM warning"), warnings - 1);
	assert_int_equal(ask("SELECT count(*) FROM census"), censuses - 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_content_is_stored_once),
		cmocka_unit_test(as_many_packages_as_there_may_be),
		cmocka_unit_test(a_census_is_by_names_that_live_once),
		cmocka_unit_test(who_looks_hears_of_it),
		cmocka_unit_test(the_same_warning_is_counted),
		cmocka_unit_test(queues_are_known_by_their_place),
		cmocka_unit_test(a_source_tells_since_when),
		cmocka_unit_test(insides_are_in_their_columns),
		cmocka_unit_test(what_is_redelivered_is_counted_once),
		cmocka_unit_test(what_one_agent_brings_has_a_limit),
		cmocka_unit_test(what_is_old_is_forgotten),
	};
	return cmocka_run_group_tests(tests, start, stop);
}
