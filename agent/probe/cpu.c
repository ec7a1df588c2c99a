#include "agent/probe/probe.h"

#include <string.h>

/* The columns of the line "cpu" of /proc/stat.  Guest time is contained in user and
 * nice, so the columns behind steal must not be added. */
enum {
	CPU_USER,
	CPU_NICE,
	CPU_SYSTEM,
	CPU_IDLE,
	CPU_IOWAIT,
	CPU_IRQ,
	CPU_SOFTIRQ,
	CPU_STEAL,
	CPU_COLUMNS
};

static void cpu_emit(const char *text, struct wire_values *out)
{
	if (strncmp(text, "cpu ", 4) != 0)
		return;
	text += 4;
	int64_t busy = 0, total = 0;
	for (int column = 0; column < CPU_COLUMNS; column++) {
		int64_t ticks;
		if (!probe_number(&text, &ticks))
			return;
		if (__builtin_add_overflow(total, ticks, &total))
			return;
		if (column != CPU_IDLE && column != CPU_IOWAIT && column != CPU_STEAL)
			busy += ticks;
	}
	probe_put(out, HOST_cpu_busy_ms, probe_ticks_ms(busy));
	probe_put(out, HOST_cpu_total_ms, probe_ticks_ms(total));
}

const struct probe cpu_probe = {"stat", cpu_emit};
