/*
 * Recovery: from the files of a spool to its index and position.
 *
 * Every record that is whole is found, behind damage too; what is missing between
 * the oldest sequence and the newest is counted as lost, once, however often
 * recovery runs.  At the end of the newest segment an unfinished record (a crash
 * while writing) is told from the untouched rest, which is zeros; the sequences that
 * it could have used are never given out again.
 *
 * Only reads, except that files which hold nothing of this spool are removed.  They
 * are those of an unfinished reuse, and of another spool (its records are counted).
 */
#ifndef TIDEMARK_AGENT_SPOOL_RECOVER_H
#define TIDEMARK_AGENT_SPOOL_RECOVER_H

#include "agent/spool_cursor.h"
#include "agent/spool_index.h"
#include "common/err.h"

#include <stdbool.h>
#include <stdint.h>

struct spool_recover_options {
	int folder;
	bool known;          /* the position comes from a cursor */
	uint64_t new_epoch;  /* for a spool that has none yet */
	int64_t now_unix_ms; /* for losses whose time nothing tells */
};

/* Brings *at up to date and adds to *index, which is empty. */
bool spool_recover(const struct spool_recover_options *options,
	struct spool_position *at, struct spool_index *index, struct err *e);

#endif
