#include "agent/capture/analysis.h"

#include "agent/capture/site.h"
#include "agent/heap/summary.h"

#include <stdio.h>

static bool analysis_keep(
	const struct heap *h, const struct analysis_options *o, struct err *e)
{
	char label[200];
	snprintf(label, sizeof label, "process %u", (unsigned)o->owner->pid);
	struct digest *d = digest_create(
		h, o->ids_hold ? LIKENESS_ID : LIKENESS_PATH, label, o->taken_unix_ms);
	bool ok = digests_keep(o->state_dir, o->owner, d, e);
	digest_destroy(d);
	return ok;
}

void analysis_run(const struct heap *h, const struct analysis_options *options,
	struct arena *a, struct snapshot *out, const char **remark)
{
	struct err e;
	struct summary_options how = {
		.process = DIFF_SAME,
		.taken_unix_ms = options->taken_unix_ms,
	};
	struct digest *before = NULL;
	bool compares = options->state_dir && options->owner && heap_graph(h);
	*remark = "";
	if (compares && !digests_find(options->state_dir, options->owner,
				options->max_bytes, &before, &e))
		*remark = arena_printf(
			a, "not compared with the last snapshot: %s", e.text);
	site_key(options->state_dir, &how.privacy);
	how.before = before;
	summary_make(h, &how, a, out);
	digest_destroy(before);
	if (compares && !analysis_keep(h, options, &e))
		*remark = arena_printf(a, "comparing with other snapshots: %s", e.text);
}
