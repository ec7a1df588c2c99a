#include "server/replay/answer.h"
#include "tests/unit/cmocka_all.h"

#include <string.h>

static struct alarms_alarm leak = {
	.level = ANALYSE_CONFIRMED,
	.kind = ANALYSE_KIND_LEAK,
	.from_ms = INT64_C(1760003600000),
	.rate = {true, 1000.00049, 900, 1100.5},
	.onset = {INT64_C(1760000000000), 0, 0},
	.exhaust = {INT64_C(1760090000000), 0, 0},
};
static struct alarms_alarm hint = {
	.level = ANALYSE_EARLY,
	.kind = ANALYSE_KIND_VERSION,
	.from_ms = INT64_C(1760003600000),
	.to_ms = INT64_C(1760007200000),
};

static void json_is_as_agreed(void **state)
{
	(void)state;
	const struct labels_series labels[] = {{.id = "s1"}, {.id = "s \"2\""}};
	struct replay_series series[] = {{.alarms = {&leak, 1, 1}}, {.alarms = {0}}};
	struct replay_version versions[] = {
		{"0", {0}}, {"1", {&hint, 1, 1}}, {"2.3-b", {&hint, 1, 1}}};
	struct replay_service service = {"api", versions, 3};
	const struct replay_input in = {.series = labels, .count = 2};
	const struct replay_result result = {
		.series = series, .count = 2, .services = &service, .service_count = 1};
	struct buf out = {0};
	answer_json(&in, &result, &out);
	assert_string_equal(out.data,
		"{\"series_id\":\"s1\",\"alarms\":[{\"level\":\"confirmed\","
		"\"from\":1760003600,\"to\":null,\"kind\":\"leak\",\"rate_kb_per_h\":"
		"1000,"
		"\"rate_lo\":900,\"rate_hi\":1100.5,\"onset\":1760000000,\"tte_h\":24}]"
		"}\n"
		"{\"series_id\":\"s \\\"2\\\"\",\"alarms\":[]}\n"
		"{\"service\":\"api\",\"alarms\":[{\"level\":\"watch\",\"from\":"
		"1760003600,"
		"\"to\":1760007200,\"version\":1,\"kind\":\"version\"},"
		"{\"level\":\"watch\",\"from\":1760003600,\"to\":1760007200,"
		"\"version\":\"2.3-b\",\"kind\":\"version\"}]}\n");
	buf_finish(&out);
}

static void what_is_not_known_is_null(void **state)
{
	(void)state;
	const struct labels_series labels[] = {{.id = "s1"}};
	struct replay_series series[] = {{.alarms = {&hint, 1, 1}}};
	const struct replay_input in = {.series = labels, .count = 1};
	const struct replay_result result = {.series = series, .count = 1};
	struct buf out = {0};
	answer_json(&in, &result, &out);
	assert_non_null(strstr(out.data, "\"rate_kb_per_h\":null,\"rate_lo\":null,"
					 "\"rate_hi\":null,\"onset\":null,"
					 "\"tte_h\":null"));
	buf_finish(&out);
}

static void people_read_times_and_rates(void **state)
{
	(void)state;
	const struct labels_series labels[] = {{.id = "s1"}, {.id = "s2"}};
	struct replay_series series[] = {{.alarms = {&leak, 1, 1}},
		{.verdict = ANALYSE_STEADY, .summary = "rests at 5 MiB"}};
	const struct replay_input in = {.series = labels, .count = 2};
	const struct replay_result result = {.series = series, .count = 2};
	struct buf out = {0};
	answer_text(&in, &result, &out);
	assert_non_null(strstr(out.data, "2025-10-09 09:53"));
	assert_non_null(strstr(out.data, "1.0 [0.9, 1.1]  24 h to the limit"));
	assert_non_null(strstr(out.data, "steady   rests at 5 MiB"));
	buf_finish(&out);
}

static void scores_are_told_both_ways(void **state)
{
	(void)state;
	struct score_counts one = {.scenario = "flat", .healthy = 3};
	const char *missed[] = {"s9"};
	const struct score_level score = {.level = ANALYSE_CONFIRMED,
		.all = {.scenario = "",
			.leaking = 4,
			.found = 3,
			.missed = 1,
			.false_series = 1,
			.false_alarms = 2,
			.healthy_days = 100,
			.delay_median_h = 5,
			.delay_p90_h = 9},
		.scenarios = &one,
		.scenario_count = 1,
		.missed = missed,
		.missed_count = 1};
	struct buf out = {0};
	answer_score_json(&score, &out);
	assert_non_null(strstr(out.data, "{\"score\":{\"level\":\"confirmed\","));
	assert_non_null(strstr(out.data, "\"precision\":0.75,\"recall\":0.75"));
	assert_non_null(strstr(out.data, "\"false_per_1000_days\":20"));
	assert_non_null(strstr(out.data, "\"missed\":[\"s9\"]"));
	assert_non_null(strstr(out.data, "\"flat\":{\"leaking\":0"));
	buf_reset(&out);
	answer_score_text(&score, &out);
	assert_non_null(strstr(out.data, "missed (1): s9\n"));
	assert_non_null(strstr(out.data, "0.750"));
	buf_finish(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(json_is_as_agreed),
		cmocka_unit_test(what_is_not_known_is_null),
		cmocka_unit_test(people_read_times_and_rates),
		cmocka_unit_test(scores_are_told_both_ways),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
