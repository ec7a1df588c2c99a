#include "agent/probe/probe.h"

static const struct probe_field meminfo_fields[] = {
	{"MemTotal", HOST_mem_total_kb},
	{"MemFree", HOST_mem_free_kb},
	{"MemAvailable", HOST_mem_available_kb},
	{"Cached", HOST_cached_kb},
	{"AnonPages", HOST_anon_kb},
	{"Shmem", HOST_shmem_kb},
	{"Slab", HOST_slab_kb},
	{"SwapTotal", HOST_swap_total_kb},
	{"SwapFree", HOST_swap_free_kb},
};

static void meminfo_emit(const char *text, struct wire_values *out)
{
	probe_emit_fields(text, meminfo_fields,
		sizeof meminfo_fields / sizeof meminfo_fields[0], out);
}

const struct probe meminfo_probe = {"meminfo", meminfo_emit};
