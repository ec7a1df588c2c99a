/* The uplink against a real server socket: everything arrives, is forgotten only on
 * a receipt, and every kind of trouble ends by itself. */
#include "tests/unit/agent/uplink_world.h"

static void everything_arrives_in_order_and_is_forgotten(void **state)
{
	struct world *w = *state;
	append(w, 1, 200, 700);
	start(w);
	GO_UNTIL(w, fixture_stats(w->spool).batches == 0);
	for (uint64_t n = 1; n <= 200; n++) {
		assert_int_equal(w->seen[n], 1);
		assert_int_equal(w->order[n - 1], n);
	}
	struct uplink_stats s = stats(w);
	assert_true(s.connected);
	assert_int_equal(s.stored, 200);
	assert_int_equal(s.sent, 200);
	assert_int_equal(s.strange + s.refused + s.repeated + s.rejects, 0);
	assert_int_equal(s.in_flight, 0);
	assert_string_equal(s.last_error, "");
	assert_true(clock_unix_ms() - s.last_receipt_unix_ms < 5000);
	/* And what is appended later follows at once. */
	append(w, 201, 201, 700);
	GO_UNTIL(w, fixture_stats(w->spool).batches == 0);
	assert_int_equal(w->last.oldest, 201);
	assert_int_equal(w->last.spool_bytes, 700);
}

static void no_more_than_a_window_is_under_way(void **state)
{
	struct world *w = *state;
	w->answer = false;
	append(w, 1, 50, 700);
	start(w);
	GO_UNTIL(w, w->frames == UPLINK_WINDOW_BATCHES);
	go(w, 100);
	assert_int_equal(w->frames, UPLINK_WINDOW_BATCHES);
	assert_int_equal(stats(w).in_flight, UPLINK_WINDOW_BATCHES);
	assert_int_equal(fixture_stats(w->spool).batches, 50);
}

static void big_batches_make_a_smaller_window(void **state)
{
	struct world *w = *state;
	w->answer = false;
	append(w, 1, 10, 700000);
	start(w);
	GO_UNTIL(w, w->frames >= 2);
	go(w, 100);
	assert_int_equal(w->frames, 2);
	w->answer = true;
	GO_UNTIL(w, fixture_stats(w->spool).batches == 0);
}

static void without_a_receipt_it_is_sent_again(void **state)
{
	struct world *w = *state;
	w->answer = false;
	append(w, 1, 5, 100);
	start(w);
	GO_UNTIL(w, w->frames == 5);
	int64_t before_ms = clock_mono_ms();
	w->answer = true;
	w->fate = WIRE_REPEATED;
	GO_UNTIL(w, fixture_stats(w->spool).batches == 0);
	assert_true(clock_mono_ms() - before_ms >= 200);
	for (int n = 1; n <= 5; n++)
		assert_int_equal(w->seen[n], 2);
	assert_int_equal(stats(w).repeated, 5);
}

static void receipts_come_in_any_order(void **state)
{
	struct world *w = *state;
	uint64_t epoch = fixture_stats(w->spool).epoch;
	w->answer = false;
	append(w, 1, 16, 100);
	start(w);
	GO_UNTIL(w, w->frames == 16);
	for (uint64_t n = 16; n > 1; n--) {
		struct wire_receipt r = {epoch, n, WIRE_STORED, ""};
		collector_receipt(&w->collector, &r);
	}
	GO_UNTIL(w, fixture_stats(w->spool).batches == 1);
	assert_int_equal(fixture_stats(w->spool).oldest, 1);
	struct wire_receipt r = {epoch, 1, WIRE_STORED, ""};
	collector_receipt(&w->collector, &r);
	GO_UNTIL(w, fixture_stats(w->spool).oldest == 17);
	assert_int_equal(stats(w).in_flight, 0);
}

