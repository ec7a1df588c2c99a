/*
 * Slot: the verdict on one slot, from all the spans that its data allow.
 *
 * Spans from five minutes to two weeks are judged (span.h).  Growth counts when the
 * span says so now and said so twice in the last tenth of its window.  The longest
 * such span speaks; but when the longest span of all sees most of the process's life
 * and finds a curve that slows down, shorter ones are not believed, unless little time
 * is left.  Without growth, the longest span says whether it is steady, warming up or
 * rose in a step.  Pure.
 */
#ifndef TIDEMARK_SERVER_ANALYSE_SLOT_H
#define TIDEMARK_SERVER_ANALYSE_SLOT_H

#include "server/analyse/span.h"

struct slot_judgement {
	enum analyse_verdict verdict;
	bool known;        /* false: no span is usable yet */
	struct span span;  /* the one that speaks */
	double rise_kb;    /* of a settling shape over the span */
	double restart_kb; /* level at which the lives before ended, 0: no such level */
	size_t restart_count;
	double value_kb; /* newest reading, 0: none */
	int64_t wait_s;
};

void slot_judge(const struct analyse_slot *slot, int64_t now_ms, struct arena *a,
	struct slot_judgement *out);

#endif
