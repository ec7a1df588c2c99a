#include "server/history/numbers.h"

#include <endian.h>
#include <string.h>

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

/* The power of two that divides all comes out of one quick pass; of what is left the
 * divisor is nearly always 1 after a few values. */
uint64_t numbers_unit(const int64_t *values, size_t count)
{
	uint64_t any = 0, odd = 0;
	for (size_t i = 1; i < count; i++)
		any |= (uint64_t)values[i] - (uint64_t)values[i - 1];
	if (any == 0)
		return 0;
	int shift = __builtin_ctzll(any);
	for (size_t i = 1; i < count && odd != 1; i++) {
		uint64_t step = (uint64_t)values[i] - (uint64_t)values[i - 1];
		odd = numbers_gcd(numbers_magnitude(step) >> shift, odd);
	}
	return odd << shift;
}

/* How numbers are divided by the unit, which divides them without a rest. */
struct numbers_divider {
	int shift;
	uint64_t odd;
};

static uint64_t numbers_divide(uint64_t number, const struct numbers_divider *d)
{
	uint64_t part = (uint64_t)((int64_t)number >> d->shift);
	if (d->odd == 1)
		return part;
	uint64_t size = numbers_magnitude(part) / d->odd;
	return (int64_t)part < 0 ? -size : size;
}

static uint8_t *numbers_write_literal(uint8_t *at, uint64_t number)
{
	uint64_t code = varint_zigzag(number) + 1;
	if (code - 1 < 0x7f) {
		*at = (uint8_t)code;
		return at + 1;
	}
	if (code)
		return varint_write(at, code);
	/* 2^64: the only one that has 65 bits. */
	memset(at, 0x80, VARINT_BYTES_MAX - 1);
	at[VARINT_BYTES_MAX - 1] = 2;
	return at + VARINT_BYTES_MAX;
}

static uint8_t *numbers_write_run(uint8_t *at, uint64_t number, size_t length)
{
	if (length >= NUMBERS_RUN_MIN) {
		*at++ = 0;
		return varint_write(at, length - NUMBERS_RUN_MIN);
	}
	while (length--)
		at = numbers_write_literal(at, number);
	return at;
}

uint8_t *numbers_write(
	uint8_t *at, const int64_t *values, size_t count, uint64_t usual, uint64_t unit)
{
	struct numbers_divider d = {.shift = unit ? __builtin_ctzll(unit) : 0};
	uint64_t before = 0;
	size_t run = 0;
	d.odd = unit ? unit >> d.shift : 1;
	for (size_t i = 0; i < count; i++) {
		uint64_t step = (uint64_t)values[i + 1] - (uint64_t)values[i] - usual;
		uint64_t number = numbers_divide(step, &d);
		if (number == before) {
			run++;
			continue;
		}
		if (run)
			at = numbers_write_run(at, before, run);
		run = 0;
		at = numbers_write_literal(at, number);
		before = number;
	}
	return run ? numbers_write_run(at, before, run) : at;
}

/* As varint_take, with the 65 bits of a literal; *wrapped: it was 2^64. */
static bool numbers_take_long(
	const uint8_t **at, const uint8_t *end, uint64_t *code, bool *wrapped)
{
	static const uint8_t largest[VARINT_BYTES_MAX] = {
		0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 2};
	*wrapped = end - *at >= VARINT_BYTES_MAX &&
		   memcmp(*at, largest, VARINT_BYTES_MAX) == 0;
	if (*wrapped) {
		*at += VARINT_BYTES_MAX;
		*code = 0;
		return true;
	}
	return varint_take(at, end, code);
}

/* The varint of two to eight bytes in `word`, without a branch on how many: lengths of
 * noisy numbers cannot be foreseen. */
static uint64_t numbers_join(uint64_t word, int bytes)
{
	word &= UINT64_MAX >> (64 - 8 * bytes);
	word &= UINT64_C(0x7f7f7f7f7f7f7f7f);
	word = (word & UINT64_C(0x007f007f007f007f)) |
	       ((word & UINT64_C(0x7f007f007f007f00)) >> 1);
	word = (word & UINT64_C(0x00003fff00003fff)) |
	       ((word & UINT64_C(0x3fff00003fff0000)) >> 2);
	return (word & UINT64_C(0x000000000fffffff)) |
	       ((word & UINT64_C(0x0fffffff00000000)) >> 4);
}

static bool numbers_take_code(
	const uint8_t **at, const uint8_t *end, uint64_t *code, bool *wrapped)
{
	const uint8_t *p = *at;
	*wrapped = false;
	if (p < end && *p < 0x80) {
		*code = *p;
		*at = p + 1;
		return true;
	}
	if (end - p >= 8) {
		uint64_t word, ends;
		memcpy(&word, p, sizeof word);
		word = le64toh(word);
		ends = ~word & UINT64_C(0x8080808080808080);
		if (ends) {
			int bytes = (__builtin_ctzll(ends) >> 3) + 1;
			*code = numbers_join(word, bytes);
			*at = p + bytes;
			return true;
		}
	}
	return numbers_take_long(at, end, code, wrapped);
}

bool numbers_take(const uint8_t **at, const uint8_t *end, int64_t *values, size_t count,
	uint64_t usual, uint64_t unit)
{
	uint64_t value = (uint64_t)values[0], step = usual, code;
	bool wrapped;
	for (size_t i = 1; i <= count;) {
		if (!numbers_take_code(at, end, &code, &wrapped))
			return false;
		if (code || wrapped) {
			step = varint_unzigzag(code - 1) * unit + usual;
			values[i++] = (int64_t)(value += step);
			continue;
		}
		if (!varint_take(at, end, &code) || code > SIZE_MAX - NUMBERS_RUN_MIN ||
			code + NUMBERS_RUN_MIN > count + 1 - i)
			return false;
		for (size_t left = code + NUMBERS_RUN_MIN; left; left--)
			values[i++] = (int64_t)(value += step);
	}
	return true;
}