static void what_is_no_receipt_forgets_nothing(void **state)
{
	struct world *w = *state;
	uint64_t epoch = fixture_stats(w->spool).epoch;
	w->answer = false;
	append(w, 1, 20, 100);
	start(w);
	GO_UNTIL(w, w->frames == 16);
	const struct wire_receipt wrong[] = {
		{epoch + 1, 1, WIRE_STORED, ""},
		{epoch, 17, WIRE_STORED, ""}, /* never sent */
		{epoch, 0, WIRE_STORED, ""},
		{epoch, UINT64_MAX, WIRE_STORED, ""},
		{epoch, 1, (enum wire_fate)0, ""},
		{epoch, 1, (enum wire_fate)9, ""},
	};
	size_t count = sizeof wrong / sizeof *wrong;
	for (size_t i = 0; i < count; i++)
		collector_receipt(&w->collector, &wrong[i]);
	uint8_t noise[300];
	for (size_t length = 0; length < sizeof noise; length += 13, count++) {
		randombytes_buf(noise, sizeof noise);
		collector_send(&w->collector, noise, length);
	}
	struct wire_receipt good = {epoch, 1, WIRE_STORED, ""};
	struct buf b = {0};
	wire_receipt_encode(&good, &b);
	collector_send(&w->collector, b.data, b.length - 1); /* cut */
	/* In two frames. */
	zmq_send(w->collector.router, w->collector.peer, w->collector.peer_length,
		ZMQ_SNDMORE);
	zmq_send(w->collector.router, b.data, b.length, ZMQ_SNDMORE);
	zmq_send(w->collector.router, b.data, b.length, 0);
	buf_finish(&b);
	GO_UNTIL(w, stats(w).strange == count + 2);
	assert_int_equal(fixture_stats(w->spool).batches, 20);
	assert_int_equal(stats(w).stored, 0);
	assert_true(stats(w).connected);
}

static void a_refused_batch_is_forgotten_with_its_reason(void **state)
{
	struct world *w = *state;
	w->fate = WIRE_REFUSED;
	append(w, 1, 3, 100);
	start(w);
	GO_UNTIL(w, fixture_stats(w->spool).batches == 0);
	assert_int_equal(stats(w).refused, 3);
	assert_string_equal(stats(w).last_refusal, "because");
	struct wire_gap gaps[SPOOL_GAPS_MAX];
	assert_int_equal(spool_take_gaps(w->spool, gaps), 1);
	assert_int_equal(gaps[0].batches, 3);
	assert_string_equal(gaps[0].reason, "refused by the server: because");
}

/* A stuck server must not be filled with copies. */
static void without_any_receipt_it_is_sent_ever_more_seldom(void **state)
{
	struct world *w = *state;
	w->answer = false;
	append(w, 1, 5, 100);
	start(w);
	GO_UNTIL(w, w->frames == 5);
	go(w, 3300);
	assert_true(w->frames >= 15 && w->frames <= 25);
	w->answer = true;
	GO_UNTIL(w, fixture_stats(w->spool).batches == 0);
	/* And soon again when there was one. */
	w->answer = false;
	append(w, 6, 6, 100);
	go(w, 500);
	assert_int_equal(w->seen[6], 2);
}

/* A server that is stuck for long loses the connection, too, and keeps what it got. */
static void a_server_that_never_answers_gets_no_second_window(void **state)
{
	struct world *w = *state;
	w->answer = false;
	append(w, 1, 30, 100);
	start(w);
	for (int round = 0; round < 3; round++) {
		GO_UNTIL(w, w->frames == UPLINK_WINDOW_BATCHES + round);
		go(w, 100);
		assert_int_equal(w->frames, UPLINK_WINDOW_BATCHES + round);
		collector_stop(&w->collector);
		GO_UNTIL(w, !stats(w).connected);
		collector_start(&w->collector);
	}
	w->answer = true;
	GO_UNTIL(w, fixture_stats(w->spool).batches == 0);
}

/* The batches are good, and the server cannot take them now. */
static void a_held_batch_stays_and_asks_with_patience(void **state)
{
	struct world *w = *state;
	w->fate = WIRE_HELD;
	append(w, 1, 40, 100);
	start(w);
	GO_UNTIL(w, stats(w).held > 0);
	assert_true(stats(w).connected);
	assert_string_equal(stats(w).last_hold, "because");
	go(w, 3000);
	assert_int_equal(fixture_stats(w->spool).batches, 40);
	assert_int_equal(fixture_stats(w->spool).lost, 0);
	/* One window, then one batch at a time, every 200 ms or so. */
	assert_true(w->frames >= UPLINK_WINDOW_BATCHES + 5);
	assert_true(w->frames <= UPLINK_WINDOW_BATCHES + 40);
	assert_true(w->seen[40] == 0);
	w->fate = WIRE_STORED;
	GO_UNTIL(w, fixture_stats(w->spool).batches == 0);
	assert_string_equal(stats(w).last_hold, "");
	assert_int_equal(stats(w).stored, 40);
	assert_int_equal(stats(w).refused, 0);
}

