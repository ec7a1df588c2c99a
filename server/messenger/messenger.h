/*
 * Messenger: tells targets of alerts.
 *
 * One thread with its own connection.  It claims what is due (store/messages.h), at
 * most one message of each target, and has them all on their way at once (post.h), so
 * that a receiver that does not answer holds up nobody else.  A target that does not
 * answer rests: 5 s at first, twice as long each time up to ten minutes, with up to a
 * quarter of jitter, or as long as it asks for; its messages keep their order.  One
 * that is rejected rests by itself.  What is not taken for a day is given up.  More
 * than a target's rate is held back, and folded into one digest beyond twice of it.
 * Alertmanagers are told each minute what is open.  Several servers may have a
 * messenger; each message is one's.
 */
#ifndef TIDEMARK_SERVER_MESSENGER_MESSENGER_H
#define TIDEMARK_SERVER_MESSENGER_MESSENGER_H

#include "common/buf.h"
#include "common/err.h"

/* Once in a process, before threads start. */
void messenger_init(void);

struct messenger;

struct messenger_options {
	const char *database; /* connection string of a migrated database */
	const char *console;  /* address of the console, for links; "" none */
	const char *networks; /* private ones that may be reached: networks.h */
	const char *ca_file;  /* trusted besides the system's; "" none */
};

/* Copies what it needs.  ERR_INPUT: the networks are none. */
struct messenger *messenger_start(
	const struct messenger_options *options, struct err *e);

/* Ends within seconds: a message in hand is told again.  NULL is accepted. */
void messenger_stop(struct messenger *m);

/* Appends what it counts as Prometheus text 0.0.4; any thread. */
void messenger_metrics(struct messenger *m, struct buf *out);

#endif
