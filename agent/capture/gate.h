/*
 * Gate: whether a capture may be made.
 *
 * REFUSED, whoever asks: the process is not one that the route works for, would be
 * ended by the signal, has answered it with something of its own before, has too little
 * memory left, or another capture runs on this host.  ASKS, which an operator may
 * overrule: a pause over the limit, or too soon after the last capture of the service.
 * Reasons are sentences with figures, one per line.
 *
 * Notes are for who decides, and speak for or against nothing: that the process stays
 * resident as large as the capture made it, and how near it comes to the limit of its
 * control group.
 *
 * Pure: what must be known is in the question.
 */
#ifndef TIDEMARK_AGENT_CAPTURE_GATE_H
#define TIDEMARK_AGENT_CAPTURE_GATE_H

#include "agent/capture/card.h"
#include "agent/capture/facts.h"
#include "agent/capture/room.h"
#include "agent/capture/ways.h"
#include "common/buf.h"
#include "schema/snapshot.h"

#include <stdint.h>

struct gate_question {
	const struct facts *facts;
	enum way way; /* WAYS: none was found */
	const struct ways *ways;
	const struct card *card;
	const struct room *room; /* of the target */
	bool will_measure;       /* the heap's size comes later: not judged yet */
	int64_t now_unix_ms;
	int64_t pause_max_ms, cooldown_ms;
	int64_t last_unix_ms; /* capture of this service, 0: none */
};

/* Appends the reasons. */
enum snapshot_gate gate_judge(const struct gate_question *q, struct buf *reasons);

/* Appends the notes, sentences joined by "; "; nothing for what will be measured. */
void gate_note(const struct gate_question *q, struct buf *notes);

/* One more reason that nobody may overrule, found while trying. */
enum snapshot_gate gate_refuse(struct buf *reasons, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

#endif
