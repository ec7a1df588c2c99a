/*
 * Roster: which agents may send, as the intake knows it.
 *
 * ZAP asks for a key at the handshake alone, so a connection outlives the revocation of
 * its key.  The door, which knows the keys, therefore tells the intake whose they are,
 * and the intake looks at each message.  The two share nothing but a pair of sockets:
 * each has one end, on which the other's news wait.
 *
 * What is told before a key is let in, or an enrolment is answered, is there before the
 * first message that comes by it.
 */
#ifndef TIDEMARK_SERVER_INGEST_ROSTER_H
#define TIDEMARK_SERVER_INGEST_ROSTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct roster;

/* Both ends, of which the teller's is a socket that its owner closes.  NULL: the
 * context has no sockets left. */
struct roster *roster_create(void *zmq, void **teller);
void roster_destroy(struct roster *r); /* NULL is accepted */

/* The teller: these and no others, in any order; or one more. */
void roster_tell_all(void *teller, const int32_t *agents, size_t count);
void roster_tell_one(void *teller, int32_t agent_id);

/* The intake: takes what was told.  Before messages are read. */
void roster_hear(struct roster *r);

/* Whether this agent may send; for one that is not known it hears first. */
bool roster_has(struct roster *r, int32_t agent_id);

#endif
