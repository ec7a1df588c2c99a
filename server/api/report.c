#include "server/api/report.h"

#include "server/analyse/words.h"
#include "server/api/report_chart.h"
#include "server/api/report_doc.h"
#include "server/api/report_reasons.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>
#include <time.h>

struct report_work {
	const struct report *r;
	const struct findings_row *finding;
	struct arena *a;
	struct report_doc doc;
};

static const char *report_time(struct arena *a, int64_t at_ms)
{
	char text[40];
	time_t seconds = (time_t)(at_ms / 1000);
	struct tm utc;
	if (!at_ms)
		return "–";
	strftime(text, sizeof text, "%Y-%m-%d %H:%M UTC", gmtime_r(&seconds, &utc));
	return arena_strdup(a, text);
}

static const char *report_rate(struct arena *a, const struct figures_rate *rate)
{
	struct analyse_rate r = {
		rate->known, rate->kb_h, rate->low_kb_h, rate->high_kb_h};
	return rate->known ? words_rate(a, &r) : "–";
}

static const char *report_memory(struct arena *a, int64_t kb)
{
	return kb >= 0 ? words_memory(a, (double)kb) : "–";
}

static const char *report_moment(struct arena *a, const struct figures_moment *m)
{
	if (!m->at_ms || !m->low_ms)
		return report_time(a, m->at_ms);
	return arena_printf(a, "%s (%s to %s)", report_time(a, m->at_ms),
		report_time(a, m->low_ms),
		m->high_ms ? report_time(a, m->high_ms) : "perhaps never");
}

static const char *report_count(struct arena *a, int64_t part, int64_t whole)
{
	return arena_printf(a, "%" PRId64 " of %" PRId64, part, whole);
}

static const char *report_version(struct report_work *w, const char *version)
{
	return report_doc_name(w->a, words_version(version));
}

static void report_fact(struct report_work *w, const char *name, const char *value)
{
	const char *const cells[] = {name, value, NULL};
	report_doc_row(&w->doc, cells);
}

/* "acknowledged by ada", "resolved as fixed in 1.1.1", ... */
static const char *report_state(struct report_work *w)
{
	const struct alerts_row *alert = w->r->facts->alert;
	const char *text = alert->inbox;
	if (*alert->resolution)
		text = arena_printf(w->a, "%s: %s", text, alert->resolution);
	if (alert->resolved_in)
		text = arena_printf(w->a, "%s in %s", text, alert->resolved_in);
	if (alert->owner)
		text = arena_printf(w->a, "%s; owner %s", text, alert->owner);
	if (alert->verification.state)
		text = arena_printf(w->a,
			"%s; verification %s, %.1f of %" PRId64 " host-hours", text,
			alert->verification.state,
			(double)alert->verification.seen_ms / 3600e3,
			alert->verification.needed_h);
	if (alert->silenced_until_ms)
		text = arena_printf(w->a, "%s; muted until %s", text,
			report_time(w->a, alert->silenced_until_ms));
	if (alert->merged_into)
		text = arena_printf(
			w->a, "%s; inside alert %" PRId64, text, alert->merged_into);
	for (size_t i = 0; i < alert->merged.count; i++)
		text = arena_printf(
			w->a, "%s; with alert %" PRId64, text, alert->merged.ids[i]);
	return text;
}

static void report_put_facts(struct report_work *w)
{
	static const char *const titles[] = {"What", "Figures", NULL};
	const struct findings_row *f = w->finding;
	const struct alerts_row *alert = w->r->facts->alert;
	report_doc_table_begin(&w->doc, titles);
	report_fact(w, "Alert", arena_printf(w->a, "%" PRId64, alert->id));
	report_fact(w, "State", report_state(w));
	report_fact(w, "Service", report_doc_name(w->a, f->service.name));
	report_fact(w, "Version", report_version(w, f->version.name));
	report_fact(w, "Kind", f->kind);
	report_fact(w, "Growth of an instance", report_rate(w->a, &f->rate));
	report_fact(w, "Instances that leak",
		report_count(w->a, f->instances_leaking, f->instances));
	report_fact(w, "Hosts", report_count(w->a, f->hosts_leaking, f->hosts));
	report_fact(w, "Began", report_moment(w->a, &f->onset));
	report_fact(w, "Alerted", report_time(w->a, alert->opened_ms));
	report_fact(w, "Last seen", report_time(w->a, f->last_ms));
	report_fact(w, "First limit reached", report_moment(w->a, &f->exhaust));
	if (f->silent_since_ms)
		report_fact(w, "No data since", report_time(w->a, f->silent_since_ms));
	if (*f->cause)
		report_fact(w, "In common", report_doc_name(w->a, f->cause));
	report_doc_table_end(&w->doc);
}

