#include "agent/snapshot_card.h"

#include "agent/capture/room.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const char *snapshot_gate_name(enum snapshot_gate gate)
{
	switch (gate) {
	case SNAPSHOT_ALLOWED:
		return "allowed";
	case SNAPSHOT_ASKS:
		return "asks";
	case SNAPSHOT_REFUSED:
		break;
	}
	return "refused";
}

static void snapshot_line_put(struct buf *out, const char *what, const char *value)
{
	buf_printf(out, "%-18s%s\n", what, value);
}

static void snapshot_reasons(struct buf *out, const char *reasons)
{
	while (*reasons) {
		size_t length = strcspn(reasons, "\n");
		buf_printf(out, "  - %.*s\n", (int)length, reasons);
		reasons += length + (reasons[length] == '\n');
	}
}

static void snapshot_gate_text(struct buf *out, const struct snapshot_card *card)
{
	static const char *const words[] = {
		[SNAPSHOT_ALLOWED] = "allowed",
		[SNAPSHOT_ASKS] = "only if you say so:",
		[SNAPSHOT_REFUSED] = "refused:",
	};
	snapshot_line_put(out, "Verdict", words[card->gate]);
	snapshot_reasons(out, card->reasons);
}

static void snapshot_process_text(
	struct buf *out, const struct wire_process *p, size_t others)
{
	buf_printf(out, "%-18s%" PRIu32 ", %s", "Process", p->pid, p->service);
	if (p->version[0])
		buf_printf(out, " %s", p->version);
	buf_printf(out, " (%s)\n", p->command);
	if (others)
		buf_printf(out,
			"%-18s%zu more of this service on this host; this one is the "
			"largest, or was named\n",
			"", others);
	else
		buf_printf(out,
			"%-18sthe only one of this service on this host: nobody here "
			"answers meanwhile\n",
			"");
}

void snapshot_card_text(struct buf *out, const struct capture *c,
	const struct wire_process *process, size_t others)
{
	const struct snapshot_card *card = capture_card(c);
	char need[32], most[32], text[256];
	snapshot_process_text(out, process, others);
	snapshot_line_put(out, "Runtime", card->runtime);
	snprintf(text, sizeof text, "%s: %.200s", card->route, capture_why_way(c));
	/* One that was not found is no news beside the reasons. */
	if (ways_parse(card->route) != WAYS)
		snapshot_line_put(out, "Route", text);
	if (capture_facts(c)->pid) {
		room_format(card->heap_bytes, need);
		snprintf(text, sizeof text, "%s%s",
			card->heap_is_measured ? "" : "up to ", need);
		snapshot_line_put(out, "Live heap", text);
		snprintf(text, sizeof text, "%s%.1f s, in which it answers nothing",
			card->heap_is_measured ? "about " : "up to ",
			(double)card->pause_ms / 1000);
		snapshot_line_put(out, "Pause", text);
		room_format(card->need_bytes, need);
		room_format(card->free_bytes, most);
		snprintf(text, sizeof text, "%s%s in the process; %s are free",
			card->heap_is_measured ? "" : "up to ", need, most);
		snapshot_line_put(out, "Memory", text);
		room_format(card->helper_bytes, need);
		snprintf(text, sizeof text, "%s%s; %.190s",
			card->heap_is_measured ? "about " : "up to ", need,
			capture_mode(c));
		snapshot_line_put(out, "Analysis", text);
	}
	if (card->gate != SNAPSHOT_REFUSED && capture_notes(c)[0])
		snapshot_line_put(out, "Afterwards", capture_notes(c));
	snapshot_gate_text(out, card);
}

static void snapshot_reasons_json(struct json *j, const char *reasons)
{
	char line[600];
	json_key(j, "reasons");
	json_array(j);
	while (*reasons) {
		size_t length = strcspn(reasons, "\n");
		snprintf(line, sizeof line, "%.*s", (int)length, reasons);
		json_string(j, line);
		reasons += length + (reasons[length] == '\n');
	}
	json_end(j);
}

