/* The fleet as a fold: order, saving and loading, silence, size. */
#include "server/analyse/fleet.h"
#include "tests/unit/server/analyse/crowd.h"

#include <stdlib.h>

/* Two services with two versions each, restarts, a leak, a backlog, a silent one. */
static void make(struct crowd *c)
{
	*c = (struct crowd){0};
	for (int i = 0; i < 3; i++)
		crowd_add(c, 1, 1, 0);
	for (int i = 0; i < 3; i++)
		crowd_add(c, 1, 2, 8);
	for (int i = 0; i < 2; i++)
		crowd_add(c, 2, 3, 4)->restarts_h = 9;
	crowd_add(c, 2, 4, 0)->items_h = 900;
	crowd_add(c, 3, 5, 8)->silent_from_ms = PROCESS_T0_MS + 21 * PROCESS_HOUR_MS;
	for (int i = 0; i < 3; i++)
		crowd_add(c, 4, 6, 0.9); /* known only together, if at all */
}

static void tell_names(struct fleet *f)
{
	crowd_tell(f, 1, 1, "1.4.0", "4.2.0");
	crowd_tell(f, 1, 2, "1.5.0", "4.2.1");
	crowd_tell(f, 2, 3, "7", "4.2.0");
	crowd_tell(f, 2, 4, "8", "4.2.0");
	crowd_tell(f, 3, 5, "1", "4.2.0");
	crowd_tell(f, 4, 6, "1", "4.2.0");
	fleet_set_sensitivity(f, 2, ANALYSE_EAGER);
}

static bool alike(double a, double b)
{
	return (isnan(a) && isnan(b)) || a == b ||
	       fabs(a - b) <= 1e-6 * (fabs(a) + fabs(b));
}

static bool same_rate(const struct analyse_rate *a, const struct analyse_rate *b)
{
	return a->known == b->known && alike(a->kb_h, b->kb_h) &&
	       alike(a->low_kb_h, b->low_kb_h) && alike(a->high_kb_h, b->high_kb_h);
}

static bool same_moment(const struct analyse_moment *a, const struct analyse_moment *b)
{
	return a->at_ms == b->at_ms && a->low_ms == b->low_ms &&
	       a->high_ms == b->high_ms;
}

static void assert_same_reasons(
	const struct analyse_reasons *a, const struct analyse_reasons *b)
{
	for (size_t i = 0; a->count != b->count && i < a->count; i++)
		print_error("expected: %s\n", a->items[i].text);
	assert_int_equal(a->count, b->count);
	for (size_t i = 0; i < a->count; i++) {
		assert_int_equal(a->items[i].speaks_for, b->items[i].speaks_for);
		assert_string_equal(a->items[i].text, b->items[i].text);
	}
}

static void assert_same_slot(const struct fleet_slot *a, const struct fleet_slot *b)
{
	assert_memory_equal(&a->seat, &b->seat, sizeof a->seat);
	assert_string_equal(a->summary, b->summary);
	assert_int_equal(a->fingerprint_id, b->fingerprint_id);
	assert_int_equal(a->life_id, b->life_id);
	assert_int_equal(a->at_ms, b->at_ms);
	assert_int_equal(a->level, b->level);
	assert_int_equal(a->kind, b->kind);
	assert_int_equal(a->verdict, b->verdict);
	assert_int_equal(a->series, b->series);
	assert_int_equal(a->silent, b->silent);
	assert_true(same_rate(&a->rate, &b->rate));
	assert_true(same_moment(&a->onset, &b->onset));
	assert_true(same_moment(&a->exhaust, &b->exhaust));
	assert_true(alike(a->value_kb, b->value_kb) &&
		    alike(a->limit_kb, b->limit_kb) &&
		    alike(a->scale_kb, b->scale_kb) && alike(a->p_value, b->p_value));
	assert_int_equal(a->wait_s, b->wait_s);
	assert_int_equal(a->restarts, b->restarts);
	assert_int_equal(a->seen_ms, b->seen_ms);
	assert_same_reasons(&a->reasons, &b->reasons);
}

