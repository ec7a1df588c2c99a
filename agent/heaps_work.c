#include "agent/heaps_inside.h"

#include "agent/refusal.h"
#include "common/clock.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>

static enum snapshot_state heaps_work_refusal(struct heaps *h,
	const struct snapshot_order *order, char why[REFUSAL_WHY_BYTES])
{
	const struct refusal_question q = {.order = order,
		.lives = h->lives,
		.opted_in = h->options.config->snapshots,
		.now_unix_ms = clock_unix_ms()};
	return refusal_of(&q, why);
}

static bool heaps_work_start(struct heaps *h, struct task *t, struct err *e)
{
	const struct life *life = heaps_words_life(h, &t->order);
	struct wire_process process;
	struct wire_batch about = batch_about(h->options.host, &process);
	const struct job_order order = {
		.order = &t->order,
		.about = &about,
		.file = t->is_file ? t->file.path : NULL,
		.actor = t->is_file ? t->actor : "",
	};
	if (!life)
		return err_set(e, ERR_INPUT, "its process has ended");
	process = life->is;
	if (!h->jobs->start(&h->settings, &order, &h->job, e))
		return false;
	struct epoll_event event = {.events = EPOLLIN};
	BUG_ON(epoll_ctl(h->epoll, EPOLL_CTL_ADD, h->jobs->fd(h->job), &event) != 0);
	return true;
}

static void heaps_work_drop(struct heaps *h, struct task *t)
{
	if (t->is_file) {
		dumps_settle(h->dumps, &t->file.key);
		heaps_words_save_dumps(h);
	}
	task_destroy(t);
}

static void heaps_work_begin(struct heaps *h, struct task *t)
{
	char why[REFUSAL_WHY_BYTES];
	struct err e;
	enum snapshot_state refusal = t->is_file
					      ? 0
					      : heaps_work_refusal(h, &t->order, why);
	if (refusal) {
		heaps_words_end(h, &t->order, t->actor, refusal, why);
		heaps_work_drop(h, t);
		return;
	}
	struct orders_entry *entry = orders_find(h->orders, &t->order);
	BUG_ON(!entry);
	entry->stage = ORDERS_BEGUN;
	bool ok =
		heaps_words_save_orders(h) ||
		err_set(&e, ERR_IO,
			"the agent cannot note in its state directory that it begins");
	if (!ok || !heaps_work_start(h, t, &e)) {
		heaps_words_end(h, &t->order, t->actor, SNAPSHOT_FAILED, e.text);
		heaps_work_drop(h, t);
		return;
	}
	h->task = t;
	h->job_look_ms = clock_mono_ms() + HEAPS_JOB_LOOK_MS;
	heaps_words_tell(h, LOG_INFO, "%s of %s process %" PRIu32 "%s%s begins",
		t->order.kind == SNAPSHOT_ORDER_QUOTE ? "cost card" : "snapshot",
		t->order.service, t->order.pid, t->is_file ? " in " : "",
		t->is_file ? t->file.path : "");
}

void heaps_work_begin_next(struct heaps *h)
{
	while (!h->task && h->waiting_count > 0) {
		struct task *t = h->waiting[0];
		h->waiting_count--;
		memmove(&h->waiting[0], &h->waiting[1],
			h->waiting_count * sizeof *h->waiting);
		heaps_work_begin(h, t);
	}
}

void heaps_work_ask(struct heaps *h, const struct snapshot_order *order)
{
	char why[REFUSAL_WHY_BYTES];
	if (orders_find(h->orders, order))
		return;
	orders_add(h->orders, order, clock_unix_ms());
	enum snapshot_state refusal = heaps_work_refusal(h, order, why);
	if (!refusal && h->waiting_count == HEAPS_WAITING_MAX) {
		refusal = SNAPSHOT_DENIED;
		snprintf(why, sizeof why,
			"this host is busy: %d others wait for their turn",
			HEAPS_WAITING_MAX);
	}
	if (refusal) {
		heaps_words_end(h, order, "", refusal, why);
		return;
	}
	h->waiting[h->waiting_count++] = task_create(order, NULL);
	heaps_work_begin_next(h);
}

/* What a job said.  Progress alone is not worth a copy. */
static void heaps_work_take_batch(struct heaps *h)
{
	struct wire_batch batch;
	struct err e;
	uint64_t sequence;
	int64_t now_ms = clock_unix_ms();
	bool is_progress = true;
	arena_reset(&h->arena);
	if (!wire_batch_decode(
		    h->batch.data, h->batch.length, now_ms, &h->arena, &batch, &e)) {
		heaps_words_tell(
			h, LOG_WARN, "a helper's words are no batch: %s", e.text);
		return;
	}
	struct orders_entry *entry = orders_find(h->orders, &h->task->order);
	for (size_t i = 0; i < batch.event_count && entry; i++) {
		is_progress = is_progress &&
			      batch.events[i].is.state == SNAPSHOT_RUNNING;
		if (batch.events[i].is.capture == h->task->order.capture)
			orders_report(entry, &batch.events[i].is);
	}
	is_progress = is_progress && batch.snapshot_count == 0;
	if (!(is_progress ? spool_append(h->options.spool, h->batch.data,
				    h->batch.length, now_ms, &sequence, &e)
			  : outbox_send(h->outbox, h->batch.data, h->batch.length,
				    now_ms, &e)))
		heaps_words_tell(
			h, LOG_WARN, "a word on a snapshot is lost: %s", e.text);
	arena_reset(&h->arena);
}

static void heaps_work_end(struct heaps *h)
{
	epoll_ctl(h->epoll, EPOLL_CTL_DEL, h->jobs->fd(h->job), NULL);
	h->jobs->destroy(h->job);
	h->job = NULL;
	h->task = NULL;
}

static void heaps_work_finish(struct heaps *h, const char *why)
{
	struct task *t = h->task;
	struct orders_entry *entry = orders_find(h->orders, &t->order);
	heaps_work_end(h);
	if (entry && entry->stage == ORDERS_ENDED) {
		heaps_words_save_orders(h);
		heaps_words_tell(h, LOG_INFO,
			"snapshot of %s process %" PRIu32 ": %s%s%s", t->order.service,
			t->order.pid, orders_state_name(entry),
			entry->text[0] ? ": " : "", entry->text);
	} else {
		heaps_words_end(h, &t->order, t->actor, SNAPSHOT_FAILED, why);
	}
	heaps_work_drop(h, t);
}

void heaps_work_read(struct heaps *h)
{
	h->job_look_ms = clock_mono_ms() + HEAPS_JOB_LOOK_MS;
	while (h->job) {
		buf_reset(&h->batch);
		switch (h->jobs->read(h->job, &h->batch)) {
		case JOB_WAITS:
			return;
		case JOB_BATCH:
			heaps_work_take_batch(h);
			break;
		case JOB_ENDED:
			heaps_work_finish(h, "the helper ended without a word");
			buf_finish(&h->batch);
			break;
		}
	}
}

/* A file is taken again after the next start. */
void heaps_work_stop(struct heaps *h)
{
	struct task *t = h->task;
	if (t && t->is_file) {
		heaps_work_end(h);
		task_destroy(t);
	} else if (t) {
		heaps_work_finish(h, "the agent was stopped in the middle of it");
	}
	if (h->dumps)
		heaps_words_save_dumps(h);
}
