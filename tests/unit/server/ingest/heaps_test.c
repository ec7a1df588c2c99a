/* Heap snapshots on their way in, and orders on their way out. */
#include "tests/unit/server/ingest/heaps_fixture.h"

static void a_capture_goes_its_whole_way(void **state)
{
	(void)state;
	struct heaps_agent h;
	heaps_agent_start(&h, "whole-way");
	assert_int_equal(h.receipt.order_count, 0);
	struct captures_reply reply = heaps_create(&h);
	assert_int_equal(reply.outcome, CAPTURES_DONE);
	assert_string_equal(reply.row->state, "quoting");
	uint64_t id = (uint64_t)reply.row->id;

	/* Each receipt asks, until it is answered. */
	for (int i = 0; i < 2; i++) {
		heaps_tick(&h, "whole-way");
		assert_int_equal(h.receipt.order_count, 1);
		assert_int_equal(h.receipt.orders[0].kind, SNAPSHOT_ORDER_QUOTE);
		assert_true(h.receipt.orders[0].capture == id);
		assert_int_equal(h.receipt.orders[0].pid, 100);
		assert_int_equal(h.receipt.orders[0].start_ticks, 1000);
		assert_string_equal(h.receipt.orders[0].service, "whole-way");
		assert_true(h.receipt.orders[0].deadline_unix_ms > clock_unix_ms());
	}
	heaps_quote(&h, id, SNAPSHOT_ALLOWED);
	assert_int_equal(h.receipt.order_count, 0);
	assert_string_equal(heaps_capture(id)->state, "quoted");
	assert_string_equal(heaps_capture(id)->gate, "allowed");
	assert_non_null(strstr(heaps_capture(id)->card, "\"heap_bytes\": 1000"));
	assert_non_null(strstr(heaps_capture(id)->card, "\"reasons\": []"));

	assert_int_equal(heaps_confirm((int64_t)id, true).outcome, CAPTURES_DONE);
	heaps_tick(&h, "whole-way");
	assert_int_equal(h.receipt.order_count, 1);
	assert_int_equal(h.receipt.orders[0].kind, SNAPSHOT_ORDER_TAKE);
	assert_true(h.receipt.orders[0].keep_raw);
	assert_false(h.receipt.orders[0].overrules);

	heaps_say(&h, id,
		(struct snapshot_event){
			.state = SNAPSHOT_RUNNING, .progress_permille = 300});
	assert_int_equal(h.receipt.order_count, 0);
	assert_string_equal(heaps_capture(id)->state, "running");
	assert_int_equal(heaps_capture(id)->progress_permille, 300);
	heaps_take(&h, id);
	heaps_say_state(&h, id, SNAPSHOT_DONE);
	struct captures_row *row = heaps_capture(id);
	assert_string_equal(row->state, "done");
	assert_true(row->snapshot > 0);
	assert_int_equal(row->progress_permille, 1000);
	assert_int_equal(heaps_audit("snapshot.ask", id), 1);
	assert_int_equal(heaps_audit("snapshot.confirm", id), 1);
	assert_int_equal(heaps_audit("snapshot.done", id), 1);
	peer_finish(&h.peer);
}

