/*
 * What the server tells is run as far as the owner of the host lets it, holds over a
 * restart, and is given up when no server was ever reached with it.
 */
#include "agent/central.h"
#include "tests/unit/agent/folder.h"

#include <stdlib.h>
#include <string.h>

static struct folder folder;
static struct arena arena;
static struct config own;

static int begin(void **state)
{
	(void)state;
	folder_make(&folder);
	arena_init(&arena);
	return 0;
}

static int end(void **state)
{
	(void)state;
	arena_finish(&arena);
	folder_remove(&folder);
	return 0;
}

/* The owner's file, of these lines. */
static void write_own(const char *lines)
{
	struct err e;
	char *path = folder_file(&folder, "agent.conf");
	char *text = arena_printf(
		&arena, "[agent]\nstate_dir = %s\n%s", folder.path, lines);
	folder_store(path, text, strlen(text));
	if (!config_load(&own, path, &arena, &e))
		fail_msg("%s", e.text);
	unlink(folder_file(&folder, "settings"));
}

static void open_it(struct central *c)
{
	struct err e;
	if (!central_open(c, &own, &e))
		fail_msg("%s", e.text);
}

static void tell(struct central *c, uint64_t revision,
	const struct setting_value *values, size_t count)
{
	struct err e = {0};
	central_hear(c, &(struct setting_orders){.revision = revision,
				.hash = setting_hash(values, count),
				.values = values,
				.count = count});
	assert_true(central_take(c, &e));
	assert_int_equal(e.kind, ERR_NONE);
}

static enum setting_fate fate_of(const struct central *c, uint32_t number)
{
	for (size_t i = 0; i < c->state.exception_count; i++)
		if (c->state.exceptions[i].number == number)
			return c->state.exceptions[i].fate;
	return SETTING_APPLIED;
}

static void shows(const struct central *c, const char *says)
{
	struct buf out = {0};
	central_format(c, &out);
	if (!strstr(out.data, says))
		fail_msg("'%s' is not in:\n%s", says, out.data);
	buf_finish(&out);
}

static const struct setting_value told[] = {{1, "5s"}, {4, "0"}, {5, "*"},
	{8, "shop-*"}, {13, "no"}, {14, "debug"}, {99, "x"}};
enum { TOLD = sizeof told / sizeof *told };

static void what_is_told_is_run(void **state)
{
	(void)state;
	struct central c;
	write_own("");
	open_it(&c);
	assert_int_equal(c.state.revision, 0);
	assert_int_equal(c.live.interval_ms, 10000);
	tell(&c, 7, told, TOLD);
	assert_int_equal(c.state.revision, 7);
	assert_true(c.state.hash == setting_hash(told, TOLD));
	assert_int_equal(c.live.interval_ms, 5000);
	assert_int_equal(c.live.pss_budget_ms, 0);
	assert_string_equal(c.live.insides, "shop-*");
	assert_false(c.live.journal);
	assert_int_equal(c.live.least, LOG_DEBUG);
	assert_string_equal(c.live.snapshots, "");
	assert_int_equal(c.state.exception_count, 2);
	assert_int_equal(
		fate_of(&c, 5), SETTING_FORBIDDEN); /* needs a word of its own */
	assert_int_equal(fate_of(&c, 99), SETTING_UNKNOWN);
	shows(&c, "revision 7 of the server");
	shows(&c, "interval           5s (server)");
	shows(&c, "told snapshots = *: it is not left to the server");
	tell(&c, 0, NULL, 0);
	assert_int_equal(c.state.revision, 0);
	assert_int_equal(c.live.interval_ms, 10000);
	assert_int_equal(c.live.least, LOG_INFO);
	shows(&c, "of this host alone");
	central_close(&c);
}

