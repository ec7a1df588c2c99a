#include "agent/heaps_inside.h"

#include "agent/capture/folder.h"
#include "common/clock.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

void heaps_words_tell(struct heaps *h, enum log_level level, const char *format, ...)
{
	char text[1024];
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(text, sizeof text, format, arguments);
	va_end(arguments);
	h->options.tell(h->options.context, level, text);
}

static bool heaps_words_save(struct heaps *h, const char *name, const struct buf *text)
{
	struct err e;
	if (folder_write(h->state_folder, name, text->data ? text->data : "",
		    text->length, &e))
		return true;
	heaps_words_tell(
		h, LOG_WARN, "%s/%s: %s", h->options.config->state_dir, name, e.text);
	return false;
}

bool heaps_words_save_orders(struct heaps *h)
{
	struct buf text = {0};
	orders_format(h->orders, &text);
	bool saved = heaps_words_save(h, HEAPS_ORDERS, &text);
	buf_finish(&text);
	return saved;
}

void heaps_words_save_dumps(struct heaps *h)
{
	struct buf text = {0};
	if (dumps_due_ms(h->dumps) == INT64_MAX)
		return; /* there are no directories */
	dumps_format(h->dumps, &text);
	heaps_words_save(h, HEAPS_DUMPS, &text);
	buf_finish(&text);
}

/* The word on what became of something, with the process if it is known. */
void heaps_words_report(
	struct heaps *h, const struct snapshot_event *event, const struct life *life)
{
	struct wire_process process;
	struct wire_snapshot_event events = {.has_process = life, .is = *event};
	if (life)
		process = life->is;
	struct wire_batch batch = batch_about(h->options.host, life ? &process : NULL);
	batch.events = &events;
	batch.event_count = 1;
	struct buf bytes = {0};
	struct err e;
	if (!wire_batch_encode(&batch, &bytes, &e) ||
		!outbox_send(
			h->outbox, bytes.data, bytes.length, event->at_unix_ms, &e))
		heaps_words_tell(
			h, LOG_WARN, "a word on a snapshot is lost: %s", e.text);
	buf_finish(&bytes);
}

const struct life *heaps_words_life(
	const struct heaps *h, const struct snapshot_order *order)
{
	const struct life *life = lives_find(h->lives, order->pid);
	return life && life->is.start_ticks == order->start_ticks ? life : NULL;
}

/* An end that no job says. */
void heaps_words_end(struct heaps *h, const struct snapshot_order *order,
	const char *actor, enum snapshot_state state, const char *why)
{
	const struct snapshot_event event = {
		.capture = order->capture,
		.at_unix_ms = clock_unix_ms(),
		.state = state,
		.text = why,
		.actor = order->capture ? "" : actor,
	};
	struct orders_entry *entry = orders_find(h->orders, order);
	heaps_words_report(h, &event, heaps_words_life(h, order));
	if (entry)
		orders_report(entry, &event);
	heaps_words_save_orders(h);
	heaps_words_tell(h, LOG_INFO, "snapshot of %s process %" PRIu32 " %s: %s",
		order->service, order->pid,
		state == SNAPSHOT_DENIED ? "refused" : "failed", why);
}
