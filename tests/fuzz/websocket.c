/* fuzzes: agent_capture */
/*
 * Everything that an inspector can send: frames, the messages in them, the pieces of a
 * snapshot in those, and the head of an HTTP answer.  The same bytes in one piece and
 * cut small must come out the same.
 */
#include "agent/capture/websocket.h"
#include "agent/capture/cdp.h"
#include "agent/capture/http_client.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct fuzz {
	struct cdp cdp;
	struct cdp_events cdp_events;
	struct websocket websocket;
	struct websocket_events websocket_events;
	struct buf heard;
};

static bool fuzz_chunk(void *context, const void *bytes, size_t length, struct err *e)
{
	(void)e;
	buf_append(&((struct fuzz *)context)->heard, bytes, length);
	return true;
}

static bool fuzz_message(void *context, const char *text, size_t length, struct err *e)
{
	buf_byte(&((struct fuzz *)context)->heard, '|');
	return fuzz_chunk(context, text, length, e);
}

static bool fuzz_ping(void *context, const void *bytes, size_t length, struct err *e)
{
	/* Pings may come between the parts of a message: not in the same row. */
	(void)context;
	(void)bytes;
	(void)e;
	BUG_ON(length > WEBSOCKET_CONTROL_MAX);
	return true;
}

static bool fuzz_text(
	void *context, const char *bytes, size_t length, bool is_last, struct err *e)
{
	struct fuzz *f = context;
	return cdp_feed(&f->cdp, bytes, length, is_last, e);
}

static struct fuzz *fuzz_create(void)
{
	struct fuzz *f = calloc(1, sizeof *f);
	BUG_ON(!f);
	f->cdp_events = (struct cdp_events){
		.chunk = fuzz_chunk, .message = fuzz_message, .context = f};
	f->websocket_events = (struct websocket_events){
		.text = fuzz_text, .ping = fuzz_ping, .context = f};
	cdp_init(&f->cdp, &f->cdp_events);
	websocket_init(&f->websocket, &f->websocket_events);
	return f;
}

static void fuzz_destroy(struct fuzz *f)
{
	cdp_finish(&f->cdp);
	buf_finish(&f->heard);
	free(f);
}

/* What a chunk had given before it broke depends on how it was cut; what came of
 * whole streams does not. */
static void fuzz_stream(const char *bytes, size_t size)
{
	struct fuzz *whole = fuzz_create(), *cut = fuzz_create();
	struct err e;
	bool ok = websocket_feed(&whole->websocket, bytes, size, &e);
	bool ok_cut = true;
	for (size_t i = 0, step = 1; ok_cut && i < size; i += step, step = i % 7 + 1) {
		if (step > size - i)
			step = size - i;
		char *exact = malloc(step);
		BUG_ON(!exact);
		memcpy(exact, bytes + i, step);
		ok_cut = websocket_feed(&cut->websocket, exact, step, &e);
		free(exact);
	}
	BUG_ON(ok != ok_cut);
	if (ok && whole->cdp.state == CDP_BEGIN) {
		BUG_ON(whole->heard.length != cut->heard.length);
		BUG_ON(whole->heard.length > 0 &&
			memcmp(whole->heard.data, cut->heard.data,
				whole->heard.length) != 0);
	}
	fuzz_destroy(whole);
	fuzz_destroy(cut);
}

/* What a client sends is masked, which no client takes. */
static void fuzz_own_frame(const char *bytes, size_t size)
{
	struct fuzz *f = fuzz_create();
	struct buf frame = {0};
	struct err e;
	websocket_frame(&frame, WEBSOCKET_TEXT, bytes, size);
	BUG_ON(websocket_feed(&f->websocket, frame.data, frame.length, &e));
	buf_finish(&frame);
	fuzz_destroy(f);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *bytes = malloc(size ? size : 1);
	BUG_ON(!bytes);
	memcpy(bytes, data, size);
	fuzz_stream(bytes, size);
	fuzz_own_frame(bytes, size);
	struct http_client_head head;
	bool is_wrong;
	if (http_client_parse(bytes, size, &head, &is_wrong))
		BUG_ON(head.length > size || head.status < 100);
	free(bytes);
	return 0;
}
