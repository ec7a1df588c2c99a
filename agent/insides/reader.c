#include "agent/insides/reader.h"

#include "agent/capture/statistics.h"
#include "agent/insides/asking.h"
#include "agent/insides/counting.h"
#include "agent/insides/glance.h"
#include "agent/list.h"
#include "common/clock.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

enum {
	READER_PATIENCE_MS = 1500,
	READER_PERIOD_MAX_MS = 10 * 60 * 1000,
	READER_SLOWER = 4,
	READER_OVERRUNS = 2,
	READER_FAILURES = 3,
	READER_GOOD = 6, /* readings until it is read more often again */
};

static void reader_slower(struct subject_inside *in, const char *why)
{
	in->period_ms *= READER_SLOWER;
	if (in->period_ms > READER_PERIOD_MAX_MS)
		in->period_ms = READER_PERIOD_MAX_MS;
	in->overruns = in->failures = in->good = 0;
	snprintf(in->problem, sizeof in->problem, "%.120s: it is read every %lld s now",
		why, (long long)in->period_ms / 1000);
}

static void reader_failed(struct subject_inside *in, const struct err *e)
{
	in->works = false;
	in->good = 0;
	snprintf(in->problem, sizeof in->problem, "%.199s", e->text);
	if (++in->failures >= READER_FAILURES)
		reader_slower(in, e->text);
}

static void reader_succeeded(const struct config *c, struct subject_inside *in)
{
	int64_t period_ms = subjects_period_ms(c, in->route);
	in->works = true;
	in->failures = 0;
	if (in->period_ms <= period_ms) {
		in->problem[0] = '\0';
		in->period_ms = period_ms;
	} else if (++in->good >= READER_GOOD) {
		in->good = 0;
		in->period_ms /= READER_SLOWER;
		if (in->period_ms < period_ms)
			in->period_ms = period_ms;
	}
}

/* What it took: into the values, and judged. */
static void reader_cost(const struct config *c, struct reading *r, int64_t cpu_us,
	int64_t bytes, int64_t last_us)
{
	struct subject_inside *in = r->subject->in;
	const struct values_cost cost = {cpu_us, bytes, in->pause_us};
	char why[80];
	values_cost(&cost, &r->values);
	in->took_us = cpu_us;
	reader_succeeded(c, in);
	if (cpu_us <= READER_BUDGET_US && last_us <= READER_BUDGET_US) {
		in->overruns = 0;
		return;
	}
	if (++in->overruns < READER_OVERRUNS)
		return;
	snprintf(why, sizeof why, "a reading took %.1f ms of ours, %.1f ms of its time",
		(double)cpu_us / 1e3, (double)(last_us > 0 ? last_us : 0) / 1e3);
	reader_slower(in, why);
}

static void reader_longest(struct subject_inside *in, int64_t us)
{
	in->pause_us = us > in->pause_us ? us : in->pause_us;
}

/* Takes the answer of a preload. */
static bool reader_take(struct reading *r, const struct asking *ask, struct err *e)
{
	json_error_t failure;
	json_t *document = json_loadb(
		ask->answer.data, ask->answer.length, JSON_REJECT_DUPLICATES, &failure);
	bool ok = statistics_parse(document, &r->statistics, e);
	json_decref(document);
	return ok;
}

/* Without a socket the next best way is taken, or none. */
static void reader_no_socket(const struct config *c, struct subject *s, struct err *e)
{
	struct subject_inside *in = s->in;
	if (in->preload.refusal == DOOR_NO_ROUTE) {
		bool may = list_matches(c->inspect, s->service);
		in->route = may ? SUBJECT_INSPECTOR : SUBJECT_NOTHING;
		in->period_ms = subjects_period_ms(c, in->route);
		in->problem[0] = '\0';
		return;
	}
	reader_failed(in, e);
}

static void reader_answered(
	const struct reader *rd, struct reading *r, struct asking *ask)
{
	struct subject_inside *in = r->subject->in;
	struct err e = ask->e;
	int64_t begun_us = asking_cpu_us();
	if (!ask->is_answered && !ask->is_late && in->preload.refusal) {
		reader_no_socket(rd->config, r->subject, &e);
		return;
	}
	if (!ask->is_answered || !reader_take(r, ask, &e)) {
		reader_failed(in, &e);
		return;
	}
	r->ok = r->has_statistics = true;
	in->heap_used_bytes = r->statistics.heap_used_bytes;
	reader_longest(in, r->statistics.longest_reading_us);
	values_node(&r->statistics, &r->values);
	reader_cost(rd->config, r, ask->cpu_us + asking_cpu_us() - begun_us,
		(int64_t)ask->answer.length, r->statistics.last_reading_us);
}