static void a_snapshot_is_whole_in_the_tables(void **state)
{
	(void)state;
	struct heaps_agent h;
	struct snapshots_one *one;
	struct err e;
	heaps_agent_start(&h, "tables");
	uint64_t id = heaps_order(&h, false);
	heaps_take(&h, id);
	must(snapshots_one(db, heaps_capture(id)->snapshot, &arena, &one, &e), &e);
	assert_non_null(one);
	assert_string_equal(one->row.place.service.name, "tables");
	assert_int_equal(one->row.place.pid, 100);
	assert_true(one->row.capture == (int64_t)id);
	assert_string_equal(one->row.cause, "policy: first");
	assert_string_equal(one->row.kind, "v8");
	assert_string_equal(one->row.route, "inspector");
	assert_string_equal(one->row.runtime, "node 20.20.2");
	assert_string_equal(one->rules, "DevTools 1.0.1705227");
	assert_int_equal(one->row.total_bytes, 47 << 20);
	assert_int_equal(one->row.node_count, 1200000);
	assert_int_equal(one->edge_count, 4000000);
	assert_int_equal(one->row.uptime_ms, 3600000);
	assert_int_equal(one->row.requests, 1500);
	assert_int_equal(one->row.pause_ms, 800);
	assert_int_equal(one->analysis_ms, 90);
	assert_int_equal(one->peak_rss_bytes, 1 << 28);
	assert_int_equal(one->heap_used_bytes, 1 << 24);
	assert_int_equal(one->external_bytes, 4096);
	assert_true(one->heap_limit_bytes == INT64_C(1) << 32);
	assert_int_equal(one->stream_bytes, 85 << 20);
	assert_int_equal(one->class_count, 231);
	assert_int_equal(one->native_bytes, 1);
	assert_int_equal(one->system_bytes, 6);
	assert_null(one->row.raw.state);
	assert_string_equal(one->row.verdict, "accumulation");
	assert_int_equal(one->class_rows, 3);
	assert_string_equal(one->classes[0].name, "Server");
	assert_string_equal(one->classes[0].location, "lib/server.js:522:16");
	assert_int_equal(one->classes[0].retained_bytes, 9000);
	assert_int_equal(one->classes[0].distance, 2);
	assert_int_equal(one->classes[1].distance, -1);
	assert_non_null(strstr(one->accumulators, "\"edge\": \"_events\""));
	assert_non_null(strstr(one->accumulators, "\"path_is_cut\": true"));
	assert_non_null(strstr(one->fanout, "\"name\": \"Map\""));
	assert_non_null(strstr(one->growth, "\"before\": null"));
	assert_non_null(strstr(one->growth, "\"added\": 2040"));
	peer_finish(&h.peer);
}

static void a_repeated_batch_says_nothing_twice(void **state)
{
	(void)state;
	struct heaps_agent h;
	struct snapshot_fixture f;
	heaps_agent_start(&h, "repeats");
	uint64_t id = heaps_order(&h, false);
	struct wire_batch batch = heaps_snapshot(&h, &f, id);
	h.sequence++;
	assert_int_equal(
		upload_batch(&h.peer, &batch, h.epoch, h.sequence).fate, WIRE_STORED);
	assert_int_equal(
		upload_batch(&h.peer, &batch, h.epoch, h.sequence).fate, WIRE_REPEATED);
	/* The same moment of the same process by another way. */
	assert_int_equal(
		upload_batch(&h.peer, &batch, h.epoch + 1, 1).fate, WIRE_STORED);
	assert_int_equal(ask_of("SELECT count(*) FROM snapshot n JOIN agent a USING "
				"(host_id) WHERE a.id = %lld",
				 h.id),
		1);
	assert_int_equal(heaps_audit("snapshot.done", id), 1);
	peer_finish(&h.peer);
}

static int64_t snapshots_without_capture(const struct heaps_agent *h)
{
	return ask_of("SELECT count(*) FROM snapshot n JOIN agent a USING (host_id) "
		      "WHERE n.capture_id IS NULL AND a.id = %lld",
		h->id);
}

