#include "agent/queue/loads.h"

#include "agent/queue/fetch.h"
#include "agent/queue/metrics.h"
#include "agent/queue/standing.h"
#include "common/clock.h"

#include <math.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

enum { LOADS_TIMEOUT_MS = 5000, LOADS_FIRST_MS = 20000 };

struct loads {
	const struct part *part;
	const struct queue_load *load;
	struct fetch *fetch;
	struct buf body;
	struct arena arena;
};

/* The only process of the service, or NULL. */
static struct wire_process *loads_process(struct loads *l, struct err *e)
{
	size_t count, found = 0;
	struct wire_process *one = NULL;
	struct wire_process *all = crowd_copy(l->part->crowd, &l->arena, &count);
	for (size_t i = 0; i < count; i++) {
		if (strcmp(all[i].service, l->load->service) != 0)
			continue;
		one = &all[i];
		found++;
	}
	if (found == 1)
		return one;
	if (found)
		err_set(e, ERR_IO,
			"%zu processes of the service run here: whose count it is "
			"cannot be told",
			found);
	else
		err_set(e, ERR_IO, "no process of the service is followed here");
	return NULL;
}

static bool loads_look(struct loads *l, struct err *e)
{
	int64_t timeout_ms = l->part->config->interval_ms < LOADS_TIMEOUT_MS
				     ? l->part->config->interval_ms
				     : LOADS_TIMEOUT_MS;
	double sum;
	arena_reset(&l->arena);
	struct wire_process *process = loads_process(l, e);
	if (!process ||
		!fetch_get(l->fetch, l->load->url, clock_mono_ms() + timeout_ms,
			&l->body, e) ||
		!metrics_sum(&l->body, l->load->metric, &sum, e))
		return false;
	if (!isfinite(sum) || sum < 0 || sum > 9e15)
		return err_set(e, ERR_IO, "%s is no count", l->load->metric);
	struct wire_sample sample = {
		.values = {.present = UINT64_C(1) << PROCESS_requests}};
	sample.values.value[PROCESS_requests] = (int64_t)sum;
	struct wire_tick tick = {
		.at_unix_ms = clock_unix_ms(), .samples = &sample, .sample_count = 1};
	const struct wire_batch batch = {.processes = process,
		.process_count = 1,
		.ticks = &tick,
		.tick_count = 1};
	return post_join(l->part->post, &batch, e);
}

void loads_run(const struct part *p, const struct queue_load *load)
{
	const struct fetch_options options = {.ca_file = "",
		.user = "",
		.password_file = "",
		.most_bytes = METRICS_BYTES_MAX,
		.stop_fd = p->stop_fd};
	struct loads l = {.part = p, .load = load, .fetch = fetch_create(&options)};
	char name[160];
	struct pollfd stop = {.fd = p->stop_fd, .events = POLLIN};
	uint64_t seen = 0;
	snprintf(name, sizeof name, "load %s", load->service);
	struct standing standing = {.name = name, .kind = "prometheus"};
	arena_init(&l.arena);
	bool goes_on = crowd_wait(p->crowd, &seen, clock_mono_ms() + LOADS_FIRST_MS);
	while (goes_on) {
		struct err e = {0};
		int64_t begun_ms = clock_mono_ms();
		bool ok = loads_look(&l, &e);
		int64_t took_ms = clock_mono_ms() - begun_ms;
		const struct standing_look look = {
			ok, ok ? "" : e.text, took_ms * 1000};
		if (ok || e.kind != ERR_BUSY)
			standing_say(&standing, p->post, &look);
		int64_t wait_ms = standing_wait_ms(&standing, p->config->interval_ms);
		goes_on = poll(&stop, 1,
				  (int)(wait_ms > took_ms ? wait_ms - took_ms : 0)) <=
			  0;
	}
	fetch_destroy(l.fetch);
	buf_finish(&l.body);
	arena_finish(&l.arena);
}
