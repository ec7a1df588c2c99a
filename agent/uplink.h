/*
 * Uplink: carries the spool's batches to the server and forgets what it committed.
 *
 * A DEALER socket with CURVE.  Up to a window of batches is under way; a receipt
 * (stored, repeated or refused) makes the spool forget its batch, in any order; a
 * refused one is counted there as lost.  What has no receipt after a while, and
 * everything after a reconnect, is sent again: the server skips repeats.  While there
 * are no receipts at all, that while doubles, so that a server that is stuck is not
 * filled with copies; and over a new connection only one batch is sent until there is
 * a receipt, when there was none over the last.
 *
 * A batch that is held because this agent was revoked stays too; the connection is
 * given up as when our key is denied.
 *
 * A held batch stays, and nothing is sent for a back-off of 5 s to 10 min (or until
 * the connection is new); then one batch asks whether that is over.
 *
 * libzmq reconnects by itself after a lost connection, but not after a refused
 * handshake.  The socket's monitor is therefore watched, and the socket made anew
 * after a back-off that doubles from 5 s, with full jitter: to 10 min when our key is
 * denied, to 30 s when there was no handshake (a server that starts or stops).
 *
 * With several servers, of one key and one database, the agent's number says in which
 * order it prefers them (schema/endpoints.h).  When the connection is lost, cannot be
 * made, is refused, or brings no receipt for a while (30 s, doubling), the next in that
 * order is tried after a jitter of up to half a second, doubling to 30 s while none
 * answers.  Every few minutes, with jitter, one that is not with its first choice looks
 * whether that can be reached, and moves only when it is connected: a server that comes
 * back gets its agents one by one.  What was under way is sent again to the new one;
 * the servers' common ledger skips what the old one had stored.
 *
 * Parts of raw snapshots travel beside the spool: only while no batch waits to be sent,
 * at most UPLINK_RAW_WINDOW at a time and one every UPLINK_RAW_GAP_MS.  Their receipts
 * name no sequence.  A part without a receipt is not sent again: the server asks for
 * what it misses.
 *
 * Owns its ZeroMQ context (and so one I/O thread) and sockets; borrows the spool.
 * One thread, the spool's.  Nothing here fails after uplink_create: what goes wrong
 * on the way is told by uplink_get_stats.
 */
#ifndef TIDEMARK_AGENT_UPLINK_H
#define TIDEMARK_AGENT_UPLINK_H

#include "agent/spool.h"
#include "agent/state.h"
#include "common/err.h"
#include "schema/setting.h"
#include "schema/snapshot.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	UPLINK_WINDOW_BATCHES = 16,
	UPLINK_WINDOW_BYTES = 2 << 20,
	UPLINK_RAW_WINDOW = 2,
	UPLINK_RAW_GAP_MS = 100,
};

struct uplink;

/* Who hears of receipts, and has raw parts to send.  Called within uplink_run; any may
 * be NULL. */
struct uplink_ears {
	void *context;
	/* The server repeats an order with each receipt until it knows what became of
	 * it.  Raw parts are only ordered here when none is under way, so that what is
	 * ordered is what the server misses. */
	void (*order)(void *context, const struct snapshot_order *order);
	/* The server needs it no more; the spool still has it. */
	void (*settled)(void *context, uint64_t sequence);
	/* The part to send now, or NULL; valid until part_sent.  Asked for again when
	 * it could not be sent. */
	const struct snapshot_raw_part *(*part)(void *context);
	void (*part_sent)(void *context);
};

struct uplink_options {
	const struct state_enrolment *enrolment; /* copied */
	const struct state_keys *keys;           /* copied */
	struct spool *spool;
	struct uplink_ears ears;
	/* What the agent runs, said with each batch as it then is; borrowed, NULL:
	 * nothing is said. */
	const struct setting_state *settings;
	/* What the agent is to run from now on; called as an ear is.  NULL: nobody
	 * hears it. */
	void (*told)(void *context, const struct setting_orders *orders);
	void *told_context;
	/* 0: the default.  Tests shorten them. */
	int64_t resend_ms, resend_max_ms;       /* 30 s, 5 min */
	int64_t backoff_min_ms, backoff_max_ms; /* 5 s, 10 min */
	int64_t retry_max_ms;                   /* 30 s */
	int64_t return_ms;                      /* 5 min */
};

struct uplink_stats {
	bool connected;               /* handshake done, and not lost since */
	int64_t connected_unix_ms;    /* when that last changed to yes; 0: never */
	int64_t last_receipt_unix_ms; /* 0: never */
	uint64_t sent;                /* with repeats */
	uint64_t stored, repeated, refused, held;
	uint64_t strange;           /* frames that were no receipt for this spool */
	uint64_t connects, rejects; /* handshakes done; refused or failed */
	uint64_t raw_sent, orders;  /* parts; orders handed up, with repeats */
	size_t in_flight;           /* batches */
	int64_t retry_in_ms; /* until the socket is made anew, or a held batch is sent
				again; 0: no back-off */
	struct endpoint server; /* connected to, or being tried */
	size_t servers, rank;   /* how many there are; its place in our order, from 0 */
	uint64_t moves;         /* to another one */
	char last_error[256];   /* "" when connected and well */
	char last_refusal[256]; /* reason of the newest refused batch; "" : none */
	char last_hold[256];    /* why the newest batch was held; "": was taken */
};

bool uplink_create(
	const struct uplink_options *options, struct uplink **out, struct err *e);

/* NULL is fine.  Does not wait for anything that is under way. */
void uplink_destroy(struct uplink *u);

/* Sends and receives until clock_mono_ms reaches until_mono_ms, or wake_fd (-1:
 * none) becomes readable, or an order or settings came, or a signal handler ran.  True:
 * wake_fd is readable. With u == NULL (not enrolled) it only waits. */
bool uplink_run(struct uplink *u, int64_t until_mono_ms, int wake_fd);

void uplink_get_stats(const struct uplink *u, struct uplink_stats *out);

#endif
