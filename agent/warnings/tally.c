#include "agent/warnings/tally.h"

#include "common/arena.h"
#include "common/err.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct tally_words {
	bool has_life;
	struct wire_process life; /* its texts stand behind the struct's own */
	char *texts;
	char source[TALLY_SOURCE_MAX];
	struct sign sign;
	int64_t at_unix_ms;
	uint64_t waiting; /* not told yet */
	bool is_told;     /* at least once */
	int64_t told_mono_ms;
};

struct tally {
	void (*tell)(void *context, const struct wire_batch *batch);
	void *context;
	struct tally_words *words[TALLY_WORDS_MAX];
	size_t count;
};

struct tally *tally_create(
	void (*tell)(void *context, const struct wire_batch *batch), void *context)
{
	struct tally *t = calloc(1, sizeof *t);
	BUG_ON(!t);
	t->tell = tell;
	t->context = context;
	return t;
}

static void tally_free(struct tally_words *w)
{
	free(w->texts);
	free(w);
}

void tally_destroy(struct tally *t)
{
	if (!t)
		return;
	for (size_t i = 0; i < t->count; i++)
		tally_free(t->words[i]);
	free(t);
}

static void tally_copy_life(struct tally_words *w, const struct wire_process *life)
{
	const char **texts[] = {&w->life.service, &w->life.version, &w->life.runtime,
		&w->life.rule, &w->life.command};
	size_t size = 0;
	w->life = *life;
	w->life.fingerprint = "";
	w->has_life = true;
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		size += strlen(*texts[i]) + 1;
	char *at = w->texts = malloc(size);
	BUG_ON(!at);
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		size_t length = strlen(*texts[i]) + 1;
		*texts[i] = memcpy(at, *texts[i], length);
		at += length;
	}
}

static bool tally_is(const struct tally_words *w, const struct tally_event *event,
	const struct sign *sign)
{
	const struct wire_process *life = event->life;
	if (w->has_life != (life != NULL) ||
		(life && (w->life.pid != life->pid ||
				 w->life.start_ticks != life->start_ticks)))
		return false;
	return strcmp(w->source, event->source) == 0 && sign_equals(&w->sign, sign);
}

/* Where new words go: at the end, or in the place of those silent for longest. */
static size_t tally_room(struct tally *t)
{
	size_t oldest = 0;
	if (t->count < TALLY_WORDS_MAX)
		return t->count++;
	for (size_t i = 1; i < t->count; i++)
		if (t->words[i]->at_unix_ms < t->words[oldest]->at_unix_ms)
			oldest = i;
	if (t->words[oldest]->waiting)
		tally_run(t, 0, true);
	tally_free(t->words[oldest]);
	return oldest;
}

void tally_add(
	struct tally *t, const struct tally_event *event, const struct sign *sign)
{
	for (size_t i = 0; i < t->count; i++) {
		struct tally_words *w = t->words[i];
		if (!tally_is(w, event, sign))
			continue;
		/* Of the first, as long as it was not told, and then of the last. */
		if (w->is_told) {
			w->sign = *sign;
			w->at_unix_ms = event->at_unix_ms;
		}
		w->waiting += event->times;
		return;
	}
	struct tally_words *w = calloc(1, sizeof *w);
	BUG_ON(!w);
	if (event->life)
		tally_copy_life(w, event->life);
	snprintf(w->source, sizeof w->source, "%s", event->source);
	w->sign = *sign;
	w->at_unix_ms = event->at_unix_ms;
	w->waiting = event->times;
	t->words[tally_room(t)] = w;
}

static uint32_t tally_process(struct wire_batch *batch, const struct wire_process *life)
{
	for (size_t i = 0; i < batch->process_count; i++)
		if (batch->processes[i].pid == life->pid &&
			batch->processes[i].start_ticks == life->start_ticks)
			return (uint32_t)i;
	batch->processes[batch->process_count] = *life;
	return (uint32_t)batch->process_count++;
}

static void tally_put(
	struct wire_batch *batch, const struct tally_words *w, struct arena *a)
{
	struct wire_warning *out = &batch->warnings[batch->warning_count++];
	*out = (struct wire_warning){.has_process = w->has_life,
		.is = {.kind = w->sign.kind,
			.source = w->source,
			.at_unix_ms = w->at_unix_ms,
			.count = w->waiting,
			.field_count = 2 * w->sign.count}};
	if (w->has_life)
		out->process = tally_process(batch, &w->life);
	out->is.fields = arena_array(a, out->is.field_count + 1, sizeof(char *));
	for (size_t i = 0; i < w->sign.count; i++) {
		out->is.fields[2 * i] = w->sign.fields[i].name;
		out->is.fields[2 * i + 1] = w->sign.fields[i].value;
	}
}

static void tally_tell(struct tally *t, struct wire_batch *batch)
{
	if (batch->warning_count)
		t->tell(t->context, batch);
	batch->warning_count = batch->process_count = 0;
}

void tally_run(struct tally *t, int64_t now_mono_ms, bool is_end)
{
	struct arena arena;
	arena_init(&arena);
	struct wire_batch batch = {
		.processes = arena_array(
			&arena, WIRE_WARNINGS_MAX, sizeof *batch.processes),
		.warnings = arena_array(
			&arena, WIRE_WARNINGS_MAX, sizeof *batch.warnings),
	};
	for (size_t i = 0; i < t->count; i++) {
		struct tally_words *w = t->words[i];
		bool is_due = is_end || !w->is_told ||
			      now_mono_ms - w->told_mono_ms >= TALLY_MINUTE_MS;
		if (!w->waiting || !is_due)
			continue;
		tally_put(&batch, w, &arena);
		w->waiting = 0;
		w->is_told = true;
		w->told_mono_ms = now_mono_ms;
		if (batch.warning_count == WIRE_WARNINGS_MAX)
			tally_tell(t, &batch);
	}
	tally_tell(t, &batch);
	arena_finish(&arena);
}