static void a_new_connection_asks_at_once_about_what_is_held(void **state)
{
	struct world *w = *state;
	w->backoff_min_ms = w->backoff_max_ms = 3600 * 1000;
	w->fate = WIRE_HELD;
	append(w, 1, 20, 100);
	start(w);
	GO_UNTIL(w, stats(w).retry_in_ms > 0);
	collector_stop(&w->collector);
	GO_UNTIL(w, !stats(w).connected);
	w->fate = WIRE_STORED;
	collector_start(&w->collector);
	GO_UNTIL(w, fixture_stats(w->spool).batches == 0);
}

static void a_denied_key_is_tried_again_with_patience(void **state)
{
	struct world *w = *state;
	w->collector.status = "400";
	append(w, 1, 3, 100);
	start(w);
	GO_UNTIL(w, stats(w).rejects == 1);
	assert_false(stats(w).connected);
	assert_non_null(strstr(stats(w).last_error, "revoked"));
	assert_true(stats(w).retry_in_ms > 0 && stats(w).retry_in_ms <= 101);
	GO_UNTIL(w, stats(w).rejects >= 4);
	assert_true(w->collector.zap_requests >= 4);
	assert_int_equal(w->frames, 0);

	w->collector.status = "200"; /* somebody enrols it */
	GO_UNTIL(w, fixture_stats(w->spool).batches == 0);
	assert_int_equal(stats(w).connects, 1);
	assert_int_equal(stats(w).retry_in_ms, 0);
	assert_string_equal(stats(w).last_error, "");
}

/* Over a connection that is open: it knows, stops, keeps all, and comes back. */
static void who_was_revoked_says_so_and_keeps_its_batches(void **state)
{
	struct world *w = *state;
	append(w, 1, 3, 100);
	start(w);
	GO_UNTIL(w, fixture_stats(w->spool).batches == 0);
	w->fate = WIRE_HELD;
	w->reason = WIRE_REVOKED;
	w->collector.status = "400";
	append(w, 4, 6, 100);
	GO_UNTIL(w, stats(w).rejects >= 3);
	assert_false(stats(w).connected);
	assert_non_null(strstr(stats(w).last_error, "this agent was revoked"));
	assert_string_equal(stats(w).last_hold, "");
	assert_int_equal(fixture_stats(w->spool).batches, 3);
	int frames = w->frames;
	GO_UNTIL(w, stats(w).rejects >= 5);
	assert_int_equal(w->frames, frames);

	w->fate = WIRE_STORED;
	w->collector.status = "200"; /* it has joined again */
	GO_UNTIL(w, fixture_stats(w->spool).batches == 0);
	assert_string_equal(stats(w).last_error, "");
	/* Denied from now on, it does not say what is long over. */
	w->collector.status = "400";
	collector_stop(&w->collector);
	collector_start(&w->collector);
	int rejects = (int)stats(w).rejects;
	GO_UNTIL(w, (int)stats(w).rejects > rejects);
	assert_non_null(strstr(stats(w).last_error, "revoked or not enrolled"));
}

static void another_server_key_gets_nothing(void **state)
{
	struct world *w = *state;
	w->enrolment.server_key[5] ^= 1;
	append(w, 1, 3, 100);
	start(w);
	GO_UNTIL(w, stats(w).rejects >= 2);
	assert_int_equal(w->frames, 0);
	assert_false(stats(w).connected);
	assert_non_null(strstr(stats(w).last_error, "another key"));
	assert_int_equal(fixture_stats(w->spool).batches, 3);
}

/* That may be a server that starts: minutes would be too long. */
static void a_failed_handshake_is_soon_tried_again(void **state)
{
	struct world *w = *state;
	w->backoff_max_ms = 3600 * 1000;
	w->enrolment.server_key[5] ^= 1;
	start(w);
	GO_UNTIL(w, stats(w).rejects >= 14);
	assert_true(stats(w).retry_in_ms <= 151);
}

static void a_restarted_server_gets_what_was_not_acknowledged(void **state)
{
	struct world *w = *state;
	start(w);
	append(w, 1, 30, 100);
	GO_UNTIL(w, fixture_stats(w->spool).batches == 0);
	for (uint64_t round = 1; round <= 3; round++) {
		w->answer = false;
		append(w, round * 30 + 1, round * 30 + 30, 100);
		GO_UNTIL(w, w->frames >= UPLINK_WINDOW_BATCHES);
		collector_stop(&w->collector);
		GO_UNTIL(w, !stats(w).connected);
		assert_string_not_equal(stats(w).last_error, "");
		assert_int_equal(fixture_stats(w->spool).batches, 30);
		go(w, 50);
		w->answer = true;
		w->frames = 0;
		collector_start(&w->collector);
		GO_UNTIL(w, fixture_stats(w->spool).batches == 0);
		assert_true(stats(w).connected);
		w->frames = 0;
	}
	for (int n = 1; n <= 120; n++)
		assert_true(w->seen[n] >= 1);
	assert_true(stats(w).connects >= 4);
}

