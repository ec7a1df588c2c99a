#include "server/ingest/intake.h"

#include "common/clock.h"
#include "server/ingest/admit.h"
#include "server/ingest/counters.h"
#include "server/ingest/door.h"
#include "server/ingest/quota.h"
#include "server/ingest/roster.h"
#include "server/ingest/round.h"
#include "server/ingest/socket.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <zmq.h>

enum {
	/* A commit costs PostgreSQL about as much as a thousand rows: at low load wait
	 * for company, the longer the more there is, but one that comes alone does not
	 * wait long; with work at hand go on at once. */
	INTAKE_CALM_MIN_MS = 250,
	INTAKE_CALM_MAX_MS = 2000,
	INTAKE_CALM_BATCHES = 400, /* enough for one commit */
	INTAKE_REST_MS = 250,
	INTAKE_HURRY_MS = 20,
	INTAKE_ROWS_AT_ONCE = 4000,
	INTAKE_PACE_MS = 10000, /* over which company is counted */
	INTAKE_IDLE_MS = 10000,
	INTAKE_BURST = 64, /* frames between two looks at the writer */
	INTAKE_STUCK_MS = 5000,
	/* What storing one costs, in rows of samples. */
	INTAKE_SNAPSHOT_ROWS = 1000,
	INTAKE_SPELLED_BYTES_PER_ROW = 100,
	INTAKE_PART_ROWS = 2000,
	INTAKE_WARNING_ROWS = 20,
};

struct intake {
	pthread_t thread;
	bool running;
	void *data, *writer;
	struct roster *roster;
	struct arena brief; /* of one message that is turned away */
	int stop_fd;
	int64_t raw_retention_ms;
	double gather_ms; /* longest that a calm round waits for company */
	struct round *filling;
	struct quota *shares; /* of the filling round */
	struct round *spare;  /* NULL: the writer has it */
	bool writer_is_busy;
	int64_t last_handed_mono_ms, last_back_mono_ms;
	/* Batches a second, of agents other than the one that came just before: from
	 * one agent alone nobody is to be waited for. */
	double company;
	int32_t last_agent;
	uint64_t company_count; /* in the filling round */
	bool at_work;           /* the writer never has to wait for the next round */
};

/* What the scout found out, as rows of samples. */
static size_t intake_insight_rows(const struct wire_batch *batch)
{
	size_t rows = batch->source_count + batch->queue_count +
		      INTAKE_WARNING_ROWS * batch->warning_count;
	for (size_t i = 0; i < batch->fingerprint_count; i++)
		rows += batch->fingerprints[i].package_count;
	for (size_t i = 0; i < batch->census_count; i++)
		rows += batch->censuses[i].is.item_count;
	return rows;
}

/* How many samples there are, and of which metrics. */
static void intake_look_through(struct round_item *item)
{
	for (size_t i = 0; i < item->batch.tick_count; i++) {
		const struct wire_tick *tick = &item->batch.ticks[i];
		item->rows += tick->sample_count;
		item->host_present |= tick->host.present;
		for (size_t j = 0; j < tick->sample_count; j++)
			item->process_present |= tick->samples[j].values.present;
	}
}

/* The batch of an upload that is well-formed itself. */
static bool intake_open_batch(
	struct intake *in, struct round_item *item, struct arena *a, struct err *e)
{
	if (!admit_upload(&item->upload, e))
		return false;
	if (item->upload.raw) {
		item->rows = INTAKE_PART_ROWS;
		return true;
	}
	if (!wire_batch_decode(item->upload.batch, item->upload.batch_length,
		    item->arrived_ms, a, &item->batch, e))
		return false;
	if (!admit_times(&item->batch, item->arrived_ms, in->raw_retention_ms, e))
		return false;
	item->newest_ms = admit_newest_ms(&item->batch);
	intake_look_through(item);
	/* A process that is new costs more than a sample. */
	item->rows += item->batch.process_count;
	item->rows += intake_insight_rows(&item->batch);
	for (size_t i = 0; i < item->batch.snapshot_count; i++)
		item->rows += INTAKE_SNAPSHOT_ROWS +
			      wire_snapshot_spelled(&item->batch.snapshots[i].is) /
				      INTAKE_SPELLED_BYTES_PER_ROW;
	return true;
}

/* For the owner of an agent whose batches are refused for their times. */
static void intake_note_skew(const struct intake *in, struct round_item *item)
{
	struct err ignored;
	int64_t at_ms, now_ms = item->arrived_ms;
	if (!wire_batch_time(
		    item->upload.batch, item->upload.batch_length, &at_ms, &ignored))
		return;
	item->has_skew = (at_ms > now_ms + WIRE_TIME_AHEAD_MS ||
				 at_ms < now_ms - in->raw_retention_ms) &&
			 !__builtin_sub_overflow(at_ms, now_ms, &item->skew_ms);
}

