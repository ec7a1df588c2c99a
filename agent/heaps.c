#include "agent/heaps.h"

#include "agent/capture/folder.h"
#include "agent/capture/notice.h"
#include "agent/capture/opened.h"
#include "agent/heaps_inside.h"
#include "agent/list.h"
#include "common/clock.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

enum { HEAPS_STATE_BYTES_MAX = 1 << 20 };

static const struct heaps_jobs heaps_real_jobs = {
	.start = job_start, .fd = job_fd, .read = job_read, .destroy = job_destroy};

static void heaps_drop_raw(struct heaps *h, const struct snapshot_order *order)
{
	struct err e;
	pull_stop(&h->pull, order->capture);
	if (!raw_drop(h->options.config->state_dir, order->capture, &e))
		heaps_words_tell(h, LOG_WARN, "the raw file of capture %" PRIu64 ": %s",
			order->capture, e.text);
}

static void heaps_hear_order(void *context, const struct snapshot_order *order)
{
	struct heaps *h = context;
	switch (order->kind) {
	case SNAPSHOT_ORDER_QUOTE:
	case SNAPSHOT_ORDER_TAKE:
		heaps_work_ask(h, order);
		return;
	case SNAPSHOT_ORDER_RAW:
		pull_order(&h->pull, order);
		return;
	case SNAPSHOT_ORDER_RAW_DROP:
		heaps_drop_raw(h, order);
		return;
	case SNAPSHOT_ORDER_CENSUS:
		if (h->options.census)
			h->options.census(
				h->options.context, order->pid, order->start_ticks);
		return;
	}
}

static void heaps_hear_settled(void *context, uint64_t sequence)
{
	struct heaps *h = context;
	outbox_settle(h->outbox, sequence);
}

static const struct snapshot_raw_part *heaps_part(void *context)
{
	struct heaps *h = context;
	return pull_part(&h->pull);
}

static void heaps_part_sent(void *context)
{
	struct heaps *h = context;
	pull_sent(&h->pull);
}

struct uplink_ears heaps_ears(struct heaps *h)
{
	return (struct uplink_ears){.context = h,
		.order = heaps_hear_order,
		.settled = heaps_hear_settled,
		.part = heaps_part,
		.part_sent = heaps_part_sent};
}

void heaps_run(struct heaps *h)
{
	heaps_work_read(h);
	heaps_work_begin_next(h);
	heaps_files_run(h);
}

int heaps_fd(const struct heaps *h)
{
	return h->epoll;
}

int64_t heaps_due_ms(const struct heaps *h)
{
	int64_t due = dumps_due_ms(h->dumps);
	return h->job && h->job_look_ms < due ? h->job_look_ms : due;
}

static void heaps_found(void *context, const char *name, const struct wire_batch *batch,
	const struct err *e)
{
	struct heaps *h = context;
	if (batch)
		heaps_words_tell(h, LOG_INFO,
			"a snapshot of the command line is sent: %s", name);
	else
		heaps_words_tell(h, LOG_WARN, "outbox: set aside: %s", e->text);
}

void heaps_tick(struct heaps *h, const struct processes_tick *tick, bool stores)
{
	struct err e;
	lives_tick(h->lives, tick, clock_unix_ms());
	if (stores && !outbox_tend(h->outbox, &e))
		heaps_words_tell(h, LOG_WARN, "outbox: %s", e.text);
	heaps_run(h);
}

static bool heaps_wants(const void *context, const char *service)
{
	const struct config *c = context;
	if (c->snapshot_dirs[0] || list_matches(c->snapshots, service))
		return true;
	for (size_t i = 0; i < c->rule_count; i++)
		if (c->rules[i].dumps && strcmp(c->rules[i].service, service) == 0)
			return true;
	return false;
}

/* Texts of an earlier run.  A damaged one is as good as none. */
static void heaps_load(struct heaps *h)
{
	struct buf text = {0};
	struct err e;
	if (folder_read(h->state_folder, HEAPS_ORDERS, HEAPS_STATE_BYTES_MAX, &text) &&
		text.data && !orders_parse(h->orders, text.data, &e))
		heaps_words_tell(h, LOG_WARN, "%s/" HEAPS_ORDERS ": %s",
			h->options.config->state_dir, e.text);
	buf_reset(&text);
	if (folder_read(h->state_folder, HEAPS_DUMPS, HEAPS_STATE_BYTES_MAX, &text) &&
		text.data && !dumps_parse(h->dumps, text.data, &e))
		heaps_words_tell(h, LOG_WARN, "%s/" HEAPS_DUMPS ": %s",
			h->options.config->state_dir, e.text);
	buf_finish(&text);
}

/* What an agent that was killed had begun.  Files are simply taken again. */
static void heaps_end_begun(struct heaps *h)
{
	size_t count;
	struct orders_entry *all = orders_all(h->orders, &count);
	for (size_t i = 0; i < count; i++) {
		if (all[i].stage != ORDERS_BEGUN)
			continue;
		const struct snapshot_order order = {.capture = all[i].capture,
			.kind = all[i].kind,
			.pid = all[i].pid,
			.start_ticks = all[i].start_ticks,
			.deadline_unix_ms = all[i].deadline_unix_ms,
			.service = all[i].service};
		if (order.capture)
			heaps_words_end(h, &order, "", SNAPSHOT_FAILED,
				"the agent was ended in the middle of it");
		else
			all[i].stage = ORDERS_ENDED;
	}
}