static void assert_same_version(
	const struct fleet_version_result *a, const struct fleet_version_result *b)
{
	assert_int_equal(a->fingerprint_id, b->fingerprint_id);
	assert_string_equal(a->summary, b->summary);
	assert_int_equal(a->at_ms, b->at_ms);
	assert_int_equal(a->level, b->level);
	assert_int_equal(a->kind, b->kind);
	assert_int_equal(a->verdict, b->verdict);
	assert_true(same_rate(&a->rate, &b->rate));
	assert_int_equal(a->slots, b->slots);
	assert_int_equal(a->slots_leaking, b->slots_leaking);
	assert_int_equal(a->hosts, b->hosts);
	assert_int_equal(a->hosts_leaking, b->hosts_leaking);
	assert_true(same_moment(&a->onset, &b->onset));
	assert_true(same_moment(&a->exhaust, &b->exhaust));
	assert_int_equal(a->wait_s, b->wait_s);
	assert_same_reasons(&a->reasons, &b->reasons);
}

static void assert_same_finding(
	const struct fleet_finding *a, const struct fleet_finding *b)
{
	assert_int_equal(a->service_id, b->service_id);
	assert_string_equal(a->summary, b->summary);
	assert_string_equal(a->cause, b->cause);
	assert_int_equal(a->kind, b->kind);
	assert_int_equal(a->level, b->level);
	assert_int_equal(a->lead_fingerprint_id, b->lead_fingerprint_id);
	assert_int_equal(a->fingerprint_count, b->fingerprint_count);
	assert_int_equal(a->slot_count, b->slot_count);
	/* In whatever order: the same ones. */
	for (size_t i = 0; i < a->slot_count; i++) {
		size_t k = 0;
		while (k < b->slot_count && b->slot_ids[k] != a->slot_ids[i])
			k++;
		assert_true(k < b->slot_count);
		assert_true(same_rate(&a->slot_rates[i], &b->slot_rates[k]));
	}
	assert_int_equal(a->slots, b->slots);
	assert_int_equal(a->hosts, b->hosts);
	assert_int_equal(a->hosts_leaking, b->hosts_leaking);
	assert_true(same_rate(&a->rate, &b->rate));
	assert_true(same_moment(&a->onset, &b->onset));
	assert_true(same_moment(&a->exhaust, &b->exhaust));
	assert_same_reasons(&a->reasons, &b->reasons);
}

/* The items of `b` may stand in another order; `key` is the place of their number. */
#define ASSERT_SAME_SET(a, b, items, size, key, compare)                               \
	do {                                                                           \
		assert_int_equal((a)->size, (b)->size);                                \
		for (size_t i_ = 0; i_ < (a)->size; i_++) {                            \
			size_t k_ = 0;                                                 \
			while (k_ < (b)->size &&                                       \
				(b)->items[k_].key != (a)->items[i_].key)              \
				k_++;                                                  \
			assert_true(k_ < (b)->size);                                   \
			compare(&(a)->items[i_], &(b)->items[k_]);                     \
		}                                                                      \
	} while (0)

static void assert_same_report(
	const struct fleet_report *a, const struct fleet_report *b)
{
	assert_int_equal(a->slots_known, b->slots_known);
	assert_int_equal(a->slots_judged, b->slots_judged);
	ASSERT_SAME_SET(a, b, slots, slot_count, seat.slot_id, assert_same_slot);
	ASSERT_SAME_SET(
		a, b, versions, version_count, fingerprint_id, assert_same_version);
	assert_int_equal(a->finding_count, b->finding_count);
	for (size_t i = 0; i < a->finding_count; i++) {
		size_t k = 0;
		while (k < b->finding_count &&
			(b->findings[k].service_id != a->findings[i].service_id ||
				b->findings[k].kind != a->findings[i].kind))
			k++;
		assert_true(k < b->finding_count);
		assert_same_finding(&a->findings[i], &b->findings[k]);
	}
}

