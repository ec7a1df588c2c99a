#include "agent/uplink.h"

#include "agent/uplink_choice.h"
#include "agent/uplink_socket.h"
#include "common/arena.h"
#include "common/clock.h"
#include "schema/wire.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <zmq.h>

enum {
	UPLINK_RESEND_MS = 30 * 1000,
	UPLINK_RESEND_MAX_MS = 5 * 60 * 1000,
	UPLINK_RETRY_MAX_MS = 30 * 1000,
	UPLINK_BACKOFF_MIN_MS = 5 * 1000,
	UPLINK_BACKOFF_MAX_MS = 10 * 60 * 1000,
	UPLINK_RETURN_MS = 5 * 60 * 1000,
	UPLINK_MOVE_MS = 500,         /* jitter before another server is tried */
	UPLINK_PAUSE_MS = 1000,       /* after the spool could not be read */
	UPLINK_RECEIPTS_AT_ONCE = 64, /* then others have their turn */
};

#define UPLINK_WAS_REVOKED                                                             \
	"this agent was revoked: readings wait in the spool until it has joined "      \
	"again, "                                                                      \
	"with a new token"

/* A batch that was sent and has no receipt. */
struct uplink_flight {
	uint64_t sequence;
	int64_t sent_ms;
	size_t bytes;
};

struct uplink {
	struct uplink_options options;
	struct state_enrolment enrolment;
	struct state_keys keys;
	void *context;
	struct uplink_socket socket; /* closed during a back-off */
	struct uplink_choice choice;
	int64_t move_ms;    /* before another server is tried, without jitter */
	int64_t backoff_ms; /* the next one, before jitter */
	int64_t hold_ms;    /* the same when a batch is held */
	int64_t reopen_ms;  /* when the socket is made anew */
	int64_t paused_ms;  /* nothing is sent before */

	/* How long a receipt is waited for: before jitter, and with it. */
	int64_t resend_ms, resend_wait_ms;

	/* In the order of sending.  Everything up to `sent_up_to` was sent on this
	 * connection; `newest_sent` on any. */
	struct uplink_flight flights[UPLINK_WINDOW_BATCHES];
	size_t flight_count, flight_bytes;
	uint64_t sent_up_to, newest_sent;
	bool answered; /* a receipt came over this connection */
	bool revoked;  /* a server said so */
	bool doubted;  /* none came over the last one, though batches were under way */

	size_t raw_flights;
	int64_t raw_sent_ms, raw_next_ms; /* the last part, the earliest next one */
	bool ordered;                     /* in this run */

	struct buf batch, frame;
	struct arena arena;
	struct uplink_stats stats;
};

static void uplink_say(struct uplink *u, const char *text)
{
	snprintf(u->stats.last_error, sizeof u->stats.last_error, "%.255s", text);
}

static bool uplink_open(struct uplink *u, struct err *e)
{
	u->choice.opened_ms = clock_mono_ms();
	return uplink_choice_open(&u->choice, u->choice.at, &u->socket, u->context,
		&u->enrolment, &u->keys, e);
}

static void uplink_set_default(int64_t *option, int64_t value)
{
	if (*option <= 0)
		*option = value;
}

bool uplink_create(
	const struct uplink_options *options, struct uplink **out, struct err *e)
{
	if (sodium_init() < 0)
		return err_set(e, ERR_IO, "libsodium cannot get random numbers");
	struct uplink *u = calloc(1, sizeof *u);
	BUG_ON(!u);
	u->options = *options;
	u->enrolment = *options->enrolment;
	u->keys = *options->keys;
	uplink_set_default(&u->options.resend_ms, UPLINK_RESEND_MS);
	uplink_set_default(&u->options.resend_max_ms, UPLINK_RESEND_MAX_MS);
	uplink_set_default(&u->options.backoff_min_ms, UPLINK_BACKOFF_MIN_MS);
	uplink_set_default(&u->options.backoff_max_ms, UPLINK_BACKOFF_MAX_MS);
	uplink_set_default(&u->options.retry_max_ms, UPLINK_RETRY_MAX_MS);
	uplink_set_default(&u->options.return_ms, UPLINK_RETURN_MS);
	u->move_ms = UPLINK_MOVE_MS;
	u->choice.patience_min_ms = u->options.resend_ms;
	u->choice.patience_max_ms = u->options.resend_max_ms;
	u->choice.return_every_ms = u->options.return_ms;
	uplink_choice_init(&u->choice, &u->enrolment);
	u->backoff_ms = u->hold_ms = u->options.backoff_min_ms;
	u->resend_ms = u->resend_wait_ms = u->options.resend_ms;
	arena_init(&u->arena);
	u->context = zmq_ctx_new();
	if (!u->context || !uplink_open(u, e)) {
		if (!u->context)
			err_errno(e, "cannot make a ZeroMQ context");
		uplink_destroy(u);
		return false;
	}
	uplink_say(u, "connecting");
	*out = u;
	return true;
}

