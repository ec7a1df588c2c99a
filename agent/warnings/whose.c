#include "agent/warnings/whose.h"

#include "agent/capture/procfile.h"

#include <stdlib.h>
#include <string.h>

enum { WHOSE_JUST_MS = 60000 };

static bool whose_serves(const struct life *life, const char *service)
{
	return !service || !*service || strcmp(life->is.service, service) == 0;
}

/* The pid that the process has for itself: the last one of the line "NSpid:". */
static uint32_t whose_own_pid(const char *procfs, uint32_t pid)
{
	struct buf text = {0};
	uint32_t own = 0;
	if (procfile_read(procfs, (int)pid, "status", &text)) {
		char *line = strstr(text.data, "\nNSpid:");
		char *end = line ? strchr(line + 1, '\n') : NULL;
		if (end) {
			*end = '\0';
			char *last = strrchr(line, '\t');
			own = last ? (uint32_t)strtoul(last, NULL, 10) : 0;
		}
	}
	buf_finish(&text);
	return own;
}

static const struct life *whose_by_pid(
	const struct whose *w, uint32_t pid, const char *service)
{
	size_t count;
	const struct life *const *all = lives_all(w->lives, &count);
	const struct life *found = lives_find(w->lives, pid);
	if (found && whose_serves(found, service))
		return found;
	if (!service || !*service)
		return NULL;
	for (size_t i = 0; i < count; i++)
		if (all[i]->runs && whose_serves(all[i], service) &&
			whose_own_pid(w->procfs, all[i]->is.pid) == pid)
			return all[i];
	return NULL;
}

static const struct life *whose_newest(
	const struct whose *w, const char *service, bool just_ended)
{
	size_t count;
	const struct life *const *all = lives_all(w->lives, &count);
	const struct life *found = NULL;
	for (size_t i = 0; i < count; i++) {
		const struct life *life = all[i];
		bool fits = !just_ended ||
			    (!life->runs && w->now_unix_ms - life->seen_unix_ms <
						    WHOSE_JUST_MS);
		if (!fits || strcmp(life->is.service, service) != 0)
			continue;
		if (!found || life->is.started_unix_ms > found->is.started_unix_ms)
			found = life;
	}
	return found;
}

const struct wire_process *whose_is(
	const struct whose *w, const struct sign *sign, const char *service)
{
	bool is_end = sign->kind == WARNING_HEAP_OUT_OF_MEMORY ||
		      sign->kind == WARNING_UNCAUGHT_EXCEPTION;
	const struct life *life = NULL;
	if (sign->pid)
		life = whose_by_pid(w, sign->pid, service);
	if (!life && service && *service && is_end)
		life = whose_newest(w, service, true);
	if (!life && service && *service)
		life = whose_newest(w, service, false);
	return life ? &life->is : NULL;
}
