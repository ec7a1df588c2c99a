/* Captures: the server's own gate, and one capture of two clicks. */
#include "server/store/capture_events.h"
#include "server/store/captures.h"
#include "tests/unit/server/store/heaps_fixture.h"

#include <pthread.h>

static struct captures_reply create_as(
	struct db *with, int64_t slot_id, struct audit_actor actor, struct arena *a)
{
	struct captures_reply reply;
	struct err e;
	must(captures_create(with,
		     &(struct captures_ask){.slot_id = slot_id,
			     .actor = actor,
			     .cause = "console",
			     .route = "",
			     .now_ms = now_ms()},
		     a, &reply, &e),
		&e);
	return reply;
}

static struct captures_reply create(int64_t slot_id)
{
	return create_as(db, slot_id, (struct audit_actor){1, "ada"}, &arena);
}

static void quote(const struct captures_row *row, enum snapshot_gate gate)
{
	struct snapshot_event event = {.capture = (uint64_t)row->id,
		.state = SNAPSHOT_QUOTED,
		.text = "",
		.actor = "",
		.has_card = true,
		.card = {gate, "inspector", "node", true, 1, 2, 3, 4, 5,
			gate == SNAPSHOT_ALLOWED ? "" : "it is slow\nit is large"}};
	struct capture_events_word word = {
		(int32_t)row->place.host.id, 0, &event, now_ms()};
	enum capture_events_outcome outcome;
	struct err e;
	must(capture_events_put(db, &word, &arena, &outcome, &e), &e);
	assert_int_equal(outcome, CAPTURE_EVENTS_CHANGED);
}

static struct captures_reply confirm(int64_t id, bool overrules)
{
	struct captures_reply reply;
	struct err e;
	must(captures_confirm(db,
		     &(struct captures_step){.id = id,
			     .actor = {2, "bob"},
			     .overrules = overrules,
			     .now_ms = now_ms()},
		     &arena, &reply, &e),
		&e);
	return reply;
}

static int64_t refusals(void)
{
	return ask("SELECT count(*) FROM audit WHERE action = 'snapshot.refused'");
}

static void a_capture_says_where_and_by_whom(void **state)
{
	(void)state;
	struct captures_reply reply = create(1);
	assert_int_equal(reply.outcome, CAPTURES_DONE);
	assert_string_equal(reply.row->state, "quoting");
	assert_string_equal(reply.row->asked_by, "ada");
	assert_null(reply.row->confirmed_by);
	assert_string_equal(reply.row->place.service.name, "checkout");
	assert_string_equal(reply.row->place.host.name, "shop-1");
	assert_string_equal(reply.row->place.version.name, "1.0");
	assert_int_equal(reply.row->place.instance, 1);
	assert_int_equal(reply.row->place.pid, 101);
	assert_int_equal(reply.row->place.generation, 1);
	assert_null(reply.row->card);
	quote(reply.row, SNAPSHOT_ALLOWED);
	reply = confirm(reply.row->id, false);
	assert_int_equal(reply.outcome, CAPTURES_DONE);
	assert_string_equal(reply.row->state, "ordered");
	assert_string_equal(reply.row->confirmed_by, "bob");
	/* Once. */
	assert_int_equal(confirm(reply.row->id, false).outcome, CAPTURES_REFUSED);

	struct captures_row *rows;
	size_t count;
	struct err e;
	must(captures_page(db, &(struct captures_filter){.service_id = 1, .limit = 5},
		     &arena, &rows, &count, &e),
		&e);
	assert_int_equal(count, 1);
	assert_int_equal(rows[0].id, reply.row->id);
	must(captures_page(db,
		     &(struct captures_filter){.after_id = rows[0].id, .limit = 5},
		     &arena, &rows, &count, &e),
		&e);
	assert_int_equal(count, 0);
}

static void the_gate_refuses(void **state)
{
	(void)state;
	static const struct {
		int64_t slot_id;
		const char *reason;
	} cases[] = {
		{2, "of this service is under way"}, /* same service, same host */
		{4, "of this service is under way"}, /* same service, other host */
		{3, "of this host is under way"},    /* other service, same host */
		{5, "the agent of quiet does not report"},
	};
	assert_int_equal(create(1).outcome, CAPTURES_DONE);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		int64_t before = refusals();
		struct captures_reply reply = create(cases[i].slot_id);
		assert_int_equal(reply.outcome, CAPTURES_REFUSED);
		if (!strstr(reply.reason, cases[i].reason))
			fail_msg("%s", reply.reason);
		assert_null(reply.row);
		assert_int_equal(refusals(), before + 1);
	}
	assert_int_equal(create(99).outcome, CAPTURES_MISSING);
	assert_int_equal(
		ask("SELECT count(*) FROM audit WHERE actor = 'ada' AND user_id "
		    "= 1 AND subject = 'checkout on shop-2, pid 104'"),
		1);
}

