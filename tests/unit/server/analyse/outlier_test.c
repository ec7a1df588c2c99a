#include "server/analyse/outlier.h"
#include "tests/unit/cmocka_all.h"

#include <math.h>
#include <string.h>

enum { SLOTS_MAX = 16 };

struct peers {
	struct arena arena;
	struct outlier_slot slots[SLOTS_MAX];
	struct outlier_input input;
};

/* Hosts 1, 2, ... whose slots grow and weigh about the same. */
static void peers_init(struct peers *p, size_t hosts)
{
	*p = (struct peers){.input = {.slots = p->slots,
				    .count = hosts,
				    .host_id = 1,
				    .floor_kb_h = 50,
				    .floor_kb = 2000}};
	arena_init(&p->arena);
	for (size_t i = 0; i < hosts; i++)
		p->slots[i] = (struct outlier_slot){(int64_t)i + 1,
			100 + 60 * sin((double)i), 200000 + 3000 * sin(2 * (double)i)};
}

static struct outlier_result judge(struct peers *p)
{
	struct outlier_result r;
	outlier_judge(&p->input, &p->arena, &r);
	return r;
}

static void host_that_grows_alone_stands_out(void **state)
{
	(void)state;
	struct peers p;
	peers_init(&p, 9);
	p.slots[0].slope_kb_h = 4096;
	struct outlier_result r = judge(&p);
	assert_true(r.known && r.stands_out && r.by_slope);
	assert_int_equal(r.peers, 8);
	assert_true(r.z > 20 && r.limit_z > 3.5);
	assert_non_null(strstr(r.sentence, "Grows by 4.0 MiB/h; its 8 peer hosts"));
	p.input.host_id = 3;
	r = judge(&p);
	assert_true(r.known && !r.stands_out);
	assert_string_equal(r.sentence, "");
	arena_finish(&p.arena);
}

static void figures_are_as_defined(void **state)
{
	(void)state;
	struct peers p;
	peers_init(&p, 6);
	static const double slopes[] = {1000, 100, 200, 300, 400, 1500};
	for (size_t i = 0; i < 6; i++)
		p.slots[i].slope_kb_h = slopes[i];
	struct outlier_result r = judge(&p);
	/* Others: median 300, distances 200 100 0 100 1200, their median 100. */
	assert_true(fabs(r.median - 300) < 1e-9);
	assert_true(fabs(r.spread - 148.26) < 1e-9);
	assert_true(fabs(r.z - 700 / 148.26) < 1e-9);
	/* qt(pnorm(-3.5), 4, lower.tail = FALSE) */
	assert_true(fabs(r.limit_z - 10.49928) < 1e-3);
	assert_false(r.stands_out);
	arena_finish(&p.arena);
}

static void level_speaks_when_the_slope_does_not(void **state)
{
	(void)state;
	struct peers p;
	peers_init(&p, 9);
	p.slots[0].level_kb = 400000;
	struct outlier_result r = judge(&p);
	assert_true(r.stands_out && !r.by_slope);
	assert_non_null(strstr(r.sentence, "Takes 391 MiB; its 8 peer hosts"));
	p.slots[0].level_kb = 20000; /* less than the others */
	assert_false(judge(&p).stands_out);
	for (size_t i = 0; i < 9; i++)
		p.slots[i].slope_kb_h = NAN;
	assert_true(judge(&p).known && !judge(&p).by_slope);
	arena_finish(&p.arena);
}

static void slots_of_a_host_are_joined(void **state)
{
	(void)state;
	struct peers p;
	peers_init(&p, 9);
	for (size_t i = 9; i < 15; i++)
		p.slots[i] = (struct outlier_slot){i % 2 ? 1 : 2, 100, 200000};
	p.slots[0].slope_kb_h = 9000; /* one of four on that host */
	p.input.count = 15;
	struct outlier_result r = judge(&p);
	assert_int_equal(r.peers, 8);
	assert_false(r.stands_out);
	arena_finish(&p.arena);
}

static void equal_peers_leave_a_floor(void **state)
{
	(void)state;
	struct peers p;
	peers_init(&p, 12);
	for (size_t i = 0; i < 12; i++)
		p.slots[i] = (struct outlier_slot){(int64_t)i + 1, 0, 200000};
	p.slots[0].slope_kb_h = 100; /* twice the floor */
	assert_false(judge(&p).stands_out);
	p.slots[0].slope_kb_h = 5000;
	assert_true(judge(&p).stands_out);
	arena_finish(&p.arena);
}

static void few_peers_tell_nothing(void **state)
{
	(void)state;
	struct peers p;
	peers_init(&p, 4); /* three others */
	p.slots[0].slope_kb_h = 90000;
	assert_false(judge(&p).known);
	assert_string_equal(judge(&p).sentence, "");
	p.input.count = 0;
	assert_false(judge(&p).known);
	arena_finish(&p.arena);
	peers_init(&p, 9);
	p.input.host_id = 77;
	assert_false(judge(&p).known);
	arena_finish(&p.arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(host_that_grows_alone_stands_out),
		cmocka_unit_test(figures_are_as_defined),
		cmocka_unit_test(level_speaks_when_the_slope_does_not),
		cmocka_unit_test(slots_of_a_host_are_joined),
		cmocka_unit_test(equal_peers_leave_a_floor),
		cmocka_unit_test(few_peers_tell_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