static void a_server_that_comes_later_is_found(void **state)
{
	struct world *w = *state;
	collector_stop(&w->collector);
	append(w, 1, 3, 100);
	start(w);
	GO_UNTIL(w, strstr(stats(w).last_error, "cannot be reached"));
	assert_false(stats(w).connected);
	collector_start(&w->collector);
	GO_UNTIL(w, fixture_stats(w->spool).batches == 0);
}

/* Batches that the spool had to drop while they were under way. */
static void what_the_spool_gave_up_is_not_waited_for(void **state)
{
	struct world *w = *state;
	spool_close(w->spool);
	folder_clear(w->spool_folder.path);
	w->spool = fixture_open(&w->spool_folder, SPOOL_BYTES_MIN);
	w->answer = false;
	append(w, 1, 16, 1000);
	start(w);
	GO_UNTIL(w, stats(w).in_flight == 16);
	append(w, 17, 400, 1000);
	assert_true(fixture_stats(w->spool).oldest > 16);
	w->answer = true;
	GO_UNTIL(w, fixture_stats(w->spool).batches == 0);
	assert_int_equal(stats(w).in_flight, 0);
	assert_int_equal(w->seen[400], 1);
}

static void a_wake_up_ends_the_wait(void **state)
{
	struct world *w = *state;
	int ends[2];
	assert_int_equal(pipe(ends), 0);
	start(w);
	GO_UNTIL(w, stats(w).connected);
	struct uplink *both[] = {w->uplink, NULL};
	for (int i = 0; i < 2; i++) {
		int64_t before_ms = clock_mono_ms();
		assert_false(uplink_run(both[i], before_ms + 50, ends[0]));
		assert_true(clock_mono_ms() - before_ms >= 49);
		assert_int_equal(write(ends[1], "x", 1), 1);
		assert_true(uplink_run(both[i], before_ms + 60000, ends[0]));
		assert_true(clock_mono_ms() - before_ms < 5000);
		char byte;
		assert_int_equal(read(ends[0], &byte, 1), 1);
	}
	close(ends[0]);
	close(ends[1]);
}

static void a_host_that_cannot_be_is_an_error(void **state)
{
	struct world *w = *state;
	struct uplink_options options = {
		.enrolment = &w->enrolment, .keys = &w->keys, .spool = w->spool};
	struct uplink *u = NULL;
	struct err e;
	strcpy(w->enrolment.host, "no such host");
	assert_false(uplink_create(&options, &u, &e));
	assert_int_equal(e.kind, ERR_INPUT);
	assert_null(u);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			everything_arrives_in_order_and_is_forgotten, set_up,
			tear_down),
		cmocka_unit_test_setup_teardown(
			no_more_than_a_window_is_under_way, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			big_batches_make_a_smaller_window, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			without_a_receipt_it_is_sent_again, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			receipts_come_in_any_order, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			what_is_no_receipt_forgets_nothing, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			a_refused_batch_is_forgotten_with_its_reason, set_up,
			tear_down),
		cmocka_unit_test_setup_teardown(
			a_denied_key_is_tried_again_with_patience, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			who_was_revoked_says_so_and_keeps_its_batches, set_up,
			tear_down),
		cmocka_unit_test_setup_teardown(
			without_any_receipt_it_is_sent_ever_more_seldom, set_up,
			tear_down),
		cmocka_unit_test_setup_teardown(
			a_server_that_never_answers_gets_no_second_window, set_up,
			tear_down),
		cmocka_unit_test_setup_teardown(
			a_held_batch_stays_and_asks_with_patience, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			a_new_connection_asks_at_once_about_what_is_held, set_up,
			tear_down),
		cmocka_unit_test_setup_teardown(
			a_failed_handshake_is_soon_tried_again, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			another_server_key_gets_nothing, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			a_restarted_server_gets_what_was_not_acknowledged, set_up,
			tear_down),
		cmocka_unit_test_setup_teardown(
			a_server_that_comes_later_is_found, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			what_the_spool_gave_up_is_not_waited_for, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			a_wake_up_ends_the_wait, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			a_host_that_cannot_be_is_an_error, set_up, tear_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
