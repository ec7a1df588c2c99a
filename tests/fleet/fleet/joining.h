/*
 * Joining: enrols all members, many at once, each over a connection of its own.
 *
 * As agent/join does it for one: the token, the key of the connection, and the answer.
 * "Try later" is tried again.
 */
#ifndef TIDEMARK_TESTS_FLEET_FLEET_JOINING_H
#define TIDEMARK_TESTS_FLEET_FLEET_JOINING_H

#include "tests/fleet/fleet/member.h"

/* Sets agent_id and port of each.  ERR_INPUT: the server does not want one of them;
 * ERR_IO: no answer. */
bool joining_run(struct member_fleet *fleet, struct member *members, uint32_t count,
	struct err *e);

#endif
