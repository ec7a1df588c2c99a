/* What slots say together: versions, and one finding for each cause. */
#include "tests/unit/server/analyse/crowd.h"

static struct arena arena;
static struct crowd crowd;
static struct fleet *fleet;
static struct fleet_report report;

static int begin(void **state)
{
	(void)state;
	arena_init(&arena);
	crowd = (struct crowd){0};
	fleet = fleet_create();
	return 0;
}

static int end(void **state)
{
	(void)state;
	fleet_destroy(fleet);
	arena_finish(&arena);
	return 0;
}

static void live(double hours)
{
	crowd_live(&crowd, fleet, hours, &arena, &report);
}

static const struct fleet_finding *only_finding(void)
{
	for (size_t i = 0; report.finding_count > 1 && i < report.finding_count; i++)
		print_error("%s\n", report.findings[i].summary);
	assert_int_equal(report.finding_count, 1);
	return &report.findings[0];
}

static bool holds(const int64_t *ids, size_t count, int64_t id)
{
	for (size_t i = 0; i < count; i++)
		if (ids[i] == id)
			return true;
	return false;
}

/* Versions 2 and 3 have it and leak, on twelve hosts; version 1 on nine has not. */
static void what_leaking_versions_share_is_named(void **state)
{
	(void)state;
	crowd_tell(fleet, 1, 1, "1.4.0", "4.2.0");
	crowd_tell(fleet, 1, 2, "1.5.0", "4.2.1");
	crowd_tell(fleet, 1, 3, "1.5.1", "4.2.1");
	for (int i = 0; i < 9; i++)
		crowd_add(&crowd, 1, 1, 0);
	for (int i = 0; i < 12; i++)
		crowd_add(&crowd, 1, i < 8 ? 2 : 3, 8);
	live(30);
	const struct fleet_finding *f = only_finding();
	assert_int_equal(f->service_id, 1);
	assert_int_equal(f->level, ANALYSE_CONFIRMED);
	assert_int_equal(f->kind, ANALYSE_KIND_LEAK);
	assert_int_equal(f->slot_count, 12);
	assert_int_equal(f->hosts_leaking, 12);
	assert_int_equal(f->fingerprint_count, 2);
	assert_true(holds(f->fingerprint_ids, 2, 2) && holds(f->fingerprint_ids, 2, 3));
	assert_int_equal(f->lead_fingerprint_id, 2);
	for (size_t i = 0; i < f->slot_count; i++) {
		assert_in_range(f->slot_ids[i], 10, 21);
		assert_float_equal(f->slot_rates[i].kb_h / 1024, 8, 1.5);
	}
	assert_float_equal(f->rate.kb_h / 1024, 8, 1);
	assert_string_equal(f->cause, "@pm2/io 4.2.1");
	assert_true(crowd_says(&f->reasons, "12 of 12"));
	assert_true(crowd_says(&f->reasons, "0 of 9"));
	assert_non_null(strstr(f->summary, "@pm2/io 4.2.1"));
	assert_non_null(strstr(f->summary, "12 of 12 instances on 12 of 12 hosts"));
	assert_true(f->onset.at_ms > 0 && f->onset.at_ms < crowd.now_ms);
	assert_true(f->exhaust.at_ms > crowd.now_ms);
}

static const struct fleet_version_result *version(int64_t fingerprint_id)
{
	fleet_tell_all(fleet);
	arena_reset(&arena);
	fleet_step(fleet, crowd.now_ms, &arena, &report);
	for (size_t i = 0; i < report.version_count; i++)
		if (report.versions[i].fingerprint_id == fingerprint_id)
			return &report.versions[i];
	fail_msg("version %lld is not told of", (long long)fingerprint_id);
	return NULL;
}

