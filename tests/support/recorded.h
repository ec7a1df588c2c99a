/*
 * Recorded: days of readings of real Node processes, for benches of storage.
 *
 * tests/golden/storage/recorded has an hour of three processes, a reading each second.
 * A process reads every ten seconds: each tenth reading, begun at each of the ten
 * seconds and of each process, makes an hour of 10 s readings with real steps between
 * them; of those thirty pieces a day takes the first 25.  No reading comes twice.
 * Counters go on over the joints.
 *
 * Times are the agent's: every ten seconds of the monotonic clock, taken when the poll
 * returns (up to a few ms late, measured with tidemark-agent), as wall time.
 *
 * For one program; fails by exit.
 */
#ifndef TIDEMARK_TESTS_SUPPORT_RECORDED_H
#define TIDEMARK_TESTS_SUPPORT_RECORDED_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

enum {
	RECORDED_ROWS = 24 * 360, /* of a day */
	RECORDED_STEP = 10,
	RECORDED_COLUMNS = 10,
	RECORDED_FILES = 3,
	RECORDED_SECONDS = 3590, /* used of each file */
};

/* In the order of the files; bytes have become KiB. */
static const char *const recorded_name[RECORDED_COLUMNS] = {"rss_kb", "heap_total_kb",
	"heap_used_kb", "external_kb", "array_buffers_kb", "heap_floor_kb",
	"gc_full_count", "req_in", "requests", "queue_depth"};

struct recorded_day {
	int64_t at_ms[RECORDED_ROWS];
	int64_t values[RECORDED_COLUMNS][RECORDED_ROWS];
};

typedef int64_t recorded_second[RECORDED_COLUMNS];

static void recorded_read_line(char *line, int64_t *values)
{
	static const bool bytes[RECORDED_COLUMNS] = {
		true, true, true, true, true, true};
	char *at = line;
	strtoll(at, &at, 10);     /* the time */
	strtoll(at + 1, &at, 10); /* the pid */
	for (int i = 0; i < RECORDED_COLUMNS; i++) {
		if (*at != ',') {
			fprintf(stderr, "recorded: not a reading: %s", line);
			exit(1);
		}
		values[i] = strtoll(at + 1, &at, 10) / (bytes[i] ? 1024 : 1);
	}
}

static void recorded_read(const char *name, recorded_second *seconds)
{
	char path[512], line[256];
	snprintf(path, sizeof path, "%s/tests/golden/storage/recorded/%s.csv.gz",
		TIDEMARK_SOURCE_DIR, name);
	gzFile file = gzopen(path, "rb");
	bool whole = file && gzgets(file, line, sizeof line);
	for (int i = 0; whole && i < RECORDED_SECONDS; i++) {
		whole = gzgets(file, line, sizeof line);
		if (whole)
			recorded_read_line(line, seconds[i]);
	}
	if (!whole) {
		fprintf(stderr, "recorded: %s is missing or short\n", path);
		exit(1);
	}
	gzclose(file);
}

/* How late the poll of a tick returns: of 32, 20 within the ms. */
static int64_t recorded_late_ms(uint64_t *seed)
{
	static const uint8_t late[32] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
		0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 7};
	*seed = *seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return late[*seed >> 59];
}

/* The day that begins at `from_ms` of process number `process`: other numbers begin
 * with another piece, another phase of the tick and other totals. */
static void recorded_make_day(
	struct recorded_day *day, int64_t from_ms, unsigned process)
{
	static const bool counts[RECORDED_COLUMNS] = {
		[6] = true, [7] = true, [8] = true};
	static const char *const names[RECORDED_FILES] = {
		"node_clean", "node_lru", "node_v2_a"};
	static recorded_second seconds[RECORDED_FILES][RECORDED_SECONDS];
	static bool loaded;
	int64_t base[RECORDED_COLUMNS] = {0};
	uint64_t seed = process;
	enum { PIECE = RECORDED_SECONDS / RECORDED_STEP };
	for (int i = 0; !loaded && i < RECORDED_FILES; i++)
		recorded_read(names[i], seconds[i]);
	loaded = true;
	for (int row = 0; row < RECORDED_ROWS; row++) {
		unsigned piece = (unsigned)(row / PIECE) + process;
		unsigned second = row % PIECE * RECORDED_STEP +
				  piece / RECORDED_FILES % RECORDED_STEP;
		const int64_t *values = seconds[piece % RECORDED_FILES][second];
		day->at_ms[row] = from_ms + 137 * (process % 73) +
				  INT64_C(1000) * RECORDED_STEP * row +
				  recorded_late_ms(&seed);
		for (int c = 0; c < RECORDED_COLUMNS; c++) {
			if (counts[c] && row && row % PIECE == 0)
				base[c] = day->values[c][row - 1] - values[c];
			day->values[c][row] = values[c] + base[c];
		}
	}
}

#endif
