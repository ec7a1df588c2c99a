#include "agent/services.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* Samples are sorted, as they know their process. */
static int services_compare(const void *a, const void *b, void *context)
{
	const struct wire_process *processes = context;
	const struct wire_process *p =
		&processes[((const struct wire_sample *)a)->process];
	const struct wire_process *q =
		&processes[((const struct wire_sample *)b)->process];
	int order = strcmp(p->service, q->service);
	return order ? order : (p->slot > q->slot) - (p->slot < q->slot);
}

static int services_width(const struct processes_tick *tick)
{
	size_t width = strlen("SERVICE");
	for (size_t i = 0; i < tick->count; i++) {
		size_t length = strlen(tick->processes[i].service);
		width = length > width ? length : width;
	}
	return width > 40 ? 40 : (int)width;
}

static double services_mib(int64_t kb)
{
	return (double)kb / 1024;
}

void services_format(const struct processes_tick *tick, struct buf *out)
{
	int width = services_width(tick);
	qsort_r(tick->samples, tick->count, sizeof *tick->samples, services_compare,
		tick->processes);
	buf_printf(out, "%-*s %4s %8s %9s %9s  %-12s %-8s %-20s %s\n", width, "SERVICE",
		"SLOT", "PID", "RSS MiB", "ANON MiB", "VERSION", "RUNTIME", "NAMED BY",
		"COMMAND");
	for (size_t i = 0; i < tick->count; i++) {
		const struct wire_sample *s = &tick->samples[i];
		const struct wire_process *p = &tick->processes[s->process];
		buf_printf(out,
			"%-*s %4" PRIu32 " %8" PRIu32
			" %9.1f %9.1f  %-12s %-8s %-20s %s\n",
			width, p->service, p->slot, p->pid,
			services_mib(s->values.value[PROCESS_rss_kb]),
			services_mib(s->values.value[PROCESS_rss_anon_kb]),
			p->version[0] ? p->version : "-", p->runtime, p->rule,
			p->command);
	}
	const struct wire_values *host = &tick->host;
	buf_printf(out, "%-*s %4s %8s %9.1f %9.1f  %" PRId64 " smaller processes\n",
		width, "(rest)", "", "", services_mib(host->value[HOST_rest_rss_kb]),
		services_mib(host->value[HOST_rest_anon_kb]),
		host->value[HOST_rest_processes]);
}
