/*
 * Seldom: what was said lately, so that a log is not filled with the same words.
 *
 * Each text once an hour, and no more than SELDOM_TEXTS different ones in an hour: a
 * text may hold a number that is always another.  The struct is the caller's, zeroed.
 * Pure.
 */
#ifndef TIDEMARK_AGENT_SELDOM_H
#define TIDEMARK_AGENT_SELDOM_H

#include <stdbool.h>
#include <stdint.h>

enum { SELDOM_TEXTS = 4, SELDOM_TEXT_BYTES = 256, SELDOM_MS = 3600 * 1000 };

struct seldom {
	struct {
		char text[SELDOM_TEXT_BYTES]; /* "": free */
		int64_t said_ms;
	} said[SELDOM_TEXTS];
};

/* Whether to say it now, which is then remembered. */
bool seldom_may(struct seldom *s, const char *text, int64_t now_mono_ms);

#endif
