#include "agent/part/crowd.h"

#include "common/clock.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { CROWD_ASKED_MAX = 16 };

struct crowd {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	struct arena arena; /* of the processes */
	struct wire_process *processes;
	size_t count;
	uint64_t number;
	struct {
		uint32_t pid;
		uint64_t start_ticks;
	} asked[CROWD_ASKED_MAX]; /* oldest first */
	size_t asked_count;
	bool stops;
};

struct crowd *crowd_create(void)
{
	struct crowd *c = calloc(1, sizeof *c);
	BUG_ON(!c);
	pthread_condattr_t attributes;
	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_mutex_init(&c->lock, NULL);
	pthread_cond_init(&c->changed, &attributes);
	pthread_condattr_destroy(&attributes);
	arena_init(&c->arena);
	return c;
}

void crowd_destroy(struct crowd *c)
{
	if (!c)
		return;
	pthread_cond_destroy(&c->changed);
	pthread_mutex_destroy(&c->lock);
	arena_finish(&c->arena);
	free(c);
}

static struct wire_process *crowd_duplicate(
	const struct wire_process *processes, size_t count, struct arena *a)
{
	struct wire_process *out = arena_array(a, count, sizeof *out);
	for (size_t i = 0; i < count; i++) {
		const struct wire_process *p = &processes[i];
		out[i] = *p;
		out[i].service = arena_strdup(a, p->service);
		out[i].version = arena_strdup(a, p->version);
		out[i].runtime = arena_strdup(a, p->runtime);
		out[i].rule = arena_strdup(a, p->rule);
		out[i].command = arena_strdup(a, p->command);
		out[i].fingerprint = arena_strdup(
			a, p->fingerprint ? p->fingerprint : "");
	}
	return out;
}

void crowd_set(struct crowd *c, const struct wire_process *processes, size_t count)
{
	pthread_mutex_lock(&c->lock);
	arena_reset(&c->arena);
	c->processes = crowd_duplicate(processes, count, &c->arena);
	c->count = count;
	c->number++;
	pthread_cond_broadcast(&c->changed);
	pthread_mutex_unlock(&c->lock);
}

void crowd_ask(struct crowd *c, uint32_t pid, uint64_t start_ticks)
{
	pthread_mutex_lock(&c->lock);
	if (c->asked_count < CROWD_ASKED_MAX) {
		c->asked[c->asked_count].pid = pid;
		c->asked[c->asked_count++].start_ticks = start_ticks;
		c->number++;
		pthread_cond_broadcast(&c->changed);
	}
	pthread_mutex_unlock(&c->lock);
}

bool crowd_asked(struct crowd *c, uint32_t *pid, uint64_t *start_ticks)
{
	pthread_mutex_lock(&c->lock);
	bool found = c->asked_count > 0;
	if (found) {
		*pid = c->asked[0].pid;
		*start_ticks = c->asked[0].start_ticks;
		memmove(&c->asked[0], &c->asked[1],
			--c->asked_count * sizeof c->asked[0]);
	}
	pthread_mutex_unlock(&c->lock);
	return found;
}

void crowd_stop(struct crowd *c)
{
	pthread_mutex_lock(&c->lock);
	c->stops = true;
	pthread_cond_broadcast(&c->changed);
	pthread_mutex_unlock(&c->lock);
}

bool crowd_wait(struct crowd *c, uint64_t *seen, int64_t until_mono_ms)
{
	struct timespec until = {.tv_sec = until_mono_ms / 1000,
		.tv_nsec = until_mono_ms % 1000 * 1000000};
	pthread_mutex_lock(&c->lock);
	while (!c->stops && c->number == *seen && clock_mono_ms() < until_mono_ms)
		pthread_cond_timedwait(&c->changed, &c->lock, &until);
	*seen = c->number;
	bool goes_on = !c->stops;
	pthread_mutex_unlock(&c->lock);
	return goes_on;
}

struct wire_process *crowd_copy(struct crowd *c, struct arena *a, size_t *count)
{
	pthread_mutex_lock(&c->lock);
	struct wire_process *out = crowd_duplicate(c->processes, c->count, a);
	*count = c->count;
	pthread_mutex_unlock(&c->lock);
	return out;
}