void uplink_destroy(struct uplink *u)
{
	if (!u)
		return;
	uplink_socket_close(&u->socket);
	uplink_socket_close(&u->choice.probe);
	while (u->context && zmq_ctx_term(u->context) != 0 && errno == EINTR)
		;
	arena_finish(&u->arena);
	buf_finish(&u->batch);
	buf_finish(&u->frame);
	sodium_memzero(&u->keys, sizeof u->keys);
	free(u);
}

/* What was under way may have arrived or not: it will be sent again. */
static void uplink_forget_flights(struct uplink *u)
{
	u->flight_count = 0;
	u->flight_bytes = 0;
	u->sent_up_to = 0;
	u->raw_flights = 0;
}

/* From now, with full jitter, so that a fleet does not come back all at once; the next
 * time it is longer. */
static int64_t uplink_later(int64_t *backoff_ms, int64_t max_ms)
{
	int64_t bound_ms = *backoff_ms < max_ms ? *backoff_ms : max_ms;
	if (bound_ms > UINT32_MAX)
		bound_ms = UINT32_MAX;
	*backoff_ms = bound_ms * 2 < max_ms ? bound_ms * 2 : max_ms;
	return clock_mono_ms() + 1 + randombytes_uniform((uint32_t)bound_ms);
}

/* The socket is made anew later, to the next of several servers. */
static void uplink_leave(struct uplink *u, const char *why)
{
	uplink_socket_close(&u->socket);
	uplink_forget_flights(u);
	u->stats.connected = false;
	u->stats.moves += uplink_choice_is_free(&u->choice);
	uplink_choice_next(&u->choice);
	uplink_say(u, why);
}

static void uplink_back_off(struct uplink *u, int64_t max_ms, const char *why)
{
	uplink_leave(u, why);
	u->stats.rejects++;
	u->reopen_ms = uplink_later(&u->backoff_ms, max_ms);
}

static void uplink_move(struct uplink *u, const char *why)
{
	u->doubted |= !u->answered && u->flight_count > 0;
	uplink_leave(u, why);
	u->reopen_ms = uplink_later(&u->move_ms, u->options.retry_max_ms);
}

static void uplink_reopen(struct uplink *u)
{
	struct err e;
	if (!uplink_open(u, &e))
		uplink_back_off(u, u->options.retry_max_ms, e.text);
}

static void uplink_wait_normally(struct uplink *u)
{
	u->resend_ms = u->resend_wait_ms = u->options.resend_ms;
}

static void uplink_connected(struct uplink *u)
{
	uplink_forget_flights(u);
	uplink_wait_normally(u);
	u->answered = u->revoked = false;
	u->paused_ms = 0;
	uplink_choice_connected(&u->choice);
	u->backoff_ms = u->options.backoff_min_ms;
	u->stats.connected = true;
	u->stats.connected_unix_ms = clock_unix_ms();
	u->stats.connects++;
	uplink_say(u, "");
}

/* With others to try there is no need for the patience with one. */
static void uplink_fail_handshake(struct uplink *u)
{
	static const char why[] =
		"the handshake failed: the server has another key, is no Tidemark "
		"server, or is just stopping";
	if (!uplink_choice_is_free(&u->choice)) {
		uplink_back_off(u, u->options.retry_max_ms, why);
		return;
	}
	uplink_move(u, why);
	u->stats.rejects++;
}

