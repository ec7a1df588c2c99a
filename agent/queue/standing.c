#include "agent/queue/standing.h"

#include "common/clock.h"
#include "common/log.h"

#include <stdio.h>
#include <string.h>

enum { STANDING_AGAIN_MS = 60000 };

void standing_say(struct standing *s, struct post *post, const struct standing_look *l)
{
	bool changed = !s->has_said || l->works != s->worked ||
		       strncmp(l->text, s->text, sizeof s->text - 1) != 0;
	int64_t now_mono_ms = clock_mono_ms();
	s->failures = l->works ? 0 : s->failures + 1;
	if (!changed && now_mono_ms - s->said_mono_ms < STANDING_AGAIN_MS)
		return;
	struct source_state state = {
		.name = s->name,
		.kind = s->kind,
		.at_unix_ms = clock_unix_ms(),
		.works = l->works,
		.took_us = (uint64_t)l->took_us,
		.text = l->text,
	};
	const struct wire_batch batch = {.sources = &state, .source_count = 1};
	struct err e;
	if (!post_store(post, &batch, &e))
		log_warn("queue %s: %s", s->name, e.text);
	if (changed && (!l->works || s->has_said))
		log_line(l->works ? LOG_INFO : LOG_WARN, "queue %s: %s", s->name,
			*l->text ? l->text : "works");
	s->has_said = true;
	s->worked = l->works;
	s->said_mono_ms = now_mono_ms;
	snprintf(s->text, sizeof s->text, "%s", l->text);
}

int64_t standing_wait_ms(const struct standing *s, int64_t interval_ms)
{
	int64_t wait_ms = interval_ms;
	for (int i = 0; i < s->failures && wait_ms < STANDING_MOST_MS; i++)
		wait_ms *= 2;
	return s->failures && wait_ms > STANDING_MOST_MS &&
			       interval_ms < STANDING_MOST_MS
		       ? STANDING_MOST_MS
		       : wait_ms;
}
