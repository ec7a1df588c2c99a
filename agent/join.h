/*
 * Join: enrols this host with a server, by a token.
 *
 * Makes the agent's key pair when there is none, connects to the enrol endpoint
 * with CURVE (the token pins the server's key), hands over the token and writes the
 * enrolment.  Joining again is fine: the key pair stays, the enrolment is replaced,
 * what waits in the spool goes to the new server.  A running agent picks the
 * enrolment up when it next looks.  The token's secret is never part of a message.
 *
 * A token that is an argument of a command can be read by every user of the host while
 * the command runs.  join_hide takes it out of sight as early as can be; that is late.
 *
 * A token that names several servers is tried with one after the other until one can be
 * reached.
 *
 * Blocks up to timeout_ms.  Failures say what to do: the token is malformed, unknown,
 * expired or used up (ERR_INPUT); the server cannot be reached, has another key or
 * does not answer (ERR_IO).  Nothing is changed on failure, but for the key pair.
 */
#ifndef TIDEMARK_AGENT_JOIN_H
#define TIDEMARK_AGENT_JOIN_H

#include "agent/state.h"
#include "common/arena.h"
#include "common/err.h"

#include <stdbool.h>
#include <stdint.h>

struct join_options {
	const char *state_dir;
	/* The text; "-": the first line of standard input.  NULL: that of token_file;
	 * NULL as well: the variable TIDEMARK_TOKEN, which is unset then, or what is
	 * typed at the terminal, unseen. */
	const char *token;
	const char *token_file;
	const char *server; /* HOST:PORT of the enrol socket instead of the token's */
	const char *machine_id; /* as for identity_read */
	const char *hostname;
	int64_t timeout_ms; /* 0: 10 s */
};

/* Overwrites a token that came as an argument, in the arguments themselves: what it was
 * is in the arena's copy.  "-" is left alone: false. */
bool join_hide(char *argument, struct arena *a, const char **token);

/* `enrolled` (may be NULL) receives what was written, for a message to people. */
bool join_run(const struct join_options *options, struct state_enrolment *enrolled,
	struct err *e);

#endif
