#include "agent/insides/insides.h"

#include "agent/insides/counting.h"
#include "agent/insides/reader.h"
#include "agent/snapshot_pick.h"
#include "common/clock.h"
#include "common/json.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SHOWN_USAGE = 2, SHOWN_ROWS = 30, SHOWN_TIMES_MAX = 100000 };

static const char *const shown_kinds[] = {
	"", "listeners", "timers", "closures", "resources", "classes"};

struct shown {
	const struct config *config;
	const char *whom;
	bool json, census;
	int times; /* to read it, to see what that costs */
	int failures;
	int64_t most_us; /* of ours, in one reading */
	struct arena arena;
	struct snapshot_pick pick;
	struct subjects subjects;
	struct reading reading;
	struct census counted;
};

static bool shown_parse(struct shown *c, int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		if (!strcmp(argv[i], "--json"))
			c->json = true;
		else if (!strcmp(argv[i], "--census"))
			c->census = true;
		else if (argv[i][0] == '-' || (c->whom && c->times))
			return false;
		else if (c->whom)
			c->times = atoi(argv[i]);
		else
			c->whom = argv[i];
		if (c->times < 0 || c->times > SHOWN_TIMES_MAX)
			return false;
	}
	return c->whom != NULL;
}

static bool shown_unread(const struct shown *c, struct err *e)
{
	const struct subject *s = c->subjects.all;
	if (!s->in)
		return err_set(e, ERR_INPUT, "process %u (%s) is no Node.js or Java",
			c->pick.process.pid, c->pick.process.command);
	if (s->in->problem[0])
		return err_set(e, ERR_INPUT, "%s", s->in->problem);
	return err_set(e, ERR_INPUT,
		"process %u offers no way in: it was not started with the preload, and "
		"`inspect` does not name service %s",
		c->pick.process.pid, c->pick.process.service);
}

/* All but the last, which is the one that is shown. */
static void shown_repeat(struct shown *c, const struct reader *reader)
{
	struct subject *s = c->subjects.all;
	struct arena scratch;
	arena_init(&scratch);
	for (int i = 1; s->in && i < c->times; i++) {
		struct reading *r = arena_alloc(&scratch, sizeof *r);
		r->subject = s;
		reader_one(reader, r, false, &scratch);
		c->failures += !r->ok;
		if (s->in->took_us > c->most_us)
			c->most_us = s->in->took_us;
		arena_reset(&scratch);
	}
	arena_finish(&scratch);
}

static bool shown_read(struct shown *c, struct err *e)
{
	struct config open = *c->config;
	open.insides = "*";
	const struct reader reader = {&open, -1};
	if (!snapshot_pick_find(c->config, c->whom, &c->arena, &c->pick, e))
		return false;
	subjects_set(&c->subjects, &open, &c->pick.process, 1, clock_mono_ms());
	c->reading.subject = c->subjects.all;
	shown_repeat(c, &reader);
	if (c->subjects.all->in)
		reader_one(&reader, &c->reading, c->census, &c->arena);
	if (!c->reading.ok)
		return shown_unread(c, e);
	if (c->reading.headcount)
		headcount_close(c->reading.headcount, &c->counted);
	return true;
}

static void shown_print_census(const struct shown *c)
{
	const struct subject_inside *in = c->reading.subject->in;
	if (!c->census)
		return;
	if (!c->reading.headcount) {
		printf("\nNo census: %s\n", in->census_problem[0]
						    ? in->census_problem
						    : "only Node.js can be counted");
		return;
	}
	printf("\nCensus, paused for %.2f s in all%s\n",
		(double)c->counted.took_us / 1e6,
		in->census_problem[0] ? ""
		: c->counted.is_cut   ? ", small ones are left out"
				      : "");
	if (in->census_problem[0])
		printf("  %s\n", in->census_problem);
	for (size_t i = 0; i < c->counted.item_count && i < SHOWN_ROWS; i++) {
		const struct census_item *item = &c->counted.items[i];
		printf("  %10" PRIu64 "  %-10s %-32s %s\n", item->count,
			shown_kinds[item->kind], item->name, item->location);
	}
}

