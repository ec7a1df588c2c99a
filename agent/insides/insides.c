#include "agent/insides/insides.h"

#include "agent/insides/counting.h"
#include "agent/insides/reader.h"
#include "agent/insides/states.h"
#include "agent/insides/warned.h"
#include "common/clock.h"
#include "common/log.h"

#include <stdio.h>
#include <string.h>

enum { INSIDES_STORE_MAX = 64, INSIDES_CENSUS_LEAST_MS = 10 * 60 * 1000 };

struct insides {
	const struct part *part;
	struct reader reader;
	struct subjects subjects;
	struct states states;
	struct arena arena; /* of one round */
	struct wire_process *processes;
	size_t process_count;
};

/* What was read joins the agent's next samples of the same processes. */
static void insides_join(
	struct insides *t, const struct reading *readings, size_t count)
{
	struct wire_tick tick = {.at_unix_ms = clock_unix_ms()};
	struct wire_process *processes = arena_array(
		&t->arena, count + 1, sizeof *processes);
	tick.samples = arena_array(&t->arena, count + 1, sizeof *tick.samples);
	for (size_t i = 0; i < count; i++) {
		if (!readings[i].ok)
			continue;
		processes[tick.sample_count] = t->processes[readings[i].subject->at];
		/* Whoever finds out fingerprints says them. */
		processes[tick.sample_count].fingerprint = "";
		tick.samples[tick.sample_count] = (struct wire_sample){
			(uint32_t)tick.sample_count, readings[i].values};
		tick.sample_count++;
	}
	const struct wire_batch batch = {.processes = processes,
		.process_count = tick.sample_count,
		.ticks = &tick,
		.tick_count = 1};
	struct err e;
	if (tick.sample_count > 0 && !post_join(t->part->post, &batch, &e))
		log_warn("insides: %s", e.text);
}

static void insides_store(struct insides *t, const struct wire_batch *batch)
{
	struct err e;
	if (!post_store(t->part->post, batch, &e))
		log_warn("insides: %s", e.text);
}

static void insides_warn(struct insides *t, struct reading *r)
{
	struct wire_warning warnings[DOOR_WARNINGS_MAX];
	struct subject_inside *in = r->subject->in;
	const struct wire_batch batch = {.processes = &t->processes[r->subject->at],
		.process_count = 1,
		.warnings = warnings,
		.warning_count = warned_take(
			in, &r->statistics, 0, &t->arena, warnings)};
	if (batch.warning_count == 0)
		return;
	insides_store(t, &batch);
	/* A finding: what is held now is worth a look, but not again and again. */
	int64_t soon_ms = in->counted_ms + INSIDES_CENSUS_LEAST_MS;
	if (soon_ms < in->census_due_ms)
		in->census_due_ms = soon_ms;
}

static void insides_post_census(struct insides *t, const struct reading *r)
{
	struct wire_census census = {.process = 0};
	headcount_close(r->headcount, &census.is);
	census.is.at_unix_ms = clock_unix_ms();
	census.is.route = subjects_route_name(r->subject->in->route);
	const struct wire_batch batch = {.processes = &t->processes[r->subject->at],
		.process_count = 1,
		.censuses = &census,
		.census_count = 1};
	insides_store(t, &batch);
}

/* One heap is counted in a round, the one that has waited longest. */
static void insides_count(
	struct insides *t, struct reading *readings, size_t count, int64_t now_ms)
{
	struct reading *chosen = NULL;
	struct err e;
	for (size_t i = 0; i < count; i++) {
		struct subject_inside *in = readings[i].subject->in;
		if (!readings[i].ok || !readings[i].has_statistics ||
			!counting_is_due(t->part->config, in, now_ms))
			continue;
		if (!chosen || in->census_due_ms < chosen->subject->in->census_due_ms)
			chosen = &readings[i];
	}
	if (!chosen)
		return;
	if (counting_run(&t->reader, chosen, now_ms, &t->arena, &e))
		insides_post_census(t, chosen);
	else
		snprintf(chosen->subject->in->census_problem,
			sizeof chosen->subject->in->census_problem, "%.199s", e.text);
}

static void insides_tell_states(struct insides *t, int64_t now_ms)
{
	size_t count;
	struct source_state *all = states_take(
		&t->states, &t->subjects, now_ms, &t->arena, &count);
	for (size_t i = 0; i < count; i += INSIDES_STORE_MAX) {
		size_t part = count - i < INSIDES_STORE_MAX ? count - i
							    : INSIDES_STORE_MAX;
		const struct wire_batch batch = {
			.sources = all + i, .source_count = part};
		insides_store(t, &batch);
	}
}

static bool insides_round(struct insides *t, int64_t now_ms)
{
	size_t count;
	arena_reset(&t->arena);
	t->processes = crowd_copy(t->part->crowd, &t->arena, &t->process_count);
	subjects_set(
		&t->subjects, t->part->config, t->processes, t->process_count, now_ms);
	struct reading *readings = reader_run(
		&t->reader, &t->subjects, now_ms, &t->arena, &count);
	if (!readings)
		return false;
	insides_count(t, readings, count, now_ms);
	insides_join(t, readings, count);
	for (size_t i = 0; i < count; i++) {
		if (readings[i].ok && readings[i].has_statistics)
			insides_warn(t, &readings[i]);
	}
	insides_tell_states(t, now_ms);
	return true;
}

/* Somebody wants to know what a process holds.  Whether some was asked for: then there
 * is a round at once. */
static bool insides_take_asked(struct insides *t, int64_t now_ms)
{
	uint32_t pid;
	uint64_t start_ticks;
	bool any = false;
	while (crowd_asked(t->part->crowd, &pid, &start_ticks)) {
		for (size_t i = 0; i < t->subjects.count; i++) {
			const struct subject *s = &t->subjects.all[i];
			if ((uint32_t)s->pid != pid || s->start_ticks != start_ticks ||
				!s->in)
				continue;
			s->in->census_due_ms = now_ms;
			s->in->due_ms = now_ms;
			any = true;
		}
	}
	return any;
}

void insides_run(const struct part *p)
{
	struct insides t = {.part = p, .reader = {p->config, p->stop_fd}};
	int64_t period_ms = subjects_period_ms(p->config, SUBJECT_PRELOAD);
	int64_t due_ms = clock_mono_ms();
	uint64_t seen = 0;
	if (!p->config->insides[0] && !p->config->inspect[0])
		return;
	arena_init(&t.arena);
	while (crowd_wait(p->crowd, &seen, due_ms)) {
		int64_t now_ms = clock_mono_ms();
		if (!insides_take_asked(&t, now_ms) && now_ms < due_ms)
			continue;
		if (!insides_round(&t, now_ms))
			break;
		if (now_ms >= due_ms)
			due_ms += period_ms;
		if (due_ms < clock_mono_ms())
			due_ms = clock_mono_ms() + period_ms;
	}
	states_finish(&t.states);
	subjects_finish(&t.subjects);
	arena_finish(&t.arena);
}
