/*
 * Record: the readings of one series, as they were once taken.
 *
 * Two formats are known by their columns:
 *
 *   ts, rss_kb, …     Unix seconds and KiB; uptime_s falls when the process restarts,
 *                     ver counts the versions that were deployed
 *   t_ms, pid, rss, … Unix milliseconds and bytes; a restart is another pid; requests
 *                     are totals that start anew with each process
 *
 * A column of heap, load or queue that is 0 throughout was not reported.  A heap that
 * is larger than resident memory throughout and never collected is address space, not
 * a managed heap, and counts as not reported.  A floor of 0 means that no collection
 * was yet.  Rows with broken numbers or not after the one before are left out and
 * counted.  The caller finishes the record.
 */
#ifndef TIDEMARK_SERVER_REPLAY_RECORD_H
#define TIDEMARK_SERVER_REPLAY_RECORD_H

#include "server/analyse/reading.h"
#include "server/replay/csv.h"
#include "server/replay/labels.h"

struct record_life {
	int64_t started_ms;
	double version; /* NAN: not said */
};

struct record_row {
	struct reading reading;
	uint32_t life;
};

struct record {
	struct record_row *rows; /* in order of time; at least one */
	size_t count;
	struct record_life *lives; /* oldest first */
	size_t life_count;
	double limit_kb; /* 0: none known */
	struct csv_faults faults;
};

/* Reads FOLDER/label->file.  Fails when it is missing, lacks a column that it cannot
 * do without, or has no row that can be used. */
bool record_read(const char *folder, const struct labels_series *label,
	struct record *out, struct err *e);
void record_finish(struct record *r);

/* Makes every second last `factor` seconds, counted from origin_ms. */
void record_stretch(struct record *r, int64_t origin_ms, double factor);

#endif
