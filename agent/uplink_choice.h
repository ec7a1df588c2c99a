/*
 * Choice: which of several servers an uplink talks to, and when to another one.
 *
 * The servers stand in the order of this agent's preference.  `at` is the one in use;
 * from any but the first a probe, a connection beside the one in use, looks now and
 * then whether the first can be reached.  Part of the uplink, which owns it and acts
 * on it; one thread.  Times are monotonic ms.
 */
#ifndef TIDEMARK_AGENT_UPLINK_CHOICE_H
#define TIDEMARK_AGENT_UPLINK_CHOICE_H

#include "agent/state.h"
#include "agent/uplink_socket.h"

struct uplink_choice {
	struct endpoints servers; /* at least one */
	size_t at;
	struct uplink_socket probe; /* closed: none under way */

	int64_t patience_min_ms, patience_max_ms; /* see uplink_choice_init */
	int64_t return_every_ms;

	int64_t opened_ms;   /* when it was begun to connect */
	int64_t heard_ms;    /* a receipt, or when one began to be waited for */
	int64_t patience_ms; /* how long that is waited for */
	int64_t return_ms;   /* when the first is looked for */
	int64_t probed_ms;   /* when that began */
};

/* Set before: patience_min_ms and patience_max_ms, between which a receipt is waited
 * for before another server is tried, and return_every_ms. */
void uplink_choice_init(struct uplink_choice *c, const struct state_enrolment *to);

bool uplink_choice_is_free(const struct uplink_choice *c); /* more than one */

/* A connection to one of them begins. */
bool uplink_choice_open(const struct uplink_choice *c, size_t at,
	struct uplink_socket *socket, void *context,
	const struct state_enrolment *enrolment, const struct state_keys *keys,
	struct err *e);

void uplink_choice_connected(struct uplink_choice *c);
void uplink_choice_heard(struct uplink_choice *c); /* a receipt */

/* The next one is in use; ends a probe. */
void uplink_choice_next(struct uplink_choice *c);

/* When the one in use has had its time, to connect or (waiting for a receipt) to
 * answer; INT64_MAX: it has all of it. */
int64_t uplink_choice_give_up_ms(
	const struct uplink_choice *c, bool connected, bool waiting);

/* The same will be waited for longer the next time. */
void uplink_choice_silent(struct uplink_choice *c);

/* When a probe is due, or has had its time. */
int64_t uplink_choice_probe_ms(const struct uplink_choice *c, bool connected);

/* What is due of it.  True: the first is connected, and `socket` (closed before) is the
 * connection now. */
void uplink_choice_end_probe(struct uplink_choice *c);
bool uplink_choice_take_probe(struct uplink_choice *c, struct uplink_socket *socket);

#endif
