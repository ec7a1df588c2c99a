#include "agent/queue/fetch.h"
#include "agent/queue/queues.h"
#include "agent/queue/source.h"
#include "common/clock.h"
#include "common/json.h"

#include <inttypes.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { COMMAND_PAUSE_MS = 2000, COMMAND_WATCH_MS = 10000 };

/* A source and its two last looks. */
struct command_source {
	const struct queue_spec *spec;
	struct source *source;
	struct arena arenas[2];
	struct reading readings[2];
	bool ok[2];
	struct err e[2];
	int64_t took_ms;
	int which; /* the newer */
	pthread_t thread;
};

static void *command_look(void *argument)
{
	struct command_source *s = argument;
	int which = s->which = 1 - s->which;
	int64_t begun_ms = clock_mono_ms();
	arena_reset(&s->arenas[which]);
	s->e[which] = (struct err){0};
	s->ok[which] = source_read(
		s->source, &s->arenas[which], &s->readings[which], &s->e[which]);
	s->took_ms = clock_mono_ms() - begun_ms;
	return NULL;
}

/* All at once, as the scout does. */
static void command_look_all(struct command_source *sources, size_t count)
{
	for (size_t i = 0; i < count; i++)
		BUG_ON(pthread_create(
			&sources[i].thread, NULL, command_look, &sources[i]));
	for (size_t i = 0; i < count; i++)
		pthread_join(sources[i].thread, NULL);
}

static const struct wire_queue *command_before(
	const struct command_source *s, const struct wire_queue *now)
{
	const struct reading *r = &s->readings[1 - s->which];
	for (size_t i = 0; s->ok[1 - s->which] && i < r->count; i++) {
		if (strcmp(r->queues[i].of.name, now->of.name) == 0)
			return &r->queues[i];
	}
	return NULL;
}

/* False: not known. */
static bool command_per_minute(const struct command_source *s,
	const struct wire_queue *now, enum metric_queue metric, double *out)
{
	const struct wire_queue *before = command_before(s, now);
	uint64_t bit = UINT64_C(1) << metric;
	if (!before || !(before->values.present & now->values.present & bit) ||
		now->at_unix_ms <= before->at_unix_ms ||
		now->values.value[metric] < before->values.value[metric])
		return false;
	*out = (double)(now->values.value[metric] - before->values.value[metric]) *
	       60000 / (double)(now->at_unix_ms - before->at_unix_ms);
	return true;
}

static const char *command_cell(
	char out[32], const struct wire_queue *q, enum metric_queue metric)
{
	if (q->values.present >> metric & 1)
		snprintf(out, 32, "%" PRId64, q->values.value[metric]);
	else
		snprintf(out, 32, "-");
	return out;
}

static const char *command_rate(char out[32], const struct command_source *s,
	const struct wire_queue *q, enum metric_queue metric)
{
	double rate;
	snprintf(out, 32, "-");
	if (command_per_minute(s, q, metric, &rate))
		snprintf(out, 32, "%.0f", rate);
	return out;
}

static const char *command_oldest(char out[32], const struct wire_queue *q)
{
	int64_t ms = q->values.value[QUEUE_oldest_ms];
	snprintf(out, 32, "-");
	if (q->values.present >> QUEUE_oldest_ms & 1)
		snprintf(out, 32, "%.1f s", (double)ms / 1000);
	return out;
}

/* Names come from foreign servers: nothing of theirs may move the cursor. */
static void command_print_name(const char *name, int width)
{
	int printed = 0;
	for (; *name; name++, printed++)
		putchar((unsigned char)*name < ' ' || *name == 0x7f ? '?' : *name);
	printf("%*s", width > printed ? width - printed : 1, "");
}

