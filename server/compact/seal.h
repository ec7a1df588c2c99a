/*
 * Seal: what a day has in segments and late tables becomes chunks and rollups.
 *
 * One group (members.h) after the other, each in a transaction that takes away what it
 * replaces.  A group that has chunks of the day already is merged with them, so that it
 * does not matter how often, and in what order, readings come.
 */
#ifndef TIDEMARK_SERVER_COMPACT_SEAL_H
#define TIDEMARK_SERVER_COMPACT_SEAL_H

#include "common/err.h"
#include "server/compact/step.h"

#include <stdbool.h>
#include <stdint.h>

/* All groups of the UTC day, and then the bound; the day must be compacted.  *whole
 * false: it was time to stop. */
bool seal_day(struct step *s, int64_t day_ms, bool *whole, struct err *e);

/* Late rows of sealed days join their chunks; those before `oldest_ms` go. */
bool seal_late(struct step *s, int64_t oldest_ms, int64_t sealed_ms, struct err *e);

#endif
