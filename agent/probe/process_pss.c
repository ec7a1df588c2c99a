#include "agent/probe/probe.h"

static const struct probe_field process_pss_fields[] = {
	{"Pss", PROCESS_pss_kb},
};

static void process_pss_emit(const char *text, struct wire_values *out)
{
	probe_emit_fields(text, process_pss_fields,
		sizeof process_pss_fields / sizeof process_pss_fields[0], out);
}

const struct probe process_pss_probe = {"smaps_rollup", process_pss_emit};