/* Every event that waits; stops when one closes the socket. */
static void uplink_take_events(struct uplink *u)
{
	for (;;) {
		switch (uplink_socket_event(&u->socket)) {
		case UPLINK_NOTHING:
			return;
		case UPLINK_OTHER:
		case UPLINK_REACHED:
			break;
		case UPLINK_CONNECTED:
			uplink_connected(u);
			break;
		case UPLINK_UNREACHABLE:
			if (!u->stats.connected && uplink_choice_is_free(&u->choice)) {
				uplink_move(u, "the server cannot be reached");
				return;
			}
			if (!u->stats.connected)
				uplink_say(u, "the server cannot be reached");
			break;
		case UPLINK_DISCONNECTED:
			if (uplink_choice_is_free(&u->choice)) {
				uplink_move(u, "the connection was lost");
				return;
			}
			u->doubted |= !u->answered && u->flight_count > 0;
			uplink_forget_flights(u);
			u->stats.connected = false;
			uplink_say(u, "the connection was lost");
			break;
		case UPLINK_DENIED:
			uplink_back_off(u, u->options.backoff_max_ms,
				u->revoked ? UPLINK_WAS_REVOKED
					   : "the server refuses this agent's "
					     "key: it is revoked or not enrolled "
					     "there; join again");
			return;
		case UPLINK_NO_HANDSHAKE:
			uplink_fail_handshake(u);
			return;
		}
	}
}

/* False: it was not under way. */
static bool uplink_land(struct uplink *u, uint64_t sequence)
{
	for (size_t i = 0; i < u->flight_count; i++) {
		if (u->flights[i].sequence != sequence)
			continue;
		u->flight_bytes -= u->flights[i].bytes;
		u->flight_count--;
		memmove(&u->flights[i], &u->flights[i + 1],
			(u->flight_count - i) * sizeof *u->flights);
		return true;
	}
	return false;
}

/* The first one speaks for all that are under way. */
static void uplink_hold(struct uplink *u, const struct wire_receipt *receipt)
{
	u->stats.held++;
	u->revoked = strcmp(receipt->reason, WIRE_REVOKED) == 0;
	if (u->revoked)
		return;
	if (!uplink_land(u, receipt->sequence))
		return;
	snprintf(u->stats.last_hold, sizeof u->stats.last_hold, "%s",
		receipt->reason[0] ? receipt->reason : "the server does not say why");
	uplink_forget_flights(u);
	u->paused_ms = uplink_later(&u->hold_ms, u->options.backoff_max_ms);
}

static void uplink_apply(struct uplink *u, const struct wire_receipt *receipt)
{
	u->stats.last_receipt_unix_ms = clock_unix_ms();
	uplink_wait_normally(u);
	u->answered = true;
	u->doubted = false;
	u->move_ms = UPLINK_MOVE_MS;
	uplink_choice_heard(&u->choice);
	switch (receipt->fate) {
	case WIRE_HELD:
		uplink_hold(u, receipt);
		return;
	case WIRE_STORED:
		u->stats.stored++;
		break;
	case WIRE_REPEATED:
		u->stats.repeated++;
		break;
	case WIRE_REFUSED:
		u->stats.refused++;
		snprintf(u->stats.last_refusal, sizeof u->stats.last_refusal, "%s",
			receipt->reason);
		break;
	}
	u->stats.last_hold[0] = '\0';
	u->hold_ms = u->options.backoff_min_ms;
	uplink_land(u, receipt->sequence);
	if (u->options.ears.settled)
		u->options.ears.settled(u->options.ears.context, receipt->sequence);
	if (receipt->fate == WIRE_REFUSED)
		spool_refuse(u->options.spool, receipt->sequence, receipt->reason);
	else
		spool_forget(u->options.spool, receipt->sequence);
}

/* A receipt counts only for what this spool has sent. */
static bool uplink_is_ours(const struct uplink *u, const struct wire_receipt *receipt)
{
	struct spool_stats spool;
	spool_get_stats(u->options.spool, &spool);
	return receipt->epoch == spool.epoch && receipt->sequence > 0 &&
	       receipt->sequence <= u->newest_sent;
}

static bool uplink_is_raw(const struct wire_receipt *receipt)
{
	return receipt->epoch == 0 && receipt->sequence == 0;
}

/* Of a raw part.  What the server does not want is for its next order to say. */
static void uplink_apply_raw(struct uplink *u, const struct wire_receipt *receipt)
{
	u->stats.last_receipt_unix_ms = clock_unix_ms();
	if (u->raw_flights > 0)
		u->raw_flights--;
	if (receipt->fate == WIRE_HELD)
		u->raw_next_ms = clock_mono_ms() + u->options.backoff_min_ms;
}