void snapshot_card_json(struct json *j, const struct capture *c,
	const struct wire_process *process, size_t others)
{
	const struct snapshot_card *card = capture_card(c);
	json_object(j);
	json_put_string(j, "gate", snapshot_gate_name(card->gate));
	snapshot_reasons_json(j, card->reasons);
	json_put_int(j, "pid", process->pid);
	json_put_string(j, "service", process->service);
	json_put_int(j, "othersOnHost", (int64_t)others);
	json_put_string(j, "runtime", card->runtime);
	json_put_string(j, "route", card->route);
	json_put_string(j, "whyRoute", capture_why_way(c));
	json_put_bool(j, "heapIsMeasured", card->heap_is_measured);
	json_put_int(j, "heapBytes", (int64_t)card->heap_bytes);
	json_put_int(j, "pauseMs", card->pause_ms);
	json_put_int(j, "needBytes", (int64_t)card->need_bytes);
	json_put_int(j, "freeBytes", (int64_t)card->free_bytes);
	json_put_int(j, "helperBytes", (int64_t)card->helper_bytes);
	json_put_string(j, "mode", capture_mode(c));
	json_put_string(j, "notes", capture_notes(c));
	json_end(j);
}

void snapshot_card_cost_text(struct buf *out, const struct capture *c, int64_t ready_ms)
{
	const struct capture_cost *cost = capture_cost(c);
	char before[32], after[32], text[256];
	buf_text(out, "\nWhat it cost\n");
	snprintf(text, sizeof text, "%.2f s (estimated: %.1f s)",
		(double)cost->pause_ms / 1000,
		(double)capture_card(c)->pause_ms / 1000);
	snapshot_line_put(out, "Pause", text);
	room_format(cost->rss_before_bytes, before);
	room_format(cost->rss_after_bytes, after);
	snprintf(text, sizeof text, "%s before, %s after", before, after);
	snapshot_line_put(out, "Resident memory", text);
	if (cost->stream_bytes) {
		room_format(cost->stream_bytes, before);
		snprintf(text, sizeof text,
			"%s; table ready %lld ms after the last byte", before,
			(long long)ready_ms);
		snapshot_line_put(out, "Snapshot", text);
	}
	if (cost->closed_ms >= 0) {
		snprintf(text, sizeof text, "closed: connection refused after %lld ms",
			(long long)cost->closed_ms);
		snapshot_line_put(out, "Inspector", text);
	}
	if (capture_remark(c)[0])
		snapshot_line_put(out, "Note", capture_remark(c));
}

void snapshot_card_cost_json(struct json *j, const struct capture *c, int64_t ready_ms)
{
	const struct capture_cost *cost = capture_cost(c);
	json_object(j);
	json_put_string(j, "route", ways_name(capture_way(c)));
	json_put_int(j, "takenUnixMs", cost->taken_unix_ms);
	json_put_int(j, "pauseMs", cost->pause_ms);
	json_put_int(j, "streamBytes", (int64_t)cost->stream_bytes);
	json_put_int(j, "tableAfterLastChunkMs", ready_ms);
	if (cost->closed_ms >= 0)
		json_put_int(j, "closedMs", cost->closed_ms);
	else
		json_put_null(j, "closedMs");
	json_put_int(j, "rssBeforeBytes", (int64_t)cost->rss_before_bytes);
	json_put_int(j, "rssAfterBytes", (int64_t)cost->rss_after_bytes);
	json_put_string(j, "remark", capture_remark(c));
	json_end(j);
}

void snapshot_card_histogram_json(struct json *j, const struct snapshot *s, size_t top)
{
	json_key(j, "head");
	json_object(j);
	json_put_int(j, "nodeCount", (int64_t)s->node_count);
	json_put_int(j, "totalSize", (int64_t)s->total_bytes);
	json_end(j);
	json_key(j, "classes");
	json_array(j);
	for (size_t i = 0; i < s->classes_length && i < top; i++) {
		const struct snapshot_class *c = &s->classes[i];
		json_object(j);
		json_put_string(j, "name", c->is.name);
		json_put_int(j, "count", (int64_t)c->count);
		json_put_int(j, "shallow", (int64_t)c->shallow_bytes);
		json_end(j);
	}
	json_end(j);
}

void snapshot_card_histogram_text(struct buf *out, const struct snapshot *s, size_t top)
{
	char size[32];
	room_format(s->total_bytes, size);
	buf_printf(out, "%" PRIu64 " live objects, %s\n\n%-56s %10s %12s\n",
		s->node_count, size, "CLASS", "COUNT", "SHALLOW");
	for (size_t i = 0; i < s->classes_length && i < top; i++) {
		const struct snapshot_class *c = &s->classes[i];
		room_format(c->shallow_bytes, size);
		buf_printf(out, "%-56.56s %10" PRIu64 " %12s\n", c->is.name, c->count,
			size);
	}
	if (s->class_count > top)
		buf_printf(out, "and %" PRIu64 " more classes (--top)\n",
			s->class_count - top);
}