/* One frame of an agent becomes an item of the round, good or not. */
static void intake_take(struct intake *in, int32_t agent_id, zmq_msg_t *peer,
	zmq_msg_t *body, bool whole)
{
	struct round *round = in->filling;
	struct arena *a = &round->arena;
	struct round_item *item = round_add(round);
	struct err e;
	void *name = arena_alloc(a, zmq_msg_size(peer) + 1);
	memcpy(name, zmq_msg_data(peer), zmq_msg_size(peer));
	item->peer = name;
	item->peer_length = zmq_msg_size(peer);
	item->agent_id = agent_id;
	in->company_count += agent_id != in->last_agent;
	in->last_agent = agent_id;
	item->arrived_ms = clock_unix_ms();
	item->frame_bytes = zmq_msg_size(body);
	counters_add(COUNTERS_FRAMES, 1);
	counters_add(COUNTERS_FRAME_BYTES, item->frame_bytes);

	bool ok = whole || err_set(&e, ERR_INPUT, "a message of several frames");
	if (ok) {
		ok = wire_upload_decode(
			zmq_msg_data(body), zmq_msg_size(body), a, &item->upload, &e);
		item->answerable = ok;
	}
	if (ok && !intake_open_batch(in, item, a, &e)) {
		ok = false;
		item->batch = (struct wire_batch){0};
		item->rows = 0;
		if (!item->upload.raw)
			intake_note_skew(in, item);
	}
	if (!ok) {
		item->fate = e.kind == ERR_BUSY ? WIRE_HELD : WIRE_REFUSED;
		item->reason = arena_strdup(a, e.text);
		return;
	}
	round->rows += item->rows;
	if (item->upload.spool_bytes > 4 * item->frame_bytes)
		round->hurry = true;
}

/* One agent alone must not fill a round. */
static bool intake_has_room(struct intake *in, int32_t agent_id)
{
	if (round_is_full(in->filling) || quota_is_spent(in->shares, agent_id, 0))
		return false;
	quota_spend(in->shares, agent_id, 1, 0);
	return true;
}

static void intake_answer(
	struct intake *in, zmq_msg_t *peer, const struct wire_receipt *receipt)
{
	struct buf frame = {0};
	wire_receipt_encode(receipt, &frame);
	if (zmq_send(in->data, zmq_msg_data(peer), zmq_msg_size(peer),
		    ZMQ_SNDMORE | ZMQ_DONTWAIT) >= 0)
		zmq_send(in->data, frame.data, frame.length, ZMQ_DONTWAIT);
	buf_finish(&frame);
}

/* Only what the answer needs is read: which batch it is. */
static void intake_turn_away(
	struct intake *in, zmq_msg_t *peer, zmq_msg_t *body, bool whole)
{
	struct err ignored;
	struct wire_upload upload;
	counters_add(COUNTERS_FRAMES_REVOKED, 1);
	if (whole && wire_upload_decode(zmq_msg_data(body), zmq_msg_size(body),
			     &in->brief, &upload, &ignored))
		intake_answer(in, peer,
			&(struct wire_receipt){.epoch = upload.epoch,
				.sequence = upload.sequence,
				.fate = WIRE_HELD,
				.reason = WIRE_REVOKED});
	arena_reset(&in->brief);
}

/* One message from the socket; false when none is there.  What a full round has no
 * room for is dropped: its agent has it in the spool and sends it again. */
static bool intake_receive(struct intake *in)
{
	zmq_msg_t peer, body, extra;
	zmq_msg_init(&peer);
	zmq_msg_init(&body);
	zmq_msg_init(&extra);
	bool got = zmq_msg_recv(&peer, in->data, ZMQ_DONTWAIT) >= 0;
	bool has_body = got && zmq_msg_more(&peer) &&
			zmq_msg_recv(&body, in->data, ZMQ_DONTWAIT) >= 0;
	bool whole = has_body && !zmq_msg_more(&body);
	for (bool more = has_body && !whole; more; more = zmq_msg_more(&extra))
		if (zmq_msg_recv(&extra, in->data, ZMQ_DONTWAIT) < 0)
			break;
	/* The id that ZAP gave the connection's key; there is no other identity. */
	const char *user = has_body ? zmq_msg_gets(&body, "User-Id") : NULL;
	int32_t agent_id = user ? (int32_t)strtol(user, NULL, 10) : 0;
	if (agent_id > 0 && !roster_has(in->roster, agent_id))
		intake_turn_away(in, &peer, &body, whole);
	else if (agent_id > 0 && intake_has_room(in, agent_id))
		intake_take(in, agent_id, &peer, &body, whole);
	else if (agent_id > 0)
		counters_add(COUNTERS_FRAMES_DROPPED, 1);
	zmq_msg_close(&peer);
	zmq_msg_close(&body);
	zmq_msg_close(&extra);
	return got;
}