/* In a process of its own, which may use neither our log nor our spool. */
static void heaps_say_opened(void *context, bool closed, const char *words)
{
	const struct heaps *h = context;
	struct wire_batch about = batch_about(h->options.host, NULL);
	struct buf batch = {0};
	struct err e;
	const struct snapshot_event event = {
		.at_unix_ms = clock_unix_ms(),
		.state = SNAPSHOT_FAILED,
		.text = words,
		.actor = "the agent, at its start",
	};
	fprintf(stderr, "tidemark-agent: %s\n", words);
	if (!closed && (!notice_encode(&about, &event, NULL, &batch, &e) ||
			       !outbox_leave(h->options.config->state_dir, batch.data,
				       batch.length, &e)))
		fprintf(stderr, "tidemark-agent: the server will not hear of it: %s\n",
			e.text);
	buf_finish(&batch);
}

static void heaps_close_opened(struct heaps *h)
{
	const struct opened opened = {
		.state_dir = h->options.config->state_dir,
		.procfs = h->options.config->procfs,
		.report = heaps_say_opened,
		.context = h,
	};
	opened_close_apart(&opened);
}

static bool heaps_prepare(struct heaps *h, struct err *e)
{
	const struct config *c = h->options.config;
	const struct outbox_options outbox = {.state_dir = c->state_dir,
		.spool = h->options.spool,
		.spool_max_bytes = c->spool_max_bytes,
		.found = heaps_found,
		.context = h};
	const struct lives_options lives = {
		.procfs = c->procfs, .wants = heaps_wants, .context = c};
	h->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (h->epoll < 0)
		return err_errno(e, "epoll_create1");
	h->state_folder = folder_open(c->state_dir, "", e);
	if (h->state_folder < 0 || !outbox_open(&outbox, &h->outbox, e))
		return false;
	h->lives = lives_create(&lives);
	heaps_files_create(h);
	heaps_load(h);
	heaps_words_save_dumps(h);
	heaps_end_begun(h);
	heaps_close_opened(h);
	return true;
}

static struct job_settings heaps_settings(const struct config *c)
{
	return (struct job_settings){
		.state_dir = c->state_dir,
		.procfs = c->procfs,
		.cgroupfs = c->cgroupfs,
		.preload_dir = c->preload_dir,
		.pause_max_ms = c->snapshot_pause_max_ms,
		.cooldown_ms = c->snapshot_cooldown_ms,
		.memory_max_bytes = (uint64_t)c->snapshot_memory_bytes,
		.raw_max_bytes = (uint64_t)c->snapshot_raw_max_bytes,
	};
}

bool heaps_open(const struct heaps_options *options, struct heaps **out, struct err *e)
{
	const struct config *c = options->config;
	struct heaps *h = calloc(1, sizeof *h);
	BUG_ON(!h);
	h->options = *options;
	h->jobs = options->jobs ? options->jobs : &heaps_real_jobs;
	h->state_folder = h->epoll = -1;
	arena_init(&h->arena);
	arena_init(&h->config_arena);
	pull_init(&h->pull, c->state_dir);
	h->orders = orders_create();
	h->settings = heaps_settings(c);
	if (!heaps_prepare(h, e)) {
		heaps_close(h);
		return false;
	}
	*out = h;
	return true;
}

void heaps_tune(struct heaps *h)
{
	h->settings = heaps_settings(h->options.config);
}

void heaps_close(struct heaps *h)
{
	if (!h)
		return;
	heaps_work_stop(h);
	for (size_t i = 0; i < h->waiting_count; i++)
		task_destroy(h->waiting[i]);
	dumps_destroy(h->dumps);
	lives_destroy(h->lives);
	orders_destroy(h->orders);
	outbox_close(h->outbox);
	pull_finish(&h->pull);
	buf_finish(&h->batch);
	arena_finish(&h->arena);
	arena_finish(&h->config_arena);
	if (h->state_folder >= 0)
		close(h->state_folder);
	if (h->epoll >= 0)
		close(h->epoll);
	free(h);
}

static void heaps_format_raw(const struct heaps *h, struct buf *out)
{
	const struct config *c = h->options.config;
	double used = (double)raw_used(c->state_dir) / (1 << 20);
	double most = (double)c->snapshot_raw_max_bytes / (1 << 20);
	buf_printf(out, "raw files   %.1f of %.1f MiB\n", used, most);
}

void heaps_format(const struct heaps *h, struct buf *out)
{
	const struct config *c = h->options.config;
	buf_printf(out, "snapshots   %s; %zu word%s on them not yet with the server\n",
		c->snapshots[0] ? c->snapshots : "of no service ('snapshots' is empty)",
		outbox_held(h->outbox), outbox_held(h->outbox) == 1 ? "" : "s");
	if (c->snapshots[0])
		heaps_format_raw(h, out);
	orders_show(h->orders, out);
}
