/* What the centre may set: each value has one form, what no agent would take is
 * refused, and a set has a hash that tells it from all others. */
#include "schema/setting.h"
#include "tests/unit/cmocka_all.h"

#include <string.h>

static struct arena arena;

static int begin(void **state)
{
	(void)state;
	arena_init(&arena);
	return 0;
}

static int end(void **state)
{
	(void)state;
	arena_finish(&arena);
	return 0;
}

static const char *read_as(const char *name, const char *text)
{
	struct err e;
	const char *value;
	int at = setting_named(name);
	assert_true(at >= 0);
	return setting_read(&setting_table[at], text, &arena, &value, &e) ? value
									  : NULL;
}

static void values_have_one_form(void **state)
{
	(void)state;
	assert_string_equal(read_as("interval", "60s"), "1m");
	assert_string_equal(read_as("interval", "1500ms"), "1500ms");
	assert_string_equal(read_as("pss_budget", "0ms"), "0");
	assert_string_equal(read_as("min_rss", "2048k"), "2M");
	assert_string_equal(read_as("journal", "off"), "no");
	assert_string_equal(read_as("log_level", "debug"), "debug");
	assert_string_equal(
		read_as("insides", " shop-* ,checkout"), "shop-*, checkout");
	assert_string_equal(read_as("insides", ""), "");
	for (int i = 0; i < SETTING_COUNT; i++) {
		const char *once = read_as(
			setting_table[i].name, setting_table[i].fallback);
		assert_non_null(once);
		assert_string_equal(read_as(setting_table[i].name, once), once);
	}
}

static void what_no_agent_takes_is_refused(void **state)
{
	(void)state;
	static const struct {
		const char *name, *text;
	} wrong[] = {{"interval", "0s"}, {"interval", "10"}, {"interval", "2h"},
		{"interval", ""}, {"spool_max", "1k"}, {"journal", "perhaps"},
		{"log_level", "loud"}, {"log_level", "err"}, {"log_level", ""},
		{"insides", "a,,b"}, {"insides", ","}, {"insides", "a,"},
		{"insides", "a\nb"}, {"insides", "\xff"}, {"pss_budget", "-1ms"}};
	char list[SETTING_VALUE_MAX + 2];
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
		if (read_as(wrong[i].name, wrong[i].text))
			fail_msg("%s took '%s'", wrong[i].name, wrong[i].text);
	memset(list, 'x', sizeof list - 1);
	list[sizeof list - 1] = '\0';
	assert_null(read_as("insides", list));
	list[SETTING_NAME_MAX + 1] = '\0';
	assert_null(read_as("insides", list));
	list[SETTING_NAME_MAX] = '\0';
	assert_non_null(read_as("insides", list));
	for (int i = 0; i < SETTING_NAMES_MAX + 1; i++)
		memcpy(list + 2 * i, "x,", 2);
	list[2 * SETTING_NAMES_MAX + 1] = '\0';
	assert_null(read_as("insides", list));
	list[2 * SETTING_NAMES_MAX - 1] = '\0';
	assert_non_null(read_as("insides", list));
}

/* Paths, programs, addresses and variables of processes are the owner's alone. */
static void nothing_else_can_be_set(void **state)
{
	(void)state;
	static const char *const names[] = {"server", "servers", "state_dir", "procfs",
		"allow_commands", "snapshot_dirs", "preload_dir", "fingerprint_env",
		"fingerprint_pm2", "token_file", "central", "hostname", "machine_id",
		""};
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		assert_int_equal(setting_named(names[i]), -1);
	for (int i = 0; i < SETTING_COUNT; i++) {
		const struct setting *s = &setting_table[i];
		assert_int_equal(setting_numbered(s->number), i);
		assert_int_equal(s->consent == SETTING_NEEDED,
			strcmp(s->name, "snapshots") == 0 ||
				strcmp(s->name, "inspect") == 0);
	}
	assert_int_equal(setting_numbered(0), -1);
}

static void bounds_are_told_in_words(void **state)
{
	(void)state;
	struct buf out = {0};
	setting_bounds(&setting_table[SETTING_AT_interval], &out);
	assert_string_equal(out.data, "1s to 1h");
	buf_reset(&out);
	setting_bounds(&setting_table[SETTING_AT_log_level], &out);
	assert_string_equal(out.data, "error, warn, info or debug");
	buf_reset(&out);
	setting_bounds(&setting_table[SETTING_AT_insides], &out);
	assert_string_equal(out.data, "");
	buf_finish(&out);
}

static void sets_have_hashes_of_their_own(void **state)
{
	(void)state;
	const struct setting_value one[] = {{1, "10s"}, {3, "16M"}};
	const struct setting_value other[] = {{1, "10s"}, {3, "17M"}};
	const struct setting_value moved[] = {{1, "10s"}, {4, "16M"}};
	const struct setting_value joined[] = {{1, "10s16M"}};
	assert_int_equal(setting_hash(one, 0), 0);
	uint64_t hash = setting_hash(one, 2);
	assert_true(hash != 0);
	assert_true(hash == setting_hash(one, 2));
	assert_true(hash != setting_hash(other, 2));
	assert_true(hash != setting_hash(moved, 2));
	assert_true(hash != setting_hash(one, 1));
	assert_true(setting_hash(joined, 1) != setting_hash(one, 1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_have_one_form),
		cmocka_unit_test(what_no_agent_takes_is_refused),
		cmocka_unit_test(nothing_else_can_be_set),
		cmocka_unit_test(bounds_are_told_in_words),
		cmocka_unit_test(sets_have_hashes_of_their_own),
	};
	return cmocka_run_group_tests(tests, begin, end);
}
