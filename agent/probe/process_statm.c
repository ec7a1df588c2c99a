#include "agent/probe/probe.h"

/*
 * "size resident shared ...", in pages.  Shared is the file-backed and the shmem part
 * of resident, so the rest is anonymous: what status calls RssAnon, for a fifth of
 * the price.  The kernel counts in batches per CPU, so shared may be ahead.
 */
static void process_statm_emit(const char *text, struct wire_values *out)
{
	int64_t size, resident, shared;
	if (!probe_number(&text, &size) || !probe_number(&text, &resident) ||
		!probe_number(&text, &shared))
		return;
	probe_put(out, PROCESS_rss_kb, probe_pages_kb(resident));
	probe_put(out, PROCESS_rss_anon_kb,
		shared < resident ? probe_pages_kb(resident - shared) : 0);
}

const struct probe process_statm_probe = {"statm", process_statm_emit};
