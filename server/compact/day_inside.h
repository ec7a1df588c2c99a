/*
 * The inside of day.h: what its files share.  day.c finds who has readings of the day
 * and takes some seats at a time; day_columns.c reads and writes their columns;
 * day_rollups.c makes hours and bands of them.
 */
#ifndef TIDEMARK_SERVER_COMPACT_DAY_INSIDE_H
#define TIDEMARK_SERVER_COMPACT_DAY_INSIDE_H

#include "common/arena.h"
#include "common/buf.h"
#include "server/compact/bands.h"
#include "server/compact/day.h"
#include "server/compact/gather.h"
#include "server/compact/life.h"
#include "server/history/rollup.h"
#include "server/store/copier.h"
#include "server/store/hot.h"
#include "server/store/partitions.h"
#include "server/store/segments.h"

/* One chunk that was there before. */
struct day_old {
	int32_t subject;
	int metric;
	size_t offset, length;
};

struct day {
	struct step *step;
	const struct day_group *group;
	bool hosts; /* the group is of hosts themselves */
	struct arena arena;

	/* All times of the group's segments; pieces by subject and time. */
	struct buf piece_bytes;
	struct life_piece *pieces;
	size_t piece_count, piece_capacity;
	uint64_t segment_metrics; /* bit by bit */

	struct life *lives; /* by service, seat and subject */
	size_t life_count;

	struct copier chunks, hours, band_rows;
	struct bands *bands; /* of bands_service; 0: none yet */
	int32_t bands_service;

	/* Some seats, whose columns are in memory. */
	struct arena batch_arena;
	struct life *batch;
	size_t batch_count, rows;
	struct life **by_subject;
	struct gather *late;
	struct buf old_bytes; /* chunks that were there, by subject and metric */
	struct day_old *olds;
	size_t old_count, old_capacity;
	int64_t *values; /* of one metric, rows of one life after the other */
	bool *has;
	struct rollup (*old_hours)[ROLLUP_HOURS]; /* of each life, by its old chunk */
	struct buf column;
};

/* The number in `chunk.subject`. */
static inline int32_t day_subject(const struct day *d, int32_t subject)
{
	return d->hosts ? -subject : subject;
}

static inline struct segments_span day_span(const struct day *d)
{
	const struct day_group *g = d->group;
	return (struct segments_span){
		g->service, g->block, g->day_ms, g->day_ms + PARTITIONS_DAY_MS};
}

static inline struct hot_ask day_late(
	const struct day *d, const int32_t *subjects, size_t count)
{
	return (struct hot_ask){d->hosts ? HOT_HOST_LATE : HOT_PROCESS_LATE,
		d->group->day_ms, d->group->day_ms + PARTITIONS_DAY_MS, subjects,
		count};
}

void day_damaged(struct day *d, const char *where, int32_t subject, int64_t at_ms,
	int metric, const struct err *e);

/* Reads, merges and writes what the batch has. */
bool day_columns_run(struct day *d, struct err *e);

/* The hours of the batch's seats are written anew. */
bool day_rollups_begin(struct day *d, struct err *e);

/* One metric's values of the batch. */
void day_rollups_metric(struct day *d, int metric);

/* Writes the bands of the service that was last. */
bool day_rollups_end(struct day *d, struct err *e);

#endif
