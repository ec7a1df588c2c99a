#include "server/history/numbers.h"

#include "server/history/varint.h"

#include <string.h>

enum {
	NUMBERS_SAMPLED = 64, /* steps at most of which the usual one is found */
	NUMBERS_RUN_MIN = 3,  /* steps; fewer are as short one by one */
};

/* How steps become what is stored. */
struct numbers_scale {
	uint64_t unit, odd, usual; /* odd: the unit without its power of two */
	int shift;
};

/* Where bytes go: `head` has the first ones. */
struct numbers_pen {
	uint8_t *head, *tail;
};

size_t numbers_bytes_max(size_t count)
{
	/* The first number, unit, usual and count of heads; then a code each. */
	return (count + 4) * VARINT_BYTES_MAX;
}

static uint64_t numbers_magnitude(uint64_t number)
{
	return (int64_t)number < 0 ? -number : number;
}

static uint64_t numbers_gcd(uint64_t a, uint64_t b)
{
	while (b) {
		uint64_t rest = a % b;
		a = b;
		b = rest;
	}
	return a;
}

static uint64_t numbers_step(const int64_t *values, size_t i)
{
	return (uint64_t)values[i] - (uint64_t)values[i - 1];
}

/* The power of two that divides all steps comes out of one quick pass; of what is left
 * the divisor is nearly always 1 after a few. */
static void numbers_find_unit(
	struct numbers_scale *s, const int64_t *values, size_t count)
{
	uint64_t any = 0, odd = 0;
	for (size_t i = 1; i < count; i++)
		any |= numbers_step(values, i);
	*s = (struct numbers_scale){0};
	if (any == 0)
		return;
	s->shift = __builtin_ctzll(any);
	for (size_t i = 1; i < count && odd != 1; i++) {
		uint64_t size = numbers_magnitude(numbers_step(values, i));
		odd = numbers_gcd(size >> s->shift, odd);
	}
	s->odd = odd;
	s->unit = odd << s->shift;
}

/* Divides by the unit, without a rest. */
static uint64_t numbers_scaled(const struct numbers_scale *s, uint64_t step)
{
	uint64_t part = (uint64_t)((int64_t)step >> s->shift);
	if (s->odd == 1)
		return part;
	uint64_t size = numbers_magnitude(part) / s->odd;
	return (int64_t)part < 0 ? -size : size;
}

/* The median of some steps: gaps and restarts do not move it.  Few of few: sorting must
 * not take longer than all else. */
static void numbers_find_usual(
	struct numbers_scale *s, const int64_t *values, size_t count)
{
	int64_t steps[NUMBERS_SAMPLED];
	size_t all = count - 1, sampled = 5 + all / 128;
	if (sampled > NUMBERS_SAMPLED)
		sampled = NUMBERS_SAMPLED;
	for (size_t i = 0; i < sampled; i++) {
		int64_t step = (int64_t)numbers_step(values, 1 + i * all / sampled);
		size_t place = i;
		for (; place > 0 && steps[place - 1] > step; place--)
			steps[place] = steps[place - 1];
		steps[place] = step;
	}
	s->usual = numbers_scaled(s, (uint64_t)steps[sampled / 2]);
}

static void numbers_write_code(struct numbers_pen *pen, uint64_t number)
{
	uint64_t zigzag = varint_zigzag(number);
	if (zigzag < 0x7f) {
		*pen->head++ = (uint8_t)(zigzag + 1);
		return;
	}
	/* zigzag + 1 may be 2^64: the carry counts in what is above the head. */
	*pen->head++ = (uint8_t)((zigzag + 1) | 0x80);
	pen->tail = varint_write(pen->tail, (zigzag >> 7) + ((zigzag & 0x7f) == 0x7f));
}