static void a_snapshot_belongs_only_to_what_was_ordered_of_it(void **state)
{
	(void)state;
	struct heaps_agent h, other;
	heaps_agent_start(&h, "ordered");
	heaps_agent_start(&other, "stranger");
	uint64_t id = (uint64_t)heaps_create(&h).row->id;

	/* Not ordered yet: only a card was asked for. */
	heaps_take(&h, id);
	assert_int_equal(snapshots_without_capture(&h), 1);
	assert_string_equal(heaps_capture(id)->state, "quoting");
	heaps_quote(&h, id, SNAPSHOT_ALLOWED);
	assert_int_equal(heaps_confirm((int64_t)id, false).outcome, CAPTURES_DONE);

	/* Another host; another process of the same host; no such capture. */
	heaps_take(&other, id);
	assert_int_equal(snapshots_without_capture(&other), 1);
	h.process++;
	heaps_take(&h, id);
	assert_int_equal(snapshots_without_capture(&h), 2);
	h.process--;
	heaps_take(&h, 1 << 30);
	assert_int_equal(snapshots_without_capture(&h), 3);
	assert_int_equal(heaps_capture(id)->snapshot, 0);
	assert_string_equal(heaps_capture(id)->state, "ordered");
	assert_int_equal(heaps_audit("snapshot.foreign", id), 3);

	/* The right one, and a second that claims the same. */
	heaps_take(&h, id);
	int64_t snapshot = heaps_capture(id)->snapshot;
	assert_true(snapshot > 0);
	heaps_take(&h, id);
	assert_int_equal(heaps_capture(id)->snapshot, snapshot);
	assert_int_equal(snapshots_without_capture(&h), 4);
	/* One that claims nothing is no matter for the audit. */
	heaps_take(&h, 0);
	assert_int_equal(snapshots_without_capture(&h), 5);
	assert_int_equal(heaps_audit("snapshot.foreign", id), 4);
	peer_finish(&h.peer);
	peer_finish(&other.peer);
}

static void events_of_others_are_ignored_and_counted(void **state)
{
	(void)state;
	struct heaps_agent h, other;
	struct ingest_counters before, after;
	heaps_agent_start(&h, "mine");
	heaps_agent_start(&other, "theirs");
	uint64_t id = heaps_order(&h, false);
	ingest_counters(&before);
	heaps_say_state(&other, id, SNAPSHOT_FAILED);
	/* Nor when it names no process, which would tell. */
	struct wire_batch batch = heaps_batch(&other);
	struct wire_snapshot_event nameless = {.is = {.capture = id,
						       .at_unix_ms = clock_unix_ms(),
						       .state = SNAPSHOT_FAILED,
						       .text = "",
						       .actor = ""}};
	batch.events = &nameless;
	batch.event_count = 1;
	assert_int_equal(
		upload_batch(&other.peer, &batch, other.epoch, ++other.sequence).fate,
		WIRE_STORED);
	h.process++;
	heaps_say_state(&h, id, SNAPSHOT_FAILED);
	h.process--;
	heaps_say_state(&h, 1 << 30, SNAPSHOT_FAILED);
	ingest_counters(&after);
	assert_int_equal(after.events_ignored - before.events_ignored, 4);
	assert_string_equal(heaps_capture(id)->state, "ordered");
	assert_int_equal(heaps_audit("snapshot.failed", id), 0);
	peer_finish(&h.peer);
	peer_finish(&other.peer);
}

static void what_comes_late_changes_nothing(void **state)
{
	(void)state;
	struct heaps_agent h;
	heaps_agent_start(&h, "order");
	uint64_t id = heaps_order(&h, false);
	/* A repeated card; progress that goes back; running after the end. */
	heaps_quote(&h, id, SNAPSHOT_ALLOWED);
	assert_string_equal(heaps_capture(id)->state, "ordered");
	heaps_say(&h, id,
		(struct snapshot_event){
			.state = SNAPSHOT_RUNNING, .progress_permille = 800});
	heaps_say(&h, id,
		(struct snapshot_event){
			.state = SNAPSHOT_RUNNING, .progress_permille = 200});
	assert_int_equal(heaps_capture(id)->progress_permille, 800);
	heaps_say(&h, id,
		(struct snapshot_event){.state = SNAPSHOT_FAILED,
			.text = "the process ended while its heap was read"});
	heaps_say_state(&h, id, SNAPSHOT_RUNNING);
	heaps_say_state(&h, id, SNAPSHOT_DONE);
	assert_string_equal(heaps_capture(id)->state, "failed");
	assert_string_equal(
		heaps_capture(id)->text, "the process ended while its heap was read");
	assert_int_equal(heaps_audit("snapshot.failed", id), 1);
	assert_int_equal(heaps_audit("snapshot.done", id), 0);
	/* But a summary is the proof that it was taken. */
	heaps_take(&h, id);
	assert_string_equal(heaps_capture(id)->state, "done");
	peer_finish(&h.peer);
}

