/*
 * CDP: tells the messages of the Chrome DevTools protocol apart as they stream in.
 *
 * A snapshot comes as thousands of events that each carry a piece of it as a JSON
 * string.  These are recognised by how V8 begins them and go to `chunk`, unescaped,
 * without being held; every other message is collected, up to CDP_MESSAGE_MAX, and
 * given to `message` whole.  A chunk that begins otherwise (V8 never did) arrives there
 * too: the caller can still take it from the JSON.
 *
 * Plain data in the caller's storage, but for the buffer that cdp_finish frees.  One
 * thread.
 */
#ifndef TIDEMARK_AGENT_CAPTURE_CDP_H
#define TIDEMARK_AGENT_CAPTURE_CDP_H

#include "agent/capture/unescape.h"
#include "common/buf.h"

enum { CDP_MESSAGE_MAX = 4 << 20 };

struct cdp_events {
	bool (*chunk)(void *context, const void *bytes, size_t length, struct err *e);
	bool (*message)(void *context, const char *text, size_t length, struct err *e);
	void *context;
};

struct cdp {
	const struct cdp_events *events;
	enum { CDP_BEGIN, CDP_CHUNK, CDP_TAIL, CDP_MESSAGE } state;
	size_t matched; /* of the beginning, then of the end of a chunk event */
	struct buf message;
	struct unescape unescape;
};

void cdp_init(struct cdp *c, const struct cdp_events *events);
void cdp_finish(struct cdp *c);

/* A piece of a message, `is_last` with its last one.  ERR_INPUT: no proper message. */
bool cdp_feed(
	struct cdp *c, const char *bytes, size_t length, bool is_last, struct err *e);

#endif
