/* Whom the intake lets in is what the door has told it last. */
#include "server/ingest/roster.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <zmq.h>
/* After what it needs. */
#include <cmocka.h>

static void *zmq, *teller;
static struct roster *roster;

static int start(void **state)
{
	(void)state;
	zmq = zmq_ctx_new();
	roster = roster_create(zmq, &teller);
	return roster ? 0 : -1;
}

static int stop(void **state)
{
	(void)state;
	zmq_close(teller);
	roster_destroy(roster);
	zmq_ctx_term(zmq);
	return 0;
}

static void nobody_is_in_before_anybody_was_told(void **state)
{
	(void)state;
	assert_false(roster_has(roster, 1));
	roster_tell_all(teller, NULL, 0);
	assert_false(roster_has(roster, 1));
}

static void a_list_replaces_the_one_before(void **state)
{
	(void)state;
	roster_tell_all(teller, (int32_t[]){9, 2, 7}, 3);
	assert_true(roster_has(roster, 7));
	assert_true(roster_has(roster, 2));
	assert_false(roster_has(roster, 3));
	roster_tell_all(teller, (int32_t[]){2}, 1);
	/* Who is known is not asked about, until it is time to hear. */
	assert_true(roster_has(roster, 7));
	roster_hear(roster);
	assert_false(roster_has(roster, 7));
	assert_true(roster_has(roster, 2));
	roster_tell_all(teller, NULL, 0);
	roster_hear(roster);
	assert_false(roster_has(roster, 2));
}

static void one_more_is_heard_of_when_it_comes(void **state)
{
	(void)state;
	roster_tell_all(teller, (int32_t[]){5}, 1);
	roster_hear(roster);
	for (int32_t id = 3000; id > 0; id--)
		roster_tell_one(teller, id);
	roster_tell_one(teller, INT32_MAX);
	for (int32_t id = 1; id <= 3000; id++)
		assert_true(roster_has(roster, id));
	assert_true(roster_has(roster, INT32_MAX));
	assert_false(roster_has(roster, 3001));
}

static void *tell(void *argument)
{
	(void)argument;
	for (int32_t id = 1; id <= 500; id++) {
		roster_tell_one(teller, id);
		if (id % 100 == 0)
			roster_tell_all(teller, (int32_t[]){id, 1, 2}, 3);
	}
	return NULL;
}

/* The thread sanitizer looks, too. */
static void the_two_ends_are_of_two_threads(void **state)
{
	(void)state;
	pthread_t thread;
	assert_int_equal(pthread_create(&thread, NULL, tell, NULL), 0);
	while (!roster_has(roster, 500))
		;
	pthread_join(thread, NULL);
	roster_hear(roster);
	assert_true(roster_has(roster, 500));
	assert_true(roster_has(roster, 2));
	assert_false(roster_has(roster, 499));
}

/* What is not heard any more is freed: the sanitizer looks. */
static void news_may_be_left_over(void **state)
{
	(void)state;
	roster_tell_one(teller, 4);
	roster_tell_all(teller, (int32_t[]){1, 2}, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			nobody_is_in_before_anybody_was_told, start, stop),
		cmocka_unit_test_setup_teardown(
			a_list_replaces_the_one_before, start, stop),
		cmocka_unit_test_setup_teardown(
			one_more_is_heard_of_when_it_comes, start, stop),
		cmocka_unit_test_setup_teardown(
			the_two_ends_are_of_two_threads, start, stop),
		cmocka_unit_test_setup_teardown(news_may_be_left_over, start, stop),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
