/*
 * What is overdue is cut, what is not stays.
 */
#include "server/api/reaper.h"

#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <sys/socket.h>
#include <unistd.h>
/* After what it needs. */
#include <cmocka.h>

static const int64_t limits[REAPER_PHASES] = {
	[REAPER_READING] = 5000,
	[REAPER_ANSWERING] = 60000,
	[REAPER_SENDING] = 90000,
	[REAPER_IDLE] = 30000,
	[REAPER_STREAMING] = 80000,
};

static bool is_cut(int peer)
{
	char byte;
	return recv(peer, &byte, 1, MSG_DONTWAIT) == 0;
}

static void each_phase_has_its_deadline(void **state)
{
	(void)state;
	struct reaper *r = reaper_create(limits);
	struct reaper_entry *entries[4];
	int pairs[4][2];
	for (int i = 0; i < 4; i++) {
		assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pairs[i]), 0);
		entries[i] = reaper_add(r, pairs[i][0], 0);
	}
	reaper_enter(r, entries[1], REAPER_ANSWERING, 1000);
	reaper_enter(r, entries[2], REAPER_STREAMING, 1000);
	reaper_enter(r, entries[3], REAPER_IDLE, 1000);
	reaper_cut(r, 4999);
	for (int i = 0; i < 4; i++)
		assert_false(is_cut(pairs[i][1]));
	reaper_cut(r, 5000);
	assert_true(is_cut(pairs[0][1]));
	assert_false(is_cut(pairs[3][1]));
	reaper_cut(r, 31000);
	assert_true(is_cut(pairs[3][1]));
	assert_false(is_cut(pairs[1][1]));
	reaper_cut(r, 61000);
	assert_true(is_cut(pairs[1][1]));
	assert_false(is_cut(pairs[2][1]));
	/* A stream stays as long as its client takes what is there. */
	reaper_enter(r, entries[2], REAPER_STREAMING, 70000);
	reaper_cut(r, 149999);
	assert_false(is_cut(pairs[2][1]));
	reaper_cut(r, 150000);
	assert_true(is_cut(pairs[2][1]));
	size_t open, cut;
	reaper_count(r, &open, &cut);
	assert_int_equal(open, 4);
	assert_int_equal(cut, 4);
	for (int i = 0; i < 4; i++) {
		reaper_remove(r, entries[i]);
		close(pairs[i][0]);
		close(pairs[i][1]);
	}
	reaper_destroy(r);
}

static void who_waits_for_us_is_not_cut(void **state)
{
	(void)state;
	struct reaper *r = reaper_create(limits);
	int pair[2];
	char bytes[8];
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	struct reaper_entry *entry = reaper_add(r, pair[0], 0);
	assert_int_equal(send(pair[1], "GET", 3, 0), 3);
	reaper_cut(r, 6000);
	assert_false(is_cut(pair[1]));
	/* Once it is read, the deadline counts; while answering, it always does. */
	assert_int_equal(recv(pair[0], bytes, sizeof bytes, 0), 3);
	reaper_cut(r, 6000);
	assert_true(is_cut(pair[1]));
	reaper_remove(r, entry);
	close(pair[0]);
	close(pair[1]);
	reaper_destroy(r);
}

static void who_reads_slowly_has_an_end(void **state)
{
	(void)state;
	struct reaper *r = reaper_create(limits);
	int pair[2];
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	struct reaper_entry *entry = reaper_add(r, pair[0], 0);
	reaper_enter(r, entry, REAPER_SENDING, 1000);
	/* What it sends meanwhile buys it no time. */
	assert_int_equal(send(pair[1], "GET", 3, 0), 3);
	reaper_cut(r, 90999);
	assert_false(is_cut(pair[1]));
	reaper_cut(r, 91000);
	assert_true(is_cut(pair[1]));
	reaper_remove(r, entry);
	close(pair[0]);
	close(pair[1]);
	reaper_destroy(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_waits_for_us_is_not_cut),
		cmocka_unit_test(each_phase_has_its_deadline),
		cmocka_unit_test(who_reads_slowly_has_an_end),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