static void facts_beat_our_own_guess(void **state)
{
	(void)state;
	struct heaps_agent h;
	struct err e;
	heaps_agent_start(&h, "late");
	uint64_t id = heaps_order(&h, false);
	must(captures_expire(db, clock_unix_ms() + CAPTURES_ORDERED_MS + 1, &e), &e);
	assert_string_equal(heaps_capture(id)->state, "expired");
	assert_string_equal(heaps_capture(id)->text, "the agent has not begun it");
	assert_int_equal(heaps_audit("snapshot.expired", id), 1);
	heaps_tick(&h, "late");
	assert_int_equal(h.receipt.order_count, 0);
	heaps_say_state(&h, id, SNAPSHOT_RUNNING);
	assert_string_equal(heaps_capture(id)->state, "running");
	assert_string_equal(heaps_capture(id)->text, "");
	heaps_take(&h, id);
	assert_string_equal(heaps_capture(id)->state, "done");
	peer_finish(&h.peer);
}

static void a_cancelled_question_stays_so(void **state)
{
	(void)state;
	struct heaps_agent h;
	struct captures_reply reply;
	struct err e;
	heaps_agent_start(&h, "cancelled");
	uint64_t id = (uint64_t)heaps_create(&h).row->id;
	struct captures_step step = {
		.id = (int64_t)id, .actor = heaps_nobody, .now_ms = clock_unix_ms()};
	must(captures_cancel(db, &step, &arena, &reply, &e), &e);
	assert_int_equal(reply.outcome, CAPTURES_DONE);
	assert_string_equal(reply.row->state, "cancelled");
	heaps_quote(&h, id, SNAPSHOT_ALLOWED);
	assert_string_equal(heaps_capture(id)->state, "cancelled");
	must(captures_cancel(db, &step, &arena, &reply, &e), &e);
	assert_int_equal(reply.outcome, CAPTURES_REFUSED);

	/* What the agent had begun goes on. */
	id = heaps_order(&h, false);
	step.id = (int64_t)id;
	must(captures_cancel(db, &step, &arena, &reply, &e), &e);
	assert_string_equal(reply.row->state, "cancelled");
	heaps_say_state(&h, id, SNAPSHOT_RUNNING);
	assert_string_equal(heaps_capture(id)->state, "running");
	peer_finish(&h.peer);
}

static void a_refusal_is_in_the_audit(void **state)
{
	(void)state;
	struct heaps_agent h;
	heaps_agent_start(&h, "refusals");
	uint64_t id = (uint64_t)heaps_create(&h).row->id;
	heaps_quote(&h, id, SNAPSHOT_REFUSED);
	assert_string_equal(heaps_capture(id)->state, "quoted");
	assert_int_equal(heaps_audit("snapshot.denied", id), 1);
	struct captures_reply reply = heaps_confirm((int64_t)id, false);
	assert_int_equal(reply.outcome, CAPTURES_REFUSED);
	assert_string_equal(reply.reason, "the pause is long");
	/* It keeps nobody waiting. */
	id = heaps_order(&h, false);
	heaps_say(&h, id,
		(struct snapshot_event){.state = SNAPSHOT_DENIED,
			.has_card = true,
			.card = {SNAPSHOT_REFUSED, "", "", false, 0, 0, 0, 0, 0,
				"too soon after the last"}});
	assert_string_equal(heaps_capture(id)->state, "denied");
	assert_string_equal(heaps_capture(id)->text, "too soon after the last");
	assert_int_equal(heaps_audit("snapshot.denied", id), 1);
	peer_finish(&h.peer);
}

