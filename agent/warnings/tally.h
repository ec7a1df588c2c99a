/*
 * Tally: counts signs of the same words and tells of them.
 *
 * The first of its words is told at once, with when it was; what follows is counted and
 * told together, at most once a minute, with when the last one was.  Words are those of
 * one life (or of nobody), source and sign (sign_equals).
 *
 * At most TALLY_WORDS_MAX different words are kept; others make room for them, the
 * longest silent first.  Owns copies of everything.  One thread.
 */
#ifndef TIDEMARK_AGENT_WARNINGS_TALLY_H
#define TIDEMARK_AGENT_WARNINGS_TALLY_H

#include "agent/warnings/sign.h"
#include "schema/wire.h"

#include <stdbool.h>
#include <stdint.h>

enum { TALLY_WORDS_MAX = 256, TALLY_MINUTE_MS = 60000, TALLY_SOURCE_MAX = 264 };

struct tally;

/* `tell` gets a batch with warnings and the processes that they are of. */
struct tally *tally_create(
	void (*tell)(void *context, const struct wire_batch *batch), void *context);
void tally_destroy(struct tally *t);

struct tally_event {
	const struct wire_process *life; /* NULL: of no process that is followed */
	const char *source;
	int64_t at_unix_ms;
	uint64_t times;
};

void tally_add(
	struct tally *t, const struct tally_event *event, const struct sign *sign);

/* Tells what is due at that time; all that waits, when it is the end. */
void tally_run(struct tally *t, int64_t now_mono_ms, bool is_end);

#endif
