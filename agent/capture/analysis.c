#include "agent/capture/analysis.h"

#include "agent/capture/regrowth.h"
#include "agent/capture/site.h"
#include "agent/heap/summary.h"
#include "schema/wire.h"

#include <stdio.h>

static bool analysis_keep(
	const struct heap *h, const struct analysis_options *o, struct err *e)
{
	char label[200];
	snprintf(label, sizeof label, "process %u", (unsigned)o->owner->pid);
	struct digest *d = digest_create(h, label, o->taken_unix_ms);
	bool ok = digests_keep(o->state_dir, o->owner, d, e);
	digest_destroy(d);
	return ok;
}

/* By paths and names, and kept for the next one. */
static bool analysis_compare(const struct analysis_options *o, struct arena *a,
	struct snapshot *s, struct err *e)
{
	struct snapshot before;
	bool found = false;
	bool ok = s->growth.verdict != SNAPSHOT_NOT_COMPARED ||
		  digests_find_summary(o->state_dir, o->owner, a, &before, &found, e);
	if (ok && found && before.kind == SNAPSHOT_V8)
		regrowth_find(&before, s, a);
	/* The comparison takes room: the smallest classes leave for it. */
	while (wire_snapshot_bytes(s) > SNAPSHOT_BYTES_MAX && s->classes_length)
		s->classes_length -= s->classes_length / 16 + 1;
	struct err keeping;
	if (!digests_keep_summary(o->state_dir, o->owner, s, &keeping) && ok) {
		*e = keeping;
		ok = false;
	}
	return ok;
}

void analysis_run(const struct heap *h, const struct analysis_options *options,
	struct arena *a, struct snapshot *out, const char **remark)
{
	struct err e;
	struct summary_options how = {
		.process = DIFF_FIND_OUT,
		.taken_unix_ms = options->taken_unix_ms,
	};
	struct digest *before = NULL;
	bool compares = options->state_dir && options->owner && heap_graph(h);
	bool digests = compares && options->ids_hold;
	*remark = "";
	if (digests && !digests_find(options->state_dir, options->owner,
			       options->max_bytes, &before, &e))
		*remark = arena_printf(
			a, "not compared with the last snapshot: %s", e.text);
	bool names_hold = site_key(options->state_dir, &how.privacy);
	how.before = before;
	summary_make(h, &how, a, out);
	digest_destroy(before);
	if ((digests && !analysis_keep(h, options, &e)) ||
		(compares && names_hold && !analysis_compare(options, a, out, &e)))
		*remark = arena_printf(a, "comparing with other snapshots: %s", e.text);
}