static void intake_send_receipts(struct intake *in, const struct round *round)
{
	struct buf frame = {0};
	for (size_t i = 0; i < round->count; i++) {
		const struct round_item *item = round->items[i];
		if (!item->answerable || item->fate == ROUND_PENDING)
			continue;
		buf_reset(&frame);
		wire_receipt_encode(
			&(struct wire_receipt){
				.epoch = item->upload.epoch,
				.sequence = item->upload.sequence,
				.fate = item->fate,
				.reason = item->reason ? item->reason : "",
				.orders = item->orders,
				.order_count = item->order_count,
				.settings = item->settings,
			},
			&frame);
		/* An agent that is gone, or does not read, sends the batch again. */
		if (zmq_send(in->data, item->peer, item->peer_length,
			    ZMQ_SNDMORE | ZMQ_DONTWAIT) >= 0)
			zmq_send(in->data, frame.data, frame.length, ZMQ_DONTWAIT);
	}
	buf_finish(&frame);
}

/* The round that the writer has settled, or NULL. */
static struct round *intake_take_back(struct intake *in, int flags)
{
	struct round *round;
	int n;
	do
		n = zmq_recv(in->writer, &round, sizeof round, flags);
	while (n < 0 && zmq_errno() == EINTR);
	if (n != sizeof round)
		return NULL;
	in->writer_is_busy = false;
	in->last_back_mono_ms = clock_mono_ms();
	round_take(round);
	return round;
}

static void intake_count_company(struct intake *in, int64_t passed_ms)
{
	if (passed_ms > INTAKE_PACE_MS)
		passed_ms = INTAKE_PACE_MS;
	in->company *= 1 - (double)passed_ms / INTAKE_PACE_MS;
	in->company += (double)in->company_count * 1000 / INTAKE_PACE_MS;
	in->company_count = 0;
}

static void intake_hand_over(struct intake *in, struct round *round)
{
	int64_t now_ms = clock_mono_ms();
	intake_count_company(in, now_ms - in->last_handed_mono_ms);
	in->at_work = round->hurry ||
		      (round->rows >= INTAKE_ROWS_AT_ONCE &&
			      now_ms - in->last_back_mono_ms < INTAKE_HURRY_MS);
	in->writer_is_busy = true;
	in->last_handed_mono_ms = now_ms;
	round_give(round);
	BUG_ON(zmq_send(in->writer, &round, sizeof round, 0) < 0);
}

/* From one round to the next.  Half a second for each batch that comes in a second, so
 * that there are about as many of them in a round as there are rounds in a minute;
 * within bounds, and not until there are too many for one commit. */
static int64_t intake_gap_ms(const struct intake *in)
{
	if (in->filling->hurry)
		return INTAKE_HURRY_MS;
	double gap_ms = in->company * 500;
	double enough_ms = INTAKE_CALM_BATCHES * 1000.0 / (in->company + 1);
	if (gap_ms < INTAKE_CALM_MIN_MS)
		gap_ms = INTAKE_CALM_MIN_MS;
	if (gap_ms > in->gather_ms)
		gap_ms = in->gather_ms;
	return (int64_t)(gap_ms < enough_ms ? gap_ms : enough_ms);
}

/* How long the next round is not due, whatever comes. */
static int64_t intake_left_ms(const struct intake *in)
{
	int64_t left_ms = in->last_handed_mono_ms + intake_gap_ms(in) - clock_mono_ms();
	return left_ms > 0 ? left_ms : 0;
}

/* How long the round that is being filled should still wait; 0: go. */
static int64_t intake_wait_ms(const struct intake *in)
{
	const struct round *round = in->filling;
	if (in->writer_is_busy || round->count == 0)
		return in->writer_is_busy ? INTAKE_STUCK_MS : INTAKE_IDLE_MS;
	if (round->rows >= INTAKE_ROWS_AT_ONCE || round_is_full(round))
		return 0;
	return intake_left_ms(in);
}

/* Between rounds of a calm fleet what comes waits a while in its socket, and is read in
 * one go: to wake up for each frame costs more than to read it.  Not for long, since it
 * counts as arrived when it is read. */
