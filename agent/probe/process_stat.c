#include "agent/probe/process_stat.h"

#include "agent/probe/probe.h"

#include <string.h>

enum {
	PROCESS_STAT_PARENT = 4,
	PROCESS_STAT_FLAGS = 9,
	PROCESS_STAT_MINFLT = 10,
	PROCESS_STAT_MAJFLT = 12,
	PROCESS_STAT_UTIME = 14,
	PROCESS_STAT_STIME = 15,
	PROCESS_STAT_THREADS = 20,
	PROCESS_STAT_START = 22,
	PROCESS_STAT_KTHREAD = 0x00200000, /* PF_KTHREAD */
};

/* The name may hold anything, ")" and blanks included: it ends at the last ")". */
static const char *process_stat_comm(const char *text, struct process_stat *out)
{
	const char *open = strchr(text, '(');
	const char *close = strrchr(text, ')');
	if (!open || !close || close < open)
		return NULL;
	size_t length = (size_t)(close - open - 1);
	if (length >= sizeof out->comm)
		length = sizeof out->comm - 1;
	memcpy(out->comm, open + 1, length);
	out->comm[length] = '\0';
	return close + 1;
}

bool process_stat_parse(const char *text, struct process_stat *out)
{
	const char *c = process_stat_comm(text, out);
	if (!c || c[0] != ' ' || !c[1])
		return false;
	out->ended = c[1] == 'Z' || c[1] == 'X';
	c += 2;

	int64_t field[PROCESS_STAT_START + 1];
	for (int i = 4; i <= PROCESS_STAT_START; i++) {
		bool negative = c[0] == ' ' && c[1] == '-'; /* tty, tpgid, priority */
		c += negative ? 2 : 0;
		if (!probe_number(&c, &field[i]))
			return false;
	}
	int64_t parent = field[PROCESS_STAT_PARENT];
	out->parent = parent > 0 && parent <= INT32_MAX ? (int)parent : 0;
	out->kernel_thread = (field[PROCESS_STAT_FLAGS] & PROCESS_STAT_KTHREAD) != 0;
	out->minor_faults = field[PROCESS_STAT_MINFLT];
	out->major_faults = field[PROCESS_STAT_MAJFLT];
	int64_t ticks;
	bool beyond = __builtin_add_overflow(
		field[PROCESS_STAT_UTIME], field[PROCESS_STAT_STIME], &ticks);
	out->cpu_ms = beyond ? -1 : probe_ticks_ms(ticks);
	out->threads = field[PROCESS_STAT_THREADS];
	out->start_ticks = (uint64_t)field[PROCESS_STAT_START];
	return true;
}

void process_stat_emit(const struct process_stat *stat, struct wire_values *out)
{
	probe_put(out, PROCESS_cpu_ms, stat->cpu_ms);
	probe_put(out, PROCESS_threads, stat->threads);
	probe_put(out, PROCESS_minor_faults, stat->minor_faults);
	probe_put(out, PROCESS_major_faults, stat->major_faults);
}
