#include "agent/probe/probe.h"

static const struct probe_field vmstat_fields[] = {
	{"oom_kill", HOST_oom_kills},
};

static void vmstat_emit(const char *text, struct wire_values *out)
{
	probe_emit_fields(text, vmstat_fields,
		sizeof vmstat_fields / sizeof vmstat_fields[0], out);
}

const struct probe vmstat_probe = {"vmstat", vmstat_emit};
