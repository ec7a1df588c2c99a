/*
 * Recall: what lives of processes had for a fingerprint, through a restart of the
 * agent.
 *
 * A process loads its packages when it starts; what stands on disk later may be of the
 * next deploy.  So what was read first holds for the whole life, also when another
 * agent reads it again:
 *
 *     tidemark fingerprints 1 AGENT-VERSION BOOT-ID
 *     PID START-TICKS HASH
 *
 * Pure.
 */
#ifndef TIDEMARK_AGENT_FINGERPRINT_RECALL_H
#define TIDEMARK_AGENT_FINGERPRINT_RECALL_H

#include "common/buf.h"
#include "schema/insight.h"

#include <stdbool.h>
#include <stdint.h>

struct recall_line {
	uint32_t pid;
	uint64_t start_ticks;
	char hash[FINGERPRINT_HASH_DIGITS + 1];
};

void recall_begin(struct buf *out, const char *boot_id);
void recall_add(struct buf *out, const struct recall_line *line);

/* The text behind its first line; NULL: of another boot, agent or kind. */
const char *recall_open(const char *text, const char *boot_id);

/* False at the end, or at a line that is none. */
bool recall_next(const char **text, struct recall_line *out);

#endif
