#include "server/ingest/notice.h"

#include "common/err.h"

#include <stdlib.h>
#include <string.h>
#include <uthash.h>

enum { NOTICE_KEY_LENGTH = 191 };

struct notice_told {
	UT_hash_handle hh;
	char key[NOTICE_KEY_LENGTH + 1];
	int64_t told_ms;
};

struct notice {
	int64_t period_ms;
	struct notice_told *told; /* uthash keeps order: told longest ago first */
};

struct notice *notice_create(int64_t period_ms)
{
	struct notice *n = calloc(1, sizeof *n);
	BUG_ON(!n);
	n->period_ms = period_ms;
	return n;
}

static void notice_forget(struct notice *n, struct notice_told *told)
{
	HASH_DEL(n->told, told);
	free(told);
}

void notice_destroy(struct notice *n)
{
	if (!n)
		return;
	while (n->told)
		notice_forget(n, n->told);
	free(n);
}

/* The subject as it is, the text without its digits. */
static void notice_key(
	char key[NOTICE_KEY_LENGTH + 1], const char *subject, const char *text)
{
	size_t n = strnlen(subject, NOTICE_KEY_LENGTH / 2);
	memcpy(key, subject, n);
	key[n++] = ' ';
	for (; *text && n < NOTICE_KEY_LENGTH; text++)
		if (*text < '0' || *text > '9')
			key[n++] = *text;
	key[n] = 0;
}

bool notice_is_due(
	struct notice *n, const char *subject, const char *text, int64_t mono_ms)
{
	char key[NOTICE_KEY_LENGTH + 1];
	struct notice_told *told;
	notice_key(key, subject, text);
	HASH_FIND_STR(n->told, key, told);
	if (told && mono_ms - told->told_ms < n->period_ms)
		return false;
	if (told)
		notice_forget(n, told);
	else if (HASH_COUNT(n->told) >= NOTICE_SUBJECTS_MAX)
		notice_forget(n, n->told);
	told = calloc(1, sizeof *told);
	BUG_ON(!told);
	memcpy(told->key, key, strlen(key) + 1);
	told->told_ms = mono_ms;
	HASH_ADD_STR(n->told, key, told);
	return true;
}
