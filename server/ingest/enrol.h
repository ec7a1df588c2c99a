/*
 * Enrol: takes a host into the fleet, by a join token.
 *
 * The answer is a reply in any case: its `error` is for the person who joins.  A key
 * that is enrolled already gets its old place again, without spending a use, when its
 * token is good or its own (the reply to the first request may have been lost); a
 * revoked one spends a use.
 */
#ifndef TIDEMARK_SERVER_INGEST_ENROL_H
#define TIDEMARK_SERVER_INGEST_ENROL_H

#include "common/arena.h"
#include "schema/wire.h"
#include "server/store/db.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* `frame` is what came; `public_key` is that of the connection.  The reply's text is
 * in the arena; reply->agent_id is 0 when it was refused. */
void enrol_answer(struct db *db, const void *frame, size_t length,
	const uint8_t *public_key, uint16_t data_port, struct arena *a,
	struct wire_enrol_reply *reply);

#endif