static void uplink_take_orders(struct uplink *u, const struct wire_receipt *receipt)
{
	const struct uplink_ears *ears = &u->options.ears;
	for (size_t i = 0; i < receipt->order_count && ears->order; i++) {
		const struct snapshot_order *order = &receipt->orders[i];
		if (order->kind == SNAPSHOT_ORDER_RAW && u->raw_flights > 0)
			continue;
		u->stats.orders++;
		u->ordered = true;
		ears->order(ears->context, order);
	}
	if (receipt->settings && u->options.told) {
		u->ordered = true;
		u->options.told(u->options.told_context, receipt->settings);
	}
}

static void uplink_take_receipt(struct uplink *u, const struct wire_receipt *receipt)
{
	if (uplink_is_raw(receipt)) {
		uplink_apply_raw(u, receipt);
	} else if (uplink_is_ours(u, receipt)) {
		uplink_apply(u, receipt);
	} else {
		u->stats.strange++;
		return;
	}
	uplink_take_orders(u, receipt);
}

static void uplink_take_receipts(struct uplink *u)
{
	for (int i = 0; i < UPLINK_RECEIPTS_AT_ONCE; i++) {
		struct wire_receipt receipt;
		struct err ignored;
		bool whole;
		if (!uplink_socket_receive(&u->socket, &u->frame, &whole))
			return;
		arena_reset(&u->arena);
		if (whole && wire_receipt_decode(u->frame.data, u->frame.length,
				     &u->arena, &receipt, &ignored))
			uplink_take_receipt(u, &receipt);
		else
			u->stats.strange++;
		if (u->revoked) {
			uplink_back_off(
				u, u->options.backoff_max_ms, UPLINK_WAS_REVOKED);
			return;
		}
	}
}

enum uplink_sent {
	UPLINK_SENT,
	UPLINK_GONE,  /* is not in the spool any more */
	UPLINK_LATER, /* cannot be sent now */
};

static enum uplink_sent uplink_send(struct uplink *u, uint64_t sequence)
{
	struct spool_stats spool;
	struct err e;
	buf_reset(&u->batch);
	if (!spool_read(u->options.spool, sequence, &u->batch, &e)) {
		if (e.kind == ERR_INPUT)
			return UPLINK_GONE;
		uplink_say(u, e.text);
		u->paused_ms = clock_mono_ms() + UPLINK_PAUSE_MS;
		return UPLINK_LATER;
	}
	spool_get_stats(u->options.spool, &spool);
	struct wire_upload upload = {
		.protocol = WIRE_PROTOCOL,
		.agent_version = TIDEMARK_VERSION,
		.epoch = spool.epoch,
		.sequence = sequence,
		.oldest = spool.oldest,
		.spool_bytes = spool.bytes,
		.batch = u->batch.data,
		.batch_length = u->batch.length,
		.settings = u->options.settings,
	};
	buf_reset(&u->frame);
	wire_upload_encode(&upload, &u->frame);
	if (!uplink_socket_send(&u->socket, u->frame.data, u->frame.length)) {
		u->paused_ms = clock_mono_ms() + UPLINK_PAUSE_MS;
		return UPLINK_LATER;
	}
	u->stats.sent++;
	if (sequence > u->newest_sent)
		u->newest_sent = sequence;
	return UPLINK_SENT;
}

/* Until a receipt comes. */
static void uplink_wait_longer(struct uplink *u)
{
	u->resend_ms *= 2;
	if (u->resend_ms > u->options.resend_max_ms)
		u->resend_ms = u->options.resend_max_ms;
	u->resend_wait_ms = u->resend_ms -
			    randombytes_uniform((uint32_t)(u->resend_ms / 4 + 1));
}

static void uplink_send_again(struct uplink *u, int64_t now_ms)
{
	enum uplink_sent sent = UPLINK_GONE;
	bool any = false;
	for (size_t i = 0; i < u->flight_count && sent != UPLINK_LATER;) {
		struct uplink_flight *flight = &u->flights[i];
		if (now_ms - flight->sent_ms < u->resend_wait_ms) {
			i++;
			continue;
		}
		sent = uplink_send(u, flight->sequence);
		if (sent == UPLINK_SENT) {
			flight->sent_ms = now_ms;
			any = true;
			i++;
		} else if (sent == UPLINK_GONE) {
			uplink_land(u, flight->sequence);
		}
	}
	if (any)
		uplink_wait_longer(u);
}

