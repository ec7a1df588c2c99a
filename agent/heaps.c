#include "agent/heaps.h"

#include "agent/capture/folder.h"
#include "agent/dump_owner.h"
#include "agent/dumps.h"
#include "agent/list.h"
#include "agent/lives.h"
#include "agent/orders.h"
#include "agent/outbox.h"
#include "agent/pull.h"
#include "agent/refusal.h"
#include "agent/status.h"
#include "agent/task.h"
#include "common/clock.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#define HEAPS_ORDERS "orders"
#define HEAPS_DUMPS  "dumps"

enum {
	HEAPS_STATE_BYTES_MAX = 1 << 20,
	HEAPS_DIRECTORIES_MAX = CONFIG_LIST_MAX + CONFIG_RULES_MAX,
	HEAPS_SHOWN_MAX = 8,
};

struct heaps {
	struct heaps_options options;
	const struct heaps_jobs *jobs;
	struct job_settings settings;
	int state_folder, epoll;
	struct arena config_arena; /* directories */
	struct outbox *outbox;
	struct orders *orders;
	struct lives *lives;
	struct dumps *dumps;
	struct pull pull;

	struct task *task; /* that the job works on, NULL: there is no job */
	struct job *job;
	int64_t job_look_ms;
	struct task *waiting[HEAPS_WAITING_MAX]; /* oldest first */
	size_t waiting_count;

	struct buf batch;
	struct arena arena; /* of one batch */
};

static const struct heaps_jobs heaps_real_jobs = {
	.start = job_start, .fd = job_fd, .read = job_read, .destroy = job_destroy};

