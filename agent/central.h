/*
 * Central: the settings that the agent runs, of those that its owner wrote and those
 * that the server tells it.
 *
 * What the owner's file (or environment, or command line) sets, the server cannot; nor
 * what `central` does not leave to it.  For each setting that is not applied the state
 * says why; the uplink sends that state with each word.
 *
 * What was told last is in the state directory, so that it holds over a restart without
 * a server.  Settings with which the agent never got through to a server count their
 * starts: after CENTRAL_TRIES_MAX it runs its owner's, and says so of each ("failed"),
 * until the server tells it something else.
 *
 * Borrows the owner's configuration; owns the live one, whose address stays.  One
 * thread.
 */
#ifndef TIDEMARK_AGENT_CENTRAL_H
#define TIDEMARK_AGENT_CENTRAL_H

#include "agent/config.h"
#include "common/arena.h"
#include "common/buf.h"
#include "common/err.h"
#include "schema/setting.h"

#include <stdbool.h>

enum { CENTRAL_TRIES_MAX = 5 };

struct central {
	const struct config *own;
	struct config live;
	struct setting_state state; /* acknowledged */
	/* By setting; SETTING_APPLIED also of those that the server does not set. */
	enum setting_fate fates[SETTING_COUNT];
	const char *values[SETTING_COUNT]; /* of the server's that are applied; NULL */

	struct setting_orders orders; /* those that are in force */
	struct setting_orders heard;  /* to be taken */
	bool has_heard;
	int tries; /* starts with them, until a server answered; -1: one did */
	struct arena arenas[2];
	int arena; /* which one holds what is in force */
};

/* Reads what was told last; central_open counts the start, too.  ERR_IO or ERR_INPUT:
 * that cannot be read, and the owner's settings are in force; `c` is good all the same.
 */
bool central_read(struct central *c, const struct config *own, struct err *e);
bool central_open(struct central *c, const struct config *own, struct err *e);
void central_close(struct central *c);

/* What the server says; copied. */
void central_hear(struct central *c, const struct setting_orders *orders);

/* Puts what was heard in force and keeps it.  True: the live settings may be others
 * now.  An error is told when keeping fails: it is in force all the same. */
bool central_take(struct central *c, struct err *e);

/* A server answered what was sent with these settings. */
bool central_confirm(struct central *c, struct err *e);

/* The arguments of a program of ours that is to run the same settings: those of the
 * agent and the server's behind them; NULL when there are none. */
char **central_arguments(const struct central *c, struct arena *a);

/* The lines of `tidemark-agent status`: each setting, and where it comes from. */
void central_format(const struct central *c, struct buf *out);

#endif
