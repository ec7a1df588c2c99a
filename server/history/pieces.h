/*
 * Pieces: what was read of many subjects, sorted by subject, and put together into the
 * columns of one at a time.
 *
 * A piece is the times of one subject in one segment or chunk, and its columns of the
 * metrics asked for; or rows that were read as they are.  Pieces refer to the bytes of
 * the caller's results.  Pure but for memory.
 */
#ifndef TIDEMARK_SERVER_HISTORY_PIECES_H
#define TIDEMARK_SERVER_HISTORY_PIECES_H

#include "common/arena.h"
#include "common/err.h"
#include "server/history/history.h"
#include "server/store/past.h"

struct pieces;

/* `ids` are the subjects, `is_host` their scope; it all lives in the arena. */
struct pieces *pieces_create(
	const struct history_ask *ask, bool is_host, struct arena *a);

/* Later ones are taken for the same as earlier ones when their times are equal. */
void pieces_add_rows(struct pieces *p, const struct past_rows *rows);
bool pieces_add_segments(
	struct pieces *p, struct past_blob *blobs, size_t count, struct err *e);
void pieces_add_chunks(struct pieces *p, struct past_blob *blobs, size_t count);

/* After the last was added. */
void pieces_sort(struct pieces *p);

/* Gives the readings of one subject in the ask's span, in order of time, in `scratch`,
 * at once or piece by piece; notes in `sources` where they came from.  What is damaged
 * gives ERR_INPUT that names it. */
struct pieces_taker {
	history_take *take;
	void *context;
	struct history_sources *sources;
};
bool pieces_give(struct pieces *p, size_t subject, struct arena *scratch,
	const struct pieces_taker *taker, struct err *e);

#endif
