#include "server/ingest/door.h"

#include "common/clock.h"
#include "common/log.h"
#include "schema/wire.h"
#include "server/ingest/counters.h"
#include "server/ingest/enrol.h"
#include "server/ingest/keyring.h"
#include "server/ingest/limiter.h"
#include "server/ingest/notice.h"
#include "server/ingest/socket.h"
#include "server/ingest/zap.h"
#include "server/store/roles.h"

#include <pthread.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zmq.h>

enum {
	DOOR_REFRESH_MS = 60000,
	DOOR_RELOAD_MS =
		100, /* a fleet that enrols changes the keys many times a second */
	DOOR_RETRY_MS = 1000, /* the database is away */
	DOOR_ENROL_FRAME_MAX = 64 * 1024,
	DOOR_STATEMENT_MS = 1000,
	DOOR_ANSWER_MS = 1500,
	DOOR_CONNECT_S = 2,
	DOOR_SLOW_MS = 500,
	DOOR_NOTICE_MS = 60000,
	DOOR_GRACE_MS = 1000, /* for a call to the database, when stopping */
};

struct door {
	pthread_t thread;
	bool running;
	void *zap, *enrol, *roster;
	int stop_fd;
	uint16_t data_port;
	struct endpoints servers;
	struct db *db;
	struct keyring *keys;
	struct limiter *limiter;
	struct notice *notice;
	struct arena arena; /* of one message */
	int64_t last_load_mono_ms, next_load_mono_ms;
	int64_t next_enrol_mono_ms; /* the database was slow to fail */
	bool database_is_away;
};

/* Returns why not, or NULL with `user_id` written. */
static const char *door_judge(
	struct door *d, const struct zap_request *r, char *user_id, size_t size)
{
	if (!r->well_formed)
		return "malformed";
	if (strcmp(r->domain, DOOR_DOMAIN_DATA) == 0) {
		int32_t agent_id = keyring_find(d->keys, r->public_key);
		snprintf(user_id, size, "%d", agent_id);
		return agent_id ? NULL : "unknown key";
	}
	if (strcmp(r->domain, DOOR_DOMAIN_ENROL) == 0) {
		if (!limiter_allow(d->limiter, r->address, clock_mono_ms()))
			return "too many attempts";
		sodium_bin2hex(user_id, size, r->public_key, sizeof r->public_key);
		return NULL;
	}
	return "unknown domain";
}

static void door_say_denied(
	struct door *d, const struct zap_request *r, const char *reason)
{
	if (notice_is_due(d->notice, r->address, reason, clock_mono_ms()))
		log_warn("%s: connection from %s denied: %s", r->domain, r->address,
			reason);
}

static void door_answer_zap(struct door *d)
{
	struct zap_request request;
	while (zap_receive(d->zap, &request)) {
		char user_id[2 * ZAP_KEY_BYTES + 1];
		const char *reason = door_judge(d, &request, user_id, sizeof user_id);
		counters_add(reason ? COUNTERS_HANDSHAKES_REFUSED
				    : COUNTERS_HANDSHAKES_ACCEPTED,
			1);
		if (reason)
			door_say_denied(d, &request, reason);
		zap_reply(d->zap, &request, reason ? NULL : user_id, reason);
	}
}

static void door_reply(struct door *d, const struct wire_enrol_reply *reply,
	const void *peer, size_t peer_length)
{
	struct buf frame = {0};
	wire_enrol_reply_encode(reply, &frame);
	if (zmq_send(d->enrol, peer, peer_length, ZMQ_SNDMORE | ZMQ_DONTWAIT) >= 0)
		zmq_send(d->enrol, frame.data, frame.length, ZMQ_DONTWAIT);
	buf_finish(&frame);
}

static void door_enrol(struct door *d, zmq_msg_t *peer, zmq_msg_t *body)
{
	struct wire_enrol_reply reply = {.error = "too many attempts; try later"};
	uint8_t key[WIRE_KEY_BYTES];
	const char *user = zmq_msg_gets(body, "User-Id");
	const char *address = zmq_msg_gets(body, "Peer-Address");
	size_t length = 0;
	if (!user || !address ||
		sodium_hex2bin(key, sizeof key, user, strlen(user), NULL, &length,
			NULL) != 0 ||
		length != sizeof key)
		return;
	int64_t start_ms = clock_mono_ms();
	bool allowed = limiter_allow(d->limiter, address, start_ms);
	if (allowed && start_ms < d->next_enrol_mono_ms)
		reply.error = "the server cannot reach its database; try later";
	else if (allowed)
		enrol_answer(d->db, zmq_msg_data(body), zmq_msg_size(body), key,
			d->data_port, &d->arena, &reply);
	/* Most of the door's time is for those who are enrolled. */
	if (!reply.agent_id && clock_mono_ms() - start_ms >= DOOR_SLOW_MS)
		d->next_enrol_mono_ms = 4 * clock_mono_ms() - 3 * start_ms;
	if (reply.agent_id) {
		reply.servers = d->servers;
		keyring_add(d->keys, key, (int32_t)reply.agent_id);
		counters_add(COUNTERS_ENROLLED, 1);
		log_info("agent %u enrolled from %s", reply.agent_id, address);
	} else {
		counters_add(COUNTERS_ENROL_REFUSED, 1);
		if (allowed) /* else a stranger could fill the log */
			log_warn("enrolment from %s refused: %s", address, reply.error);
	}
	door_reply(d, &reply, zmq_msg_data(peer), zmq_msg_size(peer));
	arena_reset(&d->arena);
}

