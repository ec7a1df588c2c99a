/*
 * Losses: what a spool had to give up, by reason, until it has been reported.
 *
 * Plain data, one range of time and one count for each reason.  Pure.
 */
#ifndef TIDEMARK_AGENT_SPOOL_LOSSES_H
#define TIDEMARK_AGENT_SPOOL_LOSSES_H

#include <stdbool.h>
#include <stdint.h>

enum spool_reason {
	SPOOL_FULL,       /* the oldest made room for the newest */
	SPOOL_DISK,       /* could not be written */
	SPOOL_DAMAGED,    /* was on disk, and its checksum is wrong now */
	SPOOL_UNFINISHED, /* was being written when the agent or the host stopped */
	SPOOL_REFUSED,    /* the server will never take it */
	SPOOL_REASONS,
};

enum { SPOOL_LOSSES_BYTES = SPOOL_REASONS * 24 };

struct spool_loss {
	int64_t from_ms, to_ms;
	uint64_t batches; /* 0: nothing lost, and the times mean nothing */
};

struct spool_losses {
	struct spool_loss of[SPOOL_REASONS];
};

/* Adds to the range and the count. */
void spool_losses_add(struct spool_losses *l, enum spool_reason reason,
	const struct spool_loss *loss);
void spool_losses_merge(struct spool_losses *l, const struct spool_losses *other);

/* Takes off what has been reported. */
void spool_losses_settle(struct spool_losses *l, const struct spool_losses *reported);

bool spool_losses_any(const struct spool_losses *l);

/* "spool full" */
const char *spool_losses_reason(enum spool_reason reason);

/* SPOOL_LOSSES_BYTES, little-endian. */
void spool_losses_encode(const struct spool_losses *l, uint8_t *bytes);
void spool_losses_decode(const uint8_t *bytes, struct spool_losses *out);

#endif