static void shown_print_cost(const struct shown *c)
{
	if (c->times > 1)
		printf("%d readings, %d of them failed; the longest took us %.1f ms\n",
			c->times, c->failures, (double)c->most_us / 1e3);
}

static void shown_print(const struct shown *c)
{
	const struct wire_values *v = &c->reading.values;
	const struct subject_inside *in = c->reading.subject->in;
	printf("%s: process %u, by %s", c->pick.process.service, c->pick.process.pid,
		subjects_route_name(in->route));
	if (c->pick.others > 0)
		printf(", the largest of %zu", c->pick.others + 1);
	printf("\n");
	shown_print_cost(c);
	for (int i = 0; i < METRIC_PROCESS_COUNT; i++) {
		if (v->present & UINT64_C(1) << i)
			printf("  %-20s %14" PRId64 " %s\n", metric_process[i].name,
				v->value[i], metric_process[i].unit);
	}
	for (size_t i = 0;
		c->reading.has_statistics && i < c->reading.statistics.warning_count;
		i++) {
		const struct door_warning *w = &c->reading.statistics.warnings[i];
		printf("\nMaxListenersExceededWarning: %s '%s' has %" PRId64
		       " listeners\n%s%s",
			w->emitter, w->event, w->count, w->stack,
			w->stack[0] ? "\n" : "");
	}
	shown_print_census(c);
}

static void shown_json_census(const struct shown *c, struct json *j)
{
	if (!c->reading.headcount)
		return;
	json_key(j, "census");
	json_object(j);
	json_put_int(j, "took_us", (int64_t)c->counted.took_us);
	json_put_bool(j, "is_cut", c->counted.is_cut);
	json_key(j, "items");
	json_array(j);
	for (size_t i = 0; i < c->counted.item_count; i++) {
		const struct census_item *item = &c->counted.items[i];
		json_object(j);
		json_put_string(j, "kind", shown_kinds[item->kind]);
		json_put_string(j, "name", item->name);
		json_put_string(j, "location", item->location);
		json_put_int(j, "count", (int64_t)item->count);
		json_end(j);
	}
	json_end(j);
	json_end(j);
}

static void shown_json(const struct shown *c)
{
	const struct wire_values *v = &c->reading.values;
	struct buf text = {0};
	struct json j;
	json_init(&j, &text);
	json_object(&j);
	json_put_string(&j, "service", c->pick.process.service);
	json_put_int(&j, "pid", c->pick.process.pid);
	json_put_string(
		&j, "route", subjects_route_name(c->reading.subject->in->route));
	if (c->times > 1) {
		json_put_int(&j, "readings", c->times);
		json_put_int(&j, "failures", c->failures);
		json_put_int(&j, "longest_us", c->most_us);
	}
	json_key(&j, "values");
	json_object(&j);
	for (int i = 0; i < METRIC_PROCESS_COUNT; i++) {
		if (v->present & UINT64_C(1) << i)
			json_put_int(&j, metric_process[i].name, v->value[i]);
	}
	json_end(&j);
	if (c->reading.subject->in->census_problem[0])
		json_put_string(
			&j, "no_census", c->reading.subject->in->census_problem);
	shown_json_census(c, &j);
	json_end(&j);
	buf_byte(&text, '\n');
	fwrite(text.data, 1, text.length, stdout);
	buf_finish(&text);
}

int insides_command(const struct config *config, int argc, char **argv)
{
	struct shown c = {.config = config};
	struct err e;
	if (!shown_parse(&c, argc, argv)) {
		fprintf(stderr, "usage: tidemark-agent insides PID|SERVICE [TIMES] "
				"[--json] [--census]\n");
		return SHOWN_USAGE;
	}
	arena_init(&c.arena);
	bool ok = shown_read(&c, &e);
	if (ok)
		(c.json ? shown_json : shown_print)(&c);
	else
		fprintf(stderr, "tidemark-agent: %s\n", e.text);
	subjects_finish(&c.subjects);
	arena_finish(&c.arena);
	return ok ? 0 : 1;
}
