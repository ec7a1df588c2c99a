#include "agent/capture/analysis.h"

#include "agent/capture/histogram.h"
#include "agent/capture/histogram_growth.h"
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

static bool analysis_compare_jvm(const struct analysis_options *o, struct arena *a,
	struct snapshot *s, struct err *e)
{
	struct buf text = {0};
	struct snapshot before = {0};
	int64_t before_unix_ms = 0;
	bool ok = digests_load(o->state_dir, o->owner, &before_unix_ms, &text, e);
	if (ok && before_unix_ms) {
		ok = histogram_parse(
			     text.data ? text.data : "", text.length, a, &before, e) ||
		     err_wrap(e, "the last histogram of process %u",
			     (unsigned)o->owner->pid);
		if (ok)
			histogram_growth_find(&before, before_unix_ms, a, s);
	}
	buf_finish(&text);
	return ok;
}

void analysis_run_jvm(const struct analysis_options *options, struct arena *a,
	struct snapshot *s, const char **remark)
{
	struct err e;
	struct buf text = {0};
	*remark = "";
	if (options->state_dir && options->owner) {
		if (!analysis_compare_jvm(options, a, s, &e))
			*remark = arena_printf(
				a, "not compared with the last snapshot: %s", e.text);
		histogram_format(s, &text);
		if (!digests_store(options->state_dir, options->owner,
			    options->taken_unix_ms, &text, &e))
			*remark = arena_printf(
				a, "comparing with other snapshots: %s", e.text);
		buf_finish(&text);
	}
	histogram_fit(s);
}