static void numbers_write_run(struct numbers_pen *pen, uint64_t number, size_t length)
{
	if (length >= NUMBERS_RUN_MIN) {
		*pen->head++ = 0;
		pen->tail = varint_write(pen->tail, length - NUMBERS_RUN_MIN);
		return;
	}
	while (length--)
		numbers_write_code(pen, number);
}

static void numbers_write_steps(struct numbers_pen *pen, const int64_t *values,
	size_t count, const struct numbers_scale *s)
{
	uint64_t before = 0;
	size_t run = 0;
	for (size_t i = 1; i < count; i++) {
		uint64_t number = numbers_scaled(s, numbers_step(values, i)) - s->usual;
		if (number == before) {
			run++;
			continue;
		}
		if (run)
			numbers_write_run(pen, before, run);
		run = 0;
		numbers_write_code(pen, number);
		before = number;
	}
	if (run)
		numbers_write_run(pen, before, run);
}

uint8_t *numbers_write(
	uint8_t *at, const int64_t *values, size_t count, const uint8_t **tails)
{
	struct numbers_scale s;
	if (count)
		at = varint_write(at, varint_zigzag((uint64_t)values[0]));
	*tails = at;
	if (count < 2)
		return at;
	numbers_find_unit(&s, values, count);
	at = varint_write(at, s.unit);
	*tails = at;
	if (!s.unit)
		return at;
	numbers_find_usual(&s, values, count);
	at = varint_write(at, varint_zigzag(s.usual));
	/* Heads and tails are written apart, then moved together. */
	uint8_t *heads = at + VARINT_BYTES_MAX, *rest = heads + count;
	struct numbers_pen pen = {heads, rest};
	numbers_write_steps(&pen, values, count, &s);
	size_t head_count = (size_t)(pen.head - heads);
	size_t tail_count = (size_t)(pen.tail - rest);
	at = varint_write(at, head_count);
	memmove(at, heads, head_count);
	at += head_count;
	*tails = at;
	memmove(at, rest, tail_count);
	return at + tail_count;
}

/* Bytes to read: tails begin where heads end. */
struct numbers_eye {
	const uint8_t *head, *heads_end, *tail, *end;
};

static bool numbers_take_steps(struct numbers_eye *eye, int64_t *values, size_t count,
	uint64_t unit, uint64_t usual)
{
	uint64_t value = (uint64_t)values[0], step = usual * unit, more;
	for (size_t i = 1; i < count;) {
		if (eye->head == eye->heads_end)
			return false;
		uint64_t code = *eye->head++;
		if (code - 1 >= 0x7f && !varint_take(&eye->tail, eye->end, &more))
			return false;
		if (code == 0) {
			if (more > count || more + NUMBERS_RUN_MIN > count - i)
				return false;
			for (more += NUMBERS_RUN_MIN; more; more--)
				values[i++] = (int64_t)(value += step);
			continue;
		}
		if (code >= 0x80)
			code = (code & 0x7f) | (more << 7);
		step = (varint_unzigzag(code - 1) + usual) * unit;
		values[i++] = (int64_t)(value += step);
	}
	return eye->head == eye->heads_end && eye->tail == eye->end;
}

bool numbers_take(const uint8_t *at, const uint8_t *end, int64_t *values, size_t count)
{
	uint64_t number, unit, usual, heads;
	if (count == 0)
		return at == end;
	if (!varint_take(&at, end, &number))
		return false;
	values[0] = (int64_t)varint_unzigzag(number);
	if (count == 1)
		return at == end;
	if (!varint_take(&at, end, &unit))
		return false;
	if (unit == 0) {
		for (size_t i = 1; i < count; i++)
			values[i] = values[0];
		return at == end;
	}
	if (!varint_take(&at, end, &usual) || !varint_take(&at, end, &heads) ||
		heads > (size_t)(end - at))
		return false;
	struct numbers_eye eye = {at, at + heads, at + heads, end};
	return numbers_take_steps(&eye, values, count, unit, varint_unzigzag(usual));
}