static void versions_are_judged_by_their_slots(void **state)
{
	(void)state;
	crowd_tell(fleet, 1, 1, "1.4.0", "4.2.0");
	crowd_tell(fleet, 1, 2, "1.5.0", "4.2.1");
	for (int i = 0; i < 3; i++)
		crowd_add(&crowd, 1, 1, 0);
	for (int i = 0; i < 4; i++)
		crowd_add(&crowd, 1, 2, 8);
	live(0.1);
	assert_int_equal(version(1)->verdict, ANALYSE_LEARNING);
	assert_true(version(1)->wait_s > 0);
	live(30);
	const struct fleet_version_result *v = version(2);
	assert_int_equal(v->level, ANALYSE_CONFIRMED);
	assert_int_equal(v->verdict, ANALYSE_LEAK);
	assert_int_equal(v->slots, 4);
	assert_int_equal(v->slots_leaking, 4);
	assert_int_equal(v->hosts_leaking, 4);
	assert_float_equal(v->rate.kb_h / 1024, 8, 1);
	assert_non_null(strstr(v->summary, "shop 1.5.0 leaks: 4 of 4 instances"));
	v = version(1);
	assert_int_equal(v->level, ANALYSE_QUIET);
	assert_int_equal(v->verdict, ANALYSE_STEADY);
	assert_int_equal(v->slots_leaking, 0);
	assert_false(v->rate.known);
}

/* One host out of nine: its slot leaks, its version is not to blame. */
static void one_of_many_does_not_convict_its_version(void **state)
{
	(void)state;
	crowd_tell(fleet, 1, 1, "1.4.0", "4.2.0");
	for (int i = 0; i < 9; i++)
		crowd_add(&crowd, 1, 1, i == 4 ? 8 : 0);
	live(40);
	const struct fleet_finding *f = only_finding();
	assert_int_equal(f->slot_count, 1);
	assert_int_equal(f->slot_ids[0], 5);
	assert_int_equal(f->hosts_leaking, 1);
	assert_int_equal(version(1)->level, ANALYSE_QUIET);
	assert_true(crowd_says(&version(1)->reasons, "too few to blame the version"));
}

static void services_have_findings_of_their_own(void **state)
{
	(void)state;
	for (int i = 0; i < 3; i++)
		crowd_add(&crowd, 1, 1, 8);
	for (int i = 0; i < 3; i++)
		crowd_add(&crowd, 2, 2, 8);
	for (int i = 0; i < 3; i++)
		crowd_add(&crowd, 3, 3, 0);
	live(30);
	assert_int_equal(report.finding_count, 2);
	assert_int_equal(
		report.findings[0].service_id + report.findings[1].service_id, 3);
	for (size_t i = 0; i < 2; i++)
		assert_int_equal(report.findings[i].slot_count, 3);
}

static const struct fleet_finding *finding_of(enum analyse_kind kind)
{
	for (size_t i = 0; i < report.finding_count; i++)
		if (report.findings[i].kind == kind)
			return &report.findings[i];
	fail_msg("no finding of kind %s", analyse_kind_name(kind));
	return NULL;
}

/* In one service: some pile up work, others leak. */
static void a_backlog_and_a_leak_are_two_causes(void **state)
{
	(void)state;
	for (int i = 0; i < 3; i++)
		crowd_add(&crowd, 1, 1, 8);
	for (int i = 0; i < 2; i++)
		crowd_add(&crowd, 1, 2, 0)->items_h = 900;
	live(30);
	assert_int_equal(report.finding_count, 2);
	const struct fleet_finding *leak = finding_of(ANALYSE_KIND_LEAK);
	const struct fleet_finding *backlog = finding_of(ANALYSE_KIND_BACKLOG);
	assert_int_equal(leak->slot_count, 3);
	assert_int_equal(backlog->slot_count, 2);
	for (size_t i = 0; i < 2; i++)
		assert_in_range(backlog->slot_ids[i], 4, 5);
	assert_int_equal(leak->hosts_leaking, 3);
	assert_int_equal(backlog->hosts_leaking, 2);
	assert_non_null(strstr(backlog->summary, "has a backlog"));
	assert_true(crowd_says(&backlog->reasons, "Items that wait account for"));
	assert_false(crowd_says(&leak->reasons, "Items that wait"));
}

/* When the first of them is confirmed, in hours; -1: never. */
static double confirmed_h(enum analyse_sensitivity sensitivity)
{
	struct crowd c = {0};
	struct fleet *f = fleet_create();
	struct fleet_report r;
	double found_h = -1;
	fleet_set_sensitivity(f, 1, sensitivity);
	crowd_add(&c, 1, 1, 5);
	for (double h = 0; h < 60 && found_h < 0; h += 0.25) {
		crowd_live(&c, f, 0.25, &arena, &r);
		if (r.finding_count && r.findings[0].level == ANALYSE_CONFIRMED)
			found_h = h;
	}
	fleet_destroy(f);
	return found_h;
}

