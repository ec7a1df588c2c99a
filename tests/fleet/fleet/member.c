#include "tests/fleet/fleet/member.h"

#include "schema/wire.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>

enum {
	MEMBER_RESEND_MAX_MS = 5 * 60 * 1000,
	MEMBER_BACKOFF_MIN_MS = 5 * 1000,
	MEMBER_BACKOFF_MAX_MS = 10 * 60 * 1000,
	/* Not connected for so long, and up to as much again: a new socket.  An agent
	 * hears at once of a handshake that failed, after 5 to 10 s, and tries again
	 * within 5 s; libzmq alone does not. */
	MEMBER_REOPEN_MS = 8 * 1000,
	MEMBER_REOPEN_MAX_MS = 30 * 1000,
};

void member_init(struct member *m, struct member_fleet *fleet, uint32_t number,
	struct service *services, int64_t begin_ms)
{
	const struct options *o = fleet->options;
	uint8_t seed[crypto_box_SEEDBYTES] = "tidemark fleet";
	uint64_t host = o->first + number;
	*m = (struct member){.fleet = fleet,
		.number = number,
		.line.fd = -1,
		.hold_ms = MEMBER_BACKOFF_MIN_MS,
		.patience_ms = MEMBER_REOPEN_MS,
		.resend_ms = o->resend_ms};
	memcpy(seed + 16, &o->seed, 8);
	memcpy(seed + 24, &host, 8);
	crypto_box_seed_keypair(m->public_key, m->secret_key, seed);
	randombytes_buf(&m->epoch, sizeof m->epoch);
	m->epoch >>= 1;
	machine_init(&m->machine, o, services, number, m->public_key, begin_ms);
	backlog_init(&m->backlog);
}

void member_finish(struct member *m)
{
	line_close(&m->line);
	backlog_finish(&m->backlog);
	machine_finish(&m->machine);
	sodium_memzero(m->secret_key, sizeof m->secret_key);
}

static void member_be_patient(struct member *m, int64_t now_ms)
{
	m->reopen_ms = now_ms + m->patience_ms +
		       randombytes_uniform((uint32_t)m->patience_ms);
}

bool member_connect(struct member *m, int64_t now_ms, struct err *e)
{
	struct member_fleet *f = m->fleet;
	struct epoll_event event = {.events = EPOLLIN, .data.ptr = m};
	const struct line_peer peer = {f->host, m->port, f->options->first + m->number,
		f->options->token.public_key, m->public_key, m->secret_key};
	if (m->line.socket)
		epoll_ctl(f->epoll, EPOLL_CTL_DEL, m->line.fd, NULL);
	line_close(&m->line);
	member_be_patient(m, now_ms);
	if (!line_open(&m->line, f->zmq, &peer, e))
		return false;
	BUG_ON(epoll_ctl(f->epoll, EPOLL_CTL_ADD, m->line.fd, &event) != 0);
	return true;
}

void member_read(struct member *m, int64_t at_ms, int64_t now_ms)
{
	struct member_fleet *f = m->fleet;
	uint32_t samples = machine_batch(
		&m->machine, at_ms, f->options->ticks, &f->arena, &f->batch);
	arena_reset(&f->arena);
	struct err ignored;
	/* Hosts do not start in the same instant. */
	if (!m->line.socket && !m->reopen_ms)
		member_connect(m, now_ms, &ignored);
	backlog_append(
		&m->backlog, &f->batch, samples, now_ms, f->options->spool_bytes);
	m->samples += samples;
	f->totals.made++;
	f->totals.host_samples += f->options->ticks;
	f->totals.made_samples += samples;
}

/* From now, with full jitter; the next time it is longer. */
static void member_pause(struct member *m, int64_t now_ms)
{
	m->paused_ms = now_ms + 1 + randombytes_uniform((uint32_t)m->hold_ms);
	m->hold_ms = 2 * m->hold_ms < MEMBER_BACKOFF_MAX_MS ? 2 * m->hold_ms
							    : MEMBER_BACKOFF_MAX_MS;
}

static void member_note(struct member *m, const struct wire_receipt *receipt)
{
	snprintf(m->fleet->totals.last_reason, MEMBER_REASON_MAX, "sim-%03u: %.120s",
		m->fleet->options->first + m->number, receipt->reason);
}

static void member_settle(struct member *m, const struct wire_receipt *receipt)
{
	struct member_totals *t = &m->fleet->totals;
	int64_t samples = backlog_settle(&m->backlog, receipt->sequence);
	m->holding = false;
	m->hold_ms = MEMBER_BACKOFF_MIN_MS;
	if (samples < 0)
		return;
	if (receipt->fate == WIRE_REFUSED) {
		t->refused++;
		member_note(m, receipt);
		return;
	}
	t->stored += receipt->fate == WIRE_STORED;
	t->repeated += receipt->fate == WIRE_REPEATED;
	t->settled_samples += (uint64_t)samples;
	m->settled_samples += (uint64_t)samples;
}