static void a_process_that_does_not_run_is_refused(void **state)
{
	(void)state;
	struct captures_reply reply = create(6);
	assert_int_equal(reply.outcome, CAPTURES_REFUSED);
	assert_string_equal(reply.reason, "the process does not run any more");
	/* Nor one that has been replaced since the card was made. */
	reply = create(1);
	quote(reply.row, SNAPSHOT_ALLOWED);
	ask("INSERT INTO generation (id, slot_id, fingerprint_id, host_id, boot_id, "
	    "pid, "
	    "start_ticks, started_at, last_sample_at, command, rule) OVERRIDING SYSTEM "
	    "VALUE VALUES (99, 1, 1, 1, 'boot', 9, 9, now(), now(), '', '')");
	reply = confirm(reply.row->id, true);
	assert_int_equal(reply.outcome, CAPTURES_REFUSED);
	assert_string_equal(reply.reason, "the process does not run any more");
	assert_string_equal(reply.row->state, "quoted");
}

static void the_last_instance_asks(void **state)
{
	(void)state;
	struct captures_reply reply = create(3);
	assert_int_equal(reply.outcome, CAPTURES_DONE);
	quote(reply.row, SNAPSHOT_ALLOWED);
	struct captures_reply asked = confirm(reply.row->id, false);
	assert_int_equal(asked.outcome, CAPTURES_ASKS);
	assert_non_null(strstr(asked.reason, "no other instance of mail runs"));
	assert_string_equal(asked.row->gate, "asks");
	assert_non_null(strstr(asked.row->card, "no other instance of mail runs"));
	assert_int_equal(refusals(), 1);
	asked = confirm(reply.row->id, true);
	assert_int_equal(asked.outcome, CAPTURES_DONE);
	assert_true(asked.row->overrules);
}

static void say(int64_t slot_id, const char *verdict, const char *exhaust_at)
{
	ask(arena_printf(&arena,
		"INSERT INTO slot_verdict (slot_id, generation_id, fingerprint_id, at, "
		"verdict, series, summary, reasons, exhaust_at) VALUES (%lld, %lld, 1, "
		"now(), '%s', 'rss_anon', '', '[]', %s) ON CONFLICT (slot_id) DO "
		"UPDATE SET verdict = EXCLUDED.verdict, exhaust_at = "
		"EXCLUDED.exhaust_at",
		(long long)slot_id, (long long)slot_id, verdict, exhaust_at));
}

/* Slots 1 and 2 leak; 4 is all that is left. */
static void the_last_healthy_instance_asks(void **state)
{
	(void)state;
	say(1, "leak", "now() + interval '1 day'");
	say(2, "leak", "NULL");
	say(4, "steady", "NULL");
	struct captures_reply reply = create(4);
	quote(reply.row, SNAPSHOT_ALLOWED);
	reply = confirm(reply.row->id, false);
	assert_int_equal(reply.outcome, CAPTURES_ASKS);
	assert_non_null(strstr(
		reply.reason, "no other instance of checkout is healthy: the others"));
	/* One that leaks has others to answer in its place, also when all leak ... */
	ask("UPDATE capture SET state = 'cancelled'");
	say(4, "leak", "NULL");
	reply = create(1);
	quote(reply.row, SNAPSHOT_ALLOWED);
	assert_int_equal(confirm(reply.row->id, false).outcome, CAPTURES_DONE);
	/* ... unless they are about to end themselves. */
	ask("UPDATE capture SET state = 'cancelled'");
	say(2, "leak", "now() + interval '50 minutes'");
	say(4, "leak", "now() + interval '50 minutes'");
	reply = create(1);
	quote(reply.row, SNAPSHOT_ALLOWED);
	assert_int_equal(confirm(reply.row->id, false).outcome, CAPTURES_ASKS);
}

/* The other instance has ended while somebody read the card. */
static void the_gate_is_asked_again(void **state)
{
	(void)state;
	struct captures_reply reply = create(4);
	quote(reply.row, SNAPSHOT_ALLOWED);
	assert_string_equal(create(4).reason,
		arena_printf(&arena, "capture %lld of this service is under way",
			(long long)reply.row->id));
	ask("UPDATE generation SET last_sample_at = now() - interval '1 hour' WHERE "
	    "slot_id "
	    "IN (1, 2)");
	struct captures_reply asked = confirm(reply.row->id, false);
	assert_int_equal(asked.outcome, CAPTURES_ASKS);
	assert_int_equal(confirm(reply.row->id, false).outcome, CAPTURES_ASKS);
	/* The card says so too, once, so that an admin can overrule it. */
	struct captures_row *row;
	struct err e;
	must(captures_one(db, reply.row->id, &arena, &row, &e), &e);
	assert_string_equal(row->gate, "asks");
	const char *told = strstr(row->card, "no other instance of checkout runs");
	assert_non_null(told);
	assert_null(strstr(told + 1, "no other instance of checkout runs"));
	assert_int_equal(confirm(reply.row->id, true).outcome, CAPTURES_DONE);
}

