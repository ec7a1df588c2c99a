#include "agent/insides/counting.h"

#include "agent/capture/room.h"
#include "agent/insides/asking.h"
#include "agent/insides/glance.h"
#include "common/clock.h"
#include "schema/metric.h"

#include <jansson.h>
#include <stdio.h>

/* Measured, see docs/insides.md: before a process has shown its own pace. */
#define COUNTING_US_PER_MB 20000.0
#define COUNTING_US_FIXED  60000.0

enum {
	COUNTING_AGAIN_MS = 10 * 60 * 1000, /* when it could not be done */
	COUNTING_SLACK_MS = 2000,
	COUNTING_NATIVE_BYTES = 32 << 20,
	COUNTING_FIXED_MB = 8,
	COUNTING_MB = 1 << 20,
};

bool counting_is_due(
	const struct config *c, const struct subject_inside *in, int64_t now_ms)
{
	return c->census_interval_ms > 0 && now_ms >= in->census_due_ms &&
	       in->heap_used_bytes >= 0;
}

static double counting_heap_mb(const struct subject_inside *in)
{
	double mb = (double)in->heap_used_bytes / COUNTING_MB;
	return mb < 1 ? 1 : mb;
}

static int64_t counting_walk_ms(const struct subject_inside *in)
{
	double us = in->census_us_per_mb > 0
			    ? counting_heap_mb(in) * in->census_us_per_mb * 1.25
			    : counting_heap_mb(in) * COUNTING_US_PER_MB +
				      COUNTING_US_FIXED;
	return (int64_t)(us / 1e3);
}

/* Whether its heap may be walked: that takes time, and memory that it keeps. */
static bool counting_may_walk(const struct config *c, const struct subject *s,
	int64_t pause_ms, struct err *e)
{
	const struct subject_inside *in = s->in;
	if (pause_ms > c->census_pause_max_ms)
		return err_set(e, ERR_INPUT,
			"only timers are counted: for the rest a heap of %.0f MiB "
			"would "
			"pause for about %lld ms, census_pause_max is %lld ms, and "
			"take "
			"about %.0f MiB",
			counting_heap_mb(in), (long long)pause_ms,
			(long long)c->census_pause_max_ms,
			counting_heap_mb(in) + COUNTING_FIXED_MB);
	struct room room;
	struct err ignored;
	uint64_t need = (uint64_t)in->heap_used_bytes * 2 + COUNTING_NATIVE_BYTES;
	if (room_read(c->procfs, c->cgroupfs, s->pid, &room, &ignored) &&
		(double)need > (double)room.free_bytes * 0.7)
		return err_set(e, ERR_INPUT,
			"only timers are counted: the rest may need %llu MiB, which "
			"%.120s does not have",
			(unsigned long long)need / COUNTING_MB, room.where);
	return true;
}

static bool counting_ask(const struct reader *rd, struct subject_inside *in,
	const char *kind, int64_t limit_ms, struct headcount *t, struct arena *a,
	struct err *e)
{
	char line[32];
	json_error_t failure;
	snprintf(line, sizeof line, "census %s\n", kind);
	struct asking ask = {.way = &in->preload, .line = line, .fd = -1};
	bool ok = asking_run(&ask, 1, rd->stop_fd, clock_mono_ms() + limit_ms);
	if (ok && ask.is_answered) {
		json_t *answer = json_loadb(ask.answer.data, ask.answer.length,
			JSON_REJECT_DUPLICATES, &failure);
		ok = headcount_add(t, answer, a, e);
		json_decref(answer);
	} else {
		*e = ask.e;
		if (ok && !ask.is_late && e->kind == ERR_IO)
			err_set(e, ERR_INPUT, "the process could not count %s", kind);
		ok = false;
	}
	asking_finish(&ask);
	return ok;
}

static bool counting_by_socket(const struct reader *rd, struct subject_inside *in,
	int64_t pause_ms, struct headcount *t, struct arena *a, struct err *e)
{
	for (int i = 0; i < HEADCOUNT_KINDS; i++) {
		if (headcount_wants(t, i) &&
			!counting_ask(rd, in, headcount_kinds[i],
				pause_ms * 4 + COUNTING_SLACK_MS, t, a, e) &&
			!headcount_goes_on(t, i, e))
			return false;
	}
	return true;
}

static bool counting_by_inspector(const struct reader *rd, const struct subject *s,
	struct door_statistics *statistics, struct headcount *t, struct arena *a,
	struct err *e)
{
	struct facts facts;
	struct glance g = {.procfs = rd->config->procfs,
		.state_dir = rd->config->state_dir,
		.service = s->service,
		.facts = &facts,
		.stop_fd = rd->stop_fd};
	return facts_read(rd->config->procfs, s->pid, &facts, e) &&
	       (facts.start_ticks == s->start_ticks ||
		       err_set(e, ERR_IO, "process %d has ended", s->pid)) &&
	       glance_read(&g, statistics, t, a, e);
}

/* After it: how long it takes here, and the values that only it knows. */
static void counting_note(struct reading *r, const struct headcount *t)
{
	struct subject_inside *in = r->subject->in;
	if (t->walk_us > 0)
		in->census_us_per_mb = (double)t->walk_us / counting_heap_mb(in);
	if ((int64_t)t->longest_us > in->pause_us)
		in->pause_us = (int64_t)t->longest_us;
	values_put(&r->values, PROCESS_insides_pause_us, in->pause_us);
	values_put(&r->values, PROCESS_timers, t->timers);
	values_put(&r->values, PROCESS_listeners, t->listeners);
	if (t->floor_bytes > 0)
		values_put(&r->values, PROCESS_heap_floor_kb, t->floor_bytes / 1024);
}

bool counting_run(const struct reader *rd, struct reading *r, int64_t now_ms,
	struct arena *a, struct err *e)
{
	struct subject_inside *in = r->subject->in;
	struct headcount *t = arena_alloc(a, sizeof *t);
	struct err why = {0};
	int64_t pause_ms = counting_walk_ms(in);
	in->census_due_ms = now_ms + COUNTING_AGAIN_MS;
	in->counted_ms = now_ms;
	headcount_init(t);
	if (!counting_may_walk(rd->config, r->subject, pause_ms, &why))
		t->wanted = HEADCOUNT_LIGHT;
	bool ok = in->route == SUBJECT_INSPECTOR
			  ? counting_by_inspector(
				    rd, r->subject, &r->statistics, t, a, e)
			  : counting_by_socket(rd, in, pause_ms, t, a, e);
	if (!ok)
		return false;
	headcount_resources(t, &r->statistics, a);
	counting_note(r, t);
	snprintf(in->census_problem, sizeof in->census_problem, "%.199s",
		t->wanted == HEADCOUNT_ALL ? "" : why.text);
	r->headcount = t;
	in->census_due_ms = now_ms + (rd->config->census_interval_ms > 0
						     ? rd->config->census_interval_ms
						     : COUNTING_AGAIN_MS);
	return true;
}