/* Two fleets side by side, for so many hours; every report is compared. */
static size_t live_twice(
	struct crowd *c, struct fleet *f, struct fleet *g, double hours, bool compared)
{
	struct arena a, b;
	struct fleet_report rf, rg;
	size_t reports = 0;
	arena_init(&a);
	arena_init(&b);
	for (double min = 0; min < 60 * hours; min++) {
		c->now_ms += 60000;
		crowd_read_all(c, f, g, false);
		if (c->now_ms / 60000 % CROWD_STEP_MIN)
			continue;
		arena_reset(&a);
		arena_reset(&b);
		fleet_step(f, c->now_ms, &a, &rf);
		fleet_step(g, c->now_ms, &b, &rg);
		if (compared)
			assert_same_report(&rf, &rg);
		reports++;
	}
	arena_finish(&a);
	arena_finish(&b);
	return reports;
}

/* All that is saved of one fleet, into a new one. */
static struct fleet *reborn(struct fleet *f, const struct crowd *c)
{
	struct arena a;
	struct fleet *g = fleet_create();
	size_t count;
	arena_init(&a);
	for (int64_t service = 1; service <= 4; service++) {
		const uint8_t *bytes = fleet_save_service(f, service, &a, &count);
		assert_true(fleet_load_service(g, service, bytes, count));
	}
	for (size_t i = 0; i < c->count; i++) {
		const struct fleet_seat *seat = &c->members[i].seat;
		const uint8_t *bytes = fleet_save_slot(f, seat->slot_id, &a, &count);
		assert_non_null(bytes);
		assert_true(fleet_load_slot(g, seat, bytes, count));
		assert_int_equal(fleet_slot_at_ms(g, seat->slot_id),
			fleet_slot_at_ms(f, seat->slot_id));
	}
	arena_finish(&a);
	tell_names(g);
	return g;
}

/* A server that is restarted changes no verdict: after one step in which all is told,
 * every report is that of the fleet that went on. */
static void a_loaded_fleet_goes_on_as_if_nothing_had_happened(void **state)
{
	(void)state;
	static const double saved_at_h[] = {0.07, 7.3, 20.2, 34.6};
	for (size_t i = 0; i < sizeof saved_at_h / sizeof *saved_at_h; i++) {
		struct crowd c;
		struct arena a;
		struct fleet_report r;
		arena_init(&a);
		make(&c);
		struct fleet *f = fleet_create();
		tell_names(f);
		crowd_live(&c, f, saved_at_h[i], &a, &r);
		struct fleet *g = reborn(f, &c);
		fleet_tell_all(f);
		assert_true(live_twice(&c, f, g, 14, true) > 100);
		fleet_destroy(f);
		fleet_destroy(g);
		arena_finish(&a);
	}
}

/* Which slot is read first within a minute does not matter. */
static void the_order_of_slots_does_not_matter(void **state)
{
	(void)state;
	struct crowd c, d;
	struct arena a, b;
	struct fleet_report rf, rg;
	arena_init(&a);
	arena_init(&b);
	make(&c);
	make(&d);
	struct fleet *f = fleet_create(), *g = fleet_create();
	tell_names(f);
	tell_names(g);
	for (int min = 0; min < 40 * 60; min++) {
		c.now_ms += 60000;
		d.now_ms += 60000;
		crowd_read_all(&c, f, NULL, false);
		crowd_read_all(&d, g, NULL, true);
		if (min % CROWD_STEP_MIN)
			continue;
		arena_reset(&a);
		arena_reset(&b);
		fleet_step(f, c.now_ms, &a, &rf);
		fleet_step(g, d.now_ms, &b, &rg);
		ASSERT_SAME_SET(
			&rf, &rg, slots, slot_count, seat.slot_id, assert_same_slot);
		assert_int_equal(rf.finding_count, rg.finding_count);
	}
	fleet_destroy(f);
	fleet_destroy(g);
	arena_finish(&a);
	arena_finish(&b);
}

