/*
 * Trouble: what keeps the server from storing, in words for people.
 *
 * While it lasts, reads go on, nothing is acknowledged and agents keep what they have.
 * Works without the database.  Any thread.
 */
#ifndef TIDEMARK_SERVER_API_TROUBLE_H
#define TIDEMARK_SERVER_API_TROUBLE_H

#include "common/arena.h"
#include "common/room.h"
#include "server/api/shared.h"

#include <stdbool.h>

/* Of our own database's disk; false: it is not ours. */
bool trouble_room(const struct api_shared *shared, struct room *out);

/* NULL when there is none. */
const char *trouble_words(const struct api_shared *shared, struct arena *a);

#endif