static void heaps_tell(struct heaps *h, enum log_level level, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

static void heaps_tell(struct heaps *h, enum log_level level, const char *format, ...)
{
	char text[1024];
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(text, sizeof text, format, arguments);
	va_end(arguments);
	h->options.tell(h->options.context, level, text);
}

/* A crash now would only lose what is shown, or lead to a second try of something that
 * is refused again: so it is told and goes on. */
static void heaps_save(struct heaps *h, const char *name, const struct buf *text)
{
	struct err e;
	if (!folder_write(h->state_folder, name, text->data ? text->data : "",
		    text->length, &e))
		heaps_tell(h, LOG_WARN, "%s/%s: %s", h->options.config->state_dir, name,
			e.text);
}

static void heaps_save_orders(struct heaps *h)
{
	struct buf text = {0};
	orders_format(h->orders, &text);
	heaps_save(h, HEAPS_ORDERS, &text);
	buf_finish(&text);
}

static void heaps_save_dumps(struct heaps *h)
{
	struct buf text = {0};
	if (dumps_due_ms(h->dumps) == INT64_MAX)
		return; /* there are no directories */
	dumps_format(h->dumps, &text);
	heaps_save(h, HEAPS_DUMPS, &text);
	buf_finish(&text);
}

/* The word on what became of something, with the process if it is known. */
static void heaps_report(
	struct heaps *h, const struct snapshot_event *event, const struct life *life)
{
	struct wire_process process;
	struct wire_snapshot_event events = {.has_process = life, .is = *event};
	if (life)
		process = life->is;
	struct wire_batch batch = batch_about(h->options.host, life ? &process : NULL);
	batch.events = &events;
	batch.event_count = 1;
	struct buf bytes = {0};
	struct err e;
	if (!wire_batch_encode(&batch, &bytes, &e) ||
		!outbox_send(
			h->outbox, bytes.data, bytes.length, event->at_unix_ms, &e))
		heaps_tell(h, LOG_WARN, "a word on a snapshot is lost: %s", e.text);
	buf_finish(&bytes);
}

static const struct life *heaps_life(
	const struct heaps *h, const struct snapshot_order *order)
{
	const struct life *life = lives_find(h->lives, order->pid);
	return life && life->is.start_ticks == order->start_ticks ? life : NULL;
}

/* An end that no job says. */
static void heaps_end(struct heaps *h, const struct snapshot_order *order,
	const char *actor, enum snapshot_state state, const char *why)
{
	const struct snapshot_event event = {
		.capture = order->capture,
		.at_unix_ms = clock_unix_ms(),
		.state = state,
		.text = why,
		.actor = order->capture ? "" : actor,
	};
	struct orders_entry *entry = orders_find(h->orders, order);
	heaps_report(h, &event, heaps_life(h, order));
	if (entry)
		orders_report(entry, &event);
	heaps_save_orders(h);
	heaps_tell(h, LOG_INFO, "snapshot of %s process %" PRIu32 " %s: %s",
		order->service, order->pid,
		state == SNAPSHOT_DENIED ? "refused" : "failed", why);
}

static enum snapshot_state heaps_refusal(struct heaps *h,
	const struct snapshot_order *order, char why[REFUSAL_WHY_BYTES])
{
	const struct refusal_question q = {.order = order,
		.lives = h->lives,
		.opted_in = h->options.config->snapshots,
		.now_unix_ms = clock_unix_ms()};
	return refusal_of(&q, why);
}

static bool heaps_start_job(struct heaps *h, struct task *t, struct err *e)
{
	const struct life *life = heaps_life(h, &t->order);
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

static void heaps_drop_task(struct heaps *h, struct task *t)
{
	if (t->is_file) {
		dumps_settle(h->dumps, &t->file.key);
		heaps_save_dumps(h);
	}
	task_destroy(t);
}

static void heaps_begin(struct heaps *h, struct task *t)
{
	char why[REFUSAL_WHY_BYTES];
	struct err e;
	enum snapshot_state refusal = t->is_file ? 0 : heaps_refusal(h, &t->order, why);
	if (refusal) {
		heaps_end(h, &t->order, t->actor, refusal, why);
		heaps_drop_task(h, t);
		return;
	}
	struct orders_entry *entry = orders_find(h->orders, &t->order);
	BUG_ON(!entry);
	entry->stage = ORDERS_BEGUN;
	heaps_save_orders(h);
	if (!heaps_start_job(h, t, &e)) {
		heaps_end(h, &t->order, t->actor, SNAPSHOT_FAILED, e.text);
		heaps_drop_task(h, t);
		return;
	}
	h->task = t;
	h->job_look_ms = clock_mono_ms() + HEAPS_JOB_LOOK_MS;
	heaps_tell(h, LOG_INFO, "%s of %s process %" PRIu32 "%s%s begins",
		t->order.kind == SNAPSHOT_ORDER_QUOTE ? "cost card" : "snapshot",
		t->order.service, t->order.pid, t->is_file ? " in " : "",
		t->is_file ? t->file.path : "");
}

static void heaps_begin_next(struct heaps *h)
{
	while (!h->task && h->waiting_count > 0) {
		struct task *t = h->waiting[0];
		h->waiting_count--;
		memmove(&h->waiting[0], &h->waiting[1],
			h->waiting_count * sizeof *h->waiting);
		heaps_begin(h, t);
	}
}

static void heaps_ask(struct heaps *h, const struct snapshot_order *order)
{
	char why[REFUSAL_WHY_BYTES];
	if (orders_find(h->orders, order))
		return;
	orders_add(h->orders, order, clock_unix_ms());
	enum snapshot_state refusal = heaps_refusal(h, order, why);
	if (!refusal && h->waiting_count == HEAPS_WAITING_MAX) {
		refusal = SNAPSHOT_DENIED;
		snprintf(why, sizeof why,
			"this host is busy: %d others wait for their turn",
			HEAPS_WAITING_MAX);
	}
	if (refusal) {
		heaps_end(h, order, "", refusal, why);
		return;
	}
	h->waiting[h->waiting_count++] = task_create(order, NULL);
	heaps_begin_next(h);
}

static void heaps_drop_raw(struct heaps *h, const struct snapshot_order *order)
{
	struct err e;
	pull_stop(&h->pull, order->capture);
	if (!raw_drop(h->options.config->state_dir, order->capture, &e))
		heaps_tell(h, LOG_WARN, "the raw file of capture %" PRIu64 ": %s",
			order->capture, e.text);
}

static void heaps_hear_order(void *context, const struct snapshot_order *order)
{
	struct heaps *h = context;
	switch (order->kind) {
	case SNAPSHOT_ORDER_QUOTE:
	case SNAPSHOT_ORDER_TAKE:
		heaps_ask(h, order);
		return;
	case SNAPSHOT_ORDER_RAW:
		pull_order(&h->pull, order);
		return;
	case SNAPSHOT_ORDER_RAW_DROP:
		heaps_drop_raw(h, order);
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

/* What a job said.  Progress alone is not worth a copy. */
static void heaps_take_batch(struct heaps *h)
{
	struct wire_batch batch;
	struct err e;
	uint64_t sequence;
	int64_t now_ms = clock_unix_ms();
	bool is_progress = true;
	arena_reset(&h->arena);
	if (!wire_batch_decode(
		    h->batch.data, h->batch.length, now_ms, &h->arena, &batch, &e)) {
		heaps_tell(h, LOG_WARN, "a helper's words are no batch: %s", e.text);
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
		heaps_tell(h, LOG_WARN, "a word on a snapshot is lost: %s", e.text);
	arena_reset(&h->arena);
}

static void heaps_end_job(struct heaps *h)
{
	epoll_ctl(h->epoll, EPOLL_CTL_DEL, h->jobs->fd(h->job), NULL);
	h->jobs->destroy(h->job);
	h->job = NULL;
	h->task = NULL;
}

static void heaps_finish_job(struct heaps *h, const char *why)
{
	struct task *t = h->task;
	struct orders_entry *entry = orders_find(h->orders, &t->order);
	heaps_end_job(h);
	if (entry && entry->stage == ORDERS_ENDED) {
		heaps_save_orders(h);
		heaps_tell(h, LOG_INFO, "snapshot of %s process %" PRIu32 ": %s%s%s",
			t->order.service, t->order.pid, orders_state_name(entry),
			entry->text[0] ? ": " : "", entry->text);
	} else {
		heaps_end(h, &t->order, t->actor, SNAPSHOT_FAILED, why);
	}
	heaps_drop_task(h, t);
}

static void heaps_read_job(struct heaps *h)
{
	h->job_look_ms = clock_mono_ms() + HEAPS_JOB_LOOK_MS;
	while (h->job) {
		buf_reset(&h->batch);
		switch (h->jobs->read(h->job, &h->batch)) {
		case JOB_WAITS:
			return;
		case JOB_BATCH:
			heaps_take_batch(h);
			break;
		case JOB_ENDED:
			heaps_finish_job(h, "the helper ended without a word");
			buf_finish(&h->batch);
			break;
		}
	}
}

/* A file that nobody can use, in the log and in the server's audit. */
static void heaps_leave_file(struct heaps *h, const struct dumps_file *f,
	const struct life *life, const char *why)
{
	char text[512];
	char actor[PATH_MAX];
	const char *base = strrchr(f->path, '/') + 1;
	snprintf(text, sizeof text, "%.120s: %s", base, why);
	snprintf(actor, sizeof actor, "directory %.240s", f->directory->path);
	const struct snapshot_event event = {
		.at_unix_ms = clock_unix_ms(),
		.state = SNAPSHOT_FAILED,
		.text = text,
		.actor = actor,
	};
	heaps_report(h, &event, life);
	dumps_settle(h->dumps, &f->key);
	heaps_save_dumps(h);
	heaps_tell(h, LOG_WARN, "%s: %s", f->path, why);
}

static void heaps_take_file(struct heaps *h, const struct dumps_file *f)
{
	char why[DUMP_OWNER_WHY_BYTES];
	const struct life *life = dump_owner(f, h->lives, why);
	if (!life || f->trouble[0]) {
		heaps_leave_file(h, f, life, f->trouble[0] ? f->trouble : why);
		return;
	}
	const struct snapshot_order order = {
		.kind = SNAPSHOT_ORDER_TAKE,
		.pid = life->is.pid,
		.start_ticks = life->is.start_ticks,
		.service = life->is.service,
		.route = "file",
	};
	struct orders_entry *entry = orders_find(h->orders, &order);
	if (entry)
		orders_remove(h->orders, entry);
	orders_add(h->orders, &order, clock_unix_ms());
	h->waiting[h->waiting_count++] = task_create(&order, f);
	heaps_begin_next(h);
}

/* Files leave room for orders. */
static void heaps_run_dumps(struct heaps *h)
{
	struct dumps_file file;
	struct err e;
	dumps_run(h->dumps, clock_unix_ms(), clock_mono_ms());
	while (dumps_trouble(h->dumps, &e))
		heaps_tell(h, LOG_WARN, "%s", e.text);
	while (!h->task && h->waiting_count == 0 && dumps_next(h->dumps, &file))
		heaps_take_file(h, &file);
}

void heaps_run(struct heaps *h)
{
	heaps_read_job(h);
	heaps_begin_next(h);
	heaps_run_dumps(h);
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
		heaps_tell(h, LOG_INFO, "a snapshot of the command line is sent: %s",
			name);
	else
		heaps_tell(h, LOG_WARN, "outbox: set aside: %s", e->text);
}

void heaps_tick(struct heaps *h, const struct processes_tick *tick, bool stores)
{
	struct err e;
	lives_tick(h->lives, tick, clock_unix_ms());
	if (stores && !outbox_tend(h->outbox, &e))
		heaps_tell(h, LOG_WARN, "outbox: %s", e.text);
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

static void heaps_create_dumps(struct heaps *h)
{
	const struct config *c = h->options.config;
	struct dumps_directory *all = arena_array(
		&h->config_arena, HEAPS_DIRECTORIES_MAX, sizeof *all);
	char name[CONFIG_NAME_MAX];
	size_t count = 0;
	for (const char *rest = c->snapshot_dirs; list_next(&rest, name, sizeof name);)
		all[count++].path = arena_strdup(&h->config_arena, name);
	for (size_t i = 0; i < c->rule_count; i++)
		if (c->rules[i].dumps)
			all[count++] = (struct dumps_directory){
				c->rules[i].dumps, c->rules[i].service};
	h->dumps = dumps_create(all, count, clock_unix_ms());
	struct epoll_event event = {.events = EPOLLIN};
	if (dumps_fd(h->dumps) >= 0)
		epoll_ctl(h->epoll, EPOLL_CTL_ADD, dumps_fd(h->dumps), &event);
}

/* Texts of an earlier run.  A damaged one is as good as none. */
static void heaps_load(struct heaps *h)
{
	struct buf text = {0};
	struct err e;
	if (folder_read(h->state_folder, HEAPS_ORDERS, HEAPS_STATE_BYTES_MAX, &text) &&
		text.data && !orders_parse(h->orders, text.data, &e))
		heaps_tell(h, LOG_WARN, "%s/" HEAPS_ORDERS ": %s",
			h->options.config->state_dir, e.text);
	buf_reset(&text);
	if (folder_read(h->state_folder, HEAPS_DUMPS, HEAPS_STATE_BYTES_MAX, &text) &&
		text.data && !dumps_parse(h->dumps, text.data, &e))
		heaps_tell(h, LOG_WARN, "%s/" HEAPS_DUMPS ": %s",
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
			.service = all[i].service};
		if (order.capture)
			heaps_end(h, &order, "", SNAPSHOT_FAILED,
				"the agent was ended in the middle of it");
		else
			all[i].stage = ORDERS_ENDED;
	}
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
	heaps_create_dumps(h);
	heaps_load(h);
	heaps_save_dumps(h);
	heaps_end_begun(h);
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

/* A file is taken again after the next start. */
static void heaps_stop(struct heaps *h)
{
	struct task *t = h->task;
	if (t && t->is_file) {
		heaps_end_job(h);
		task_destroy(t);
	} else if (t) {
		heaps_finish_job(h, "the agent was stopped in the middle of it");
	}
	if (h->dumps)
		heaps_save_dumps(h);
}

void heaps_close(struct heaps *h)
{
	if (!h)
		return;
	heaps_stop(h);
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
