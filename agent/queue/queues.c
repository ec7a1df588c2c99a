#include "agent/queue/queues.h"

#include "agent/queue/backlogs.h"
#include "agent/queue/fetch.h"
#include "agent/queue/loads.h"
#include "agent/queue/source.h"
#include "agent/queue/standing.h"
#include "common/clock.h"
#include "common/log.h"

#include <poll.h>
#include <pthread.h>
#include <stdlib.h>

enum {
	QUEUES_STACK_BYTES = 512 << 10,
	QUEUES_THREADS_MAX = 2 * QUEUE_SPECS_MAX + 1,
	QUEUES_SPREAD_MS = 137, /* between the starts of two sources */
};

/* What a thread does: a source, a load, or the backlogs. */
struct queues_task {
	const struct part *part;
	const struct queue_spec *spec;
	const struct queue_load *load;
	int64_t first_ms; /* wait before the first look */
};

static void queues_post(const struct part *p, struct reading *r)
{
	const struct wire_batch batch = {.queues = r->queues, .queue_count = r->count};
	struct err e;
	if (r->count && !post_store(p->post, &batch, &e))
		log_warn("queue %s: %s", r->spec->name, e.text);
}

/* One look; how long to wait for the next. */
static int64_t queues_look(const struct queues_task *t, struct source *source,
	struct arena *a, struct standing *standing)
{
	struct reading reading;
	struct err e = {0};
	int64_t begun_ms = clock_mono_ms();
	arena_reset(a);
	bool ok = source_read(source, a, &reading, &e);
	int64_t took_ms = clock_mono_ms() - begun_ms;
	struct standing_look look = {ok, ok ? "" : e.text, took_ms * 1000};
	if (!ok && e.kind == ERR_BUSY)
		return 0;
	if (ok)
		queues_post(t->part, &reading);
	if (ok && reading.is_cut)
		look.text = "it has more than 256 queues; the others are not read";
	standing_say(standing, t->part->post, &look);
	int64_t wait_ms = standing_wait_ms(standing, t->spec->interval_ms);
	return wait_ms > took_ms ? wait_ms - took_ms : 0;
}

static void queues_follow(const struct queues_task *t)
{
	struct pollfd stop = {.fd = t->part->stop_fd, .events = POLLIN};
	struct source *source = source_create(t->spec, t->part->stop_fd);
	struct standing standing = {
		.name = t->spec->name, .kind = queue_spec_kind_name(t->spec->kind)};
	struct arena arena;
	int64_t wait_ms = t->first_ms;
	arena_init(&arena);
	while (poll(&stop, 1, (int)wait_ms) <= 0)
		wait_ms = queues_look(t, source, &arena, &standing);
	arena_finish(&arena);
	source_destroy(source);
}

static void *queues_thread(void *argument)
{
	struct queues_task *t = argument;
	if (t->spec)
		queues_follow(t);
	else if (t->load)
		loads_run(t->part, t->load);
	else
		backlogs_run(t->part);
	free(t);
	return NULL;
}

static pthread_t queues_start(struct queues_task task, const pthread_attr_t *attributes)
{
	struct queues_task *t = malloc(sizeof *t);
	pthread_t thread;
	BUG_ON(!t);
	*t = task;
	BUG_ON(pthread_create(&thread, attributes, queues_thread, t));
	pthread_setname_np(thread, "queue");
	return thread;
}

/* Looking up a name can take longer than anybody waits.  Such a thread is waited for
 * all the same, as it uses what would be freed under it; the scout's alarm ends both.
 */
static void queues_join(const pthread_t *threads, size_t count)
{
	for (size_t i = 0; i < count; i++)
		pthread_join(threads[i], NULL);
}

void queues_run(const struct part *p)
{
	const struct queue_specs *specs = &p->config->queues;
	pthread_t threads[QUEUES_THREADS_MAX];
	size_t count = 0;
	pthread_attr_t attributes;
	pthread_attr_init(&attributes);
	pthread_attr_setstacksize(&attributes, QUEUES_STACK_BYTES);
	if (specs->count || specs->load_count)
		fetch_start();
	for (size_t i = 0; i < specs->count; i++)
		threads[count++] = queues_start(
			(struct queues_task){.part = p,
				.spec = &specs->at[i],
				.first_ms = (int64_t)i * QUEUES_SPREAD_MS},
			&attributes);
	for (size_t i = 0; i < specs->load_count; i++)
		threads[count++] = queues_start(
			(struct queues_task){.part = p, .load = &specs->loads[i]},
			&attributes);
	threads[count++] = queues_start((struct queues_task){.part = p}, &attributes);
	pthread_attr_destroy(&attributes);
	queues_join(threads, count);
}