/* All sockets, so many at once as may be. */
static bool reader_sockets(
	const struct reader *rd, struct reading *all, size_t count, struct arena *a)
{
	struct asking *asks = arena_array(a, ASKING_MAX, sizeof *asks);
	size_t *which = arena_array(a, ASKING_MAX, sizeof *which);
	for (size_t i = 0; i < count;) {
		size_t n = 0;
		for (; i < count && n < ASKING_MAX; i++) {
			struct subject_inside *in = all[i].subject->in;
			if (in->route != SUBJECT_PRELOAD)
				continue;
			asks[n] = (struct asking){
				.way = &in->preload, .line = "stats\n", .fd = -1};
			which[n++] = i;
		}
		bool goes_on = asking_run(
			asks, n, rd->stop_fd, clock_mono_ms() + READER_PATIENCE_MS);
		for (size_t k = 0; k < n; k++) {
			if (goes_on)
				reader_answered(rd, &all[which[k]], &asks[k]);
			asking_finish(&asks[k]);
		}
		if (!goes_on)
			return false;
	}
	return true;
}

static void reader_java(const struct reader *rd, struct reading *r)
{
	struct subject_inside *in = r->subject->in;
	struct hsperf h;
	struct err e;
	int64_t bytes = 0, begun_us = asking_cpu_us();
	if (!java_read(&in->java, &h, &bytes, &e)) {
		reader_failed(in, &e);
		return;
	}
	r->ok = true;
	values_java(&h, &in->floor, &r->values);
	/* Only a file is read: the process does not notice. */
	in->pause_us = 0;
	reader_cost(rd->config, r, asking_cpu_us() - begun_us, bytes, 0);
}

static void reader_inspect(const struct reader *rd, struct reading *r)
{
	struct subject_inside *in = r->subject->in;
	struct err e;
	struct facts facts;
	struct glance g = {.procfs = rd->config->procfs,
		.state_dir = rd->config->state_dir,
		.service = r->subject->service,
		.facts = &facts,
		.stop_fd = rd->stop_fd};
	/* Its signals are as they are now: it may only just have started. */
	if (!facts_read(rd->config->procfs, r->subject->pid, &facts, &e) ||
		facts.start_ticks != r->subject->start_ticks)
		return;
	r->ok = glance_read(&g, &r->statistics, NULL, NULL, &e);
	if (!r->ok) {
		in->never |= g.refusal == DOOR_SELF_HANDLED ||
			     g.refusal == DOOR_NO_ROUTE || g.refusal == DOOR_FORBIDDEN;
		if (e.kind != ERR_BUSY || g.refusal != DOOR_NO_REFUSAL)
			reader_failed(in, &e);
		if (in->never)
			in->route = SUBJECT_NOTHING;
		return;
	}
	r->has_statistics = true;
	in->heap_used_bytes = r->statistics.heap_used_bytes;
	reader_longest(in, g.pause_us);
	values_node(&r->statistics, &r->values);
	reader_cost(rd->config, r, g.cpu_us, -1, g.pause_us);
}

void reader_one(
	const struct reader *rd, struct reading *r, bool census, struct arena *a)
{
	struct subject_inside *in = r->subject->in;
	struct err e;
	if (in->route == SUBJECT_PRELOAD)
		reader_sockets(rd, r, 1, a);
	if (in->route == SUBJECT_HSPERF)
		reader_java(rd, r);
	else if (in->route == SUBJECT_INSPECTOR)
		reader_inspect(rd, r);
	if (census && r->ok && r->has_statistics &&
		!counting_run(rd, r, clock_mono_ms(), a, &e))
		snprintf(in->census_problem, sizeof in->census_problem, "%.199s",
			e.text);
}

static bool reader_is_due(const struct subject *s, int64_t now_ms)
{
	return s->in && s->in->route != SUBJECT_NOTHING && now_ms >= s->in->due_ms;
}

struct reading *reader_run(const struct reader *rd, struct subjects *s, int64_t now_ms,
	struct arena *a, size_t *count)
{
	size_t n = 0, inspected = s->count, due = 0;
	for (size_t i = 0; i < s->count; i++)
		due += reader_is_due(&s->all[i], now_ms);
	/* A reading is large, and most subjects have nothing to read. */
	struct reading *all = arena_array(a, due + 1, sizeof *all);
	for (size_t i = 0; i < s->count; i++) {
		if (!reader_is_due(&s->all[i], now_ms))
			continue;
		struct subject_inside *in = s->all[i].in;
		if (in->route == SUBJECT_INSPECTOR && inspected < s->count)
			continue;
		if (in->route == SUBJECT_INSPECTOR)
			inspected = n;
		all[n++].subject = &s->all[i];
	}
	*count = n;
	if (!reader_sockets(rd, all, n, a))
		return NULL;
	for (size_t i = 0; i < n; i++) {
		struct subject_inside *in = all[i].subject->in;
		if (in->route == SUBJECT_HSPERF)
			reader_java(rd, &all[i]);
		/* One that has only just shown to have no socket waits for its turn. */
		else if (in->route == SUBJECT_INSPECTOR && i == inspected)
			reader_inspect(rd, &all[i]);
		in->due_ms = now_ms + in->period_ms;
	}
	return all;
}