static void the_owner_has_the_last_word(void **state)
{
	(void)state;
	struct central c;
	write_own("interval = 2s\ncentral = no\n");
	open_it(&c);
	tell(&c, 7, told, TOLD);
	assert_int_equal(c.live.interval_ms, 2000);
	assert_int_equal(c.live.pss_budget_ms, 20);
	assert_int_equal(fate_of(&c, 1), SETTING_FORBIDDEN);
	central_close(&c);
	write_own("interval = 2s\n");
	open_it(&c);
	tell(&c, 7, told, TOLD);
	assert_int_equal(c.live.interval_ms, 2000);
	assert_int_equal(fate_of(&c, 1), SETTING_OVERRIDDEN);
	assert_int_equal(c.live.pss_budget_ms, 0);
	shows(&c, "interval           2s (own file)");
	central_close(&c);
	write_own("central = yes, snapshots\n");
	open_it(&c);
	tell(&c, 7, told, TOLD);
	assert_string_equal(c.live.snapshots, "*");
	assert_int_equal(c.live.pss_budget_ms, 0);
	central_close(&c);
	write_own("central = interval\n");
	open_it(&c);
	tell(&c, 7, told, TOLD);
	assert_int_equal(c.live.interval_ms, 5000);
	assert_int_equal(c.live.pss_budget_ms, 20);
	assert_int_equal(fate_of(&c, 4), SETTING_FORBIDDEN);
	central_close(&c);
}

/* A server may make a host more careful with its services, and not less. */
static void care_is_only_taken_more_of(void **state)
{
	(void)state;
	static const struct setting_value bold[] = {
		{2, "2G"}, {6, "3s"}, {7, "9m"}, {12, "1s"}};
	static const struct setting_value careful[] = {
		{2, "1G"}, {6, "1s"}, {7, "1h"}, {12, "0"}};
	struct central c;
	write_own("");
	open_it(&c);
	tell(&c, 7, bold, 4);
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(fate_of(&c, bold[i].number), SETTING_FORBIDDEN);
	assert_int_equal(c.live.snapshot_pause_max_ms, 2000);
	assert_int_equal(c.live.snapshot_cooldown_ms, 600000);
	assert_int_equal(c.live.census_pause_max_ms, 250);
	assert_int_equal(c.live.spool_max_bytes, 64 << 20);
	shows(&c, "told snapshot_pause_max = 3s: it is not left to the server");
	tell(&c, 8, careful, 4);
	assert_int_equal(c.state.exception_count, 0);
	assert_int_equal(c.live.snapshot_pause_max_ms, 1000);
	assert_int_equal(c.live.snapshot_cooldown_ms, 3600000);
	assert_int_equal(c.live.census_pause_max_ms, 0);
	assert_int_equal(c.live.spool_max_bytes, 1 << 30);
	central_close(&c);
	write_own("central = yes, spool_max, snapshot_pause_max\n");
	open_it(&c);
	tell(&c, 7, bold, 4);
	assert_int_equal(c.state.exception_count, 2);
	assert_int_equal(c.live.snapshot_pause_max_ms, 3000);
	assert_int_equal(c.live.spool_max_bytes, INT64_C(2) << 30);
	central_close(&c);
}

static void what_is_no_value_is_left_alone(void **state)
{
	(void)state;
	static const struct setting_value wrong[] = {
		{1, "0s"}, {8, "a,,b"}, {14, "loud"}};
	struct central c;
	write_own("");
	open_it(&c);
	tell(&c, 8, wrong, 3);
	assert_int_equal(c.live.interval_ms, 10000);
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(fate_of(&c, wrong[i].number), SETTING_BOUNDS);
	central_close(&c);
}

static void it_holds_over_a_restart(void **state)
{
	(void)state;
	struct central c;
	struct err e;
	write_own("");
	open_it(&c);
	tell(&c, 7, told, TOLD);
	assert_true(central_confirm(&c, &e));
	central_close(&c);
	for (int i = 0; i < CENTRAL_TRIES_MAX + 2; i++) {
		open_it(&c);
		assert_int_equal(c.state.revision, 7);
		assert_int_equal(c.live.interval_ms, 5000);
		assert_string_equal(c.live.insides, "shop-*");
		central_close(&c);
	}
}

