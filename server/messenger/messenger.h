/*
 * Messenger: tells targets of alerts.
 *
 * One thread with its own connection.  It claims what is due (store/messages.h), posts
 * it (webhook.h), and settles it: sent; to be tried again after 5 s, doubling up to ten
 * minutes, with up to a quarter of jitter; given up after a day.  A target is told at
 * most MESSENGER_A_MINUTE messages a minute; what is held back goes later, and each
 * message says when it was made.  Several servers may have one; each message is one's.
 */
#ifndef TIDEMARK_SERVER_MESSENGER_MESSENGER_H
#define TIDEMARK_SERVER_MESSENGER_MESSENGER_H

#include "common/err.h"

enum { MESSENGER_A_MINUTE = 30 };

struct messenger;

struct messenger_options {
	const char *database; /* connection string of a migrated database */
	const char *console;  /* address of the console, for links; "" none */
};

/* Copies what it needs. */
struct messenger *messenger_start(
	const struct messenger_options *options, struct err *e);

/* Ends within seconds: a message in hand is told again.  NULL is accepted. */
void messenger_stop(struct messenger *m);

#endif
