/* The probes of the machine, each on the text of a real kernel. */
#include "agent/probe/probe.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static bool has(const struct wire_values *v, unsigned metric)
{
	return v->present >> metric & 1;
}

static struct wire_values emit(const struct probe *probe, const char *text)
{
	struct wire_values values = {0};
	probe->emit(text, &values);
	return values;
}

static void meminfo_gives_the_named_fields_only(void **state)
{
	(void)state;
	struct wire_values v = emit(&meminfo_probe, "MemTotal:       16384000 kB\n"
						    "MemFree:         1024000 kB\n"
						    "MemAvailable:    8192000 kB\n"
						    "Buffers:          111111 kB\n"
						    "Cached:          4096000 kB\n"
						    "SwapCached:          777 kB\n"
						    "Active(anon):    2222222 kB\n"
						    "AnonPages:       3333333 kB\n"
						    "Shmem:              4444 kB\n"
						    "ShmemHugePages:        9 kB\n"
						    "Slab:              55555 kB\n"
						    "SwapTotal:       2097152 kB\n"
						    "SwapFree:        2000000 kB\n");
	assert_int_equal(v.value[HOST_mem_total_kb], 16384000);
	assert_int_equal(v.value[HOST_mem_free_kb], 1024000);
	assert_int_equal(v.value[HOST_mem_available_kb], 8192000);
	assert_int_equal(v.value[HOST_cached_kb], 4096000);
	assert_int_equal(v.value[HOST_anon_kb], 3333333);
	assert_int_equal(v.value[HOST_shmem_kb], 4444);
	assert_int_equal(v.value[HOST_slab_kb], 55555);
	assert_int_equal(v.value[HOST_swap_total_kb], 2097152);
	assert_int_equal(v.value[HOST_swap_free_kb], 2000000);
	assert_int_equal(__builtin_popcountll(v.present), 9);
}

static void meminfo_of_an_old_kernel_leaves_fields_absent(void **state)
{
	(void)state;
	struct wire_values v = emit(
		&meminfo_probe, "MemTotal: 1000 kB\nMemFree: 10 kB\n");
	assert_true(has(&v, HOST_mem_total_kb));
	assert_false(has(&v, HOST_mem_available_kb));
}

static void meminfo_refuses_what_is_no_number(void **state)
{
	(void)state;
	struct wire_values v = emit(&meminfo_probe,
		"MemTotal: -5 kB\nMemFree: 99999999999999999999 "
		"kB\nSlab: lots\nShmem:");
	assert_int_equal(v.present, 0);
}

static void vmstat_counts_oom_kills(void **state)
{
	(void)state;
	struct wire_values v = emit(&vmstat_probe,
		"nr_free_pages 12\noom_kill_disable 8\noom_kill 3\npgfault 9\n");
	assert_int_equal(v.value[HOST_oom_kills], 3);
}

static void cpu_does_not_count_guests_twice(void **state)
{
	(void)state;
	/* user nice system idle iowait irq softirq steal guest guest_nice */
	struct wire_values v = emit(&cpu_probe, "cpu  1000 100 500 9000 400 10 20 70 "
						"999 99\ncpu0 1 1 1 1 1 1 1 1 1 1\n");
	assert_int_equal(
		v.value[HOST_cpu_busy_ms], probe_ticks_ms(1000 + 100 + 500 + 10 + 20));
	assert_int_equal(v.value[HOST_cpu_total_ms],
		probe_ticks_ms(1000 + 100 + 500 + 9000 + 400 + 10 + 20 + 70));
}

static void cpu_of_another_text_is_absent(void **state)
{
	(void)state;
	assert_int_equal(emit(&cpu_probe, "").present, 0);
	assert_int_equal(emit(&cpu_probe, "cpu  1 2 3\n").present, 0);
	assert_int_equal(emit(&cpu_probe, "intr 1 2 3 4 5 6 7 8 9\n").present, 0);
}

static void load_is_in_thousandths(void **state)
{
	(void)state;
	struct wire_values v = emit(&load_probe, "12.07 0.30 0.20 1/123 4567\n");
	assert_int_equal(v.value[HOST_load1_milli], 12070);
	assert_int_equal(emit(&load_probe, "12,07 0.30").present, 0);
	assert_int_equal(emit(&load_probe, "99999999999.00 1").present, 0);
}

static void pressure_reads_totals(void **state)
{
	(void)state;
	const char *text = "some avg10=0.00 avg60=1.23 avg300=0.00 total=1234567\n"
			   "full avg10=0.00 avg60=0.00 avg300=0.00 total=89\n";
	struct wire_values v = emit(&pressure_memory_probe, text);
	assert_int_equal(v.value[HOST_psi_memory_some_us], 1234567);
	assert_int_equal(v.value[HOST_psi_memory_full_us], 89);
	assert_int_equal(
		emit(&pressure_cpu_probe, text).value[HOST_psi_cpu_some_us], 1234567);
	assert_int_equal(
		emit(&pressure_io_probe, text).value[HOST_psi_io_some_us], 1234567);
}

static void pressure_takes_no_total_of_another_line(void **state)
{
	(void)state;
	struct wire_values v = emit(
		&pressure_memory_probe, "some avg10=0.00\nfull avg10=0.00 total=89\n");
	assert_false(has(&v, HOST_psi_memory_some_us));
	assert_true(has(&v, HOST_psi_memory_full_us));
}

static void numbers_stop_at_the_range_of_int64(void **state)
{
	(void)state;
	int64_t value = -1;
	const char *most = " \t9223372036854775807 x";
	assert_true(probe_number(&most, &value));
	assert_true(value == INT64_MAX);
	assert_string_equal(most, " x");
	const char *more = "9223372036854775808";
	assert_false(probe_number(&more, &value));
	const char *none = "kB";
	assert_false(probe_number(&none, &value));
}

static void what_does_not_fit_is_no_value(void **state)
{
	(void)state;
	assert_int_equal(probe_ticks_ms(sysconf(_SC_CLK_TCK) * 3), 3000);
	assert_true(probe_ticks_ms(INT64_MAX / 1000) > 0);
	assert_true(probe_ticks_ms(INT64_MAX / 999) < 0);
	assert_int_equal(
		emit(&cpu_probe, "cpu  9223372036854775807 1 0 0 0 0 0 0 0 0\n")
			.present,
		0);
	assert_true(probe_pages_kb(INT64_MAX) < 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(meminfo_gives_the_named_fields_only),
		cmocka_unit_test(meminfo_of_an_old_kernel_leaves_fields_absent),
		cmocka_unit_test(meminfo_refuses_what_is_no_number),
		cmocka_unit_test(vmstat_counts_oom_kills),
		cmocka_unit_test(cpu_does_not_count_guests_twice),
		cmocka_unit_test(cpu_of_another_text_is_absent),
		cmocka_unit_test(load_is_in_thousandths),
		cmocka_unit_test(pressure_reads_totals),
		cmocka_unit_test(pressure_takes_no_total_of_another_line),
		cmocka_unit_test(numbers_stop_at_the_range_of_int64),
		cmocka_unit_test(what_does_not_fit_is_no_value),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
