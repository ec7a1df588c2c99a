/*
 * Identity: which machine this is, for the server's list of hosts.
 *
 * The machine's id is sent as a keyed hash only, since machine-id(5) asks not to
 * give the id itself away.  Without /etc/machine-id the hash is over the host's name
 * and the agent's public key.  Pure but for reading that file and uname(2).
 */
#ifndef TIDEMARK_AGENT_IDENTITY_H
#define TIDEMARK_AGENT_IDENTITY_H

#include "agent/state.h"

struct identity {
	char machine_id[33]; /* 16 bytes, hex */
	char hostname[254];
};

/* The arguments stand for what the host says itself, so that tests can run several
 * agents on one host: `machine_id` for the text in /etc/machine-id (it is hashed
 * alike), `hostname` for the host's name.  NULL or "": ask the host. */
void identity_read(const char *machine_id, const char *hostname,
	const struct state_keys *keys, struct identity *out);

#endif
