#include "agent/warnings/killed.h"

#include <stdlib.h>
#include <string.h>

/* The digits at `at`, at most 18, so that nothing wraps; *rest behind them. */
static bool killed_number(
	const char *at, const char *end, uint64_t *out, const char **rest)
{
	uint64_t value = 0;
	const char *digit = at;
	while (digit < end && *digit >= '0' && *digit <= '9' && digit - at < 18)
		value = value * 10 + (uint64_t)(*digit++ - '0');
	*out = value;
	*rest = digit;
	return digit > at;
}

static const char *killed_find(const char *at, const char *end, const char *words)
{
	return memmem(at, (size_t)(end - at), words, strlen(words));
}

/* A name may hold anything, ')' too: it ends with the last one before the sizes. */
static const char *killed_name_end(const char *at, const char *end)
{
	const char *sizes = killed_find(at, end, ") total-vm:");
	if (!sizes)
		sizes = killed_find(at, end, "), UID ");
	return sizes ? sizes : memrchr(at, ')', (size_t)(end - at));
}

bool killed_parse(const char *text, size_t length, struct sign *out)
{
	static const char words[] = "Killed process ";
	const char *end = text + length, *rest;
	const char *at = killed_find(text, end, words);
	uint64_t pid, kb;
	/* A program can write into the kernel's log only as root, but its name is in
	 * other lines of the kernel: the words have to stand where the kernel puts
	 * them. */
	bool is_group = killed_find(
		text, at ? at : text, "Memory cgroup out of memory: ");
	bool is_host = killed_find(text, at ? at : text, "Out of memory: ");
	if (!at || (at != text && !is_group && !is_host))
		return false;
	if (!killed_number(at + sizeof words - 1, end, &pid, &rest) || pid == 0 ||
		pid > INT32_MAX)
		return false;
	*out = (struct sign){.kind = WARNING_OOM_KILL, .pid = (uint32_t)pid};
	const char *scope = is_group ? "cgroup" : is_host ? "host" : "";
	if (*scope)
		sign_put(out, "scope", scope, strlen(scope));
	const char *name = rest < end ? memchr(rest, '(', (size_t)(end - rest)) : NULL;
	const char *name_end = name ? killed_name_end(name, end) : NULL;
	if (name_end)
		sign_put(out, "program", name + 1, (size_t)(name_end - name - 1));
	const char *size = killed_find(name_end ? name_end : rest, end, "anon-rss:");
	if (size && killed_number(size + 9, end, &kb, &rest))
		sign_put_number(out, "anon_kb", kb);
	return true;
}

bool killed_record_parse(const char *bytes, size_t length, struct killed_record *out)
{
	const char *end = bytes + length;
	const char *line_end = memchr(bytes, '\n', length);
	const char *head_end = memchr(bytes, ';', length);
	uint64_t numbers[3];
	const char *at = bytes;
	if (line_end)
		end = line_end;
	if (!head_end || head_end > end)
		return false;
	for (size_t i = 0; i < 3; i++) {
		if (!killed_number(at, head_end, &numbers[i], &at) ||
			(i < 2 && *at != ','))
			return false;
		at++;
	}
	*out = (struct killed_record){.priority = (unsigned)(numbers[0] & 0xffff),
		.sequence = numbers[1],
		.boot_us = numbers[2],
		.text = head_end + 1,
		.length = (size_t)(end - head_end - 1)};
	return true;
}