static void report_put_chart(struct report_work *w)
{
	const struct case_lines *l = &w->r->facts->lines;
	struct report_line *lines = arena_array(w->a, l->count, sizeof *lines);
	if (!w->doc.is_html || !l->count)
		return;
	for (size_t i = 0; i < l->count; i++)
		lines[i] = (struct report_line){
			.leaks = l->lines[i].leaks,
			.name = arena_printf(w->a, "%s #%" PRId64 " %s",
				report_doc_name(w->a, l->first[i]->host),
				l->first[i]->ordinal,
				report_version(w, l->first[i]->version)),
			.values = l->lines[i].memory_kb,
		};
	const struct report_chart chart = {
		.title = "Memory of instances over time",
		.lines = lines,
		.count = l->count,
		.steps = l->steps.count,
		.from_ms = l->steps.from_ms,
		.step_ms = l->steps.step_ms,
		.mark_ms = w->finding->onset.at_ms,
	};
	report_doc_heading(&w->doc, "Memory of instances");
	report_chart_write(&chart, w->a, w->doc.out);
	report_doc_paragraph(
		&w->doc, "Solid: instances that leak. Dashed: others. Times are UTC.");
}

static void report_put_reasons(
	struct report_work *w, bool speaks_for, const char *title)
{
	struct report_reason *reasons;
	size_t count = report_reasons_read(w->finding->reasons, w->a, &reasons);
	size_t put = 0;
	report_doc_heading(&w->doc, title);
	report_doc_list_begin(&w->doc);
	for (size_t i = 0; i < count; i++)
		if (reasons[i].speaks_for == speaks_for) {
			report_doc_item(&w->doc, reasons[i].text);
			put++;
		}
	if (!put)
		report_doc_item(&w->doc, "Nothing");
	report_doc_list_end(&w->doc);
}

static void report_put_versions(struct report_work *w)
{
	static const char *const titles[] = {"Version", "Verdict",
		"Instances that leak", "Hosts that leak", "Growth", "Since", NULL};
	report_doc_heading(&w->doc, "Versions");
	report_doc_table_begin(&w->doc, titles);
	for (size_t i = 0; i < w->r->facts->version_count; i++) {
		const struct services_version *v = &w->r->facts->versions[i];
		const char *const cells[] = {report_version(w, v->label), v->verdict,
			report_count(w->a, v->instances_leaking, v->instances),
			report_count(w->a, v->hosts_leaking, v->hosts),
			report_rate(w->a, &v->rate),
			report_time(w->a, v->first_seen_ms), NULL};
		report_doc_row(&w->doc, cells);
	}
	report_doc_table_end(&w->doc);
}

static void report_put_instances(struct report_work *w)
{
	static const char *const titles[] = {"Instance", "Version", "Growth", "Memory",
		"Limit", "Reached", "Restarts", NULL};
	report_doc_heading(&w->doc, "Instances that leak");
	report_doc_table_begin(&w->doc, titles);
	for (size_t i = 0; i < w->r->facts->instance_count; i++) {
		const struct alerts_instance *n = &w->r->facts->instances[i];
		const char *const cells[] = {
			arena_printf(w->a, "%s #%" PRId64 "%s",
				report_doc_name(w->a, n->host.name), n->ordinal,
				n->silent_since_ms ? " (no data)"
				: n->running       ? ""
						   : " (ended)"),
			report_version(w, n->version.name), report_rate(w->a, &n->rate),
			report_memory(w->a, n->value_kb),
			report_memory(w->a, n->limit_kb),
			report_time(w->a, n->exhaust.at_ms),
			arena_printf(w->a, "%" PRId64, n->restarts), NULL};
		report_doc_row(&w->doc, cells);
	}
	report_doc_table_end(&w->doc);
}

