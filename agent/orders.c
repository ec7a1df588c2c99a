#include "agent/orders.h"

#include "agent/status.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ORDERS_SHOWN_MAX = 8 };

struct orders {
	struct orders_entry *all;
	size_t count, room;
};

struct orders *orders_create(void)
{
	struct orders *o = calloc(1, sizeof *o);
	BUG_ON(!o);
	return o;
}

void orders_destroy(struct orders *o)
{
	if (!o)
		return;
	free(o->all);
	free(o);
}

/* Most agents are never asked: memory comes with the orders. */
static struct orders_entry *orders_push(struct orders *o)
{
	BUG_ON(o->count == ORDERS_KNOWN_MAX);
	if (o->count == o->room) {
		o->room = o->room ? 2 * o->room : 4;
		o->all = reallocarray(o->all, o->room, sizeof *o->all);
		BUG_ON(!o->all);
	}
	return &o->all[o->count++];
}

/* Cut between two characters, without what would break the line. */
static void orders_copy(char *out, size_t size, const char *text)
{
	size_t length = strlen(text);
	if (length >= size) {
		length = size - 1;
		while (length > 0 && ((unsigned char)text[length] & 0xc0) == 0x80)
			length--;
	}
	for (size_t i = 0; i < length; i++)
		out[i] = (unsigned char)text[i] < 0x20 ? ' ' : text[i];
	out[length] = '\0';
}

/* "CAPTURE KIND PID START DEADLINE STAGE STATE CHANGED" and, behind tabs, service and
 * text. */
static bool orders_parse_line(const char *line, size_t length, struct orders_entry *out)
{
	char copy[1024];
	unsigned kind, stage, state;
	int end = 0;
	if (length >= sizeof copy)
		return false;
	memcpy(copy, line, length);
	copy[length] = '\0';
	*out = (struct orders_entry){0};
	if (sscanf(copy,
		    "%" SCNu64 " %u %" SCNu32 " %" SCNu64 " %" SCNd64 " %u %u %" SCNd64
		    "%n",
		    &out->capture, &kind, &out->pid, &out->start_ticks,
		    &out->deadline_unix_ms, &stage, &state, &out->changed_unix_ms,
		    &end) != 8 ||
		kind < SNAPSHOT_ORDER_QUOTE || kind > SNAPSHOT_ORDER_TAKE ||
		stage < ORDERS_BEGUN || stage > ORDERS_ENDED || state > SNAPSHOT_FAILED)
		return false;
	char *service = copy + end, *text;
	if (*service++ != '\t' || !(text = strchr(service, '\t')))
		return false;
	*text++ = '\0';
	out->kind = (enum snapshot_order_kind)kind;
	out->stage = (enum orders_stage)stage;
	out->state = (enum snapshot_state)state;
	orders_copy(out->service, sizeof out->service, service);
	orders_copy(out->text, sizeof out->text, text);
	return true;
}

bool orders_parse(struct orders *o, const char *text, struct err *e)
{
	for (int line = 1; *text && o->count < ORDERS_KNOWN_MAX; line++) {
		size_t length = strcspn(text, "\n");
		struct orders_entry entry;
		if (!orders_parse_line(text, length, &entry))
			return err_set(e, ERR_INPUT, "line %d is damaged", line);
		*orders_push(o) = entry;
		text += length + (text[length] == '\n');
	}
	return true;
}

void orders_format(const struct orders *o, struct buf *out)
{
	for (size_t i = 0; i < o->count; i++) {
		const struct orders_entry *n = &o->all[i];
		if (n->stage == ORDERS_WAITS)
			continue;
		buf_printf(out,
			"%" PRIu64 " %u %" PRIu32 " %" PRIu64 " %" PRId64
			" %u %u %" PRId64 "\t%s\t%s\n",
			n->capture, (unsigned)n->kind, n->pid, n->start_ticks,
			n->deadline_unix_ms, (unsigned)n->stage, (unsigned)n->state,
			n->changed_unix_ms, n->service, n->text);
	}
}

struct orders_entry *orders_find(struct orders *o, const struct snapshot_order *order)
{
	for (size_t i = 0; i < o->count; i++) {
		struct orders_entry *n = &o->all[i];
		if (n->capture == order->capture && n->kind == order->kind &&
			n->pid == order->pid && n->start_ticks == order->start_ticks &&
			order->deadline_unix_ms - n->deadline_unix_ms <
				ORDERS_ANOTHER_MS)
			return n;
	}
	return NULL;
}

void orders_remove(struct orders *o, struct orders_entry *entry)
{
	size_t at = (size_t)(entry - o->all);
	BUG_ON(at >= o->count);
	o->count--;
	memmove(entry, entry + 1, (o->count - at) * sizeof *entry);
}

struct orders_entry *orders_add(
	struct orders *o, const struct snapshot_order *order, int64_t now_unix_ms)
{
	size_t oldest = 0;
	while (o->count == ORDERS_KNOWN_MAX && oldest + 1 < o->count &&
		o->all[oldest].stage != ORDERS_ENDED)
		oldest++;
	if (o->count == ORDERS_KNOWN_MAX)
		orders_remove(o, &o->all[oldest]);
	struct orders_entry *n = orders_push(o);
	*n = (struct orders_entry){
		.capture = order->capture,
		.kind = order->kind,
		.pid = order->pid,
		.start_ticks = order->start_ticks,
		.deadline_unix_ms = order->deadline_unix_ms,
		.changed_unix_ms = now_unix_ms,
	};
	orders_copy(n->service, sizeof n->service, order->service);
	return n;
}

static bool orders_is_end(const struct orders_entry *n, enum snapshot_state state)
{
	return state == SNAPSHOT_DENIED || state == SNAPSHOT_DONE ||
	       state == SNAPSHOT_FAILED ||
	       (state == SNAPSHOT_QUOTED && n->kind == SNAPSHOT_ORDER_QUOTE);
}

void orders_report(struct orders_entry *n, const struct snapshot_event *event)
{
	n->state = event->state;
	n->changed_unix_ms = event->at_unix_ms;
	bool has_reasons = !event->text[0] && event->has_card;
	orders_copy(n->text, sizeof n->text,
		has_reasons ? event->card.reasons : event->text);
	if (orders_is_end(n, event->state))
		n->stage = ORDERS_ENDED;
}

struct orders_entry *orders_all(struct orders *o, size_t *count)
{
	*count = o->count;
	return o->all;
}

const char *orders_state_name(const struct orders_entry *n)
{
	switch (n->state) {
	case SNAPSHOT_QUOTED:
		return "cost card made";
	case SNAPSHOT_DENIED:
		return "refused";
	case SNAPSHOT_RUNNING:
		return "running";
	case SNAPSHOT_DONE:
		return "done";
	case SNAPSHOT_FAILED:
		return "failed";
	}
	return n->stage == ORDERS_BEGUN ? "begun" : "waiting";
}

void orders_show(const struct orders *o, struct buf *out)
{
	for (size_t i = o->count; i-- > 0 && o->count - i <= ORDERS_SHOWN_MAX;) {
		const struct orders_entry *n = &o->all[i];
		buf_text(out, "snapshot    ");
		status_format_time(n->changed_unix_ms, out);
		buf_printf(out, "  %s process %" PRIu32 ", ", n->service, n->pid);
		if (n->capture)
			buf_printf(out, "capture %" PRIu64, n->capture);
		else
			buf_text(out, "file");
		buf_printf(out, ": %s%s%s\n", orders_state_name(n),
			n->text[0] ? ": " : "", n->text);
	}
}
