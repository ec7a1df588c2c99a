/*
 * Life: the day of one process or host, put together from where its readings are.
 *
 * Part of day.h: its members and the columns that are in memory.  Times first: each
 * source tells which, and a map tells the place of each of its rows in the whole day.
 * Values follow, metric by metric.
 */
#ifndef TIDEMARK_SERVER_COMPACT_LIFE_H
#define TIDEMARK_SERVER_COMPACT_LIFE_H

#include "common/arena.h"
#include "common/err.h"
#include "server/compact/gather.h"
#include "server/store/lives.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum life_source { LIFE_CHUNK, LIFE_SEGMENTS, LIFE_LATE, LIFE_SOURCES };

/* The times of one segment. */
struct life_piece {
	int32_t subject;
	int64_t at_ms;         /* of the segment */
	size_t offset, length; /* of its bytes */
	size_t rows;           /* 0: damaged */
	size_t first_row;      /* among all of the life's segments */
};

struct life {
	int32_t subject;      /* a generation or a host */
	struct lives_life is; /* of a process */
	bool touched;         /* has segments or late rows */
	bool chunked;         /* has chunks of that day */
	size_t late;          /* its place in the gather; SIZE_MAX: no late rows */
	const struct life_piece *pieces;
	size_t piece_count;
	size_t most; /* rows at most, for the size of batches */

	/* While it is in memory. */
	struct {
		const int64_t *at_ms;
		size_t rows;
		const uint32_t *place; /* NULL: its rows are all rows, in order */
	} source[LIFE_SOURCES];
	int64_t *at_ms;
	size_t rows;
	size_t first; /* of its rows among the batch's */
	struct gather_columns late_columns;
};

/* Merges the times of the sources, each rising, to those of the life. */
void life_merge(struct life *l, struct arena *a);

/* Puts one metric's values of a source where they belong; what is there stays. */
void life_scatter(const struct life *l, enum life_source source, size_t first_row,
	const int64_t *values, const bool *has, size_t rows, int64_t *to_values,
	bool *to_has);

#endif