/* Any batch fits the window that this leaves. */
static bool uplink_has_room(const struct uplink *u)
{
	size_t most = u->doubted || u->stats.last_hold[0] ? 1 : UPLINK_WINDOW_BATCHES;
	return u->flight_count < most &&
	       u->flight_bytes + WIRE_FRAME_BYTES_MAX <= UPLINK_WINDOW_BYTES;
}

static void uplink_send_new(struct uplink *u, int64_t now_ms)
{
	uint64_t sequence;
	while (uplink_has_room(u) &&
		spool_next(u->options.spool, u->sent_up_to, &sequence)) {
		enum uplink_sent sent = uplink_send(u, sequence);
		if (sent == UPLINK_LATER)
			return;
		u->sent_up_to = sequence;
		if (sent == UPLINK_SENT && u->flight_count == 0)
			u->choice.heard_ms = now_ms;
		if (sent == UPLINK_SENT) {
			u->flights[u->flight_count++] = (struct uplink_flight){
				sequence, now_ms, u->batch.length};
			u->flight_bytes += u->batch.length;
		}
	}
}

/* Batches first: raw parts take what they leave. */
static bool uplink_may_send_raw(const struct uplink *u)
{
	uint64_t sequence;
	return u->options.ears.part && u->stats.connected && !u->doubted &&
	       u->raw_flights < UPLINK_RAW_WINDOW && uplink_has_room(u) &&
	       !spool_next(u->options.spool, u->sent_up_to, &sequence);
}

static void uplink_send_raw(struct uplink *u, int64_t now_ms)
{
	const struct uplink_ears *ears = &u->options.ears;
	if (u->raw_flights > 0 && now_ms - u->raw_sent_ms >= u->options.resend_ms)
		u->raw_flights = 0;
	if (now_ms < u->raw_next_ms || !uplink_may_send_raw(u))
		return;
	const struct snapshot_raw_part *part = ears->part(ears->context);
	if (!part)
		return;
	struct wire_upload upload = {.protocol = WIRE_PROTOCOL,
		.agent_version = TIDEMARK_VERSION,
		.raw = part};
	buf_reset(&u->frame);
	wire_upload_encode(&upload, &u->frame);
	u->raw_next_ms = now_ms + UPLINK_RAW_GAP_MS;
	if (!uplink_socket_send(&u->socket, u->frame.data, u->frame.length))
		return;
	ears->part_sent(ears->context);
	u->raw_sent_ms = now_ms;
	u->raw_flights++;
	u->stats.raw_sent++;
}

static int64_t uplink_give_up_ms(const struct uplink *u)
{
	return u->socket.dealer ? uplink_choice_give_up_ms(&u->choice,
					  u->stats.connected, u->flight_count > 0)
				: INT64_MAX;
}

static void uplink_give_up(struct uplink *u)
{
	bool silent = u->stats.connected;
	if (silent)
		uplink_choice_silent(&u->choice);
	uplink_move(u,
		silent ? "the server does not answer" : "the server cannot be reached");
}

/* Begins to look for the first choice, or gives that up for now. */
static void uplink_probe(struct uplink *u, int64_t now_ms)
{
	struct uplink_choice *c = &u->choice;
	struct err ignored;
	bool late = c->probe.dealer;
	c->probed_ms = now_ms;
	if (late || !uplink_choice_open(c, 0, &c->probe, u->context, &u->enrolment,
			    &u->keys, &ignored))
		uplink_choice_end_probe(c);
}

/* What is under way is sent again to the first choice. */
static void uplink_take_probe(struct uplink *u)
{
	if (!uplink_choice_take_probe(&u->choice, &u->socket))
		return;
	u->stats.moves++;
	uplink_connected(u);
}

static void uplink_tend(struct uplink *u, int64_t now_ms)
{
	if (!u->socket.dealer && now_ms >= u->reopen_ms)
		uplink_reopen(u);
	if (now_ms >= uplink_give_up_ms(u))
		uplink_give_up(u);
	if (now_ms >= uplink_choice_probe_ms(&u->choice, u->stats.connected))
		uplink_probe(u, now_ms);
	if (!u->stats.connected || now_ms < u->paused_ms)
		return;
	uplink_send_again(u, now_ms);
	uplink_send_new(u, now_ms);
	uplink_send_raw(u, now_ms);
}

