#include "agent/capture/cdp.h"

#include <string.h>

static const char cdp_begin[] =
	"{\"method\":\"HeapProfiler.addHeapSnapshotChunk\",\"params\":{\"chunk\":\"";
static const char cdp_tail[] = "}}";

void cdp_init(struct cdp *c, const struct cdp_events *events)
{
	c->events = events;
	c->state = CDP_BEGIN;
	c->matched = 0;
	c->message = (struct buf){0};
	c->unescape.sink = events->chunk;
	c->unescape.context = events->context;
	unescape_begin(&c->unescape);
}

void cdp_finish(struct cdp *c)
{
	buf_finish(&c->message);
}

static bool cdp_collect(struct cdp *c, const char *bytes, size_t length, struct err *e)
{
	if (length > CDP_MESSAGE_MAX - c->message.length)
		return err_set(e, ERR_INPUT,
			"the process sent a message of more than %d MiB",
			CDP_MESSAGE_MAX >> 20);
	buf_append(&c->message, bytes, length);
	return true;
}

/* Compares with how a chunk begins; at the first difference it is any message, whose
 * beginning is then known. */
static bool cdp_match(
	struct cdp *c, const char *bytes, size_t length, size_t *taken, struct err *e)
{
	size_t i = 0;
	while (i < length && c->matched < sizeof cdp_begin - 1 &&
		bytes[i] == cdp_begin[c->matched]) {
		i++;
		c->matched++;
	}
	*taken = i;
	if (c->matched == sizeof cdp_begin - 1) {
		c->state = CDP_CHUNK;
		c->matched = 0;
		unescape_begin(&c->unescape);
	} else if (i < length) {
		c->state = CDP_MESSAGE;
		return cdp_collect(c, cdp_begin, c->matched, e);
	}
	return true;
}

static bool cdp_end_chunk(
	struct cdp *c, const char *bytes, size_t length, struct err *e)
{
	for (size_t i = 0; i < length; i++) {
		if (cdp_tail[c->matched] == '\0' || bytes[i] != cdp_tail[c->matched])
			return err_set(e, ERR_INPUT,
				"the process sent a piece of the snapshot that does "
				"not end as it should");
		c->matched++;
	}
	return true;
}

static bool cdp_end(struct cdp *c, struct err *e)
{
	bool ok = true;
	if (c->state == CDP_CHUNK || (c->state == CDP_TAIL && cdp_tail[c->matched]))
		ok = err_set(e, ERR_INPUT, "the process sent half a message");
	else if (c->state == CDP_BEGIN)
		ok = cdp_collect(c, cdp_begin, c->matched, e);
	if (ok && c->state != CDP_TAIL)
		ok = c->events->message(c->events->context,
			c->message.data ? c->message.data : "", c->message.length, e);
	buf_reset(&c->message);
	c->state = CDP_BEGIN;
	c->matched = 0;
	return ok;
}

bool cdp_feed(
	struct cdp *c, const char *bytes, size_t length, bool is_last, struct err *e)
{
	bool ok = true;
	while (ok && length > 0) {
		size_t taken = length;
		switch (c->state) {
		case CDP_BEGIN:
			ok = cdp_match(c, bytes, length, &taken, e);
			break;
		case CDP_CHUNK:
			ok = unescape_feed(&c->unescape, bytes, length, &taken, e);
			if (ok && c->unescape.state == UNESCAPE_ENDED)
				c->state = CDP_TAIL;
			break;
		case CDP_TAIL:
			ok = cdp_end_chunk(c, bytes, length, e);
			break;
		case CDP_MESSAGE:
			ok = cdp_collect(c, bytes, length, e);
			break;
		}
		bytes += taken;
		length -= taken;
	}
	return ok && (!is_last || cdp_end(c, e));
}