static void command_print(const struct command_source *sources, size_t count)
{
	char cells[7][32];
	printf("%-16s %-24s %9s %9s %9s %9s %8s %9s %8s\n", "SOURCE", "QUEUE", "DEPTH",
		"IN/MIN", "OUT/MIN", "ACTIVE", "FAILED", "OLDEST", "OVERDUE");
	for (size_t i = 0; i < count; i++) {
		const struct command_source *s = &sources[i];
		const struct reading *r = &s->readings[s->which];
		if (!s->ok[s->which]) {
			printf("%-16s (%s) failed after %" PRId64 " ms: %s\n",
				s->spec->name, queue_spec_kind_name(s->spec->kind),
				s->took_ms, s->e[s->which].text);
			continue;
		}
		if (!r->count)
			printf("%-16s has no queue\n", s->spec->name);
		for (size_t j = 0; j < r->count; j++) {
			const struct wire_queue *q = &r->queues[j];
			command_print_name(s->spec->name, 17);
			command_print_name(q->of.name, 24);
			printf(" %9s %9s %9s %9s %8s %9s %8s\n",
				command_cell(cells[0], q, QUEUE_depth),
				command_rate(cells[1], s, q, QUEUE_entered),
				command_rate(cells[2], s, q, QUEUE_completed),
				command_cell(cells[3], q, QUEUE_active),
				command_cell(cells[4], q, QUEUE_failed),
				command_oldest(cells[5], q),
				command_cell(cells[6], q, QUEUE_overdue));
		}
		if (r->is_cut)
			printf("%-16s has more queues; they are not read\n",
				s->spec->name);
	}
}

static void command_put_queue(
	struct json *j, const struct command_source *s, const struct wire_queue *q)
{
	double rate;
	json_object(j);
	json_put_string(j, "name", q->of.name);
	for (int i = 0; i < METRIC_QUEUE_COUNT; i++) {
		json_key(j, metric_queue[i].name);
		if (q->values.present >> i & 1)
			json_int(j, q->values.value[i]);
		else
			json_null(j);
	}
	json_key(j, "in_per_min");
	if (command_per_minute(s, q, QUEUE_entered, &rate))
		json_double(j, rate);
	else
		json_null(j);
	json_key(j, "out_per_min");
	if (command_per_minute(s, q, QUEUE_completed, &rate))
		json_double(j, rate);
	else
		json_null(j);
	json_end(j);
}

static void command_put(const struct command_source *sources, size_t count)
{
	struct buf out = {0};
	struct json j;
	json_init(&j, &out);
	json_object(&j);
	json_key(&j, "sources");
	json_array(&j);
	for (size_t i = 0; i < count; i++) {
		const struct command_source *s = &sources[i];
		const struct reading *r = &s->readings[s->which];
		bool ok = s->ok[s->which];
		json_object(&j);
		json_put_string(&j, "name", s->spec->name);
		json_put_string(&j, "kind", queue_spec_kind_name(s->spec->kind));
		json_put_bool(&j, "works", ok);
		json_put_string(&j, "text", ok ? "" : s->e[s->which].text);
		json_put_int(&j, "took_ms", s->took_ms);
		json_put_bool(&j, "is_cut", ok && r->is_cut);
		json_key(&j, "queues");
		json_array(&j);
		for (size_t k = 0; ok && k < r->count; k++)
			command_put_queue(&j, s, &r->queues[k]);
		json_end(&j);
		json_end(&j);
	}
	json_end(&j);
	json_end(&j);
	printf("%s\n", out.data);
	buf_finish(&out);
}

static bool command_has(int argc, char **argv, const char *word)
{
	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], word) == 0)
			return true;
	}
	return false;
}

static int command_run(
	struct command_source *sources, size_t count, bool is_json, bool watches)
{
	int status = 0;
	command_look_all(sources, count);
	do {
		poll(NULL, 0, watches ? COMMAND_WATCH_MS : COMMAND_PAUSE_MS);
		command_look_all(sources, count);
		if (is_json)
			command_put(sources, count);
		else
			command_print(sources, count);
	} while (watches && fflush(stdout) == 0);
	for (size_t i = 0; i < count; i++)
		status = sources[i].ok[sources[i].which] ? status : 1;
	return status;
}

int queues_command(const struct config *config, int argc, char **argv)
{
	const struct queue_specs *specs = &config->queues;
	struct command_source *sources = calloc(specs->count + 1, sizeof *sources);
	BUG_ON(!sources);
	if (!specs->count)
		fprintf(stderr, "The configuration has no [queue NAME] section.\n");
	fetch_start();
	for (size_t i = 0; i < specs->count; i++) {
		sources[i].spec = &specs->at[i];
		sources[i].source = source_create(&specs->at[i], -1);
		arena_init(&sources[i].arenas[0]);
		arena_init(&sources[i].arenas[1]);
	}
	int status = command_run(sources, specs->count,
		command_has(argc, argv, "--json"), command_has(argc, argv, "--watch"));
	for (size_t i = 0; i < specs->count; i++) {
		source_destroy(sources[i].source);
		arena_finish(&sources[i].arenas[0]);
		arena_finish(&sources[i].arenas[1]);
	}
	free(sources);
	return status;
}