static void a_slot_falls_silent_after_a_quarter_of_an_hour(void **state)
{
	(void)state;
	struct crowd c = {0};
	struct arena a;
	struct fleet_report r;
	struct fleet_slot said;
	arena_init(&a);
	struct fleet *f = fleet_create();
	crowd_add(&c, 1, 1, 0);
	crowd_add(&c, 1, 1, 0)->p.every_ms = 10 * 60000;
	crowd_live(&c, f, 5, &a, &r);
	int64_t left_ms = c.now_ms;
	for (int min = 1; min <= 50; min++) {
		arena_reset(&a);
		fleet_step(f, left_ms + min * 60000, &a, &r);
		/* The second waits for three times its usual distance. */
		for (int64_t id = 1; id <= 2; id++) {
			int64_t since_ms = left_ms + min * 60000 -
					   fleet_slot_at_ms(f, id);
			assert_true(fleet_look(f, id, &a, &said));
			assert_int_equal(
				said.silent, since_ms > (id == 1 ? 15 : 30) * 60000);
		}
	}
	c.now_ms = left_ms + 3600000;
	c.members[0].p.at_ms = c.now_ms;
	crowd_live(&c, f, 0.2, &a, &r);
	assert_true(fleet_look(f, 1, &a, &said));
	assert_false(said.silent);
	fleet_destroy(f);
	arena_finish(&a);
}

/* Only what changed is told, until all is asked for. */
static void a_report_holds_what_changed(void **state)
{
	(void)state;
	struct crowd c;
	struct arena a;
	struct fleet_report r;
	arena_init(&a);
	make(&c);
	struct fleet *f = fleet_create();
	crowd_live(&c, f, 20, &a, &r);
	assert_int_equal(r.slots_known, c.count);
	arena_reset(&a);
	fleet_step(f, c.now_ms, &a, &r);
	arena_reset(&a);
	fleet_step(f, c.now_ms, &a, &r);
	assert_int_equal(r.slot_count, 0);
	assert_int_equal(r.version_count, 0);
	assert_int_equal(r.slots_judged, 0);
	fleet_tell_all(f);
	arena_reset(&a);
	fleet_step(f, c.now_ms, &a, &r);
	assert_int_equal(r.slot_count, c.count);
	assert_int_equal(r.version_count, 6);
	fleet_destroy(f);
	arena_finish(&a);
}

static size_t size_of(bool has_heap_and_queue)
{
	struct fleet *f = fleet_create();
	struct fleet_seat seat = {1, 1, 1};
	struct process p = process_of(1);
	for (int i = 0; i < 3000; i++) {
		if (i % 300 == 299)
			process_restart(&p);
		struct reading r = process_read(&p, 200);
		r.load = 10;
		if (has_heap_and_queue) {
			r.heap_kb = 1024 * 100;
			r.heap_used_kb = 1024 * 80;
			r.live_kb = 1024 * 60;
			r.collections = i / 5.0;
			r.depth = i % 40;
			r.arrivals = r.completions = 5;
		}
		fleet_put(f, &seat, &p.life, &r);
	}
	size_t size = fleet_slot_size(f, 1);
	assert_int_equal(fleet_slot_size(f, 2), 0);
	fleet_destroy(f);
	return size;
}

static void a_slot_takes_some_kilobytes(void **state)
{
	(void)state;
	assert_in_range(size_of(false), 3000, 6144);
	assert_in_range(size_of(true), 3000, 8192);
}