static void what_never_reached_a_server_is_given_up(void **state)
{
	(void)state;
	static const struct setting_value other[] = {{1, "3s"}};
	struct central c;
	write_own("");
	open_it(&c);
	tell(&c, 7, told, TOLD);
	central_close(&c);
	for (int i = 1; i < CENTRAL_TRIES_MAX; i++) {
		open_it(&c);
		assert_int_equal(c.live.interval_ms, 5000);
		central_close(&c);
	}
	for (int i = 0; i < 2; i++) {
		open_it(&c);
		assert_int_equal(c.live.interval_ms, 10000);
		assert_int_equal(c.state.revision, 7);
		assert_int_equal(fate_of(&c, 1), SETTING_FAILED);
		shows(&c, "given up");
		central_close(&c);
	}
	open_it(&c);
	tell(&c, 8, other, 1);
	assert_int_equal(c.live.interval_ms, 3000);
	central_close(&c);
}

/* Who asks the command line must not count as a start. */
static void reading_changes_nothing(void **state)
{
	(void)state;
	struct central c;
	struct err e;
	write_own("");
	open_it(&c);
	tell(&c, 7, told, TOLD);
	central_close(&c);
	for (int i = 0; i < 2 * CENTRAL_TRIES_MAX; i++) {
		assert_true(central_read(&c, &own, &e));
		assert_int_equal(c.live.interval_ms, 5000);
		central_close(&c);
	}
}

static void damage_means_the_owners_settings(void **state)
{
	(void)state;
	struct central c;
	struct err e;
	size_t length;
	write_own("");
	open_it(&c);
	tell(&c, 7, told, TOLD);
	central_close(&c);
	char *path = folder_file(&folder, "settings");
	uint8_t *bytes = folder_load(path, &length);
	for (size_t cut = 0; cut < length; cut++) {
		folder_store(path, bytes, cut);
		assert_false(central_open(&c, &own, &e));
		assert_int_equal(c.live.interval_ms, 10000);
		assert_int_equal(c.state.revision, 0);
		central_close(&c);
	}
	for (size_t at = 0; at < length; at++) {
		bytes[at] ^= 1;
		folder_store(path, bytes, length);
		central_read(&c, &own, &e);
		assert_true(c.live.interval_ms >= 1000);
		central_close(&c);
		bytes[at] ^= 1;
	}
	free(bytes);
}

static void a_word_that_comes_again_changes_nothing(void **state)
{
	(void)state;
	struct central c;
	struct err e;
	const struct setting_orders orders = {.revision = 7,
		.hash = setting_hash(told, TOLD),
		.values = told,
		.count = TOLD};
	write_own("");
	open_it(&c);
	central_hear(&c, &orders);
	central_hear(&c, &orders);
	assert_true(central_take(&c, &e));
	central_hear(&c, &orders);
	assert_false(central_take(&c, &e));
	/* Two words before either is taken: the last one counts. */
	central_hear(&c, &(struct setting_orders){0});
	central_hear(&c, &orders);
	assert_false(central_take(&c, &e));
	assert_int_equal(c.state.revision, 7);
	central_close(&c);
}

static void programs_of_ours_get_the_same_settings(void **state)
{
	(void)state;
	static char program[] = "tidemark-agent", run[] = "run";
	char *arguments[] = {program, run, NULL};
	struct central c;
	write_own("");
	own.arguments = arguments;
	open_it(&c);
	tell(&c, 7, told, TOLD);
	char **out = central_arguments(&c, &arena);
	struct buf line = {0};
	for (; *out; out++)
		buf_printf(&line, "%s ", *out);
	assert_string_equal(line.data,
		"tidemark-agent run --interval=5s --pss-budget=0 --insides=shop-* "
		"--journal=no --log-level=debug ");
	buf_finish(&line);
	central_close(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_told_is_run),
		cmocka_unit_test(the_owner_has_the_last_word),
		cmocka_unit_test(care_is_only_taken_more_of),
		cmocka_unit_test(what_is_no_value_is_left_alone),
		cmocka_unit_test(it_holds_over_a_restart),
		cmocka_unit_test(what_never_reached_a_server_is_given_up),
		cmocka_unit_test(reading_changes_nothing),
		cmocka_unit_test(damage_means_the_owners_settings),
		cmocka_unit_test(a_word_that_comes_again_changes_nothing),
		cmocka_unit_test(programs_of_ours_get_the_same_settings),
	};
	return cmocka_run_group_tests(tests, begin, end);
}