/* When the next raw part may go; INT64_MAX while there is none. */
static int64_t uplink_raw_due_ms(const struct uplink *u)
{
	const struct uplink_ears *ears = &u->options.ears;
	if (uplink_may_send_raw(u) && ears->part(ears->context))
		return u->raw_next_ms;
	return u->raw_flights > 0 ? u->raw_sent_ms + u->options.resend_ms : INT64_MAX;
}

/* How long nothing needs to be done unless something arrives. */
static long uplink_patience(const struct uplink *u, int64_t until_ms, int64_t now_ms)
{
	int64_t next = until_ms;
	if (!u->socket.dealer && u->reopen_ms < next)
		next = u->reopen_ms;
	if (uplink_give_up_ms(u) < next)
		next = uplink_give_up_ms(u);
	if (uplink_choice_probe_ms(&u->choice, u->stats.connected) < next)
		next = uplink_choice_probe_ms(&u->choice, u->stats.connected);
	if (u->stats.connected && u->paused_ms > now_ms && u->paused_ms < next)
		next = u->paused_ms;
	for (size_t i = 0; i < u->flight_count && u->paused_ms <= now_ms; i++)
		if (u->flights[i].sent_ms + u->resend_wait_ms < next)
			next = u->flights[i].sent_ms + u->resend_wait_ms;
	int64_t raw_ms = uplink_raw_due_ms(u);
	if (raw_ms < next && u->paused_ms <= now_ms)
		next = raw_ms;
	return next > now_ms ? (long)(next - now_ms) : 0;
}

/* One wait.  False: a signal handler ran. */
static bool uplink_wait(struct uplink *u, long patience_ms, int wake_fd, bool *woken)
{
	zmq_pollitem_t items[4];
	int count = 0, probe = 0;
	if (u->socket.dealer) {
		items[count++] = (zmq_pollitem_t){u->socket.dealer, 0, ZMQ_POLLIN, 0};
		items[count++] = (zmq_pollitem_t){u->socket.monitor, 0, ZMQ_POLLIN, 0};
	}
	if (u->choice.probe.dealer) {
		probe = count;
		items[count++] = (zmq_pollitem_t){
			u->choice.probe.monitor, 0, ZMQ_POLLIN, 0};
	}
	if (wake_fd >= 0)
		items[count++] = (zmq_pollitem_t){NULL, wake_fd, ZMQ_POLLIN, 0};
	if (zmq_poll(items, count, patience_ms) < 0)
		return false;
	*woken = wake_fd >= 0 && items[count - 1].revents;
	if (u->socket.dealer && items[0].revents)
		uplink_take_receipts(u);
	if (u->socket.dealer && items[1].revents)
		uplink_take_events(u);
	if (u->choice.probe.dealer && items[probe].revents)
		uplink_take_probe(u);
	return true;
}

static bool uplink_wait_alone(int64_t until_mono_ms, int wake_fd)
{
	struct pollfd item = {wake_fd, POLLIN, 0};
	int64_t patience_ms = until_mono_ms - clock_mono_ms();
	if (patience_ms < 0)
		patience_ms = 0;
	if (patience_ms > INT32_MAX)
		patience_ms = INT32_MAX;
	return poll(&item, wake_fd >= 0, (int)patience_ms) > 0;
}

bool uplink_run(struct uplink *u, int64_t until_mono_ms, int wake_fd)
{
	if (!u)
		return uplink_wait_alone(until_mono_ms, wake_fd);
	bool woken = false;
	int64_t now_ms;
	u->ordered = false;
	do {
		now_ms = clock_mono_ms();
		uplink_tend(u, now_ms);
		long patience_ms = uplink_patience(u, until_mono_ms, now_ms);
		if (!uplink_wait(u, patience_ms, wake_fd, &woken))
			return false;
	} while (!woken && !u->ordered && now_ms < until_mono_ms);
	return woken;
}

void uplink_get_stats(const struct uplink *u, struct uplink_stats *out)
{
	*out = u->stats;
	out->in_flight = u->flight_count;
	out->server = u->choice.servers.at[u->choice.at];
	out->servers = u->choice.servers.count;
	out->rank = u->choice.at;
	int64_t now_ms = clock_mono_ms();
	if (!u->socket.dealer)
		out->retry_in_ms = u->reopen_ms > now_ms ? u->reopen_ms - now_ms : 1;
	else if (u->stats.last_hold[0] && u->paused_ms > now_ms)
		out->retry_in_ms = u->paused_ms - now_ms;
}