static void member_apply(
	struct member *m, const struct wire_receipt *receipt, int64_t now_ms)
{
	m->resend_ms = m->fleet->options->resend_ms;
	m->answered = true;
	m->doubted = false;
	if (receipt->fate != WIRE_HELD) {
		member_settle(m, receipt);
		return;
	}
	/* The first one speaks for all that are under way. */
	m->fleet->totals.held++;
	if (m->backlog.under_way == 0)
		return;
	member_note(m, receipt);
	backlog_rewind(&m->backlog);
	m->holding = true;
	member_pause(m, now_ms);
}

static void member_receive(struct member *m, int64_t now_ms)
{
	struct member_fleet *f = m->fleet;
	struct wire_receipt receipt;
	struct err ignored;
	zmq_msg_t frame;
	zmq_msg_init(&frame);
	while (line_receive(&m->line, &frame)) {
		if (wire_receipt_decode(zmq_msg_data(&frame), zmq_msg_size(&frame),
			    &f->arena, &receipt, &ignored) &&
			receipt.epoch == m->epoch)
			member_apply(m, &receipt, now_ms);
		else
			f->totals.strange++;
		arena_reset(&f->arena);
	}
	zmq_msg_close(&frame);
}

static bool member_send(struct member *m, struct backlog_batch *batch, int64_t now_ms)
{
	struct member_fleet *f = m->fleet;
	const struct wire_upload upload = {
		.protocol = WIRE_PROTOCOL,
		.agent_version = TIDEMARK_VERSION,
		.epoch = m->epoch,
		.sequence = batch->sequence,
		.oldest = backlog_oldest(&m->backlog),
		.spool_bytes = m->backlog.bytes,
		.batch = batch->bytes,
		.batch_length = batch->length,
	};
	buf_reset(&f->frame);
	wire_upload_encode(&upload, &f->frame);
	if (!line_send(&m->line, f->frame.data, f->frame.length))
		return false;
	f->totals.sent++;
	f->totals.resent += batch->tried;
	batch->tried = true;
	backlog_sent(&m->backlog, batch, now_ms);
	return true;
}

static void member_send_new(struct member *m, int64_t now_ms)
{
	uint32_t most = m->doubted || m->holding ? 1 : MEMBER_WINDOW;
	struct backlog_batch *batch;
	while (m->connected && now_ms >= m->paused_ms && m->backlog.under_way < most &&
		(batch = backlog_next(&m->backlog)))
		if (!member_send(m, batch, now_ms))
			return;
}

/* Notes whether the connection came or went. */
static int member_look(struct member *m, int64_t now_ms)
{
	struct member_totals *t = &m->fleet->totals;
	int events = line_events(&m->line);
	bool up = events & ZMQ_POLLOUT;
	if (up && !m->connected) {
		t->connects++;
		t->reconnects += m->was_connected;
		t->connected++;
		m->was_connected = true;
		m->patience_ms = MEMBER_REOPEN_MS;
		m->answered = false;
		m->paused_ms = 0;
		m->resend_ms = m->fleet->options->resend_ms;
		backlog_rewind(&m->backlog);
	}
	if (!up && m->connected) {
		t->connected--;
		member_be_patient(m, now_ms);
		m->doubted |= !m->answered && m->backlog.under_way > 0;
		backlog_rewind(&m->backlog);
	}
	m->connected = up;
	return events;
}

void member_turn(struct member *m, int64_t now_ms)
{
	/* Sending takes in what has arrived, without another signal of the descriptor.
	 */
	do {
		member_look(m, now_ms);
		member_receive(m, now_ms);
		member_send_new(m, now_ms);
	} while (member_look(m, now_ms) & ZMQ_POLLIN);
}

static void member_send_again(struct member *m, int64_t now_ms)
{
	bool any = false;
	for (uint32_t i = 0; i < m->backlog.unsent; i++) {
		struct backlog_batch *batch = backlog_at(&m->backlog, i);
		if (!batch->bytes || !batch->sent_ms ||
			now_ms - batch->sent_ms < m->resend_ms)
			continue;
		if (!member_send(m, batch, now_ms))
			break;
		any = true;
	}
	if (any && (m->resend_ms *= 2) > MEMBER_RESEND_MAX_MS)
		m->resend_ms = MEMBER_RESEND_MAX_MS;
}

void member_tend(struct member *m, int64_t now_ms)
{
	struct err ignored;
	if (!m->connected && m->reopen_ms && now_ms >= m->reopen_ms) {
		m->fleet->totals.reopened++;
		if ((m->patience_ms *= 2) > MEMBER_REOPEN_MAX_MS)
			m->patience_ms = MEMBER_REOPEN_MAX_MS;
		member_connect(m, now_ms, &ignored);
		return;
	}
	if (!m->connected || now_ms < m->paused_ms)
		return;
	if (m->backlog.under_way > 0)
		member_send_again(m, now_ms);
	if (m->backlog.under_way < m->backlog.waiting)
		member_turn(m, now_ms);
}