static int64_t intake_rest_ms(const struct intake *in)
{
	if (in->writer_is_busy || in->at_work || in->filling->hurry)
		return 0;
	int64_t left_ms = intake_left_ms(in);
	return left_ms < INTAKE_REST_MS ? left_ms : INTAKE_REST_MS;
}

/* The writer gets its next round before the receipts of the last one are sent. */
static void intake_turn(struct intake *in)
{
	struct round *settled = intake_take_back(in, ZMQ_DONTWAIT);
	struct round *due = intake_wait_ms(in) == 0 ? in->filling : NULL;
	if (due)
		intake_hand_over(in, due);
	if (settled) {
		intake_send_receipts(in, settled);
		round_reset(settled);
		in->spare = settled;
	}
	if (due) {
		in->filling = in->spare;
		in->spare = NULL;
		quota_clear(in->shares);
	}
}

/* The last rounds: both are settled, or given back unsettled by a writer that cannot
 * reach its database. */
static void intake_finish(struct intake *in)
{
	struct round *end = NULL;
	if (in->writer_is_busy) {
		in->spare = intake_take_back(in, 0);
		intake_send_receipts(in, in->spare);
	}
	if (in->filling->count > 0) {
		intake_hand_over(in, in->filling);
		intake_send_receipts(in, intake_take_back(in, 0));
	}
	BUG_ON(zmq_send(in->writer, &end, sizeof end, 0) < 0);
}

/* A full round waits for a writer that is merely busy: TCP holds the agents back.  When
 * the writer is stuck it reads on, and drops: what is left unread is kept by libzmq,
 * once more for each time that its agent reconnects. */
static bool intake_is_reading(const struct intake *in)
{
	bool stuck = in->writer_is_busy &&
		     clock_mono_ms() >= in->last_handed_mono_ms + INTAKE_STUCK_MS;
	return stuck || !round_is_full(in->filling);
}

static void intake_read(struct intake *in)
{
	int most = in->writer_is_busy ? INTAKE_BURST : ROUND_ITEMS_MAX;
	roster_hear(in->roster);
	for (int i = 0; i < most && intake_is_reading(in); i++)
		if (!intake_receive(in))
			break;
}

static void *intake_run(void *argument)
{
	struct intake *in = argument;
	for (;;) {
		zmq_pollitem_t items[] = {
			{.fd = in->stop_fd, .events = ZMQ_POLLIN},
			{.socket = in->writer, .events = ZMQ_POLLIN},
			{.socket = in->data, .events = ZMQ_POLLIN},
		};
		int64_t rest_ms = intake_rest_ms(in);
		bool reading = rest_ms == 0 && intake_is_reading(in);
		zmq_poll(
			items, reading ? 3 : 2, rest_ms ? rest_ms : intake_wait_ms(in));
		if (items[0].revents) {
			intake_finish(in);
			return NULL;
		}
		intake_read(in);
		intake_turn(in);
	}
}

struct intake *intake_start(const struct intake_options *options, struct err *e)
{
	struct intake *in = calloc(1, sizeof *in);
	BUG_ON(!in);
	in->writer = options->writer;
	in->roster = options->roster;
	arena_init(&in->brief);
	in->stop_fd = options->stop_fd;
	in->raw_retention_ms = options->raw_retention_ms;
	in->gather_ms = (double)(options->gather_ms ? options->gather_ms
						    : INTAKE_CALM_MAX_MS);
	in->shares = quota_create(ROUND_ITEMS_PER_AGENT_MAX, INT64_MAX);
	in->filling = round_create();
	in->spare = round_create();
	in->data = socket_open(options->zmq, DOOR_DOMAIN_DATA, options->secret_key,
		WIRE_FRAME_BYTES_MAX, e);
	if (!in->data || !socket_bind(in->data, options->host, options->port, e)) {
		struct round *end = NULL;
		zmq_send(in->writer, &end, sizeof end, 0);
		intake_stop(in);
		return NULL;
	}
	BUG_ON(pthread_create(&in->thread, NULL, intake_run, in) != 0);
	in->running = true;
	pthread_setname_np(in->thread, "intake");
	return in;
}

bool intake_wait(struct intake *in, int64_t timeout_ms)
{
	struct timespec until;
	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += timeout_ms / 1000;
	if (in->running && pthread_timedjoin_np(in->thread, NULL, &until) != 0)
		return false;
	in->running = false;
	return true;
}

void intake_stop(struct intake *in)
{
	if (!in)
		return;
	if (in->running)
		pthread_join(in->thread, NULL);
	if (in->data)
		zmq_close(in->data);
	zmq_close(in->writer);
	quota_destroy(in->shares);
	arena_finish(&in->brief);
	round_destroy(in->filling);
	round_destroy(in->spare);
	free(in);
}
