#include "server/history/sketch.h"

#include "server/history/varint.h"

#include <math.h>
#include <string.h>

void sketch_reset(struct sketch *s)
{
	*s = (struct sketch){0};
}

static double sketch_growth(void)
{
	return (1 + SKETCH_ERROR) / (1 - SKETCH_ERROR);
}

/* Bucket b counts what is above growth^(b - 1), up to growth^b. */
static uint32_t sketch_bucket(int64_t value)
{
	double bucket = ceil(log((double)value) / log(sketch_growth()));
	return bucket < SKETCH_BUCKETS - 1 ? (uint32_t)bucket : SKETCH_BUCKETS - 1;
}

/* What is off by the same share from both bounds of the bucket. */
static int64_t sketch_middle(uint32_t bucket)
{
	double growth = sketch_growth();
	double middle = pow(growth, bucket) * 2 / (growth + 1);
	return middle < 0x1p63 ? llround(middle) : INT64_MAX;
}

/* Counts past 32 bits stay at their greatest: no fleet has as many instances. */
static void sketch_count(struct sketch *s, uint32_t bucket, uint32_t count)
{
	if (__builtin_add_overflow(s->count[bucket], count, &s->count[bucket]))
		s->count[bucket] = UINT32_MAX;
	if (s->low == s->high || bucket < s->low)
		s->low = bucket;
	if (bucket >= s->high)
		s->high = bucket + 1;
	s->total += count;
}

void sketch_add(struct sketch *s, int64_t value)
{
	if (value >= 1) {
		sketch_count(s, sketch_bucket(value), 1);
	} else {
		s->zeros++;
		s->total++;
	}
}

void sketch_merge(struct sketch *s, const struct sketch *other)
{
	s->zeros += other->zeros;
	s->total += other->zeros;
	for (uint32_t i = other->low; i < other->high; i++)
		if (other->count[i])
			sketch_count(s, i, other->count[i]);
}

int64_t sketch_quantile(const struct sketch *s, double q)
{
	if (s->total == 0)
		return 0;
	double rank = floor(q * (double)(s->total - 1));
	double seen = (double)s->zeros;
	if (rank < seen)
		return 0;
	for (uint32_t i = s->low; i < s->high; i++) {
		seen += s->count[i];
		if (rank < seen)
			return sketch_middle(i);
	}
	return s->high ? sketch_middle(s->high - 1) : 0;
}

void sketch_put(struct buf *out, const struct sketch *s)
{
	uint32_t next = 0;
	buf_byte(out, SKETCH_VERSION);
	varint_put(out, s->zeros);
	for (uint32_t i = s->low; i < s->high; i++) {
		if (!s->count[i])
			continue;
		varint_put(out, i - next);
		varint_put(out, s->count[i]);
		next = i + 1;
	}
}

/* Walks the buckets that are stored; with `s` NULL only checks them. */
static bool sketch_take_buckets(
	struct sketch *s, const uint8_t *at, const uint8_t *end, struct err *e)
{
	uint64_t next = 0, skip, count;
	while (at < end) {
		if (!varint_take(&at, end, &skip) || !varint_take(&at, end, &count))
			return err_set(e, ERR_INPUT, "sketch: cut off");
		if (skip >= SKETCH_BUCKETS - next)
			return err_set(e, ERR_INPUT, "sketch: no such bucket");
		if (count == 0 || count > UINT32_MAX)
			return err_set(e, ERR_INPUT, "sketch: a count is damaged");
		next += skip;
		if (s)
			sketch_count(s, (uint32_t)next, (uint32_t)count);
		next++;
	}
	return true;
}

bool sketch_take(struct sketch *s, const void *bytes, size_t length, struct err *e)
{
	const uint8_t *at = bytes, *end = at + length;
	uint64_t zeros;
	if (length < 2)
		return err_set(e, ERR_INPUT, "sketch: %zu bytes are too few", length);
	if (*at != SKETCH_VERSION)
		return err_set(e, ERR_INPUT, "sketch: version %d is not known", *at);
	at++;
	if (!varint_take(&at, end, &zeros) || zeros > UINT32_MAX)
		return err_set(e, ERR_INPUT, "sketch: the zeros are damaged");
	if (!sketch_take_buckets(NULL, at, end, e))
		return false;
	s->zeros += zeros;
	s->total += zeros;
	return sketch_take_buckets(s, at, end, e);
}
