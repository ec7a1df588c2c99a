/* An uplink with several servers: the one it prefers while that is there, another one
 * when it is not, and back when it is again.  Everything arrives. */
#include "agent/uplink_socket.h"
#include "tests/unit/agent/uplink_world.h"

#include <netinet/in.h>
#include <sys/socket.h>

/* The world's collector is one server, this the other; both have one key. */
static struct collector other;

static void step_both(struct world *w, int64_t ms)
{
	for (int64_t end = clock_mono_ms() + ms; clock_mono_ms() < end;) {
		assert_false(uplink_run(w->uplink, clock_mono_ms() + 2, -1));
		collector_step(&w->collector);
		collector_step(&other);
	}
}

#define BOTH_UNTIL(w, condition)                                                       \
	do {                                                                           \
		for (int64_t end_ = clock_mono_ms() + 10000; !(condition);) {          \
			if (clock_mono_ms() > end_)                                    \
				fail_msg("never came: %s", #condition);                \
			step_both(w, 4);                                               \
		}                                                                      \
	} while (0)

static int other_frames, other_answers;

static void receive_other(struct collector *c, const void *frame, size_t length)
{
	struct world *w = c->user;
	bool answer = w->answer;
	w->answer = other_answers;
	receive(c, frame, length);
	w->answer = answer;
	other_frames++;
}

static int set_up_both(void **state)
{
	set_up(state);
	struct world *w = *state;
	collector_keys(&other);
	memcpy(other.public_key, w->collector.public_key, 32);
	memcpy(other.secret_key, w->collector.secret_key, 32);
	other.receive = receive_other;
	other.user = w;
	other_frames = 0;
	other_answers = 1;
	collector_start(&other);
	struct endpoints *servers = &w->enrolment.servers;
	servers->count = 2;
	strcpy(servers->at[0].host, "127.0.0.1");
	strcpy(servers->at[1].host, "127.0.0.1");
	servers->at[0].port = w->collector.port;
	servers->at[1].port = other.port;
	/* The world's is the first choice: of some number it is. */
	struct endpoints ranked;
	do {
		w->enrolment.agent_id++;
		ranked = *servers;
		endpoints_rank(&ranked, w->enrolment.agent_id);
	} while (ranked.at[0].port != w->collector.port);
	return 0;
}

static int tear_down_both(void **state)
{
	tear_down(state);
	collector_stop(&other);
	return 0;
}

static void start_with_return(struct world *w, int64_t return_ms)
{
	struct uplink_options options = {.enrolment = &w->enrolment,
		.keys = &w->keys,
		.spool = w->spool,
		.ears = {w, hear_order, hear_settled, next_part, part_sent},
		.resend_ms = 300,
		.resend_max_ms = 1200,
		.backoff_min_ms = 100,
		.backoff_max_ms = 400,
		.retry_max_ms = 150,
		.return_ms = return_ms};
	struct err e;
	assert_true(uplink_create(&options, &w->uplink, &e));
}

static void the_first_choice_is_kept(void **state)
{
	struct world *w = *state;
	start_with_return(w, 100);
	append(w, 1, 40, 100);
	BOTH_UNTIL(w, fixture_stats(w->spool).batches == 0);
	step_both(w, 300);
	assert_int_equal(other_frames, 0);
	assert_int_equal(stats(w).moves, 0);
	assert_int_equal(stats(w).rank, 0);
	assert_int_equal(stats(w).server.port, w->collector.port);
}

static void a_lost_server_is_replaced_and_returned_to(void **state)
{
	struct world *w = *state;
	start_with_return(w, 400);
	BOTH_UNTIL(w, stats(w).connected);
	for (uint64_t round = 0; round < 3; round++) {
		w->answer = false;
		append(w, round * 40 + 1, round * 40 + 20, 100);
		BOTH_UNTIL(w, w->frames >= UPLINK_WINDOW_BATCHES);
		collector_stop(&w->collector);
		BOTH_UNTIL(w, fixture_stats(w->spool).batches == 0);
		assert_int_equal(stats(w).server.port, other.port);
		assert_int_equal(stats(w).rank, 1);
		step_both(w, 700); /* looks for the first choice in vain */
		assert_int_equal(stats(w).rank, 1);
		w->answer = true;
		collector_start(&w->collector);
		BOTH_UNTIL(w, stats(w).connected && stats(w).rank == 0);
		int before = other_frames;
		append(w, round * 40 + 21, round * 40 + 40, 100);
		BOTH_UNTIL(w, fixture_stats(w->spool).batches == 0);
		assert_int_equal(other_frames, before);
		w->frames = 0;
	}
	for (int n = 1; n <= 120; n++)
		assert_true(w->seen[n] >= 1);
	assert_int_equal(stats(w).strange, 0);
}

static void a_server_that_does_not_answer_is_left(void **state)
{
	struct world *w = *state;
	w->answer = false;
	start_with_return(w, 60000);
	append(w, 1, 40, 100);
	int64_t before_ms = clock_mono_ms();
	BOTH_UNTIL(w, fixture_stats(w->spool).batches == 0);
	assert_true(clock_mono_ms() - before_ms >= 300);
	assert_int_equal(stats(w).rank, 1);
	/* Nothing waits: there is nothing to hold against this one. */
	step_both(w, 1500);
	assert_int_equal(stats(w).moves, 1);
}

/* The database is away, say: each is asked with one batch, ever more seldom. */
static void when_none_answers_all_are_asked_with_patience(void **state)
{
	struct world *w = *state;
	w->answer = false;
	other_answers = 0;
	start_with_return(w, 60000);
	append(w, 1, 40, 100);
	step_both(w, 3000);
	assert_true(stats(w).moves >= 2 && stats(w).moves <= 5);
	assert_true(w->frames < 4 * UPLINK_WINDOW_BATCHES);
	other_answers = w->answer = true;
	BOTH_UNTIL(w, fixture_stats(w->spool).batches == 0);
}

static void a_server_that_refuses_the_key_is_passed_over(void **state)
{
	struct world *w = *state;
	w->collector.status = "400";
	start_with_return(w, 200);
	append(w, 1, 5, 100);
	BOTH_UNTIL(w, fixture_stats(w->spool).batches == 0);
	assert_int_equal(stats(w).rank, 1);
	step_both(w, 500);
	assert_true(stats(w).connected);
	w->collector.status = "200";
	BOTH_UNTIL(w, stats(w).connected && stats(w).rank == 0);
}

static void all_gone_and_back(void **state)
{
	struct world *w = *state;
	start_with_return(w, 60000);
	BOTH_UNTIL(w, stats(w).connected);
	collector_stop(&w->collector);
	collector_stop(&other);
	append(w, 1, 5, 100);
	BOTH_UNTIL(w, stats(w).moves >= 4);
	assert_false(stats(w).connected);
	collector_start(&other);
	BOTH_UNTIL(w, fixture_stats(w->spool).batches == 0);
	assert_int_equal(stats(w).server.port, other.port);
}

/* A port that takes connections; -1 and *port 0: none. */
static int listen_anywhere(uint16_t *port)
{
	struct sockaddr_in at = {
		.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t size = sizeof at;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_true(fd >= 0 && bind(fd, (struct sockaddr *)&at, size) == 0 &&
		    listen(fd, 64) == 0 &&
		    getsockname(fd, (struct sockaddr *)&at, &size) == 0);
	*port = ntohs(at.sin_port);
	return fd;
}

/* Events come one after the other when a connection ends; closing meanwhile once waited
 * for ever. */
static void closing_while_events_come_ends(void **state)
{
	struct world *w = *state;
	uint16_t port;
	int listener = listen_anywhere(&port);
	struct uplink_peer peer = {"127.0.0.1", port, other.public_key, &w->keys};
	struct err e;
	void *context = zmq_ctx_new();
	alarm(60);
	for (int i = 0; i < 2000; i++) {
		struct uplink_socket socket = {0};
		assert_true(uplink_socket_open(&socket, context, &peer, &e));
		int fd = accept(listener, NULL, NULL);
		assert_true(fd >= 0);
		close(fd);
		usleep(randombytes_uniform(100));
		uplink_socket_close(&socket);
	}
	alarm(0);
	close(listener);
	zmq_ctx_term(context);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up_both, tear_down_both)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_first_choice_is_kept),
		TEST(a_lost_server_is_replaced_and_returned_to),
		TEST(a_server_that_does_not_answer_is_left),
		TEST(when_none_answers_all_are_asked_with_patience),
		TEST(a_server_that_refuses_the_key_is_passed_over),
		TEST(all_gone_and_back),
		TEST(closing_while_events_come_ends),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
