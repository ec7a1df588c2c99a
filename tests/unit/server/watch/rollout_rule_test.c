/* When a stage of a rollout goes on, waits, and is taken back; and in what words. */
#include "server/watch/rollout_rule.h"
#include "tests/unit/cmocka_all.h"

#include <string.h>

#define NOW_MS INT64_C(1795341600000)

static struct arena arena;
static int64_t heard_ms; /* since when the fleet is heard */

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

static struct rollouts_row stage(enum config_revisions_stage which)
{
	return (struct rollouts_row){.id = 3,
		.group = "production",
		.stage = which,
		.stage_ms = NOW_MS - 60000,
		.soak_ms = 600000,
		.silent_ms = 180000,
		.cpu_ppm = 50000,
		.rss_bytes = 64 << 20,
		.automatic = true};
}

static struct rollouts_counts counts(int64_t hosts, int64_t acked)
{
	return (struct rollouts_counts){.hosts = hosts,
		.acked = acked,
		.silent_host = "web-1",
		.cpu_host = "web-2",
		.rss_host = "web-3",
		.failed_host = "web-4",
		.late_host = "web-5"};
}

static struct rollout_rule_answer judge(
	const struct rollouts_row *row, const struct rollouts_counts *n)
{
	return rollout_rule_judge(
		row, n, (struct rollout_rule_now){NOW_MS, heard_ms}, &arena);
}

static void goes_back(const struct rollouts_row *row, const struct rollouts_counts *n,
	const char *reason)
{
	struct rollout_rule_answer answer = judge(row, n);
	assert_int_equal(answer.verdict, ROLLOUT_RULE_BACK);
	assert_string_equal(answer.reason, reason);
}

static void a_stage_goes_on_when_it_has_soaked(void **state)
{
	(void)state;
	struct rollouts_row row = stage(CONFIG_REVISIONS_CANARY);
	struct rollouts_counts n = counts(1, 1);
	struct rollout_rule_answer answer = judge(&row, &n);
	assert_int_equal(answer.verdict, ROLLOUT_RULE_WAIT);
	assert_true(answer.settled);
	assert_string_equal(answer.reason, "");
	row.settled_ms = NOW_MS - row.soak_ms + 1;
	assert_int_equal(judge(&row, &n).verdict, ROLLOUT_RULE_WAIT);
	row.settled_ms = NOW_MS - row.soak_ms;
	assert_int_equal(judge(&row, &n).verdict, ROLLOUT_RULE_GO_ON);
	row.automatic = false;
	answer = judge(&row, &n);
	assert_int_equal(answer.verdict, ROLLOUT_RULE_WAIT);
	assert_string_equal(answer.reason, "Waits for somebody to promote it");
}

static void a_stage_waits_for_those_that_have_not_acknowledged(void **state)
{
	(void)state;
	struct rollouts_row row = stage(CONFIG_REVISIONS_PART);
	struct rollouts_counts n = counts(3, 1);
	row.settled_ms = NOW_MS - 2 * row.soak_ms;
	struct rollout_rule_answer answer = judge(&row, &n);
	assert_int_equal(answer.verdict, ROLLOUT_RULE_WAIT);
	assert_false(answer.settled);
	assert_string_equal(answer.reason,
		"The agents of web-5 and 1 other did not acknowledge it yet");
	row.stage_ms = NOW_MS - ROLLOUT_RULE_ACK_MS - 1;
	goes_back(&row, &n,
		"The agents of web-5 and 1 other did not acknowledge it within 10 "
		"minutes");
}

static void an_empty_group_waits_for_its_first_host(void **state)
{
	(void)state;
	struct rollouts_row row = stage(CONFIG_REVISIONS_CANARY);
	struct rollouts_counts n = counts(0, 0);
	row.settled_ms = NOW_MS - 2 * row.soak_ms;
	struct rollout_rule_answer answer = judge(&row, &n);
	assert_int_equal(answer.verdict, ROLLOUT_RULE_WAIT);
	assert_false(answer.settled);
	assert_non_null(strstr(answer.reason, "No agent of the group reports"));
	row.stage = CONFIG_REVISIONS_ALL; /* somebody promoted it all the same */
	assert_int_equal(judge(&row, &n).verdict, ROLLOUT_RULE_GO_ON);
}