static void what_people_do_on_the_host_is_in_the_audit(void **state)
{
	(void)state;
	struct heaps_agent h;
	heaps_agent_start(&h, "local");
	int64_t before = ask("SELECT count(*) FROM audit");
	static const struct snapshot_event events[] = {
		{.state = SNAPSHOT_RUNNING, .actor = "command line by root"},
		{.state = SNAPSHOT_DONE, .actor = "command line by root"},
		{.state = SNAPSHOT_DENIED,
			.actor = "command line by ada",
			.text = "not enough memory"},
	};
	for (size_t i = 0; i < 3; i++)
		heaps_say(&h, 0, events[i]);
	assert_int_equal(ask("SELECT count(*) FROM audit") - before, 2);
	assert_int_equal(
		ask("SELECT count(*) FROM audit WHERE action = 'snapshot.done' "
		    "AND actor = 'agent' AND detail = 'said by test-host: command "
		    "line by root' AND subject = 'local "
		    "on test-host, pid 100' AND service_id IS NOT NULL"),
		1);
	assert_int_equal(
		ask("SELECT count(*) FROM audit WHERE action = "
		    "'snapshot.denied' AND detail = 'said by test-host: command "
		    "line by ada: not enough memory'"),
		1);
	peer_finish(&h.peer);
}

/* Nor may it write in anybody's name, or fill what is kept for ever. */
static void an_agent_speaks_for_itself_alone(void **state)
{
	(void)state;
	struct heaps_agent h;
	struct ingest_counters before, after;
	heaps_agent_start(&h, "forger");
	uint64_t id = heaps_order(&h, false);
	int64_t rows = ask("SELECT count(*) FROM audit");
	ingest_counters(&before);
	struct wire_batch batch = heaps_batch(&h);
	struct wire_snapshot_event events[20];
	for (int i = 0; i < 20; i++)
		events[i] = (struct wire_snapshot_event){.has_process = true,
			.is = {.at_unix_ms = clock_unix_ms(),
				.state = SNAPSHOT_DONE,
				.text = "",
				.actor = "ada"}};
	batch.events = events;
	batch.event_count = 20;
	for (int i = 0; i < 4; i++)
		upload_batch(&h.peer, &batch, h.epoch, ++h.sequence);
	ingest_counters(&after);
	assert_int_equal(ask("SELECT count(*) FROM audit WHERE actor = 'ada'"), 0);
	assert_int_equal(ask("SELECT count(*) FROM audit") - rows, 60);
	assert_int_equal(after.events_ignored - before.events_ignored, 20);
	/* What was asked for here is told all the same. */
	heaps_say_state(&h, id, SNAPSHOT_FAILED);
	assert_string_equal(heaps_capture(id)->state, "failed");
	peer_finish(&h.peer);
}

static void what_has_ended_keeps_nobody_waiting(void **state)
{
	(void)state;
	struct heaps_agent h;
	struct err e;
	heaps_agent_start(&h, "revived");
	uint64_t id = heaps_order(&h, false);
	/* It was ordered a while ago, and begins late. */
	ask_of("UPDATE capture SET ordered_at = now() - interval '30 min', deadline_at "
	       "= "
	       "now() WHERE id = %lld",
		(int64_t)id);
	must(captures_expire(db, clock_unix_ms(), &e), &e);
	heaps_say_state(&h, id, SNAPSHOT_RUNNING);
	assert_string_equal(heaps_capture(id)->state, "running");
	assert_int_equal(
		ask_of("SELECT extract(epoch FROM deadline_at - ordered_at)::int "
		       "/ 60 FROM capture WHERE id = %lld",
			(int64_t)id),
		65);
	/* And once its time is over it stays so. */
	ask_of("UPDATE capture SET ordered_at = now() - interval '66 min', deadline_at "
	       "= "
	       "now() WHERE id = %lld",
		(int64_t)id);
	must(captures_expire(db, clock_unix_ms(), &e), &e);
	heaps_say(&h, id,
		(struct snapshot_event){
			.state = SNAPSHOT_RUNNING, .progress_permille = 1});
	assert_string_equal(heaps_capture(id)->state, "expired");
	assert_int_equal(heaps_create(&h).outcome, CAPTURES_DONE);
	heaps_take(&h, id);
	assert_string_equal(heaps_capture(id)->state, "done");
	peer_finish(&h.peer);
}

