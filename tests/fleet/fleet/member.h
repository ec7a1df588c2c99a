/*
 * Member: one agent of the simulated fleet: keys, machine, backlog and connection.
 *
 * Sends as agent/uplink does: a window of batches under way, forgotten on their receipt
 * in any order, sent again after a reconnect or without a receipt, held back after a
 * held one.  Belongs to its caller; one thread.
 */
#ifndef TIDEMARK_TESTS_FLEET_FLEET_MEMBER_H
#define TIDEMARK_TESTS_FLEET_FLEET_MEMBER_H

#include "tests/fleet/fleet/backlog.h"
#include "tests/fleet/fleet/line.h"
#include "tests/fleet/fleet/machine.h"

enum { MEMBER_WINDOW = 16, MEMBER_REASON_MAX = 160 };

/* Of all members together. */
struct member_totals {
	uint64_t host_samples;
	uint64_t made, made_samples; /* batches, and readings of processes in them */
	uint64_t sent, resent;       /* frames; of them again */
	uint64_t stored, repeated, refused, held, strange;
	uint64_t settled_samples; /* in batches that were stored or repeated */
	uint64_t connects, reconnects, reopened;
	uint32_t connected;
	char last_reason[MEMBER_REASON_MAX]; /* of the newest that was refused or held
					      */
};

/* What all members share. */
struct member_fleet {
	const struct options *options;
	void *zmq;
	const char *host; /* where batches go */
	int epoll;        /* gets the members' descriptors, with the member as data */
	struct arena arena;
	struct buf batch, frame;
	struct member_totals totals;
};

struct member {
	struct member_fleet *fleet;
	uint32_t number;
	uint8_t public_key[32], secret_key[32];
	int32_t agent_id;
	uint16_t port;
	uint64_t epoch;
	struct machine machine;
	struct backlog backlog;
	struct line line;
	bool connected, answered, doubted, holding, was_connected;
	int64_t paused_ms, hold_ms, resend_ms;
	int64_t reopen_ms, patience_ms; /* when a new socket is made; 0: none yet */
	uint64_t samples, settled_samples;
};

/* Keys follow from the seed and the number: the same fleet is the same agents. */
void member_init(struct member *m, struct member_fleet *fleet, uint32_t number,
	struct service *services, int64_t begin_ms);
void member_finish(struct member *m);

/* With a new socket. */
bool member_connect(struct member *m, int64_t now_ms, struct err *e);

/* Makes the next batch, the first reading at at_ms; connects before the first one. */
void member_read(struct member *m, int64_t at_ms, int64_t now_ms);

/* Receives, sends what may be sent; whenever its descriptor is readable. */
void member_turn(struct member *m, int64_t now_ms);

/* What is due by time alone; a few times a second. */
void member_tend(struct member *m, int64_t now_ms);

#endif