static void three_words_move_the_level(void **state)
{
	(void)state;
	double eager = confirmed_h(ANALYSE_EAGER), normal = confirmed_h(ANALYSE_NORMAL);
	double calm = confirmed_h(ANALYSE_CALM);
	assert_true(eager > 0 && eager < normal);
	assert_true(calm >= normal + 20 && calm < normal + 28);
}

/* A change of mind is heard of at once, without a new reading. */
static void a_changed_sensitivity_is_told(void **state)
{
	(void)state;
	crowd_add(&crowd, 1, 1, 8);
	live(26);
	assert_int_equal(only_finding()->level, ANALYSE_CONFIRMED);
	fleet_set_sensitivity(fleet, 1, ANALYSE_CALM);
	arena_reset(&arena);
	fleet_step(fleet, crowd.now_ms, &arena, &report);
	assert_int_equal(only_finding()->level, ANALYSE_EARLY);
	assert_int_equal(report.slot_count, 1);
	assert_int_equal(report.slots[0].level, ANALYSE_EARLY);
	fleet_set_sensitivity(fleet, 1, ANALYSE_NORMAL);
	arena_reset(&arena);
	fleet_step(fleet, crowd.now_ms, &arena, &report);
	assert_int_equal(only_finding()->level, ANALYSE_CONFIRMED);
}

/* Nothing is resolved by an agent that stops. */
static void a_finding_outlives_the_silence_of_its_slots(void **state)
{
	(void)state;
	for (int i = 0; i < 3; i++)
		crowd_add(&crowd, 1, 1, 8)->silent_from_ms = PROCESS_T0_MS +
							     30 * PROCESS_HOUR_MS;
	live(29.9);
	assert_int_equal(only_finding()->slot_count, 3);
	live(30);
	assert_int_equal(only_finding()->slot_count, 3);
	assert_int_equal(only_finding()->level, ANALYSE_CONFIRMED);
	struct fleet_slot said;
	assert_true(fleet_look(fleet, 1, &arena, &said));
	assert_true(said.silent);
	assert_int_equal(said.verdict, ANALYSE_LEAK);
}

/* One that is gone is. */
static void a_finding_ends_with_its_slots(void **state)
{
	(void)state;
	crowd_add(&crowd, 1, 1, 8);
	live(26);
	only_finding();
	fleet_forget_slot(fleet, 1);
	crowd.count = 0;
	live(0.1);
	assert_int_equal(report.finding_count, 0);
	assert_int_equal(report.slots_known, 0);
	assert_int_equal(fleet_slot_at_ms(fleet, 1), 0);
	struct fleet_slot said;
	assert_false(fleet_look(fleet, 1, &arena, &said));
}

static void what_came_after_the_onset_explains_nothing(void **state)
{
	(void)state;
	fleet_tell_event(
		fleet, 1, FLEET_EVENT_DEPLOY, PROCESS_T0_MS - 60000, "deploy of 1.5.0");
	for (int i = 0; i < 6; i++)
		crowd_add(&crowd, 1, 1, 8);
	fleet_tell_event(fleet, 1, FLEET_EVENT_CONFIG,
		PROCESS_T0_MS + 25 * PROCESS_HOUR_MS, "cache of 64 MiB");
	live(30);
	assert_false(crowd_says(&only_finding()->reasons, "cache of 64 MiB"));
}

#define TEST(t) cmocka_unit_test_setup_teardown(t, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_leaking_versions_share_is_named),
		TEST(versions_are_judged_by_their_slots),
		TEST(one_of_many_does_not_convict_its_version),
		TEST(services_have_findings_of_their_own),
		TEST(a_backlog_and_a_leak_are_two_causes),
		TEST(three_words_move_the_level),
		TEST(a_changed_sensitivity_is_told),
		TEST(a_finding_outlives_the_silence_of_its_slots),
		TEST(a_finding_ends_with_its_slots),
		TEST(what_came_after_the_onset_explains_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