static void a_raw_file_that_nobody_asked_for_is_none(void **state)
{
	(void)state;
	struct heaps_agent h;
	heaps_agent_start(&h, "unasked-raw");
	for (int keep = 0; keep < 2; keep++) {
		struct snapshot_fixture f;
		uint64_t id = heaps_order(&h, keep);
		struct wire_batch batch = heaps_snapshot(&h, &f, id);
		f.snapshot.is.raw_bytes = 1000;
		h.receipt = upload_batch(&h.peer, &batch, h.epoch, ++h.sequence);
		assert_string_equal(heaps_capture(id)->state, "done");
		assert_int_equal(
			ask_of("SELECT count(*) FROM snapshot_raw r JOIN snapshot n ON "
			       "n.id = r.snapshot_id WHERE n.capture_id = %lld",
				(int64_t)id),
			keep);
	}
	peer_finish(&h.peer);
}

/* The same heap came before, without the capture that it is of. */
static void a_snapshot_that_is_here_still_ends_its_capture(void **state)
{
	(void)state;
	struct heaps_agent h;
	struct snapshot_fixture f;
	heaps_agent_start(&h, "same-moment");
	uint64_t id = heaps_order(&h, true);
	struct wire_batch batch = heaps_snapshot(&h, &f, 0);
	int64_t taken_ms = f.snapshot.is.taken_unix_ms;
	upload_batch(&h.peer, &batch, h.epoch, ++h.sequence);
	batch = heaps_snapshot(&h, &f, id);
	f.snapshot.is.taken_unix_ms = taken_ms;
	f.snapshot.is.raw_bytes = 1000;
	h.receipt = upload_batch(&h.peer, &batch, h.epoch, ++h.sequence);
	assert_int_equal(h.receipt.fate, WIRE_STORED);
	struct captures_row *row = heaps_capture(id);
	assert_string_equal(row->state, "done");
	assert_int_equal(snapshots_without_capture(&h), 0);
	assert_int_equal(
		ask_of("SELECT raw_bytes FROM snapshot JOIN snapshot_raw ON id = "
		       "snapshot_id WHERE id = %lld",
			row->snapshot),
		1000);
	/* It has one now; another capture gets none of it. */
	uint64_t other = heaps_order(&h, false);
	f.snapshot.is.capture = other;
	upload_batch(&h.peer, &batch, h.epoch, ++h.sequence);
	assert_string_equal(heaps_capture(other)->state, "ordered");
	peer_finish(&h.peer);
}

/* A process of which nothing was read is not taken for a running one. */
static void a_batch_without_ticks_is_no_sign_of_life(void **state)
{
	(void)state;
	struct heaps_agent h = {.epoch = 5};
	h.id = enrolled(&h.peer);
	struct wire_process process = {.service = "dump",
		.version = "",
		.runtime = "node",
		.rule = "file",
		.command = "",
		.pid = 777,
		.started_unix_ms = clock_unix_ms() - 7200 * 1000};
	h.process = &process;
	heaps_take(&h, 0);
	assert_int_equal(
		ask("SELECT extract(epoch FROM now() - last_sample_at)::int / 60 FROM "
		    "generation WHERE pid = 777"),
		120);
	assert_int_equal(
		ask_of("SELECT count(clock_skew_ms) + count(last_sample_at) FROM "
		       "agent WHERE id = %lld",
			h.id),
		0);
	peer_finish(&h.peer);
}

