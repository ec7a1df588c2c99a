/*
 * What an Alertmanager is told has ended: what did, and not what nobody looked at.
 */
#include "server/store/renewals.h"
#include "tests/support/api.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* After what it needs. */
#include <cmocka.h>

static void ask_left(struct figures_ids open, struct arena *a, struct figures_ids *left)
{
	struct err e;
	if (!renewals_left(api_db, 1, open, a, left, &e))
		fail_msg("%s", e.text);
}

/* Alert 1 is open, 2 is resolved; the target was told of both. */
static void what_is_open_has_not_ended(void **state)
{
	(void)state;
	static const int64_t one[] = {1};
	struct arena a;
	struct figures_ids left;
	arena_init(&a);
	api_sql("INSERT INTO target_alert VALUES (1, 1), (1, 2)");
	ask_left((struct figures_ids){one, 1}, &a, &left);
	assert_int_equal(left.count, 1);
	assert_int_equal(left.ids[0], 2);
	/* More are open than one renewal tells of: this one is behind them. */
	ask_left((struct figures_ids){NULL, 0}, &a, &left);
	assert_int_equal(left.count, 1);
	assert_int_equal(left.ids[0], 2);
	/* The target is for other services from now on. */
	api_sql("UPDATE target SET service = 'no such*' WHERE id = 1");
	ask_left((struct figures_ids){NULL, 0}, &a, &left);
	assert_int_equal(left.count, 2);
	arena_finish(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_open_has_not_ended),
	};
	return cmocka_run_group_tests(tests, api_set_up, api_tear_down);
}