/* They hear of it with one word, and acknowledge it with the next. */
static void rare_words_have_their_time(void **state)
{
	(void)state;
	struct rollouts_row row = stage(CONFIG_REVISIONS_CANARY);
	struct rollouts_counts n = counts(1, 0);
	n.late_interval_ms = 30 * 60000;
	row.stage_ms = NOW_MS - 90 * 60000;
	assert_int_equal(judge(&row, &n).verdict, ROLLOUT_RULE_WAIT);
	row.stage_ms--;
	goes_back(&row, &n,
		"The agent of web-5 did not acknowledge it within 90 minutes");
	row.interval_ms = 60 * 60000;
	assert_int_equal(judge(&row, &n).verdict, ROLLOUT_RULE_WAIT);
	row.stage_ms = NOW_MS - 180 * 60000 - 1;
	assert_int_equal(judge(&row, &n).verdict, ROLLOUT_RULE_BACK);
}

static void an_outage_of_ours_is_nobodys_fault(void **state)
{
	(void)state;
	struct rollouts_row row = stage(CONFIG_REVISIONS_CANARY);
	struct rollouts_counts n = counts(2, 1);
	row.stage_ms = NOW_MS - 60 * 60000;
	heard_ms = NOW_MS + 1;
	struct rollout_rule_answer answer = judge(&row, &n);
	assert_int_equal(answer.verdict, ROLLOUT_RULE_WAIT);
	assert_non_null(strstr(answer.reason, "Most agents do not report"));
	n.acked = 2;
	row.settled_ms = NOW_MS - 2 * row.soak_ms;
	answer = judge(&row, &n);
	assert_int_equal(answer.verdict, ROLLOUT_RULE_WAIT);
	assert_false(answer.settled); /* it soaks again */
	n.acked = 1;
	heard_ms = NOW_MS - ROLLOUT_RULE_ACK_MS;
	assert_int_equal(judge(&row, &n).verdict, ROLLOUT_RULE_WAIT);
	heard_ms--;
	assert_int_equal(judge(&row, &n).verdict, ROLLOUT_RULE_BACK);
	heard_ms = NOW_MS + 1;
	n.failed = 1; /* they say so themselves */
	assert_int_equal(judge(&row, &n).verdict, ROLLOUT_RULE_BACK);
	heard_ms = 0;
}

static void trouble_takes_it_back_with_the_reason(void **state)
{
	(void)state;
	struct rollouts_row row = stage(CONFIG_REVISIONS_CANARY);
	struct rollouts_counts n = counts(2, 2);
	row.settled_ms = NOW_MS - 2 * row.soak_ms;
	n.silent = 1;
	goes_back(&row, &n,
		"The agent of web-1 stopped reporting: nothing came for 3 minutes");
	n = counts(2, 2);
	n.cpu = 1;
	n.cpu_ppm = 61000;
	goes_back(&row, &n,
		"The agent of web-2 took 6.1 % of a core: more than 5.0 %, and half "
		"more than before");
	n = counts(4, 4);
	n.rss = 3;
	n.rss_bytes = 96 << 20;
	goes_back(&row, &n,
		"The agents of web-3 and 2 others took 96.0 MiB: more than 64.0 MiB, "
		"and half more than before");
	n = counts(2, 2);
	n.failed = 1;
	goes_back(
		&row, &n, "The agent of web-4 did not get through to a server with it");
}

static void in_a_big_stage_one_host_may_be_down(void **state)
{
	(void)state;
	struct rollouts_row row = stage(CONFIG_REVISIONS_ALL);
	struct rollouts_counts n = counts(100, 95);
	row.settled_ms = NOW_MS - row.soak_ms;
	n.silent = 5;
	assert_int_equal(judge(&row, &n).verdict, ROLLOUT_RULE_GO_ON);
	n.silent = 6;
	assert_int_equal(judge(&row, &n).verdict, ROLLOUT_RULE_BACK);
	n = counts(19, 18);
	n.silent = 1;
	assert_int_equal(judge(&row, &n).verdict, ROLLOUT_RULE_BACK);
	row.stage = CONFIG_REVISIONS_CANARY;
	n = counts(100, 100);
	n.silent = 1;
	assert_int_equal(judge(&row, &n).verdict, ROLLOUT_RULE_BACK);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_stage_goes_on_when_it_has_soaked),
		cmocka_unit_test(a_stage_waits_for_those_that_have_not_acknowledged),
		cmocka_unit_test(an_empty_group_waits_for_its_first_host),
		cmocka_unit_test(rare_words_have_their_time),
		cmocka_unit_test(an_outage_of_ours_is_nobodys_fault),
		cmocka_unit_test(trouble_takes_it_back_with_the_reason),
		cmocka_unit_test(in_a_big_stage_one_host_may_be_down),
	};
	return cmocka_run_group_tests(tests, begin, end);
}
