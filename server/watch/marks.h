/*
 * Marks: tells the detector what people and pipelines said was changed.
 *
 * Versions that agents saw are told by the book itself.  Belongs to the watch's thread.
 */
#ifndef TIDEMARK_SERVER_WATCH_MARKS_H
#define TIDEMARK_SERVER_WATCH_MARKS_H

#include "server/store/told.h"
#include "server/watch/book.h"

/* Those that were said since the last call; a book that was just opened hears of what
 * its states do not remember. */
bool marks_tell(
	struct book *b, struct db *db, int64_t now_ms, struct arena *a, struct err *e);

void marks_tell_one(struct fleet *fleet, const struct told_deploy *deploy);

#endif
