/*
 * A spool with batches that say which they are: batch n begins with n and is filled
 * with a pattern of n.
 */
#ifndef TIDEMARK_TESTS_UNIT_AGENT_SPOOL_FIXTURE_H
#define TIDEMARK_TESTS_UNIT_AGENT_SPOOL_FIXTURE_H

#include "agent/spool.h"
#include "tests/unit/agent/folder.h"

#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define FIXTURE_START_MS INT64_C(1700000000000)

/* What the wall clock shows; -1: the time.  At 0, as on a machine whose clock was
 * never set, sequences do not jump when a spool is opened again. */
static int64_t fixture_clock_ms = -1;

/* Stands before libc's. */
int clock_gettime(clockid_t id, struct timespec *out)
{
	if (id == CLOCK_REALTIME && fixture_clock_ms >= 0) {
		out->tv_sec = fixture_clock_ms / 1000;
		out->tv_nsec = fixture_clock_ms % 1000 * 1000000;
		return 0;
	}
	return (int)syscall(SYS_clock_gettime, id, out);
}

static inline struct spool *fixture_open(const struct folder *f, int64_t max_bytes)
{
	struct spool *s = NULL;
	struct err e;
	if (!spool_open(f->path, max_bytes, &s, &e))
		fail_msg("%s", e.text);
	return s;
}

static inline void fixture_fill(uint8_t *bytes, size_t length, uint64_t number)
{
	for (size_t i = 0; i < length; i++)
		bytes[i] = (uint8_t)(number * 131 + i * 7 + (i >> 8));
	memcpy(bytes, &number, length < sizeof number ? length : sizeof number);
}

/* Appends batch `number`, made at FIXTURE_START_MS + number seconds. */
static inline bool fixture_append(
	struct spool *s, uint64_t number, size_t length, uint64_t *sequence)
{
	static uint8_t bytes[WIRE_FRAME_BYTES_MAX];
	struct err e;
	fixture_fill(bytes, length, number);
	return spool_append(s, bytes, length, FIXTURE_START_MS + (int64_t)number * 1000,
		sequence, &e);
}

/* Which batch a sequence holds; the test fails when its bytes are not that batch's. */
static inline uint64_t fixture_number(struct spool *s, uint64_t sequence)
{
	static uint8_t expected[WIRE_FRAME_BYTES_MAX];
	struct buf b = {0};
	struct err e;
	uint64_t number;
	if (!spool_read(s, sequence, &b, &e))
		fail_msg("%s", e.text);
	assert_true(b.length >= sizeof number);
	memcpy(&number, b.data, sizeof number);
	fixture_fill(expected, b.length, number);
	assert_memory_equal(b.data, expected, b.length);
	buf_finish(&b);
	return number;
}

static inline struct spool_stats fixture_stats(const struct spool *s)
{
	struct spool_stats stats;
	spool_get_stats(s, &stats);
	return stats;
}

/* The sum of the pending gaps. */
static inline uint64_t fixture_gaps(struct spool *s)
{
	struct wire_gap gaps[SPOOL_GAPS_MAX];
	size_t count = spool_take_gaps(s, gaps);
	uint64_t sum = 0;
	for (size_t i = 0; i < count; i++)
		sum += gaps[i].batches;
	return sum;
}

#endif
