/* The probes of one process, on texts of real kernels and on broken ones. */
#include "agent/probe/probe.h"
#include "agent/probe/process_stat.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const char stat_text[] =
	"4711 (node) S 1 4711 4711 0 -1 4194560 90210 11 7 0 1500 250 3 4 20 0 11 0 "
	"987654 1234567168 25600 18446744073709551615 1 1 0 0 0 0 0 4096 0 0 0 0 17 1 "
	"0 0 0 0 0 0 0 0 0 0 0 0 0\n";

static bool has(const struct wire_values *v, unsigned metric)
{
	return v->present >> metric & 1;
}

static void stat_says_who_it_is_and_what_it_used(void **state)
{
	(void)state;
	struct process_stat stat;
	assert_true(process_stat_parse(stat_text, &stat));
	assert_string_equal(stat.comm, "node");
	assert_false(stat.ended);
	assert_false(stat.kernel_thread);
	assert_int_equal(stat.start_ticks, 987654);
	struct wire_values v = {0};
	process_stat_emit(&stat, &v);
	assert_int_equal(v.value[PROCESS_minor_faults], 90210);
	assert_int_equal(v.value[PROCESS_major_faults], 7);
	assert_int_equal(
		v.value[PROCESS_cpu_ms], probe_ticks_ms(1500) + probe_ticks_ms(250));
	assert_int_equal(v.value[PROCESS_threads], 11);
}

static void stat_survives_names_that_look_like_its_syntax(void **state)
{
	(void)state;
	struct process_stat stat;
	assert_true(process_stat_parse("1 (a) S 99 (b) R 1 1 1 34816 -1 4194304 5 0 6 "
				       "0 7 8 0 0 20 0 3 0 42 0 0",
		&stat));
	assert_string_equal(stat.comm, "a) S 99 (b");
	assert_int_equal(stat.start_ticks, 42);
}

static void stat_knows_kernel_threads_and_zombies(void **state)
{
	(void)state;
	struct process_stat stat;
	assert_true(
		process_stat_parse("2 (kthreadd) S 0 0 0 0 -1 2129984 0 0 0 0 0 0 0 "
				   "0 20 0 1 0 9 0 0",
			&stat));
	assert_true(stat.kernel_thread);
	assert_true(process_stat_parse(
		"3 (gone) Z 1 1 1 0 -1 4194316 0 0 0 0 0 0 0 0 20 0 1 0 9 0 0", &stat));
	assert_true(stat.ended);
}

static void stat_refuses_every_cut_text(void **state)
{
	(void)state;
	/* Field 22 ends before the 20th blank behind the name. */
	const char *end = strstr(stat_text, "987654");
	for (size_t length = 0; length < (size_t)(end - stat_text); length++) {
		char cut[sizeof stat_text];
		memcpy(cut, stat_text, length);
		cut[length] = '\0';
		struct process_stat stat;
		assert_false(process_stat_parse(cut, &stat));
	}
}

static void statm_gives_rss_and_anonymous(void **state)
{
	(void)state;
	struct wire_values v = {0};
	process_statm_probe.emit("301408 25600 9600 10 0 40000 0\n", &v);
	assert_int_equal(v.value[PROCESS_rss_kb], probe_pages_kb(25600));
	assert_int_equal(v.value[PROCESS_rss_anon_kb], probe_pages_kb(16000));
}

static void statm_with_shared_ahead_has_no_negative_part(void **state)
{
	(void)state;
	struct wire_values v = {0};
	process_statm_probe.emit("100 10 12 0 0 0 0\n", &v);
	assert_true(has(&v, PROCESS_rss_anon_kb));
	assert_int_equal(v.value[PROCESS_rss_anon_kb], 0);
	v = (struct wire_values){0};
	process_statm_probe.emit("100 10\n", &v);
	assert_int_equal(v.present, 0);
}

static void status_gives_the_split_but_not_what_statm_gives(void **state)
{
	(void)state;
	struct wire_values v = {0};
	process_status_probe.emit("Name:\tnode\nVmRSS:\t  102400 kB\n"
				  "RssAnon:\t   64000 kB\nRssFile:\t   38000 kB\n"
				  "RssShmem:\t     400 kB\nVmSwap:\t      12 kB\n",
		&v);
	assert_int_equal(v.value[PROCESS_rss_file_kb], 38000);
	assert_int_equal(v.value[PROCESS_rss_shmem_kb], 400);
	assert_int_equal(v.value[PROCESS_swap_kb], 12);
	assert_int_equal(__builtin_popcountll(v.present), 3);
}

static void pss_is_not_one_of_its_parts(void **state)
{
	(void)state;
	struct wire_values v = {0};
	process_pss_probe.emit(
		"55d0-7ffe ---p 00000000 00:00 0    [rollup]\n"
		"Rss:               11000 kB\nPss:                9876 kB\n"
		"Pss_Dirty:          5000 kB\nPss_Anon:           4000 kB\n",
		&v);
	assert_int_equal(v.value[PROCESS_pss_kb], 9876);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(stat_says_who_it_is_and_what_it_used),
		cmocka_unit_test(stat_survives_names_that_look_like_its_syntax),
		cmocka_unit_test(stat_knows_kernel_threads_and_zombies),
		cmocka_unit_test(stat_refuses_every_cut_text),
		cmocka_unit_test(statm_gives_rss_and_anonymous),
		cmocka_unit_test(statm_with_shared_ahead_has_no_negative_part),
		cmocka_unit_test(status_gives_the_split_but_not_what_statm_gives),
		cmocka_unit_test(pss_is_not_one_of_its_parts),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
