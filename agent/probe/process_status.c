#include "agent/probe/probe.h"

/* VmRSS and RssAnon stand here as well, but those series come from statm at every
 * tick; two sources that round differently would put a saw into them. */
static const struct probe_field process_status_fields[] = {
	{"RssFile", PROCESS_rss_file_kb},
	{"RssShmem", PROCESS_rss_shmem_kb},
	{"VmSwap", PROCESS_swap_kb},
};

static void process_status_emit(const char *text, struct wire_values *out)
{
	probe_emit_fields(text, process_status_fields,
		sizeof process_status_fields / sizeof process_status_fields[0], out);
}

const struct probe process_status_probe = {"status", process_status_emit};
