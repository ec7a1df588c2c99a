#include "tests/fleet/fleet/joining.h"

#include "common/clock.h"
#include "schema/wire.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum {
	JOINING_AT_ONCE = 64,
	JOINING_ANSWER_MS = 30 * 1000,
	JOINING_LATER_MS = 1000,
	JOINING_TRIES = 30,
};

/* One that is at the door. */
struct joining_place {
	struct member *member; /* NULL: free */
	struct line line;
	bool asked;
	int tries;
	int64_t until_ms, again_ms; /* again: not before, when it was sent away */
};

struct joining {
	struct member_fleet *fleet;
	struct joining_place places[JOINING_AT_ONCE];
	uint32_t joined;
};

static bool joining_open(
	struct joining *j, struct joining_place *p, int64_t now_ms, struct err *e)
{
	const struct options *o = j->fleet->options;
	struct line_peer peer = {o->token.host, o->token.port,
		o->first + p->member->number, o->token.public_key,
		p->member->public_key, p->member->secret_key};
	p->asked = false;
	p->again_ms = 0;
	p->until_ms = now_ms + JOINING_ANSWER_MS;
	return line_open(&p->line, j->fleet->zmq, &peer, e);
}

static bool joining_ask(struct joining *j, struct joining_place *p)
{
	const struct options *o = j->fleet->options;
	struct wire_enrol_request request = {.protocol = WIRE_PROTOCOL,
		.token_id = o->token.id,
		.token_secret = o->token.secret,
		.machine_id = p->member->machine.machine_id,
		.hostname = p->member->machine.hostname,
		.agent_version = TIDEMARK_VERSION};
	struct buf *frame = &j->fleet->frame;
	memcpy(request.public_key, p->member->public_key, sizeof request.public_key);
	buf_reset(frame);
	wire_enrol_request_encode(&request, frame);
	return line_send(&p->line, frame->data, frame->length);
}

static void joining_send_away(struct joining_place *p, int64_t now_ms)
{
	line_close(&p->line);
	p->tries++;
	p->again_ms = now_ms + JOINING_LATER_MS;
}

/* What the server answered, if it has. */
static bool joining_hear(
	struct joining *j, struct joining_place *p, int64_t now_ms, struct err *e)
{
	struct wire_enrol_reply reply = {0};
	zmq_msg_t frame;
	zmq_msg_init(&frame);
	bool got = line_receive(&p->line, &frame);
	bool ok = !got || wire_enrol_reply_decode(zmq_msg_data(&frame),
				  zmq_msg_size(&frame), &j->fleet->arena, &reply, e);
	zmq_msg_close(&frame);
	if (!got || !ok)
		return ok;
	if (strstr(reply.error, "try later") && p->tries < JOINING_TRIES) {
		joining_send_away(p, now_ms);
	} else if (*reply.error) {
		ok = err_set(e, ERR_INPUT, "the server says to %s: %s",
			p->member->machine.hostname, reply.error);
	} else {
		p->member->agent_id = (int32_t)reply.agent_id;
		p->member->port = (uint16_t)reply.data_port;
		line_close(&p->line);
		*p = (struct joining_place){.line.fd = -1};
		j->joined++;
	}
	arena_reset(&j->fleet->arena);
	return ok;
}

static bool joining_tend(
	struct joining *j, struct joining_place *p, int64_t now_ms, struct err *e)
{
	if (!p->member || now_ms < p->again_ms)
		return true;
	if (!p->line.socket && !joining_open(j, p, now_ms, e))
		return false;
	if (!p->asked && (line_events(&p->line) & ZMQ_POLLOUT))
		p->asked = joining_ask(j, p);
	if (now_ms >= p->until_ms) {
		/* Refused at the handshake, which looks like silence from here. */
		if (p->tries >= 2)
			return err_set(e, ERR_IO, "%s:%u does not answer",
				j->fleet->options->token.host,
				(unsigned)j->fleet->options->token.port);
		joining_send_away(p, now_ms);
		return true;
	}
	return joining_hear(j, p, now_ms, e);
}

static void joining_wait(struct joining *j)
{
	zmq_pollitem_t items[JOINING_AT_ONCE];
	int count = 0;
	for (int i = 0; i < JOINING_AT_ONCE; i++) {
		struct joining_place *p = &j->places[i];
		if (p->line.socket)
			items[count++] = (zmq_pollitem_t){.socket = p->line.socket,
				.events = (short)(p->asked ? ZMQ_POLLIN : ZMQ_POLLOUT)};
	}
	zmq_poll(items, count, count ? 200 : JOINING_LATER_MS / 4);
}

bool joining_run(struct member_fleet *fleet, struct member *members, uint32_t count,
	struct err *e)
{
	struct joining j = {.fleet = fleet};
	uint32_t next = 0;
	bool ok = true;
	for (int i = 0; i < JOINING_AT_ONCE; i++)
		j.places[i].line.fd = -1;
	while (ok && j.joined < count) {
		int64_t now_ms = clock_mono_ms();
		for (int i = 0; i < JOINING_AT_ONCE && ok; i++) {
			if (!j.places[i].member && next < count)
				j.places[i].member = &members[next++];
			ok = joining_tend(&j, &j.places[i], now_ms, e);
		}
		if (ok && j.joined < count)
			joining_wait(&j);
	}
	for (int i = 0; i < JOINING_AT_ONCE; i++)
		line_close(&j.places[i].line);
	return ok;
}
