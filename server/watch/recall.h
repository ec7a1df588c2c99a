/*
 * Recall: readings of minutes to weeks ago, wherever they are kept by now, as the
 * detector wants to hear them: of many processes, in order of time.
 *
 * Newer ones than about an hour are in hot rows too and come by readings.h, which asks
 * for all processes at once.  The caller bounds a span by how many rows it may have;
 * beside those rows, memory holds what is stored of RECALL_AT_ONCE processes.
 *
 * Belongs to the watch's thread.  Results live in the caller's arena.  Times are Unix
 * ms by the host's clock.
 */
#ifndef TIDEMARK_SERVER_WATCH_RECALL_H
#define TIDEMARK_SERVER_WATCH_RECALL_H

#include "server/history/history.h"
#include "server/store/readings.h"

enum { RECALL_AT_ONCE = 2048 };

struct recall_wanted {
	int64_t from_ms, to_ms;        /* from one on and before the other */
	struct history_subject *lives; /* each once; put into another order */
	size_t life_count;
	bool thin; /* of each process and minute the one with the least memory, with
		      what was read inside in that minute */
};

/* In order of time; thinned ones by minute. */
bool recall_readings(struct db *db, const struct recall_wanted *wanted, struct arena *a,
	struct readings_row **rows, size_t *count, struct err *e);

struct recall_hosts {
	const int64_t *ids; /* each once */
	size_t count;
};

/* The memory of hosts, as far as they were read in a span. */
bool recall_memory(struct db *db, struct recall_hosts hosts, int64_t from_ms,
	int64_t to_ms, struct arena *a, struct readings_memory **rows, size_t *count,
	struct err *e);

/* The least memory that a process had in a span. */
struct recall_low {
	int64_t low_kb;            /* -1: it was not read */
	int64_t first_ms, last_ms; /* readings */
};
bool recall_low(struct db *db, const struct history_subject *life, int64_t from_ms,
	int64_t to_ms, struct recall_low *low, struct err *e);

#endif
