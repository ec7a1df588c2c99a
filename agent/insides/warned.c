#include "agent/insides/warned.h"

#include "common/clock.h"

#include <stdio.h>
#include <string.h>

enum { WARNED_FIELDS = 8, WARNED_AGAIN = 2 };

static struct subject_warned *warned_find(
	struct subject_inside *in, const struct door_warning *w)
{
	for (size_t i = 0; i < in->warned_count; i++) {
		struct subject_warned *known = &in->warned[i];
		if (!strcmp(known->emitter, w->emitter) &&
			!strcmp(known->event, w->event))
			return known;
	}
	if (in->warned_count == DOOR_WARNINGS_MAX)
		return NULL;
	struct subject_warned *known = &in->warned[in->warned_count++];
	memcpy(known->emitter, w->emitter, sizeof known->emitter);
	memcpy(known->event, w->event, sizeof known->event);
	known->count = 0;
	return known;
}

static struct warning warned_make(
	const struct door_warning *w, bool is_first, struct arena *a)
{
	const char **fields = arena_array(a, WARNED_FIELDS, sizeof *fields);
	size_t n = 0;
	fields[n++] = "emitter";
	fields[n++] = arena_strdup(a, w->emitter);
	fields[n++] = "event";
	fields[n++] = arena_strdup(a, w->event);
	fields[n++] = "count";
	fields[n++] = arena_printf(a, "%lld", (long long)w->count);
	if (w->stack[0]) {
		/* Texts of the wire have no line ends. */
		char *stack = arena_strdup(a, w->stack);
		for (char *c = strchr(stack, '\n'); c; c = strchr(c, '\n'))
			*c = ' ';
		fields[n++] = "stack";
		fields[n++] = stack;
	}
	int64_t now_ms = clock_unix_ms();
	bool has_time = is_first && w->first_ms > 0 && w->first_ms <= now_ms;
	return (struct warning){.kind = WARNING_MAX_LISTENERS,
		.source = "preload",
		.at_unix_ms = has_time ? w->first_ms : now_ms,
		.count = 1,
		.fields = fields,
		.field_count = n};
}

size_t warned_take(struct subject_inside *in, const struct door_statistics *s,
	uint32_t process, struct arena *a, struct wire_warning out[DOOR_WARNINGS_MAX])
{
	size_t count = 0;
	for (size_t i = 0; i < s->warning_count; i++) {
		const struct door_warning *w = &s->warnings[i];
		struct subject_warned *known = warned_find(in, w);
		if (!known || w->count <= 0 ||
			(known->count > 0 && w->count < known->count * WARNED_AGAIN))
			continue;
		out[count++] = (struct wire_warning){.has_process = true,
			.process = process,
			.is = warned_make(w, known->count == 0, a)};
		known->count = w->count;
	}
	return count;
}
