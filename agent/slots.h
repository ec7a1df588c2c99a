/*
 * Slots: which seat of its service a process sits in.
 *
 * A seat is (service, ordinal) and outlives processes, so that a restart continues
 * the series of the process that ended.  A process that starts takes
 *     1. the seat it had before this agent restarted,
 *     2. the seat of a process of the same program that ended within the last ten
 *        minutes: same version first, then the one that ended last,
 *     3. the lowest ordinal that nobody has, and that nobody left within those ten
 *        minutes (its own process may be on the way back).
 *
 * Seats are remembered as text that the caller keeps in the state directory.  Seats
 * that were empty for a week are forgotten.
 *
 * Owns all its strings.  No I/O.  One thread.
 */
#ifndef TIDEMARK_AGENT_SLOTS_H
#define TIDEMARK_AGENT_SLOTS_H

#include "common/buf.h"
#include "common/err.h"

#include <stdbool.h>
#include <stdint.h>

struct slots;

/* Who takes a seat. */
struct slots_sitter {
	const char *service, *version;
	const char *program; /* which of the service's programs it is */
	int pid;
	uint64_t start_ticks;
};

/* `boot_id` tells the processes of this boot from others with the same pid. */
struct slots *slots_create(const char *boot_id);
void slots_destroy(struct slots *s);

/* Reads what slots_format wrote (and may change the text).  On failure (ERR_INPUT with
 * the line) what stood before that line is known, and everything works. */
bool slots_parse(struct slots *s, char *text, int64_t now_unix_ms, struct err *e);

/* Appends everything that is worth remembering, at most SLOTS_TEXT_MAX bytes: empty
 * seats are left out first. */
enum { SLOTS_TEXT_MAX = 1 << 20 };
void slots_format(struct slots *s, int64_t now_unix_ms, struct buf *out);

/* How many processes have sat in a seat, with the one that does; 0: there is no such.
 */
uint32_t slots_lives(const struct slots *s, const char *service, uint32_t slot);

/* Whether anything has changed since slots_parse or slots_format. */
bool slots_changed(const struct slots *s);

/* True for a process that had a seat before the agent restarted and has not taken it
 * again. */
bool slots_waits(const struct slots *s, int pid, uint64_t start_ticks);

/* Frees the seats whose processes have not come back since slots_parse. */
void slots_settle(struct slots *s, int64_t now_unix_ms);

uint32_t slots_take(
	struct slots *s, const struct slots_sitter *who, int64_t now_unix_ms);
void slots_give(
	struct slots *s, const char *service, uint32_t slot, int64_t now_unix_ms);

#endif
