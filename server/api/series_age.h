/*
 * Series age: GET /series?align=start, lines by the age of their process: t = 0 at its
 * start, each process life a line, so that processes of different age compare.
 *
 * The lives are those that ran in [from, to); each is read from its own start, also
 * when that lies before `from`, between the ages that were asked for.  Of too many
 * lives the newest are shown, and the answer says how many there were.
 */
#ifndef TIDEMARK_SERVER_API_SERIES_AGE_H
#define TIDEMARK_SERVER_API_SERIES_AGE_H

#include "server/api/series_ask.h"

enum { SERIES_AGE_LIVES_MAX = 500 };

struct series_age {
	bool wanted;
	int64_t from_ms, to_ms; /* ages */
};

/* ?align=&age_from=&age_to=; unless said, from the start as long as the span is. */
bool series_age_read(struct call *c, const struct series_ask *ask,
	struct series_age *age, struct err *e);

/* Writes the answer; `lives` as series_lives returns them. */
bool series_age_answer(struct call *c, const struct series_ask *ask,
	const struct series_age *age, const struct series_ask_lives *lives,
	struct err *e);

#endif