static void the_agents_reasons_and_ours_are_one_card(void **state)
{
	(void)state;
	struct captures_reply reply = create(3);
	quote(reply.row, SNAPSHOT_ASKS);
	reply = confirm(reply.row->id, false);
	assert_int_equal(reply.outcome, CAPTURES_ASKS);
	assert_string_equal(reply.reason,
		"it is slow\nit is large\nno other instance of "
		"mail runs: nothing answers in its place "
		"during the pause");
	/* What the agent refuses nobody overrules. */
	ask("UPDATE capture SET state = 'cancelled'");
	reply = create(3);
	quote(reply.row, SNAPSHOT_REFUSED);
	assert_int_equal(confirm(reply.row->id, true).outcome, CAPTURES_REFUSED);
}

struct click {
	pthread_t thread;
	int64_t slot_id;
	enum captures_outcome outcome;
};

static void *click(void *context)
{
	struct click *c = context;
	struct db *own = db_create(
		&(struct db_options){.uri = pg.uri, .application_name = "click"});
	struct arena a;
	arena_init(&a);
	c->outcome = create_as(own, c->slot_id, (struct audit_actor){0, "policy"}, &a)
			     .outcome;
	arena_finish(&a);
	db_destroy(own);
	return NULL;
}

static void many_clicks_make_one_capture(void **state)
{
	(void)state;
	enum { CLICKS = 8 };
	static const int64_t slots[] = {1, 2, 4, 3}; /* all in each other's way */
	struct click clicks[CLICKS];
	int done = 0;
	for (int i = 0; i < CLICKS; i++) {
		clicks[i].slot_id = slots[i % 2]; /* the same service and host */
		pthread_create(&clicks[i].thread, NULL, click, &clicks[i]);
	}
	for (int i = 0; i < CLICKS; i++) {
		pthread_join(clicks[i].thread, NULL);
		done += clicks[i].outcome == CAPTURES_DONE;
	}
	assert_int_equal(done, 1);
	assert_int_equal(ask("SELECT count(*) FROM capture"), 1);
	assert_int_equal(refusals(), CLICKS - 1);
}

static void what_nobody_answers_expires(void **state)
{
	(void)state;
	struct captures_reply reply = create(1);
	struct err e;
	must(captures_expire(db, now_ms(), &e), &e);
	assert_int_equal(
		ask("SELECT count(*) FROM capture WHERE state = 'quoting'"), 1);
	/* Nobody has ended it yet, but it is in nobody's way any more. */
	ask("UPDATE capture SET deadline_at = now() - interval '1 s'");
	assert_int_equal(create(2).outcome, CAPTURES_DONE);
	must(captures_expire(db, now_ms(), &e), &e);
	struct captures_row *row;
	must(captures_one(db, reply.row->id, &arena, &row, &e), &e);
	assert_string_equal(row->state, "expired");
	assert_string_equal(row->text, "the agent has not answered");
	assert_int_equal(
		ask("SELECT count(*) FROM audit WHERE action = 'snapshot.expired'"), 1);
	must(captures_expire(db, now_ms(), &e), &e);
	assert_int_equal(
		ask("SELECT count(*) FROM audit WHERE action = 'snapshot.expired'"), 1);
	/* A card that is too old is not confirmed, expired or not. */
	ask("UPDATE capture SET state = 'quoted', card = '{\"gate\": \"allowed\"}', "
	    "deadline_at = now() - interval '1 s'");
	reply = confirm(row->id, true);
	assert_int_equal(reply.outcome, CAPTURES_REFUSED);
	assert_string_equal(reply.reason, "its cost card is too old");
}

static void the_audit_is_only_added_to(void **state)
{
	(void)state;
	create(1);
	create(2);
	static const char *const attempts[] = {"DELETE FROM audit",
		"UPDATE audit SET actor = 'nobody'", "TRUNCATE audit"};
	for (size_t i = 0; i < 3; i++) {
		struct err e;
		assert_false(db_script(db, attempts[i], "attempt", &e));
		assert_non_null(strstr(e.text, "only ever added to"));
	}
	struct audit_row *rows;
	size_t count;
	struct err e;
	must(audit_page(db, &(struct audit_filter){.service_id = 1, .limit = 1}, &arena,
		     &rows, &count, &e),
		&e);
	assert_int_equal(count, 1);
	assert_string_equal(rows[0].action, "snapshot.refused");
	assert_string_equal(rows[0].actor, "ada");
	assert_string_equal(rows[0].service.name, "checkout");
	assert_string_equal(rows[0].host.name, "shop-1");
	must(audit_page(db, &(struct audit_filter){.after_id = rows[0].id, .limit = 9},
		     &arena, &rows, &count, &e),
		&e);
	assert_int_equal(count, 1);
	assert_string_equal(rows[0].action, "snapshot.ask");
}

#define TEST(name) cmocka_unit_test_setup(name, fresh)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_capture_says_where_and_by_whom),
		TEST(the_gate_refuses),
		TEST(a_process_that_does_not_run_is_refused),
		TEST(the_last_instance_asks),
		TEST(the_last_healthy_instance_asks),
		TEST(the_gate_is_asked_again),
		TEST(the_agents_reasons_and_ours_are_one_card),
		TEST(many_clicks_make_one_capture),
		TEST(what_nobody_answers_expires),
		TEST(the_audit_is_only_added_to),
	};
	return cmocka_run_group_tests(tests, start, stop);
}