static void report_put_snapshot(struct report_work *w)
{
	const struct snapshots_row *s = w->r->snapshot;
	report_doc_heading(&w->doc, "What holds the memory");
	if (!s) {
		report_doc_paragraph(
			&w->doc, "No heap snapshot of a leaking version was taken.");
		return;
	}
	report_doc_paragraph(&w->doc,
		s->words ? s->words
			 : "It was not compared with an earlier one, so that nothing "
			   "is known of what grows.");
	report_doc_paragraph(&w->doc,
		arena_printf(w->a,
			"Heap snapshot %" PRId64 " of %s #%" PRId64
			", version %s, %s: %s.",
			s->id, report_doc_name(w->a, s->place.host.name),
			s->place.ordinal, report_version(w, s->place.version.name),
			report_time(w->a, s->taken_ms),
			words_memory(w->a, (double)s->total_bytes / 1024)));
}

static void report_put_hypotheses(struct report_work *w)
{
	static const char *const titles[] = {"Cause", "How it was tested", "Result",
		"Verdict", "Remark", "By", NULL};
	report_doc_heading(&w->doc, "Hypotheses");
	report_doc_table_begin(&w->doc, titles);
	for (size_t i = 0; i < w->r->facts->table_count; i++) {
		const struct hypotheses_row *h = &w->r->facts->table[i];
		const char *by = h->author ? h->author : "";
		if (*h->key)
			by = *by ? arena_printf(w->a, "Tidemark; remark by %s", by)
				 : "Tidemark";
		const char *const cells[] = {h->text.cause, h->text.test,
			h->text.result, h->text.verdict, h->text.remark, by, NULL};
		report_doc_row(&w->doc, cells);
	}
	report_doc_table_end(&w->doc);
}

static void report_put_events(struct report_work *w)
{
	static const char *const titles[] = {"When", "Who", "What", "Words", NULL};
	report_doc_heading(&w->doc, "What happened");
	report_doc_table_begin(&w->doc, titles);
	for (size_t i = 0; i < w->r->event_count; i++) {
		const struct alerts_event *e = &w->r->events[i];
		const char *const cells[] = {report_time(w->a, e->at_ms),
			e->user ? e->user : "Tidemark", e->kind, e->text, NULL};
		report_doc_row(&w->doc, cells);
	}
	report_doc_table_end(&w->doc);
}

static void report_put_similar(struct report_work *w)
{
	static const char *const titles[] = {
		"Alert", "Opened", "What", "In common", "How it ended", NULL};
	if (!w->r->similar_count)
		return;
	report_doc_heading(&w->doc, "Earlier alerts like this one");
	report_doc_table_begin(&w->doc, titles);
	for (size_t i = 0; i < w->r->similar_count; i++) {
		const struct cases_like *l = &w->r->similar[i];
		const char *ended = *l->resolution ? l->resolution : l->state;
		if (l->resolved_in)
			ended = arena_printf(w->a, "%s in %s", ended, l->resolved_in);
		if (*l->ended)
			ended = arena_printf(w->a, "%s: %s", ended, l->ended);
		const char *const cells[] = {arena_printf(w->a, "%" PRId64, l->id),
			report_time(w->a, l->opened_ms), l->summary,
			l->same_cause ? l->cause : "the service", ended, NULL};
		report_doc_row(&w->doc, cells);
	}
	report_doc_table_end(&w->doc);
}

void report_write(const struct report *r, struct arena *a, struct buf *out)
{
	struct report_work w = {r, &r->facts->alert->finding, a, {out, r->is_html, 0}};
	report_doc_begin(&w.doc, w.finding->summary);
	report_doc_paragraph(&w.doc,
		arena_printf(a,
			"Tidemark's report on alert %" PRId64 ", as of %s, for %s.",
			r->facts->alert->id, report_time(a, r->now_ms), r->by));
	report_put_facts(&w);
	report_put_chart(&w);
	report_put_reasons(&w, true, "What speaks for it");
	report_put_reasons(&w, false, "What speaks against it");
	report_put_versions(&w);
	report_put_instances(&w);
	report_put_snapshot(&w);
	report_put_hypotheses(&w);
	report_put_events(&w);
	report_put_similar(&w);
	report_doc_end(&w.doc);
}
