#include "agent/probe/probe.h"

#include <string.h>

/* A line is "some avg10=0.00 avg60=0.00 avg300=0.00 total=123". */
static void pressure_emit(
	const char *text, const char *kind, unsigned metric, struct wire_values *out)
{
	const char *line = strstr(text, kind);
	const char *total = line ? strstr(line, "total=") : NULL;
	if (!total || memchr(line, '\n', (size_t)(total - line)))
		return;
	total += strlen("total=");
	int64_t us;
	if (probe_number(&total, &us))
		probe_put(out, metric, us);
}

static void pressure_memory_emit(const char *text, struct wire_values *out)
{
	pressure_emit(text, "some ", HOST_psi_memory_some_us, out);
	pressure_emit(text, "full ", HOST_psi_memory_full_us, out);
}

static void pressure_cpu_emit(const char *text, struct wire_values *out)
{
	pressure_emit(text, "some ", HOST_psi_cpu_some_us, out);
}

static void pressure_io_emit(const char *text, struct wire_values *out)
{
	pressure_emit(text, "some ", HOST_psi_io_some_us, out);
}

const struct probe pressure_memory_probe = {"pressure/memory", pressure_memory_emit};
const struct probe pressure_cpu_probe = {"pressure/cpu", pressure_cpu_emit};
const struct probe pressure_io_probe = {"pressure/io", pressure_io_emit};