/* Refused, and what was there before is as it was; or harmless. */
static void damaged_bytes_are_refused_or_harmless(void **state)
{
	(void)state;
	struct crowd c;
	struct arena a, b;
	struct fleet_report r;
	size_t count, services_count;
	arena_init(&a);
	arena_init(&b);
	make(&c);
	struct fleet *f = fleet_create();
	crowd_live(&c, f, 3, &a, &r);
	const struct fleet_seat *seat = &c.members[8].seat;
	const uint8_t *slot = fleet_save_slot(f, seat->slot_id, &b, &count);
	const uint8_t *service = fleet_save_service(f, 2, &b, &services_count);
	int64_t at_ms = fleet_slot_at_ms(f, seat->slot_id);
	for (size_t n = 0; n < count; n += 1 + n / 50)
		assert_false(fleet_load_slot(f, seat, slot, n));
	for (size_t n = 0; n < services_count; n += 1 + n / 50)
		assert_false(fleet_load_service(f, 2, service, n));
	assert_int_equal(fleet_slot_at_ms(f, seat->slot_id), at_ms);
	uint8_t *bad = malloc(count + services_count);
	assert_non_null(bad);
	memcpy(bad, slot, count);
	bad[0]++;
	assert_false(fleet_load_slot(f, seat, bad, count));
	memcpy(bad, service, services_count);
	bad[0]++;
	assert_false(fleet_load_service(f, 2, bad, services_count));
	for (size_t i = 0; i < count; i += 7) {
		memcpy(bad, slot, count);
		bad[i] ^= (uint8_t)(1 + i % 255);
		if (fleet_load_slot(f, seat, bad, count)) {
			arena_reset(&a);
			fleet_step(f, c.now_ms, &a, &r);
		}
	}
	free(bad);
	fleet_destroy(f);
	arena_finish(&a);
	arena_finish(&b);
}

/* What a process runs may be read only after its first readings: it goes on as it was,
 * under the version that it has had all the time. */
static void a_version_may_be_learnt_late(void **state)
{
	(void)state;
	struct crowd early = {0}, late = {0};
	struct fleet *f = fleet_create(), *twin = fleet_create();
	struct fleet_report report;
	struct fleet_slot expected, said;
	struct arena a;
	arena_init(&a);
	crowd_add(&early, 1, 2, 40);
	struct crowd_member *m = crowd_add(&late, 1, 1, 40);
	crowd_tell(f, 1, 2, "1.0.0", "4.2.0");
	crowd_tell(twin, 1, 2, "1.0.0", "4.2.0");
	crowd_live(&early, f, 7, &a, &report);
	crowd_live(&late, twin, 1, &a, &report);
	m->p.life.fingerprint_id = 2;
	crowd_live(&late, twin, 6, &a, &report);
	assert_true(fleet_look(f, 1, &a, &expected));
	assert_true(fleet_look(twin, 1, &a, &said));
	assert_int_equal(said.fingerprint_id, 2);
	assert_same_slot(&expected, &said);
	for (size_t i = 0; i < report.version_count; i++)
		assert_int_equal(report.versions[i].fingerprint_id, 2);
	fleet_destroy(f);
	fleet_destroy(twin);
	arena_finish(&a);
}

static void nothing_is_known_of_strangers(void **state)
{
	(void)state;
	struct fleet *f = fleet_create();
	struct arena a;
	struct fleet_slot said;
	struct fleet_report r;
	size_t count = 1;
	arena_init(&a);
	fleet_step(f, PROCESS_T0_MS, &a, &r);
	assert_int_equal(r.slot_count + r.version_count + r.finding_count, 0);
	assert_false(fleet_look(f, 7, &a, &said));
	assert_null(fleet_save_slot(f, 7, &a, &count));
	assert_int_equal(count, 0);
	fleet_forget_slot(f, 7);
	fleet_destroy(f);
	fleet_destroy(NULL);
	arena_finish(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_loaded_fleet_goes_on_as_if_nothing_had_happened),
		cmocka_unit_test(the_order_of_slots_does_not_matter),
		cmocka_unit_test(a_slot_falls_silent_after_a_quarter_of_an_hour),
		cmocka_unit_test(a_report_holds_what_changed),
		cmocka_unit_test(a_slot_takes_some_kilobytes),
		cmocka_unit_test(damaged_bytes_are_refused_or_harmless),
		cmocka_unit_test(a_version_may_be_learnt_late),
		cmocka_unit_test(nothing_is_known_of_strangers),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