/* One message: the peer's name, then one frame.  More frames are not ours. */
static bool door_receive_enrol(struct door *d)
{
	zmq_msg_t peer, body, extra;
	zmq_msg_init(&peer);
	zmq_msg_init(&body);
	zmq_msg_init(&extra);
	bool got = zmq_msg_recv(&peer, d->enrol, ZMQ_DONTWAIT) >= 0;
	bool whole = got && zmq_msg_more(&peer) &&
		     zmq_msg_recv(&body, d->enrol, ZMQ_DONTWAIT) >= 0 &&
		     !zmq_msg_more(&body);
	bool more = got && !whole && (zmq_msg_more(&body) || zmq_msg_more(&peer));
	while (more && zmq_msg_recv(&extra, d->enrol, ZMQ_DONTWAIT) >= 0)
		more = zmq_msg_more(&extra);
	if (whole)
		door_enrol(d, &peer, &body);
	zmq_msg_close(&peer);
	zmq_msg_close(&body);
	zmq_msg_close(&extra);
	return got;
}

/* Hears whether keys have changed; several notices are one. */
static bool door_listen(struct door *d, bool *changed, struct err *e)
{
	bool ok;
	char *payload;
	*changed = false;
	while ((ok = db_wait(d->db, 0, &d->arena, &payload, e)) && payload)
		*changed = true;
	arena_reset(&d->arena);
	return ok;
}

/* Loads the keys anew when they have changed, or when it is time. */
static void door_refresh(struct door *d)
{
	struct err e;
	int64_t start_ms = clock_mono_ms();
	bool due = start_ms >= d->next_load_mono_ms;
	if (d->database_is_away && !due)
		return;
	bool changed;
	bool ok = door_listen(d, &changed, &e);
	if (ok && changed && !due) {
		int64_t soon_ms = d->last_load_mono_ms + DOOR_RELOAD_MS;
		if (soon_ms < d->next_load_mono_ms)
			d->next_load_mono_ms = soon_ms;
		due = start_ms >= soon_ms;
	}
	if (ok && due)
		ok = keyring_load(d->keys, d->db, &e);
	int64_t end_ms = clock_mono_ms();
	if (ok && due) {
		d->last_load_mono_ms = end_ms;
		d->next_load_mono_ms = end_ms + DOOR_REFRESH_MS;
	}
	/* A database that takes long to be found away must not keep the door shut. */
	if (!ok)
		d->next_load_mono_ms = end_ms + DOOR_RETRY_MS + 4 * (end_ms - start_ms);
	if (!ok && !d->database_is_away)
		log_warn("keys cannot be refreshed: %s", e.text);
	d->database_is_away = !ok;
}

static void *door_run(void *argument)
{
	struct door *d = argument;
	for (;;) {
		zmq_pollitem_t items[] = {
			{.fd = d->stop_fd, .events = ZMQ_POLLIN},
			{.socket = d->zap, .events = ZMQ_POLLIN},
			{.socket = d->enrol, .events = ZMQ_POLLIN},
			{.fd = db_socket(d->db), .events = ZMQ_POLLIN},
		};
		int count = items[3].fd >= 0 && !d->database_is_away ? 4 : 3;
		int64_t wait_ms = d->next_load_mono_ms - clock_mono_ms();
		zmq_poll(items, count, wait_ms > 0 ? wait_ms : 0);
		if (items[0].revents)
			return NULL;
		door_answer_zap(d);
		while (door_receive_enrol(d))
			door_answer_zap(d);
		door_refresh(d);
	}
}

static bool door_open(struct door *d, const struct door_options *options, struct err *e)
{
	d->db = db_create(&(struct db_options){.uri = options->database,
		.application_name = "tidemark door",
		.role = ROLES_INGEST,
		.statement_timeout_ms = DOOR_STATEMENT_MS,
		.answer_timeout_ms = DOOR_ANSWER_MS,
		.connect_timeout_s = DOOR_CONNECT_S});
	if (!db_listen(d->db, "keys", e) || !keyring_load(d->keys, d->db, e))
		return false;
	d->next_load_mono_ms = clock_mono_ms() + DOOR_REFRESH_MS;
	d->zap = zmq_socket(options->zmq, ZMQ_REP);
	if (!d->zap || zmq_bind(d->zap, ZAP_ENDPOINT) != 0)
		return err_set(e, ERR_IO, "zap socket: %s", zmq_strerror(zmq_errno()));
	d->enrol = socket_open(options->zmq, DOOR_DOMAIN_ENROL, options->secret_key,
		DOOR_ENROL_FRAME_MAX, e);
	return d->enrol && socket_bind(d->enrol, options->host, options->enrol_port, e);
}

struct door *door_start(const struct door_options *options, struct err *e)
{
	struct door *d = calloc(1, sizeof *d);
	BUG_ON(!d);
	arena_init(&d->arena);
	d->stop_fd = options->stop_fd;
	d->data_port = options->data_port;
	d->servers = *options->servers;
	d->roster = options->roster;
	d->keys = keyring_create(d->roster);
	d->limiter = limiter_create();
	d->notice = notice_create(DOOR_NOTICE_MS);
	if (!door_open(d, options, e)) {
		door_stop(d);
		return NULL;
	}
	BUG_ON(pthread_create(&d->thread, NULL, door_run, d) != 0);
	d->running = true;
	pthread_setname_np(d->thread, "door");
	return d;
}

void door_stop(struct door *d)
{
	if (!d)
		return;
	if (d->running)
		db_join(d->db, d->thread, DOOR_GRACE_MS);
	if (d->enrol)
		zmq_close(d->enrol);
	if (d->zap)
		zmq_close(d->zap);
	if (d->roster)
		zmq_close(d->roster);
	db_destroy(d->db);
	keyring_destroy(d->keys);
	limiter_destroy(d->limiter);
	notice_destroy(d->notice);
	arena_finish(&d->arena);
	free(d);
}
