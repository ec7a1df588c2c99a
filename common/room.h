/*
 * Room: how much is left on a disk, and whether that is enough to go on writing.
 *
 * PostgreSQL ends when it cannot write its log, and cannot begin again before there is
 * room for it; so whoever writes readings stops before, while what is left suffices for
 * reading, for sessions, and for compaction, which makes room by itself.
 */
#ifndef TIDEMARK_COMMON_ROOM_H
#define TIDEMARK_COMMON_ROOM_H

#include "common/err.h"

#include <stdbool.h>
#include <stdint.h>

struct room {
	int64_t free_bytes, total_bytes;
	int64_t kept_bytes; /* free: with less, readings are not written */
	bool low;           /* free is less than twice that, or than a tenth of all */
	bool full;          /* less than what is kept free */
	bool none;          /* not even PostgreSQL's log has room */
};

/* Of the disk that has this folder, for those who are not root. */
bool room_read(const char *folder, struct room *out, struct err *e);

#endif
