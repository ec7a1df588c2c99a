#include "common/semver.h"

#include <ctype.h>
#include <string.h>

enum { SEMVER_DIGITS_MAX = 18 };

/* A number without a sign; NULL: there is none. */
static const char *semver_number(const char *text, uint64_t *out)
{
	size_t n = 0;
	*out = 0;
	for (; isdigit((unsigned char)text[n]); n++)
		*out = *out * 10 + (uint64_t)(text[n] - '0');
	return n == 0 || n > SEMVER_DIGITS_MAX ? NULL : text + n;
}

static bool semver_is_mark(char c)
{
	return isalnum((unsigned char)c) || c == '-';
}

/* Marks parted by dots; NULL: that is not what it is. */
static const char *semver_marks(const char *text)
{
	for (;; text++) {
		if (!semver_is_mark(*text))
			return NULL;
		while (semver_is_mark(*text))
			text++;
		if (*text != '.')
			return text;
	}
}

bool semver_parse(const char *text, struct semver *out)
{
	struct semver v = {0};
	if (*text == 'v' || *text == 'V')
		text++;
	for (int i = 0; i < 3; i++) {
		text = semver_number(text, &v.number[i]);
		if (!text)
			return false;
		if (*text != '.')
			break;
		if (i < 2)
			text++;
	}
	v.pre = "";
	if (*text == '-') {
		const char *end = semver_marks(text + 1);
		if (!end)
			return false;
		v.pre = text + 1;
		v.pre_length = (size_t)(end - v.pre);
		text = end;
	}
	if (*text == '+')
		text = semver_marks(text + 1);
	if (!text || *text)
		return false;
	*out = v;
	return true;
}

static int semver_sign(bool less, bool more)
{
	return more - less;
}

static bool semver_is_numeric(const char *mark, size_t length)
{
	for (size_t i = 0; i < length; i++)
		if (!isdigit((unsigned char)mark[i]))
			return false;
	return true;
}

/* Numbers by their size and before words, words by their letters. */
static int semver_compare_marks(
	const char *a, size_t a_length, const char *b, size_t b_length)
{
	bool a_number = semver_is_numeric(a, a_length);
	bool b_number = semver_is_numeric(b, b_length);
	if (a_number != b_number)
		return semver_sign(a_number, b_number);
	if (a_number && a_length != b_length)
		return semver_sign(a_length<b_length, a_length> b_length);
	size_t shorter = a_length < b_length ? a_length : b_length;
	int order = memcmp(a, b, shorter);
	return order ? order : semver_sign(a_length<b_length, a_length> b_length);
}

static size_t semver_mark_length(const char *mark, const char *end)
{
	size_t n = 0;
	while (mark + n < end && mark[n] != '.')
		n++;
	return n;
}

static int semver_compare_pre(const struct semver *a, const struct semver *b)
{
	const char *at = a->pre, *bt = b->pre;
	const char *a_end = at + a->pre_length, *b_end = bt + b->pre_length;
	while (at < a_end && bt < b_end) {
		size_t a_length = semver_mark_length(at, a_end);
		size_t b_length = semver_mark_length(bt, b_end);
		int order = semver_compare_marks(at, a_length, bt, b_length);
		if (order)
			return order;
		at += a_length + 1;
		bt += b_length + 1;
	}
	return semver_sign(bt < b_end, at < a_end);
}

int semver_compare(const struct semver *a, const struct semver *b)
{
	for (int i = 0; i < 3; i++)
		if (a->number[i] != b->number[i])
			return semver_sign(
				a->number[i]<b->number[i], a->number[i]> b->number[i]);
	if (!a->pre_length || !b->pre_length)
		return semver_sign(a->pre_length, b->pre_length);
	return semver_compare_pre(a, b);
}
