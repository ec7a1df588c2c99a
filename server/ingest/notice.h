/*
 * Notice: says a thing once in a while, not each time.
 *
 * What strangers and broken agents do repeats itself, and must not fill the log.  A
 * subject (an agent, an address) and what is said of it are told when they were not
 * told within the period; numbers in the text make no difference.  When more is
 * remembered than there is room for, what was told longest ago is forgotten.  One
 * thread.
 */
#ifndef TIDEMARK_SERVER_INGEST_NOTICE_H
#define TIDEMARK_SERVER_INGEST_NOTICE_H

#include <stdbool.h>
#include <stdint.h>

enum { NOTICE_SUBJECTS_MAX = 4096 };

struct notice;

struct notice *notice_create(int64_t period_ms);
void notice_destroy(struct notice *n);

/* Whether it is to be said now; remembers that it was. */
bool notice_is_due(
	struct notice *n, const char *subject, const char *text, int64_t mono_ms);

#endif