static void an_agent_cannot_fill_the_tables(void **state)
{
	(void)state;
	enum { EACH = WIRE_SNAPSHOTS_MAX, MANY = 124 };
	struct heaps_agent h;
	heaps_agent_start(&h, "flood");
	for (int i = 0; i < MANY; i += EACH) {
		struct snapshot_fixture f[EACH];
		struct wire_snapshot list[EACH];
		struct wire_batch batch;
		for (int j = 0; j < EACH; j++) {
			batch = heaps_snapshot(&h, &f[j], 0);
			list[j] = f[j].snapshot;
		}
		batch.snapshots = list;
		batch.snapshot_count = EACH;
		assert_int_equal(
			upload_batch(&h.peer, &batch, h.epoch, ++h.sequence).fate,
			WIRE_STORED);
	}
	assert_int_equal(snapshots_without_capture(&h), 120);
	assert_int_equal(
		ask_of("SELECT (last_refusal LIKE 'more heap snapshots%%')::int "
		       "FROM agent WHERE id = %lld",
			h.id),
		1);
	/* Its samples go on. */
	heaps_tick(&h, "flood");
	peer_finish(&h.peer);
}

/* Two servers of one database: the same batch at the same moment. */
/* The verdicts of a turn and a new alert, as the watch would have written them: of
 * three instances the second leaks most, the third not at all. */
static void find_a_leak(int64_t service)
{
	ask_of("INSERT INTO slot_verdict (slot_id, generation_id, fingerprint_id, at, "
	       "verdict, series, rate_kb_h, summary, reasons) SELECT s.id, g.id, "
	       "g.fingerprint_id, now(), CASE WHEN s.ordinal < 2 THEN 'leak' ELSE "
	       "'steady' END, 'rss', s.ordinal, '', '[]' FROM slot s JOIN generation g "
	       "ON g.slot_id = s.id WHERE s.service_id = %lld",
		service);
	ask_of("INSERT INTO finding (service_id, fingerprint_id, kind, first_at, "
	       "last_at, "
	       "slots, slots_leaking, hosts, hosts_leaking, summary, reasons) SELECT "
	       "service_id, id, 'leak', now(), now(), 3, 2, 1, 1, '', '[]' FROM "
	       "fingerprint WHERE service_id = %lld",
		service);
	ask_of("INSERT INTO alert (finding_id, opened_at) SELECT id, now() FROM "
	       "finding "
	       "WHERE service_id = %lld",
		service);
}

/* Of its worst process and of one that does not leak, until there is one; not for ever.
 */
static void a_young_alert_asks_for_a_census(void **state)
{
	(void)state;
	struct heaps_agent h;
	heaps_agent_start(&h, "counted");
	int64_t service = ask("SELECT id FROM service WHERE name = 'counted'");
	assert_int_equal(h.receipt.order_count, 0);
	find_a_leak(service);
	heaps_tick(&h, "counted");
	assert_int_equal(h.receipt.order_count, 2);
	for (int i = 0; i < 2; i++) {
		const struct snapshot_order *order = &h.receipt.orders[i];
		assert_int_equal(order->kind, SNAPSHOT_ORDER_CENSUS);
		assert_int_equal(order->pid, i ? 102 : 101);
		assert_string_equal(order->service, "counted");
	}
	ask_of("INSERT INTO census (generation_id, at, route, took_us, is_cut, "
	       "name_ids, "
	       "counts) SELECT g.id, now(), 'preload', 1, false, '{}', '{}' FROM "
	       "generation g JOIN slot s ON s.id = g.slot_id WHERE s.ordinal = 1 AND "
	       "s.service_id = %lld",
		service);
	heaps_tick(&h, "counted");
	assert_int_equal(h.receipt.order_count, 1);
	assert_int_equal(h.receipt.orders[0].pid, 102);
	ask("UPDATE alert SET opened_at = now() - interval '31 minutes'");
	heaps_tick(&h, "counted");
	assert_int_equal(h.receipt.order_count, 0);
	peer_finish(&h.peer);
}

static void two_servers_store_it_once(void **state)
{
	(void)state;
	enum { ROUNDS = 10 };
	struct heaps_agent h;
	struct err e;
	uint16_t second_port = ports_free(2);
	struct ingest *second = ingest_start(
		&(struct ingest_options){.database = pg.uri,
			.listen_host = "127.0.0.1",
			.data_port = second_port,
			.enrol_port = (uint16_t)(second_port + 1),
			.secret_key = server_secret,
			.raw_key = raw_key,
			.raw_retention_ms = 30 * DAY_MS,
			.gather_ms = 20},
		&e);
	must(second, &e);
	heaps_agent_start(&h, "both");
	uint64_t id = heaps_order(&h, false);
	struct peer copy = h.peer;
	copy.socket = NULL;
	arena_init(&copy.arena);
	/* The second has not heard of the agent; its door looks again at once. */
	peer_connect(&copy, second_port);
	for (int i = 0; i < ROUNDS; i++) {
		struct snapshot_fixture f;
		struct wire_batch batch = heaps_snapshot(&h, &f, i == 0 ? id : 0);
		struct buf frame = {0};
		struct wire_receipt a, b;
		peer_upload(&batch, h.epoch, ++h.sequence, &frame);
		assert_true(peer_send(&h.peer, frame.data, frame.length, WAIT_MS));
		assert_true(peer_send(&copy, frame.data, frame.length, WAIT_MS));
		assert_true(peer_receipt(&h.peer, &a, WAIT_MS));
		assert_true(peer_receipt(&copy, &b, WAIT_MS));
		assert_int_equal(a.fate + b.fate, WIRE_STORED + WIRE_REPEATED);
		buf_finish(&frame);
	}
	assert_int_equal(ask_of("SELECT count(*) FROM snapshot n JOIN agent a USING "
				"(host_id) WHERE a.id = %lld",
				 h.id),
		ROUNDS);
	assert_int_equal(heaps_audit("snapshot.done", id), 1);
	peer_finish(&copy);
	peer_finish(&h.peer);
	ingest_stop(second);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_capture_goes_its_whole_way),
		cmocka_unit_test(a_snapshot_is_whole_in_the_tables),
		cmocka_unit_test(a_repeated_batch_says_nothing_twice),
		cmocka_unit_test(a_snapshot_belongs_only_to_what_was_ordered_of_it),
		cmocka_unit_test(events_of_others_are_ignored_and_counted),
		cmocka_unit_test(what_comes_late_changes_nothing),
		cmocka_unit_test(facts_beat_our_own_guess),
		cmocka_unit_test(a_cancelled_question_stays_so),
		cmocka_unit_test(a_refusal_is_in_the_audit),
		cmocka_unit_test(what_people_do_on_the_host_is_in_the_audit),
		cmocka_unit_test(an_agent_speaks_for_itself_alone),
		cmocka_unit_test(what_has_ended_keeps_nobody_waiting),
		cmocka_unit_test(a_raw_file_that_nobody_asked_for_is_none),
		cmocka_unit_test(a_snapshot_that_is_here_still_ends_its_capture),
		cmocka_unit_test(a_batch_without_ticks_is_no_sign_of_life),
		cmocka_unit_test(an_agent_cannot_fill_the_tables),
		cmocka_unit_test(a_young_alert_asks_for_a_census),
		cmocka_unit_test(two_servers_store_it_once),
	};
	return cmocka_run_group_tests(tests, start, stop);
}
